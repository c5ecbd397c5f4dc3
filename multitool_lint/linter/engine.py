"""Lint a source: load its policies, run the checks and engines, collect the findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.catalog import Catalog, CatalogError, bundled
from multitool_lint.diagnostics.features import FEATURES, features
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import UNJUDGED, Rule, Severity, rules
from multitool_lint.formats import Problem, ReadResult, Skipped, read_source
from multitool_lint.limits import MAX_SOURCE_VALUES
from multitool_lint.linter.locate import Locator, locate_in_json, located
from multitool_lint.linter.plan import plan
from multitool_lint.linter.report import Report, Suppressed
from multitool_lint.linter.truncate import Budget
from multitool_lint.linter.unresolved import Unresolved, unresolved

if TYPE_CHECKING:
    from multitool_lint.formats.normalized import Embedded, NormalizedPolicy
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.policy_type import PolicyType
    from multitool_lint.syntax.source import Source, Span
    from multitool_lint.syntax.tree import Node

SCHEMAS = "json_schema"
"""The engine that answers the rules of the grammar; it may repeat what a check reports."""

WHOLE_RULES = frozenset({"duplicate-sid", "oversized-policy"})
"""The rules about a policy as a whole, which others that it is merged from cannot answer."""

SIZE_RULE = "oversized-policy"
"""The rule that reports the part of a policy that was not checked, even if it is disabled."""

_FILE_LIMIT = f"the policies before it have {MAX_SOURCE_VALUES:,} values"

Engine = Callable[["Policy", "Catalog", "Mapping[str, Rule]"], "Iterator[Finding]"]
"""The function `findings` of an engine module: what it has to say under the enabled rules."""


SuppressionFilter = Callable[
    ["Policy | None", "list[Finding]"], "tuple[list[Finding], list[Suppressed]]"
]
"""Parts the findings of a policy into those that are to be reported and those that are not."""


def default_rules() -> Mapping[str, Rule]:
    """The rules that run where nothing is configured."""
    return {id_: rule for id_, rule in rules().items() if rule.default}


def _reports_all(
    policy: Policy | None,  # noqa: ARG001 - others ask it
    findings: list[Finding],
) -> tuple[list[Finding], list[Suppressed]]:
    return findings, []


def lint_source(  # noqa: PLR0913  # the settings of a file
    source: Source,
    *,
    type: PolicyType | None = None,
    resource_type: str | None = None,
    enabled: Mapping[str, Rule] | None = None,
    catalog: Catalog | None = None,
    suppress: SuppressionFilter = _reports_all,
    confirms: bool = True,
    parameters: tuple[tuple[str, str], ...] = (),
) -> Report:
    """Lint every policy of a source with the enabled rules.

    `type` and `resource_type` are given where the shape of a policy does not decide them. Findings
    come in the order of their places. Where a check and an engine report the same rule at the same
    place, what the first of them says is kept. `suppress` is asked of every policy, while that is
    there, which of its findings are to be reported. With `confirms`, parliament is asked about
    them, too. `parameters` are what another template gives to this one.
    """
    enabled = default_rules() if enabled is None else enabled
    catalog = catalog or bundled()
    loaded = read_source(source, type=type, resource_type=resource_type, parameters=parameters)
    findings = [_problem(problem, source, enabled) for problem in loaded.problems]
    suppressed: list[Suppressed] = []
    open_values: dict[Unresolved, None] = {}
    limits = Budget(confirms=confirms)
    count = 0
    for policy in loaded.policies:
        if limits.exhausted:
            findings.append(_left_out(policy, policy.root, _FILE_LIMIT, catalog))
            break
        found = _lint_policy(policy, enabled, catalog, limits)
        open_values.update(dict.fromkeys(unresolved(policy, lambda span: span)))
        reported, kept_back = suppress(policy, found)
        locate: Callable[[Finding], Finding] = partial(locate_in_json, policy=policy)
        findings += map(locate, reported)
        suppressed += located(locate, kept_back)
        count += 1
    skipped = list(loaded.skipped)
    for candidate in loaded.stream:
        if isinstance(candidate, Problem):
            findings.append(_problem(candidate, source, enabled))
        elif isinstance(candidate, Skipped):
            skipped.append(candidate)
        else:
            limits_of_one = Budget(confirms=confirms)
            found = _lint_policy(candidate.policy, enabled, catalog, limits_of_one)
            open_values.update(dict.fromkeys(unresolved(candidate.policy, candidate.to_file)))
            reported, kept_back = suppress(candidate.policy, found)
            locate = Locator(candidate).locate
            findings += map(locate, reported)
            suppressed += located(locate, kept_back)
            count += 1
    for entry in loaded.cases:
        open_values.update(dict.fromkeys(unresolved(entry.policy, entry.to_file)))
    more, kept_back, written = _lint_written(loaded, enabled, catalog, limits, suppress)
    return Report(
        source,
        (*loaded.policies, *(entry.in_file for entry in loaded.cases)),
        tuple(skipped),
        (*findings, *more),
        count + written,
        (*suppressed, *kept_back),
        loaded.comments,
        format=loaded.format,
        unresolved=tuple(open_values),
    )


def _lint_written(
    loaded: ReadResult,
    enabled: Mapping[str, Rule],
    catalog: Catalog,
    limits: Budget,
    suppress: SuppressionFilter,
) -> tuple[list[Finding], list[Suppressed], int]:
    """Lint the policies that are not written as AWS gets them; how many there are comes last.

    What is found in several cases of one policy is said once, and so is what is found in a value
    that stands in it several times.
    """
    findings: list[Finding] = []
    suppressed: list[Suppressed] = []
    count = 0
    said: dict[str | None, set[tuple[str, Span]]] = {}
    in_any: set[tuple[str, Span]] = set()
    shown: set[tuple[str | None, str, Span, str, tuple[str, ...]]] = set()
    for entry in (*loaded.normalized, *loaded.merged):
        locate = Locator(entry).locate
        if limits.exhausted:
            left_out = _left_out(entry.policy, entry.policy.root, _FILE_LIMIT, catalog)
            findings.append(locate(left_out))
            break
        found = _lint_entry(entry, enabled, catalog, limits)
        places = [(finding.rule, entry.to_file(finding.span)) for finding in found]
        same = said.setdefault(entry.policy.name, set())
        if entry.case or entry.merged:
            # What is found in a part of a merged policy is not found again in the policy.
            known = in_any if entry.merged else same
            found = [finding for finding, at in zip(found, places, strict=True) if at not in known]
        same.update(places)
        in_any.update(places)
        reported, kept_back = suppress(entry.policy, found)
        for finding in map(locate, reported):
            at = (entry.policy.name, finding.rule, finding.span, finding.title, finding.notes)
            if at not in shown:
                shown.add(at)
                findings.append(finding)
        suppressed += located(locate, kept_back)
        count += not (entry.case or entry.merged)
    findings.sort(key=lambda finding: (finding.span, finding.rule))
    return findings, suppressed, count


def _lint_entry(
    entry: Embedded | NormalizedPolicy,
    enabled: Mapping[str, Rule],
    catalog: Catalog,
    limits: Budget,
) -> list[Finding]:
    """What is found in a policy; nobody can tidy the words of one that AWS has published."""
    found = _lint_policy(entry.policy, _rules_for(entry, enabled), catalog, limits)
    if entry.published:
        return [finding for finding in found if finding.severity is not Severity.SUGGESTION]
    return found


def _rules_for(
    entry: Embedded | NormalizedPolicy, enabled: Mapping[str, Rule]
) -> Mapping[str, Rule]:
    """The rules for a policy: of one that AWS has published, about what it grants."""
    if entry.merged:
        return {id_: rule for id_, rule in enabled.items() if id_ in WHOLE_RULES}
    if entry.published:
        security = {id_ for id_, rule in rules().items() if rule.severity is Severity.SECURITY}
        of_organisation = enabled.keys() - rules().keys()
        return {id_: enabled[id_] for id_ in enabled if id_ in security | of_organisation}
    return enabled


def _problem(problem: Problem, source: Source, enabled: Mapping[str, Rule]) -> Finding:
    return Finding(
        problem.rule,
        (enabled.get(problem.rule) or rules()[problem.rule]).severity,
        source,
        problem.span,
        pointer="",
        title=problem.message,
        help_template=problem.help,
        issue_codes=rules()[problem.rule].access_analyzer,
    )


def _lint_policy(
    policy: Policy, enabled: Mapping[str, Rule], catalog: Catalog, limits: Budget
) -> list[Finding]:
    policy, left_out, reason = limits.truncated(policy)
    findings: list[Finding] = []
    try:
        found = features(policy, catalog)
    except CatalogError:
        raise  # no check can be asked
    except Exception as error:  # noqa: BLE001 - every check runs, and the failure is reported
        found = FEATURES
        findings.append(_failure("features", error, policy, catalog))
    for name, run, arguments in _runs(policy, enabled, catalog, found):
        try:
            new = list(run(*arguments))
        except CatalogError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the others go on
            new = [_failure(name, error, policy, catalog)]
        if new and name == SCHEMAS:
            said = {_place(finding) for finding in findings if finding.rule not in UNJUDGED}
            new = [finding for finding in new if _place(finding) not in said]
        findings += new
    findings = _confirmed(findings, policy, catalog, limits)
    if left_out:
        # A fix of the checked part could lose the other one.
        findings = [
            replace(finding, fixes=()) if finding.fixes else finding for finding in findings
        ]
        limit = f"the policy has more than {reason}, which AWS accepts in no policy"
        findings.append(_left_out(policy, left_out, limit, catalog))
    return sorted(findings, key=lambda finding: (finding.span, finding.rule))


def _confirmed(
    findings: list[Finding], policy: Policy, catalog: Catalog, limits: Budget
) -> list[Finding]:
    """The findings, those that parliament reports as well marked as such."""
    if not findings:
        return findings
    from multitool_lint.engines.parliament import engine as parliament

    try:
        return parliament.confirm(findings, policy, catalog, limits.spend)
    except CatalogError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - such as a broken installation
        return [*findings, _failure(parliament.NAME, error, policy, catalog)]


def _left_out(policy: Policy, place: Node, reason: str, catalog: Catalog) -> Finding:
    """The part that is not checked is reported, whatever rules are enabled: it fails the run."""
    context = Context(rules()[SIZE_RULE], policy, catalog)
    parts = "policies" if reason == _FILE_LIMIT else "statements"
    return context.finding(
        place,
        f"The {parts} from here on are not checked",
        notes=(reason,) if reason == _FILE_LIMIT else (reason, "other findings have no fixes"),
        help=f"split the {'file' if reason == _FILE_LIMIT else 'policy'}",
        severity=Severity.ERROR,
    )


def _runs(
    policy: Policy, enabled: Mapping[str, Rule], catalog: Catalog, found: frozenset[str]
) -> list[tuple[str, Callable[..., Iterator[Finding]], tuple[object, ...]]]:
    """The checks and engines for a policy with these features, with their names and arguments."""
    planned = plan(enabled, policy.type.value)
    checks = planned.checks(found)
    return [
        *[(name, check, (policy, Context(rule, policy, catalog))) for name, rule, check in checks],
        (SCHEMAS, _schemas(), (policy, catalog, planned.applicable)),
    ]


def _place(finding: Finding) -> tuple[str, Span]:
    return finding.rule, finding.span


def _failure(name: str, error: BaseException, policy: Policy, catalog: Catalog) -> Finding:
    context = Context(rules()["internal-error"], policy, catalog)
    return context.finding(
        policy.root,
        f"Check {name} failed on this policy: {type(error).__name__}",
        notes=(str(error),) if str(error) else (),
        help="report the error, with the policy if you can share it",
    )


@cache
def _schemas() -> Engine:
    from multitool_lint.engines.json_schema.engine import findings

    return findings
