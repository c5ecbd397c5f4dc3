"""Tests for the trial of fixes before they are offered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from multitool_lint import limits
from multitool_lint.diagnostics.finding import Safety
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter import trial
from multitool_lint.linter.engine import lint_source
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from multitool_lint.diagnostics.finding import Finding

READ = {"Effect": "Allow", "Action": "s3:GetObjct", "Resource": "arn:aws:s3:::app/*"}


def source(*statements: dict[str, Any], **elements: str) -> Source:
    document = {"Version": "2012-10-17", **elements, "Statement": list(statements)}
    return Source("policy.json", json.dumps(document, indent=2))


def found(rule: str, *statements: dict[str, Any]) -> list[Finding]:
    return [each for each in lint_source(source(*statements)).findings if each.rule == rule]


def others(number: int) -> list[dict[str, Any]]:
    """Statements about another service, none of which another one covers."""
    queue = "arn:aws:sqs:eu-west-1:111122223333:queue-{}"
    return [
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue.format(at)}
        for at in range(number)
    ]


@pytest.mark.parametrize("long", [0, 20])
@pytest.mark.parametrize(
    ("statement", "fix_or_reason"),
    [
        (READ, 'Replace with "s3:GetObject"'),
        (
            {**READ, "Action": ["s3:GetObject", "s3:ListObjects"]},
            "s3:ListBucket does not act on any resource in this statement [mismatched-resource]",
        ),
        (
            {**READ, "Action": "secretsmanager:GetSecretValu", "Resource": "*"},
            "and is allowed on all resources [credentials-exposure]",
        ),
    ],
)
def test_a_fix_that_leads_to_another_finding_is_not_offered(
    statement: dict[str, Any], fix_or_reason: str, long: int
) -> None:
    [finding] = found("unknown-action", *others(long), statement, *others(long // 2))
    if finding.fixes:
        assert finding.fixes[0].title == fix_or_reason
    else:
        assert finding.notes[-1].startswith("no fix is offered: Replace with ")
        assert finding.notes[-1].endswith(fix_or_reason)


def test_a_fix_that_repeats_a_statement_of_another_service_is_not_offered() -> None:
    good, wrong = (
        {"Effect": "Allow", "Action": f"{at}:*", "Resource": "*"} for at in ("dynamodb", "dynamdb")
    )
    [finding] = found("unknown-service", *others(20), good, wrong)
    assert not finding.fixes
    assert finding.notes[-1].endswith("a statement would be redundant [redundant-statement]")
    [finding] = found("unknown-service", *others(20), wrong)
    assert [fix.title for fix in finding.fixes] == ['Change the service to "dynamodb" in 1 action']


def test_rules_that_are_not_selected_are_asked_too() -> None:
    only = {"unknown-action": rules()["unknown-action"]}
    statement = {**READ, "Action": ["s3:GetObject", "s3:ListObjects"]}
    [finding] = lint_source(source(statement), enabled=only).findings
    assert not finding.fixes


def test_what_cannot_be_tried_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "MAX_TRIED_CHARACTERS", 100)
    assert limits.MAX_TRIED_CHARACTERS > 100
    [finding] = found("unknown-action", READ)
    assert not finding.fixes
    assert finding.notes[-1].endswith("too much to try in this policy")


def test_a_safe_fix_is_offered_only_where_a_proof_is_possible() -> None:
    text = """\
variable "cluster" {}
data "aws_iam_policy_document" "p" {
  statement {
    actions   = ["ec2:RunInstances"]
    resources = ["arn:aws:ec2:eu-west-1:111122223333:launch-template/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/KEY"
      values   = ["owned"]
    }
    condition {
      test     = "StringLike"
      variable = "aws:PrincipalTag/team"
      values   = ["*"]
    }
  }
}
"""
    known = Source("main.tf", text.replace("KEY", "cluster"))
    [finding] = lint_source(known).findings
    assert [fix.safety for fix in finding.fixes] == [Safety.SAFE]
    assert 'test     = "Null"' in fix(known).text
    assert 'values   = ["false"]' in fix(known).text
    unknown = Source("main.tf", text.replace('"aws:ResourceTag/KEY"', "var.cluster"))
    [finding] = lint_source(unknown).findings
    assert not finding.fixes
    assert not fix(unknown).refused


def test_of_fixes_that_fail_together_as_many_as_possible_are_applied() -> None:
    actions = ["budgets:CreateBudget", "budgets:UpdateBudget", "budgets:DescribeBudgets"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    result = fix(source(statement), unsafe=True)
    [fixed] = json.loads(result.text)["Statement"]
    assert fixed["Action"] == ["budgets:ModifyBudget", "budgets:ViewBudget"]
    assert not result.refused
    assert not [left for left in result.remaining.findings if left.rule == "unknown-action"]


def test_the_counts_of_the_report_are_those_of_fix() -> None:
    logs = "arn:aws:s3:::logs/*"
    statements: list[dict[str, Any]] = [
        READ,
        {**READ, "Action": ["s3:GetObject", "s3:Get*"], "Resource": logs},
        {**READ, "Action": "kms:ReEncrypt", "Resource": "arn:aws:kms:eu-west-1:111122223333:key/a"},
    ]
    policy = source(*statements)
    fixable = [finding for finding in lint_source(policy).findings if finding.fixes]
    result = fix(policy, unsafe=True)
    assert len(result.applied) == len(fixable)
    assert not [finding for finding in result.remaining.findings if finding.fixes]


def test_a_finding_about_fewer_actions_is_not_a_new_one() -> None:
    idle = ["s3:GetBucketAcl", "s3:GetBucketCORS"]
    listed = {**READ, "Action": ["s3:GetObject", "s3:ListBucket*", "s3:ListBucketVersions", *idle]}
    (finding,) = found("redundant-action", listed)
    assert [fix.safety for fix in finding.fixes] == [Safety.MANUAL]
    text = fix(source(listed), keep_wildcards=True).text
    assert "s3:ListBucketVersions" not in text
    # An action more of which the same is found is a new problem.
    operation = {**READ, "Action": ["s3:GetObject", "s3:ListObjects", *idle]}
    (finding,) = found("unknown-action", operation)
    assert not finding.fixes
    assert "3 actions do not act on any resource" in finding.notes[0]


def test_without_a_fix_the_help_does_not_name_the_command() -> None:
    names = ["s3:GetObject", "s3:ListBucket*", "s3:ListBucketVersions"]
    (finding,) = found("redundant-action", {**READ, "Action": names})
    assert not finding.fixes
    assert (
        finding.help
        == "keep the listed actions: multitool-lint tighten --drop-wildcards policy.json"
    )
