"""`diff --accept`: new access that is intended is written down, and subtracted exactly."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from support.compared_files import encoded, resource
from support.git_repository import GATE, NARROW, Output, git, policy, write
from support.staged_files import Files, stage

from multitool_lint.cli import main
from multitool_lint.diagnostics.rule import DIRECTORY

SCHEMA = json.loads((Path(DIRECTORY) / "schemas" / "accepted.json").read_text(encoding="utf-8"))
pytestmark = pytest.mark.usefixtures("repository")
FILE = "multitool-lint-accepted.toml"
BUCKET = "arn:aws:s3:::b/*"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
UNREAD = resource("var.policy") + 'variable "policy" {\n  default = "a"\n}\n'
CALL = 'module "m" {\n  source  = "a/b/aws"\n  version = "1"\n  role_name = "r"\n}\n'
STACK = {
    "Resources": {
        "S": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://a/b"}}
    }
}
ROLE = 'resource "aws_iam_role_policy" "{}" {{\n  role = "{}"\n  policy = {}\n}}\n'


def role(name: str, *actions: str) -> str:
    statement = f'{{Effect = "Allow", Action = {json.dumps(actions)}, Resource = "*"}}'
    return ROLE.format(name, name, encoded(statement))


def committed(files: Files) -> None:
    stage(files)
    git("commit", "-qm", "first")


def accept(*options: str, code: int = 0) -> None:
    assert main(["diff", "--staged", "--accept", "needed", *options]) == code
    git("add", "--all")


ACCESS: dict[str, tuple[Files, Files]] = {
    "an action": ({"p.json": NARROW}, {"p.json": policy("s3:GetObject", "iam:PassRole")}),
    "a resource": (
        {"p.json": policy("s3:GetObject", Resource=BUCKET)},
        {"p.json": policy("s3:GetObject", Resource=[BUCKET, "arn:aws:s3:::c/*"])},
    ),
    "everything": ({"p.json": NARROW}, {"p.json": policy("*")}),
    "a dropped condition": (
        {"p.json": policy("s3:GetObject", Condition=MFA)},
        {"p.json": policy("s3:GetObject")},
    ),
    "a lifted Deny": (
        {"p.json": NARROW.replace("Allow", "Deny")},
        {"p.json": NARROW.replace("Allow", "Deny").replace("GetObject", "PutObject")},
    ),
    "an action that is not known": (
        {"p.json": NARROW},
        {"p.json": policy("s3:GetObject", "s3:NewAction", "nosuch:*")},
    ),
    "a new file": ({"q.json": NARROW}, {"p.json": NARROW}),
    "a role": (
        {"main.tf": role("a", "s3:GetObject")},
        {"main.tf": role("a", "s3:GetObject", "iam:PassRole")},
    ),
    "what is not read": ({"main.tf": role("a", "s3:GetObject")}, {"main.tf": UNREAD}),
    "a module": ({"main.tf": CALL}, {"main.tf": CALL.replace('"1"', '"2"')}),
    "a stack": ({"t.json": {"Resources": {}}}, {"t.json": STACK}),
}


@pytest.mark.parametrize("case", ACCESS)
def test_what_is_accepted_passes_and_is_shown(case: str, capsys: Output) -> None:
    old, new = ACCESS[case]
    committed(old)
    stage(new)
    assert main(GATE) == 1
    assert 'multitool-lint diff --staged --accept "reason"' in capsys.readouterr().out
    accept("--until=2999-12-31")
    jsonschema.Draft202012Validator(SCHEMA).validate(tomllib.loads(Path(FILE).read_text("utf-8")))
    capsys.readouterr()
    assert main(GATE) == 0
    out = capsys.readouterr().out
    assert out.startswith("passed: ")
    assert "accepted in this change: " in out
    assert ": needed (until 2999-12-31)\n" in out
    assert main([*GATE, "--format=markdown"]) == 0
    assert "accepted in this change: " in capsys.readouterr().out
    git("checkout", "-qb", "change")
    git("commit", "-qm", "second")
    assert main(["diff", "main...HEAD", "--fail-on-new-access"]) == 0
    assert "--accept" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("case", "files"),
    [
        ("an action", {"p.json": policy("s3:GetObject", "iam:PassRole", "iam:CreateUser")}),
        ("an action", {"q.json": policy("iam:PassRole")}),
        ("an action", {"p.json": NARROW, "q.json": policy("s3:GetObject", "iam:PassRole")}),
        ("a resource", {"p.json": policy("s3:GetObject", Resource=[BUCKET, "arn:aws:s3:::*/*"])}),
        ("a dropped condition", {"p.json": policy("s3:GetObject", "s3:PutObject")}),
        ("a lifted Deny", {"p.json": NARROW}),
        ("a new file", {"r.json": NARROW}),
        ("an action that is not known", {"p.json": policy("nosuch:*", "s3:OtherAction")}),
        ("a role", {"main.tf": role("a", "iam:PassRole") + role("b", "iam:PassRole")}),
        ("what is not read", {"main.tf": UNREAD.replace('"a"', '"b"')}),
        ("what is not read", {"main.tf": UNREAD + resource("var.policy", "other")}),
        ("a module", {"main.tf": CALL.replace('"1"', '"3"')}),
        ("a stack", {"t.json": json.dumps(STACK).replace("https://a/b", "https://a/c")}),
    ],
)
def test_nothing_else_passes(case: str, files: Files) -> None:
    old, new = ACCESS[case]
    committed(old)
    stage(new)
    accept()
    assert main(GATE) == 0
    stage(files)
    assert main(GATE) == 1


def test_what_a_variable_is_by_default_is_a_part_of_what_is_accepted() -> None:
    def module(default: str) -> str:
        statement = '{Effect = "Allow", Action = "s3:GetObject", Resource = var.a}'
        return resource(encoded(statement)) + f'variable "a" {{\n  default = "{default}"\n}}\n'

    committed({"main.tf": "locals {}\n"})
    stage({"main.tf": module(BUCKET)})
    accept()
    assert main(GATE) == 0
    stage({"main.tf": module("*")})
    assert main(GATE) == 1


def test_an_entry_counts_until_its_date(capsys: Output) -> None:
    old, new = ACCESS["an action"]
    committed(old)
    stage(new)
    accept("--until=2999-12-31")
    text = Path(FILE).read_text("utf-8")
    assert main(GATE) == 0
    write(FILE, text.replace("2999", "2001"))
    git("add", FILE)
    capsys.readouterr()
    assert main(GATE) == 1
    assert f"note: {FILE}: p.json: needed: expired on 2001-12-31" in capsys.readouterr().err


def test_an_entry_that_matches_nothing_any_more(capsys: Output) -> None:
    old, new = ACCESS["an action"]
    committed(old)
    stage(new)
    accept()
    git("commit", "-qm", "second")
    stage({"p.json": NARROW})
    assert main(GATE) == 0
    assert "matches nothing" not in capsys.readouterr().err
    git("commit", "-qm", "third")
    assert main(["diff", "HEAD~..HEAD", "--fail-on-new-access"]) == 0
    assert f"note: {FILE}: p.json: needed: matches nothing any more" in capsys.readouterr().err


def test_an_entry_is_shown_where_it_is_added_whatever_it_is_for(capsys: Output) -> None:
    old, new = ACCESS["an action"]
    committed(old)
    stage(new)
    accept()
    git("reset", "-q", "--hard")
    git("checkout", "-q", "HEAD", "--", ".")
    write(FILE, '[[accepted]]\nreason = "r"\npath = "x.json"\nactions = ["*"]\nscope = "1"\n')
    git("add", FILE)
    capsys.readouterr()
    assert main(GATE) == 0
    assert capsys.readouterr().out == "accepted in this change: x.json: *: r\n"


@pytest.mark.parametrize(
    "text",
    [
        "[[accepted]",
        "accepted = 1\n",
        '[[accepted]]\nreason = "r"\n',
        '[[accepted]]\nreason = ""\npath = "p.json"\nactions = ["*"]\nscope = "1"\n',
        '[[accepted]]\nreason = "r"\npath = "p.json"\nactions = ["*"]\n',
        '[[accepted]]\nreason = "r"\npath = "p.json"\nactions = "*"\nscope = "1"\nany = 1\n',
        "[accept]\n",
        b"\xff",
    ],
)
def test_a_malformed_file(text: str | bytes, capsys: Output) -> None:
    committed({"p.json": NARROW})
    write(FILE, text)
    git("add", FILE)
    assert main(GATE) == 2
    assert FILE in capsys.readouterr().err
    # One that the change repairs does not stop it.
    git("commit", "-qm", "malformed")
    git("rm", "-q", FILE)
    assert main(GATE) == 0


def test_a_link_is_not_a_file_of_entries() -> None:
    committed({"p.json": NARROW})
    Path(FILE).symlink_to("p.json")
    git("add", FILE)
    assert main(GATE) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--staged", "--until=2999-12-31"], "--until needs --accept"),
        (["--staged", "--accept=x", "--until=2001-01-01"], "has passed"),
        (["--staged", "--accept=x", "--until=tomorrow"], "is not a date"),
        (["--staged", "--accept= "], "needs a reason"),
        (["p.json", "p.json", "--accept=x"], "--accept needs two trees"),
    ],
)
def test_what_cannot_be_accepted(arguments: list[str], message: str, capsys: Output) -> None:
    committed({"p.json": NARROW})
    assert main(["diff", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_what_is_forbidden_is_not_accepted() -> None:
    old, new = ACCESS["an action"]
    committed(old)
    stage(new)
    accept("--forbid=iam:PassRole", code=1)
    assert main([*GATE, "--forbid=iam:PassRole"]) == 1


def test_entries_are_added_to_those_that_are_there() -> None:
    committed({"p.json": NARROW})
    stage({"p.json": policy("s3:GetObject", "iam:PassRole")})
    accept()
    stage({"q.json": NARROW})
    accept()
    assert Path(FILE).read_text("utf-8").count("[[accepted]]") == 2
    accept()
    assert Path(FILE).read_text("utf-8").count("[[accepted]]") == 2
    assert main(GATE) == 0


def test_the_report_for_programs_lists_the_entries(capsys: Output) -> None:
    old, new = ACCESS["an action"]
    committed(old)
    stage(new)
    accept()
    capsys.readouterr()
    main([*GATE, "--format=json"])
    [found] = json.loads(capsys.readouterr().out)["accepted"]
    assert found["in_this_change"]
    assert found["entry"]["actions"] == ["iam:PassRole"]
