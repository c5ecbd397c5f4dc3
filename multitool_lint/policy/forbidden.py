"""Whether policies grant what must not be granted: an action, perhaps on certain resources only.

What is unknown in an Allow counts as granted, and what is unknown in a Deny as not denied.

AWS: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckAccessNotGranted.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.action_status import ActionStatus, action_status
from multitool_lint.aws.arn import completed, matches_all
from multitool_lint.aws.catalog.attested import evidence
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import covers, intersects
from multitool_lint.aws.policy_variables import SINCE
from multitool_lint.aws.redundancy import resource_covers
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import all_actions, is_for_everyone
from multitool_lint.policy.compare import covers as covers_policies
from multitool_lint.policy.compare.reference import may_act_on
from multitool_lint.policy.compare.scope import may_overlap
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import Object


class Forbidden(NamedTuple):
    """A pattern of actions that must not be granted on a resource that another pattern matches."""

    action: str
    resource: str = "*"

    @classmethod
    def parse(cls, text: str) -> Forbidden:
        """Read `ACTION` or `ACTION@ARN-PATTERN`."""
        action, _, resource = text.partition("@")
        return cls(action, resource or "*")


class Granted(NamedTuple):
    """Forbidden actions that policies grant; not `certain` if that depends on what is unknown."""

    names: tuple[str, ...]
    certain: bool


def granted(
    policies: Iterable[Policy], forbidden: Iterable[Forbidden], catalog: Catalog
) -> Iterator[Granted]:
    """What of the forbidden policies grant, or may grant, taken as one policy."""
    listed = list(policies)
    are_known = all(
        statement.effect == "Deny" or (statement.allows and _is_known(statement))
        for policy in listed
        for statement in policy.statements
    )
    for asked in forbidden:
        found = list(_Question(asked, catalog).answers(listed))
        yield from _not_disproved(found, asked, listed, catalog) if found and are_known else found


def _not_disproved(
    found: list[Granted], asked: Forbidden, policies: list[Policy], catalog: Catalog
) -> Iterator[Granted]:
    """What of it remains when the requests that each Allow fits are compared with the denials."""
    gaps = covers_policies((), [*policies, *_denied_elsewhere(asked, policies)], catalog).gaps
    if any(gap.unclear for gap in gaps):
        yield from found
        return
    current = all_actions(catalog)
    left = ActionSet().union(gap.actions for gap in gaps)
    for names, certain in found:
        # The comparison names no retired actions, and not all that are newer than the catalog.
        kept = tuple(
            name
            for name in names
            if gaps and (catalog.match(name) & left or not catalog.match(name) & current)
        )
        if kept:
            yield Granted(kept, certain)


def _denied_elsewhere(asked: Forbidden, policies: list[Policy]) -> Iterator[Policy]:
    """A policy that denies everything on other resources, where all statements have resources."""
    statements = [statement for policy in policies for statement in policy.statements]
    if matches_all(asked.resource) or any(part.resource is None for part in statements):
        return
    type_ = policies[0].type
    denial = {"Effect": "Deny", "Action": "*", "NotResource": asked.resource}
    if not type_.has_identity_grammar:
        denial["Principal"] = "*"
    source = Source("", json.dumps({"Version": SINCE, "Statement": [denial]}))
    yield Policy(source, fast.read(source.text), type_)


class _Question:
    """Asks whether policies grant some forbidden actions."""

    def __init__(self, asked: Forbidden, catalog: Catalog) -> None:
        self._asked = asked
        self._pattern = asked.action.lower()
        self._actions = catalog.match(asked.action)
        self._catalog = catalog

    def answers(self, policies: list[Policy]) -> Iterator[Granted]:
        """What the policies grant for certain, and what they may grant."""
        statements = [(part, policy) for policy in policies for part in policy.statements]
        denials = [
            statement
            for statement, policy in statements
            if statement.effect == "Deny" and self._denies_all(statement, policy)
        ]
        denied = ActionSet().union(map(self._certain, denials))
        names: dict[str, bool] = {}
        for statement, policy in statements:
            if statement.effect == "Deny" or not self._may_be_on(statement, policy):
                continue
            certain = statement.allows and _is_known(statement)
            found = list(self._catalog.names(self._possible(statement) - denied))
            if not any(map(self._covers_pattern, denials)):
                found += self._outside(statement)
            for name in found:
                names[name] = names.get(name, False) or certain
        for certain in (True, False):
            if some := tuple(name for name, known in names.items() if known is certain):
                yield Granted(some, certain)

    def _covers_pattern(self, denial: Statement) -> bool:
        """Whether a Deny has all actions that are asked for, those outside the catalog too."""
        if denial.negates_actions:
            return False
        return any(covers(name, self._pattern) for name in denial.lower_action_names)

    def _possible(self, statement: Statement) -> ActionSet:
        """The forbidden actions that a statement may be about."""
        if not isinstance(statement.node.value, Object):
            return self._actions
        if statement.negates_actions:
            return self._actions - self._matched(statement)
        if len(statement.action_names) < statement.action_count:
            return self._actions
        return self._actions & self._matched(statement)

    def _certain(self, statement: Statement) -> ActionSet:
        """The forbidden actions that a statement certainly is about."""
        if not statement.negates_actions:
            return self._actions & self._matched(statement)
        known = len(statement.action_names) == statement.action_count
        return self._actions - self._matched(statement) if known else ActionSet()

    def _matched(self, statement: Statement) -> ActionSet:
        return ActionSet().union(map(self._catalog.match, statement.action_names))

    def _outside(self, statement: Statement) -> Iterator[str]:
        """What a statement may grant of the forbidden actions that the catalog does not have."""
        names = statement.lower_action_names
        unknown = len(statement.action_names) < statement.action_count
        if not isinstance(statement.node.value, Object) or (unknown and not self._actions):
            yield self._asked.action
        elif statement.negates_actions:
            if not self._actions and not any(covers(name, self._pattern) for name in names):
                yield self._asked.action
        else:
            for name, lower in zip(statement.action_names, names, strict=True):
                if intersects(lower, self._pattern) and not (
                    self._catalog.match(name) & self._actions
                ):
                    yield name

    def _may_be_on(self, statement: Statement, policy: Policy) -> bool:
        """Whether a statement may be about a resource that is asked for."""
        asked = self._asked.resource
        if matches_all(asked) or len(statement.resource_names) < statement.resource_count:
            return True
        if statement.resource is None:
            return True
        if statement.negates_resources:
            return not _covers_resource(statement, policy, asked)
        return any(may_overlap(name, asked) for name in statement.resource_names)

    def _denies_all(self, statement: Statement, policy: Policy) -> bool:
        """Whether a Deny certainly is for everyone, always, and about all resources asked for."""
        if statement.condition is not None and statement.condition.value.value != ():
            return False
        if not is_for_everyone(statement) or statement.negates_resources:
            return False
        if statement.resource is None:
            return policy.type in (PolicyType.TRUST, PolicyType.RESOURCE)
        return _covers_resource(statement, policy, self._asked.resource)


def _covers_resource(statement: Statement, policy: Policy, asked: str) -> bool:
    """Whether one of the patterns under Resource or NotResource has all resources asked for."""
    names: Iterable[str] = statement.resource_names
    if policy.type.has_identity_grammar:
        names = map(completed, names)
    return any(resource_covers(name, asked) for name in names)


def _is_known(statement: Statement) -> bool:
    return (
        len(statement.action_names) == statement.action_count
        and len(statement.resource_names) == statement.resource_count
    )


def describe_mistake(text: str, catalog: Catalog) -> str | None:
    """Say what is wrong with something forbidden, if the catalog shows it."""
    asked = Forbidden.parse(text)
    status = action_status(catalog, asked.action)
    if status is ActionStatus.MALFORMED or asked.action.endswith(":"):
        return f'"{asked.action}" is not an action such as iam:PassRole or kms:*'
    if text.endswith("@") or not _is_resource(asked.resource):
        return f'"{asked.resource}" is not a pattern of ARNs such as arn:aws:iam::*:role/admin'
    if status is ActionStatus.KNOWN and not may_act_on(catalog, asked.action, asked.resource):
        return f'"{asked.action}" does not act on "{asked.resource}"'
    if catalog.is_operation(asked.action) or evidence(catalog, asked.action):
        return None  # it may be newer than the catalog
    if status is ActionStatus.UNMATCHED:
        return f'no action matches "{asked.action}"'
    return _unknown_action(asked, catalog) if status is ActionStatus.UNKNOWN else None


def _unknown_action(asked: Forbidden, catalog: Catalog) -> str:
    prefix, _, name = asked.action.partition(":")
    close = catalog.close_actions(asked.action)
    listed = " or ".join(f'"{action}"' for action in close)
    return f'"{prefix}" has no action "{name}"' + (f"; did you mean {listed}?" if close else "")


def is_outside(text: str, catalog: Catalog) -> bool:
    """Whether the catalog does not have the actions, which may be newer than it."""
    return not catalog.match(Forbidden.parse(text).action)


def _is_resource(resource: str) -> bool:
    return matches_all(resource) or resource.startswith(("arn:", "execute-api:/"))
