"""Policies in Terraform's configuration as JSON."""

import json
import re
from typing import Any

from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.source import Source

UNKNOWN = re.compile(r'"\{\{(?:[^"\\]|\\.)*\}\}"')
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:NoSuch",
            "Resource": "arn:aws:s3:::${var.names[NAME]}/$${aws:username}",
        }
    ],
}
# Terraform takes an expression as it is, its quotes not escaped for the JSON around it.
AS_TEXT = json.dumps(POLICY).replace("NAME", '"é"')
RESOURCE = 'arn:aws:s3:::${var.names["é"]}/${aws:username}'
STATEMENT = {
    "actions": ["s3:GetObject", "${var.action}"],
    "resources": ["arn:aws:s3:::${var.bucket}/$${aws:username}", "${aws_x.y.arn}/*"],
    "condition": {"test": "StringEquals", "variable": "aws:PrincipalTag/a", "values": ["&{x}", 1]},
}


def shown(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A value with the expressions in its texts as they are written."""
    if isinstance(value, dict):
        return {key: shown(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return as_written(value) if isinstance(value, str) else value


def documents(configuration: Any) -> tuple[dict[str, Any], list[str]]:  # noqa: ANN401 - JSON
    loaded = read_source(Source("main.tf.json", json.dumps(configuration)))
    assert not loaded.problems
    found = {}
    for candidate in loaded.policies:
        policy = candidate.policy
        kind = f"{policy.name} {policy.type.value} {policy.resource_type}"
        found[kind] = shown(json.loads(UNKNOWN.sub('"?"', policy.source.text)))
    return found, [skipped.why.in_words() for skipped in loaded.skipped]


def test_strings_of_json_are_read_and_named() -> None:
    found, reasons = documents(
        {
            "//": "a comment",
            "resource": {
                "aws_iam_policy": {"a": {"policy": AS_TEXT}},
                "aws_sqs_queue_policy": {"b": [{"policy": "${var.policy}"}]},
                "aws_sns_topic_policy": {"c": {"policy": "${data.aws_iam_policy_document.x.json}"}},
            },
            "locals": {"policy": AS_TEXT},
        }
    )
    policy = {**POLICY, "Statement": [{**POLICY["Statement"][0], "Resource": RESOURCE}]}  # type: ignore[dict-item]
    assert found == {
        "aws_iam_policy.a.policy identity AWS::IAM::ManagedPolicy": policy,
        "local.policy identity None": policy,
    }
    assert reasons == ["an unresolved policy: ${var.policy}"]


def test_a_data_source_is_read() -> None:
    found, _ = documents(
        {"data": {"aws_iam_policy_document": {"x": {"statement": [STATEMENT, STATEMENT]}}}}
    )
    statement = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "?"],
        "Resource": ["arn:aws:s3:::${var.bucket}/${aws:username}", "?"],
        "Condition": {"StringEquals": {"aws:PrincipalTag/a": ["${x}", "1"]}},
    }
    assert found == {
        "data.aws_iam_policy_document.x identity None": {
            "Version": "2012-10-17",
            "Statement": [statement, statement],
        }
    }


def test_an_expression_in_a_string_is_read_and_reported_at_its_place() -> None:
    expression = (
        '${jsonencode({"Version" = "2012-10-17", "Statement" = [{"Effect" = "Allow", '
        '"Action" = ["s3:NoSuch"], "Resource" = "*"}]})}'
    )
    text = json.dumps({"resource": {"aws_iam_policy": {"é": {"policy": f"{expression}"}}}})
    source = Source("cdk.tf.json", text)
    (finding,) = (
        finding for finding in lint_source(source).findings if finding.rule == "unknown-action"
    )
    assert text[slice(*finding.span)] == r"\"s3:NoSuch\""


def test_a_finding_in_a_string_of_json_is_at_its_place() -> None:
    text = json.dumps({"resource": {"aws_iam_policy": {"é": {"policy": AS_TEXT}}}})
    source = Source("main.tf.json", text)
    (finding,) = (
        finding for finding in lint_source(source).findings if finding.rule == "unknown-action"
    )
    assert text[slice(*finding.span)] == r"\"s3:NoSuch\""


def test_broken_json_is_reported() -> None:
    report = lint_source(Source("main.tf.json", '{"resource": {"Statement"}}'))
    assert [finding.rule for finding in report.findings] == ["json-syntax-error"]
    inner = json.dumps({"resource": {"aws_iam_policy": {"x": {"policy": '{"Statement": [}'}}}})
    report = lint_source(Source("main.tf.json", inner))
    assert [finding.rule for finding in report.findings] == ["json-syntax-error"]


def test_a_policy_in_a_file_is_reported() -> None:
    _, reasons = documents(
        {"resource": {"aws_iam_policy": {"x": {"policy": '${file("gone.json")}'}}}}
    )
    assert reasons == ['a policy in a file that is not here: "gone.json"']
