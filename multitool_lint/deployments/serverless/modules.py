"""The literals that the modules of a program export, where nothing else can change them.

A name is known that is written twice: where it is bound, and where it is used. A module is known
that only statements of one kind in one program import, each thing in it once.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.limits import MAX_TREE_DEPTH
from multitool_lint.syntax.javascript import (
    Literal,
    NotReadError,
    ScriptCode,
    ScriptToken,
    TemplateLiteral,
    content_of,
    decoded,
    literal_at,
    names_in,
    tokens_of,
)
from multitool_lint.syntax.javascript_statements import (
    Declaration,
    begins_statement,
    declarations,
    numbers_outside,
)

if TYPE_CHECKING:
    from multitool_lint.deployments.serverless.imports import Imported

_USES = 2
"""How often a program names what it declares or imports, and uses."""
_NOT_OF_MODULES = frozenset({"eval", "exports", "module"})
"""What may change what a module exports."""


class _Exported(NamedTuple):
    """What a module exports: a name of its own or of another module, or what is at a token."""

    name: str
    module: str | None = None
    at: int | None = None


class ScriptModule:
    """A program of some tokens, at a place, which imports modules from a folder."""

    def __init__(self, place: str, folder: str, tokens: Sequence[ScriptToken]) -> None:
        self.place = place
        self.folder = folder
        self.tokens = tokens
        self.outer = numbers_outside(tokens)
        self.names = Counter(names_in(tokens))
        self.taken: list[tuple[int, int]] = []
        self.naming: Counter[tuple[str, str]] = Counter()
        """How many statements import a module, or export what it has, by their words."""

    @property
    def rest(self) -> list[str]:
        """The content of what is in no literal that is known."""
        starts = [0, *(end for _, end in sorted(self.taken))]
        ends = [*(start for start, _ in sorted(self.taken)), len(self.tokens)]
        pairs = zip(starts, ends, strict=True)
        return [content_of(self.tokens[start:end]) for start, end in pairs]

    def literal(self, at: int) -> Literal:
        """The literal at the number of a token, which is known from now on; else None."""
        value, end = literal_at(self.tokens, at) if at < len(self.tokens) else (None, at)
        if value is None or isinstance(value, ScriptCode):
            return None
        self.taken.append((at, end))
        return value

    @cached_property
    def declared(self) -> Mapping[str, Declaration]:
        """The values that it gives names."""
        return declarations(self.tokens, self.outer)

    @cached_property
    def imports(self) -> Mapping[str, tuple[str, str]]:
        """The modules and what of them it is that names are bound to."""
        found: dict[str, tuple[str, str]] = {}
        for at in self._statements("import"):
            names, module = self._clause(at + 1)
            if module is not None:
                self.naming["import", module] += 1
                found |= {local: (module, name) for name, local in names}
        uses = Counter(found.values())
        return {name: source for name, source in found.items() if uses[source] == 1}

    @cached_property
    def exports(self) -> Mapping[str, _Exported]:
        """What it exports by which names."""
        found: list[tuple[str, _Exported]] = []
        for at in self._statements("export"):
            word = self.tokens[at + 1].text if at + 1 < len(self.tokens) else ""
            if word == "default":
                found.append(("default", self._default(at + 2)))
            elif word == "const" and at + 2 < len(self.tokens):
                name = self.tokens[at + 2].text
                if self.names[name] == 1 and name in self.declared:
                    found.append((name, _Exported(name, at=self.declared[name].at)))
            elif word == "{":
                names, module = self._clause(at + 1)
                self.naming["export", module or ""] += 1
                found += [(as_, _Exported(name, module)) for name, as_ in names]
        counts = Counter(name for name, _ in found)
        uses = Counter(
            (exported.module, exported.name) for _, exported in found if exported.module is not None
        )
        return {
            name: exported
            for name, exported in found
            if counts[name] == 1 and uses[exported.module or "", exported.name] <= 1
        }

    def _default(self, at: int) -> _Exported:
        value, _ = literal_at(self.tokens, at)
        if isinstance(value, ScriptCode) and [token.kind for token in value.tokens] == ["name"]:
            return _Exported(value.tokens[0].text)
        return _Exported("default", at=at)

    def _statements(self, word: str) -> Iterator[int]:
        for at in self.outer:
            if self.tokens[at].text == word and begins_statement(self.tokens, self.outer, at):
                yield at

    def _clause(self, at: int) -> tuple[list[tuple[str, str]], str | None]:
        """The names in braces, and before them, with those that they get; and the module."""
        found: list[tuple[str, str]] = []
        texts = [token.text for token in self.tokens[at : at + 2]]
        if texts[1:] in (["from"], [","]):
            found.append(("default", texts[0]))
            at += 1 if texts[1] == "from" else 2
        if at < len(self.tokens) and self.tokens[at].text == "{":
            number = bisect_right(self.outer, at)  # what is between the braces is not outside
            end = self.outer[number] if number < len(self.outer) else at
            found += _listed([token.text for token in self.tokens[at + 1 : end]])
            at = end + 1
        after = self.tokens[at : at + 2]
        if [token.text for token in after[:1]] == ["from"] and after[-1].kind == "text":
            return found, decoded(after[-1].text[1:-1])
        return found, None


def _listed(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The names of a list with commas, with those that they get."""
    item: list[str] = []
    for word in [*words, ","]:
        if word != ",":
            item.append(word)
            continue
        if len(item) == 1 or item[1:2] == ["as"]:
            yield item[0], item[-1]
        item = []


