"""The files that the variables of a service of the Serverless Framework name."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.deployments.serverless.imports import CODE, known_imports
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.terms import Encoded, Text, Unknown, Value
from multitool_lint.syntax.tree import Node

if TYPE_CHECKING:
    from multitool_lint.values.reading import Reading

_DOCUMENTS = (".json", ".yml", ".yaml")

_OF_FILES = frozenset({"code", "document", "file"})
"""The operators of what files have."""
_SEVERAL = frozenset({"coalesce", "if"})


class Files:
    """The files of a service of a path: the `texts` of those that were read, by their paths.

    `whole` are those of which all is a part of the service.
    """

    def __init__(self, path: str, reading: Reading) -> None:
        self.texts: dict[str, str] = {}
        self.whole: set[str] = set()
        self._folder = posixpath.dirname(path)
        self._reading = reading
        self._read: dict[str, Node | str | Unknown | None] = {}
        self._asked: dict[str, set[str]] = {}

    def named(self, name: Value) -> Iterator[tuple[str, str]]:
        """The names that one may be, of which a part may be unknown, each with its path."""
        if isinstance(name, str):
            path = self._reading.path_of(name.removeprefix("./"), self._folder)
            if path is not None:
                yield name, path
            return
        parts = name.parts if isinstance(name, Text) else ()
        segments: list[list[str | Unknown | Encoded]] = [[]]
        for part in parts:
            first, *others = part.split("/") if isinstance(part, str) else [part]
            segments[-1].append(first)
            segments += [[other] for other in others]
        for found in self._matching(segments):
            yield from self.named(found)

    def _matching(
        self, segments: Sequence[Sequence[str | Unknown | Encoded]], before: str = ""
    ) -> Iterator[str]:
        """The names of the files that segments of names match, in folders and in the last one."""
        if not segments:
            yield before.removesuffix("/")
            return
        first, *others = segments
        if all(isinstance(part, str) for part in first):
            yield from self._matching(others, f"{before}{''.join(map(str, first))}/")
            return
        pattern = "".join(re.escape(part) if isinstance(part, str) else ".*" for part in first)
        folder = self._reading.path_of(before.removeprefix("./") or ".", self._folder)
        for name in sorted(self._reading.names(folder)) if folder is not None else ():
            if re.fullmatch(pattern, name):
                yield from self._matching(others, f"{before}{name}/")

    def read(self, path: str, keys: Sequence[Value]) -> Node | str | Unknown | None:
        """What is in a file: a document, a text, or what a program returns; None for no file.

        It is asked for the keys of a value in it; if it is for each, the file is read as a whole.
        """
        if path not in self._read:
            text = self._reading.text(path)
            if text is not None:
                self.texts[path] = text
            self._read[path] = None if text is None else self._parsed(path, text)
        found = self._read[path]
        asked = self._asked.setdefault(path, set())
        asked.update(map(str, keys[:1]))
        there = {member.key for member in found.fields()} if isinstance(found, Node) else set()
        if found is not None and (not keys or (there and there <= asked)):
            self.whole.add(path)
        return found

    def _parsed(self, path: str, text: str) -> Node | str | Unknown:
        if path.endswith(CODE):
            imported = known_imports(path, text, self._reading).values()
            return Unknown("code", text, *imported, shown=f"file({path})")
        if not path.endswith(_DOCUMENTS):
            return text
        try:
            if path.endswith(".json"):
                return fast.read(text, literal=True)
            from multitool_lint.syntax.yaml import template

            documents = template.parse(text).documents
        except MistakeError:
            documents = ()
        return documents[0] if len(documents) == 1 else Unknown("document", text)


def may_be_object(value: Value) -> bool:
    """Whether a value is what a program or a file that is not read has, and may be an object."""
    while isinstance(value, Unknown) and value.operator == "get":
        value = value.arguments[0]
    if isinstance(value, Unknown) and value.operator in _SEVERAL:
        return any(map(may_be_object, value.arguments))
    return isinstance(value, Unknown) and value.operator in _OF_FILES
