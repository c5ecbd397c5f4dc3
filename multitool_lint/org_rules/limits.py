"""Whether a statement is limited to what a rule allows: by itself, or by a Deny statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from multitool_lint.aws import arn, patterns
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.limits import MAX_DENIAL_COMPARISONS
from multitool_lint.org_rules.matching import acted_on, is_principal, value_text
from multitool_lint.org_rules.model import EVERYTHING, Limit, Values
from multitool_lint.policy.access import actions_of, all_actions, is_for_everyone
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.principals import everyone, principal_values
from multitool_lint.policy.resources import has_unknown_condition, is_everywhere
from multitool_lint.syntax.tree import UNKNOWN, Member, Node, Object

_ALWAYS_THERE = frozenset({"aws:securetransport"})
"""Keys that every request has, so that `IfExists` changes nothing.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

_ALL_ADDRESSES = frozenset({"0.0.0.0/0", "::/0"})
_CALLER_KEYS = (
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:SourceAccount",
    "kms:CallerAccount",
)
"""The keys that say who calls as a Principal element does: by account, or by ARN."""

_OF_SERVICES = frozenset({"aws:principalisawsservice", "aws:viaawsservice"})
"""The keys by which a Deny spares requests that AWS services make."""


class Beyond:
    """What of a statement is beyond a limit: places, and in words what is missing."""

    def __init__(self, limit: Limit, statement: Statement, policy: Policy) -> None:
        self._limit = limit
        self.statement = statement
        self._policy = policy

    def resources(self, actions: ActionSet, catalog: Catalog) -> list[Node | Member]:
        """The resources that the actions act on, beyond those of the limit."""
        accepted, statement = self._limit.resources, self.statement
        if not accepted or statement.resource is None:
            return []
        found: list[Node | Member] = [
            node
            for node, text in acted_on(self._policy, statement, actions, catalog)
            if not any(patterns.covers(pattern, text) for pattern in accepted)
        ]
        if statement.negates_resources:
            found = [statement.resource]
        spares = partial(_spares_resources, accepted=accepted)
        return found if found and actions - self._denied(spares, catalog) else []

    def principals(self, actions: ActionSet, catalog: Catalog) -> list[Node | Member]:
        """The principals that the limit does not have."""
        accepted, statement = self._limit.principals, self.statement
        principal = statement.principal
        if not accepted or principal is None or principal.value.value is UNKNOWN:
            return []
        found: list[Node | Member] = [
            principal.node
            for principal in principal_values(statement)
            if principal.text != EVERYTHING and not is_principal(principal.text, accepted)
        ]
        node = everyone(statement)
        if node and not self._limits_everyone(accepted):
            found.append(node)
        if principal.key == "NotPrincipal":
            found = [principal]
        spares = partial(_spares_principals, accepted=accepted)
        return found if found and actions - self._denied(spares, catalog) else []

    def _limits_everyone(self, accepted: Values) -> bool:
        """Whether a condition allows only some of everyone, all of whom are accepted."""
        return has_unknown_condition(self.statement) or any(
            requires(self.statement, key, accepted) for key in _CALLER_KEYS
        )

    def keys(self, actions: ActionSet, catalog: Catalog) -> list[str]:
        """The condition keys that neither the statement nor a Deny for its actions asks for."""
        statement = self.statement
        if has_unknown_condition(statement):
            return []
        return [
            key
            for key, values in self._limit.conditions
            if not requires(statement, key, values)
            and actions - self._denied(partial(_spares_values, key=key, accepted=values), catalog)
        ]

    def _denied(
        self, spares: Callable[[Statement, Statement], bool], catalog: Catalog
    ) -> ActionSet:
        """The actions of Deny statements that spare no more than is accepted of the statement.

        Where something of one is unknown, it may be such.
        """
        found = ActionSet()
        for other in self._policy.statements:
            if other.effect == "Deny":
                if is_unknown(other):
                    return all_actions(catalog)
                if spares(other, self.statement):
                    found |= actions_of(other, catalog)
        return found


def _spares_resources(denial: Statement, allowed: Statement, accepted: Values) -> bool:  # noqa: ARG001 - as the others
    """Whether a Deny is on all resources but some that are accepted."""
    return (
        is_for_everyone(denial)
        and not denial.conditions
        and denial.negates_resources
        and patterns.all_covered(denial.resource_names, accepted)
    )


