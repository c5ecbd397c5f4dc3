"""What the other files of a folder tell: Terraform takes all of them together for one module."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.formats.terraform.attributes import holders
from multitool_lint.formats.terraform.body import MERGED
from multitool_lint.formats.terraform.evaluate import Local
from multitool_lint.limits import MAX_BLOCK_DEPTH, MAX_TERRAFORM_FOLDER_BYTES
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.hcl.tree import File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.terraform.attributes import PolicyAttribute
    from multitool_lint.syntax.hcl.tree import Block
    from multitool_lint.syntax.source import Source

ENDINGS = (".tf", ".tofu")

DATA = "aws_iam_policy_document"
_REFERENCE = re.compile(rf"\b(data\.{DATA}|local)\.([\w-]+)")
_TYPE = re.compile(r'"([A-Z_]+)"')


class Module:
    """The files of a folder, of which the others are read only when they are asked for."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._locals: dict[str, Local] | None = None
        self._uses: dict[str, tuple[set[PolicyAttribute], set[str]]] | None = None
        self._data: set[str] = set()

    def local(self, name: str) -> Local | None:
        """The local value of a name."""
        if self._locals is None:
            self._locals = {}
            for file in self._files():
                for block in file.blocks():
                    if block.type == "locals":
                        for attribute in file.attributes(block.body):
                            self._locals.setdefault(attribute.name, Local(file, attribute.value))
        return self._locals.get(name)

    def has(self, address: str) -> bool:
        """Whether there is a data source or local value of an address."""
        self._graph()
        return address in self._data

    def uses(self, address: str) -> set[PolicyAttribute]:
        """What the document of a data source or local value is attached to, as far as is known."""
        graph = self._graph()
        found: set[PolicyAttribute] = set()
        waiting, seen = [address], {address}
        while waiting:
            attached, others = graph.get(waiting.pop(), (set(), set()))
            found |= attached
            waiting += others - seen
            seen |= others
        return found

    def _files(self) -> Iterator[File]:
        yield self._file
        yield from siblings(self._file.source)

    def _graph(self) -> dict[str, tuple[set[PolicyAttribute], set[str]]]:
        """By address: what it is attached to, and the addresses that it goes into."""
        if self._uses is None:
            self._uses = {}
            for file in self._files():
                for block in file.blocks():
                    self._add(file, block)
        return self._uses

    def _add(self, file: File, block: Block) -> None:
        if block.type == "locals":
            for attribute in file.attributes(block.body):
                self._data.add(f"local.{attribute.name}")
                self._mention(file, attribute.value, into=f"local.{attribute.name}")
        elif block.type == "data" and block.labels[:1] == (DATA,) and len(block.labels) > 1:
            address = f"data.{DATA}.{block.labels[1]}"
            self._data.add(address)
            for attribute in file.attributes(block.body):
                if attribute.name in MERGED:
                    self._mention(file, attribute.value, into=address)
        elif block.type == "resource" and block.labels and block.labels[0] in holders():
            self._add_resource(file, block)

    def _add_resource(self, file: File, block: Block) -> None:
        known = holders()[block.labels[0]]
        for path, _, value in attributes_in(file, block.body):
            if path in known:
                self._mention(file, value, policy_attribute_of(file, block, path))

    def _mention(
        self,
        file: File,
        value: Syntax,
        holder: PolicyAttribute | None = None,
        into: str | None = None,
    ) -> None:
        if self._uses is None or not file.has(value, b"local.", DATA.encode()):
            return
        for match in _REFERENCE.finditer(file.text(value)):
            attached, others = self._uses.setdefault(f"{match[1]}.{match[2]}", (set(), set()))
            if holder:
                attached.add(holder)
            if into:
                others.add(into)


def policy_attribute_of(file: File, block: Block, path: str) -> PolicyAttribute | None:
    """What is known of an attribute of a resource; None if it is none that holds a policy."""
    holder = holders().get(block.labels[0], {}).get(path) if block.labels else None
    if holder is None or holder.type != "organizations":
        return holder
    for attribute in file.attributes(block.body):
        if attribute.name == "type":
            name = _TYPE.fullmatch(file.text(attribute.value))
            return holder.of_organizations(name[1] if name else None)
    return holder.of_organizations("SERVICE_CONTROL_POLICY")  # the provider's default


def attributes_in(
    file: File, body: Syntax | None, path: str = "", depth: int = 0
) -> Iterator[tuple[str, Syntax, Syntax]]:
    """The attributes in a body and in its blocks: path, name, value; `dynamic` ones as they are."""
    for attribute in file.attributes(body):
        yield f"{path}{attribute.name}", attribute.key, attribute.value
    for block in file.blocks(body) if body is not None and depth < MAX_BLOCK_DEPTH else ():
        name = block.type
        inner = block.body
        if name == "dynamic" and block.labels:
            name = block.labels[0]
            inner = next((b.body for b in file.blocks(block.body) if b.type == "content"), None)
        yield from attributes_in(file, inner, f"{path}{name}.", depth + 1)


def siblings(source: Source) -> tuple[File, ...]:
    """The other files of the folder, as far as they can be read and may tell something."""
    name = os.path.basename(source.path)  # noqa: PTH119 - as it stands in what was listed
    states = _states(source.path)
    return tuple(
        file
        for file in _parsed(states)
        if os.path.basename(file.source.path) != name  # noqa: PTH119
    )


State = tuple[str, int, int]
"""The path of a file, its size and the time of its last change."""


def _states(path: str) -> tuple[State, ...]:
    if not path.lower().endswith(ENDINGS):
        return ()
    try:
        with os.scandir(os.path.dirname(path) or os.curdir) as entries:  # noqa: PTH120
            found = [
                (entry.path, entry.stat().st_size, entry.stat().st_mtime_ns)
                for entry in entries
                if entry.name.lower().endswith(ENDINGS) and entry.is_file()
            ]
    except (OSError, ValueError):
        return ()
    return (
        tuple(sorted(found))
        if sum(size for _, size, _ in found) <= MAX_TERRAFORM_FOLDER_BYTES
        else ()
    )


@lru_cache(maxsize=2)
def _parsed(states: tuple[State, ...]) -> tuple[File, ...]:
    """The files, kept for those of the same folder that come next."""
    found = []
    for path, _, _ in states:
        try:
            data = reading.read_bytes(path)
            if b"locals" in data or b"policy" in data or b"policies" in data:
                found.append(File(reading.decode(data, path)))
        except (OSError, reading.UnreadableError):
            continue  # it is told when it is linted itself
    return tuple(found)
