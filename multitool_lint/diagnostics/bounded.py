"""What a finding says of what an identity has with a permissions boundary that is not known."""

from __future__ import annotations

from multitool_lint.diagnostics.rule import Severity


def of_attached(what: str, *, bounded: bool) -> tuple[str, Severity | None]:
    """What is wrong with an attached policy, after its name, and how severe: less if `bounded`."""
    if bounded:
        unknown = "limited only by a permissions boundary that is not known"
        return f"is attached, {unknown}", Severity.WARNING
    return f"is attached, which {what}", None
