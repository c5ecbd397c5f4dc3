"""Resources and modules of Terraform that have another name now, by `moved` blocks.

https://developer.hashicorp.com/terraform/language/modules/develop/refactoring
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from multitool_lint.syntax.hcl.tree import File, significant, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from multitool_lint.syntax.source import Source

_ADDRESS = re.compile(r"([\w-]+\.[\w-]+)(?:\[[^\]]*\])?")
_LABELS = {"resource": 2, "module": 1}


def renames(old: Iterable[Source], new: Iterable[Source]) -> dict[str, str]:
    """The new addresses of what is declared in the old files of a folder, and in the new ones."""
    files = [File(source) for source in new]
    moves = {before: after for file in files for before, after in _moves(file)}
    if not moves:
        return {}
    before = {address for source in old for address in _declared(File(source))}
    after = {address for file in files for address in _declared(file)}
    found: dict[str, str] = {}
    for address in moves.keys() & before - after:
        name, seen = moves[address], {address}
        while name not in after and name in moves and name not in seen:
            seen.add(name)
            name = moves[name]
        is_same_kind = address.partition(".")[0] == name.partition(".")[0]
        if name in after - before and is_same_kind and name not in found.values():
            found[address] = name
    return found


def renamed(source: Source, names: Mapping[str, str]) -> Source:
    """A file in which resources and modules are declared, and referred to, by other names."""
    file = File(source)
    text = source.text
    for start, end, name in sorted(_edits(file, names), reverse=True):
        text = f"{text[:start]}{name}{text[end:]}"
    return replace(source, text=text)


def _moves(file: File) -> Iterator[tuple[str, str]]:
    for block in file.blocks():
        if block.type == "moved":
            values = {a.name: file.text(a.value) for a in file.attributes(block.body)}
            ends = [_ADDRESS.fullmatch(values.get(name, "")) for name in ("from", "to")]
            if ends[0] and ends[1]:
                yield ends[0][1], ends[1][1]


def _declared(file: File) -> Iterator[str]:
    for block in file.blocks():
        if len(block.labels) == _LABELS.get(block.type):
            yield _address(block.type, block.labels)


def _address(type_: str, labels: tuple[str, ...]) -> str:
    return ".".join(labels if type_ == "resource" else (type_, *labels))


def _edits(file: File, names: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    for block in file.blocks():
        if len(block.labels) == _LABELS.get(block.type):
            name = names.get(_address(block.type, block.labels))
            labels = [part for part in significant(block.syntax) if part.type == "string_lit"]
            if name is not None and labels:
                yield *file.span(labels[-1]), f'"{name.partition(".")[2]}"'
    tokens = list(tokens_of(file.root))
    for before, first, dot, last in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        if dot.type == "." and first.type == last.type == "identifier" and before.type != ".":
            name = names.get(f"{file.text(first)}.{file.text(last)}")
            if name is not None:
                yield *file.span(last), name.partition(".")[2]
