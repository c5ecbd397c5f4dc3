import json
import re

import pytest

from multitool_lint.aws import policy_types
from multitool_lint.checks.oversized_policy import _SMALLEST_QUOTA
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.rewrite.fix import fix
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
        (PolicyType.BOUNDARY, None, 6144, "warning"),
        (PolicyType.SESSION, None, 2048, "warning"),
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
    kind = "IDENTITY" if type.has_identity_grammar else kind
    kind = f"{kind}_POLICY" if kind in ("IDENTITY", "RESOURCE") else kind
    # Access Analyzer compares identity policies with the largest quota that one can have.
    coded = not type.has_identity_grammar or limit >= 10240
    assert finding.issue_code == (f"POLICY_SIZE_EXCEEDS_{kind}_QUOTA" if coded else None)
    assert finding.severity.value == severity
    assert f"{limit + 1:,} " in finding.title
    assert f"{limit:,} for" in finding.title


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
    assert finding.help == "remove line breaks and indentation"
    assert not lint("\n" * 9000 + sized(5120), PolicyType.RCP)


def test_bytes_count_where_the_quota_is_in_bytes() -> None:
    text = sized(8000, "sqs:SendMessage")
    assert not lint(text, PolicyType.RESOURCE)
    assert lint(text.replace("a" * 200, "\u00e9" * 200), PolicyType.RESOURCE)


def test_the_actions_show_what_a_resource_policy_is_attached_to() -> None:
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
    assert "at least 7,04" in finding.title


ARNS = [f"arn:aws:s3:::reports-of-department-{number:02}/*" for number in range(100)]


def data_source(resources: list[str], values: list[str], path: str = "main.tf") -> Source:
    if path.endswith(".json"):
        statement = {
            "actions": ["s3:GetObject"],
            "resources": resources,
            "condition": {"test": "StringEquals", "variable": "aws:username", "values": values},
        }
        document = {"x": {"statement": statement}}
        return Source(path, json.dumps({"data": {"aws_iam_policy_document": document}}))
    return Source(
        path,
        'data "aws_iam_policy_document" "x" {\n  statement {\n    actions = ["s3:GetObject"]\n'
        f'    resources = {json.dumps(resources)}\n    condition {{\n      test = "StringEquals"\n'
        f'      variable = "aws:username"\n      values = {json.dumps(values)}\n    }}\n  }}\n}}\n',
    )


@pytest.mark.parametrize("path", ["main.tf", "main.tf.json"])
def test_what_terraform_keeps_as_a_set_counts_once(path: str) -> None:
    enabled = {"oversized-policy": rules()["oversized-policy"]}

    def found(resources: list[str], values: list[str]) -> tuple[Finding, ...]:
        return lint_source(data_source(resources, values, path), enabled=enabled).findings

    assert not found(ARNS, ["a"])
    assert not found(ARNS * 2, ["a"])
    assert not found([*ARNS, *ARNS[:50]] * 3, ["a"])
    (finding,) = found([*ARNS, *(arn.replace("s3:::", "s3:::my-") for arn in ARNS)] * 2, ["a"])
    size = len(json.dumps([*ARNS, *ARNS], separators=(",", ":"))) + 3 * len(ARNS)
    written = int(re.findall(r"[\d,]+", finding.title)[0].replace(",", ""))
    assert 0 < written - size < 250  # the rest of the policy
    assert found(["*"], ["a" * 70] * 90)  # the values of conditions are a list


def test_what_terraform_writes_as_it_is_counts_as_often_as_it_is_there() -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject"}],
    }
    document["Statement"][0]["Resource"] = ARNS * 2  # type: ignore[index]
    text = f'resource "aws_iam_policy" "x" {{\n  policy = jsonencode({json.dumps(document)})\n}}\n'
    enabled = {"oversized-policy": rules()["oversized-policy"]}
    assert lint_source(Source("main.tf", text.replace('": ', '" = ')), enabled=enabled).findings
    assert lint(json.dumps(document))


def test_a_fix_leaves_no_repeated_value() -> None:
    text = data_source([ARNS[0], ARNS[1], ARNS[0], "arn:aws:s3:::reports-of-department-*"], ["a"])
    fixed = fix(text, lint=lint_source, keep_wildcards=True, catalog=None).text
    assert "department-*" in fixed
    assert ARNS[0] not in fixed
    assert ARNS[1] not in fixed


def test_the_largest_statements_are_named() -> None:
    resource = "arn:aws:s3:::" + "a" * 1000
    statement = {"Effect": "Allow", "Action": "s3:GetObject"}
    parts = [{**statement, "Sid": f"S{n}", "Resource": [resource] * n} for n in (1, 4, 0, 2)]
    (finding,) = lint(json.dumps({"Version": "2012-10-17", "Statement": parts}))
    assert re.findall(r'"(S\d)"', finding.notes[-1]) == ["S4", "S2", "S1"]
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
