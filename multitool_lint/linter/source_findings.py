"""What is found in the policies of a source, however they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from multitool_lint.diagnostics.assumed import as_assumed
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import PARLIAMENT, Rule, Severity, rules
from multitool_lint.formats import Problem, Skipped, is_terraform
from multitool_lint.formats.result import PLAN, ReadResult
from multitool_lint.linter.cases import certain, grouped
from multitool_lint.linter.given_values import given_span
from multitool_lint.linter.locate import Locator, located
from multitool_lint.linter.one_policy import file_left_out, lint_policy
from multitool_lint.linter.plan import rules_for
from multitool_lint.linter.report import Unresolved, unresolved
from multitool_lint.linter.truncate import Budget
from multitool_lint.syntax.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.linter.file_deployments import FileDeployment
    from multitool_lint.linter.limited import Remaining
    from multitool_lint.linter.report import Suppressed
    from multitool_lint.linter.settings import Opinion
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.managed_references import PolicyReference

_ESCALATION = ("privilege-escalation", "target-dependent-escalation")

SuppressionFilter = Callable[
    ["Policy | None", "list[Finding]"], "tuple[list[Finding], list[Suppressed]]"
]
"""Parts the findings of a policy into those that are to be reported and those that are not."""


class SourceFindings:
    """What is found in the policies of a source, one after the other.

    `suppress` is asked of every policy which of its findings are reported; `count` is the number of
    policies.
    """

    def __init__(
        self,
        source: Source,
        enabled: Mapping[str, Rule],
        catalog: Catalog,
        suppress: SuppressionFilter,
        opinion: Opinion,
    ) -> None:
        self.findings: list[Finding] = []
        self.suppressed: list[Suppressed] = []
        self.notes: list[Finding] = []
        self.unresolved: dict[Unresolved, None] = {}
        self.count = 0
        self._escalating: list[tuple[FoundPolicy, list[Finding]]] = []
        self._source = source
        self._enabled = enabled
        self._catalog = catalog
        self._suppress = suppress
        self._limits = Budget(opinion)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Report the parts of the source that could not be read, and what hides others."""
        self.findings += (
            _problem(problem, self._source, self._enabled)
            for problem in problems
            if not (problem.around or problem.is_read) or problem.rule in self._enabled
        )

    def references(self, references: Sequence[PolicyReference]) -> None:
        """Report what is found in the references to managed policies."""
        if references:
            from multitool_lint.linter.plan import findings

            self.findings += findings(references, self._source, self._enabled, self._catalog)

    def identities(self, loaded: ReadResult, deployed: FileDeployment | None) -> None:
        """Report what is found in the policies of identities, taken together.

        What policies of an identity take away from others of it is noted instead of reported.
        """
        settings = self._source, self._enabled, self._catalog
        if loaded.identities or loaded.accounts or loaded.format == PLAN:
            from multitool_lint.linter import identities
            from multitool_lint.linter.limited import LimitedFindings

            limits = LimitedFindings(self.findings, lambda span: span, self._catalog)
            found = limits.watched(identities.identities_of(loaded, self._source))
            new = list(identities.reported_findings(found, *settings, self._reported))
            self._take(limits.remaining(self.findings))
            self.findings += new
        if deployed or self._may_be_limited_elsewhere():
            from multitool_lint.linter.file_deployments import deployment_of

            deployed = deployed or deployment_of(self._source)
        if deployed:
            from multitool_lint.linter.deployed_identities import DeployedIdentities

            together = DeployedIdentities(deployed, *settings)
            self._take(together.without_limited(self.findings))
            self.findings += together.reported_findings(self._reported)

    def _take(self, remaining: Remaining) -> None:
        """Keep the findings that remain, in policies that only roles have as they are for these."""
        self.findings, self.notes = remaining.findings, remaining.notes
        left = set(map(id, self.findings))
        for entry, found in self._escalating:
            ids = set(map(id, found))
            if ids <= left and not ids.isdisjoint(remaining.of_roles):
                enabled = {id_: self._enabled[id_] for id_ in _ESCALATION if id_ in self._enabled}
                policy, known = entry.policy.had_by_roles(), [*self.suppressed]
                new = lint_policy(policy, enabled, self._catalog, self._limits)
                self.findings = [finding for finding in self.findings if id(finding) not in ids]
                self.findings += self._reported(policy, new, Locator(entry).locate)
                places = {(hidden.finding.rule, hidden.finding.span) for hidden in known}
                self.suppressed[len(known) :] = [
                    hidden
                    for hidden in self.suppressed[len(known) :]
                    if (hidden.finding.rule, hidden.finding.span) not in places
                ]

    def _may_be_limited_elsewhere(self) -> bool:
        """Whether other files of a module may take away what is found in policies of this one."""
        if not (self.findings and is_terraform(self._source)):
            return False
        from multitool_lint.linter.limited import may_be_limited

        return any(map(may_be_limited, self.findings))

    def by_parliament(self) -> None:
        """Report what parliament finds in a file of JSON that we could not read."""
        if any(rule.origin == PARLIAMENT for rule in self._enabled.values()):
            from multitool_lint.engines.parliament.itself import text_findings

            self.findings += text_findings(self._source, self._enabled)

    def beyond_mistakes(self, before: ReadResult, read: Callable[[Source], ReadResult]) -> None:
        """Report what is found in policies of JSON with mistakes that have one correction.

        What was read `before` is not read again. No fix is offered: the file has to be corrected
        first.
        """
        from multitool_lint.syntax.json.repair import overwritten, repairs

        text = self._source.text
        found = [repair for problem in before.problems for repair in problem.repairs]
        found = found or [*repairs(text)]
        if found:
            first = len(self.findings)
            loaded = read(self._source.with_text(overwritten(text, found)))
            known = {entry.span for entry in before.policies}
            self.references([r for r in loaded.references if r not in before.references])
            self.policies([entry for entry in loaded.policies if entry.span not in known])
            self.findings[first:] = [
                finding._replace(source=self._source, fixes=()) for finding in self.findings[first:]
            ]

    def stream(self, stream: Iterable[FoundPolicy | Problem | Skipped]) -> Iterator[Skipped]:
        """Lint policies of which nothing is kept, each with limits of its own."""
        for candidate in stream:
            if isinstance(candidate, Problem):
                self.problems([candidate])
            elif isinstance(candidate, Skipped):
                yield candidate
            else:
                policy = candidate.policy
                limits = Budget(self._limits.opinion)
                found = lint_policy(policy, self._enabled, self._catalog, limits)
                self.unresolved.update(dict.fromkeys(unresolved(policy, candidate.to_file)))
                self.findings += self._reported(policy, found, Locator(candidate).locate)
                self.count += 1

    def policies(self, entries: Iterable[FoundPolicy]) -> None:
        """Lint the policies of the file.

        What is found in several cases of one policy is reported once, and so is what is found in a
        value that is in it several times.
        """
        known: dict[str | None, set[tuple[str, Span]]] = {}
        in_any: set[tuple[str, Span]] = set()
        shown: set[tuple[str | None, str, Span, str, tuple[str, ...]]] = set()
        for entry, found in self._in_groups(entries):
            locate = Locator(entry).locate
            name = entry.policy.name
            places = [(finding.rule, entry.to_file(finding.span)) for finding in found]
            same = known.setdefault(name, set())
            # What is found in a part of a merged policy is not found again in the policy.
            old = in_any if entry.merged else same if entry.case else set()
            new = [f for f, place in zip(found, places, strict=True) if place not in old]
            if entry.elsewhere:
                new = [finding for finding in new if not _is_elsewhere(finding, entry)]
            same.update(places)
            in_any.update(places)
            added: list[Finding] = []
            for finding in self._reported(entry.policy, new, locate):
                text = (name, finding.rule, finding.span, finding.title, finding.notes)
                if text not in shown:
                    shown.add(text)
                    added.append(finding)
            self.findings += added
            if not (entry.case or entry.merged) and any(f.rule == _ESCALATION[0] for f in added):
                about = [finding for finding in added if finding.rule in _ESCALATION]
                self._escalating.append((entry, about))
            self.count += not (entry.case or entry.merged)

    def assumed(self, entries: Iterable[FoundPolicy]) -> None:
        """Lint policies as they are if variables have the defaults that are in the file."""
        known, first = [*self.findings], len(self.findings)
        self.called(entries)
        self.findings[first:] = [
            as_assumed(finding)
            for finding in self.findings[first:]
            # The text of a default that is a policy is linted by itself.
            if not any(
                other.rule == finding.rule
                and other.span.start <= finding.span.start
                and finding.span.end <= other.span.end
                for other in known
            )
        ]

    def called(self, entries: Iterable[FoundPolicy]) -> None:
        """Lint the policies of modules that the file calls, for what it gives to them."""
        shown: set[tuple[str, object]] = set()
        for entry in entries:
            for finding in _lint_entry(entry, self._enabled, self._catalog, self._limits):
                given = given_span(finding, entry)
                if given is not None and (finding.rule, given[1]) not in shown:
                    shown.add((finding.rule, given[1]))
                    there = finding._replace(span=given[0], related=(), whole=None, fixes=())
                    self.findings += self._reported(entry.policy, [there], Locator(entry).locate)

    def _in_groups(
        self, entries: Iterable[FoundPolicy]
    ) -> Iterator[tuple[FoundPolicy, list[Finding]]]:
        """The policies and what is found in them, up to the limit of a file."""
        for group in grouped(entries):
            linted: list[tuple[FoundPolicy, list[Finding]]] = []
            for entry in group:
                if self._limits.exhausted:
                    break
                found = _lint_entry(entry, self._enabled, self._catalog, self._limits)
                linted.append((entry, found))
            yield from zip(group, certain(linted), strict=False)
            if len(linted) < len(group):
                entry = group[len(linted)]
                left_out = file_left_out(entry.policy, self._catalog)
                self.findings.append(Locator(entry).locate(left_out))
                return

    def _reported(
        self, policy: Policy, found: list[Finding], locate: Callable[[Finding], Finding]
    ) -> list[Finding]:
        """The findings in a policy that are not suppressed, at their places in the file."""
        reported, suppressed = self._suppress(policy, found)
        self.suppressed += located(locate, suppressed)
        return list(map(locate, reported))


def _lint_entry(
    entry: FoundPolicy,
    enabled: Mapping[str, Rule],
    catalog: Catalog,
    limits: Budget,
) -> list[Finding]:
    """What is found in a policy; nobody can tidy the words of one that AWS has published."""
    rules_ = rules_for(entry, enabled)
    found = lint_policy(entry.policy, rules_, catalog, limits, keeps=not entry.is_json)
    if entry.published:
        return [finding for finding in found if finding.severity is not Severity.SUGGESTION]
    return found


def _is_elsewhere(finding: Finding, entry: FoundPolicy) -> bool:
    """Whether a finding is about one other file only, where it is found, too."""
    spans = (finding.span, *(related.span for related in finding.related))
    places = set(map(entry.to_file, spans))
    return len(places) == 1 and not places.isdisjoint(entry.elsewhere)


def _problem(problem: Problem, source: Source, enabled: Mapping[str, Rule]) -> Finding:
    return Finding(
        problem.rule,
        (enabled.get(problem.rule) or rules()[problem.rule]).severity,
        source,
        problem.span,
        pointer="",
        title=problem.message,
        help_template=problem.help,
        # What it checks is policies, not what is around them.
        issue_codes=() if problem.around else rules()[problem.rule].access_analyzer,
    )
