"""Whether a statement allows services to write logs only where those of one account are.

Services put the logs of an account below `AWSLogs/ACCOUNT/`, and of an organization below
`AWSLogs/ORGANIZATION/`: no prefix that a user chooses may have `AWSLogs`.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
"""

from __future__ import annotations

import re
from enum import Enum

from multitool_lint.policy.document import Statement
from multitool_lint.policy.placeholder_forms import ACCOUNT, is_field, is_field_name
from multitool_lint.syntax.placeholders import begins_with_name, has_placeholder
from multitool_lint.syntax.tree import UNKNOWN, Node, partly_known_text

_OWNER = re.compile(r"[/*]AWSLogs/((?:\$\{[^{}]*\}|[^/])++)/")
_LITERAL = re.compile(r"[0-9]{12}|o-[a-z0-9]+")
_LAST_PART = re.compile(r"\$\{[^{}]*\}\Z")


class PathLimit(Enum):
    """Whether a path limits to an account what services may write there."""

    LIMITS = "limits"
    MAY_LIMIT = "may limit"


def path_limit(statement: Statement) -> PathLimit | None:
    """Whether the resources are below paths of accounts; None if one of them is not."""
    if statement.negates_resources or not statement.resources:
        return None
    found = [_limit(node) for node in statement.resources]
    if None in found:
        return None
    return PathLimit.MAY_LIMIT if PathLimit.MAY_LIMIT in found else PathLimit.LIMITS


def _limit(node: Node) -> PathLimit | None:
    text = partly_known_text(node)
    owner = _OWNER.search(text)
    if owner is not None:
        return PathLimit.LIMITS if _is_owner(owner[1]) else None
    if node.value is UNKNOWN and not text:
        return PathLimit.MAY_LIMIT
    # Logs are objects, so that what fills in the end of the resource has the path.
    last = _LAST_PART.search(text)
    if last is None or begins_with_name(last[0]) or not has_placeholder(last[0]):
        return None
    return PathLimit.MAY_LIMIT


def _is_owner(text: str) -> bool:
    """Whether a part of a path is an account or organization, or is filled in with one."""
    if text.startswith("${"):
        return (
            re.fullmatch(r"\$\{[^{}]*\}", text) is not None
            and has_placeholder(text)
            and not begins_with_name(text)
        )
    return (
        _LITERAL.fullmatch(text) is not None
        or is_field(text, ACCOUNT, prose=False)
        or is_field_name(text, ACCOUNT)
    )
