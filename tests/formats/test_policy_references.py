"""Which references to managed policies of AWS are found in each format, and what for."""

import json
from pathlib import Path

import pytest

from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.managed_references import PolicyReference, ReferenceUse
from multitool_lint.syntax.source import Source

ARN = "arn:aws:iam::aws:policy/"
JOINED = ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/service-role/Joined"]]


def references(path: str, text: str) -> tuple[PolicyReference, ...]:
    return read_source(Source(path, text)).references


def found(path: str, text: str) -> dict[str, ReferenceUse]:
    return {reference.name: reference.use for reference in references(path, text)}


def resource(type_: str, **properties: object) -> str:
    return json.dumps({"Resources": {"R": {"Type": type_, "Properties": properties}}})


TERRAFORM = """
data "aws_partition" "p" {}
data "aws_iam_policy" "named" { name = "ByName" }
data "aws_iam_policy" "unused" { arn = "arn:aws:iam::aws:policy/Unused" }
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["iam:AttachRolePolicy"]
    resources = ["*"]
    condition {
      test     = "ArnEquals"
      variable = "iam:PolicyARN"
      values   = ["arn:aws:iam::aws:policy/InCondition"]
    }
  }
}
resource "aws_iam_role" "r" {
  managed_policy_arns  = ["arn:${data.aws_partition.p.partition}:iam::aws:policy/Listed"]
  permissions_boundary = "arn:aws:iam::aws:policy/Boundary"
}
resource "aws_iam_role_policy_attachment" "a" {
  for_each   = toset(["arn:aws:iam::aws:policy/service-role/Each"])
  policy_arn = each.value
}
resource "aws_iam_user_policy_attachment" "b" { policy_arn = data.aws_iam_policy.named.arn }
resource "aws_ssoadmin_managed_policy_attachment" "c" {
  managed_policy_arn = format("arn:%s:iam::aws:policy/Formatted", var.p)
}
resource "aws_config_config_rule" "e" {
  input_parameters = jsonencode({ policyArns = "arn:aws:iam::aws:policy/OfARule" })
}
module "m" {
  source   = "terraform-aws-modules/iam/aws"
  policies = { a = "arn:aws:iam::aws:policy/OfModule", b = "arn:aws:iam::aws:policy/${var.name}" }
}
variable "policy_arns" { default = ["arn:aws:iam::aws:policy/Default"] }
"""


def test_terraform() -> None:
    assert found("main.tf", TERRAFORM) == {
        "ByName": ReferenceUse.ATTACHED,
        "Unused": ReferenceUse.NAMED,
        "Listed": ReferenceUse.ATTACHED,
        "Boundary": ReferenceUse.BOUNDARY,
        "service-role/Each": ReferenceUse.ATTACHED,
        "Formatted": ReferenceUse.ATTACHED,
        "OfARule": ReferenceUse.NAMED,
        "OfModule": ReferenceUse.ATTACHED,
        "Default": ReferenceUse.NAMED,
    }


def test_terraform_attaches_what_another_file_names(tmp_path: Path) -> None:
    named = f"""data "aws_iam_policy" "looked_up" {{ arn = "{ARN}LookedUp" }}
data "aws_iam_policy" "unused" {{ arn = "{ARN}Unused" }}
locals {{
  listed    = ["{ARN}Listed"]
  condition = "{ARN}InCondition"
}}
"""
    (tmp_path / "data.tf").write_text(named)
    (tmp_path / "main.tf").write_text(
        """resource "aws_iam_role_policy_attachment" "a" {
  role       = "app"
  policy_arn = data.aws_iam_policy.looked_up.arn
}
resource "aws_iam_role_policy_attachment" "b" {
  for_each   = toset(local.listed)
  role       = "app"
  policy_arn = each.value
}
resource "aws_iam_policy" "c" { policy = jsonencode({ "iam:PolicyARN" = local.condition }) }
"""
    )
    assert found(str(tmp_path / "data.tf"), named) == {
        "LookedUp": ReferenceUse.ATTACHED,
        "Unused": ReferenceUse.NAMED,
        "Listed": ReferenceUse.ATTACHED,
        "InCondition": ReferenceUse.NAMED,
    }


