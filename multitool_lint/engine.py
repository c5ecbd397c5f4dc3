"""Lint a source: load its policies, run the checks and engines, collect the findings."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from multitool_lint.findings import Context, Finding
from multitool_lint.iam.catalog import bundled
from multitool_lint.limits import ALL_VALUES_AT_MOST, Limits
from multitool_lint.loaders import load
from multitool_lint.report import Report
from multitool_lint.rulebook import UNJUDGED, Severity, rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from multitool_lint.iam.catalog import Catalog
    from multitool_lint.policy import Node, Policy, PolicyType
    from multitool_lint.rulebook import Rule
    from multitool_lint.source import Source, Span

ENGINES = ("json_schema", "parliament_")
"""The engines that answer rules, by module; what several say alike is said by the first."""

SIZE_RULE = "oversized-policy"
"""The rule that says what was left out of a policy, were it disabled."""

Check = Callable[["Policy", Context], "Iterator[Finding]"]
"""The function `check` of a check module."""

Engine = Callable[["Policy", "Catalog", "Mapping[str, Rule]"], "Iterator[Finding]"]
"""The function `findings` of an engine module: what it has to say under the enabled rules."""


def default_rules() -> Mapping[str, Rule]:
    """The rules that run where nothing is configured."""
    return {id_: rule for id_, rule in rules().items() if rule.default}


def lint_source(
    source: Source,
    *,
    type: PolicyType | None = None,
    resource_type: str | None = None,
    enabled: Mapping[str, Rule] | None = None,
    catalog: Catalog | None = None,
) -> Report:
    """Lint every policy of a source with the enabled rules.

    `type` and `resource_type` are given where the shape of a policy does not decide them. Findings
    come in the order of their places. Where a check and an engine report the same rule at the same
    place, what the first of them says is kept.
    """
    enabled = default_rules() if enabled is None else enabled
    catalog = catalog or bundled()
    loaded = load(source, type=type, resource_type=resource_type)
    findings = [
        Finding(
            problem.rule,
            (enabled.get(problem.rule) or rules()[problem.rule]).severity,
            source,
            problem.span,
            pointer="",
            message=problem.message,
            issue_code="JSON_SYNTAX_ERROR",
        )
        for problem in loaded.problems
    ]
    limits = Limits()
    count = 0
    for policy in loaded.policies:
        if limits.exhausted:
            reason = f"the policies before it have {ALL_VALUES_AT_MOST:,} values"
            findings.append(_left_out(policy, policy.root, f"{reason}; split the file", catalog))
            break
        findings += _lint_policy(policy, enabled, catalog, limits)
        count += 1
    for policy in loaded.stream:
        findings += _lint_policy(policy, enabled, catalog, Limits())
        count += 1
    return Report(source, loaded.policies, loaded.skipped, tuple(findings), count)


def _lint_policy(
    policy: Policy, enabled: Mapping[str, Rule], catalog: Catalog, limits: Limits
) -> list[Finding]:
    policy, left_out, reason = limits.judged(policy)
    findings: list[Finding] = []
    said: set[tuple[str, Span]] = set()
    for name, run, arguments in _runs(policy, enabled, catalog):
        try:
            new = list(run(*arguments))
        except Exception as error:  # noqa: BLE001 - it is reported, and the others go on
            new = [_failure(name, error, policy, catalog)]
        if new:
            new = [each for each in new if _place(each) not in said]
            said.update(_place(each) for each in new if each.rule not in UNJUDGED)
            findings += new
    if left_out:
        # A fix of what was judged could lose what was not.
        findings = [replace(each, fixes=()) if each.fixes else each for each in findings]
        reason = (
            f"it has more than {reason}, which is more than AWS accepts anywhere; what is reported "
            f"holds for the part before, and has no fixes"
        )
        findings.append(_left_out(policy, left_out, reason, catalog))
    return sorted(findings, key=lambda finding: (finding.span, finding.rule))


def _left_out(policy: Policy, place: Node, reason: str, catalog: Catalog) -> Finding:
    """What is left out is told of whatever rules are enabled: it is no pass."""
    context = Context(rules()[SIZE_RULE], policy, catalog)
    message = f"not judged from here on: {reason}"
    return context.finding(place, message, severity=Severity.ERROR)


def _runs(
    policy: Policy, enabled: Mapping[str, Rule], catalog: Catalog
) -> Iterator[tuple[str, Callable[..., Iterator[Finding]], tuple[object, ...]]]:
    """The checks and engines that a policy is given to, each with its name and arguments."""
    type_ = policy.type.value
    applicable = {id_: rule for id_, rule in enabled.items() if type_ in rule.types}
    for id_, rule in applicable.items():
        check = _check(id_)
        if check:
            yield id_, check, (policy, Context(rule, policy, catalog))
    for name in ENGINES:
        yield name.rstrip("_"), _engine(name), (policy, catalog, applicable)


def _place(finding: Finding) -> tuple[str, Span]:
    return finding.rule, finding.span


def _failure(name: str, error: Exception, policy: Policy, catalog: Catalog) -> Finding:
    context = Context(rules()["internal-error"], policy, catalog)
    message = f"{name} failed on this policy: {type(error).__name__}: {error}"
    return context.finding(policy.root, message)


@cache
def _check(rule: str) -> Check | None:
    """The check of a rule, None where an engine or a loader answers it."""
    name = rule.replace("-", "_")
    if f"{name}.py" not in _check_files():
        return None
    check: Check = importlib.import_module(f"multitool_lint.checks.{name}").check
    return check


@cache
def _check_files() -> frozenset[str]:
    # One look at the folder, instead of one for each rule.
    return frozenset(os.listdir(f"{os.path.dirname(__file__)}/checks"))  # noqa: PTH120, PTH208  # Path is slow to import


@cache
def _engine(name: str) -> Engine:
    engine: Engine = importlib.import_module(f"multitool_lint.engines.{name}").findings
    return engine
