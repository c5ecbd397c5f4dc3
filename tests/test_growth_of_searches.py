"""Texts and names are searched once, not once from each place: a case would take minutes."""

from __future__ import annotations

from typing import Any

import pytest
from support.work import lines

from multitool_lint.cli.run import cache_keys
from multitool_lint.config import files as config_files
from multitool_lint.formats import aws_commands, local_files
from multitool_lint.policy import definitions
from multitool_lint.policy.definitions import changed_names
from multitool_lint.syntax.yaml import template

LONG = 200_000


def test_names_that_have_changed_through_others_are_followed_once() -> None:
    def work(count: int) -> int:
        old = {f"local.a{number}": f"local.a{number - 1}" for number in range(count)}
        found: list[frozenset[str]] = []
        executed = lines(lambda: found.append(changed_names(old, {**old, "local.a0": "other"})))
        assert len(found[0]) == count
        return executed

    assert work(200) < 2.5 * work(100)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (definitions._PLACEHOLDER, "{{" * LONG, 1),  # noqa: SLF001 - what takes long
        (definitions._PLACEHOLDER, "${" * LONG, 1),  # noqa: SLF001
        (definitions._PLACEHOLDER, "{{ a }} ${b} {{ c", 3),  # noqa: SLF001
        (aws_commands._ATTACHING, "attach-" * LONG, 0),  # noqa: SLF001
        (aws_commands._ATTACHING, "put-" + "a" * LONG, 0),  # noqa: SLF001
        (aws_commands._ASSIGNED, "a" * LONG, 0),  # noqa: SLF001
        (aws_commands._ASSIGNED, "a" + " " * LONG, 0),  # noqa: SLF001
        (definitions._NAME, "a." * LONG, LONG),  # noqa: SLF001
        (definitions._NAME, 'file("a-b.json") \\"c.d\\" var.e', 4),  # noqa: SLF001
        (local_files._NAMED, "file" * LONG, 0),  # noqa: SLF001
        (local_files._NAMED, 'file("' * LONG, LONG // 2),  # noqa: SLF001
        (local_files._NAMED, "file" + " " * LONG, 0),  # noqa: SLF001
        (local_files._NAMED, "Location" * LONG, 0),  # noqa: SLF001
        (local_files.NAMED_BY_SERVERLESS, "${file(" * LONG, 0),
        (cache_keys._NAMED, "a" * LONG, 0),  # noqa: SLF001
        (cache_keys._NAMED, "file" * LONG, 0),  # noqa: SLF001
        (cache_keys._NAMED, 'file("a.json") templatefile ( "b.json", {}) filefile("c")', 3),  # noqa: SLF001
        (template._KEY, "{{" + "}}" * LONG, 0),  # noqa: SLF001
        (template._KEY, "- {{ a }} {{ b }}: c\n", 1),  # noqa: SLF001
        (config_files._TOOL, "\n" * LONG, 0),  # noqa: SLF001
    ],
)
def test_long_texts_are_searched_once(pattern: Any, text: Any, found: int) -> None:  # noqa: ANN401
    assert sum(1 for _ in pattern.finditer(text)) == found
