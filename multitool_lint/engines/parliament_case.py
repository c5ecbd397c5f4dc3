"""A statement that parliament suspects, as the predicates see it that confirm or drop it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from multitool_lint.engines.parliament_facts import is_all_actions
from multitool_lint.findings import Context
from multitool_lint.iam.arn import is_everything

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multitool_lint.engines.parliament_facts import Facts, Reach
    from multitool_lint.policy import Node, Policy, Statement
    from multitool_lint.rulebook import Rule


class Named:
    """An action pattern in a statement; what its actions act on is found out when it is asked."""

    __slots__ = ("_facts", "node", "text")

    def __init__(self, node: Node, text: str, facts: Facts) -> None:
        self.node = node
        self.text = text
        self._facts = facts

    @property
    def reach(self) -> Reach:
        """What its actions act on."""
        return self._facts.reach(self.text)

    @property
    def limitable(self) -> bool:
        """Whether some action can be limited to resources."""
        return self._facts.limitable(self.text)


class Case:
    """A statement of a policy, the facts on it, and the rules that may report on it."""

    def __init__(
        self, policy: Policy, statement: Statement, facts: Facts, enabled: Mapping[str, Rule]
    ) -> None:
        self.policy = policy
        self.statement = statement
        self.facts = facts
        self.enabled = enabled

    def context(self, rule: str) -> Context:
        """The context in which a rule reports."""
        return Context(self.enabled[rule], self.policy, self.facts.catalog)

    @cached_property
    def actions(self) -> list[Named]:
        """The action patterns that the statement is about.

        There are none where it excepts actions or names all of them, since what it reaches is then
        no matter of single actions.
        """
        statement = self.statement
        if statement.negates_actions or any(is_all_actions(t) for _, t in statement.action_texts):
            return []
        return [Named(node, text, self.facts) for node, text in statement.action_texts]

    @cached_property
    def everything(self) -> Node | None:
        """The first resource that is `*`."""
        texts = self.statement.resource_texts
        return next((node for node, text in texts if is_everything(text)), None)

    @cached_property
    def resources(self) -> list[str] | None:
        """The resources that the statement names; None if it excepts some or not all are known."""
        if self.statement.negates_resources:
            return None
        named = [text for _, text in self.statement.resource_texts]
        return named if named and len(named) == len(self.statement.resources) else None

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """The service prefixes of the actions that the statement is about."""
        return frozenset(each.text.partition(":")[0].lower() for each in self.actions)
