"""Findings in a policy, at their places in the file that contains it, with fixes of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from multitool_lint.diagnostics.finding import FILE, Finding, Fix, Related, without_commands
from multitool_lint.formats.found import InValues
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.merged_sids import sids
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.source import Edit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.formats.found import FoundPolicy, Patch
    from multitool_lint.linter.report import Suppressed

_TERRAFORM = ("hcl", "heredoc", "statements")
"""The syntaxes in which `${` begins an expression, and `$${` a variable of a policy."""
_VARIABLE = lazy_pattern(r"(?<!\$)\$\{(?=[*?]\}|[\w.-]+:\w)")


class Locator:
    """Locates the findings in one policy."""

    def __init__(self, policy: FoundPolicy) -> None:
        self._policy = policy

    def locate(self, finding: Finding) -> Finding:
        """The finding at its place in the file.

        A fix that the file cannot be given is described in a note.
        """
        policy = self._policy
        fixes = [(fix, self._edits(fix)) for fix in finding.fixes]
        kept = tuple(_with_edits(fix, edits) for fix, edits in fixes if edits)
        notes = list(finding.notes)
        if fixes and not kept:
            from multitool_lint.formats.found import MERGED_BY_SID

            fix = fixes[0][0]
            reason = MERGED_BY_SID if self._is_unsound(fix) else policy.origin.unchanged
            notes.append(_not_applied(fix, reason))
        if FILE in finding.help_template and ((fixes and not kept) or not self._works(finding)):
            finding = without_commands(finding)
        if isinstance(policy.origin, InValues) and policy.origin.syntax in _TERRAFORM:
            advice = _VARIABLE.sub("$${", finding.help_template)
            finding = finding._replace(help_template=advice)
        if policy.construct:
            notes.append(f"in the construct {policy.construct}")
        span = policy.to_file(finding.span)
        related = map(self.related, finding.related)
        return _readable(finding._replace(notes=tuple(notes)))._replace(
            source=policy.source,
            span=span,
            # Several values may be at the place where another file is named.
            related=tuple(place for place in related if place.span != span),
            fixes=kept,
            whole=finding.whole and policy.to_file(finding.whole),
        )

    def related(self, related: Related) -> Related:
        """A related place in the policy, at its place in the file."""
        span = self._policy.to_file(related.span)
        return related._replace(span=span, label=as_written(related.label))

    def _edits(self, fix: Fix) -> tuple[Edit, ...]:
        """What a fix comes to in the file; nothing where it cannot be given to it."""
        if self._policy.is_json:
            from multitool_lint.syntax.patch.json_changes import json_edits

            policy = self._policy.policy
            return json_edits(policy.source, policy.root, fix.changes)
        if self._patch is None or self._is_unsound(fix):
            return ()
        from multitool_lint.syntax.patch.change import apply_changes

        after = apply_changes(self._patch.before, fix.changes)
        return (after and self._patch.edits(after)) or ()

    def _is_unsound(self, fix: Fix) -> bool:
        """Whether a fix takes a Sid from a document that is merged with others by these."""
        policy = self._policy.policy
        if not policy.merged_by_sid:
            return False
        from multitool_lint.syntax.patch.change import apply_changes

        after = apply_changes(policy.root, fix.changes)
        return after is not None and sids(policy.with_root(after)) != sids(policy)

    def _works(self, finding: Finding) -> bool:
        """Whether the file can be given what the commands do that the help of a finding names."""
        if self._patch is None:
            return self._policy.is_json
        from multitool_lint.linter.commands import works_in_file

        return works_in_file(finding, self._policy.policy, self._patch)

    @cached_property
    def _patch(self) -> Patch | None:
        """Made once: aligning a whole policy for each fix would take quadratic time."""
        return self._policy.patch()


def located(
    locate: Callable[[Finding], Finding], suppressed: Iterable[Suppressed]
) -> list[Suppressed]:
    """Suppressed findings at their places in the file."""
    return [entry._replace(finding=locate(entry.finding)) for entry in suppressed]


def _with_edits(fix: Fix, edits: tuple[Edit, ...]) -> Fix:
    written = tuple(Edit(edit.span, as_written(edit.text)) for edit in edits)
    return fix._replace(title=as_written(fix.title), changes=(), edits=written)


def _readable(finding: Finding) -> Finding:
    """A finding whose texts have placeholders as they are written."""
    labels = [related.label for related in finding.related]
    texts = (finding.title, finding.label, finding.help_template, *finding.notes, *labels)
    if "${." not in "\n".join(texts):
        return finding
    return finding._replace(
        title=as_written(finding.title),
        label=as_written(finding.label),
        notes=tuple(map(as_written, finding.notes)),
        help_template=as_written(finding.help_template),
        related=tuple(
            related._replace(label=as_written(related.label)) for related in finding.related
        ),
    )


def _not_applied(fix: Fix, reason: str) -> str:
    """What a fix would do, and why it is not done."""
    return f"no fix is offered here ({reason}): {fix.title}"
