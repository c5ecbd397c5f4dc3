"""The policies of a source, for those who need all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats import Problem, Skipped, read_source

if TYPE_CHECKING:
    from multitool_lint.policy.document import Policy, PolicyType
    from multitool_lint.syntax.source import Source


class NoPolicyError(ValueError):
    """A source without a policy."""


def policies_of(
    source: Source, *, type: PolicyType | None = None, resource_type: str | None = None
) -> list[Policy]:
    """Read the policies of a source.

    Raises:
        NoPolicyError: there is none.
        ValueError: some of it cannot be read.
    """
    loaded = read_source(source, type=type, resource_type=resource_type)
    policies, reasons = list(loaded.policies), [skipped.reason for skipped in loaded.skipped]
    policies += [written.policy for written in loaded.normalized if not written.case]
    for found in (*loaded.problems, *loaded.stream):
        if isinstance(found, Problem):
            line, column = source.position(found.span.start)
            raise ValueError(f"{source.path}:{line}:{column}: {found.message}")  # noqa: TRY004 - of the text
        if isinstance(found, Skipped):
            reasons.append(found.reason)
        else:
            policies.append(found.policy)
    if not policies:
        reason = reasons[0] if reasons else "nothing that could be compared"
        raise NoPolicyError(f"{source.path}: no policy: {reason}")
    return policies
