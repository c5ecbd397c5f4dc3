"""The page of a rule on a terminal."""

import re

import pytest

from multitool_lint.cli import main
from multitool_lint.diagnostics.rule import page_url, rules


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["explain", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("id_", rules())
def test_a_page_has_no_marks_of_markdown_blocks(
    id_: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = explained(capsys, id_)
    lines = text.splitlines()
    assert lines[0] == f"{id_} ({rules()[id_].severity.value})"
    assert f"Page: {page_url(id_)}" in lines
    assert not [line for line in lines if line.startswith(("```", "#", "|", "since ="))]
    assert "](" not in text
    # Prose fits; examples are shown as they are, indented.
    assert not [line for line in lines if len(line) > 100 and line[0] != " " and "://" not in line]
    headings = re.findall(r"^## (.+)$", rules()[id_].page, re.MULTILINE)
    assert [line for line in lines if line in headings] == headings


def test_a_fix_is_distinguished_from_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "duplicate-sid")
    assert '\nAfter the safe fix:\n\n    {\n      "Version"' in text
    assert '    error[duplicate-sid]: Sid "Read" is already used' in text


@pytest.mark.parametrize("columns", ["1", "20"])
def test_a_terminal_may_be_narrow(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    text = explained(capsys, "oversized-policy")
    assert "6,144" in text.replace("\n", "")


def test_a_table_is_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    lines = explained(capsys, "missing-element").splitlines()
    row = next(line for line in lines if line.startswith("`Effect` "))
    head = next(line for line in lines if line.startswith("element "))
    assert row.index("every statement") == head.index("required in")


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("DUPLICATE_SID", ["duplicate-sid"]),
        ("unique_sids_required", ["duplicate-sid"]),
        ("unique-sids-recommended", ["duplicate-sid"]),
        ("INVALID_ARN", ["invalid-arn"]),
        (
            "MALFORMED",
            [rule.id for rule in rules().values() if "MALFORMED" in rule.parliament],
        ),
    ],
)
def test_the_names_of_other_linters_are_accepted(
    name: str, ids: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = explained(capsys, name)
    assert set(ids) <= set(re.findall(r"^([a-z-]+) \(\w+\)$", text, re.MULTILINE))


def test_rule_is_another_name_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "old-version")
    assert main(["rule", "old-version"]) == 0
    assert capsys.readouterr().out == text


def test_the_mistake_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "old-versoin"]) == 2
    assert capsys.readouterr().err == (
        'error: unknown rule "old-versoin"; did you mean "old-version"?\n'
    )
