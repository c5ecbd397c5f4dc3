"""Instances of resources and modules as a whole: by their keys, in order, or any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from diffs.test_deployments import stops

if TYPE_CHECKING:
    from pathlib import Path

QUEUES = 'resource "aws_sqs_queue" "%s" {\n  %s\n  name = %s\n}\n'
MODULES = 'module "%s" {\n  source = "./m"\n  %s\n  name = %s\n}\n'
MODULE = """variable "name" {}
resource "aws_sqs_queue" "q" {
  name = var.name
}
output "arn" { value = aws_sqs_queue.q.arn }
output "other" { value = %s }
"""
TWO, ANY = 'for_each = toset(["a", "b"])', "for_each = toset(var.names)"
IF = 'for_each = var.on ? { a = "a" } : {}'


def main(made: str, resources: str) -> str:
    statement = f'Effect = "Allow", Action = "sqs:SendMessage", Resource = {resources}'
    return (
        f'variable "names" {{}}\nvariable "on" {{}}\n{made}'
        'resource "aws_iam_role_policy" "p" {\n  role = "r"\n'
        f"  policy = jsonencode({{ Statement = [{{ {statement} }}] }})\n}}\n"
    )


@pytest.mark.parametrize(("made", "name"), [(QUEUES, "aws_sqs_queue"), (MODULES, "module")])
@pytest.mark.parametrize(
    ("old", "new", "more"),
    [
        ((TWO, "values({}.q)[*].arn"), (TWO, "[for k, v in {}.q : v.arn]"), False),
        ((ANY, "values({}.q)[*].arn"), (ANY, "[for k, v in {}.q : v.arn]"), False),
        ((ANY, "values({}.q)[*].arn"), (ANY, "values({}.s)[*].arn"), False),
        ((IF, "values({}.q)[*].arn"), (IF, "[for k, v in {}.q : v.arn]"), False),
        ((TWO, '{}.q["a"].arn'), (TWO, "[for k, v in {}.q : v.arn]"), True),
        ((ANY, '{}.q["a"].arn'), (ANY, "values({}.q)[*].arn"), True),
        ((ANY, "values({}.q)[*].arn"), (ANY, '[for k, v in {}.q : "*"]'), True),
        ((IF, "values({}.q)[*].arn"), (TWO, "values({}.q)[*].arn"), True),
    ],
)
def test_instances_of_for_each(
    tmp_path: Path,
    made: str,
    name: str,
    old: tuple[str, str],
    new: tuple[str, str],
    *,
    more: bool,
) -> None:
    sides = []
    for number, (keys, picked) in enumerate((old, new)):
        label = "s" if number and ".s)" in picked else "q"
        text = main(made % (label, keys, "each.key"), picked.format(name))
        sides.append({"main.tf": text, "m/main.tf": MODULE % 1})
    assert stops(tmp_path, sides[0], sides[1]) is more


def test_the_number_of_instances_is_not_what_their_outputs_are(tmp_path: Path) -> None:
    counted = main(MODULES % ("q", ANY, "each.key"), 'length(module.q) > 1 ? "*" : "a"')
    sides = [{"main.tf": counted, "m/main.tf": MODULE % other} for other in (1, 2)]
    assert not stops(tmp_path, sides[0], sides[1])


def test_a_document_that_a_module_outside_is_given_is_used(tmp_path: Path) -> None:
    text = 'module "f" {\n  source = "acme/lambda/aws"\n  policy_json = %s\n}\n'
    document = """data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["%s"]
    resources = ["*"]
  }
}
"""
    inline = '{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }'
    old = {"main.tf": text % f'jsonencode({{ Version = "2012-10-17", Statement = [{inline}] }})'}
    given = text % "data.aws_iam_policy_document.d.json"
    assert not stops(tmp_path / "same", old, {"main.tf": given + document % "s3:GetObject"})
    assert stops(tmp_path / "more", old, {"main.tf": given + document % "s3:*"})
