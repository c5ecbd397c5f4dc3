"""Where a file gives a module what is found in a policy of the module."""

from __future__ import annotations

from multitool_lint.lazy_pattern import lazy_pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.syntax.source import Span

_ABOUT_RESOURCES = frozenset({"mismatched-resource"})
"""The rules that point to actions, for what the resources of the statement are."""
_CALL = lazy_pattern(r"module\.[\w-]+(?:\[[^\[\]]*\])?\.")


def given_span(finding: Finding, entry: FoundPolicy) -> tuple[Span, object] | None:
    """The span in a policy of a value that the file gives, and that a finding is about.

    What the file does not have is at the place of the policy. With the span comes what the findings
    of the same cause have in common: the value, or the action in the module, for every call of it.
    """
    for span in (finding.span, *(related.span for related in finding.related)):
        if (place := entry.to_file(span)) != entry.span:
            return span, place
    for span in _resources(finding, entry):
        if entry.to_file(span) != entry.span:
            name = _CALL.sub("", entry.policy.name or "")
            return span, (name, finding.title, finding.notes)
    return None


def _resources(finding: Finding, entry: FoundPolicy) -> Iterator[Span]:
    if finding.rule in _ABOUT_RESOURCES:
        for statement in entry.policy.statements:
            if finding.pointer.startswith(f"{statement.node.pointer}/"):
                yield from (resource.span for resource in statement.resources)
