"""What is picked from a list decides access by what is picked, and not by the rest of the list."""

from __future__ import annotations

import pytest
from support.compared_sources import stops

VARIABLES = 'variable "stages" {}\nvariable "more" {}\nvariable "at" {}\n'


def policy(picked: str, items: str) -> str:
    statement = (
        f'Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::x-${{{picked}}}/*"'
    )
    return (
        f"{VARIABLES}locals {{\n  items = {items}\n}}\n"
        f'resource "aws_iam_policy" "p" {{\n'
        f"  policy = jsonencode({{ Statement = [{{ {statement} }}] }})\n}}\n"
    )


FIRST = "local.items[0].name"
OF_STAGES = "[for s in var.stages : { name = s.name, text = %s }]"
JOINED = (
    'flatten(concat([for s in var.stages : [{ kind = "a", name = s.name }]],'
    ' var.more ? [{ kind = "b", name = "%s", text = "%s" }] : []))'
)
MERGED = '[for s in %s : merge(s, { a = { text = "%s" }, b = {} }[s.kind])]'
OF_KIND = MERGED % ("var.stages", "a")
NAMED = '{ a = { name = "%s", text = "%s" }, b = { name = "b", text = "b" } }'
BY_NAME = '{ for s in var.stages : s.id => { name = s.name, text = "%s" } }'


@pytest.mark.parametrize(
    ("picked", "old", "new"),
    [
        (FIRST, OF_STAGES % '"a"', OF_STAGES % '"b"'),
        (FIRST, JOINED % ("x", "a"), JOINED % ("x", "b")),
        (FIRST, MERGED % (JOINED % ("x", "a"), "a"), MERGED % (JOINED % ("x", "b"), "b")),
        ("local.items[var.at].name", '[{ name = "a", text = "a" }]', '[{ name = "a" }]'),
        ("element(local.items, var.at).name", OF_STAGES % '"a"', OF_STAGES % '"b"'),
        (FIRST, "[var.more[0], var.more[1]]", "[var.more[0], var.more[2]]"),
        (
            FIRST,
            'concat(var.more ? [{ name = "a" }] : [], [{ name = "b" }, { name = "c" }])',
            'concat(var.more ? [{ name = "a" }] : [], [{ name = "b" }, { name = "d" }])',
        ),
        ('local.items["x"].name', BY_NAME % "a", BY_NAME % "b"),
        ("values(local.items)[0].name", NAMED % ("a", "a"), NAMED % ("a", "b")),
        ("[for i in local.items : i.name][0]", '{ b = { name = "b" }, a = { name = "a" } }',
         '{ a = { name = "a" }, b = { name = "b" } }'),
        ("tolist(local.items)[0]", 'toset(["b", "a"])', 'toset(["a", "b"])'),
    ],
)  # fmt: skip
def test_the_rest_of_a_list_decides_nothing(picked: str, old: str, new: str) -> None:
    assert not stops("main.tf", policy(picked, old), policy(picked, new))


@pytest.mark.parametrize(
    ("picked", "old", "new"),
    [
        (FIRST, OF_STAGES % '"a"', (OF_STAGES % '"a"').replace("s.name", "s.id")),
        (FIRST, OF_KIND, OF_KIND.replace("text", "name")),
        (FIRST, JOINED % ("x", "a"), JOINED % ("y", "a")),
        (FIRST, MERGED % (JOINED % ("x", "a"), "a"), MERGED % (JOINED % ("y", "a"), "a")),
        ("local.items[var.at].name", '[{ name = "a" }]', '[{ name = "a" }, { name = "b" }]'),
        ("local.items[var.at].name", '[{ name = "a" }]', '[{ name = "*" }]'),
        (FIRST, "[var.more[0], var.more[1]]", "[var.more[1], var.more[0]]"),
        (
            FIRST,
            'concat(var.more ? [{ name = "a" }] : [], [{ name = "b" }, { name = "c" }])',
            'concat(var.more ? [{ name = "a" }] : [], [{ name = "d" }, { name = "c" }])',
        ),
        ('local.items["x"].name', BY_NAME % "a", BY_NAME.replace("s.name", "s.id") % "a"),
        ("[for i in local.items : i.name][0]", '{ b = { name = "b" } }',
         '{ b = { name = "b" }, a = { name = "a" } }'),
        ("tolist(local.items)[0]", 'toset(["b"])', 'toset(["b", "a"])'),
    ],
)  # fmt: skip
def test_what_is_picked_decides(picked: str, old: str, new: str) -> None:
    assert stops("main.tf", policy(picked, old), policy(picked, new))


def repeated(meta: str, picked: str) -> str:
    statement = (
        f'Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${{{picked}}}/*"'
    )
    return (
        f'{VARIABLES}resource "aws_iam_role_policy" "p" {{\n  {meta}\n  role = "r"\n'
        f"  policy = jsonencode({{ Statement = [{{ {statement} }}] }})\n}}\n"
    )


COUNTED = "count = length(var.stages)"
EACH = "for_each = toset(var.stages)"
IF_MORE = 'for_each = { for k, v in { a = "x" } : k => v if var.more }'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((COUNTED, "var.stages[count.index]"), (EACH, "each.value")),
        ((COUNTED, "element(var.stages, count.index)"), (EACH, "each.key")),
        ((EACH, "each.value"), (EACH, "each.key")),
        (('for_each = var.more ? { a = "x" } : {}', "each.value"), (IF_MORE, "each.value")),
        (("count = var.more ? 1 : 0", '{ a = "x" }["a"]'), (IF_MORE, "each.value")),
    ],
)
def test_one_for_each_item_is_the_same_by_count(old: tuple[str, str], new: tuple[str, str]) -> None:
    assert not stops("main.tf", repeated(*old), repeated(*new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((COUNTED, "var.stages[count.index]"), (EACH.replace("stages", "more"), "each.value")),
        ((COUNTED, "var.stages[count.index]"), (COUNTED, "var.more[count.index]")),
        (("for_each = var.stages", "each.value"), ("for_each = var.stages", "each.key")),
        ((IF_MORE, "each.value"), (IF_MORE.replace("if var.more", ""), "each.value")),
        ((IF_MORE, "each.value"), (IF_MORE.replace('"x"', '"y"'), "each.value")),
    ],
)
def test_one_for_another_item_stops(old: tuple[str, str], new: tuple[str, str]) -> None:
    assert stops("main.tf", repeated(*old), repeated(*new))
