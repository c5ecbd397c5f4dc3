"""Calls of modules that are not in the tree: which one is which, and what its outputs are."""

from __future__ import annotations

import pytest
from support.compared_sources import stops

VARIABLES = 'variable "on" {}\nvariable "names" {}\nvariable "b" {}\n'
ELSEWHERE = """provider "aws" {
  alias = "other"
  assume_role {
    role_arn = "arn:aws:iam::111122223333:role/a"
  }
}
"""
BUCKET = 'source = "acme/bucket/aws"\n  version = "1.0.0"\n  bucket = "%s"'
QUEUE = 'source = "acme/queue/aws"\n  allowed = %s'


def call(label: str, arguments: str = BUCKET % "x") -> str:
    return f'module "{label}" {{\n  {arguments}\n}}\n'


def reads(arn: str, action: str = "s3:GetObject", at: str = "p") -> str:
    statement = f'Effect = "Allow", Action = "{action}", Resource = {arn}'
    return (
        f'resource "aws_iam_policy" "{at}" {{\n'
        f"  policy = jsonencode({{ Statement = [{{ {statement} }}] }})\n}}\n"
    )


def attached(arn: str) -> str:
    trust = 'Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "111122223333" }'
    return (
        f'resource "aws_iam_role" "r" {{\n'
        f"  assume_role_policy = jsonencode({{ Statement = [{{ {trust} }}] }})\n}}\n"
        'resource "aws_iam_role_policy_attachment" "a" {\n  role = aws_iam_role.r.name\n'
        f"  policy_arn = {arn}\n}}\n"
    )


PROXIES = 'source = "acme/app/aws"\n  trusted_%s = %s'
NAMED = 'source = "acme/rds/aws"\n  identifier = "%s"'
ITSELF = f"for_each = module.a.names\n  {BUCKET % 'x'}"
COUNTED = f"count = var.on ? 1 : 0\n  {BUCKET % 'x'}"
ONE = f"count = 1\n  {BUCKET % 'x'}"
FOR_ONE = f'for_each = toset(["x"])\n  {BUCKET % "${each.key}"}'
FOR_TWO = f'for_each = toset(["x", "y"])\n  {BUCKET % "${each.key}"}'
OPEN = f"for_each = toset(var.names)\n  {BUCKET % '${each.key}'}"
TO_OTHER = "\n  providers = { aws = aws.other }"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (call("a") + reads("module.a.arn"), call("b") + reads("module.b.arn")),
        (call("a") + attached("module.a.arn"), call("b") + attached("module.b.arn")),
        (
            call("a") + call("q", QUEUE % "[module.a.arn]") + reads("module.q.arn"),
            call("b") + call("s", QUEUE % "[module.b.arn]") + reads("module.s.arn"),
        ),
        (
            call("a", BUCKET % "a") + call("b", BUCKET % "b") + reads("module.a.arn"),
            call("c", BUCKET % "b") + call("d", BUCKET % "a") + reads("module.d.arn"),
        ),
        (
            call("a", BUCKET % "x") + call("b", BUCKET % "y") + reads("module.b.arn"),
            call("c", FOR_TWO) + reads('module.c["y"].arn'),
        ),
        (call("a") + reads("module.a.arn"), call("a", ONE) + reads("module.a[0].arn")),
        (call("a", ONE) + reads("module.a[0].arn"), call("a") + reads("one(module.a[*].arn)")),
        (call("a", COUNTED) + reads("one(module.a[*].arn)"),
         call("b", COUNTED) + reads("one(module.b[*].arn)")),
        (call("a", OPEN), call("b", OPEN.replace("each.key", "each.value"))),
        (call("a", OPEN) + reads("values(module.a)[*].arn"),
         call("b", OPEN) + reads("values(module.b)[*].arn")),
        (call("a", FOR_ONE) + reads('module.a["x"].arn'), call("a") + reads("module.a.arn")),
        (call("a", FOR_TWO) + reads("[for m in module.a : m.arn]"),
         call("a", FOR_TWO) + reads('[module.a["x"].arn, module.a["y"].arn]')),
        (call("a", FOR_TWO), call("a", FOR_ONE)),
        (call("a", ITSELF), call("a", ITSELF)),
        (call("a", NAMED % "x"), call("a", NAMED % "y")),
        (call("a", PROXIES % ("proxies", "var.b")), call("a", PROXIES % ("proxies", "var.names"))),
        (call("a"), call("a", COUNTED)),
        (call("a", COUNTED), call("a", COUNTED.replace("1 : 0", "1 : 0 "))),
        (ELSEWHERE + call("a", (BUCKET % "x") + TO_OTHER) + reads("module.a.arn"),
         ELSEWHERE + call("b", (BUCKET % "x") + TO_OTHER) + reads("module.b.arn")),
    ],
)  # fmt: skip
def test_the_same_call_passes(old: str, new: str) -> None:
    assert not stops("main.tf", VARIABLES + old, VARIABLES + new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (call("a") + reads("module.a.arn"), call("b", BUCKET % "y") + reads("module.b.arn")),
        (call("a") + reads("module.a.arn"), call("b") + reads("module.b.other")),
        (call("a") + reads("module.a.arn"), call("a") + call("b") + reads("module.b.arn")),
        (call("a"), call("b") + call("c")),
        (
            call("a") + reads("module.a.arn"),
            call("b", (BUCKET % "x").replace("1.0.0", "2.0.0")) + reads("module.b.arn"),
        ),
        (
            call("a", BUCKET % "a") + call("b", BUCKET % "b") + reads("module.a.arn"),
            call("c", BUCKET % "b") + call("d", BUCKET % "a") + reads("module.c.arn"),
        ),
        (
            call("a", BUCKET % "x") + call("b", BUCKET % "y") + reads("module.b.arn"),
            call("c", FOR_TWO) + reads('module.c["x"].arn'),
        ),
        (call("a") + attached("module.a.arn"), call("b") + attached("module.b.admin_arn")),
        (call("a", FOR_ONE), call("a", FOR_TWO)),
        (call("a", NAMED % "x"), call("a", NAMED % "*")),
        (call("a", PROXIES % ("roles", "var.b")), call("a", PROXIES % ("roles", "var.names"))),
        (call("a", NAMED % "x"), call("a", NAMED.replace("fier", "fiers") % "y")),
        (call("a", COUNTED), call("a")),
        (call("a", COUNTED) + reads("one(module.a[*].arn)"),
         call("b") + reads("one(module.b[*].arn)")),
        (call("a", FOR_TWO) + reads('module.a["x"].arn'),
         call("a", FOR_TWO) + reads("[for m in module.a : m.arn]")),
        (ELSEWHERE + call("a") + reads("module.a.arn"),
         ELSEWHERE + call("b", (BUCKET % "x") + TO_OTHER) + reads("module.b.arn")),
        (ELSEWHERE + call("a"), ELSEWHERE + call("a", (BUCKET % "x") + TO_OTHER)),
    ],
)  # fmt: skip
def test_another_call_stops(old: str, new: str) -> None:
    assert stops("main.tf", VARIABLES + old, VARIABLES + new)
