"""Policies in CloudFormation templates: those of SAM and the CDK as well.

A table made from the schemas of the resources lists the properties that contain policies. What else
looks like a policy, as in a custom resource, is read by its shape.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from multitool_lint.formats import recognize
from multitool_lint.formats.cloudformation import (
    literals,
    nested_stacks,
    sam,
    sam_resources,
    visibility,
)
from multitool_lint.formats.cloudformation.conditions import (
    Conditions,
    allowed_values,
    with_condition,
)
from multitool_lint.formats.cloudformation.functions import text_of
from multitool_lint.formats.cloudformation.policies import Reader, joined
from multitool_lint.formats.cloudformation.properties import (
    PolicyProperty,
    Property,
    by_key,
    has_statements,
    is_policy,
    macro_name,
    policy_properties,
    properties,
    repeated_keys,
    text,
)
from multitool_lint.formats.extract import Attachment, Extractor
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.formats.names import MANAGED_POLICY
from multitool_lint.formats.permissions import Permission, permissions
from multitool_lint.formats.policy_texts import policy_around
from multitool_lint.formats.recognize import MACROS, NESTED_STACKS
from multitool_lint.formats.result import Problem, Skipped, not_policy, not_read
from multitool_lint.limits import MAX_TREE_DEPTH
from multitool_lint.policy.policy_type import ORGANIZATIONS, PolicyType
from multitool_lint.reasons import Reason
from multitool_lint.syntax.tree import Node, as_list
from multitool_lint.values.cloudformation import function

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from multitool_lint.formats.cloudformation.managed_policies import ManagedPolicies
    from multitool_lint.formats.extract import Found
    from multitool_lint.policy.visibility import Visibility


_READ_OTHERWISE = frozenset({"Resources", "Globals", "Transform", "Conditions", *MACROS})
_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
_KINDS = ("AWS::", "Custom::", "Alexa::")
_RESOURCES_ASKED = 1_000


def is_template(root: Node) -> bool:
    """Whether a document is a template, by the types of its resources or by its macros."""
    resources = root.get("Resources")
    transform = root.get("Transform")
    if resources is not None and transform is not None and not _is_known_transform(transform):
        return True
    return resources is not None and any(
        (text(member.value.get("Type")) or "").startswith(_KINDS)
        or member.key.startswith(MACROS)
        or any(inner.key.startswith(MACROS) for inner in member.value.fields())
        for member in resources.fields()[:_RESOURCES_ASKED]
    )


class Template:
    """A template, and what is found in it."""

    def __init__(self, extractor: Extractor, root: Node) -> None:
        self._root = root
        self._default = extractor.default
        allowed = allowed_values(root.get("Parameters"), dict(extractor.parameters))
        certain = {name: only for name, (only, *more) in allowed.items() if not more}
        conditions = Conditions(root, allowed)
        mappings = by_key(root.get("Mappings"))
        resources = by_key(root.get("Resources")).items()
        types = dict(extractor.resources)
        types |= {name: text(resource.get("Type")) or "" for name, resource in resources}
        self._names = frozenset((*by_key(root.get("Parameters")), *types))
        self._reader = Reader(extractor, conditions, certain, mappings, types, self._names)
        self._seen: set[int] = set()
        self._reported: set[int] = set()

    @cached_property
    def _managed_policies(self) -> ManagedPolicies:
        from multitool_lint.formats.cloudformation.managed_policies import ManagedPolicies

        return ManagedPolicies(self._root, self._reader.extractor.source.path)

    @cached_property
    def _is_changed(self) -> bool:
        transform = self._root.get("Transform")
        return transform is not None and not _is_known_transform(transform)

    @cached_property
    def _is_filled_in(self) -> bool:
        return self._is_changed or literals.is_filled_in(self._root, self._names)

    def policies(self) -> Iterator[Found]:
        """The policies of all resources, and what could not be read."""
        for found in self._found():
            if not (isinstance(found, Problem) and self._may_be_filled_in(found)):
                yield found

    def _may_be_filled_in(self, problem: Problem) -> bool:
        """Whether something else than CloudFormation may know a name that it does not replace."""
        if problem.rule != literals.RULE:
            return False
        return self._is_filled_in if problem.if_final else self._is_changed

    def _found(self) -> Iterator[Found]:
        for key, value in by_key(self._root).items():
            macro = key == "Transform" and not _is_known_transform(value)
            if macro or key.startswith(MACROS):
                yield not_read(value.span, Reason.MACRO, macro_name(key))
        yield from repeated_keys(self._root.get("Resources"))
        for name, resource in by_key(self._root.get("Resources")).items():
            if name.startswith(MACROS):
                yield not_read(resource.span, Reason.EXPANDED, macro_name(name))
                yield from self._search(PolicyProperty(resource, macro_name(name), {}), 0)
            else:
                yield from self._resource(name, resource)
        for name, shared in by_key(self._root.get("Globals")).items():
            kind = f"AWS::Serverless::{name}"
            yield from self._properties(PolicyProperty(shared, f"Globals/{name}", {}), kind)
        for name, section in by_key(self._root).items():
            if name not in _READ_OTHERWISE:
                yield from self._search(PolicyProperty(section, name, {}), 0)

    def _resource(self, name: str, resource: Node) -> Iterator[Found]:
        type_ = text(resource.get("Type")) or ""
        if type_ in NESTED_STACKS:
            yield from nested_stacks.found_in(self._reader, name, resource)
            return
        for key, value in by_key(resource).items():
            if key.startswith(MACROS):
                yield not_read(value.span, Reason.EXPANDED_IN_RESOURCE, macro_name(key))
        condition = text(resource.get("Condition"))
        if condition and self._reader.conditions.is_never(condition):
            # Once the condition is repaired, what is there is deployed.
            for found in self._in_resource(name, type_, resource, {}):
                if isinstance(found, FoundPolicy):
                    yield found._replace(cases=with_condition(condition, found.cases))
                else:
                    yield found
        else:
            given = {condition: True} if condition else {}
            yield from self._in_resource(name, type_, resource, given)

    def _in_resource(
        self, name: str, type_: str, resource: Node, given: Mapping[str, bool]
    ) -> Iterator[Found]:
        yield from sam_resources.connectors(type_, resource)
        metadata = resource.get("Metadata")
        properties_ = resource.get("Properties")
        place = PolicyProperty(
            resource, name, given, text(metadata.get("aws:cdk:path")) if metadata else None
        )
        if properties_ is not None:
            yield from self._properties(place._replace(node=properties_), type_)
        for key, value in by_key(resource).items():  # of a module of Rain, what it overrides
            if key != "Properties":
                yield from self._search(place._replace(node=value, name=f"{name}/{key}"), 0)

    def _properties(self, start: PolicyProperty, type_: str) -> Iterator[Found]:
        yield from sam_resources.function_urls(self._reader, type_, start)
        known = properties().get(type_, ())
        permission = permissions().get(type_)
        for key, value in by_key(start.node).items() if known or permission else ():
            if key.startswith(MACROS):
                self._reported.add(id(value))
                yield not_read(value.span, Reason.MACRO_WITH_POLICIES, macro_name(key))
        for property_ in known:
            for place in policy_properties(start, property_.path):
                yield from self._known(place, property_, start.node, type_)
        if permission:
            if not any(key.startswith(MACROS) for key in by_key(start.node)):
                yield from self._permission(start, permission)
            return
        custom = type_.startswith(_CUSTOM)
        if not has_statements(start.node, custom=custom):
            yield from self._search(start, 0, custom=custom)
            return
        for place in policy_properties(start, ("Statement",)):
            yield from self._statements(place, Attachment())
        for step, child in start.node.children():
            yield from self._search(start._replace(node=child, name=f"{start.name}/{step}"), 0)

    def _known(
        self, place: PolicyProperty, property_: Property, properties_: Node, type_: str
    ) -> Iterator[Found]:
        """Read what one of the properties of a resource contains."""
        if not place.reached:
            name, argument = function(place.node)
            if self._reported.isdisjoint((id(place.node), id(argument))):
                self._reported.add(id(place.node))
                what = macro_name(name or "an object")
                yield not_read(place.node.span, Reason.UNRESOLVED_FUNCTION, what)
            return
        self._seen.add(id(place.node))
        if property_.kind == "other":
            yield not_policy(place.node.span, Reason.OTHER_LANGUAGE)
        elif property_.kind == "sam":
            yield from self._of_sam(place)
        elif property_.kind == "statements":
            yield from self._statements(place, Attachment(PolicyType.RESOURCE))
        elif property_.kind == "organizations":
            kind = properties_.get("Type")
            name = text_of(kind, self._reader.facts({})) if kind else None
            if name is None or "${" in name or name in ORGANIZATIONS:
                known = ORGANIZATIONS.get(name or "") or self._default.type or PolicyType.SCP
                yield from self._reader.read(place, Attachment(known))
            else:
                yield not_policy(place.node.span, Reason.OTHER_LANGUAGE)
        else:
            of_resource = self._visibility(type_, properties_)
            attachment = Attachment(
                PolicyType(property_.kind), property_.resource_type, of_resource
            )
            if property_.resource_type == MANAGED_POLICY:
                logical_id = place.name.partition("/")[0]
                attachment = self._managed_policies.attachment(logical_id, properties_)
            yield from self._reader.read(place, attachment)

    def _permission(self, start: PolicyProperty, permission: Permission) -> Iterator[Found]:
        """Read a resource that is one statement, which a property may have as a whole."""
        places = list(policy_properties(start, ("Statement",)))
        for place in places:
            if place.node.string is None:
                yield from self._statements(place, permission.attachment)
            else:
                yield not_read(place.node.span, Reason.STATEMENT_IN_STRING)
        if not places:
            yield from self._reader.read_permission(start, permission)

    def _visibility(self, type_: str, properties_: Node) -> Visibility | None:
        if type_ == visibility.BUCKET_POLICY:
            return visibility.of_bucket(properties_, self._buckets)
        return visibility.of_endpoint(type_, properties_)

    @cached_property
    def _buckets(self) -> dict[str, Visibility | None]:
        websites = self._reader.extractor.websites
        return visibility.buckets(self._root.get("Resources"), websites)

    def _statements(self, place: PolicyProperty, attachment: Attachment) -> Iterator[Found]:
        around = place._replace(node=policy_around(place.node))
        yield from self._reader.read(around, attachment)

    def _of_sam(self, place: PolicyProperty) -> Iterator[Found]:
        for found in sam.policies(place.node):
            if isinstance(found, Skipped):
                yield found
            else:
                self._seen.add(id(found.node))
                inner = place._replace(node=found.node, name=f"{place.name}{found.path}")
                for policy in self._reader.read(inner, Attachment(PolicyType.IDENTITY)):
                    if found.published and isinstance(policy, FoundPolicy):
                        yield policy.fixed_at(found.node.span)._replace(published=True)
                    else:
                        yield policy

    def _search(
        self, start: PolicyProperty, depth: int, *, custom: bool = False
    ) -> Iterator[Found]:
        """Look for what has the shape of a policy where none is known to be.

        The properties of a `custom` resource may have IAM's words with another meaning.
        """
        node = start.node
        if id(node) in self._seen or depth > MAX_TREE_DEPTH:
            return
        self._seen.add(id(node))
        name, argument = function(node)
        text = joined(argument, self._reader.facts({})) if name == "Fn::Join" else None
        string = text.text if text else node.string
        is_text = string is not None and recognize.is_policy_text(string)
        if is_text or is_policy(start, custom=custom):
            yield from self._reader.read(start, Attachment())
            return
        if string is not None:
            yield from self._reader.read_text(text or node, node.span)
        for step, child in node.children():
            place = start._replace(node=child, name=f"{start.name}/{step}")
            yield from self._search(place, depth + 1, custom=custom)


def _is_known_transform(node: Node) -> bool:
    """Whether all transforms only add to the template, or write it shorter."""
    names = [text(transform) for transform in as_list(node)]
    return all(
        name is not None and name.startswith(("AWS::Serverless-", "AWS::LanguageExtensions"))
        for name in names
    )
