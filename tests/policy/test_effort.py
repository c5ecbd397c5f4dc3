"""What a comparison of two versions of a file takes."""

from __future__ import annotations

import pytest
from support.work import calls

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.formats.policies import policies_of
from multitool_lint.policy.compare.effort import TOO_MUCH, Effort, Efforts
from multitool_lint.policy.compare.scope import RequestScope
from multitool_lint.policy.compare.unknown_texts import is_without_variables
from multitool_lint.policy.versions import compare
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


def test_a_text_is_read_once_and_not_for_each_part_that_is_filled_in() -> None:
    def work(count: int) -> int:
        old, new = (
            policies_of(Source("main.tf", _with_resource("".join(parts))))
            for parts in (
                [f"${{var.{name}{at}}}" for at in range(count)] for name in ("old", "new")
            )
        )
        return calls(is_without_variables, lambda: compare(old, new, CATALOG))

    assert work(40) == work(20) > 0


def test_values_that_are_assumed_occur_nowhere_else() -> None:
    old, new = (
        policies_of(Source("main.tf", _with_resource(f"arn:aws:s3:::example1{text}")))
        for text in ("/a", "-${var.a}/a")
    )
    [found], _ = compare(old, new, CATALOG)
    [gained] = found.changes.gained
    assert gained.example
    assert gained.example.resource == "arn:aws:s3:::example1-example2/a"


@pytest.mark.slow
def test_all_cases_together_are_compared_no_longer_than_one_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, new = (policies_of(Source("main.tf", _file(name))) for name in ("old", "new"))
    assert len(new.policies) == 2**CONDITIONS
    left = 2_000
    monkeypatch.setattr(Efforts, "of_a_comparison", lambda: Efforts(Effort(left), Effort(left)))
    found, _ = compare(old, new, CATALOG)
    assert calls(RequestScope.covers, lambda: compare(old, new, CATALOG)) <= 2 * left
    assert TOO_MUCH in {difference.doubt for difference in found[0].changes.gained}
