"""`diff --staged` also compares the files whose policies have a part in what is staged."""

import json
from pathlib import Path

import pytest
from support.compared_files import NEW_ACCESS, encoded, resource
from support.git_repository import git

from multitool_lint.cli import main

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
SERVERLESS = """service: a
provider:
  name: aws
  iam:
    role:
      statements: ${file(parts.yml):extra}
"""
PARTS = """extra:
  - {Effect: Allow, Action: 's3:GetObject', Resource: '*'}
"""
WITH_A_POLICY = f"""{PARTS}policy:
  Version: "2012-10-17"
  Statement: [{{Effect: Allow, Action: 's3:ListBucket', Resource: '*'}}]
"""
USER = """resource "aws_iam_policy" "a" {
  policy = jsonencode({Version = "2012-10-17", Statement = local.statements})
}
"""
WITH_A_VARIABLE = """variable "action" {}
resource "aws_iam_policy" "a" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{Effect = "Allow", Action = var.action, Resource = "*"}]
  })
}
"""


pytestmark = pytest.mark.usefixtures("repository")


def code(staged: str, files: dict[str, str], old: str = "s3:GetObject", new: str = "s3:*") -> int:
    """The exit code where a text has changed in one of some files."""
    for name, text in files.items():
        Path(name).write_text(text, encoding="utf-8")
    git("add", ".")
    git("commit", "--allow-empty", "-qm", "first")
    text = Path(staged).read_text(encoding="utf-8")
    Path(staged).write_text(text.replace(old, new, 1), encoding="utf-8")
    git("add", ".")
    return main(["diff", "--staged", "--fail-on-new-access", staged])


@pytest.mark.parametrize("parts", [PARTS, WITH_A_POLICY])
def test_a_part_of_another_file(parts: str) -> None:
    assert code("parts.yml", {"serverless.yml": SERVERLESS, "parts.yml": parts}) == 1


def test_a_file_that_cannot_be_read_may_have_a_part(capsys: pytest.CaptureFixture[str]) -> None:
    Path("serverless.yml").write_bytes(SERVERLESS.encode() + b"# \xff\n")
    Path("notes.txt").write_bytes(b"parts.yml \xff\n")
    assert code("parts.yml", {"parts.yml": PARTS}) == 2
    assert "error: :serverless.yml: not UTF-8" in capsys.readouterr().err


def test_a_part_of_a_part() -> None:
    files = {"serverless.yml": SERVERLESS, "parts.yml": "extra: ${file(inner.yml):extra}\n"}
    assert code("inner.yml", {**files, "inner.yml": PARTS}) == 1


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("custom:\n  actions", "${self:custom.actions}"),
        ("params:\n  default:\n    actions", "${param:actions}"),
    ],
)
def test_a_value_in_another_section_of_a_serverless_file(section: str, value: str) -> None:
    statement = f"[{{Effect: Allow, Action: '{value}', Resource: '*'}}]"
    files = {
        "serverless.yml": f"{SERVERLESS.replace('${file(parts.yml):extra}', statement)}"
        f"{section}: [s3:GetObject]\n",
        "with_a_file.yml": f"{SERVERLESS.replace('${file(parts.yml):extra}', statement)}"
        f"{section}: ${{file(actions-of-it.yml):all}}\n",
        "actions-of-it.yml": "all: [s3:GetObject]\n",
    }
    assert code("actions-of-it.yml", files) == 1
    git("commit", "-qm", "second")
    assert code("serverless.yml", {}) == 1


@pytest.mark.parametrize("policy", [{}, {"policy": {"Version": "2012-10-17", "Statement": [READ]}}])
def test_a_file_of_a_local_value_that_another_file_uses(policy: dict[str, object]) -> None:
    files = {
        "locals.tf": 'locals {\n  statements = jsondecode(file("statements.json")).extra\n}\n',
        "user.tf": USER,
        "statements.json": json.dumps({"extra": [READ], **policy}),
    }
    assert code("statements.json", files) == 1


def test_a_policy_in_a_file_is_compared_once(capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        "main.tf": 'resource "aws_iam_policy" "a" {\n  policy = file("policy.json")\n}\n',
        "policy.json": json.dumps({"Version": "2012-10-17", "Statement": READ}),
    }
    assert code("policy.json", files) == 1
    assert "main.tf" not in capsys.readouterr().out


def test_a_nested_stack_with_policies_is_compared_by_itself() -> None:
    stack = "Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: nested.yaml}"
    absent = stack.replace("nested.", "absent.")
    policy = {"Version": "2012-10-17", "Statement": READ}
    resource = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}
    files = {
        # What of this cannot be read does not matter to the other.
        "root.yaml": f"Resources:\n  N:\n    {stack}\n  M:\n    {absent}\n",
        "nested.yaml": json.dumps({"Resources": {"P": resource}}),
    }
    assert code("nested.yaml", files, '"*"', '"arn:aws:s3:::a/*"') == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("terraform.tfvars", 'action = "s3:GetObject"\n'),
        ("a.auto.tfvars.json", '{"action": "s3:GetObject"}'),
        ("a_override.tf", 'variable "action" {\n  default = "s3:GetObject"\n}\n'),
        ("a.tf.json", '{"variable": {"action": {"default": "s3:GetObject"}}}'),
    ],
)
def test_a_value_in_another_file_of_the_folder(name: str, text: str) -> None:
    assert code(name, {"main.tf": WITH_A_VARIABLE, name: text}) == 1


def test_a_value_that_no_policy_refers_to() -> None:
    files = {"main.tf": WITH_A_VARIABLE, "terraform.tfvars": 'other = "s3:GetObject"\n'}
    assert code("terraform.tfvars", files) == 0


def test_the_values_of_a_loop_in_another_file() -> None:
    loop = 'resource "aws_sqs_queue" "a" {\n  for_each = toset(["s3:GetObject"])\n}\n'
    user = WITH_A_VARIABLE.replace("var.action", "each.value").replace(
        "{\n  policy", "{\n  for_each = local.a\n  policy"
    )
    assert code("queues.tf", {"main.tf": user, "queues.tf": loop}) == 0
    assert main(["diff", "--staged", "--fail-on-new-access", "main.tf"]) == 0


def test_values_of_other_files_that_have_changed() -> None:
    statement = '{Effect = "Allow", Action = local.actions, Resource = "*"}'
    Path("main.tf").write_text(resource(encoded(statement)), encoding="utf-8")
    Path("locals.tf").write_text('locals {\n  actions = ["s3:Get*"]\n}\n', encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "first")
    assert main(["diff", "--staged", NEW_ACCESS, "main.tf"]) == 0
    Path("locals.tf").write_text('locals {\n  actions = ["*"]\n}\n', encoding="utf-8")
    assert main(["diff", "--staged", NEW_ACCESS, "main.tf"]) == 0
    git("add", ".")
    assert main(["diff", "--staged", NEW_ACCESS, "main.tf"]) == 1


NAMING = """resource "aws_iam_role_policy" "p" {
  role   = "r"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = file("%s"), Resource = "*" }] })
}
"""


@pytest.mark.parametrize(
    ("written", "expected"), [("b/a.txt", 1), ("../../b/a.txt", 1), ("a.txt", 0), ("c/a.txt", 0)]
)
def test_a_file_that_a_module_names_from_the_top(written: str, expected: int) -> None:
    Path("a/m").mkdir(parents=True)
    Path("b").mkdir()
    files = {"a/m/main.tf": NAMING % written, "b/a.txt": "s3:GetObject", "a.txt": "s3:GetObject"}
    assert code("b/a.txt", files) == expected
