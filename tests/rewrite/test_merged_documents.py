"""Documents of Terraform that are merged: their statements replace each other by their Sids."""

from pathlib import Path

import pytest

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("folder")

STATEMENT = """  statement {
%s    actions   = [%s]
    resources = ["arn:aws:s3:::b/*"]
  }
"""
DATA = 'data "aws_iam_policy_document" "%s" {\n%s}\n'
GET, BOTH = '"s3:GetObject"', '"s3:GetObject", "s3:PutObject"'
NARROW = STATEMENT % ('    sid       = "A"\n', GET)
WIDE = STATEMENT % ('    sid       = "B"\n', BOTH)
RULES = "redundant-statement,duplicate-sid,redundant-action,invalid-sid"
MERGED = DATA % ("m", NARROW + WIDE)
USE = DATA % ("final", "  %s = %s\n")
JSON = '{"data": {"aws_iam_policy_document": {"final": {"%s": ["${%s}"]}}}}'
ITEM = '{ Sid = "%s", Effect = "Allow", Action = [%s], Resource = "arn:aws:s3:::b/*" }'
ENCODED = (
    'locals {\n  m = jsonencode({ Version = "2012-10-17", Statement = [\n'
    f"    {ITEM % ('A', GET)},\n    {ITEM % ('B', BOTH)},\n  ] }})\n}}\n"
)
JSON_OF_M = "data.aws_iam_policy_document.m.json"
COMMANDS = [
    ["fix", "--diff", "--unsafe-fixes"],
    ["fix", "--diff", "--keep-wildcards"],
    ["shrink", "--diff"],
    ["tighten", "--diff", "--by-resource"],
    ["expand", "--diff"],
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def diffs(capsys: pytest.CaptureFixture[str], *files: str) -> str:
    """What the commands would change."""
    for command in COMMANDS:
        select = ["--select", RULES] if command[0] == "fix" else []
        main([*command, *select, "--no-config", *files])
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("b.tf", USE % ("source_policy_documents", f"[{JSON_OF_M}]")),
        ("b.tf", USE % ("override_policy_documents", f"concat([{JSON_OF_M}], var.others)")),
        ("b.tf", USE % ("source_json", JSON_OF_M)),
        ("b.tf", USE % ("override_json", f"var.wide ? {JSON_OF_M} : null")),
        ("b.tf", USE % ("source_policy_documents", "data.aws_iam_policy_document.m[*].json")),
        ("b.tf", USE % ("source_policy_documents", "[data.aws_iam_policy_document.m[0].json]")),
        ("b.tofu", USE % ("source_policy_documents", f"[{JSON_OF_M}]")),
        ("b.tf.json", JSON % ("source_policy_documents", JSON_OF_M)),
        ("b.tf", f"locals {{\n  m = {JSON_OF_M}\n}}\n" + USE % ("source_json", "local.m")),
        (
            "b.tf",
            f'resource "aws_iam_policy" "p" {{\n  policy = {JSON_OF_M}\n}}\n'
            + USE % ("source_policy_documents", "[aws_iam_policy.p.policy]"),
        ),
        ("outputs.tf", f'output "json" {{\n  value = {JSON_OF_M}\n}}\n'),
        ("b.tf", f'locals {{\n  m = {JSON_OF_M}\n}}\noutput "m" {{\n  value = local.m\n}}\n'),
        ("b.tf", f'module "bucket" {{\n  source = "x/y/z"\n  policy = {JSON_OF_M}\n}}\n'),
    ],
)  # fmt: skip
def test_no_statement_of_a_document_that_is_merged_is_removed(
    name: str, other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.tf").write_text(MERGED, encoding="utf-8")
    assert "-    sid" in diffs(capsys, "a.tf")  # alone, it may be
    Path(name).write_text(other, encoding="utf-8")
    assert not diffs(capsys, "a.tf")
    assert main(["check", "--fix", "--select", RULES, "--no-config", "."]) == 0
    assert Path("a.tf").read_text(encoding="utf-8") == MERGED


@pytest.mark.parametrize("attribute", ["source_policy_documents", "override_json"])
def test_no_statement_of_a_document_that_merges_others_is_removed(
    attribute: str, capsys: pytest.CaptureFixture[str]
) -> None:
    merges = f"  {attribute} = var.others\n"
    Path("a.tf").write_text(DATA % ("m", merges + NARROW + WIDE), encoding="utf-8")
    assert not diffs(capsys, "a.tf")
    assert main(["check", "--select", RULES, "--no-config", "a.tf"]) == 0


def test_no_statement_of_a_local_document_that_is_merged_is_removed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("a.tf").write_text(ENCODED, encoding="utf-8")
    assert '-    { Sid = "A"' in diffs(capsys, "a.tf")
    Path("b.tf").write_text(USE % ("source_json", "local.m"), encoding="utf-8")
    assert not diffs(capsys, "a.tf")


def test_a_sid_stays_what_another_document_may_replace(capsys: pytest.CaptureFixture[str]) -> None:
    repeated = NARROW + NARROW.replace(GET, '"s3:PutObject"')
    Path("a.tf").write_text(DATA % ("m", repeated), encoding="utf-8")
    assert 'sid       = "A2"' in diffs(capsys, "a.tf")
    Path("b.tf").write_text(USE % ("source_json", JSON_OF_M), encoding="utf-8")
    assert "A2" not in diffs(capsys, "a.tf")


def test_what_no_sid_is_about_is_fixed() -> None:
    twice = '"s3:GetObject", "s3:getobject"'
    unnamed = STATEMENT % ("", GET) + STATEMENT % ("", BOTH)
    statements = unnamed + NARROW.replace(GET, twice)
    Path("a.tf").write_text(
        USE % ("source_json", JSON_OF_M) + DATA % ("m", statements), encoding="utf-8"
    )
    assert main(["fix", "--write", "--select", RULES, "--no-config", "a.tf"]) == 0
    fixed = Path("a.tf").read_text(encoding="utf-8")
    assert fixed.count("statement {") == 2
    assert "s3:getobject" not in fixed
    assert 'sid       = "A"' in fixed


def test_what_one_statement_loses_another_one_does_not_have_for_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each of them may be replaced."""
    more = WIDE.replace(BOTH, '"s3:*"') + NARROW.replace(GET, '"s3:GetObject", "ec2:RunInstances"')
    Path("a.tf").write_text(DATA % ("m", more), encoding="utf-8")
    main(["shrink", "--diff", "--no-config", "a.tf"])
    capsys.readouterr()
    Path("b.tf").write_text(USE % ("source_json", JSON_OF_M), encoding="utf-8")
    main(["shrink", "--diff", "--no-config", "a.tf"])
    assert '- "s3:GetObject"' not in capsys.readouterr().out
