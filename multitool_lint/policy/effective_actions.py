"""On which resources the actions of a statement act, and where a policy lists them with effect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from multitool_lint.aws import arn, arn_formats, arn_overlap, patterns
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_COMPARISONS, MAX_RESOURCE_PARTS
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.action_scope import action_scopes, may_act_on
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.merged_sids import lasting_statements
from multitool_lint.policy.principals import all_are_known, principal_values
from multitool_lint.policy.resources import has_unknown_condition, is_everywhere
from multitool_lint.policy.statement_scope import ActionPattern, StatementScope, statement_scopes
from multitool_lint.policy.undocumented_resources import NARROWED, acts_on_undocumented, narrowed
from multitool_lint.syntax.placeholders import known_end
from multitool_lint.syntax.tree import partly_known_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.aws.catalog.action_scope import ResourceFormats

_ANY_ACCOUNT = lazy_pattern(r"[*}]:(?!\*)")
_ANY_ARN = "arn:*:*:*:*:*"
_ACCESS_POINT = ":accesspoint/${AccessPointName}"


def known_resources(scope: StatementScope) -> Sequence[str] | None:
    """The resources of a statement, of unknown ones what is certain; None if that is nothing.

    Whatever ARN is before it, `/*` at the end makes it one with a slash.
    """
    if scope.statement.negates_resources:
        return None
    names = scope.statement.resource_names
    if len(names) == scope.statement.resource_count and not any(
        text.startswith("${.") for text in names
    ):
        return names or None
    found = []
    for node in scope.statement.resources:
        text = node.string
        if text is not None and not text.startswith("${."):
            found.append(text)
            continue
        end = known_end(partly_known_text(node))
        if not end.strip("*?"):
            return None
        found.append(_ANY_ARN + end)
    return found or None


def acts_on(formats: ResourceFormats, resource: str, catalog: Catalog) -> bool:
    """Whether some action with these formats acts on a resource that a policy names."""
    if resource.startswith(f"{_ANY_ARN}/"):  # no ARN ends before the name of an access point
        named = [text for text in formats.formats if not text.endswith(_ACCESS_POINT)]
        formats = formats._replace(formats=tuple(named))
    if not may_act_on(formats, resource):
        return False
    # Any account before `stateMachine:*` does not make that an execution, although a star could.
    return (
        _ANY_ACCOUNT.search(resource) is None
        or not arn_formats.is_of_documented_type(catalog, resource)
        or any(
            arn_overlap.may_name(text, resource) and not arn_overlap.needs_wide_star(text, resource)
            for text in formats.formats
        )
    )


class EffectiveActions:
    """Where a policy lists actions with effect, asked as long as there are comparisons left."""

    def __init__(self, policy: Policy, catalog: Catalog) -> None:
        self._policy = policy
        self._catalog = catalog
        self._left = MAX_COMPARISONS

    def without(
        self, idle: Sequence[ActionPattern], scope: StatementScope, resources: Sequence[str]
    ) -> list[ActionPattern]:
        """Of actions that do not act on the resources of a statement, those without any effect.

        The others are listed with effect in another statement, which holds whenever this one does:
        on all resources or on those that they act on. If nothing here has an effect, these have the
        names of the resources here, such as `user/bob` for `mfa/bob`.
        """
        wanted = ActionSet().union(self._catalog.match(action.text) for action in idle)
        is_idle = len(idle) == len(scope.action_names)
        effective = ActionSet()
        for other in self._others(scope.statement, wanted):
            self._left -= 1 + len(other.statement.resource_names)
            if self._left < 0:
                break
            if _holds_whenever(other.statement, scope.statement):
                effective |= _effective(other, wanted, resources, self._catalog, whole=is_idle)
        return [
            action
            for action in idle
            if not (found := self._catalog.match(action.text)) or not found <= effective
        ]

    def _others(self, statement: Statement, wanted: ActionSet) -> Iterator[StatementScope]:
        """The statements of the same effect that may have the actions, each once."""
        found: dict[int, StatementScope] = {}
        for service in (*sorted(wanted.prefixes), ""):
            for other in self._by_service.get((statement.effect, service), ()):
                if other.statement is not statement:
                    found[id(other)] = other
        yield from found.values()

    @cached_property
    def _by_service(self) -> Mapping[tuple[str | None, str], Sequence[StatementScope]]:
        """The statements by their effects and services, those about several services by ""."""
        found: dict[tuple[str | None, str], list[StatementScope]] = {}
        lasting = set(map(id, lasting_statements(self._policy)))
        for scope in statement_scopes(self._policy, self._catalog):
            statement = scope.statement
            for service in [""] if statement.open_ended else statement.services:
                if id(statement) in lasting and not has_unknown_condition(statement):
                    found.setdefault((statement.effect, service), []).append(scope)
        return found


def _holds_whenever(other: Statement, narrow: Statement) -> bool:
    """Whether a statement has the principals and no more conditions of another one."""
    return (
        _conditions(other) <= _conditions(narrow)
        and _principals(other) == _principals(narrow)
        and (other.principal is None or all_are_known(other))
    )


def _conditions(statement: Statement) -> set[tuple[str, str, frozenset[object]]]:
    """The conditions of a statement; one with an unknown value is equal to no other."""
    return {
        (
            condition.operator.key,
            condition.lower_key,
            frozenset(
                condition.names
                if len(condition.names) == condition.value_count
                else (id(condition),)
            ),
        )
        for condition in statement.conditions
    }


def _principals(statement: Statement) -> object:
    if statement.principal is None:
        return None
    value = statement.principal.value.value
    named = {(found.kind, found.text) for found in principal_values(statement)}
    return statement.principal.key, value if isinstance(value, str) else named


def _effective(
    other: StatementScope,
    wanted: ActionSet,
    near: Sequence[str],
    catalog: Catalog,
    *,
    whole: bool,
) -> ActionSet:
    """The wanted actions that act on resources of a statement, in place of those `near`.

    If the `whole` statement of the latter has no effect, they say all that is known of its intent.
    """
    matched = actions_of(other.statement, catalog) & wanted
    if not matched or is_everywhere(other.statement):
        return matched
    resources = known_resources(other)
    if resources is None:
        return ActionSet()
    effective = ActionSet()
    for alike, formats in _alike(matched, catalog):
        acting = [text for text in resources if acts_on(formats, text, catalog)]
        if whole:
            effective |= alike if _are_namesakes(acting, near) else ActionSet()
        elif not acting:
            effective |= _acting_undocumented(alike, formats, resources, catalog)
        elif all(_overlaps(acting, text) for text in _intended(formats, near)):
            effective |= alike
    return effective


def _are_namesakes(resources: Sequence[str], others: Sequence[str]) -> bool:
    """Whether for each of the others, a resource of another type has the same name."""
    names = set(map(_name, resources))
    return all(name and name in names for name in map(_name, others))


def _name(resource: str) -> tuple[str, ...]:
    """The service, the account and the name of a resource, without its type; () if it has none."""
    fields = resource.split(":", arn.FIELDS - 1)
    _, slash, name = fields[-1].partition("/")
    return (*fields[arn.SERVICE : -1], name) if slash and len(fields) == arn.FIELDS else ()


def _acting_undocumented(
    actions: ActionSet, formats: ResourceFormats, resources: Sequence[str], catalog: Catalog
) -> ActionSet:
    """Those of the actions that act on one of the resources, which their formats do not say."""
    return ActionSet().union(
        catalog.match(name)
        for name in catalog.names(actions)
        if any(acts_on_undocumented(name, formats, text, catalog) for text in resources)
    )


def _alike(actions: ActionSet, catalog: Catalog) -> Iterator[tuple[ActionSet, ResourceFormats]]:
    """Actions that act on the same, and on what."""
    for alike, formats in action_scopes(catalog).alike(actions):
        if NARROWED.isdisjoint(alike.prefixes):
            yield alike, formats
            continue
        for name in catalog.names(alike):
            yield catalog.match(name), narrowed(name, formats)


def _intended(formats: ResourceFormats, resources: Sequence[str]) -> Iterator[str]:
    """What actions act on within some resources, or around them: the objects of a bucket."""
    for text in resources:
        *fields, name = text.split(":", arn.FIELDS - 1)
        around = (
            ":".join([*fields, name[: part.start()]])
            for part in islice(re.finditer("[/:]", name), MAX_RESOURCE_PARTS)
        )
        for other in (f"{text}/*", f"{text}:*", *around):
            if may_act_on(formats, other):
                yield other


def _overlaps(resources: Sequence[str], intended: str) -> bool:
    pattern = arn.pattern(intended)
    return any(patterns.intersects(arn.pattern(text), pattern) for text in resources)
