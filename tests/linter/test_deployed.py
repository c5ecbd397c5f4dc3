from pathlib import Path

import pytest
from support.modules import write

from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax import source as reading

ADMIN = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
)
POLICY = 'resource "aws_iam_policy" "p" {\n  policy = %s\n}\n'
MODULE = """
variable "actions" {}
resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = var.actions, Resource = "*" }]
  })
}
"""


def findings(folder: Path, files: dict[str, str], name: str = "main.tf") -> list[tuple[str, str]]:
    source = reading.read(str(write(folder, files) / name))
    report = lint_source(source)
    assert not any(block.unread for block in report.skipped)
    return [
        (finding.rule, source.text[slice(*finding.span)])
        for finding in report.findings
        if finding.severity.value == "security"
    ]


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (
            'variable "p" {}\n' + POLICY % "var.p",
            {"terraform.tfvars": f"p = <<EOT\n{ADMIN}\nEOT\n"},
        ),
    ],
)
def test_what_leads_to_another_file_is_read_there(
    tmp_path: Path, text: str, more: dict[str, str]
) -> None:
    ((rule, place),) = findings(tmp_path, {"main.tf": text, **more})
    assert rule == "full-admin-access"
    assert place in text


def test_an_output_of_a_module_is_linted_there(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n}\n' + POLICY % "module.m.json",
        "m/main.tf": f'output "json" {{\n  value = <<EOT\n{ADMIN}\nEOT\n}}\n',
    }
    assert findings(tmp_path, files) == []
    assert findings(tmp_path, files, "m/main.tf")


def test_what_a_call_gives_to_a_local_module(tmp_path: Path) -> None:
    call = 'module "m" {\n  source  = "./m"\n  actions = ["*"]\n}\n'
    files = {"main.tf": call, "m/main.tf": MODULE}
    assert findings(tmp_path, files) == [("full-admin-access", '"*"')]
    assert findings(tmp_path, files, "m/main.tf") == []


ON_TARGETS = """
variable "arns" {}
resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect = "Allow", Action = "elasticloadbalancing:RegisterTargets", Resource = var.arns
    }]
  })
}
"""
OF_MODULES = """
module "a" { source = "./lb" }
module "m" {
  source = "./m"
  arns   = [module.a.%s]
}
"""
BALANCER = """
resource "aws_lb" "x" {}
output "arn" { value = aws_lb.x.arn }
resource "aws_lb_target_group" "x" {}
output "targets" { value = aws_lb_target_group.x.arn }
"""


@pytest.mark.parametrize(
    ("output", "expected"), [("arn", [("mismatched-resource", "module.a.arn")]), ("targets", [])]
)
def test_what_a_call_gives_of_other_modules(
    tmp_path: Path, output: str, expected: list[tuple[str, str]]
) -> None:
    main = OF_MODULES % output
    files = {"main.tf": main, "m/main.tf": ON_TARGETS, "lb/main.tf": BALANCER}
    report = lint_source(reading.read(str(write(tmp_path, files) / "main.tf")))
    found = [(found.rule, main[slice(*found.span)]) for found in report.findings]
    assert found == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("DescribeTargetHealth", [("mismatched-resource", "module.a.targets")]),
        ("DeregisterTargets", []),
    ],
)
def test_an_action_among_others_that_accepts_nothing_of_what_a_call_gives(
    tmp_path: Path, more: str, expected: list[tuple[str, str]]
) -> None:
    one = '"elasticloadbalancing:RegisterTargets"'
    module = ON_TARGETS.replace(one, f'[{one}, "elasticloadbalancing:{more}"]')
    main = OF_MODULES % "targets"
    files = {"main.tf": main, "m/main.tf": module, "lb/main.tf": BALANCER}
    report = lint_source(reading.read(str(write(tmp_path, files) / "main.tf")))
    assert [(f.rule, main[slice(*f.span)]) for f in report.findings] == expected
    assert findings(tmp_path, files, "m/main.tf") == []


def test_an_action_of_a_module_is_found_at_the_first_of_its_calls(tmp_path: Path) -> None:
    one = '"elasticloadbalancing:RegisterTargets"'
    module = ON_TARGETS.replace(one, f'[{one}, "elasticloadbalancing:DescribeTargetHealth"]')
    again = OF_MODULES.replace('module "a"', 'module "b"').replace('module "m"', 'module "n"')
    main = (OF_MODULES + again.replace("module.a", "module.b")) % ("targets", "targets")
    files = {"main.tf": main, "m/main.tf": module, "lb/main.tf": BALANCER}
    report = lint_source(reading.read(str(write(tmp_path, files) / "main.tf")))
    assert [main[slice(*found.span)] for found in report.findings] == ["module.a.targets"]


