"""Comments in Markdown that suppress findings of the block after them."""

import json
from pathlib import Path

import pytest
from support.ignore_entry import ignore_entry

from multitool_lint import lint
from multitool_lint.cli import main
from multitool_lint.diagnostics.ignore_comment import IgnoreCommentError, is_ours, parse
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.ignore_entries import Ignores
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.report import Report
from multitool_lint.linter.settings import FileSettings
from multitool_lint.syntax.source import Source

STATEMENT = {"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}
POLICY = json.dumps({"Version": "2008-10-17", "Statement": [STATEMENT]}, indent=2)
FENCE = f"```json\n{POLICY}\n```"
COMMENT = "<!-- multitool-lint: ignore[old-version] kept for the vendor -->"
ENABLED = ("old-version", "redundant-action", "unused-ignore", "invalid-ignore-comment")


def linted(text: str, ignores: Ignores | None = None) -> Report:
    enabled = {id_: rules()[id_] for id_ in ENABLED}
    return lint_with_settings(Source("page.md", text), FileSettings(enabled, ignores=ignores))


def found(text: str) -> list[str]:
    return [finding.rule for finding in linted(text).findings]


def indented(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join([first + lines[0], *(rest + line for line in lines[1:])])


def test_a_comment_suppresses_its_rule_in_the_next_block_and_only_there() -> None:
    assert found(f"{COMMENT}\n{FENCE}") == ["redundant-action"]
    report = linted(f"# Page\n\n{COMMENT}\n\n{FENCE}\n\n{FENCE}\n")
    assert [finding.rule for finding in report.findings] == [
        "redundant-action",
        "old-version",
        "redundant-action",
    ]
    [suppressed] = report.suppressed
    assert (suppressed.by, suppressed.reason) == ("comment", "kept for the vendor")
    assert suppressed.finding.policy_name == "policy 1"
    assert suppressed.finding.fingerprint


@pytest.mark.parametrize(
    "before",
    [
        COMMENT.replace("[old-version]", "[redundant-action, old-version]"),
        f"{COMMENT}\n{COMMENT.replace('old-version', 'redundant-action')}",
        f"{COMMENT} {COMMENT.replace('old-version', 'redundant-action')}",
        f"<!-- other -->\n{COMMENT.replace('old-version', 'redundant-action')}\n\n{COMMENT}\n\n",
        f"<details>\n{COMMENT}\n<summary>\n\n{COMMENT.replace('old-version', 'redundant-action')}",
        "<!--\nmultitool-lint: ignore[old-version,\n  redundant-action]\n  kept\n  so\n-->",
        "Words\n<!--multitool-lint:ignore[old-version,redundant-action]kept-->",
    ],
)
def test_several_rules_and_several_comments_add_up(before: str) -> None:
    report = linted(f"{before}\n{FENCE}")
    assert report.findings == ()
    assert len(report.suppressed) == 2


@pytest.mark.parametrize(
    ("first", "rest"), [("> ", "> "), ("- ", "  "), ("1. ", "   "), ("> - ", ">   "), ("   ", "")]
)
def test_comments_within_quotes_and_lists_hold_for_the_block_there(first: str, rest: str) -> None:
    comment = "<!-- multitool-lint: ignore[old-version]\nkept for the vendor -->"
    text = indented(f"{comment}\n\n{FENCE}", first, rest)
    report = linted(f"Words\n\n{text}\n\n{FENCE}")
    assert [finding.rule for finding in report.findings].count("old-version") == 1
    assert [entry.reason for entry in report.suppressed] == ["kept for the vendor"]


@pytest.mark.parametrize(
    "between", ["Words.", "# Heading", "```sh\nls\n```", "    indented code", "---", "- item"]
)
def test_content_between_comment_and_block_parts_them(between: str) -> None:
    report = linted(f"{COMMENT}\n\n{between}\n\n{FENCE}")
    unused = [finding for finding in report.findings if finding.rule == "unused-ignore"]
    assert [report.source.text[finding.span.start : finding.span.end] for finding in unused] == [
        COMMENT
    ]
    assert not report.suppressed


def test_the_place_of_a_comment_is_its_own_in_crlf_and_after_a_byte_order_mark() -> None:
    text = f"\ufeffWords\n> {COMMENT}\n\n# End\n\n{FENCE}\n".replace("\n", "\r\n")
    [unused] = [finding for finding in linted(text).findings if finding.rule == "unused-ignore"]
    assert text[unused.span.start : unused.span.end] == COMMENT
    assert unused.source.position(unused.span.start) == (2, 3)


def test_a_comment_of_a_rule_that_does_not_run_or_of_broken_json_is_not_unused() -> None:
    idle = COMMENT.replace("old-version", "full-admin-access")
    assert "unused-ignore" not in found(f"{idle}\n{FENCE}")
    broken = FENCE.replace("]\n}", "\n}")
    assert found(f"{COMMENT}\n{broken}") == ["json-syntax-error"]


def test_comments_in_code_do_not_count() -> None:
    assert found(f"```html\n{COMMENT}\n```\n\n{FENCE}") == ["old-version", "redundant-action"]


def test_what_is_wrong_with_a_comment_is_reported_and_it_suppresses_nothing() -> None:
    report = linted(f"{COMMENT.replace('kept for the vendor ', '')}\n{FENCE}")
    assert [finding.rule for finding in report.findings] == [
        "invalid-ignore-comment",
        "old-version",
        "redundant-action",
    ]
    assert report.findings[0].title.startswith("The ignore comment has no effect: it has no reason")
    assert all(finding.fingerprint for finding in report.findings)


def test_without_ignores_comments_are_as_if_they_were_not_there() -> None:
    bad = "<!-- multitool-lint: ignore -->"
    report = linted(f"{bad}\n{COMMENT}\n{FENCE}", Ignores(comments=False))
    assert [finding.rule for finding in report.findings] == ["old-version", "redundant-action"]


def test_an_entry_can_suppress_findings_about_comments() -> None:
    entry = ignore_entry({"rule": "unused-ignore", "reason": "shown on purpose"}, Path.cwd())
    report = linted(f"{COMMENT}\n\nWords\n\n{FENCE}", Ignores((entry,)))
    assert [entry.by for entry in report.suppressed] == ["configuration"]
    assert report.used_ignores == {entry.key}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("multitool-lint: ignore[old-version]", "no reason"),
        ("multitool-lint: ignore[old-version] - ", "no reason"),
        ("multitool-lint: ignore[] reason", "a rule ID is missing"),
        ("multitool-lint: ignore[old-version,] reason", "a rule ID is missing"),
        ("multitool-lint: ignore[old-versoin] reason", 'did you mean "old-version"'),
        ("multitool-lint: ignore[json-syntax-error] reason", "cannot be ignored"),
        ("multitool-lint: ignore old-version", "not have the required form"),
        ("multitool-lint: disable[old-version] x", "not have the required form"),
        ("multitool-lint ignore[old-version] x", "not have the required form"),
    ],
)
def test_a_comment_that_cannot_be_followed_says_why(text: str, message: str) -> None:
    assert is_ours(text)
    with pytest.raises(IgnoreCommentError, match=message):
        parse(text)


