"""Which statements allow passing roles by no more than the name of the action."""

from __future__ import annotations

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.escalation_paths import PASS_ROLE
from multitool_lint.policy.document import Statement
from multitool_lint.policy.escalation import PASSED_TO
from multitool_lint.syntax.tree import Node, Object

OPERATOR = "StringEquals"
"""The operator of the condition on the services."""


def passing(statement: Statement, catalog: Catalog) -> list[Node]:
    """The actions of a statement that allow passing roles, alone or with others."""
    prefix = PASS_ROLE.partition(":")[0]
    if not statement.open_ended and prefix not in statement.services:
        return []
    role = catalog.match(PASS_ROLE).bits(prefix)
    return [
        node for node, text in statement.action_texts if catalog.match(text).bits(prefix) & role
    ]


def too_wide(statement: Statement, catalog: Catalog) -> Node | None:
    """The first of them that allows more than that, so that no condition can be added for it."""
    role = catalog.match(PASS_ROLE)
    nodes = passing(statement, catalog)
    return next((node for node in nodes if catalog.match(str(node.value)) != role), None)


def can_be_limited(statement: Statement, catalog: Catalog) -> bool:
    """Whether a condition can limit the services to which the statement allows passing roles."""
    return (
        statement.allows
        and not statement.negates_actions
        and bool(passing(statement, catalog))
        and too_wide(statement, catalog) is None
        and (statement.condition is None or isinstance(statement.condition.value.value, Object))
        and not any(
            condition.lower_key == PASSED_TO and condition.operator.key == OPERATOR
            for condition in statement.conditions
        )
    )
