"""The module in which the expressions of a file are evaluated."""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.formats.local_files import SourceInTree, SourceWithFiles
from multitool_lint.formats.recognize import MODULE_ENDINGS, TERRAFORM_JSON_ENDINGS
from multitool_lint.syntax.boundary import is_below, repository_of
from multitool_lint.syntax.hcl.expressions import EACH
from multitool_lint.syntax.terms import Rest, Text, Unknown, Value
from multitool_lint.syntax.tree_of_files import FileTree, PathKind, TreeOfTexts, TreeWithText
from multitool_lint.syntax.written import REFERENCE, Listed, Literal, Mapped, Origin
from multitool_lint.values.steps import Lazy
from multitool_lint.values.terraform.evaluate import Evaluator
from multitool_lint.values.terraform.module import Module
from multitool_lint.values.terraform.shared import Deployer, Shared

if TYPE_CHECKING:
    from multitool_lint.syntax.hcl.expressions import Expression
    from multitool_lint.syntax.source import Source
    from multitool_lint.syntax.tree_of_files import Tree
    from multitool_lint.values.terraform.shared import Evaluates

_REFERENCES = frozenset({"attribute", "index", "name"})
"""The kinds of expressions that refer to a value."""
_WORD = re.compile(r"[\w-]+")
_OF_MODULE = (*MODULE_ENDINGS, *TERRAFORM_JSON_ENDINGS)


class FileModule:
    """The module of a file, and the evaluators of its files.

    A file that is not a part of a module, such as one of Packer, has only its own values.
    """

    def __init__(self, source: Source) -> None:
        tree, self._path = tree_and_path(source)
        folder = posixpath.dirname(self._path)
        self._shared = Shared(tree, folder, _Evaluator, {}, Deployer(), is_whole=False)
        is_of_module = self._path.lower().endswith(_OF_MODULE)
        self._module: Module = (
            Module(self._shared, folder) if is_of_module else _Alone(self._shared, self._path)
        )
        self._source = source

    def evaluator(self, source: Source) -> Evaluates:
        """What evaluates the expressions of a source of the folder, or in a text of one."""
        name = os.path.basename(source.path)  # noqa: PTH119 - as it is listed
        is_own = source.path == self._source.path
        path = self._path if is_own else posixpath.join(posixpath.dirname(self._path), name)
        self._shared.know(path, source.text)
        return self._module.evaluator(path)


class _Evaluator(Evaluator):
    """Evaluates for people: each unknown value is where it is referred to.

    A name of a loop is shown as what it comes to.
    """

    def evaluate(self, expression: Expression) -> Value:
        """What an expression comes to."""
        found = super().evaluate(expression)
        if isinstance(found, Unknown):
            is_placed = found.origin or isinstance(found, Lazy)
            return found if is_placed else found.at(self._reference(expression))
        if expression.kind in _REFERENCES and self._is_elsewhere(found):
            return _placed(found, self._reference(expression))
        return found

    def _reference(self, expression: Expression) -> Origin:
        return Origin(self.path, expression.start, expression.end, REFERENCE)

    def _is_elsewhere(self, value: Value) -> bool:
        origin: Origin | None = getattr(value, "origin", None)
        return origin is not None and origin.path != self.path

    def shown(self, expression: Expression) -> str:
        """How an expression is written; nothing for one with a name of a loop in it."""
        written = super().shown(expression) if self.scope else ""
        is_repeated = EACH in self.scope or not self.scope.keys().isdisjoint(_WORD.findall(written))
        return "" if is_repeated else written or super().shown(expression)


def _placed(value: Value, origin: Origin) -> Value:
    """A value that is written in another file, at the reference to it."""
    if isinstance(value, Literal):
        return Literal.at(value, origin)
    if isinstance(value, Text):
        made = Text(value.parts)
        made.origin = origin
        return made
    place = origin.start, origin.end
    if isinstance(value, list):
        items = [_placed(item, origin) for item in value]
        return Listed.at(items, origin, [place] * len(items))
    if isinstance(value, dict):
        members = {_placed(key, origin): _placed(item, origin) for key, item in value.items()}
        return Mapped.at(members, origin, dict.fromkeys(members, place))
    if isinstance(value, Rest):
        return Rest(_placed(value.item, origin), value.once)
    return value.at(origin) if type(value) is Unknown else value


class _Alone(Module):
    """The values of one file."""

    def __init__(self, shared: Shared, path: str) -> None:
        self._name = posixpath.basename(path)
        super().__init__(shared, posixpath.dirname(path))

    def _read(self) -> None:
        self._read_file(self._name)


class _TreeOfCommit(TreeOfTexts):
    """The files of a folder in a commit, and others that are named from there."""

    def __init__(self, source: SourceWithFiles, name: str) -> None:
        others = {posixpath.basename(other.path): other.text for other in source.siblings()}
        super().__init__({**others, name: source.text})
        self._source = source

    def kind(self, path: str) -> PathKind:
        """What is at a path."""
        found = super().kind(path)
        is_named = found is PathKind.NOTHING and self._source.files(path) is not None
        return PathKind.FILE if is_named else found

    def text(self, path: str) -> str | None:
        """The text of a file."""
        return super().text(path) or self._source.files(path)


def tree_and_path(source: Source) -> tuple[Tree, str]:
    """The tree that a source is in, with the text of the source, and its path there."""
    if isinstance(source, SourceInTree):
        return source.tree, source.path
    name = posixpath.basename(source.path)
    if isinstance(source, SourceWithFiles):
        return _TreeOfCommit(source, name), name
    real = Path(os.path.realpath(source.path))
    if not real.parent.is_dir():
        return TreeWithText(real.name, source.text), real.name
    top = top_of(real.parent)
    path = real.relative_to(top).as_posix()
    tree = FileTree(top)
    is_same = tree.text(path) == source.text
    return tree if is_same else TreeWithText(path, source.text, tree), path


def top_of(folder: Path) -> str:
    """The folder in which all lies that a file may lead to: its repository, or the current one."""
    here = str(Path.cwd())
    around = here if is_below(str(folder), here) else str(folder)
    return repository_of(str(folder)) or around
