"""A unit of Terragrunt deploys a module with what its files give it."""

import pytest
from support.staged_files import code

pytestmark = pytest.mark.usefixtures("repository")

MODULE = """
variable "actions" {
  type    = list(string)
  default = []
}
variable "name" {}
resource "aws_iam_role_policy" "this" {
  role   = var.name
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = concat(["s3:GetObject"], var.actions), Resource = "*" },
    ]
  })
}
"""
UNIT = """
include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}
include "shared" {
  path           = "${dirname(find_in_parent_folders("root.hcl"))}/_shared/app.hcl"
  merge_strategy = "deep"
}
locals {
  account = read_terragrunt_config(find_in_parent_folders("account.hcl"))
}
dependency "vpc" {
  config_path = "../vpc"
}
terraform {
  source = "${get_repo_root()}/modules//role"
}
inputs = {
  name    = "${include.root.locals.prefix}-${dependency.vpc.outputs.id}"
  actions = local.account.locals.actions
}
"""
FILES = {
    "live/root.hcl": 'locals {\n  prefix = "app"\n}\ninputs = {\n  tags = {}\n}\n',
    "live/_shared/app.hcl": "inputs = {\n  actions = []\n}\n",
    "live/prod/account.hcl": "locals {\n  actions = []\n}\n",
    "live/prod/app/terragrunt.hcl": UNIT,
    "live/prod/vpc/terragrunt.hcl": 'terraform {\n  source = "git::a"\n}\n',
    "modules/role/main.tf": MODULE,
}
NEW = '["iam:PassRole"]'


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("live/_shared/app.hcl", "[]", NEW),
        ("live/prod/account.hcl", "[]", NEW),
        ("live/prod/app/terragrunt.hcl", "local.account.locals.actions", NEW),
        (
            "live/prod/app/terragrunt.hcl",
            "local.account.locals.actions",
            "dependency.vpc.outputs.a",
        ),
        ("live/root.hcl", '"app"', '"admin"'),
        ("live/prod/app/terragrunt.hcl", "get_repo_root()}/modules//role", "get_env()}"),
        ("modules/role/main.tf", "s3:GetObject", "s3:*"),
    ],
)
def test_new_access_stops(path: str, before: str, after: str) -> None:
    assert code(FILES, {path: FILES[path].replace(before, after)}) == 1


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("live/_shared/app.hcl", "inputs", "# what all units have\ninputs"),
        (
            "live/prod/app/terragrunt.hcl",
            "dependency.vpc.outputs.id",
            'dependency.vpc.outputs["id"]',
        ),
        ("live/prod/app/terragrunt.hcl", '"${include.root.locals.prefix}-', '"app-'),
        ("live/root.hcl", "tags = {}", 'tags = { a = "b" }'),
        ("live/root.hcl", "locals", 'generate "provider" {\n  path = "p.tf"\n}\nlocals'),
        ("modules/role/main.tf", '"s3:GetObject"', '"s3:GetObject", "s3:GetObject"'),
    ],
)
def test_harmless_changes_pass(path: str, before: str, after: str) -> None:
    assert code(FILES, {path: FILES[path].replace(before, after)}) == 0


def test_a_unit_without_a_source_deploys_its_own_folder() -> None:
    files = {"app/main.tf": MODULE, "app/terragrunt.hcl": "inputs = {\n  actions = []\n}\n"}
    new = files["app/terragrunt.hcl"].replace("[]", NEW)
    assert code(files, {"app/terragrunt.hcl": new}) == 1
    assert code({"app/terragrunt.hcl": new}, files) == 0


GENERATED = """
generate "files" {
  path      = "more.tf"
  if_exists = "overwrite"
  contents  = <<E
provider "aws" {
  assume_role {
    role_arn = "arn:aws:iam::111122223333:role/deploy"
  }
}
resource "aws_iam_role" "made" {
  name = "made"
}
resource "aws_iam_role_policy" "made" {
  role   = aws_iam_role.made.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:SendMessage" }] })
}
E
}
"""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("sqs:SendMessage", "sqs:*", 1),
        ("111122223333", "444455556666", 1),
        ("role/deploy", "role/other", 0),
        ("resource", "# a comment\nresource", 0),
    ],
)
def test_files_that_terragrunt_writes(before: str, after: str, expected: int) -> None:
    files = {**FILES, "live/root.hcl": FILES["live/root.hcl"] + GENERATED}
    assert code(files, {"live/root.hcl": files["live/root.hcl"].replace(before, after)}) == expected


ATTACHED = """
variable "arn" {}
resource "aws_iam_role_policy_attachment" "a" {
  role       = "r"
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
"""
GIVEN = (
    ATTACHED
    + """resource "aws_iam_role_policy_attachment" "b" {
  role       = "r"
  policy_arn = var.arn
}
"""
)
GIVING = 'dependency "p" {\n  config_path = "../p"\n}\nterraform {\n  source = "../../m"\n}\n'
MAKING = """
resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "%s", Action = "s3:*", Resource = "*" }] })
}
output "arn" {
  value = aws_iam_policy.p.arn
}
"""


@pytest.mark.parametrize(
    ("effect", "source", "expected"),
    [("Allow", "../../p", 0), ("Deny", "../../p", 1), ("Allow", "git::p", 1)],
)
def test_the_policy_of_another_unit_that_is_not_attached_any_more(
    effect: str, source: str, expected: int
) -> None:
    files = {
        "m/main.tf": GIVEN,
        "p/main.tf": MAKING % effect,
        "live/a/terragrunt.hcl": f"{GIVING}inputs = {{\n  arn = dependency.p.outputs.arn\n}}\n",
        "live/p/terragrunt.hcl": f'terraform {{\n  source = "{source}"\n}}\n',
    }
    assert code(files, {"m/main.tf": ATTACHED}) == expected
