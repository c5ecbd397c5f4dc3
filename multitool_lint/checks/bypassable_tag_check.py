"""Conditions on tags that the same policy lets the principal set on the resources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly, related
from multitool_lint.diagnostics.granting import by_service, described_setters, first_of
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import Grant, grants
from multitool_lint.policy.document import Condition, Policy
from multitool_lint.policy.self_granted_conditions import (
    StatementTarget,
    TagSetter,
    restricted_by_tags,
    tag_setters,
)
from multitool_lint.policy.tag_requests import is_about_request_tags


class _Bypass(NamedTuple):
    """A condition, the actions that it does not limit, and what sets its tag."""

    condition: Condition
    actions: ActionSet
    setters: tuple[TagSetter, ...]


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for all conditions whose tags are set in the same places."""
    by_places: dict[object, list[_Bypass]] = {}
    for grant in grants(policy, context.catalog):
        if restricted_by_tags(grant.statement):
            for bypass in _bypasses(policy, grant, context):
                places = frozenset(setter.node for setter in bypass.setters)
                by_places.setdefault(places, []).append(bypass)
    for bypasses in by_places.values():
        yield _finding(bypasses, context)


def _bypasses(policy: Policy, grant: Grant, context: Context) -> Iterator[_Bypass]:
    by_setters: dict[tuple[TagSetter, ...], list[ActionSet]] = {}
    for name in context.catalog.names(grant.actions):
        target = StatementTarget(grant.statement, name)
        setters = tag_setters(policy, target, context.catalog)
        if setters and not any(map(_says_which_tags, setters)):
            by_setters.setdefault(setters, []).append(context.catalog.match(name))
    for setters, actions in by_setters.items():
        key = setters[0].key
        condition = next(on for on in grant.statement.conditions if on.key.key == key)
        yield _Bypass(condition, ActionSet().union(actions), setters)


def _says_which_tags(setter: TagSetter) -> bool:
    """Whether a condition says which tags to set: usually those of what is being created.

    Many services have no condition key for this.
    """
    return any(map(is_about_request_tags, setter.statement.conditions))


def _finding(bypasses: Sequence[_Bypass], context: Context) -> Finding:
    actions = ActionSet().union(bypass.actions for bypass in bypasses)
    names = list(context.catalog.names(actions))
    setters = list(dict.fromkeys(setter for bypass in bypasses for setter in bypass.setters))
    setting = enumerate_briefly(list(dict.fromkeys(setter.action for setter in setters)))
    alone = len(names) == 1
    place, *others = dict.fromkeys(bypass.condition.key for bypass in bypasses)
    return context.finding(
        place,
        f"This condition does not limit {names[0] if alone else f'{len(names):,} actions'}: "
        f"the principal can set the tag with {setting}",
        label="can be met for any of the resources",
        notes=() if alone else by_service(names),
        related=(
            *(related(other, "also here", alike=True) for other in others),
            *described_setters(setters).related,
        ),
        help=f"allow {setting} only for other tags, or for resources that have the tag already",
    )._replace(counted="" if alone else first_of(names))
