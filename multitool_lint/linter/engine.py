"""Lint a source: load its policies, run the checks and engines, collect the findings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import Rule, rules
from multitool_lint.formats import is_terraform, read_source
from multitool_lint.formats.result import SYNTAX_RULE
from multitool_lint.linter.report import Report, Suppressed, unresolved
from multitool_lint.linter.settings import Opinion
from multitool_lint.linter.source_findings import SourceFindings, SuppressionFilter
from multitool_lint.syntax.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.linter.deployed import DeploymentReading
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.policy_type import PolicyType


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
    opinion: Opinion = Opinion.USUAL,
    parameters: tuple[tuple[str, str], ...] = (),
) -> Report:
    """Lint every policy of a source with the enabled rules.

    `type` and `resource_type` are given where the shape of a policy does not decide them. Findings
    come in the order of their places. `suppress` is asked of every policy, while that is there,
    which of its findings are to be reported. `opinion` says about which of them parliament is
    asked, too. `parameters` are what another template gives to this one.
    """
    enabled = default_rules() if enabled is None else enabled
    loaded = read_source(source, type=type, resource_type=resource_type, parameters=parameters)
    found: DeploymentReading | None = None
    if is_terraform(source):
        from multitool_lint.linter.deployed import of_file

        if found := of_file(source, loaded):
            loaded = loaded._replace(policies=(*loaded.policies, *found.own), skipped=found.skipped)
    run = SourceFindings(source, enabled, catalog or bundled(), suppress, opinion)
    run.problems(loaded.problems)
    if any(problem.rule == SYNTAX_RULE for problem in loaded.problems):
        run.by_parliament()
        run.beyond_mistakes(loaded, partial(read_source, type=type, resource_type=resource_type))
    skipped = [*loaded.skipped, *run.stream(loaded.stream)]
    for entry in loaded.cases:
        run.unresolved.update(dict.fromkeys(unresolved(entry.policy, entry.to_file)))
    in_order = len(run.findings)
    run.references(loaded.references)
    run.policies(loaded.policies)
    run.called(found.called if found else ())
    run.assumed(found.assumed if found else ())
    run.identities(loaded, found.identities if found else None)
    if run.unresolved and is_terraform(source):
        from multitool_lint.linter.deployed import left_unresolved

        run.unresolved = dict.fromkeys(left_unresolved(source, run.unresolved))
    written = sorted(run.findings[in_order:], key=lambda finding: (finding.span, finding.rule))
    return Report(
        source,
        tuple(entry.in_file for entry in loaded.cases),
        tuple(skipped),
        (*run.findings[:in_order], *written),
        run.count,
        tuple(run.suppressed),
        loaded.comments,
        format=loaded.format,
        unresolved=tuple(run.unresolved),
        notes=tuple(run.notes),
        reference_count=len(loaded.references),
    )