@pytest.mark.parametrize("text", ["checked by multitool-lint", "multitool-lint is great", "TODO"])
def test_other_comments_are_not_ours(text: str) -> None:
    assert not is_ours(text)


def test_a_reason_may_follow_a_dash_or_colon_and_is_one_line() -> None:
    for text in ("ignore[old-version]: kept\n  so", "ignore [ old-version ] -- kept so"):
        comment = parse(f" multitool-lint: {text} ")
        assert (comment.rules, comment.reason) == (("old-version",), "kept so")


def test_the_library_heeds_them_and_a_fix_leaves_what_they_suppress(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    silenced = COMMENT.replace("old-version", "redundant-action")
    page.write_text(f"{silenced}\n{FENCE}\n\n{FENCE}\n", encoding="utf-8")
    rules_found = [finding.rule for finding in lint(page, select=["redundant-action"])]
    assert rules_found == ["redundant-action"]
    assert main(["--fix", "--keep-wildcards", "--select=redundant-action", str(page)]) == 0
    after = page.read_text(encoding="utf-8")
    assert after.count('"s3:GetObject"') == 1
    assert after.startswith(f"{silenced}\n{FENCE}\n")
    options = ["--fix", "--keep-wildcards", "--show-suppressed", "--select=redundant-action"]
    assert main([*options, str(page)]) == 0
    assert page.read_text(encoding="utf-8").count('"s3:GetObject"') == 0


@pytest.mark.parametrize(("others", "rules_"), [("", []), ('"iam:*"', ["pass-role-any-resource"])])
def test_a_comment_on_the_line_of_an_action_does_not_suppress_a_wildcard_next_to_it(
    others: str, rules_: list[str]
) -> None:
    comment = "multitool-lint: ignore[pass-role-any-resource] limited by the boundary"
    more = f"      - {others}\n" if others else ""
    yaml = (
        'Version: "2012-10-17"\nStatement:\n  - Effect: Allow\n    Action:\n'
        f'      - iam:PassRole # {comment}\n{more}    Resource: "*"\n'
    )
    terraform = (
        'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = [\n'
        f'      "iam:PassRole", # {comment}\n      {others}\n'
        '    ]\n    resources = ["*"]\n  }\n}\n'
    )
    enabled = {id_: rules()[id_] for id_ in ("pass-role-any-resource", "unused-ignore")}
    for path, text in (("policy.yaml", yaml), ("main.tf", terraform)):
        report = lint_with_settings(Source(path, text), FileSettings(enabled))
        assert [finding.rule for finding in report.findings] == rules_
        assert len(report.findings) + len(report.suppressed) == 1
