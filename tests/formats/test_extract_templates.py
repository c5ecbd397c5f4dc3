"""What a template fills in: the version, principals and statements of a policy."""

from __future__ import annotations

import json

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import read_source
from multitool_lint.formats.extract import Extractor
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.compare import Answer, equivalent
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.json import parser
from multitool_lint.syntax.source import Source


def template_with(resource: object, type_: str = "AWS::S3::Bucket") -> tuple[str, str]:
    document = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}]}
    properties = {"PolicyDocument": document}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
    resources = {"Policy": policy, "Table": {"Type": type_}}
    return "template.json", json.dumps({"Resources": resources}, indent=1)


def terraform_with(resource: str) -> tuple[str, str]:
    statement = f'{{ Effect = "Allow", Action = "s3:GetObject", Resource = "{resource}" }}'
    return (
        "main.tf",
        f"locals {{\n  policy = jsonencode({{\n    Statement = [{statement}]\n  }})\n}}\n",
    )


BUCKET = "arn:aws:s3:::reports-"


@pytest.mark.parametrize(
    ("source", "safe"),
    [
        (template_with({"Fn::Sub": BUCKET + "${AWS::AccountId}/*"}), True),
        (template_with({"Fn::Join": ["", [BUCKET, {"Ref": "AWS::Region"}, "/*"]]}), True),
        (template_with({"Fn::Sub": BUCKET + "${Name}/*"}), False),
        (template_with({"Fn::Sub": BUCKET + "${Table}/*"}, "AWS::DynamoDB::Table"), True),
        (template_with({"Fn::Sub": BUCKET + "${Table}/*"}, "AWS::CloudWatch::Alarm"), False),
        (template_with({"Fn::Sub": BUCKET + "${Table.Custom}/*"}, "Custom::Table"), False),
        (terraform_with(BUCKET + "${aws_dynamodb_table.t.name}/*"), True),
        (terraform_with(BUCKET + "${data.aws_s3_bucket.b.id}/*"), True),
        (terraform_with(BUCKET + "${aws_cloudwatch_metric_alarm.a.id}/*"), False),
        (terraform_with(BUCKET + "${aws_ssm_parameter.p.value}/*"), False),
        (template_with({"Fn::Sub": BUCKET + "${AWS::Region}/${!aws:username}"}), False),
        (template_with(BUCKET + "${aws:username}/*"), False),
        (template_with(BUCKET + "${AWS::AccountId}/*"), False),
        (terraform_with(BUCKET + "${data.aws_caller_identity.current.account_id}/*"), True),
        (terraform_with(BUCKET + "${data.aws_region.current[0].name}/*"), True),
        (terraform_with(BUCKET + "$${data.aws_region.current.name}/*"), False),
        (terraform_with(BUCKET + "${var.name}/*"), False),
        (terraform_with(BUCKET + "${data.aws_region.a.name}/$${aws:username}"), False),
    ],
)
def test_a_version_is_safe_where_a_template_fills_in_no_variable(
    source: tuple[str, str],
    safe: bool,  # noqa: FBT001
) -> None:
    findings = lint_source(Source(*source), enabled=rules()).findings
    [finding] = [finding for finding in findings if finding.rule == "missing-version"]
    assert [fix.safety.value for fix in finding.fixes] == ["safe" if safe else "unsafe"]
    [policy] = [candidate.policy for candidate in read_source(Source(*source)).policies]
    versioned = '{"Version":"2012-10-17",' + policy.source.text[1:]
    other = Extractor(Source("a.json", versioned)).policy(parser.parse(versioned, literal=True))
    same = equivalent([policy], [other], bundled()).answer is Answer.YES
    assert same is safe


def test_an_unknown_principal_has_no_variables() -> None:
    text = json.dumps(
        {
            "Resources": {
                "Role": {
                    "Type": "AWS::IAM::Role",
                    "Properties": {
                        "AssumeRolePolicyDocument": {
                            "Statement": {
                                "Effect": "Allow",
                                "Principal": {"AWS": {"Ref": "Trusted"}},
                                "Action": "sts:AssumeRole",
                            }
                        }
                    },
                }
            }
        },
        indent=1,
    )
    fixed = fix(Source("template.json", text))
    assert [applied.finding.rule for applied in fixed.applied] == ["missing-version"]


KNOWN = '{"Effect": "Deny", "Action": "*", "Resource": "*"}'


@pytest.mark.parametrize(
    ("path", "text", "unread"),
    [
        ("a.json", f'{{"Version": "2012-10-17", "Statement": ["${{var.a}}", {KNOWN}]}}', 1),
        ("a.json", '{"Version": "2012-10-17", "Statement": "{{ statements }}"}', 1),
        ("a.json", f'{{"a": {{"Statement": [{KNOWN}, "{{{{ b }}}}"]}}}}', 1),
        ("a.yaml", f'Version: "2012-10-17"\nStatement: [{KNOWN}, "{{{{ more }}}}"]\n', 1),
        ("a.md", f'```json\n{{"Statement": ["${{a.b}}", {KNOWN}]}}\n```\n', 1),
        *(
            (
                "main.tf",
                f"locals {{\n  policy = jsonencode({{\n    Statement = {statement}\n  }})\n}}\n",
                unread,
            )
            for statement, unread in (
                (f"[{KNOWN}]", 0),
                (f"var.all ? [{KNOWN}] : []", 0),
                (f"[for a in var.arns : {KNOWN}]", 0),
                (f"concat([{KNOWN}], var.more)", 1),
                (f"[{KNOWN}, var.a, var.b]", 2),
                (f"[merge({KNOWN}, var.a)]", 1),
                ("var.statements", 1),
            )
        ),
    ],
)
def test_statements_that_are_filled_in_elsewhere_are_listed(
    path: str, text: str, unread: int
) -> None:
    found = read_source(Source(path, text))
    assert sum(skipped.unread for skipped in found.skipped) == unread
    report = lint_source(Source(path, text), enabled=rules())
    assert sum(skipped.unread for skipped in report.skipped) == unread
