"""Modules of Terraform whose policies depend on variables, and the same with their values.

What `diff` passes for variables must pass for each of their values.
"""

from __future__ import annotations

import json
from itertools import product
from random import Random
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from fuzz.harness import Harness
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.diffs.deployments import DeploymentComparison
from multitool_lint.syntax.tree_of_files import TreeOfTexts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ACTIONS = ('"s3:GetObject"', '"s3:PutObject"', '"s3:Get*"')
_RESOURCES = ('"arn:aws:s3:::a/*"', '"arn:aws:s3:::b/*"', '"arn:aws:s3:::*"')
_CONDITIONS = ("var.x", "!var.x", "var.y", 'var.e == "a"', 'var.e != "b"', "var.x && var.y")
_SECURE = '{ Bool = { "aws:SecureTransport" = "true" } }'
_VALUES = (("true", "false"), ("true", "false"), ('"a"', '"b"', '"c"'))
_CHANGES = (
    ('"s3:Get*"', '"s3:GetObject"'),
    ('"arn:aws:s3:::*"', '"arn:aws:s3:::a/*"'),
    ('"s3:GetObject"', '"s3:Get*"'),
    ("var.x", "var.y"),
    ("var.y", "(var.x || var.y)"),
    ('"a"', '"b"'),
    (" && ", " || "),
)
_DEPTH = 2
_NOTHING, _NONE = '""', "[]"


def harnesses() -> Iterator[Harness]:
    """The one harness."""
    yield Harness("choices", ".choices.json", _pairs, check)


def _pairs() -> st.SearchStrategy[bytes]:
    numbers = st.integers(0, 2**31)
    return numbers.map(lambda seed: json.dumps(pair_of(seed), indent=1).encode())


def pair_of(seed: int) -> tuple[str, str]:
    """Two versions of a module, of a seed."""
    dice = Random(seed)  # noqa: S311 - no secrets
    old = "".join(_resource(dice, label) for label in "pq"[: dice.randint(1, 2)])
    before, after = dice.choice(_CHANGES)
    return old, old.replace(before, after, 1 if dice.random() < 0.5 else -1)  # noqa: PLR2004


def check(data: bytes) -> None:
    """See that what passes for variables passes for all of their values."""
    old, new = json.loads(data)
    if _stops(old, new):
        return
    for values in product(*_VALUES):
        sides = [_with(text, values) for text in (old, new)]
        assert not _stops(*sides), f"new access passes for {values}"


def _stops(old: str, new: str) -> bool:
    sides = [ModuleDeployment(TreeOfTexts({"main.tf": text}), "") for text in (old, new)]
    found = DeploymentComparison(sides[0], sides[1], bundled()).changes()
    return any(one.changes.gained or one.changes.unknown for one in found)


def _with(text: str, values: Sequence[str]) -> str:
    for name, value in zip(("var.x", "var.y", "var.e"), values, strict=True):
        text = text.replace(name, value)
    return text


def _resource(dice: Random, label: str) -> str:
    count = f"count = {dice.choice(_CONDITIONS)} ? 1 : 0\n" if dice.random() < 0.4 else ""  # noqa: PLR2004
    statements = ", ".join(_statement(dice) for _ in range(dice.randint(1, 2)))
    return (
        f'resource "aws_iam_role_policy" "{label}" {{\n  {count}  role = "r"\n'
        f'  policy = jsonencode({{ Version = "2012-10-17", Statement = [{statements}] }})\n}}\n'
    )


def _statement(dice: Random) -> str:
    condition = dice.choice(_CONDITIONS)
    effect = dice.choice(('"Allow"', '"Allow"', '"Deny"', f'{condition} ? "Allow" : "Deny"'))
    more = dice.choice(("", "", ", Condition = " + _chosen(dice, _SECURE, "{}")))
    actions, resources = _list(dice, _ACTIONS), _list(dice, _RESOURCES)
    return f"{{ Effect = {effect}, Action = {actions}, Resource = {resources}{more} }}"


def _chosen(dice: Random, one: str, other: str) -> str:
    return f"{dice.choice(_CONDITIONS)} ? {one} : {other}"


def _list(dice: Random, pool: Sequence[str]) -> str:
    one, other, third = (_scalar(dice, pool, 0) for _ in range(3))
    several = f"[{other}]"
    return dice.choice(
        (
            f"[{one}, {other}]",
            f"concat([{one}], {_chosen(dice, several, _NONE)})",
            f"compact([{one}, {_chosen(dice, other, _NOTHING)}])",
            _chosen(dice, f"[{one}]", f"[{other}, {third}]"),
            f"flatten([{one}, [{_chosen(dice, several, _NONE)}]])",
        )
    )


def _scalar(dice: Random, pool: Sequence[str], depth: int) -> str:
    if depth == _DEPTH or dice.random() < 0.4:  # noqa: PLR2004
        return dice.choice(pool)
    one, other, third = (_scalar(dice, pool, depth + 1) for _ in range(3))
    return dice.choice(
        (
            f"({_chosen(dice, one, other)})",
            f"{{ a = {one}, b = {other}, c = {third} }}[var.e]",
            f"lookup({{ a = {one} }}, var.e, {other})",
        )
    )
