"""What is known from the other files of a folder: Terraform reads all of them as one module."""

from __future__ import annotations

import os
import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from multitool_lint.formats import names
from multitool_lint.formats.local_files import SourceWithFiles
from multitool_lint.formats.recognize import MODULE_ENDINGS
from multitool_lint.formats.terraform import search
from multitool_lint.formats.terraform.alternatives import given
from multitool_lint.formats.terraform.attributes import PolicyAttribute, holders
from multitool_lint.formats.terraform.body import MERGED
from multitool_lint.formats.terraform.merged_names import merged_names
from multitool_lint.formats.terraform.scope import Local, ValueBudget
from multitool_lint.formats.terraform.visibility import RELEVANT, RESOURCE_TYPES, Visibilities
from multitool_lint.limits import MAX_BLOCK_DEPTH, MAX_TERRAFORM_FOLDER_BYTES
from multitool_lint.policy.access import VPC_ENDPOINT
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import folder_left_by_link
from multitool_lint.syntax.hcl.tree import File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node as Syntax

    from multitool_lint.syntax.hcl.tree import Block
    from multitool_lint.syntax.source import Source

DATA = "aws_iam_policy_document"
_REFERENCE = re.compile(rf"\b(?:data\.{DATA}|local)\.[\w-]+")
_MANAGED = re.compile(r"\baws_iam_policy\.([\w-]+)")
_TYPE = re.compile(r'"([A-Z_]+)"')
_RELEVANT = (
    "locals",
    "policy",
    "policies",
    'module "',
    'output "',
    '"template_file"',
    '"local_file"',
    *RELEVANT,
)
"""What a file has one of that decides about policies in others."""
_USERS = ("locals", "module")
_ENDPOINTS = "endpoints"
"""The argument of modules that make VPC endpoints, as terraform-aws-modules has them."""
_IN_STATEMENTS = (b"tatement", b"ction")
_STRING = re.compile(r'"([^"]*)"')


