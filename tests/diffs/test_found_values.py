"""A module as a whole, and what data sources of any number find, are compared by content."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from diffs.test_deployments import inline, stops

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
output "actions" { value = [%s] }
output "domain" { value = %s }
"""
BY_KEY = """
variable "e" {}
module "dev" { source = "./settings" }
locals {
  by_key = { dev = module.dev, prod = { actions = ["s3:GetObject"], domain = "p" } }
}
"""
PICKED = BY_KEY + inline("local.by_key[var.e].actions")
SOME = f"""{BY_KEY}
resource "aws_iam_role_policy" "q" {{
  count  = local.by_key[var.e].domain == null ? 0 : 1
  role   = "q"
  policy = jsonencode({{
    Statement = [{{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }}]
  }})
}}
"""
FOUND = """
variable "e" {}
locals {
  names = { dev = [%s], prod = ["p"] }
}
data "aws_ssm_parameter" "p" {
  for_each = toset(local.names[var.e])
  name     = "/%s/${each.key}"
}
resource "aws_iam_role_policy" "p" {
  role   = "r"
  policy = jsonencode({ Statement = [{
    Effect   = "Allow", Action = "ssm:GetParameter"
    Resource = values(data.aws_ssm_parameter.p)[*].arn
  }] })
}
"""
FILTERED = """
variable "e" {}
locals {
  all = [{ on = true, from = "%s", name = "a" }, { on = true, from = "x", name = "b" }]
  some = [for s in local.all : s if s.name == var.e]
}
resource "aws_iam_role_policy" "p" {
  for_each = { for s in local.some : s.name => s.name }
  role     = "r"
  policy   = jsonencode({ Statement = [{
    Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${each.key}/*"
  }] })
}
"""


@pytest.mark.parametrize(
    ("main", "old", "new", "more"),
    [
        pytest.param(
            PICKED, ('"s3:Get*"', "1"), ('"s3:*"', "1"), True, id="an output of the module"
        ),
        pytest.param(PICKED, ('"s3:Get*"', "1"), ('"s3:Get*"', "2"), False, id="another output"),
        pytest.param(SOME, ('"a:b"', '"x"'), ('"a:b"', '"y"'), False, id="another value, not null"),
        pytest.param(SOME, ('"a:b"', "null"), ('"a:b"', '"y"'), True, id="null no more"),
    ],
)
def test_a_module_as_a_value(
    tmp_path: Path, main: str, old: tuple[str, str], new: tuple[str, str], *, more: bool
) -> None:
    one, other = ({"main.tf": main, "settings/main.tf": SETTINGS % given} for given in (old, new))
    assert stops(tmp_path, one, other) == more


@pytest.mark.parametrize(
    ("old", "new", "more"),
    [
        pytest.param(FOUND % ('"a"', "x"), FOUND % ('"a", "b"', "x"), True, id="one more key"),
        pytest.param(FOUND % ('"a"', "x"), FOUND % ('"a"', "y"), True, id="another name"),
        pytest.param(FOUND % ('"a"', "x"), "# c\n" + FOUND % ('"a"', "x"), False, id="a comment"),
        pytest.param(FILTERED % "x", FILTERED % "y", False, id="what decides nothing of an item"),
        pytest.param(FILTERED % "x", FILTERED.replace('"b"', '"c"') % "x", True, id="its name"),
    ],
)
def test_what_is_found_by_keys(tmp_path: Path, old: str, new: str, *, more: bool) -> None:
    assert stops(tmp_path, {"main.tf": old}, {"main.tf": new}) == more
