"""Documents that a data source merges from others: what is wrong with all of them together."""

from pathlib import Path

import pytest

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.linter.engine import lint_source
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source

NOTHING = {"empty-element", "missing-element"}
LONG = ", ".join(f'"s3:GetObject{number:03}"' for number in range(300))


def data(name: str, sid: str = "", more: str = "", action: str = '"s3:GetObject"') -> str:
    return f"""\
data "aws_iam_policy_document" "{name}" {{
  {more}
  statement {{
    {f'sid = "{sid}"' if sid else ""}
    actions   = [{action}]
    resources = ["*"]
  }}
}}
"""


def merging(*references: str, attribute: str = "source_policy_documents") -> str:
    documents = ", ".join(f"data.aws_iam_policy_document.{name}.json" for name in references)
    return f'data "aws_iam_policy_document" "merged" {{\n  {attribute} = [{documents}]\n}}\n'


def of_merged(text: str, path: str = "main.tf") -> list[Finding]:
    name = "data.aws_iam_policy_document.merged"
    return [f for f in lint_source(Source(path, text)).findings if f.policy_name == name]


def test_a_sid_of_two_sources_is_found_at_the_second() -> None:
    text = data("a", "One") + data("b", "One") + merging("a", "b")
    source = Source("main.tf", text)
    [finding] = of_merged(text)
    assert finding.rule == "duplicate-sid"
    assert finding.span.start > text.index('"b"')
    assert finding.fixes == ()
    assert fix(source, unsafe=True).text == text


@pytest.mark.parametrize(
    "text",
    [
        data("a", "One") + data("b", "Two") + merging("a", "b"),
        data("a") + data("b") + merging("a", "b"),
        data("a", "One")
        + data("b", "One")
        + merging("a", "b", attribute="override_policy_documents"),
        data("a", "One")
        + data("merged", "One", "source_policy_documents = [data.aws_iam_policy_document.a.json]"),
        data("a", "One") + merging("a", "missing"),
        data("a", "One")
        + data("b", "One")
        + merging("a")
        .replace("[", "concat([")
        .replace(".json]", ".json], var.x ? [data.aws_iam_policy_document.b.json] : [])"),
    ],
)
def test_what_is_right_when_it_is_merged(text: str) -> None:
    assert {finding.rule for finding in of_merged(text)} <= {"data-exposure"}


def test_what_is_found_in_a_part_is_not_found_again() -> None:
    text = data("a", "One", action='"s3:GetObjekt"') + data("b", "Two") + merging("a", "b")
    rules = [f.rule for f in lint_source(Source("main.tf", text)).findings]
    assert rules.count("unknown-action") == 1
    assert {finding.rule for finding in of_merged(text)} <= {"data-exposure"}


def test_the_size_of_a_policy_is_that_of_all_its_parts() -> None:
    managed = (
        'resource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.merged.json\n}\n'
    )
    text = data("a", "A", action=LONG) + data("b", "B", action=LONG.replace("Get", "Put"))
    found = {finding.rule for finding in of_merged(text + merging("a", "b") + managed)}
    assert found == {"oversized-policy"}


def test_sources_of_sources_and_of_other_files(tmp_path: Path) -> None:
    inner = data("b", "Two", "source_policy_documents = [data.aws_iam_policy_document.a.json]")
    (tmp_path / "other.tf").write_text(data("a", "One") + inner, encoding="utf-8")
    text = data("c", "One") + merging("c", "b")
    path = tmp_path / "main.tf"
    path.write_text(text, encoding="utf-8")
    [finding] = of_merged(text, str(path))
    assert finding.rule == "duplicate-sid"
    assert text[slice(*finding.span)] == "data.aws_iam_policy_document.b.json"


ALLOWED = {"unscoped-resource", "duplicate-sid", "data-exposure"}


def test_a_document_that_merges_itself_is_read() -> None:
    text = data(
        "merged", "One", "source_policy_documents = [data.aws_iam_policy_document.merged.json]"
    )
    assert {f.rule for f in of_merged(text)} <= {
        "unscoped-resource",
        "duplicate-sid",
        "data-exposure",
    }


@pytest.mark.slow
def test_too_many_merged_values_are_not_a_pass() -> None:
    text = data("d", action='"s3:GetObject", "s3:PutObject"')
    for number in range(1, 15):  # each has twice as many statements as the one before
        before = f"d{number - 1}" if number > 1 else "d"
        text += merging(before, before).replace('"merged"', f'"d{number}"')
    findings = lint_source(Source("main.tf", text)).findings
    assert any("merged documents of more than" in finding.title for finding in findings)


@pytest.mark.parametrize("sid", ["0", "1.5", "true"])
def test_a_sid_that_is_not_a_string_is_written_as_one(sid: str) -> None:
    text = data("a", "One").replace('"One"', sid) + data("b", sid) + merging("a", "b")
    rules = [finding.rule for finding in lint_source(Source("main.tf", text)).findings]
    assert "wrong-json-type" not in rules
    assert rules.count("duplicate-sid") == 1


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("data.aws_iam_policy_document.a.json", []),
        ("var.more", []),
        ("data.aws_iam_policy_document.b.json", ["missing-element"] * 2),
    ],
)
def test_a_statement_that_another_one_replaces_may_have_only_a_sid(
    override: str, expected: list[str]
) -> None:
    text = f"""\
{data("a", "One")}{data("b", "Two")}
data "aws_iam_policy_document" "c" {{
  override_policy_documents = [{override}]

  statement {{
    sid = "One"
  }}

  statement {{
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }}
}}
"""
    found = [f for f in lint_source(Source("main.tf", text)).findings if f.rule in NOTHING]
    assert [finding.rule for finding in found] == expected


def test_a_document_without_anything_is_empty_on_purpose() -> None:
    text = 'data "aws_iam_policy_document" "empty" {}\n'
    assert not lint_source(Source("main.tf", text)).findings
    assert lint_source(
        Source("main.tf", text.replace("{}", '{\n  version = "2012-10-17"\n}'))
    ).findings
