"""What is known from the other files of a folder: Terraform reads all of them as one module."""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import TYPE_CHECKING

from multitool_lint.formats import names
from multitool_lint.formats.local_files import SourceWithFiles
from multitool_lint.formats.terraform import search
from multitool_lint.formats.terraform.alternatives import given
from multitool_lint.formats.terraform.attributes import (
    Local,
    PolicyAttribute,
    attribute_value,
    attributes_in,
    holders,
    policy_attribute_of,
)
from multitool_lint.formats.terraform.body import MERGED
from multitool_lint.formats.terraform.merged_names import merged_names
from multitool_lint.formats.terraform.modules import FileModule
from multitool_lint.formats.terraform.scope import ValueBudget
from multitool_lint.formats.terraform.siblings import addresses_in, siblings
from multitool_lint.formats.terraform.visibility import RESOURCE_TYPES, Visibilities
from multitool_lint.policy.access import VPC_ENDPOINT
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.boundary import is_outside
from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node as Syntax

    from multitool_lint.syntax.terms import Value
    from multitool_lint.values.terraform.shared import Evaluates

DATA = "aws_iam_policy_document"
_REFERENCE = re.compile(rf"\b(?:data\.{DATA}|local)\.[\w-]+")
_MANAGED = re.compile(r"\baws_iam_policy\.([\w-]+)")
_USERS = ("locals", "module")
_ENDPOINTS = "endpoints"
"""The argument of modules that make VPC endpoints, as terraform-aws-modules has them."""
_IN_STATEMENTS = (b"tatement", b"ction")
_STRING = re.compile(r'"([^"]*)"')
_LOCAL_SOURCE = re.compile(r'"(\.{1,2}/[^"?$]*)"')


class ModuleFolder:
    """The files of a folder, of which the others are read only when they are asked for.

    `broken` are the parts of the file that could not be read. The `source` is another one than that
    of the file if it is JSON. `names` have values in the instance of a block that is read.
    """

    def __init__(
        self, file: HclFile, broken: tuple[HclFile, ...] = (), source: Source | None = None
    ) -> None:
        self._file = file
        self._source = source or file.source
        self.names: Mapping[str, Value] = {}
        self._broken = broken
        self.budget = ValueBudget()
        self._called: dict[str, ModuleFolder] = {}
        self._has_documents: dict[tuple[str, int, int], bool] = {}

    def evaluator(self, source: Source) -> Evaluates:
        """What evaluates the expressions of a source of the folder, or in a text of one."""
        found = self._module.evaluator(source)
        return found.within(self.names) if self.names else found

    def local(self, name: str) -> Local | None:
        """The local value of a name."""
        return self._locals.get(name)

    def has_documents(self, file: HclFile, value: Syntax) -> bool:
        """Whether there are policies in an expression that should be one, or that one may be in."""
        place = (file.source.path, value.start_byte, value.end_byte)
        if place not in self._has_documents:
            documents = search.documents(file, value, self, certain=True)
            self._has_documents[place] = any(True for _ in documents)
        return self._has_documents[place]

    def document(self, address: str) -> tuple[HclFile, SyntaxBlock] | None:
        """The data source of an address that makes a policy, and its file."""
        return self._documents.get(address)

    def block(self, address: str) -> tuple[HclFile, SyntaxBlock] | None:
        """The block of an address, such as `module.NAME`, and its file."""
        return self._by_address.get(address)

    def called(self, name: str) -> ModuleFolder | None:
        """The module that a call of a name is of, if its source is a folder of the repository."""
        found = self.block(f"module.{name}")
        place = attribute_value(found, "source")
        source = _LOCAL_SOURCE.fullmatch(place.file.text(place.value)) if place else None
        if found is None or source is None or isinstance(found[0].source, SourceWithFiles):
            return None
        here = os.path.dirname(found[0].source.path)  # noqa: PTH120 - as it is listed
        if is_outside(source[1], here):
            return None
        folder = os.path.normpath(os.path.join(here, source[1]))  # noqa: PTH118
        if folder not in self._called:
            # All files of the folder are other ones than this.
            self._called[folder] = ModuleFolder(HclFile(Source(os.path.join(folder, ".tf"), "")))  # noqa: PTH118
        return self._called[folder]

    def file_of(self, address: str) -> HclFile | None:
        """The file with the data source or local value of an address."""
        if document := self._documents.get(address):
            return document[0]
        local = self._locals.get(address.removeprefix("local."))
        return local.file if local else None

    def is_broken(self, address: str) -> bool:
        """Whether what could not be read defines a data source or local value of an address."""
        return address in self._broken_addresses

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

    def attribute_of(self, file: HclFile, block: SyntaxBlock, path: str) -> PolicyAttribute | None:
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

    def argument_of(self, file: HclFile, block: SyntaxBlock, path: str) -> PolicyAttribute | None:
        """What is known of the policies that a module call is given in an argument.

        They are of the bucket that it makes, or of the VPC endpoints.
        """
        if block.type != "module":
            return None
        if path == _ENDPOINTS and _makes_endpoints(file, block):
            return PolicyAttribute(PolicyType.RESOURCE.value, VPC_ENDPOINT)
        said = self._visibilities.of(file, block)
        return PolicyAttribute("", None, said) if said else None

    def blocks(self) -> Iterator[tuple[HclFile, SyntaxBlock]]:
        """The blocks of all files, each with its file."""
        for file in self._files:
            for block in file.blocks():
                yield file, block

    @cached_property
    def _module(self) -> FileModule:
        return FileModule(self._source)

    @cached_property
    def _files(self) -> tuple[HclFile, ...]:
        return self._file, *siblings(self._file.source)

    @cached_property
    def _broken_addresses(self) -> frozenset[str]:
        others = (file for file in self._files if file.root.has_error)
        return frozenset(addresses_in((*self._broken, *others), DATA))

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
    def _by_address(self) -> dict[str, tuple[HclFile, SyntaxBlock]]:
        return {
            ".".join((block.type, *block.labels)): (file, block) for file, block in self.blocks()
        }

    @cached_property
    def _documents(self) -> dict[str, tuple[HclFile, SyntaxBlock]]:
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
        self, file: HclFile, block: SyntaxBlock
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


def _document_address(block: SyntaxBlock) -> str | None:
    """The address of a data source that makes a policy; None for any other block."""
    if block.type == "data" and block.labels[:1] == (DATA,) and len(block.labels) > 1:
        return f"data.{DATA}.{block.labels[1]}"
    return None


def _makes_endpoints(file: HclFile, block: SyntaxBlock) -> bool:
    """Whether a module that is called makes VPC endpoints, as its name or source says."""
    parts = file.attributes(block.body)
    sources = (file.text(part.value) for part in parts if part.name == "source")
    return names.names_endpoints(" ".join((*block.labels, *sources)))


def _name(file: HclFile, block: SyntaxBlock) -> str:
    """The name that a resource is given, or else its label."""
    for attribute in file.attributes(block.body):
        if attribute.name in ("name", "name_prefix"):
            given = _STRING.fullmatch(file.text(attribute.value))
            if given and names.is_boundary(given[1]):
                return given[1]
    return block.labels[-1]
