"""What the statements of a trust policy allow of the actions by which a role is assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws import patterns
from multitool_lint.syntax.tree import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.policy.document import Statement

ASSUME_ROLE = "sts:AssumeRole"
WITH_SAML = "sts:AssumeRoleWithSAML"
WITH_WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
SET_SOURCE_IDENTITY = "sts:SetSourceIdentity"
TAG_SESSION = "sts:TagSession"


def may_allow(statements: Iterable[Statement], action: str) -> bool:
    """Whether one of the statements allows an action; what is not known may do so."""
    return any(
        statement.allows and (statement.negates_actions or _names(statement, action))
        for statement in statements
    )


def _names(statement: Statement, action: str) -> bool:
    lower = action.lower()
    return any(
        node.value is UNKNOWN
        or (isinstance(node.value, str) and patterns.matches(node.value.lower(), lower))
        for node in statement.actions
    )


def written(statement: Statement) -> frozenset[str]:
    """Gather the actions that stand there in full, in lower case."""
    return frozenset(
        text.lower() for _, text in statement.action_texts if not patterns.has_wildcard(text)
    )
