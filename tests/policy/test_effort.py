"""What a comparison of two versions of a file takes."""

from __future__ import annotations

from typing import Any

import pytest
from support.work import calls

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diffs.sources import changes_of_sources
from multitool_lint.policy.compare.effort import TOO_MUCH, Effort, Efforts
from multitool_lint.policy.compare.scope import RequestScope
from multitool_lint.policy.compare.unknown_texts import is_without_variables
from multitool_lint.syntax.source import Source

CATALOG = bundled()
CONDITIONS = 4
STATEMENTS = 12


def _file(name: str) -> str:
    """A policy with unknown resources, of which some depend on a condition each."""
    resources = [
        f'var.{name}{at} ? "arn:aws:s3:::a" : var.b{at}' if at < CONDITIONS else f"var.{name}{at}"
        for at in range(STATEMENTS)
    ]
    statements = ", ".join(
        f'{{ Effect = "Allow", Action = "s3:GetObject", Resource = {resource} }}'
        for resource in resources
    )
    policy = f'jsonencode({{ Version = "2012-10-17", Statement = [{statements}] }})'
    return f'resource "aws_iam_policy" "a" {{\n  policy = {policy}\n}}\n'


def _with_resource(text: str) -> str:
    statement = f'{{ Effect = "Allow", Action = "s3:GetObject", Resource = "{text}" }}'
    policy = f'jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})'
    return f'resource "aws_iam_policy" "a" {{\n  policy = {policy}\n}}\n'


def _compared(old: Source, new: Source) -> list[Any]:
    found = changes_of_sources((old, new), CATALOG)
    return [changes for _, changes in found]


def test_a_text_is_read_once_and_not_for_each_part_that_is_filled_in() -> None:
    def work(count: int) -> int:
        old, new = (
            Source("alone/main.tf", _with_resource("".join(parts)))
            for parts in (
                [f"${{var.{name}{at}}}" for at in range(count)] for name in ("old", "new")
            )
        )
        return calls(is_without_variables, lambda: _compared(old, new))

    assert work(40) == work(20) > 0


def test_values_that_are_assumed_occur_nowhere_else() -> None:
    old, new = (
        Source("alone/main.tf", _with_resource(f"arn:aws:s3:::example1{text}"))
        for text in ("/a", "-${var.a}/a")
    )
    [found] = _compared(old, new)
    [gained] = found.gained
    assert gained.example
    assert gained.example.resource == "arn:aws:s3:::example1-example2/a"


@pytest.mark.slow
def test_all_cases_together_are_compared_no_longer_than_one_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, new = (Source("alone/main.tf", _file(name)) for name in ("old", "new"))
    left = 2_000
    monkeypatch.setattr(Efforts, "of_a_comparison", lambda: Efforts(Effort(left), Effort(left)))
    [found] = _compared(old, new)
    assert calls(RequestScope.covers, lambda: _compared(old, new)) <= 2 * left
    assert TOO_MUCH in {difference.doubt for difference in found.gained}
