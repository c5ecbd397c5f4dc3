"""References to resources of a template have the form of an ARN, and are shown as written."""

import json
from pathlib import Path

import pytest

from multitool_lint.aws import arn
from multitool_lint.aws.arn_references import arn_formats
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.cli import main
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.compare import Answer, covers
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.placeholders import as_written, of_arn, of_expression
from multitool_lint.syntax.source import Source

RESOURCES = {
    "Bucket": "AWS::S3::Bucket",
    "Queue": "AWS::SQS::Queue",
    "Topic": "AWS::SNS::Topic",
    "Table": "AWS::DynamoDB::Table",
    "Function": "AWS::Serverless::Function",
    "Key": "AWS::KMS::Key",
    "Group": "AWS::Logs::LogGroup",
    "Secret": "AWS::SecretsManager::Secret",
    "Role": "AWS::IAM::Role",
    "Machine": "AWS::StepFunctions::StateMachine",
    "Other": "Custom::Bucket",
}


ARNS = sorted({format_ for format_ in arn_formats().values() if format_.startswith("arn:")})


def terraform(action: str, *resources: str) -> Source:
    text = f"""
locals {{
  bucket = aws_s3_bucket.b.arn
}}
data "aws_iam_policy_document" "d" {{
  statement {{
    actions   = ["{action}"]
    resources = [{", ".join(resources)}]
  }}
}}
"""
    return Source("main.tf", text)


def template(action: str, *resources: str) -> Source:
    listed = "".join(f"\n  {name}: {{Type: {type_}}}" for name, type_ in RESOURCES.items())
    text = f"""Resources:{listed}
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: {action}
            Resource: [{", ".join(resources)}]
"""
    return Source("template.yaml", text)


def found(source: Source) -> set[str]:
    """The rules on resources of which there are findings."""
    names = {finding.rule for finding in lint_source(source).findings}
    return names & {"mismatched-resource", "impossible-arn", "invalid-arn", "secret-without-suffix"}


TERRAFORM_MISTAKES = [
    ("s3:ListBucket", '"${aws_s3_bucket.b.arn}/*"'),
    ("s3:ListBucket", '"${local.bucket}/*"'),
    ("s3:GetObject", "aws_s3_bucket.b.arn"),
    ("s3:GetObject", '"${aws_s3_bucket.b.arn}"'),
    ("s3:GetObject", "local.bucket"),
    ("s3:GetObject", "data.aws_s3_bucket.b.arn"),
    ("s3:GetObject", "aws_s3_bucket.b[count.index].arn"),
    ("s3:GetObject", 'aws_s3_bucket.b["logs"].arn'),
    ("sqs:SendMessage", "aws_s3_bucket.b.arn"),
    ("s3:GetObject", '"arn:aws:s3:::${aws_s3_bucket.b.arn}/*"'),
    ("dynamodb:Query", "aws_sns_topic.t.id"),
    ("dynamodb:GetRecords", "aws_dynamodb_table.t.arn"),
    ("states:StopExecution", "aws_sfn_state_machine.m.arn"),
    ("logs:PutLogEvents", "aws_cloudwatch_log_group.g.arn"),
    ("secretsmanager:GetSecretValue", '"${aws_secretsmanager_secret.your_secret.arn}x"'),
    ("s3:GetObject", "aws_s3_bucket.b[*].arn"),
    ("s3:GetObject", "one(aws_s3_bucket.b[*].arn)"),
    ("s3:GetObject", 'try(aws_s3_bucket.b[0].arn, "")'),
    ("s3:GetObject", "coalesce(data.aws_s3_bucket.b.arn, aws_s3_bucket.b[0].arn)"),
    ("s3:GetObject", 'join("", aws_s3_bucket.b.*.arn)'),
    ("s3:GetObject", "element(aws_s3_bucket.b[*].arn, 0)"),
    ("s3:GetObject", '"arn:aws:s3:::${aws_s3_bucket.b.id}"'),
    ("s3:GetObject", '"arn:aws:s3:::${one(aws_s3_bucket.b[*].bucket)}"'),
    ("s3:ListBucket", '"${data.terraform_remote_state.s.outputs.bucket_arn}/*"'),
    ("s3:GetEncryptionConfiguration", 'format("%s/*", var.arn)'),
    ("ec2:DescribeInstances", '"${var.arn}/*"'),
    ("logs:DescribeLogGroups", '"${aws_cloudwatch_log_group.g.arn}:*"'),
    ("logs:DescribeLogGroups", '"arn:aws:logs:*:*:log-group:${aws_cloudwatch_log_group.g.name}:*"'),
    ("sqs:ListQueues", '"arn:aws:sqs:*:111122223333:${aws_sqs_queue.q.name}"'),
    ("es:ESHttpGet", "aws_opensearch_domain.d.arn"),
]
TEMPLATE_MISTAKES = [
    ("s3:ListBucket", '!Sub "${Bucket.Arn}/*"'),
    ("s3:ListBucket", '!Join ["", [!GetAtt Bucket.Arn, "/*"]]'),
    ("s3:ListBucket", '!Sub ["${Arn}/*", {Arn: !GetAtt Bucket.Arn}]'),
    ("s3:ListBucket", '!Sub "${Unknown}/*"'),
    ("s3:GetObject", "!GetAtt Bucket.Arn"),
    ("s3:GetObject", "{'Fn::GetAtt': [Bucket, Arn]}"),
    ("sqs:SendMessage", "!GetAtt Bucket.Arn"),
    ("dynamodb:Query", "!Ref Topic"),
    ("dynamodb:Query", "!Ref Machine"),
    ("dynamodb:GetRecords", "!GetAtt Table.Arn"),
    ("lambda:InvokeFunction", "!GetAtt Role.Arn"),
    ("s3:GetObject", '!Sub "arn:aws:s3:::${Bucket}"'),
    ("s3:GetObject", '!Join ["", ["arn:aws:s3:::", !Ref Bucket]]'),
    ("s3:ListBucket", "!Ref Bucket"),
    ("s3:GetObject", '!Sub "${Bucket}/*"'),
    ("sqs:SendMessage", "!Ref Queue"),
    ("lambda:InvokeFunction", "!Ref Function"),
    ("kms:Decrypt", "!Ref Key"),
    ("sqs:ListQueues", '!Sub "arn:aws:sqs:*:111122223333:${Queue.QueueName}"'),
]