class Module:
    """The files of a folder, of which the others are read only when they are asked for."""

    def __init__(self, file: File) -> None:
        self._file = file
        self.budget = ValueBudget()
        self.called: dict[str, Module] = {}
        self._has_documents: dict[tuple[str, int, int], bool] = {}

    def local(self, name: str) -> Local | None:
        """The local value of a name."""
        return self._locals.get(name)

    def has_documents(self, file: File, value: Syntax) -> bool:
        """Whether there are policies in an expression that should be one, or that one may be in."""
        place = (file.source.path, value.start_byte, value.end_byte)
        if place not in self._has_documents:
            documents = search.documents(file, value, self, certain=True)
            self._has_documents[place] = any(True for _ in documents)
        return self._has_documents[place]

    def document(self, address: str) -> tuple[File, Block] | None:
        """The data source of an address that makes a policy, and its file."""
        return self._documents.get(address)

    def block(self, address: str) -> tuple[File, Block] | None:
        """The block of an address, such as `module.NAME`, and its file."""
        return self._by_address.get(address)

    def file_of(self, address: str) -> File | None:
        """The file with the data source or local value of an address."""
        if document := self._documents.get(address):
            return document[0]
        local = self._locals.get(address.removeprefix("local."))
        return local.file if local else None

    def uses(self, address: str) -> set[PolicyAttribute]:
        """What the document of a data source or local value is attached to, as far as is known."""
        found: set[PolicyAttribute] = set()
        waiting, seen = [address], {address}
        while waiting:
            attached, others = self._uses.get(waiting.pop(), (set(), set()))
            found |= attached
            waiting += others - seen
            seen |= others
        return found

    def is_merged(self, address: str) -> bool:
        """Whether the document of an address is, or may be, merged with others by its Sids."""
        return address in self._merged

    def attribute_of(self, file: File, block: Block, path: str) -> PolicyAttribute | None:
        """What is known of an attribute of a resource; None if it is none that holds a policy."""
        holder = policy_attribute_of(file, block, path)
        if holder and holder.resource_type in RESOURCE_TYPES:
            return holder._replace(visibility=self._visibilities.of(file, block))
        if holder is None or holder.resource_type != names.MANAGED_POLICY:
            return holder
        boundaries, attached = self._managed_policies
        label = block.labels[-1]
        if label in attached:
            # Without the type of the resource, no name makes it a boundary.
            return holder._replace(resource_type=None)
        is_boundary = label in boundaries or names.is_boundary(_name(file, block), file.source.path)
        return holder._replace(type=PolicyType.BOUNDARY.value) if is_boundary else holder

    def argument_of(self, file: File, block: Block, path: str) -> PolicyAttribute | None:
        """What is known of the policies that a module call is given in an argument.

        They are of the bucket that it makes, or of the VPC endpoints.
        """
        if block.type != "module":
            return None
        if path == _ENDPOINTS and _makes_endpoints(file, block):
            return PolicyAttribute(PolicyType.RESOURCE.value, VPC_ENDPOINT)
        said = self._visibilities.of(file, block)
        return PolicyAttribute("", None, said) if said else None

    def blocks(self) -> Iterator[tuple[File, Block]]:
        """The blocks of all files, each with its file."""
        for file in self._files:
            for block in file.blocks():
                yield file, block

    @cached_property
    def _files(self) -> tuple[File, ...]:
        return self._file, *siblings(self._file.source)

    @cached_property
    def _locals(self) -> dict[str, Local]:
        found: dict[str, Local] = {}
        for file, block in self.blocks():
            for attribute in file.attributes(block.body) if block.type == "locals" else ():
                found.setdefault(attribute.name, Local(file, attribute.value))
        return found

    @cached_property
    def _visibilities(self) -> Visibilities:
        def local(name: str) -> str | None:
            found = self.local(name)
            return found and found.file.text(found.value)

        return Visibilities(self.blocks(), local)

    @cached_property
    def _managed_policies(self) -> tuple[set[str], set[str]]:
        """The labels of managed policies that are used as boundaries, and of those attached."""
        boundaries: set[str] = set()
        attached: set[str] = set()
        if not any(file.has(file.root, b"oundar") for file in self._files):
            return boundaries, attached
        for file, block in self.blocks():
            for path, value in attributes_in(file, block.body):
                if path in holders().get(next(iter(block.labels), ""), ()):
                    continue  # what a policy is about
                if re.search(names.REFERS_TO_BOUNDARY, path):
                    boundaries.update(_MANAGED.findall(file.text(value)))
                elif "polic" in path and not file.has(value, *_IN_STATEMENTS):
                    attached.update(_MANAGED.findall(file.text(value)))
        return boundaries, attached

    @cached_property
    def _by_address(self) -> dict[str, tuple[File, Block]]:
        return {
            ".".join((block.type, *block.labels)): (file, block) for file, block in self.blocks()
        }

    @cached_property
    def _documents(self) -> dict[str, tuple[File, Block]]:
        """The data sources that make policies, by their addresses."""
        return {
            address: (file, block)
            for file, block in self.blocks()
            if (address := _document_address(block))
        }

    @cached_property
    def _uses(self) -> dict[str, tuple[set[PolicyAttribute], set[str]]]:
        """By address: what it is attached to, and the addresses that it goes into."""
        uses: dict[str, tuple[set[PolicyAttribute], set[str]]] = {}
        for file, block in self.blocks():
            for value, holder, into in self._uses_in(file, block):
                if not file.has(value, b"local.", DATA.encode()):
                    continue
                for reference in _REFERENCE.findall(file.text(value)):
                    attached, others = uses.setdefault(reference, (set(), set()))
                    attached.update(() if holder is None else (holder,))
                    others.update(() if into is None else (into,))
        return uses

    @cached_property
    def _merged(self) -> set[str]:
        return merged_names(self.blocks(), self._file.source)

    def _uses_in(
        self, file: File, block: Block
    ) -> Iterator[tuple[Syntax, PolicyAttribute | None, str | None]]:
        """The expressions in which there may be policies: what they are attached to, or go into."""
        address = _document_address(block)
        resource = block.labels[0] if block.type == "resource" and block.labels else ""
        if address is None and block.type not in _USERS and resource not in holders():
            return
        for path, value in attributes_in(file, block.body):
            if block.type == "locals":
                yield value, None, f"local.{path}"
            elif address and path in MERGED:
                yield value, None, address
            elif holder := self.argument_of(file, block, path):
                yield value, holder, None
            elif resource and (holder := self.attribute_of(file, block, path)):
                for part in given(file, block, value):
                    yield part, holder, None