def test_the_place_is_the_text_with_the_arn() -> None:
    for reference in references("main.tf", TERRAFORM):
        assert reference.short_name in TERRAFORM[slice(*reference.span)]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "cdk.json",
            resource("AWS::IAM::Role", ManagedPolicyArns=[{"Fn::Join": JOINED}]),
            {"service-role/Joined": ReferenceUse.ATTACHED},
        ),
        (
            "t.json",
            resource("AWS::SSO::PermissionSet", ManagedPolicies=[f"{ARN}A"]),
            {"A": ReferenceUse.ATTACHED},
        ),
        (
            "t.json",
            resource("AWS::Serverless::Function", Policies=["ByName", {"SQSPollerPolicy": {}}]),
            {"ByName": ReferenceUse.ATTACHED},
        ),
        (
            "t.json",
            resource("AWS::Config::ConfigRule", InputParameters={"policyArns": f"{ARN}A"}),
            {"A": ReferenceUse.NAMED},
        ),
        (
            "security-config.yaml",
            f"awsConfig: {{rules: [{{inputParameters: {{policyArns: '{ARN}A'}}}}]}}\n",
            {"A": ReferenceUse.NAMED},
        ),
        (
            "t.yaml",
            (
                "Resources: {R: {Type: AWS::IAM::Role, Properties: "
                "{ManagedPolicyArns: "
                "[!If [C, !Sub 'arn:${AWS::Partition}:iam::aws:policy/A', !Ref B]]}}}"
            ),
            {"A": ReferenceUse.ATTACHED},
        ),
        (
            "main.tf.json",
            json.dumps({"resource": {"aws_iam_role": {"r": {"managed_policy_arns": [f"{ARN}A"]}}}}),
            {"A": ReferenceUse.ATTACHED},
        ),
        (
            "serverless.yml",
            (
                f"service: s\nprovider:\n  iamManagedPolicies: [{ARN}A]\n"
                f"  iam: {{role: {{managedPolicies: [{ARN}B], permissionsBoundary: {ARN}C}}}}\n"
            ),
            {"A": ReferenceUse.ATTACHED, "B": ReferenceUse.ATTACHED, "C": ReferenceUse.BOUNDARY},
        ),
        (
            "serverless.yml",
            (
                "service: s\nprovider: {}\nresources:\n  Resources:\n    R:\n"
                "      Type: AWS::IAM::Role\n"
                f"      Properties: {{ManagedPolicyArns: [{ARN}A]}}\n"
            ),
            {"A": ReferenceUse.ATTACHED},
        ),
        (
            "t.template",
            f"Resources: {{R: {{Type: AWS::SSO::X, Properties: {{ManagedPolicies: [{ARN}A]}}}}}}",
            {"A": ReferenceUse.ATTACHED},
        ),
        (
            "role.yaml",
            f"apiVersion: iam.services.k8s.aws/v1alpha1\nspec: {{policies: [{ARN}A]}}\n",
            {"A": ReferenceUse.ATTACHED},
        ),
        (
            "crossplane.yaml",
            f"kind: RolePolicyAttachment\nspec:\n  forProvider:\n    policyArn: {ARN}A\n",
            {"A": ReferenceUse.ATTACHED},
        ),
        (
            "run.sh",
            (
                f"aws iam attach-role-policy --role-name r \\\n  --policy-arn={ARN}A\n"
                f"# aws iam attach-role-policy --policy-arn {ARN}Comment\n"
                f"aws iam create-role --permissions-boundary '{ARN}B'\n"
                f"eksctl create iamserviceaccount --attach-policy-arn {ARN}C,{ARN}D\n"
            ),
            {
                "A": ReferenceUse.ATTACHED,
                "B": ReferenceUse.BOUNDARY,
                "C": ReferenceUse.ATTACHED,
                "D": ReferenceUse.ATTACHED,
            },
        ),
        (
            "page.md",
            (
                f"```sh\naws iam attach-user-policy --policy-arn {ARN}A\n```\n\n"
                f'1. Step:\n\n   ```hcl\n   module "m" {{\n     policy_arns = ["{ARN}B"]\n   }}\n'
                "   ```\n"
            ),
            {"A": ReferenceUse.ATTACHED, "B": ReferenceUse.ATTACHED},
        ),
    ],
)
def test_other_formats(path: str, text: str, expected: dict[str, ReferenceUse]) -> None:
    assert found(path, text) == expected
    for reference in references(path, text):
        assert reference.short_name in text[slice(*reference.span)]


def test_a_plan_has_each_reference_once() -> None:
    values = {"policy_arn": f"{ARN}A", "id": f"{ARN}A"}
    resource_ = {
        "address": "aws_iam_role_policy_attachment.a",
        "mode": "managed",
        "type": "aws_iam_role_policy_attachment",
    }
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": [{**resource_, "values": values}]}},
        "resource_changes": [{**resource_, "change": {"after": values, "after_unknown": {}}}],
    }
    (reference,) = references("plan.json", json.dumps(plan))
    assert (reference.name, reference.use) == ("A", ReferenceUse.ATTACHED)


@pytest.mark.parametrize(
    "text",
    [
        {"AttachedPolicies": [{"PolicyName": "A", "PolicyArn": f"{ARN}A"}]},
        {
            "RoleDetailList": [
                {
                    "RoleName": "r",
                    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
                    "AttachedManagedPolicies": [{"PolicyName": "A", "PolicyArn": f"{ARN}A"}],
                }
            ],
            "Policies": [{"PolicyName": "B", "Arn": f"{ARN}B", "DefaultVersionId": "v1"}],
        },
    ],
)
def test_what_aws_printed_is_certainly_there(text: object) -> None:
    (reference,) = references("dump.json", json.dumps(text))
    assert (reference.name, reference.use, reference.printed) == ("A", ReferenceUse.ATTACHED, True)