class Modules:
    """The programs that a program is made of."""

    def __init__(self, imported: Imported) -> None:
        self._imported = imported
        self._programs: dict[str, ScriptModule | None] = {}

    @property
    def rest(self) -> list[str]:
        """The paths of the files, and what in them is in no literal that is known."""
        found = []
        for path, text in sorted(self._imported.texts.items()):
            program = self._programs.get(path)
            found += [path, *(program.rest if program and program.taken else [text])]
        return found

    def filled(self, value: Literal, program: ScriptModule, depth: int = 0) -> Literal:
        """A value of a program with the literals that names in it are.

        Raises:
            NotReadError: it is nested deeper than is read.
        """
        if depth > MAX_TREE_DEPTH:
            raise NotReadError
        if isinstance(value, dict):
            return {key: self.filled(item, program, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item, program, depth + 1) for item in value]
        if isinstance(value, TemplateLiteral):
            parts = (p if isinstance(p, str) else _placed(p, program) for p in value.parts)
            return TemplateLiteral(tuple(parts))
        if not isinstance(value, ScriptCode):
            return value
        if [token.kind for token in value.tokens] == ["name"]:
            found = self._value(value.tokens[0].text, program)
            if found is not None:
                return self.filled(*found, depth + 1)
        return _placed(value, program)

    def _value(self, name: str, program: ScriptModule) -> tuple[Literal, ScriptModule] | None:
        """The literal that a name of a program is, and the program of the literal."""
        if program.names[name] != _USES:
            return None
        if name in program.imports:
            return self._exported(program, "import", *program.imports[name])
        declared = program.declared.get(name)
        if declared is None or declared.is_exported:
            return None
        value = program.literal(declared.at)
        return None if value is None else (value, program)

    def _exported(
        self, by: ScriptModule, word: str, module: str, name: str
    ) -> tuple[Literal, ScriptModule] | None:
        path = self._imported.modules.get((by.folder, module))
        if path is None or self._imported.importing[path] != by.naming[word, module]:
            return None
        program = self._program(path)
        found = None if program is None else program.exports.get(name)
        if program is None or found is None:
            return None
        if found.module is not None:
            return self._exported(program, "export", found.module, found.name)
        if found.at is None:
            return self._value(found.name, program)
        value = program.literal(found.at)
        return None if value is None else (value, program)

    def _program(self, path: str) -> ScriptModule | None:
        """The program at a path; None if it may export something else than it seems."""
        if path not in self._programs:
            try:
                tokens = tokens_of(self._imported.texts.get(path, ""))
                program = ScriptModule(path, posixpath.dirname(path), tokens)
                is_known = _NOT_OF_MODULES.isdisjoint(program.names)
            except NotReadError:
                is_known = False
            self._programs[path] = program if is_known else None
        return self._programs[path]


def _placed(code: ScriptCode, program: ScriptModule) -> ScriptCode:
    return code._replace(place=program.place)
