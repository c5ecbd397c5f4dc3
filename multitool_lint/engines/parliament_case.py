"""A statement that parliament suspects, as the predicates see it that confirm or drop it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.findings import Context
from multitool_lint.policy import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multitool_lint.engines.parliament_facts import Facts, Reach
    from multitool_lint.policy import Node, Policy, Statement
    from multitool_lint.rulebook import Rule


class Named(NamedTuple):
    """An action pattern in a statement, with what its actions act on."""

    node: Node
    text: str
    reach: Reach


class Case:
    """A statement of a policy, the facts on it, and the rules that may report on it.

    `named` are the action patterns under Action or NotAction. `actions` are those that the
    statement is about: none where it excepts actions or names all of them, since what it reaches is
    then no matter of single actions.
    """

    def __init__(
        self, policy: Policy, statement: Statement, facts: Facts, enabled: Mapping[str, Rule]
    ) -> None:
        self.policy = policy
        self.statement = statement
        self.facts = facts
        self.enabled = enabled
        reach = facts.reach
        self.named = [Named(node, text, reach(text)) for node, text in texts(statement.actions)]
        unlisted = statement.negates_actions or any(each.reach.everything for each in self.named)
        self.actions: list[Named] = [] if unlisted else self.named

    def context(self, rule: str) -> Context:
        """The context in which a rule reports."""
        return Context(self.enabled[rule], self.policy, self.facts.catalog)

    @cached_property
    def resources(self) -> list[str] | None:
        """The resources that the statement names; None if it excepts some or not all are known."""
        if self.statement.negates_resources:
            return None
        named = [text for _, text in texts(self.statement.resources)]
        return named if named and len(named) == len(self.statement.resources) else None

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """The service prefixes of the actions that the statement is about."""
        return frozenset(each.text.partition(":")[0].lower() for each in self.actions)