def test_aliases_repeat_references_but_not_without_end() -> None:
    text = "Resources:\n"
    for name, value in (("A", "&x [arn:aws:iam::aws:policy/P]"), ("B", "*x")):
        text += f"  {name}: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: {value}}}}}\n"
    assert [reference.owner[:11] for reference in references("t.yaml", text)] == [
        "Resources/A",
        "Resources/B",
    ]
    many = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for number in range(1, 6):
        many += f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 10)}]\n"
    (problem,) = read_source(Source("t.yaml", f"{many}b: {ARN}A\n")).problems
    assert "Aliases repeat" in problem.message


def test_case_does_not_distinguish_policies() -> None:
    listed = [f"{ARN}administratoraccess", f"{ARN}Service-Role/awslambdabasicexecutionrole"]
    found = lint_source(Source("t.json", resource("AWS::IAM::Role", ManagedPolicyArns=listed)))
    assert [finding.rule for finding in found.findings] == ["attached-admin-access"]


ATTACH = "aws iam attach-role-policy --policy-arn"
LOOKED_UP = "aws iam list-policies --query \"Policies[?PolicyName=='Real'].Arn\""
FILTERED = "aws --profile x iam list-policies | jq -r '.Policies[]|select(.PolicyName==\"Real\")'"
LOCAL_EXEC = """resource "null_resource" "r" {
  provisioner "local-exec" {
    command = <<EOT
"""
USER_DATA = """Resources:
  I:
    Type: AWS::EC2::Instance
    Properties:
      UserData:
        Fn::Base64: !Sub |
          """
ITEMS = f"ALL=(\n  {ARN}Real # why\n  '{ARN}Other'\n)\n"


@pytest.mark.parametrize(
    ("script", "places"),
    [
        (f"P={ARN}Real\n{ATTACH} $P", [f"{ARN}Real"]),
        (f"P=Real\n{ATTACH}={ARN}${{P}}", ["Real"]),
        (f"N=Real\nexport P='{ARN}Real'\n{ATTACH} \"$P\"", [f"{ARN}Real"]),
        (f"for p in Real \\\n  Other; do\n  {ATTACH} {ARN}$p\ndone", ["Other", "Real"]),
        (
            f'{ITEMS}for p in "${{ALL[@]}}"; do {ATTACH} $p; done',
            [f"{ARN}Other", f"{ARN}Real"],
        ),
        (f"P=$({LOOKED_UP})\n{ATTACH} $P", ["Real"]),
        (f"{ATTACH} `{FILTERED}`", ["Real"]),
        (f"P={ARN}Real\nif x; then\n  P={ARN}A\nfi\n{ATTACH} $P", [f"{ARN}A", f"{ARN}Real"]),
        # What is replaced before, not known, or not what the shell makes of it:
        (f"P={ARN}Real\nP=$(new)\n{ATTACH} $P", []),
        (f"{ATTACH} $P\nP={ARN}Real", []),
        (f"# P={ARN}Real\n{ATTACH} $P", []),
        (f"P={ARN}Real\n{ATTACH} '$P'", []),
        (f"P=${{1:-{ARN}Real}}\n{ATTACH} $P", []),
        (f"P=$P\n{ATTACH} {ARN}$P", []),
    ],
)
def test_variables_of_a_script(script: str, places: list[str]) -> None:
    page = f"```sh\n{script}\n```\n"
    for path, text in (("run.sh", script), ("page.md", page)):
        known = references(path, text)
        assert sorted(text[slice(*reference.span)] for reference in known) == places
        assert all(reference.use is ReferenceUse.ATTACHED for reference in known)
        assert {reference.short_name for reference in known} <= {"Real", "Other", "A"}


def test_variables_of_variables_take_no_time() -> None:
    doubled = "".join(f"v{n + 1}=($v{n} $v{n} $v{n})\n" for n in range(60))
    assert references("run.sh", f"v0={ARN}Real\n{doubled}{ATTACH} $v60\n") == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("flow.yml", f"jobs:\n  run: |\n    set -e\n    {ATTACH} {ARN}A\n"),
        ("play.yml", f"- shell: {ATTACH} {ARN}A\n"),
        ("main.tf", f"{LOCAL_EXEC}{ATTACH} {ARN}A --role-name ${{var.role}}\nEOT\n  }}\n}}\n"),
        ("template.yml", f"{USER_DATA}{ATTACH} {ARN}A ${{R}}\n"),
        ("build.json", json.dumps({"build": f"{ATTACH} {ARN}A"})),
    ],
)
def test_commands_in_values(path: str, text: str) -> None:
    (reference,) = references(path, text)
    assert (reference.short_name, reference.use) == ("A", ReferenceUse.ATTACHED)
    assert text[slice(*reference.span)] == f"{ARN}A"
