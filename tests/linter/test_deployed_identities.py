"""What is found in identities whose policies are in several files."""

import json
from pathlib import Path

import pytest
from support.modules import write

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.serialize import record, restored
from multitool_lint.linter.settings import FileSettings
from multitool_lint.reporters import json as json_reporter
from multitool_lint.reporters import text as text_reporter
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.source import Source

RULE = "combined-escalation"
ROLE = """resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = "{}"
}
"""
PASS, RUN = (
    f'{{ "Statement": [{{ "Effect": "Allow", "Action": "{action}", "Resource": "*" }}] }}'
    for action in ("iam:PassRole", "ec2:RunInstances")
)
INLINE = """resource "aws_iam_role_policy" "%s" {
  role   = %s
  policy = <<EOT
    %s
  EOT
}
"""
POLICY = """resource "aws_iam_policy" "%s" {
  policy = jsonencode(%s)
}
"""
ATTACHED = """resource "aws_iam_role_policy_attachment" "%s" {
  role       = %s
  policy_arn = %s
}
"""
OWN = "aws_iam_role.r.name"
OF_AWS = '"arn:aws:iam::aws:policy/AmazonEC2FullAccess"'
MODULE = (
    ROLE
    + """variable "policies" { default = [] }
resource "aws_iam_role_policy_attachment" "all" {
  for_each   = toset(var.policies)
  role       = aws_iam_role.r.name
  policy_arn = each.value
}
output "name" { value = aws_iam_role.r.name }
"""
)


def linted(source: Source) -> tuple[Finding, ...]:
    report = lint_with_settings(source, FileSettings(rules()))
    assert not [finding for finding in report.findings if finding.rule == "internal-error"]
    return tuple(finding for finding in report.findings if finding.rule == RULE)


def found(folder: Path, files: dict[str, str]) -> dict[str, list[str]]:
    """The texts at all places of the findings in each file."""
    write(folder, files)
    places: dict[str, list[str]] = {}
    for name in files:
        for finding in linted(reading.read(str(folder / name))):
            spots = [(finding.source, finding.span)]
            spots += [(place.source or finding.source, place.span) for place in finding.related]
            for source, span in spots:
                shown = f"{Path(source.path).relative_to(folder)}: {source.part(span)}"
                places.setdefault(name, []).append(shown)
    return places


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {
                "iam.tf": ROLE + INLINE % ("a", OWN, PASS),
                "lambda.tf": INLINE % ("b", OWN, RUN),
            },
            {"iam.tf": ['iam.tf: "iam:PassRole"', 'lambda.tf: "ec2:RunInstances"']},
        ),
        (
            {
                "iam.tf": ROLE,
                "a.tf": POLICY % ("a", PASS) + ATTACHED % ("a", OWN, "aws_iam_policy.a.arn"),
                "b.tf": ATTACHED % ("b", OWN, OF_AWS),
            },
            {"a.tf": ['a.tf: "iam:PassRole"', f"b.tf: {OF_AWS}"]},
        ),
        (
            {
                "a.tf": POLICY % ("a", PASS),
                "b.tf": ROLE
                + ATTACHED % ("a", OWN, "aws_iam_policy.a.arn")
                + ATTACHED % ("b", OWN, OF_AWS),
            },
            {"a.tf": ['a.tf: "iam:PassRole"', f"b.tf: {OF_AWS}"]},
        ),
        (
            {
                "a.tf": 'locals {\n  pass = "iam:PassRole"\n  run  = "ec2:RunInstances"\n}\n',
                "b.tf": ROLE
                + INLINE % ("a", OWN, PASS.replace("iam:PassRole", "${local.pass}"))
                + INLINE % ("b", OWN, RUN.replace("ec2:RunInstances", "${local.run}")),
            },
            {
                "b.tf": [
                    "b.tf: "
                    + (INLINE % ("a", OWN, PASS.replace("iam:PassRole", "${local.pass}"))).strip(),
                    'a.tf: "iam:PassRole"',
                    'a.tf: "ec2:RunInstances"',
                ]
            },
        ),
        (
            {
                "main.tf": 'module "m" {\n  source   = "./m"\n  policies = ['
                f"aws_iam_policy.a.arn, {OF_AWS}]\n}}\n" + POLICY % ("a", PASS),
                "m/main.tf": MODULE,
            },
            {"main.tf": ['main.tf: "iam:PassRole"', f"main.tf: {OF_AWS}"]},
        ),
        (
            {
                "main.tf": 'module "m" {\n  source = "./m"\n}\n'
                + INLINE % ("b", "module.m.name", RUN),
                "m/main.tf": MODULE + INLINE % ("a", OWN, PASS),
            },
            {"main.tf": ['main.tf: "ec2:RunInstances"', 'm/main.tf: "iam:PassRole"']},
        ),
        (
            {
                "main.tf": 'module "m" {\n  source = "./m"\n}\n',
                "m/main.tf": MODULE + INLINE % ("a", OWN, PASS) + INLINE % ("b", OWN, RUN),
            },
            {"m/main.tf": ['m/main.tf: "iam:PassRole"', 'm/main.tf: "ec2:RunInstances"']},
        ),
        (
            {
                "main.tf": 'module "m" {\n  source = "./m"\n}\nmodule "n" {\n  source = "./n"\n'
                "  role   = module.m.name\n}\n",
                "m/main.tf": MODULE + INLINE % ("a", OWN, PASS),
                "n/main.tf": 'variable "role" {}\n' + INLINE % ("b", "var.role", RUN),
            },
            {
                "main.tf": [
                    'main.tf: module "m" {\n  source = "./m"\n}',
                    'm/main.tf: "iam:PassRole"',
                    'n/main.tf: "ec2:RunInstances"',
                ]
            },
        ),
    ],
)
def test_a_finding_is_in_the_first_file_of_the_folder_and_has_all_places(
    tmp_path: Path, files: dict[str, str], expected: dict[str, list[str]]
) -> None:
    assert found(tmp_path, files) == expected