def test_resources_of_two_modules_are_two(tmp_path: Path) -> None:
    two = OF_MODULES.replace("[module.a.%s]", "[module.a.targets, module.b.targets]")
    main = f'{two}module "b" {{ source = "./lb" }}\n'
    files = {"main.tf": main, "m/main.tf": ON_TARGETS, "lb/main.tf": BALANCER}
    assert lint_source(reading.read(str(write(tmp_path, files) / "main.tf"))).findings == ()


def test_a_harmless_call_has_no_finding(tmp_path: Path) -> None:
    call = 'module "m" {\n  source  = "./m"\n  actions = ["s3:ListAllMyBuckets"]\n}\n'
    assert findings(tmp_path, {"main.tf": call, "m/main.tf": MODULE}) == []


@pytest.mark.parametrize(
    ("count", "given", "has_finding"),
    [
        ("var.e ? 1 : 0", 'var.e ? aws_ecr_repository.r.arn : ""', False),
        ("var.e ? 0 : 1", 'var.e ? aws_ecr_repository.r.arn : ""', True),
        ("var.e ? 1 : 0", 'var.f ? aws_ecr_repository.r.arn : ""', True),
        ('var.e == "a" ? 1 : 0', 'var.e == "b" ? "" : aws_ecr_repository.r.arn', False),
        ('var.e == "a" ? 1 : 0', 'var.e == "b" ? aws_ecr_repository.r.arn : ""', True),
    ],
)
def test_a_case_without_the_policy_is_not_one_of_its_cases(
    tmp_path: Path, count: str, given: str, *, has_finding: bool
) -> None:
    module = """
variable "there" {}
variable "arn" {}
resource "aws_iam_policy" "p" {
  count  = var.there
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ecr:BatchGetImage", Resource = var.arn }]
  })
}
"""
    call = f'module "m" {{\n  source = "./m"\n  there  = {count}\n  arn    = {given}\n}}\n'
    text = 'variable "e" {}\nvariable "f" {}\n' + call
    source = reading.read(str(write(tmp_path, {"main.tf": text, "m/main.tf": module}) / "main.tf"))
    rules = [finding.rule for finding in lint_source(source).findings]
    assert rules == ["invalid-arn"] * has_finding


@pytest.mark.parametrize(
    ("resources", "has_finding"),
    [
        ('var.arn != "" ? [var.arn] : []', False),
        ('var.arn == "" ? [] : [var.arn]', False),
        ('var.arn != "" && var.more ? [var.arn] : []', False),
        ("compact([var.arn])", False),
        ('var.arn == "" ? [var.arn] : []', True),
        ('var.arn != "none" ? [var.arn] : []', True),
        ('var.more != "" ? [var.arn] : []', True),
    ],
)
def test_a_condition_on_what_a_call_gives_is_decided_by_that(
    tmp_path: Path, resources: str, *, has_finding: bool
) -> None:
    module = f"""
variable "arn" {{}}
variable "more" {{}}
resource "aws_iam_policy" "p" {{
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = concat(["arn:aws:sqs:eu-west-1:111122223333:jobs"], {resources})
    }}]
  }})
}}
"""
    arns = 'var.e == "a" ? aws_sqs_queue.a.arn : var.f ? aws_sqs_queue.b.arn : ""'
    main = f"""
variable "e" {{}}
variable "f" {{}}
variable "more" {{}}
resource "aws_sqs_queue" "a" {{}}
resource "aws_sqs_queue" "b" {{}}
module "m" {{
  source = "./m"
  more   = var.more
  arn    = {arns}
}}
"""
    files = {"main.tf": main, "m/main.tf": module}
    report = lint_source(reading.read(str(write(tmp_path, files) / "main.tf")))
    found = [(found.rule, main[slice(*found.span)]) for found in report.findings]
    assert found == ([("invalid-arn", '""')] if has_finding else [])


def test_an_unknown_value_is_different_from_a_policy_variable(tmp_path: Path) -> None:
    trust = """jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111122223333:role/${replace(var.name, "/", "")}" }
    }]
  })"""
    role = 'resource "aws_iam_role" "r" {\n  assume_role_policy = var.trust\n}\n'
    call = f'variable "name" {{}}\nmodule "m" {{\n  source = "./m"\n  trust  = {trust}\n}}\n'
    files = {"main.tf": call, "m/main.tf": 'variable "trust" {}\n' + role}
    report = lint_source(reading.read(str(write(tmp_path, files) / "main.tf")))
    assert report.policies
    assert not report.findings


