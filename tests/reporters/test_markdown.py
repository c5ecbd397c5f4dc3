"""Markdown, as markdown-it-py renders it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt
from support.report_samples import (
    NASTY,
    NASTY_PATH,
    TEXT,
    finding,
    many,
    nasty,
    report_of,
    written,
)

from multitool_lint.cli import main
from multitool_lint.diagnostics.rule import Severity, page_url
from multitool_lint.limits import MAX_MARKDOWN_CHARACTERS
from multitool_lint.linter.report import Suppressed
from multitool_lint.reporters import markdown
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from markdown_it.token import Token


ADVICE = "  * note: it grants 178 others\n  * help: run: `multitool-lint fix "


def tokens(text: str) -> list[Token]:
    """All tokens that a parser of GitHub's dialect finds, HTML allowed."""
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    return [token for block in parser.parse(text) for token in (block, *(block.children or ()))]


def rendered(text: str) -> str:
    return str(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text))


def test_a_report() -> None:
    other = Source("b c/policy.json", TEXT)
    text = written(
        markdown.Reporter(),
        report_of(finding(), suppressed=(Suppressed(finding(), "comment", ""),)),
        report_of(finding(source=other, rule="public-access", severity=Severity.SECURITY)),
        errors=(("gone.json", "no such file"),),
    )
    assert text == (
        "### multitool-lint\n\n"
        "1 security, 1 suggestion in 2 policies of 2 files; 1 suppressed; 2 fixable with --fix.\n"
        "Not checked: 1 file with an error.\n\n"
        "| | Findings |\n| :-- | --: |\n"
        "| security | 1 |\n| suggestion | 1 |\n| suppressed | 1 |\n"
        "\n#### Not linted\n\n* `gone.json`: `no such file`\n"
        "\n#### `policy.json`\n\n"
        f"* [5:16](policy.json#L5) **suggestion** "
        f"[`redundant-action`]({page_url('redundant-action')}): one covers the other\n"
        f"{ADVICE}policy.json`\n"
        "\n#### `b c/policy.json`\n\n"
        f"* [5:16](b%20c/policy.json#L5) **security** "
        f"[`public-access`]({page_url('public-access')}): one covers the other\n"
        f"{ADVICE}'b c/policy.json'`\n"
    )
    html = rendered(text)
    assert html.count("<table>") == 1
    assert html.count("<h4>") == 3
    assert '<a href="b%20c/policy.json#L5">5:16</a>' in html


def test_nothing_that_a_file_says_is_markup() -> None:
    plain = report_of(finding(), finding())
    odd = report_of(nasty(), finding(source=Source(NASTY_PATH, TEXT), rule=NASTY))
    error = (NASTY_PATH, NASTY)
    expected = written(markdown.Reporter(), plain, errors=(("a", "b"),))
    text = written(markdown.Reporter(), odd, errors=(error,))
    assert {token.type for token in tokens(text)} == {token.type for token in tokens(expected)}
    links = [token.attrs["href"] for token in tokens(text) if token.type == "link_open"]
    assert {link for link in links if "#L" not in str(link)} == {page_url("redundant-action")}
    # GitHub finds mentions, references and addresses in words, and not in code.
    words = "".join(token.content for token in tokens(text) if token.type == "text")
    assert "octocat" in words
    for found in ("@octocat", "#1", "GH-1", "://", "www.", "example.com"):
        assert found not in words
    code = [token.content for token in tokens(text) if token.type == "code_inline"]
    assert "https://example.com/i.png" in code