@pytest.mark.parametrize(
    "source",
    [
        *(terraform(*mistake) for mistake in TERRAFORM_MISTAKES),
        *(template(*mistake) for mistake in TEMPLATE_MISTAKES),
    ],
    ids=lambda source: source.text.split("ction")[-1],
)
def test_an_action_on_a_resource_of_another_type_is_found(source: Source) -> None:
    assert found(source)


@pytest.mark.parametrize(
    "source",
    [
        terraform("s3:ListBucket", "aws_s3_bucket.b.arn"),
        terraform("s3:GetObject", '"${aws_s3_bucket.b.arn}/*"', "aws_s3_bucket.b.arn"),
        terraform("s3:GetObject", '"${aws_s3_bucket.b.arn}*"'),
        terraform("s3:ListBucket", "aws_s3_bucket.b[*].arn", "aws_s3_bucket.b.*.arn"),
        terraform("s3:GetObject", "[for b in aws_s3_bucket.b : b.arn]..."),
        terraform("s3:ListBucket", "element(aws_s3_bucket.b[*].arn, 0)"),
        terraform("s3:GetObject", "one(aws_s3_bucket.b)", "try(aws_s3_bucket.b.arn, var.x)"),
        terraform("s3:GetObject", 'join(",", aws_s3_bucket.b[*].arn)'),
        terraform("s3:GetObject", '"arn:aws:s3:::${aws_s3_bucket.b.id}${var.path}"'),
        terraform("ecr:GetAuthorizationToken", '"*"', '"${aws_ecr_repository.r.tags.x}"'),
        terraform("s3:GetObject", 'format("%s/*", aws_s3_bucket.b.arn)'),
        terraform("s3:GetObject", "module.bucket.arn", "var.aws_s3_bucket.b.arn"),
        terraform("s3:GetObject", "aws_s3_bucket.b.tags.arn"),
        terraform("s3:GetObject", '"arn:aws:s3:::${aws_s3_bucket.b.id}/*"'),
        terraform("sqs:SendMessage", "aws_sqs_queue.q.arn"),
        terraform("sqs:ListQueues", '"arn:aws:sqs:*:111122223333:${var.name}"'),
        terraform("sns:Publish", "aws_sns_topic.t.id"),
        terraform("dynamodb:Query", '"${aws_dynamodb_table.t.arn}/index/*"'),
        terraform("dynamodb:GetRecords", "aws_dynamodb_table.t.stream_arn"),
        terraform("dynamodb:GetRecords", '"${aws_dynamodb_table.t.arn}/stream/*"'),
        terraform("lambda:InvokeFunction", '"${aws_lambda_function.f.arn}:*"'),
        terraform("lambda:InvokeFunction", "aws_lambda_function.f.qualified_arn"),
        terraform("logs:PutLogEvents", '"${aws_cloudwatch_log_group.g.arn}:*"'),
        terraform("kms:Decrypt", "aws_kms_key.k.arn", "data.aws_kms_alias.k.target_key_arn"),
        terraform("secretsmanager:GetSecretValue", "aws_secretsmanager_secret.s.id"),
        terraform("iam:PassRole", "aws_iam_role.your_role.arn"),
        terraform("states:SendTaskSuccess", "aws_sfn_state_machine.m.arn"),
        terraform("kinesis:SubscribeToShard", '"${aws_kinesis_stream.s.arn}/consumer/*"'),
        template("s3:GetObject", '!Sub "${Bucket.Arn}/*"'),
        template("s3:GetObject", "!GetAtt Bucket.Other", "!Ref Other"),
        template("s3:GetObject", '!Sub "arn:aws:s3:::${Bucket}/*"', '!Sub "arn:aws:s3:::${Other}"'),
        template("sqs:SendMessage", '!Sub "arn:aws:sqs:eu-west-1:111122223333:${Queue.QueueName}"'),
        template("logs:PutLogEvents", '!Sub "arn:aws:logs:*:*:log-group:${Group}:*"'),
        template("s3:GetObject", "!GetAtt Other.Arn", "!GetAtt Missing.Arn"),
        template("sns:Publish", "!Ref Topic"),
        template("logs:PutLogEvents", "!GetAtt Group.Arn", '!Sub "${Group.Arn}:*"'),
        template("lambda:InvokeFunction", '!Sub "${Function.Arn}:*"', "!GetAtt Function.Arn"),
        template("secretsmanager:GetSecretValue", "!Ref Secret"),
        template("kms:Decrypt", "!GetAtt Key.Arn"),
    ],
    ids=lambda source: source.text.split("ction")[-1],
)
def test_an_action_on_a_resource_of_its_type_is_right(source: Source) -> None:
    assert found(source) == set()


