"""Lint a source by what is configured for it, without the findings that are suppressed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from multitool_lint.aws.catalog.tables import CatalogError
from multitool_lint.diagnostics.rule import Rule, Severity, rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.plan import RulesKey
from multitool_lint.linter.settings import FileSettings, Opinion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.diagnostics.fingerprint import Fingerprints
    from multitool_lint.linter.report import Report, Suppressed
    from multitool_lint.linter.suppressions import Entries
    from multitool_lint.policy.document import Policy
    from multitool_lint.syntax.source import Source


def lint_with_settings(source: Source, settings: FileSettings, *, confirms: bool = True) -> Report:
    """What is to be reported of a source; without `confirms`, parliament is asked nothing."""
    ignores = settings.ignores
    suppression_filter = _SuppressionFilter(settings)
    report = lint_source(
        source,
        type=settings.type,
        resource_type=settings.resource_type,
        enabled=_running(RulesKey(settings.enabled), settings.summarized),
        catalog=settings.catalog,
        suppress=suppression_filter.suppress,
        opinion=settings.opinion if confirms else Opinion.NONE,
        parameters=settings.parameters,
    )
    if report.comments and (ignores is None or ignores.comments):
        from multitool_lint.linter.ignore_comments import heed_comments

        report = heed_comments(report, settings.enabled, settings.others)
    report = suppression_filter.filtered(report)
    if ignores and ignores.known:
        from multitool_lint.linter.suppressions import subtract_baseline

        report = subtract_baseline(report, ignores.known)
    if settings.severities:
        report = _with_severities(report, dict(settings.severities))
    return _joined(report, settings.summarized) if report.findings or report.suppressed else report


def _joined(report: Report, summarized: tuple[str, ...]) -> Report:
    from multitool_lint.linter.join import join

    findings, notes = join(report.findings, summarized)
    suppressed = tuple(
        hidden
        for hidden in report.suppressed
        if hidden.by == "baseline" or hidden.finding.rule not in summarized
    )
    notes = (*report.notes, *notes)
    return report._replace(findings=findings, suppressed=suppressed, notes=notes)


@lru_cache(maxsize=64)
def _running(enabled: RulesKey, summarized: tuple[str, ...]) -> Mapping[str, Rule]:
    """The rules that run: those enabled, and those of which there are notes."""
    if not summarized:
        return enabled.rules
    return {**enabled.rules, **{id_: rules()[id_]._replace(brief=True) for id_ in summarized}}


def internal_error(error: BaseException) -> str:
    """The message of an unexpected error, or of a catalog that cannot be read."""
    if isinstance(error, CatalogError):
        return f"{error}; {error.remedy}"
    if isinstance(error, ModuleNotFoundError):
        return f'needs the module "{error.name}", which is not installed'
    return f"internal error: {type(error).__name__}: {error}"


class _SuppressionFilter:
    """Gives the findings of a source their fingerprints, and separates those that entries suppress.

    A file without findings needs nothing of what this imports.
    """

    def __init__(self, settings: FileSettings) -> None:
        self._fingerprints: Fingerprints | None = None
        self._entries: Entries | None = None
        if settings.ignores and settings.ignores.entries:
            from multitool_lint.linter.suppressions import Entries

            self._entries = Entries(settings.ignores.entries)

    def suppress(
        self, policy: Policy | None, findings: list[Finding]
    ) -> tuple[list[Finding], list[Suppressed]]:
        """Separate the findings in a policy, or in none, into reported and suppressed ones."""
        if not findings:
            return [], []
        if self._fingerprints is None:
            from multitool_lint.diagnostics.fingerprint import Fingerprints

            self._fingerprints = Fingerprints()
        findings = self._fingerprints.assign(findings, policy)
        return self._entries.suppress(policy, findings) if self._entries else (findings, [])

    def filtered(self, report: Report) -> Report:
        """The report in which what is in no policy, such as a syntax error, is settled as well."""
        reported: list[Finding] = []
        suppressed = list(report.suppressed)
        for finding in report.findings:
            if finding.fingerprint:
                reported.append(finding)
            else:
                found, hidden = self.suppress(None, [finding])
                reported += found
                suppressed += hidden
        return report._replace(
            findings=tuple(reported),
            suppressed=tuple(suppressed),
            comments=(),
            used_ignores=frozenset(self._entries.used if self._entries else ()),
        )


def _with_severities(report: Report, severities: Mapping[str, Severity]) -> Report:
    """The report with the configured severities of rules, whatever their checks say."""

    def changed(finding: Finding) -> Finding:
        severity = severities.get(finding.rule)
        return finding._replace(severity=severity) if severity else finding

    return report._replace(
        findings=tuple(map(changed, report.findings)),
        suppressed=tuple(
            hidden._replace(finding=changed(hidden.finding)) for hidden in report.suppressed
        ),
    )