def test_values_are_code_and_rules_paths_and_pages_are_links() -> None:
    text = written(
        markdown.Reporter(),
        report_of(
            finding(
                title='"iam:*" allows `iam:PassRole` on all roles',
                notes=(
                    "paths lambda-001, lambda-999",
                    "also public-access, not-a-rule",
                    "see https://docs.aws.amazon.com/x, not https://example.com/x",
                ),
                help_template="specify roles, or run: multitool-lint tighten {file}",
            )
        ),
    )
    found = list(tokens(text))
    code = [token.content for token in found if token.type == "code_inline"]
    links = [token.attrs["href"] for token in found if token.type == "link_open"]
    assert code[2:] == [
        '"iam:*"',
        "iam:PassRole",
        "https://example.com/x",
        "multitool-lint tighten policy.json",
    ]
    assert links[2:] == [
        "https://pathfinding.cloud/paths/lambda-001",
        page_url("public-access"),
        "https://docs.aws.amazon.com/x",
    ]


@pytest.mark.parametrize("title", ["`", "``", " `a", "a`` ", " ", "", "\\", "`` ``` `", "a`b`c"])
def test_a_title_stays_within_its_line(title: str) -> None:
    text = written(markdown.Reporter(), report_of(finding(title=title)))
    plain = written(markdown.Reporter(), report_of(finding()))
    assert text.count("\n") == plain.count("\n")
    words = [token.content for token in tokens(text) if token.type in {"text", "code_inline"}]
    assert "it grants 178 others" in "".join(words)


@pytest.mark.slow
def test_a_report_fits_into_a_comment_and_shows_the_most_severe() -> None:
    reports = many(10_000)
    last = reports[-1].findings[-1]
    severe = finding(source=last.source, span=last.span, severity=Severity.ERROR, title="severe")
    reports[-1] = reports[-1]._replace(findings=(*reports[-1].findings, severe))
    errors = tuple((f"{'x' * 900}{number}.json", "unreadable") for number in range(20))
    text = written(markdown.Reporter(), *reports, errors=errors)
    assert 50_000 < len(text) <= MAX_MARKDOWN_CHARACTERS
    assert "): severe\n" in text
    shown = text.count("one covers the other")
    assert f"\n{10_000 - shown:,} more findings, left out for their number.\n" in text
    assert "10,000 suggestions" in text


def test_more_unreadable_files_than_there_is_room_for_are_counted() -> None:
    errors = tuple((f"{number}.json", "x" * 900) for number in range(1_000))
    text = written(markdown.Reporter(), report_of(finding()), errors=errors)
    assert len(text) <= MAX_MARKDOWN_CHARACTERS
    assert "more files\n" in text
    assert "1 more finding, left out" in text


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        (
            {
                "GITHUB_SERVER_URL": "https://github.example",
                "GITHUB_REPOSITORY": "o/r",
                "GITHUB_SHA": "abc",
                "GITHUB_WORKSPACE": "ROOT",
            },
            "https://github.example/o/r/blob/abc/sub/policy.json#L",
        ),
        (
            {
                "CI_PROJECT_URL": "https://gitlab.example/o/r",
                "CI_COMMIT_SHA": "abc",
                "CI_PROJECT_DIR": "ROOT",
            },
            "https://gitlab.example/o/r/-/blob/abc/sub/policy.json#L",
        ),
        ({}, "policy.json#L"),
    ],
)
def test_in_a_job_links_lead_to_the_repository(
    variables: dict[str, str], address: str, tmp_path: Path
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "policy.json").write_text(TEXT, encoding="utf-8")
    package = str(Path(__file__).parents[2])
    values = {key: value.replace("ROOT", str(tmp_path)) for key, value in variables.items()}
    done = subprocess.run(
        [sys.executable, "-m", "multitool_lint", "policy.json", "--format=markdown"],
        cwd=tmp_path / "sub",
        env={"PYTHONPATH": package, "PATH": "", **values},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert f"]({address}" in done.stdout


def test_a_file_elsewhere_has_no_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "policy.json").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "sub")
    assert main(["../policy.json", "--format=markdown"]) == 1
    text = capsys.readouterr().out
    assert "#### `../policy.json`" in text
    links = [str(token.attrs["href"]) for token in tokens(text) if token.type == "link_open"]
    assert links
    assert not any("#L" in link for link in links)
