"""`diff --staged` of what others of the repository read: outputs, exports and parameters."""

import json

import pytest
from support.staged_files import Files, code

pytestmark = pytest.mark.usefixtures("repository")

S3 = 'backend = "s3"\n config = { bucket = "b", key = "base", region = "r" }'
LOCAL = 'backend = "local"\n config = { path = "../base/terraform.tfstate" }'
OUTPUT = "data.terraform_remote_state.b.outputs.a"
BACKEND = 'terraform {\n backend "s3" {\n bucket = "b"\n key = "%s"\n }\n}\n'
READ = '"s3:GetObject"'
PARAMETER = 'resource "aws_ssm_parameter" "p" {\n name = "/actions"\n value = %s\n}\n'
OF_PARAMETER = 'data "aws_ssm_parameter" "b" {\n name = "/actions"\n}\n'


def app(state: str = LOCAL, action: str = OUTPUT, more: str = "") -> Files:
    statement = f'{{ Effect = "Allow", Action = {action}, Resource = "*" }}'
    return {
        "app/main.tf": f'data "terraform_remote_state" "b" {{\n {state}\n}}\n{more}'
        f'resource "aws_iam_role_policy" "p" {{\n role = "r"\n policy = jsonencode({{ Statement ='
        f" [{statement}] }})\n}}\n"
    }


def base(value: str, more: str = "", name: str = "a") -> Files:
    return {"base/main.tf": f'{more}output "{name}" {{\n value = {value}\n}}\n'}


def parameter(value: str) -> Files:
    return {"base/main.tf": PARAMETER % value}


def state(value: str) -> Files:
    version = {"version": 4, "terraform_version": "1.9.0", "serial": 1, "resources": []}
    return {"base/terraform.tfstate": {**version, "outputs": {"a": {"value": value}}}}


def exporting(value: str, name: str = "actions") -> Files:
    output = {"Value": value, "Export": {"Name": name}}
    resources = {"T": {"Type": "AWS::SNS::Topic"}}
    return {"base.json": {"Resources": resources, "Outputs": {"A": output}}}


def importing(name: str) -> Files:
    action = {"Fn::ImportValue": name}
    document = {"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}
    made = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
    return {"app.json": json.dumps({"Resources": {"P": made}})}


@pytest.mark.parametrize(
    ("reader", "old", "new", "is_more"),
    [
        pytest.param(app(), base(READ), base('"*"'), 1, id="a local state"),
        pytest.param(
            app(LOCAL.replace('"../', '"${path.module}/../')),
            base(READ),
            base('"*"'),
            1,
            id="a local state from the module",
        ),
        pytest.param(app(), base(READ), base(f"{READ} # a"), 0, id="it comes to the same"),
        pytest.param(app(), base(READ, name="b"), base('"*"', name="b"), 0, id="another output"),
        pytest.param(app(action=READ), base(READ), base('"*"'), 0, id="it is not read for access"),
        pytest.param(
            app(S3), base(READ, BACKEND % "base"), base('"*"', BACKEND % "base"), 1, id="in S3"
        ),
        pytest.param(
            app(S3), base(READ, BACKEND % "other"), base('"*"', BACKEND % "other"), 0, id="another"
        ),
        pytest.param(app(S3), base(READ), base('"*"'), 0, id="of another backend"),
        pytest.param(app(), state("s3:GetObject"), state("*"), 1, id="in a file"),
        pytest.param(
            app(action="data.aws_ssm_parameter.b.value", more=OF_PARAMETER),
            parameter(READ),
            parameter('"*"'),
            1,
            id="a parameter",
        ),
        pytest.param(importing("actions"), exporting("a:b"), exporting("*"), 1, id="an export"),
        pytest.param(importing("other"), exporting("a:b"), exporting("*"), 0, id="another export"),
        pytest.param(app(action=READ), base(READ), {"base/main.tf": None}, 0, id="it is gone"),
    ],
)
def test_what_is_published(reader: Files, old: Files, new: Files, is_more: int) -> None:
    assert code({**reader, **old}, new) == is_more


def test_the_reason_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert code({**app(), **base(READ)}, base('"*"')) == 1
    reason = "the output a of another deployment, which it reads, has changed: s3:GetObject -> *"
    assert reason in capsys.readouterr().out