def split(folder: Path) -> Source:
    files = {
        "iam.tf": ROLE + INLINE % ("a", OWN, PASS),
        "x/lambda.tf": INLINE % ("b", "var.role", RUN) + 'variable "role" {}\n',
        "main.tf": 'module "x" {\n  source = "./x"\n  role   = aws_iam_role.r.name\n}\n',
    }
    return reading.read(str(write(folder, files) / "iam.tf"))


def test_reports_name_the_other_file(tmp_path: Path) -> None:
    source = split(tmp_path)
    (finding,) = linted(source)
    text = text_reporter.render(finding)
    assert f"::: {tmp_path}/x/lambda.tf:4:" in text
    assert '"ec2:RunInstances"' in text
    (related,) = json_reporter.as_dict(finding)["related"]
    assert related["path"] == f"{tmp_path}/x/lambda.tf"
    assert related["start"]["line"] == 4
    whole = (tmp_path / "x/lambda.tf").read_text(encoding="utf-8")
    assert whole[related["start"]["offset"] : related["end"]["offset"]] == '"ec2:RunInstances"'


def test_a_record_of_a_moved_file_has_the_place_next_to_it(tmp_path: Path) -> None:
    source = split(tmp_path)
    report = lint_with_settings(source, FileSettings(rules()))
    again = restored(source, record(report))
    assert again.findings == report.findings
    moved = restored(Source("other/iam.tf", source.text), record(report))
    (finding,) = (finding for finding in moved.findings if finding.rule == RULE)
    assert [place.source.path for place in finding.related if place.source] == ["other/x/lambda.tf"]


def test_the_fingerprint_is_one_of_the_identity_and_of_all_policies(tmp_path: Path) -> None:
    def fingerprint(folder: str, **changes: str) -> str:
        (tmp_path / folder).mkdir()
        source = split(tmp_path / folder)
        for old, new in changes.items():
            for path in (tmp_path / folder).rglob("*.tf"):
                path.write_text(path.read_text(encoding="utf-8").replace(old, new))
        (finding,) = linted(reading.read(source.path))
        return finding.fingerprint

    first = fingerprint("a")
    assert fingerprint("b", Effect="Effect") == first
    assert fingerprint("c", RunInstances="RunInstance*") != first


def test_a_comment_where_it_is_reported_suppresses_it(tmp_path: Path) -> None:
    source = split(tmp_path)
    comment = f"# multitool-lint: ignore[{RULE}] the build needs it\n  policy ="
    text = source.text.replace("  policy =", f"  {comment}")
    Path(source.path).write_text(text, encoding="utf-8")
    report = lint_with_settings(reading.read(source.path), FileSettings(rules()))
    assert [entry.by for entry in report.suppressed if entry.finding.rule == RULE] == ["comment"]


def test_the_text_that_is_given_counts_and_not_that_of_the_file(tmp_path: Path) -> None:
    source = split(tmp_path)
    text = source.text.replace("iam:PassRole", "iam:GetRole")
    assert not linted(Source(source.path, text))
    assert linted(Source("nowhere.tf", source.text + INLINE % ("b", OWN, RUN)))


def test_a_plain_text_of_json_is_the_same(tmp_path: Path) -> None:
    source = split(tmp_path)
    quoted = INLINE.replace("<<EOT\n    %s\n  EOT", "%s") % ("a", OWN, json.dumps(PASS))
    (finding,) = linted(Source(source.path, ROLE + quoted))
    assert finding.source.part(finding.span) == json.dumps(PASS)
