"""The finding about a placeholder in a file that is deployed."""

from __future__ import annotations

from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.placeholder_forms import is_field_name
from multitool_lint.policy.placeholders import with_field_names
from multitool_lint.syntax.tree import Member, Node


def has_placeholder(text: str, field: int | None = None) -> bool:
    """Whether a resource or a principal contains the name of a field, such as `REGION`.

    A text that should have the value of one `field` of an ARN may be any of its names.
    """
    return with_field_names(text) != text or (field is not None and is_field_name(text, field))


def to_be_replaced(
    context: Context, node: Node | Member, text: str, issue_code: str | None = None
) -> Finding:
    """A suggestion where AWS rejects a value, but a script may replace a part of it before."""
    return context.finding(
        node,
        f"{quoted(text)} contains a placeholder",
        help="replace the placeholder before the policy is used",
        severity=Severity.SUGGESTION,
        issue_code=issue_code,
    )
