"""The checks of IAM Access Analyzer: each code has a rule, and holds on policies written for it.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

DATA = json.loads((Path(__file__).parent / "data" / "access_analyzer.json").read_text("utf-8"))
SHARED = Path(__file__).parents[2] / "shared" / "access-analyzer"
"""Further cases, next to the checkout: not all that is measured belongs into it."""

TYPES = {"role-trust": "trust"}
"""What those cases call a policy type otherwise."""


def shared_cases() -> list[dict[str, Any]]:
    """What AWS documents, and what it answered; none where the files are absent."""
    paths = [SHARED / name for name in ("cases.json", "real-cases.json")]
    return [case for path in paths if path.exists() for case in json.loads(path.read_text("utf-8"))]


def codes_found(case: dict[str, Any]) -> set[str]:
    text = case.get("policy_text") or json.dumps(case["policy"], indent=2)
    findings = lint_source(
        Source("policy.json", text),
        type=PolicyType(TYPES.get(case["policy_type"], case["policy_type"])),
        resource_type=case.get("resource_type"),
        enabled=rules(),
    ).findings
    assert all(finding.rule != "internal-error" for finding in findings)
    return {code for finding in findings for code in finding.issue_codes}


def test_every_code_has_a_rule_and_what_aws_removed_has_none() -> None:
    answered = {code for rule in rules().values() for code in rule.access_analyzer}
    assert answered >= set(DATA["codes"])
    assert not answered & set(DATA["removed"])


@pytest.mark.parametrize("case", [*DATA["cases"], *shared_cases()], ids=lambda case: case["id"])
def test_case(case: dict[str, Any]) -> None:
    found = codes_found(case)
    tolerated = set(case.get("may_also", []))
    if case["expect"]:
        wanted = {case["code"], *case.get("accept_any", [])}
        assert found & wanted
        assert found <= wanted | tolerated
    else:
        assert case["code"] not in found
        assert found <= tolerated
