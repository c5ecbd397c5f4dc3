"""Statements on all resources taken apart into one for each resource type.

AWS: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from multitool_lint.aws import arn, arn_overlap
from multitool_lint.aws.catalog.catalog import Catalog, ResourceType
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import counted, enumerate_briefly
from multitool_lint.limits import MAX_LISTED_DIFFERENCES
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.rewrite.draft import Draft, matches_all_actions, matching_actions
from multitool_lint.rewrite.statements import StatementPart, take_apart
from multitool_lint.syntax.tree import Node

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_WORD = re.compile(r"[A-Za-z0-9]+")

_Key = tuple[str, tuple[str, ...]]
"""A service and some of its resource types."""

_ANY: _Key = ("", ())
"""The group of the actions that are on no resource type, and take `*` only."""


@dataclass(slots=True)
class _Group:
    """The actions of a statement on the same resource types: what becomes of each of its items.

    `required` are the types that some require, `optional` the actions on one type, and not always.
    """

    items: dict[Node, list[str] | None] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    optional: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class ByResource:
    """Takes statements apart by the resource types that AWS documents for their actions.

    `arns` fill in the resources, and `fitting` are those that fit some. A resource type for which
    there is none has the format of its ARNs with `{{Name}}` for each name in it, and `has_gaps`
    says so. AWS writes `${Name}`, as IAM its variables; two braces are not one, and what is left of
    them is read as an unknown value. An optional type has that only where the actions have no other
    resource.
    """

    arns: Sequence[str]
    catalog: Catalog
    fitting: set[str] = field(default_factory=set)
    has_gaps: bool = False
    _keys_of: dict[str, dict[_Key, list[str]]] = field(default_factory=dict)
    """What `_keys` found for each text: a wildcard may be in many statements."""

    def split(self, draft: Draft, policy: Policy, sids: set[str]) -> None:
        """Take apart the Allow statements on `*`."""
        partition = next(_partitions(policy), "aws")
        for statement in policy.statements:
            on_all = any(text == "*" for _, text in statement.resource_texts)
            if not (statement.allows and on_all and draft.changes(statement.node)):
                continue
            if reason := _why_not(policy, statement):
                draft.problem(statement.resources[0], f"left as it is: {reason}")
                continue
            if draft.is_full(statement):
                break
            self._split(draft, policy, statement, sids, partition)

    def _split(
        self, draft: Draft, policy: Policy, statement: Statement, sids: set[str], partition: str
    ) -> None:
        groups = self._groups(statement)
        if groups.keys() <= {_ANY}:
            return
        parts = []
        for (prefix, types), group in groups.items():
            resources = self._resources(prefix, types, group, partition) if types else None
            parts.append(StatementPart(_name(prefix, types), group.items, resources))
        on_all = len(groups[_ANY].items) if _ANY in groups else 0
        number = len(parts) - (_ANY in groups)
        message = f"on {counted(number, 'set')} of resource types"
        if on_all:
            message += f'; actions without resources stay on "*" ({on_all:,} of the items)'
        remark = draft.remark(statement.resources[0], f'"*": {message}')
        draft.change(take_apart(draft.source, policy, statement, parts, sids), [remark])
        optional = tuple(name for group in groups.values() for name in group.optional)
        if optional:
            names = enumerate_briefly(optional)
            message = f'requests of {names} may name no resource, and then need "*"'
            draft.note(statement.resources[0], message)

    def _groups(self, statement: Statement) -> dict[_Key, _Group]:
        groups: dict[_Key, _Group] = {}
        seen: set[str] = set()
        for node in statement.actions:
            keys = self._keys(node)
            for key, names in keys.items():
                # An item that is in one group only stays as it is written.
                written = [str(node.value)] if len(keys) == 1 else names
                fresh = [name for name in written if name.lower() not in seen]
                if isinstance(node.value, str):
                    seen.update(name.lower() for name in fresh)
                if fresh:
                    group = groups.setdefault(key, _Group())
                    group.items[node] = None if len(keys) == 1 else fresh
                    self._see_required(group, names)
        return groups

    def _keys(self, node: Node) -> dict[_Key, list[str]]:
        """The names that an item matches, by group."""
        text = str(node.value)
        if not isinstance(node.value, str):
            return {_ANY: [text]}
        if text not in self._keys_of:
            keys: dict[_Key, list[str]] = {}
            names = matching_actions(text, self.catalog) if has_wildcard(text) else (text,)
            for name in names:
                keys.setdefault(self._key(name), []).append(name)
            self._keys_of[text] = keys or {_ANY: [text]}
        return self._keys_of[text]

    def _key(self, name: str) -> _Key:
        action = self.catalog.action(name)
        types = (
            tuple(resource_type.name for resource_type in action.resource_types) if action else ()
        )
        known = self.catalog.known(action.prefix).resource_types if action else {}
        formats = [known[type_].arn_formats if type_ in known else () for type_ in types]
        return (action.prefix, types) if action and types and all(formats) else _ANY

    def _see_required(self, group: _Group, names: Sequence[str]) -> None:
        for action in filter(None, map(self.catalog.action, names)):
            required = [
                resource_type.name
                for resource_type in action.resource_types
                if resource_type.required
            ]
            group.required.update(required)
            # Of several optional types, a request is nearly always on one.
            if len(action.resource_types) == 1 and not required:
                group.optional[action.name] = None

    def _resources(
        self, prefix: str, types: tuple[str, ...], group: _Group, partition: str
    ) -> list[str]:
        """The given ARNs that fit the types, and templates for those that none fits."""
        known = self.catalog.known(prefix).resource_types
        given: dict[str, None] = {}
        missing: list[ResourceType] = []
        for name in types:
            fitting = [text for text in self.arns if _fits(known[name], text)]
            given.update(dict.fromkeys(fitting))
            if not fitting:
                missing.append(known[name])
        self.fitting.update(given)
        needed = [
            resource_type
            for resource_type in missing
            if not given or resource_type.name in group.required
        ]
        self.has_gaps |= bool(needed)
        templates = (
            _template(arn_format, partition)
            for resource_type in needed
            for arn_format in resource_type.arn_formats
        )
        return list(dict.fromkeys([*given, *templates]))


def _why_not(policy: Policy, statement: Statement) -> str | None:
    if not policy.type.has_identity_grammar:
        return "resource types are for the policies of users, groups and roles"
    if statement.negates_resources or statement.negates_actions:
        return "NotResource and NotAction name what is excepted"
    if len(statement.resources) > 1:
        return '"*" covers the other resources; remove it or the others first'
    everything = next((t for _, t in statement.action_texts if matches_all_actions(t)), None)
    return f'"{everything}" is every action; name the actions first' if everything else None


def _fits(resource: ResourceType, text: str) -> bool:
    return any(arn_overlap.may_name(arn_format, text) for arn_format in resource.arn_formats)


def _template(format_: str, partition: str) -> str:
    return _VARIABLE.sub(r"{{\1}}", format_.replace("${Partition}", partition))


def _partitions(policy: Policy) -> Iterator[str]:
    """The partitions that the policy names."""
    for statement in policy.statements:
        for _, text in statement.resource_texts:
            fields = arn.fields(text)
            if fields and not has_wildcard(fields.partition):
                yield fields.partition


def _name(prefix: str, types: tuple[str, ...]) -> str:
    if not types:
        return "AnyResource"
    words = [
        prefix,
        *types[:MAX_LISTED_DIFFERENCES],
        *(["etc"] if len(types) > MAX_LISTED_DIFFERENCES else []),
    ]
    return "".join(word[:1].upper() + word[1:] for text in words for word in _WORD.findall(text))
