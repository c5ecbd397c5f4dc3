from pathlib import Path

from support.modules import deployment

from multitool_lint.syntax.terms import StatementValue, Unknown, plain

TRUST = (
    'jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = "*" }] })'
)
DOCUMENT = """
data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Objects"
    effect    = "Deny"
    actions   = ["s3:DeleteObject"]
    resources = ["*"]
  }
}
variable "actions" {}
data "aws_iam_policy_document" "this" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  dynamic "statement" {
    for_each = { Objects = var.actions }
    content {
      sid       = statement.key
      actions   = statement.value
      resources = ["*"]
    }
  }
}
resource "aws_iam_role_policy" "this" {
  role   = "app"
  policy = data.aws_iam_policy_document.this.json
}
"""
CALLS = """
module "reader" {
  source  = "./policy"
  actions = ["s3:GetObject"]
}
module "writer" {
  source  = "./policy"
  actions = ["s3:PutObject"]
}
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = %s
}
"""


def elements(statements: list[StatementValue]) -> list[object]:
    return [plain(dict(statement.elements)) for statement in statements]


def test_a_role_has_what_two_calls_of_a_module_give_it(tmp_path: Path) -> None:
    found = deployment(tmp_path, {"main.tf": CALLS % TRUST, "policy/main.tf": DOCUMENT})
    (role,) = found.owners.values()
    assert role.address == "aws_iam_role.app"
    assert [statement["Action"] for statement in elements(role.statements)] == [  # type: ignore[index]
        ["s3:GetObject"],
        ["s3:PutObject"],
    ]
    assert len(role.trust) == 1


def test_a_statement_replaces_the_one_of_its_sid(tmp_path: Path) -> None:
    found = deployment(tmp_path, {"main.tf": CALLS % TRUST, "policy/main.tf": DOCUMENT})
    (role,) = found.owners.values()
    assert {statement["Effect"] for statement in elements(role.statements)} == {"Allow"}  # type: ignore[index]


def test_a_called_module_is_a_deployment_too(tmp_path: Path) -> None:
    files = {"main.tf": CALLS % TRUST, "policy/main.tf": DOCUMENT}
    (role,) = deployment(tmp_path, files, "policy").owners.values()
    (statement,) = role.statements
    assert isinstance(statement.elements["Action"], Unknown)
    assert statement.elements["Action"].operator == "var"


def test_what_is_there_under_a_condition_has_a_guard(tmp_path: Path) -> None:
    text = """
    variable "on" {}
    resource "aws_iam_role_policy" "p" {
      count  = var.on ? 1 : 0
      role   = "r"
      policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
    }
    """
    (role,) = deployment(tmp_path, {"main.tf": text}).owners.values()
    (statement,) = role.statements
    assert [(guard.condition.operator, guard.holds) for guard in statement.guards] == [
        ("var", True)
    ]


def test_managed_policies_are_those_of_whom_they_are_attached_to(tmp_path: Path) -> None:
    text = """
    resource "aws_iam_policy" "p" {
      policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
    }
    resource "aws_iam_role_policy_attachment" "a" {
      for_each   = toset(["one", "two"])
      role       = each.key
      policy_arn = aws_iam_policy.p.arn
    }
    resource "aws_iam_role_policy_attachment" "b" {
      role       = "one"
      policy_arn = "arn:aws:iam::aws:policy/NotInTheCatalog"
    }
    """
    owners = deployment(tmp_path, {"main.tf": text}).owners
    assert {owner.title: len(owner.statements) for owner in owners.values()} == {"one": 1, "two": 1}
    assert [len(owner.attached) for owner in owners.values()] == [1, 0]


def test_a_broken_file_and_a_link_out_of_the_tree_are_noted(tmp_path: Path) -> None:
    (tmp_path / "outside.tf").write_text("locals {}\n")
    top = tmp_path / "top"
    top.mkdir()
    (top / "link.tf").symlink_to(tmp_path / "outside.tf")
    found = deployment(top, {"broken.tf": 'resource "a" {\n', "main.tf": "locals {}\n"})
    assert sorted(found.shared.broken) == ["broken.tf", "link.tf"]
    assert {"broken.tf", "link.tf", "main.tf"} <= found.shared.paths


def test_managed_policies_of_aws_are_what_they_say(tmp_path: Path) -> None:
    text = """
    data "aws_partition" "p" {}
    data "aws_iam_policy" "a" { arn = "arn:aws:iam::aws:policy/AdministratorAccess" }
    data "aws_iam_policy" "b" { name = "AdministratorAccess" }
    data "aws_iam_policy" "own" { name = "reports-reader" }
    locals {
      arns = {
        one   = data.aws_iam_policy.a.arn
        two   = data.aws_iam_policy.b.arn
        three = "arn:${data.aws_partition.p.partition}:iam::aws:policy/AdministratorAccess"
        own   = data.aws_iam_policy.own.arn
        china = "arn:aws-cn:iam::aws:policy/AdministratorAccess"
      }
    }
    resource "aws_iam_role_policy_attachment" "x" {
      for_each   = local.arns
      role       = each.key
      policy_arn = each.value
    }
    """
    owners = deployment(tmp_path, {"main.tf": text}).owners
    assert {owner.title for owner in owners.values() if owner.statements} == {"one", "two", "three"}
    assert {owner.title for owner in owners.values() if owner.attached} == {"own", "china"}
