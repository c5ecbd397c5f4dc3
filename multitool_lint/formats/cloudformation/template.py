"""Policies in CloudFormation templates: those of SAM and the CDK as well.

Which properties hold policies is told by a table made of the schemas of the resources. What else
looks like a policy (in a custom resource, say) is read as well, by its shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats import recognize as shape
from multitool_lint.formats.cloudformation import sam
from multitool_lint.formats.cloudformation.conditions import Conditions
from multitool_lint.formats.cloudformation.functions import MACROS, NOTHING, text_of
from multitool_lint.formats.cloudformation.policies import OTHER_LANGUAGE, Kind, Reader
from multitool_lint.formats.cloudformation.properties import (
    Place,
    by_key,
    macro_name,
    member,
    places,
    text,
)
from multitool_lint.formats.cloudformation.property_table import properties
from multitool_lint.formats.result import TEMPLATE, Loaded, Problem, Skipped
from multitool_lint.policy.document import PolicyType
from multitool_lint.syntax.tree import Items, Members, Node, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multitool_lint.formats.cloudformation.property_table import Property
    from multitool_lint.formats.normalized import Embedded, NormalizedPolicy
    from multitool_lint.syntax.source import Source, Span

NESTED = "a nested stack: lint its template"

_NESTED = frozenset(
    {
        "AWS::CloudFormation::Stack",
        "AWS::CloudFormation::StackSet",
        "AWS::Serverless::Application",
    }
)
_READ_OTHERWISE = frozenset({"Resources", "Globals", "Transform", "Conditions", *MACROS})
_KINDS = ("AWS::", "Custom::", "Alexa::")
_ORGANIZATIONS = {
    "SERVICE_CONTROL_POLICY": PolicyType.SCP,
    "RESOURCE_CONTROL_POLICY": PolicyType.RCP,
}
_RESOURCES_ASKED = 1_000
_DEEPEST = 100


def is_template(root: Node) -> bool:
    """Whether a document is a template, by the types of its resources."""
    resources = member(root, "Resources")
    if resources is None or not isinstance(resources.value, Members):
        return False
    return any(
        (kind := text(member(each.value, "Type"))) is not None and kind.startswith(_KINDS)
        for each in resources.value[:_RESOURCES_ASKED]
    )


class Template:
    """A template, and what is found in it.

    `type` and `resource_type` hold where the template does not tell what a policy is attached to.
    `shared` are the parts of the file that stand for several values.
    """

    def __init__(
        self,
        source: Source,
        root: Node,
        *,
        is_yaml: bool,
        shared: Sequence[Span] = (),
        type: PolicyType | None = None,
        resource_type: str | None = None,
    ) -> None:
        self._root = root
        self._default = Kind(type, resource_type)
        allowed = _parameters(member(root, "Parameters"))
        certain = {name: only for name, (only, *more) in allowed.items() if not more}
        conditions = Conditions(member(root, "Conditions"), allowed)
        mappings = by_key(member(root, "Mappings"))
        self._reader = Reader(source, conditions, certain, mappings, shared, is_yaml=is_yaml)
        self._seen: set[int] = set()
        self._policies: list[Embedded | NormalizedPolicy] = []
        self._problems: list[Problem] = []
        self._skipped: list[Skipped] = []

    def read(self) -> Loaded:
        """Find the policies of all resources."""
        for key, value in by_key(self._root).items():
            macro = key == "Transform" and not _is_known_transform(value)
            if macro or key.startswith(MACROS):
                self._unread(value, f"{macro_name(key)}, a macro: lint what it makes of this")
        for name, resource in by_key(member(self._root, "Resources")).items():
            if name.startswith(MACROS):
                self._unread(resource, f"{macro_name(name)}, which AWS expands")
            else:
                self._resource(name, resource)
        for name, shared in by_key(member(self._root, "Globals")).items():
            kind = f"AWS::Serverless::{name}"
            self._properties(Place(shared, f"Globals/{name}", {}), kind, self._default)
        for name, section in by_key(self._root).items():
            if name not in _READ_OTHERWISE:
                self._search(Place(section, name, {}), self._default, 0)
        return Loaded(
            format=TEMPLATE,
            problems=tuple(self._problems),
            skipped=tuple(self._skipped),
            written=tuple(self._policies),
        )

    def _resource(self, name: str, resource: Node) -> None:
        type_ = text(member(resource, "Type")) or ""
        if type_ in _NESTED:
            self._unread(resource, NESTED)
            return
        condition = text(member(resource, "Condition"))
        given = {condition: True} if condition else {}
        metadata = member(resource, "Metadata")
        construct = text(member(metadata, "aws:cdk:path"))
        kind = self._default._replace(construct=construct)
        inner = member(resource, "Properties")
        if inner is not None:
            self._properties(Place(inner, name, given), type_, kind)
        if metadata is not None:
            self._search(Place(metadata, f"{name}/Metadata", given), kind, 0)

    def _properties(self, start: Place, type_: str, kind: Kind) -> None:
        known = [*properties().get(type_, ()), *sam.PROPERTIES.get(type_, ())]
        for key, value in by_key(start.raw).items() if known else ():
            if key.startswith(MACROS):
                self._unread(value, f"{macro_name(key)} in a resource with policies")
        for one in known:
            for place in places(start, one.path):
                self._known(place, one, member(start.raw, "Type"), kind.construct)
        self._search(start, kind, 0)

    def _known(self, place: Place, one: Property, kind: Node | None, construct: str | None) -> None:
        """Read what stands in a property; `kind` is the property that tells a policy's type."""
        self._seen.add(id(place.raw))
        if one.kind == "other":
            self._skipped.append(Skipped(place.raw.span, OTHER_LANGUAGE))
        elif one.kind == "sam":
            self._of_sam(place, construct)
        elif one.kind == "statements":
            around = place._replace(raw=sam.around(place.raw))
            self._take(around, Kind(PolicyType.RESOURCE, None, construct))
        elif one.kind == "organizations":
            name = text_of(kind, self._reader.facts({})) if kind else None
            if name is None or "${" in name or name in _ORGANIZATIONS:
                known = _ORGANIZATIONS.get(name or "") or self._default.type or PolicyType.SCP
                self._take(place, Kind(known, None, construct))
            else:
                self._skipped.append(Skipped(place.raw.span, OTHER_LANGUAGE))
        else:
            self._take(place, Kind(PolicyType(one.kind), one.resource_type, construct))

    def _of_sam(self, place: Place, construct: str | None) -> None:
        for found in sam.policies(place.raw):
            if isinstance(found, Skipped):
                self._skipped.append(found)
            else:
                at, raw = found
                self._seen.add(id(raw))
                inner = place._replace(raw=raw, name=f"{place.name}{at}")
                self._take(inner, Kind(PolicyType.IDENTITY, None, construct))

    def _search(self, start: Place, kind: Kind, depth: int) -> None:
        """Look for what has the shape of a policy where none is known to be."""
        value = start.raw.value
        if id(start.raw) in self._seen or depth > _DEEPEST:
            return
        self._seen.add(id(start.raw))
        if isinstance(value, Members):
            if shape.is_policy(start.raw) and shape.has_elements(start.raw):
                self._take(start, kind)
                return
            for each in value:
                inner = start._replace(raw=each.value, name=f"{start.name}/{each.key}")
                self._search(inner, kind, depth + 1)
        elif isinstance(value, Items):
            for number, item in enumerate(value):
                inner = start._replace(raw=item, name=f"{start.name}/{number}")
                self._search(inner, kind, depth + 1)
        elif isinstance(value, str) and shape.is_policy_text(value):
            self._take(start, kind)

    def _take(self, place: Place, kind: Kind) -> None:
        for one in self._reader.read(place, kind):
            if isinstance(one, Problem):
                self._problems.append(one)
            elif isinstance(one, Skipped):
                self._skipped.append(one)
            else:
                self._policies.append(one)

    def _unread(self, node: Node, reason: str) -> None:
        self._skipped.append(Skipped(node.span, reason, unread=True))


def _parameters(node: Node | None) -> dict[str, tuple[str, ...]]:
    """The values that parameters of a template are restricted to."""
    found = {}
    for name, parameter in by_key(node).items():
        allowed = member(parameter, "AllowedValues")
        if allowed and isinstance(allowed.value, Items) and allowed.value:
            choices = [text_of(each, NOTHING) for each in allowed.value]
            if all(each is not None and "${" not in each for each in choices):
                found[name] = tuple(str(each) for each in choices)
    return found


def _is_known_transform(node: Node) -> bool:
    """Whether all transforms only add to the template, or write it shorter."""
    names = [text(each) for each in listed(node)]
    return all(
        name is not None and name.startswith(("AWS::Serverless-", "AWS::LanguageExtensions"))
        for name in names
    )
