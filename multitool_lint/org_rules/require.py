"""Rules on what every policy must deny."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from multitool_lint.aws import patterns
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly, related
from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.org_rules.limits import is_unknown, on_key, values_are
from multitool_lint.org_rules.matching import actions_that_match
from multitool_lint.org_rules.model import EVERYTHING, Matcher
from multitool_lint.policy.access import actions_of, all_actions, is_for_everyone
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.in_force import in_force
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.resources import is_everywhere
from multitool_lint.syntax.tree import UNKNOWN, as_list


@dataclass(frozen=True, slots=True)
class RequireDeny:
    """A rule that requires Deny statements: of all actions of one of the matchers."""

    message: str
    denied: tuple[Matcher, ...]

    def __call__(self, policy: Policy, context: Context) -> Iterator[Finding]:
        """A finding for a policy that lacks them."""
        if policy.fragment or _may_say_anything(policy):
            return
        current = in_force(policy, context.catalog)
        missing = [_missing(current, denial, context.catalog) for denial in self.denied]
        if not all(missing):
            return
        place = policy.element("Statement") or policy.root
        words = f"no statement denies {enumerate_briefly(missing[0])}" if len(missing) == 1 else ""
        wanted = actions_that_match(self.denied[0].actions, context.catalog)
        narrower = [
            related(statement.action, "denied only for some resources or conditions")
            for statement in policy.statements
            if statement.effect == "Deny"
            and statement.action
            and actions_of(statement, context.catalog) & wanted
            and not _denies(statement, self.denied[0], policy)
        ]
        yield context.finding(
            place,
            self.message,
            notes=(words,) if words else (),
            related=tuple(narrower[:MAX_LISTED_NAMES]),
        )


def _may_say_anything(policy: Policy) -> bool:
    """Whether a statement, or the effect of one, is unknown, and so may be a Deny."""
    element = policy.element("Statement")
    if policy.root.value is UNKNOWN or (element and element.value.value is UNKNOWN):
        return True
    nodes = as_list(element.value) if element else ()
    return any(node.value is UNKNOWN for node in nodes) or any(
        member.key == "Effect" and member.value.value is UNKNOWN
        for statement in policy.statements
        for member in statement.members
    )


def _missing(policy: Policy, wanted: Matcher, catalog: Catalog) -> list[str]:
    """Those of the actions that are not denied as a whole."""
    denied = ActionSet()
    for statement in policy.statements:
        if statement.effect == "Deny" and _denies(statement, wanted, policy):
            if is_unknown(statement):
                return []
            denied |= actions_of(statement, catalog)
    return [action for action in wanted.actions if not _all_of(action, catalog) <= denied]


def _all_of(action: str, catalog: Catalog) -> ActionSet:
    return all_actions(catalog) if action == EVERYTHING else catalog.match(action)


def _denies(statement: Statement, wanted: Matcher, policy: Policy) -> bool:
    """Whether a Deny is on the wanted resources, and under the wanted conditions only."""
    if is_unknown(statement):
        return True
    return (
        is_for_everyone(statement)
        and _is_on(statement, wanted, policy)
        and _is_under(statement, wanted)
    )


def _is_on(statement: Statement, wanted: Matcher, policy: Policy) -> bool:
    if statement.negates_resources:
        return False
    # The resources of a resource-based policy are that resource and those in it.
    own = policy.type in (PolicyType.RESOURCE, PolicyType.TRUST) and not wanted.resources
    return (
        own
        or is_everywhere(statement)
        or (
            bool(wanted.resources)
            and all(
                any(patterns.covers(text, resource) for _, text in statement.resource_texts)
                for resource in wanted.resources
            )
        )
    )


def _is_under(statement: Statement, wanted: Matcher) -> bool:
    keys = {key.lower() for key, _ in wanted.conditions}
    return keys == {condition.lower_key for condition in statement.conditions} and all(
        values_are(condition, values)
        for key, values in wanted.conditions
        for condition in on_key(statement, key)
    )
