"""A statement that parliament suspects, as the predicates see it that confirm or drop it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.engines.parliament_facts import is_all_actions
from multitool_lint.findings import Context
from multitool_lint.iam.arn import is_everything

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multitool_lint.engines.parliament_facts import Facts, Reach
    from multitool_lint.policy import Node, Policy, Statement
    from multitool_lint.rulebook import Rule


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
    `everything` is the first of them that is `*`.
    """

    def __init__(
        self, policy: Policy, statement: Statement, facts: Facts, enabled: Mapping[str, Rule]
    ) -> None:
        self.policy = policy
        self.statement = statement
        self.facts = facts
        self.enabled = enabled
        named = statement.resource_texts
        whole = not statement.negates_resources and 0 < len(named) == len(statement.resources)
        self.resources = [text for _, text in named] if whole else None
        stars = [node for node, text in named if text[:1] == "*" and is_everything(text)]
        self.everything = stars[0] if stars else None
        self._actions: list[Named] | None = None

    def context(self, rule: str) -> Context:
        """The context in which a rule reports."""
        return Context(self.enabled[rule], self.policy, self.facts.catalog)

    @property
    def action_names(self) -> tuple[str, ...]:
        """The action patterns that the statement is about.

        There are none where it excepts actions or names all of them, since what it reaches is then
        no matter of single actions.
        """
        statement = self.statement
        if statement.negates_actions or (
            statement.open_ended
            and any(map(is_everything, statement.services))
            and any(map(is_all_actions, statement.action_names))
        ):
            return ()
        return statement.action_names

    @property
    def actions(self) -> list[Named]:
        """These patterns, each with what its actions act on, which takes its time to find out."""
        if self._actions is None:
            statement, reach = self.statement, self.facts.reach
            self._actions = [
                Named(statement, at, text, reach(text)) for at, text in enumerate(self.action_names)
            ]
        return self._actions

    @property
    def prefixes(self) -> frozenset[str]:
        """The service prefixes of the actions that the statement is about."""
        return self.statement.services if self.action_names else frozenset()
