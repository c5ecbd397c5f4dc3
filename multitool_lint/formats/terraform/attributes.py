"""Which attributes of Terraform's resources hold policies, of which type, and which are ARNs."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.arn_references import arn_formats
from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.formats.extract import Attachment
from multitool_lint.limits import MAX_BLOCK_DEPTH
from multitool_lint.policy.policy_type import ORGANIZATIONS, PolicyType
from multitool_lint.syntax.placeholders import (
    begins_with_name,
    has_expression,
    is_condition_key,
    of_arn,
    of_expression,
)
from multitool_lint.syntax.shown_terms import shown
from multitool_lint.syntax.terms import Unknown, Value
from multitool_lint.syntax.tree import Node, UnknownNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node as Syntax

    from multitool_lint.policy.visibility import Visibility
    from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock

# With an index, a reference is one of several resources; with a splat it is all of them.
_OF_MODULES = re.compile(r"(?:module\.[\w-]+(?:\[[^\[\]]++\])?\.)+")
"""What the address of a resource of another module begins with."""
_REFERENCE = re.compile(r"(?:data\.)?(aws_\w+)\.[\w-]+(?:\[(?:[^\[\]]++)\]|\.[0-9]+|\.\*)?\.(\w+)")
# One of the references, or nothing.
_CHOICE = re.compile(r"(?:one|try|coalesce|element|join|tostring)\(([^()]*+)\)")
_ADDRESS = re.compile(r"\b(\w+)\.[\w-]+(?:\[[^\]]*\])?$")
_TYPE = re.compile(r'"([A-Z_]+)"')
_COLONS_IN_ARN = 5
_NO_REFERENCE = frozenset({'""', "null", "0"})
_TYPES = frozenset(type_.value for type_ in PolicyType)


class Local(NamedTuple):
    """A local value, and the file that it is in."""

    file: HclFile
    value: Syntax


class PolicyAttribute(NamedTuple):
    """The type of the policy as the table names it, and the resource as CloudFormation does."""

    type: str
    resource_type: str | None
    visibility: Visibility | None = None

    @property
    def attachment(self) -> Attachment:
        """What a policy there is attached to; another attribute may decide its type."""
        known = PolicyType(self.type) if self.type in _TYPES else None
        return Attachment(known, self.resource_type, self.visibility)

    def of_organizations(self, type: str | None) -> PolicyAttribute:
        """The same for a policy of this type of AWS Organizations, None if it is not known."""
        known = ORGANIZATIONS.get(type or "")
        return self._replace(type="" if type is None else known.value if known else "other")


@bundled_table("terraform_policies.tsv")
def holders(rows: Rows) -> Mapping[str, Mapping[str, PolicyAttribute]]:
    """The attributes that hold policies, by resource type; blocks that they are in with dots."""
    found: dict[str, dict[str, PolicyAttribute]] = {}
    for resource, attribute, type_, *attached in rows:
        holder = PolicyAttribute(type_, attached[0] if attached else None)
        found.setdefault(resource, {})[attribute] = holder
    return MappingProxyType(found)


def is_open_arn(text: str) -> bool:
    """Whether a text is an ARN with an unresolved part, and all its colons."""
    if not (text.startswith("arn:") and has_expression(text)):
        return False
    return text.count(":") >= _COLONS_IN_ARN


def is_reference(text: str) -> bool:
    """Whether a text is an ARN with an unresolved part, or begins with the name of a resource."""
    return is_open_arn(text) or begins_with_name(text)


def key_text(node: Node) -> str | None:
    """The text of a key; an unknown part of one in a condition is a placeholder."""
    if isinstance(node.value, str):
        return None if is_reference(node.value) else node.value
    return node.text if isinstance(node, UnknownNode) and is_condition_key(node.text) else None


def part_of(expression: str) -> str:
    """The text that a reference comes to within a text: an ARN, a name, or any."""
    format_ = _format_of_text(expression.strip())
    return of_arn(expression.strip(), format_) if format_ else of_expression(expression)


def format_of(value: Unknown) -> str | None:
    """The format of the ARN or name that a value comes to; None if it may be of several."""
    if value.operator == "get":
        base, name = value.arguments
        type_ = _type_of(base)
        if type_ and isinstance(name, str):
            return arn_formats().get((type_, name))
    return _format_of_text(shown(value))


def _type_of(value: Value) -> str:
    """The type of the resource or data source that a term is, or an instance of; "" for others."""
    if not isinstance(value, Unknown) or not value.arguments:
        return ""
    first = value.arguments[0]
    if value.operator == "resource":
        found = _ADDRESS.search(str(first))
        return found[1] if found else ""
    if value.operator == "data":
        return str(first)
    if value.operator == "undefined":
        return str(value.arguments[1]) if first in ("data", "resource") else ""
    is_index = value.operator == "get" and not isinstance(value.arguments[1], str)
    return _type_of(first) if is_index or value.operator == "item" else ""


def _format_of_text(expression: str) -> str | None:
    choice = _CHOICE.fullmatch(expression)
    references = [part.strip() for part in choice[1].split(",")] if choice else [expression]
    formats = {_format(part) for part in references if part not in _NO_REFERENCE}
    return formats.pop() if len(formats) == 1 else None


def _format(reference: str) -> str | None:
    modules = _OF_MODULES.match(reference)
    found = _REFERENCE.fullmatch(reference, modules.end() if modules else 0)
    return arn_formats().get(found.groups()) if found else None


def common_attachment(uses: set[PolicyAttribute]) -> Attachment:
    """What a policy is attached to, where that is the same everywhere.

    What a module call is given has no type, and those of the other uses count.
    """
    uses = {holder for holder in uses if holder.type or holder.visibility is None} or uses
    found = {holder.attachment for holder in uses}
    types = {attachment.type for attachment in found}
    resources = {attachment.resource_type for attachment in found}
    if types == {PolicyType.IDENTITY, PolicyType.BOUNDARY}:
        return Attachment(PolicyType.IDENTITY)  # what it is a boundary for besides grants nothing
    visibilities = {attachment.visibility for attachment in found}
    visibility = visibilities.pop() if len(visibilities) == 1 else None
    if len({holder.type for holder in uses}) != 1 or None in types:
        return Attachment(visibility=visibility)
    return Attachment(types.pop(), resources.pop() if len(resources) == 1 else None, visibility)


def policy_attribute_of(file: HclFile, block: SyntaxBlock, path: str) -> PolicyAttribute | None:
    """What is known of an attribute of a resource; None if it is none that holds a policy."""
    holder = holders().get(block.labels[0], {}).get(path) if block.labels else None
    if holder is None or holder.type != "organizations":
        return holder
    for attribute in file.attributes(block.body):
        if attribute.name == "type":
            name = _TYPE.fullmatch(file.text(attribute.value))
            return holder.of_organizations(name[1] if name else None)
    return holder.of_organizations("SERVICE_CONTROL_POLICY")  # the provider's default


def attribute_value(found: tuple[HclFile, SyntaxBlock] | None, name: str) -> Local | None:
    """The value of an attribute of a block, and the file that it is in."""
    if found is None:
        return None
    file, block = found
    values = [part.value for part in file.attributes(block.body) if part.name == name]
    return Local(file, values[0]) if values else None


def attributes_in(
    file: HclFile, body: Syntax | None, path: str = "", depth: int = 0
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
