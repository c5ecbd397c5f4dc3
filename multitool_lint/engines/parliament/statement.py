"""A statement that parliament suspects, as the predicates see it that confirm or drop it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.arn import is_everything
from multitool_lint.diagnostics.finding import Context
from multitool_lint.policy.action_scope import is_all_actions
from multitool_lint.policy.action_status import numbered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from multitool_lint.aws.catalog.action_scope import Reach
    from multitool_lint.diagnostics.rule import Rule
    from multitool_lint.policy.action_scope import Facts
    from multitool_lint.policy.document import Policy, Statement
    from multitool_lint.syntax.tree import Node


class Named(NamedTuple):
    """An action pattern in a statement, with what its actions act on."""

    statement: Statement
    at: int
    text: str
    reach: Reach

    @property
    def node(self) -> Node:
        """Its place."""
        return self.statement.action_node(self.at)


class Case:
    """A statement of a policy, the facts on it, and the rules that may report on it.

    `resources` are those that the statement names, None if it excepts some or not all are known;
    `everything` is the number of the first of them that is `*`. `action_names` are the action
    patterns that it is about, and `lower_names` the same in lower case: none where it excepts
    actions or names all of them, since what it reaches is then no matter of single actions.
    """

    __slots__ = (
        "_reaches",
        "action_names",
        "enabled",
        "everything",
        "facts",
        "lower_names",
        "policy",
        "resources",
        "statement",
    )

    def __init__(
        self, policy: Policy, statement: Statement, facts: Facts, enabled: Mapping[str, Rule]
    ) -> None:
        self.policy = policy
        self.statement = statement
        self.facts = facts
        self.enabled = enabled
        names = statement.resource_names
        whole = not statement.negates_resources and 0 < len(names) == statement.resource_count
        self.resources = names if whole else None
        stars = (at for at, text in enumerate(names) if text[:1] == "*" and is_everything(text))
        self.everything = next(stars, None)
        about_all = _is_about_all(statement)
        self.action_names = () if about_all else statement.action_names
        self.lower_names = () if about_all else statement.lower_action_names
        self._reaches: Sequence[Reach] | None = None

    def context(self, rule: str) -> Context:
        """The context in which a rule reports."""
        return Context(self.enabled[rule], self.policy, self.facts.catalog)

    @property
    def reaches(self) -> Sequence[Reach]:
        """What the actions of each of these patterns act on, which takes its time to find out."""
        if self._reaches is None:
            names = self.lower_names
            numbers = numbered(self.policy, self.facts.catalog)[self.statement] if names else ()
            self._reaches = self.facts.reaches(names, numbers)
        return self._reaches

    def named(self, at: int) -> Named:
        """The pattern of that number."""
        return Named(self.statement, at, self.action_names[at], self.reaches[at])

    @property
    def prefixes(self) -> frozenset[str]:
        """The service prefixes of the actions that the statement is about."""
        return self.statement.services if self.action_names else frozenset()


def _is_about_all(statement: Statement) -> bool:
    return statement.negates_actions or (
        statement.open_ended
        and any(map(is_everything, statement.services))
        and any(map(is_all_actions, statement.action_names))
    )
