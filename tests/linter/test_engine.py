"""Which checks the engine runs on a policy."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from multitool_lint import tighten
from multitool_lint.diagnostics.features import features
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter import one_policy
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.settings import Opinion
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

CLEAN = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}
IMPORTED = """
import sys
from multitool_lint import lint
assert not lint(sys.argv[1])
names = (name.rpartition("multitool_lint.checks.") for name in sys.modules)
print(*[check for _, package, check in names if package])
"""

STARTED = """
import sys
from multitool_lint.cli import main
assert main(sys.argv[1:]) == 1
print()
print(*sys.modules)
"""
FIXTURE = Path(__file__).parents[2] / "fixtures" / "multitool.json"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_only_checks_that_a_policy_may_concern_are_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, document({**CLEAN, "Action": "s3:PutObjectTagging"})],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(done.stdout.split())
    assert "invalid_arn" in imported
    assert not {
        name
        for name in imported
        if (rule := rules()[name.replace("_", "-")]).needs
        and "specific-resources" not in rule.needs
    }


def test_a_check_of_one_policy_does_not_import_what_takes_long() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", STARTED, str(FIXTURE)],
        cwd=FIXTURE.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(done.stdout.rpartition("\n\n")[2].split())
    assert "multitool_lint.cli.commands.check" in imported
    assert not imported & {"asyncio", "dataclasses", "inspect", "jsonschema", "pathlib", "typing"}


def test_a_failure_to_find_features_runs_every_check_and_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = Source("policy.json", document({**CLEAN, "Sid": "A"}, {**CLEAN, "Sid": "A"}))
    expected = lint_source(source).findings
    assert {finding.rule for finding in expected} == {"duplicate-sid", "redundant-statement"}

    def fail(*_: object) -> frozenset[str]:
        raise RecursionError

    monkeypatch.setattr(one_policy, "features", fail)
    report = lint_source(source)
    failures = [finding for finding in report.findings if finding.rule == "internal-error"]
    assert [finding.title for finding in failures] == [
        "Check features failed on this policy: RecursionError"
    ]
    assert report.unchecked
    assert [finding for finding in report.findings if finding not in failures] == list(expected)


def test_a_policy_whose_features_fail_is_linted_like_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twice = json.loads(document({**CLEAN, "Sid": "A"}, {**CLEAN, "Sid": "A"}))
    source = Source("policies.json", json.dumps([twice, twice]))
    expected = lint_source(source)
    assert expected.policy_count == 2
    calls: list[object] = []

    def fail_once(policy: Any, catalog: Any) -> frozenset[str]:  # noqa: ANN401 - as they are
        calls.append(policy)
        if len(calls) == 1:
            raise ValueError
        return features(policy, catalog)

    monkeypatch.setattr(one_policy, "features", fail_once)
    found = lint_source(source).findings
    assert [finding.rule for finding in found].count("internal-error") == 1
    assert tuple(finding for finding in found if finding.rule != "internal-error") == (
        expected.findings
    )
    assert len(calls) == 2


@pytest.mark.parametrize("error", [SystemExit(0), RuntimeError("boom")])
def test_a_failure_to_confirm_findings_is_reported(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("multitool_lint.engines.parliament.engine.confirm", fail)
    source = Source("policy.json", document({**CLEAN, "Sid": "A"}, {**CLEAN, "Sid": "A"}))
    report = lint_source(source, opinion=Opinion.EVERY)
    assert report.unchecked
    assert "duplicate-sid" in {finding.rule for finding in report.findings}


ADMIN = '{"Effect": "Allow", "Action": "*", "Resource": "*"}'


@pytest.mark.parametrize(
    ("text", "rule", "value"),
    [
        (f'{{"Statement": [{ADMIN}], "Statement": []}}', "full-admin-access", '"*"'),
        (
            (
                '{"Statement": {"Effect": "Allow", "Action": "s3:Gett", "Action": "s3:GetObject", '
                '"Resource": "arn:aws:s3:::reports/*"}}'
            ),
            "unknown-action",
            '"s3:Gett"',
        ),
        (
            (
                '{"Statement": [{"Resource": "arn:aws:s3", "Effect": "Allow", '
                '"Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}]}'
            ),
            "invalid-arn",
            '"arn:aws:s3"',
        ),
    ],
)
def test_the_earlier_values_of_a_repeated_key_are_checked(text: str, rule: str, value: str) -> None:
    found = list(lint_source(Source("p.json", text)).findings)
    (finding,) = (finding for finding in found if finding.rule == rule)
    assert text[slice(*finding.span)] == value
    assert not finding.fixes
    assert "most parsers keep only a later" in finding.notes[-1]
    assert "duplicate-key" in {finding.rule for finding in found}


EXPIRED = document(
    {**CLEAN, "Condition": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}}
)
COMMAND = f"aws iam put-role-policy --role-name r --policy-name p --policy-document '{EXPIRED}'\n"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.md", f"```json\n{EXPIRED}\n```\n", False),
        ("a.md", f"```sh\n{COMMAND}```\n", False),
        ("a.md", f"```hcl\nlocals {{\n  p = <<EOF\n{EXPIRED}\nEOF\n}}\n```\n", False),
        ("a.adoc", f"[source,json]\n----\n{EXPIRED}\n----\n", False),
        ("a.rst", f".. code-block:: json\n\n    {EXPIRED}\n", False),
        ("a.json", EXPIRED, True),
        ("a.sh", f"#!/bin/sh\n{COMMAND}", True),
        ("a.tf", f"locals {{\n  p = <<EOF\n{EXPIRED}\nEOF\n}}\n", True),
        ("a.json.tpl", EXPIRED, True),
    ],
)
def test_the_dates_of_examples_pass(path: str, text: str, *, expected: bool) -> None:
    report = lint_source(Source(path, text))
    assert report.policy_count == 1
    assert [f.rule for f in report.findings] == ["expired-statement"] * expected


PASSES_ROLES = {"Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances"], "Resource": "*"}
TEMPLATE = json.dumps(
    {
        "Resources": {
            "P": {
                "Type": "AWS::IAM::Policy",
                "Properties": {"PolicyDocument": {"Statement": [PASSES_ROLES]}},
            }
        }
    }
)
DATA = """data "aws_iam_policy_document" "p" {
  statement {
    actions   = ["iam:PassRole", "ec2:RunInstances"]
    resources = ["*"]
  }
}
"""


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("policy.json", document(PASSES_ROLES), True),
        ("a.yaml", TEMPLATE, True),
        ("a.tf", f"locals {{\n  p = <<EOF\n{document(PASSES_ROLES)}\nEOF\n}}\n", True),
        ("a.test.ts.snap", f"exports[`a 1`] = `\n{TEMPLATE}\n`;\n", False),
        ("a.tf", f"locals {{\n  p = {json.dumps(document(PASSES_ROLES))}\n}}\n", False),
        ("a.tf", DATA, True),
        ("a.tf", DATA.replace("{\n    a", "= [{\n    a").replace("  }", "  }]"), False),
    ],
)
def test_the_help_names_a_command_only_where_it_can_change_the_file(
    path: str, text: str, *, expected: bool
) -> None:
    (finding,) = (
        finding
        for finding in lint_source(Source(path, text)).findings
        if finding.rule == "privilege-escalation"
    )
    assert finding.help.startswith("specify the roles in Resource")
    assert ("multitool-lint" in finding.help) == expected
    after = tighten(Source(path, text), pass_role_to=["ec2.amazonaws.com"]).policy
    assert (after != text) == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("policy.json", "{}", True),
        (
            "a.yaml",
            "{Resources: {P: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {}}}}}",
            False,
        ),
    ],
)
def test_the_help_names_the_type_only_where_it_is_not_known(
    path: str, text: str, *, expected: bool
) -> None:
    statement = {**CLEAN, "Principal": "*"}
    source = Source(path, text.replace("{}", document(statement), 1))
    (finding,) = (
        finding
        for finding in lint_source(source, type=PolicyType.IDENTITY).findings
        if finding.rule == "unsupported-element"
    )
    assert finding.help.startswith('remove "Principal"')
    assert ("--type resource" in finding.help) == expected
