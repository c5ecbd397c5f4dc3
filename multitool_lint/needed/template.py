"""The resources of a template of CloudFormation or SAM, and those that a change set changes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from multitool_lint.aws.catalog.deployed_types import CLOUDFORMATION
from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.formats.cloudformation.conditions import allowed_values
from multitool_lint.formats.cloudformation.functions import NOTHING, Facts, text_of
from multitool_lint.formats.cloudformation.properties import by_key, text
from multitool_lint.formats.recognize import MACROS, NESTED_STACKS
from multitool_lint.limits import MAX_TREE_DEPTH
from multitool_lint.needed.resources import (
    ANY,
    DeployedResource,
    DeployedResources,
    ResourceReference,
    Values,
    collected,
    name_within,
)
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Node, Object
from multitool_lint.values.cloudformation import NO_VALUE, function

CUSTOM = "AWS::CloudFormation::CustomResource"
SAM = "AWS::Serverless::"
_REFERENCE = re.compile(r"\$\{([^{}.!]+)(?:\.[^{}]*)?\}")

_PHASES = {
    "Add": ("create",),
    "Modify": ("update",),
    "Remove": ("delete",),
    "Import": ("update",),
    "SyncWithActual": ("update",),
    "Dynamic": ("create", "update", "delete"),
}
_REPLACING = ("True", "Conditional")
_RETAINING = ("Retain", "ReplaceAndRetain")


def resources_of_template(root: Node, phases: tuple[str, ...]) -> DeployedResources:
    """The resources of a template, each in the phases for which the template is applied."""
    entries = by_key(root.get("Resources"))
    types = {name: text(entry.get("Type")) or "" for name, entry in entries.items()}
    allowed = allowed_values(root.get("Parameters"), {})
    certain = {name: only for name, (only, *more) in allowed.items() if not more}
    facts = Facts(certain, by_key(root.get("Mappings")), names=frozenset(types))
    globals_ = by_key(root.get("Globals"))
    found: list[DeployedResource] = []
    unread: list[tuple[str, Span]] = []
    for name, entry in entries.items():
        if not types[name]:  # a macro makes it, such as the one that includes a file
            unread.append((name, entry.span))
            continue
        properties = entry.get("Properties")
        shared = globals_.get(types[name].removeprefix(SAM))
        nodes = [node for node in (properties, shared) if node is not None]
        values = collected(value for node in nodes for value in _values(node, facts, 0))
        if types[name] in NESTED_STACKS:
            unread.append((name, entry.span))
        own = DeployedResource(name, types[name], phases, entry.span, *values)
        found += _made_by_sam(own, nodes) if own.kind.startswith(SAM) else [_named(own)]
    unread += [(key, node.span) for key, node in by_key(root).items() if key.startswith(MACROS)]
    return DeployedResources(
        "CloudFormation template", CLOUDFORMATION, tuple(found), unread=tuple(unread)
    )


def resources_of_change_set(root: Node) -> DeployedResources:
    """The resources of what `aws cloudformation describe-change-set` prints.

    Of a list that is cut off, the rest is unread.
    """
    found, unread = [], []
    for change in _items(root, "Changes"):
        entry = change.get("ResourceChange")
        if entry is None:
            continue
        known = {key: text(value) or "" for key, value in by_key(entry).items()}
        phases = set(_PHASES.get(known.get("Action", ""), _PHASES["Dynamic"]))
        if "update" in phases and known.get("Replacement") in _REPLACING:
            phases |= {"create", "delete"}
        if known.get("PolicyAction") in _RETAINING:
            phases -= {"delete"}
        address, kind = known.get("LogicalResourceId", ""), known.get("ResourceType", "")
        values, inner = _of_contexts(known)
        if physical := known.get("PhysicalResourceId"):
            values["physicalresourceid"] = (physical,)
        phases_ = tuple(sorted(phases))
        found.append(_named(DeployedResource(address, kind, phases_, entry.span, values, inner)))
        if kind in NESTED_STACKS:
            unread.append((address, entry.span))
    if (token := root.get("NextToken")) is not None and token.string:
        unread.append(("NextToken", token.span))
    return DeployedResources("change set", CLOUDFORMATION, tuple(found), unread=tuple(unread))


def is_change_set(root: Node) -> bool:
    """Whether a document is what describes a change set."""
    return root.get("Changes") is not None and root.get("ChangeSetName") is not None


def _of_contexts(known: Mapping[str, str]) -> tuple[dict[str, Values], ...]:
    """The values of the properties, where the change set was described with these."""
    for key in ("AfterContext", "BeforeContext"):
        try:
            properties = json.loads(known.get(key) or "{}").get("Properties")
        except (ValueError, AttributeError):
            continue
        if properties:
            node = fast.read(json.dumps(properties), literal=True)
            return collected(_values(node, NOTHING, 0))
    return {}, {}


def _named(resource: DeployedResource) -> DeployedResource:
    """A resource by the type for which it is known what that takes."""
    is_custom = resource.kind.startswith("Custom::")
    return resource._replace(kind=CUSTOM) if is_custom else resource


def _made_by_sam(own: DeployedResource, nodes: Sequence[Node]) -> Iterator[DeployedResource]:
    """The resources that SAM makes of one, at its place; itself if that is not known."""
    properties = {key for node in nodes for key in by_key(node)}
    events = {
        f"event:{text(event.get('Type'))}"
        for node in nodes
        for event in by_key(node.get("Events")).values()
    }
    known = [(when, made) for type_, when, made in _sam() if type_ == own.kind]
    there = {*properties, *events, ""}
    wanted = [
        (when, kind)
        for when, made in known
        if (when[1:] not in there if when.startswith("!") else when in there)
        for kind in made.split()
    ]
    is_open = events - {when for when, _ in known} or "Connectors" in properties
    role: dict[str, Values] = {"role": (ANY,)} if ("!Role", "AWS::IAM::Role") in wanted else {}
    for kind in dict.fromkeys(kind for _, kind in wanted):
        is_role = kind == "AWS::IAM::Role"  # it has none of the attributes of what it is for
        values = {} if is_role else {**own.values, **role}
        yield own._replace(kind=kind, values=values, inner={} if is_role else own.inner)
    if is_open or not wanted:
        yield own


@bundled_table("sam_deployed.tsv")
def _sam(rows: Rows) -> list[tuple[str, str, str]]:
    return [(type_, when, made) for type_, when, made in rows]


def _values(
    node: Node, facts: Facts, level: int, around: str = ""
) -> Iterator[tuple[int, str, Values]]:
    """The texts in properties, each with its level and the key that it is at."""
    if level > MAX_TREE_DEPTH:
        return
    for member in node.fields():
        for item in _alternatives([member.value, *member.value.items()]):
            name, _ = function(item)
            if name or not isinstance(item.value, (Object, tuple)):
                yield level, name_within(around, member.key), tuple(_parts(item, facts))
            elif isinstance(item.value, Object):
                yield from _values(item, facts, level + 1, member.key)


def _alternatives(nodes: Iterable[Node]) -> Iterator[Node]:
    """The values, with both that a condition chooses from."""
    for node in nodes:
        name, argument = function(node)
        if name == "Fn::If":
            yield from _alternatives(argument.items()[1:])
        elif not (name == "Ref" and argument.value == NO_VALUE):
            yield node


def _parts(node: Node, facts: Facts) -> Iterator[str | ResourceReference]:
    """What a value comes to: a text, or an attribute of another resource."""
    if node.value is None or isinstance(node.value, bool):
        return
    # Without the types of resources, what is made of an attribute of one has its name.
    found = text_of(node, facts)
    match = _REFERENCE.fullmatch(found or "")
    if match and match[1] in facts.names:
        yield ResourceReference(match[1])
    else:
        yield ANY if found is None else _REFERENCE.sub(ANY, found)


def _items(root: Node, key: str) -> Iterable[Node]:
    found = root.get(key)
    return found.items() if found else ()
