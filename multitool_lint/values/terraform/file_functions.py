"""Terraform's functions that read files of the tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from multitool_lint.syntax.hcl.parsing import parse_template
from multitool_lint.syntax.terms import Text, Unknown, Value
from multitool_lint.syntax.texts import joined
from multitool_lint.syntax.tree_of_files import PathKind
from multitool_lint.syntax.written import Literal, Origin
from multitool_lint.values.terraform.files_alike import files_alike
from multitool_lint.values.terraform.shared import ONLY, Evaluates


def file(evaluator: Evaluates, given: list[Value]) -> Value:
    """The text of a file."""
    path, text = _file(evaluator, given)
    if text is None:
        return _not_read(evaluator, "file", given, path)
    return Literal.at(text, Origin(path or "", 0, len(text)))


def templatefile(evaluator: Evaluates, given: list[Value]) -> Value:
    """The text that a template file comes to."""
    path, text = _file(evaluator, given)
    if text is None:
        return _not_read(evaluator, "templatefile", given, path)
    return render(evaluator, path or "", text, given[1] if len(given) > 1 else {})


def render(evaluator: Evaluates, path: str, text: str, values: Value) -> Value:
    """What a template comes to with the values of its variables."""
    if "${" not in text and "%{" not in text:
        return Literal.at(text, Origin(path, 0, len(text)))
    made = parse_template(text)
    if made is None or not isinstance(values, dict):
        return Unknown("render", text, values)
    scope = {**values, ONLY: True}
    module = evaluator.module
    found = module.evaluator(path).within(scope).evaluate(made)
    return found if isinstance(found, (str, Text)) else joined(["", found])


def fileset(evaluator: Evaluates, given: list[Value]) -> Value:
    """The names of the files in a folder that match a pattern."""
    folder = _place(evaluator, given)
    pattern = given[1] if len(given) > 1 else None
    if folder is None or not isinstance(pattern, str):
        return Unknown("fileset", *given)
    return sorted(_files(evaluator, folder, "", _file_pattern(pattern)))


def _files(
    evaluator: Evaluates, folder: str, below_: str, pattern: re.Pattern[str]
) -> Iterator[str]:
    shared = evaluator.module.shared
    for name in shared.names(folder):
        shared.spend()
        path, inner = f"{folder}/{name}".lstrip("/"), f"{below_}{name}"
        if shared.tree.kind(path) is PathKind.FOLDER:
            yield from _files(evaluator, path, f"{inner}/", pattern)
        elif pattern.fullmatch(inner):
            yield inner


def _place(evaluator: Evaluates, given: list[Value]) -> str | None:
    """The path in the tree of a name; a relative one starts where Terraform runs."""
    shared = evaluator.module.shared
    name = given[0] if given else None
    return shared.path_of(name, shared.folder) if isinstance(name, str) else None


def _file(evaluator: Evaluates, given: list[Value]) -> tuple[str | None, str | None]:
    """The path of a name and the text there, which may be that of a path from the top.

    Before 0.15, Terraform could be given the folder of a module, and run somewhere else.
    """
    path, shared = _place(evaluator, given), evaluator.module.shared
    if path is None:
        return None, None
    text = shared.text(path)
    from_top = shared.path_of(str(given[0]), "") if text is None else None
    found = shared.text(from_top) if from_top and "/" in from_top else None
    return (path, text) if found is None else (from_top, found)


def _not_read(evaluator: Evaluates, function: str, given: list[Value], path: str | None) -> Unknown:
    """A file that cannot be read: what is at its path, though not a text, is part of it."""
    tree = evaluator.module.shared.tree
    kind = tree.kind(path) if path is not None else PathKind.NOTHING
    content = (
        "" if kind in (PathKind.NOTHING, PathKind.FOLDER) or path is None else tree.identity(path)
    )
    others = files_alike(evaluator.module.shared, given[0]) if path is None and given else ()
    return Unknown(function, kind.value, content, *given, *others)


def _file_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern of file names: `**` matches folders, `*` does not."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts))


OF_FILES: Mapping[str, Callable[[Evaluates, list[Value]], Value]] = {
    "file": file,
    "templatefile": templatefile,
    "fileset": fileset,
}