def test_a_change_of_the_other_file_is_seen(tmp_path: Path) -> None:
    call = 'module "m" {\n  source  = "./m"\n  actions = ["*"]\n}\n'
    files = {"main.tf": call, "m/main.tf": MODULE}
    assert findings(tmp_path, files)
    assert findings(tmp_path, {**files, "m/main.tf": 'variable "actions" {}\n'}) == []


def test_what_a_file_of_values_gives(tmp_path: Path) -> None:
    files = {"main.tf": MODULE, "terraform.tfvars": 'actions = ["*"]\n'}
    assert findings(tmp_path, files, "terraform.tfvars") == [("full-admin-access", '"*"')]
    assert findings(tmp_path, files) == []


def test_what_a_file_of_values_of_another_folder_gives(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    files = {"main.tf": MODULE, "envs/prod.tfvars.json": '{"actions": ["*"]}'}
    found = findings(tmp_path, files, "envs/prod.tfvars.json")
    assert found == [("full-admin-access", '"*"')]


def test_what_a_unit_of_terragrunt_gives(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    unit = 'terraform {\n  source = "../m"\n}\ninputs = {\n  actions = ["*"]\n}\n'
    files = {"m/main.tf": MODULE, "app/terragrunt.hcl": unit}
    assert findings(tmp_path, files, "app/terragrunt.hcl") == [("full-admin-access", '"*"')]


def test_what_a_template_is_given(tmp_path: Path) -> None:
    call = 'templatefile("${path.module}/p.json.tftpl", { action = "*", other = "s3:Get*" })'
    template = ADMIN.replace('"Action": "*"', '"Action": ["${other}", "${action}"]')
    files = {"main.tf": POLICY % call, "p.json.tftpl": template}
    assert findings(tmp_path, files) == [("full-admin-access", '"*"')]


def test_a_default_is_at_most_a_warning(tmp_path: Path) -> None:
    files = {
        "main.tf": MODULE.replace("{}", '{\n  default = ["s3:GetObjekt", "*"]\n}', 1),
    }
    source = reading.read(str(write(tmp_path, files) / "main.tf"))
    report = lint_source(source)
    places = {finding.rule: source.text[slice(*finding.span)] for finding in report.findings}
    assert (
        places.items() >= {"unknown-action": '"s3:GetObjekt"', "full-admin-access": '"*"'}.items()
    )
    assert {finding.severity.value for finding in report.findings} <= {"warning", "suggestion"}
    assert report.unresolved == ()


def test_a_default_of_a_document_that_nothing_refers_to(tmp_path: Path) -> None:
    text = """
variable "actions" { default = ["*"] }
data "aws_iam_policy_document" "d" {
  statement {
    actions   = var.actions
    resources = ["*"]
  }
}
"""
    source = reading.read(str(write(tmp_path, {"main.tf": text}) / "main.tf"))
    [found] = lint_source(source).findings
    assert (found.rule, found.severity.value) == ("full-admin-access", "warning")
    assert source.text[slice(*found.span)] == '"*"'


def test_a_default_that_a_file_of_values_replaces_is_not_linted(tmp_path: Path) -> None:
    files = {
        "main.tf": MODULE.replace("{}", '{\n  default = ["*"]\n}', 1),
        "terraform.tfvars": 'actions = ["s3:ListAllMyBuckets"]\n',
    }
    assert lint_source(reading.read(str(write(tmp_path, files) / "main.tf"))).findings == ()


def test_a_policy_that_a_file_has_is_found_there_only(tmp_path: Path) -> None:
    text = """
resource "aws_iam_policy" "p" {
  for_each = fileset(path.module, "*.json")
  policy   = file("${path.module}/${each.value}")
}
"""
    files = {"main.tf": text, "a.json": ADMIN}
    assert findings(tmp_path, files) == []


@pytest.mark.parametrize(("test", "found"), [('k != ""', []), ('k == ""', ["invalid-arn"])])
def test_a_directive_of_a_template_asks_what_a_choice_comes_to(
    tmp_path: Path, test: str, found: list[str]
) -> None:
    call = 'templatefile("${path.module}/p.tftpl", { k = var.k != null ? var.k : "" })'
    template = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage",'
        ' "Resource": "arn:aws:sqs:eu-west-1:111122223333:q"\n'
        f"%{{ if {test} ~}}\n"
        '}, {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "${k}"\n'
        "%{ endif ~}\n}]}"
    )
    files = {"main.tf": 'variable "k" {}\n' + POLICY % call, "p.tftpl": template}
    report = lint_source(reading.read(str(write(tmp_path, files) / "main.tf")))
    assert [finding.rule for finding in report.findings] == found