def _spares_principals(denial: Statement, allowed: Statement, accepted: Values) -> bool:
    """Whether a Deny is for all principals but some that are accepted."""
    if denial.principal and denial.principal.key == "NotPrincipal":
        spared = [principal.text for principal in principal_values(denial)]
        spares = not denial.conditions and all(is_principal(text, accepted) for text in spared)
    else:
        spares = is_for_everyone(denial) and any(
            _spares_only(denial, key, accepted) for key in _CALLER_KEYS
        )
    return spares and _covers(denial, allowed)


def _spares_values(denial: Statement, allowed: Statement, key: str, accepted: Values) -> bool:
    """Whether a Deny holds unless a key has a value that is accepted."""
    return (
        is_for_everyone(denial) and _spares_only(denial, key, accepted) and _covers(denial, allowed)
    )


def _covers(denial: Statement, allowed: Statement) -> bool:
    """Whether a Deny is on all resources that an Allow is on."""
    if denial.negates_resources:
        return False
    if is_everywhere(denial) or not denial.resources:
        return True
    if len(denial.resources) * len(allowed.resources) > MAX_DENIAL_COMPARISONS:
        return False
    return not allowed.negates_resources and all(
        any(patterns.covers(wide, text) for _, wide in denial.resource_texts)
        for _, text in allowed.resource_texts
    )


def requires(statement: Statement, key: str, accepted: Values) -> bool:
    """Whether a statement holds only where a key has one of the accepted values."""
    return any(
        _restricts(condition, statement) and _are_accepted(condition, accepted)
        for condition in on_key(statement, key)
    )


def on_key(statement: Statement, key: str) -> Iterator[Condition]:
    """The conditions of a statement on a key, in any case."""
    return (condition for condition in statement.conditions if condition.lower_key == key.lower())


def _restricts(condition: Condition, statement: Statement) -> bool:
    """Whether a condition does not hold for a request that lacks the key, or differs in it."""
    operator = condition.comparison
    if operator.negated or operator.family in ("", "Null"):
        return False
    holds_without = operator.if_exists or operator.qualifier == "ForAllValues"
    key = condition.lower_key
    return not holds_without or key in _ALWAYS_THERE or _asks_for(statement, key)


def _asks_for(statement: Statement, key: str) -> bool:
    """Whether `"Null": {key: "false"}` is among the conditions."""
    return any(
        condition.operator.key.lower() == "null"
        and all(value_text(node) == "false" for node in condition.values)
        for condition in on_key(statement, key)
    )


def _are_accepted(condition: Condition, accepted: Values) -> bool:
    """Whether all values of a condition are accepted; those that are not known may be."""
    operator = condition.comparison
    folds = operator.family in ("Bool", "Null") or operator.name.endswith("IgnoreCase")
    for node in condition.values:
        text = value_text(node)
        if text is None:
            continue
        if EVERYTHING in accepted:
            if arn.matches_all(text) or text in _ALL_ADDRESSES:
                return False
        elif not any(
            patterns.covers(pattern.lower(), text.lower())
            if folds
            else patterns.covers(pattern, text)
            for pattern in accepted
        ):
            return False
    return True


def values_are(condition: Condition, accepted: Values) -> bool:
    """Whether a condition has no values but those; `*` are any."""
    return EVERYTHING in accepted or _are_accepted(condition, accepted)


def _spares_only(denial: Statement, key: str, accepted: Values) -> bool:
    """Whether a Deny holds for all requests but those whose key has an accepted value."""
    asked = [condition for condition in denial.conditions if not _is_of_services(condition)]
    if len(asked) != 1 or asked[0].lower_key != key.lower():
        return False
    condition = asked[0]
    operator = condition.comparison
    if operator.qualifier:
        return False
    if operator.negated:
        return _are_accepted(condition, accepted)
    values = [value_text(node) for node in condition.values]
    if operator.family == "Bool":
        # Without IfExists it does not hold for a request that lacks the key.
        holds = operator.if_exists or key.lower() in _ALWAYS_THERE
        return holds and values == ["false"] and not {"true", EVERYTHING}.isdisjoint(accepted)
    return operator.family == "Null" and values == ["true"] and EVERYTHING in accepted


def _is_of_services(condition: Condition) -> bool:
    """Whether a condition of a Deny spares what AWS services do for someone, and nothing else."""
    values = [value_text(node) for node in condition.values]
    return condition.lower_key in _OF_SERVICES and values == ["false"]


def is_unknown(statement: Statement) -> bool:
    """Whether something of a statement is unresolved, so that it may mean anything."""
    if has_unknown_condition(statement) or not isinstance(statement.node.value, Object):
        return True
    nodes = (*statement.actions, *statement.resources)
    members = [member.value.value for member in statement.members]
    return any(node.value is UNKNOWN for node in nodes) or UNKNOWN in members
