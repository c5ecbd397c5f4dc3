"""What becomes of what may be a policy."""

from __future__ import annotations

from multitool_lint.formats.found import FoundPolicy
from multitool_lint.formats.result import Problem, Skipped

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def outcome(found: object) -> str | None:
    """A word for what became of a candidate: what it is, or the reason why it is skipped."""
    if isinstance(found, Skipped):
        return f"{found.why.in_words()}{', unread' if found.unread else ''}"
    if isinstance(found, Problem):
        return "problem"
    return "policy" if isinstance(found, FoundPolicy) else None
