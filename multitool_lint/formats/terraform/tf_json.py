"""Policies in Terraform's configuration as JSON, which programs write.

Its strings are templates of Terraform's language: what they come to is certain where nothing in
them is unresolved. A policy is written as a string of JSON, as an expression with
`jsonencode`, or as a data source.

https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from multitool_lint.formats import quick_tests, recognize
from multitool_lint.formats.extract import UNATTACHED, Attachment, Candidate, Certainty, read
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.formats.permissions import permissions
from multitool_lint.formats.policy_texts import policy_around
from multitool_lint.formats.result import Problem, Skipped, not_read
from multitool_lint.formats.terraform import expression_texts, search, statement_objects, unresolved
from multitool_lint.formats.terraform.alternatives import alternatives
from multitool_lint.formats.terraform.attributes import PolicyAttribute, holders
from multitool_lint.formats.terraform.body import MERGED, OVERRIDES, SOURCES
from multitool_lint.formats.terraform.cases import ReadDocument, as_read, of_reading
from multitool_lint.formats.terraform.choices import PolicyReading, readings
from multitool_lint.formats.terraform.data_source import documents
from multitool_lint.formats.terraform.module import DATA, ModuleFolder
from multitool_lint.formats.terraform.same_count import REPEATS, can_hold, required_by
from multitool_lint.formats.terraform.scope import OutOfProportionError
from multitool_lint.formats.terraform.tf_json_blocks import (
    attribute_path,
    body_of,
    members,
    scalars,
    template_text,
)
from multitool_lint.formats.terraform.tf_json_values import JsonValues
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax import decoded_text
from multitool_lint.syntax.hcl.tree import HclFile
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Array, Node, Object, as_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from multitool_lint.formats.extract import Extractor, Found

_OF_PROGRAMS = "Terraform's JSON, which programs write"
_OF_MODULES = ("module.", "local.", "variable.", "var.")


def policies(extractor: Extractor) -> Iterator[Found]:
    """The policies of a file, each named by its address, and what could not be read."""
    try:
        root = fast.read(extractor.source.text, literal=True)
    except MistakeError as mistake:
        yield Problem(mistake.span, mistake.message, help=mistake.help)
        return
    reader = _Reader(extractor, root)
    if extractor.source.path.lower().endswith(".tfvars.json"):
        for name, value in members(root):
            yield from reader.values(value, f"var.{name}", "", "")
        return
    for kind, label, body in _blocks(root):
        if kind in ("resource", "data"):
            for name, bodies in members(body):
                address = f"{'data.' if kind == 'data' else ''}{label}.{name}"
                for block in as_list(bodies):
                    yield from reader.block(address, label, block)
        else:
            address = f"{'local' if kind == 'locals' else kind}.{label}"
            yield from reader.values(body, address, "", "")


def _blocks(root: Node) -> Iterator[tuple[str, str, Node]]:
    for kind, blocks in members(root):
        for label, body in members(blocks):
            yield kind, label, body


class _Reader:
    """Reads the blocks of a file."""

    def __init__(self, extractor: Extractor, root: Node) -> None:
        self._extractor = extractor
        self._source = extractor.source
        self._root = root

    def block(self, address: str, label: str, node: Node) -> Iterator[Found]:
        """The policies of a resource or data source, but for cases in which it makes none."""
        try:
            given = [value for value in map(node.get, REPEATS) if value is not None]
            repeats = self._values.evaluate(given[0]) if given else None
            required = required_by(repeats, self._module.budget)
            for found in self._of_block(address, label, node):
                cases = found.cases if isinstance(found, FoundPolicy) else ()
                if not cases or any(can_hold(conditions, [required]) for conditions in cases):
                    yield found
        except OutOfProportionError as error:
            yield Problem(node.span, str(error))

    def _of_block(self, address: str, label: str, node: Node) -> Iterator[Found]:
        if address.startswith(f"data.{DATA}."):
            yield from self._data_source(address, node)
        elif not address.startswith("data.") and label in permissions():
            yield from self._permission(address, label, node)
        else:
            yield from self.values(node, address, label, "")

    def _in_readings(
        self, read: Callable[[], Iterable[ReadDocument]]
    ) -> Iterator[ReadDocument | Skipped]:
        """The documents that are read, in all cases of their conditions."""
        for reading in readings(self._module.budget):
            self._values.reading = reading
            for document in read():
                yield from of_reading(document, reading)
        self._values.reading = PolicyReading()

    def _permission(self, address: str, label: str, node: Node) -> Iterator[Found]:
        """The policy of the one statement that a resource is."""
        permission = permissions()[label]

        def read() -> Iterator[ReadDocument]:
            self._values.reading.in_element = True
            values = dict(scalars(node, self._values))
            yield ReadDocument(permission.policy(node.span, values, lambda value: value.string), "")

        for item in self._in_readings(read):
            if isinstance(item, ReadDocument):
                candidate = permission.candidate(search.finished(item.root), address)
                yield as_read(self._extractor.extract(candidate), item)

    def _data_source(self, address: str, node: Node) -> Iterator[Found]:
        merged: dict[str, list[Node]] = {name: [] for name in MERGED}
        for name in MERGED:
            for item in as_list(node.get(name)):
                for found in self._merged(item):
                    if not isinstance(found, ReadDocument):
                        yield found
                    elif found.part != "branch":
                        merged[name].append(found.root)
                    else:
                        yield self._extracted(found, node, f"{address}.{name}")
        sources, overrides = (
            [root for name in side for root in merged[name]] for side in (SOURCES, OVERRIDES)
        )

        def read() -> Iterator[ReadDocument]:
            body = body_of(node, self._source.text, self._values)
            if not (body.blocks or sources or overrides) and any(map(node.get, MERGED)):
                return
            policies = documents(body, sources, overrides)
            more = any(made.open for made in policies)
            for number, made in enumerate(policies):
                path = " (if it has this statement)" if made.open and number else ""
                yield ReadDocument(made.root, path, conditions=made.conditions, open=more)

        for document in self._in_readings(read):
            yield self._extracted(document, node, address)

    def _merged(self, node: Node) -> Iterator[ReadDocument | Problem | Skipped]:
        """The document of a string that is merged into another one."""
        found = [*self._documents(node, certain=True)] if node.string is not None else []
        yield from found
        if node.string is None or not node.string.lstrip().startswith("{"):
            for skipped in self._open(node):
                yield unresolved.as_merged(skipped)
        elif not found:
            yield not_read(node.span, Reason.MERGED_TEXT)

    def values(self, node: Node, address: str, label: str, path: str) -> Iterator[Found]:
        """The policies among the values of a block; the parser limits the recursion."""
        name = f"{address}.{path}" if path else address
        if address.startswith(_OF_MODULES) and not isinstance(node.value, str):
            found = list(self._of_module(node, name))
            yield from found
            if found:
                return
        if isinstance(node.value, Object):
            for member in node.value:
                inner = f"{path}.{member.key}" if path else member.key
                yield from self.values(member.value, address, label, inner)
        elif isinstance(node.value, Array):
            for item in node.value:
                yield from self.values(item, address, label, path)
        elif isinstance(node.value, str):
            holder = holders().get(label, {}).get(attribute_path(path))
            yield from self._in_string(node, name, holder)

    def _in_string(self, node: Node, name: str, holder: PolicyAttribute | None) -> Iterator[Found]:
        if holder and holder.type == "other":
            return
        text = str(node.value)
        found = list(self._documents(node, certain=holder is not None))
        for item in found:
            yield self._extracted(item, node, name, holder.attachment if holder else UNATTACHED)
        if holder and text and not (found and text.lstrip().startswith("{")):
            yield from self._open(node)

    def _of_module(self, node: Node, name: str) -> Iterator[Found]:
        """The policy or the statements that an object or a list is, for a module or in a local."""
        statements = node.get("Statement")

        def read() -> Iterator[ReadDocument]:
            if statements is not None and recognize.has_elements(node):
                around = node if node.get("Version") else policy_around(statements)
                yield ReadDocument(self._values.value(around), "")
            elif statement_objects.may_be_statements(node, name):
                made = statement_objects.root_of(self._values.value(node))
                if made:
                    yield ReadDocument(statement_objects.completed(made), "", fragment=True)

        try:
            for document in self._in_readings(read):
                yield self._extracted(document, node, name)
        except OutOfProportionError as error:
            yield Problem(node.span, str(error))

    def _documents(
        self, node: Node, *, certain: bool
    ) -> Iterator[ReadDocument | Problem | Skipped]:
        """The policies in a string, which is JSON or has expressions."""
        text = str(node.value)
        if text.lstrip().startswith("{") and quick_tests.may_be_policy(text):
            found = _of_json(self._source, node, certain=certain)
            yield from () if found is None else (found,)
        elif "${" in text and (certain or quick_tests.may_be_policy(text)):
            cut = decoded_text.cut(self._source.text, node.span)
            yield from expression_texts.documents(
                cut, self._source.path, node.span, self._module, certain=certain
            )

    def _open(self, node: Node) -> Iterator[Skipped]:
        """What a policy may be that a string does not have."""
        text = decoded_text.cut(self._source.text, node.span).text
        why = Why(Reason.UNRESOLVED_POLICY, (unresolved.brief(text),))
        file = HclFile(self._source.with_text(f'x = "{text}"\n'))
        if file.root.has_error or node.string is None:
            yield Skipped(node.span, why, unread=True)
            return
        try:
            for skipped in self._unread(file):
                shown = why if skipped.why.reason is why.reason else skipped.why
                yield skipped._replace(span=node.span, why=shown)
        except OutOfProportionError as error:
            yield not_read(node.span, Reason.UNREADABLE, str(error))

    def _unread(self, file: HclFile) -> Iterator[Skipped]:
        """What of the expression in a file of its own is not read."""
        for attribute in file.attributes(file.root):
            for part, _, is_document in alternatives(file, attribute.value):
                if is_document and any(search.documents(file, part, self._module, certain=True)):
                    continue
                address = unresolved.address_of(file, part)
                # A data source that is not there is none in Terraform either.
                if address and (address.startswith("data.") or address in self._addresses):
                    continue
                yield from unresolved.unread(file, self._module, part)

    def _extracted(
        self,
        document: ReadDocument | Problem | Skipped,
        node: Node,
        name: str,
        attachment: Attachment = UNATTACHED,
    ) -> Found:
        """The policy that a document is, which a value of the file contains."""
        if not isinstance(document, ReadDocument):
            return document
        root, whole = search.finished(document.root), Span(0, len(self._source.text))
        candidate = Candidate(root, node.span, name + document.path, attachment, fixed=(whole,))
        candidate = candidate._replace(unchanged=_OF_PROGRAMS, fragment=document.fragment)
        return as_read(self._extractor.extract(candidate), document)

    @cached_property
    def _values(self) -> JsonValues:
        return JsonValues(self._source, self._module)

    @cached_property
    def _module(self) -> ModuleFolder:
        """The other files of the folder, which are not JSON."""
        others = self._source.with_text("", self._source.path.removesuffix(".json"))
        return ModuleFolder(HclFile(others), source=self._source)

    @cached_property
    def _addresses(self) -> frozenset[str]:
        """The local values of the file that are policies."""
        return frozenset(
            f"local.{label}"
            for kind, label, body in _blocks(self._root)
            if kind == "locals" and any(self.values(body, f"local.{label}", "", ""))
        )


def _of_json(
    source: Source, node: Node, *, certain: bool
) -> ReadDocument | Problem | Skipped | None:
    """The policy that a string contains as JSON, itself a template."""
    text = template_text(decoded_text.cut(source.text, node.span))
    certainty = Certainty.POLICY if certain else Certainty.SHAPE
    found = read(text, node.span, certainty, unread=True)
    if not isinstance(found, Node):
        return found
    return ReadDocument(found.moved(text.span, lambda node: search.open_arn(node, text.text)), "")
