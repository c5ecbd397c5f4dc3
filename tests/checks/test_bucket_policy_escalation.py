"""How severe control over the policy of a bucket is for those who create the bucket."""

import json

import pytest

from multitool_lint.linter.engine import default_rules, lint_source
from multitool_lint.syntax.source import Source

TEMPLATE = """
data "aws_iam_policy_document" "x" {{
  statement {{
    actions   = {actions}
    resources = ["{bucket}"]
  }}
}}
"""


@pytest.mark.parametrize(
    ("actions", "bucket", "expected"),
    [
        (["s3:CreateBucket", "s3:PutBucketPolicy"], "arn:aws:s3:::${local.bucket}", "suggestion"),
        (["s3:CreateBucket", "s3:Put*"], "arn:aws:s3:::${var.prefix}-logs", "suggestion"),
        (["s3:CreateBucket", "s3:PutBucketPolicy"], "arn:aws:s3:::*", "security"),
        (["s3:CreateBucket", "s3:PutBucketPolicy"], "*", "security"),
        (["s3:*"], "arn:aws:s3:::logs", "security"),
        (["s3:*Bucket*"], "arn:aws:s3:::logs", "security"),
        (["s3:DeleteBucket", "s3:PutBucketPolicy"], "arn:aws:s3:::logs", "security"),
    ],
)
def test_the_policy_of_a_bucket_belongs_to_creating_it(
    actions: list[str], bucket: str, expected: str
) -> None:
    text = TEMPLATE.format(actions=json.dumps(actions), bucket=bucket)
    found = lint_source(Source("main.tf", text), enabled=default_rules()).findings
    severities = [
        finding.severity.value for finding in found if finding.rule == "bucket-policy-escalation"
    ]
    assert severities == [expected]


def test_another_bucket_of_the_statement_stays_as_severe() -> None:
    creating = {"Effect": "Allow", "Action": "s3:CreateBucket", "Resource": "arn:aws:s3:::builds-*"}
    setting = {
        "Effect": "Allow",
        "Action": "s3:PutBucketPolicy",
        "Resource": ["arn:aws:s3:::builds-*", "arn:aws:s3:::logs"],
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [creating, setting]})
    found = lint_source(Source("policy.json", document), enabled=default_rules()).findings
    [finding] = [finding for finding in found if finding.rule == "bucket-policy-escalation"]
    assert (finding.severity.value, 'bucket "logs"' in finding.title) == ("security", True)