@pytest.mark.parametrize(
    ("policy", "name"),
    [
        ('<<EOF\n{"Version": "2012-10-17", "Statement": [%s]}\nEOF', "main.tf"),
        ('jsonencode({"Version" = "2012-10-17", "Statement" = [%s]})', "main.tf"),
    ],
)
def test_a_reference_in_any_policy_of_terraform(policy: str, name: str) -> None:
    statement = (
        '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "${aws_s3_bucket.b.arn}"}'
    )
    text = f'resource "aws_iam_policy" "p" {{\n  policy = {policy % statement}\n}}\n'
    assert found(Source(name, text)) == {"mismatched-resource"}


@pytest.mark.parametrize("list_", ["aws_s3_bucket.b[*].arn", "aws_s3_bucket.b.*.arn"])
def test_a_list_of_references_has_the_form_of_one(list_: str) -> None:
    text = terraform("s3:GetObject", "x").text.replace("[x]", list_)
    assert found(Source("main.tf", text)) == {"mismatched-resource"}


def test_a_reference_in_the_json_of_terraform() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "${aws_s3_bucket.b.arn}"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    document = {
        "statement": [{"actions": ["s3:GetObject"], "resources": ["${aws_s3_bucket.b.arn}"]}]
    }
    for block in (
        {"resource": {"aws_iam_policy": {"p": {"policy": policy}}}},
        {"data": {"aws_iam_policy_document": {"d": document}}},
    ):
        assert found(Source("main.tf.json", json.dumps(block))) == {"mismatched-resource"}


MODULES = {
    "m": 'output "arn" {\n  value = aws_s3_bucket.b.arn\n}\n'
    'output "maybe" {\n  value = try(aws_s3_bucket.b[0].arn, "")\n}\n'
    'output "name" {\n  value = aws_s3_bucket.b.id\n}\n'
    'output "other" {\n  value = var.arn\n}\n'
    'output "again" {\n  value = module.n.arn\n}\nmodule "n" {\n  source = "../n"\n}\n'
    'output "loop" {\n  value = module.n.loop\n}\n',
    "n": 'output "arn" {\n  value = aws_s3_bucket.b.arn\n}\nmodule "m" {\n  source = "../m"\n}\n'
    'output "loop" {\n  value = module.m.loop\n}\n',
}


