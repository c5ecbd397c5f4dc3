import json
import re

import pytest

from multitool_lint.aws import policy_types
from multitool_lint.checks.oversized_policy import _SMALLEST_QUOTA
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.document import PolicyType
from multitool_lint.syntax.source import Source


def lint(
    text: str, type: PolicyType = PolicyType.IDENTITY, resource_type: str | None = None
) -> tuple[Finding, ...]:
    return lint_source(
        Source("policy.json", text),
        type=type,
        resource_type=resource_type,
        enabled={"oversized-policy": rules()["oversized-policy"]},
    ).findings


def sized(size: int, action: str = "s3:GetObject") -> str:
    """A policy of so many characters, none of them whitespace."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
    return text.replace(":::", ":::" + "a" * (size - len(text)))


@pytest.mark.parametrize(
    ("type", "resource_type", "limit", "severity"),
    [
        (PolicyType.IDENTITY, None, 6144, "warning"),
        (PolicyType.IDENTITY, "AWS::IAM::RolePolicy", 10240, "warning"),
        (PolicyType.IDENTITY, "AWS::IAM::UserPolicy", 2048, "warning"),
        (PolicyType.IDENTITY, "AWS::IAM::GroupPolicy", 5120, "warning"),
        (PolicyType.TRUST, None, 2048, "warning"),
        (PolicyType.TRUST, "AWS::IAM::AssumeRolePolicyDocument", 2048, "warning"),
        (PolicyType.SCP, None, 10240, "error"),
        (PolicyType.RCP, None, 5120, "error"),
        (PolicyType.RESOURCE, None, 20480, "warning"),
        (PolicyType.RESOURCE, "AWS::S3::Bucket", 20480, "warning"),
        (PolicyType.RESOURCE, "AWS::SQS::Queue", 8192, "warning"),
        (PolicyType.RESOURCE, "AWS::KMS::Key", 32768, "warning"),
    ],
)
def test_limits(type: PolicyType, resource_type: str | None, limit: int, severity: str) -> None:
    assert not lint(sized(limit), type, resource_type)
    (finding,) = lint(sized(limit + 1), type, resource_type)
    kind = "ROLE_TRUST_POLICY" if type is PolicyType.TRUST else type.name
    kind = f"{kind}_POLICY" if type in (PolicyType.IDENTITY, PolicyType.RESOURCE) else kind
    # Access Analyzer compares identity policies with the largest quota that one can have.
    coded = type is not PolicyType.IDENTITY or limit >= 10240
    assert finding.issue_code == (f"POLICY_SIZE_EXCEEDS_{kind}_QUOTA" if coded else None)
    assert finding.severity.value == severity
    assert f"{limit + 1:,} " in finding.message
    assert f"{limit:,} for" in finding.message


def test_issue_codes_are_those_of_the_page() -> None:
    codes = set()
    for type_ in PolicyType:
        (finding,) = lint(sized(40_000), type_)
        codes.add(finding.issue_code)
    assert codes == set(rules()["oversized-policy"].access_analyzer)


def test_whitespace_counts_for_control_policies_only() -> None:
    wide = sized(5000).replace(",", ",\n" + " " * 100)
    assert not lint(wide)
    (finding,) = lint(wide, PolicyType.RCP)
    assert "without line breaks and indentation it fits" in finding.message
    assert not lint("\n" * 9000 + sized(5120), PolicyType.RCP)


def test_bytes_count_where_the_quota_is_in_bytes() -> None:
    text = sized(8000, "sqs:SendMessage")
    assert not lint(text, PolicyType.RESOURCE)
    assert lint(text.replace("a" * 200, "\u00e9" * 200), PolicyType.RESOURCE)


def test_the_actions_tell_what_a_resource_policy_is_attached_to() -> None:
    assert lint(sized(9000, "sqs:SendMessage"), PolicyType.RESOURCE)
    assert not lint(sized(9000, "sns:Publish"), PolicyType.RESOURCE)
    assert not lint(sized(99_000, "execute-api:Invoke"), PolicyType.RESOURCE)
    assert not lint(sized(99_000), PolicyType.RESOURCE, "AWS::Backup::BackupVault")


def test_what_a_template_fills_in_counts_nothing() -> None:
    text = sized(7000).replace("a" * 1000, "${var." + "a" * 1000 + "}", 1)
    assert not lint(text)
    two = json.loads(sized(7000))
    two["Statement"].append({"Effect": "Allow", "Action": "${var.x}", "Resource": "*"})
    (finding,) = lint(json.dumps(two))
    assert "at least 7,04" in finding.message


def test_the_largest_statements_are_named() -> None:
    resource = "arn:aws:s3:::" + "a" * 1000
    statement = {"Effect": "Allow", "Action": "s3:GetObject"}
    parts = [{**statement, "Sid": f"S{n}", "Resource": [resource] * n} for n in (1, 4, 0, 2)]
    (finding,) = lint(json.dumps({"Version": "2012-10-17", "Statement": parts}))
    assert re.findall(r'"(S\d)"', finding.message) == ["S4", "S2", "S1"]
    assert finding.pointer == "/Statement/1"


def test_every_quota_is_named_and_positive() -> None:
    for holder, quota in policy_types.quotas().items():
        assert quota.limit >= _SMALLEST_QUOTA, holder
        assert quota.unit in ("characters", "bytes")
        assert quota.policy.startswith(("a ", "an ", "the "))
    services = [quota.service for quota in policy_types.quotas().values() if quota.service]
    assert len(set(services)) == len(services)
    assert not policy_types.quota_of_service(set())
    assert not policy_types.quota_of_service({"s3", "sqs"})
    assert not policy_types.quota_of_service({""})