def _document_address(block: Block) -> str | None:
    """The address of a data source that makes a policy; None for any other block."""
    if block.type == "data" and block.labels[:1] == (DATA,) and len(block.labels) > 1:
        return f"data.{DATA}.{block.labels[1]}"
    return None


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


def _makes_endpoints(file: File, block: Block) -> bool:
    """Whether a module that is called makes VPC endpoints, as its name or source says."""
    parts = file.attributes(block.body)
    sources = (file.text(part.value) for part in parts if part.name == "source")
    return names.names_endpoints(" ".join((*block.labels, *sources)))


def _name(file: File, block: Block) -> str:
    """The name that a resource is given, or else its label."""
    for attribute in file.attributes(block.body):
        if attribute.name in ("name", "name_prefix"):
            given = _STRING.fullmatch(file.text(attribute.value))
            if given and names.is_boundary(given[1]):
                return given[1]
    return block.labels[-1]


def attributes_in(
    file: File, body: Syntax | None, path: str = "", depth: int = 0
) -> Iterator[tuple[str, Syntax]]:
    """The attributes in a body and in its blocks, with their paths; `dynamic` ones as they are."""
    for attribute in file.attributes(body):
        yield f"{path}{attribute.name}", attribute.value
    for block in file.blocks(body) if body is not None and depth < MAX_BLOCK_DEPTH else ():
        name = block.type
        inner = block.body
        if name == "dynamic" and block.labels:
            name = block.labels[0]
            inner = next((b.body for b in file.blocks(block.body) if b.type == "content"), None)
        yield from attributes_in(file, inner, f"{path}{name}.", depth + 1)


def siblings(source: Source) -> tuple[File, ...]:
    """The other files of the folder, as far as they can be read and may be relevant."""
    if isinstance(source, SourceWithFiles):
        return tuple(file for file in map(_file, source.siblings()) if file)
    name = os.path.basename(source.path)  # noqa: PTH119 - as it is listed
    states = _states(source.path)
    return tuple(
        file
        for file in _parsed(states)
        if os.path.basename(file.source.path) != name  # noqa: PTH119
    )


State = tuple[str, int, int]
"""The path of a file, its size and the time of its last change."""


def _states(path: str) -> tuple[State, ...]:
    if not path.lower().endswith(MODULE_ENDINGS):
        return ()
    try:
        folder = os.path.realpath(os.path.dirname(path))  # noqa: PTH120
        with os.scandir(os.path.dirname(path) or os.curdir) as entries:  # noqa: PTH120
            found = [
                (entry.path, *reading.state(entry.path, entry.stat()))
                for entry in entries
                if entry.name.lower().endswith(MODULE_ENDINGS)
                and entry.is_file()
                # What a link out of the repository leads to must not become part of a report.
                and not (entry.is_symlink() and folder_left_by_link(entry.path, folder))
            ]
    except (OSError, ValueError):
        return ()
    return (
        tuple(sorted(found))
        if sum(size for _, size, _ in found) <= MAX_TERRAFORM_FOLDER_BYTES
        else ()
    )


def _parsed(states: tuple[State, ...]) -> tuple[File, ...]:
    """The files, kept for those of the same folder that come next."""
    kept = _kept(os.path.dirname(states[0][0]) if states else "")  # noqa: PTH120
    for gone in kept.keys() - states:
        del kept[gone]
    for state in states:
        if state not in kept:
            kept[state] = _relevant(state[0])
    return tuple(file for state in states if (file := kept[state]))


@lru_cache(maxsize=2)
def _kept(_folder: str) -> dict[State, File | None]:
    """The files of a folder by their states: one that is changed need not be read with others."""
    return {}


def _relevant(path: str) -> File | None:
    """A file that may be relevant; one that cannot be read is reported when it is linted itself."""
    try:
        data = reading.read_bytes(path)
        is_relevant = any(word.encode() in data for word in _RELEVANT)
        return File(reading.decode(data, path)) if is_relevant else None
    except (OSError, reading.UnreadableError):
        return None


@lru_cache(maxsize=256)
def _file(source: Source) -> File | None:
    """A file of a commit, if it may be relevant."""
    is_module = source.path.lower().endswith(MODULE_ENDINGS)
    return File(source) if is_module and any(word in source.text for word in _RELEVANT) else None