@pytest.mark.parametrize(
    ("resource", "is_known"),
    [
        ("module.m.arn", True),
        ("module.m.maybe", True),
        ("module.m.again", True),
        ('"arn:aws:s3:::${module.m.name}"', True),
        ("local.arn", True),
        ('"${module.m.arn}/*"', False),
        ("module.m.other", False),
        ("module.m.none", False),
        ("module.n.loop", False),
        ("module.elsewhere.arn", False),
    ],
)
def test_an_output_of_a_local_module_has_the_form_of_its_value(
    resource: str, tmp_path: Path, *, is_known: bool
) -> None:
    for name, text in MODULES.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text, "utf-8")
    sources = {"m": "./m", "n": "./n", "elsewhere": "terraform-aws-modules/s3-bucket/aws"}
    calls = "".join(
        f'module "{name}" {{\n  source = "{source}"\n}}\n' for name, source in sources.items()
    )
    policy = terraform("s3:GetObject", "x").text.replace("[x]", f"[{resource}]")
    text = f"{policy}\n{calls}locals {{\n  arn = module.m.arn\n}}\n"
    (tmp_path / "main.tf").write_text(text, "utf-8")
    rules = found(Source(str(tmp_path / "main.tf"), text))
    assert rules == ({"mismatched-resource"} if is_known else set())


def test_messages_and_fixes_have_the_reference_as_it_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "main.tf"
    kept = '"${aws_s3_bucket.b.arn}/a/*"'
    text = terraform("s3:GetObject", '"${aws_s3_bucket.b.arn}/*"', kept).text
    path.write_text(text, encoding="utf-8")
    main(["check", "--select", "redundant-resource", str(path)])
    assert '"${aws_s3_bucket.b.arn}/*" makes' in capsys.readouterr().out
    assert (
        main(["fix", "--write", "--keep-wildcards", "--select", "redundant-resource", str(path)])
        == 0
    )
    assert path.read_text(encoding="utf-8") == text.replace(f", {kept}", "")
    assert "${." not in "".join(capsys.readouterr())


def policy_of(source: Source) -> Policy:
    (written,) = read_source(source).policies
    return written.policy


@pytest.mark.parametrize(
    ("wide", "narrow", "answer"),
    [
        ("aws_s3_bucket.a.arn", "aws_s3_bucket.a.arn", Answer.YES),
        ('"${aws_s3_bucket.a.arn}/*"', '"${aws_s3_bucket.a.arn}/logs/*"', Answer.YES),
        ("aws_s3_bucket.a.arn", "aws_s3_bucket.b.arn", None),
        ("aws_s3_bucket.a.arn", "data.aws_s3_bucket.a.arn", None),
        ('"arn:aws:s3:::name-000000"', "aws_s3_bucket.a.arn", None),
        ("aws_s3_bucket.a.arn", '"arn:aws:s3:::name-000000"', None),
        ('"arn:aws:s3:::*"', "aws_s3_bucket.a.arn", None),
    ],
)
def test_a_reference_is_the_same_as_itself_only(
    wide: str, narrow: str, answer: Answer | None
) -> None:
    policies = [policy_of(terraform("s3:*", text)) for text in (wide, narrow)]
    compared = covers(policies[:1], policies[1:], bundled()).answer
    assert compared is answer if answer else compared is not Answer.YES


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("aws_s3_bucket.a.arn", "aws_s3_bucket.b.arn"),
        ("aws_sqs_queue.a.arn", "aws_sns_topic.a.arn"),
        ("aws_s3_bucket.a.arn", '"${aws_s3_bucket.a.arn}/*"'),
        ("aws_s3_bucket.a[0].arn", "aws_s3_bucket.a[1].arn"),
    ],
)
def test_another_reference_does_not_pass_a_gate(tmp_path: Path, old: str, new: str) -> None:
    for name, resource in (("old", old), ("new", new)):
        (tmp_path / name).mkdir()
        text = terraform("s3:*", resource).text
        (tmp_path / name / "main.tf").write_text(text, encoding="utf-8")
    paths = [str(tmp_path / name / "main.tf") for name in ("old", "new")]
    assert main(["diff", *paths, "--fail-on-new-access"]) == 1
    assert main(["diff", paths[0], paths[0], "--fail-on-new-access"]) == 0


def test_the_formats_are_those_of_the_catalog() -> None:
    catalog = bundled()
    documented = {
        format_
        for prefix in catalog.prefixes
        if (service := catalog.service(prefix))
        for resource_type in service.resource_types.values()
        for format_ in resource_type.arn_formats
    }
    undocumented = {format_ for format_ in ARNS if "${Any}" not in format_}
    assert undocumented - documented == set()


@pytest.mark.parametrize("format_", ARNS)
def test_an_arn_of_a_reference_is_one_value(format_: str) -> None:
    text = of_arn('aws_x.y["a-b"].arn', format_, "1")
    other = of_expression("var.x")
    assert as_written(f'"{text}/{other}{text}:*"') == (
        '"${aws_x.y["a-b"].arn (1)}/${var.x}${aws_x.y["a-b"].arn (1)}:*"'
    )
    fields = arn.fields(text)
    assert fields is not None
    assert arn.defect(text) is None
    assert ("*" in fields.resource) == ("${Any}" in format_)
