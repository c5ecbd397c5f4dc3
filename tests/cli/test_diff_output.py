"""What `diff` prints: the verdict first, then what a reviewer fears most, each reason once."""

import json
import re

import pytest
from support.compared_files import GOOD, READ, encoded, resource
from support.git_repository import GATE, NARROW, Output, git, policy, write
from support.staged_files import Files, stage

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("repository")
HEADS = re.compile(r"^HEAD:(\S+) ->", re.MULTILINE)


def staged(capsys: Output, files: Files, *options: str, code: int = 1) -> str:
    """What the gate prints about staged files."""
    stage(files)
    assert main([*GATE, *options]) == code
    return capsys.readouterr().out


def test_the_most_feared_change_comes_first(capsys: Output) -> None:
    names = ["a.json", "b.json", "c.json", "d.json"]
    stage(dict.fromkeys(names, NARROW))
    git("commit", "-qm", "first")
    new = ["sqs:TagQueue", "s3:GetObjectVersion", "iam:PassRole", "s3:GetObject"]
    files = {name: policy("s3:GetObject", action) for name, action in zip(names, new, strict=True)}
    out = staged(capsys, files)
    assert HEADS.findall(out) == ["c.json", "b.json", "a.json"]
    assert out.startswith("stopped: 3 new permissions for 3 policies\n")
    assert "d.json" not in out
    assert "d.json\n  access unchanged\n" in staged(capsys, {}, "--verbose", "d.json", "c.json")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("s3:GetObject", "*", "all actions of all services but 1: s3:GetObject"),
        ("sqs:SendMessage", "s3:*", "all 1.. actions of s3"),
        ("s3:GetObject", "s3:Get*", "Read: s3:GetObjectVersion, .* and .. more"),
        ("s3:GetObject", "*:Delete*", "and [0-9,]+ actions of [0-9]+ other services"),
    ],
)
def test_long_lists_are_summarised(old: str, new: str, line: str, capsys: Output) -> None:
    write("old.json", policy(old))
    write("new.json", policy(new))
    main(["diff", "old.json", "new.json"])
    out = capsys.readouterr().out
    assert re.search(f"^    {line}$", out, re.MULTILINE)
    assert out.count("\n") < 80


def test_the_example_is_what_is_feared_most(capsys: Output) -> None:
    write("old.json", policy("s3:GetObject"))
    write("new.json", policy("*"))
    main(["diff", "old.json", "new.json"])
    assert "for example: iam:" in capsys.readouterr().out


def test_each_reason_is_given_once_with_its_places(capsys: Output) -> None:
    call = 'module "{}" {{\n  source = "a/b/aws"\n  version = "{}"\n  role = "r"\n}}\n'
    for number in (1, 2):
        calls = "".join(call.format(name, number) for name in "abc")
        stage({"x/main.tf": calls, "y/main.tf": calls})
        git("commit", "-qm", str(number))
    assert main(["diff", "HEAD~1:x/main.tf", "HEAD:x/main.tf", "--fail-on-new-access"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("stopped: 1 change that could not be compared\n")
    assert out.count("could not be compared: ") == 1
    assert "  x/main.tf: module.a, x/main.tf: module.b, x/main.tf: module.c\n" in out


def test_a_file_that_was_read_and_has_the_same_access(capsys: Output) -> None:
    stage({"p.json": NARROW})
    git("commit", "-qm", "first")
    assert staged(capsys, {"p.json": NARROW + "\n"}, code=0) == "passed: access unchanged\n"


def test_markdown_has_a_table_and_folded_details(capsys: Output) -> None:
    stage({"p.json": NARROW})
    git("commit", "-qm", "first")
    wide = policy("s3:*", Resource="arn:aws:s3:::a|b/*")
    out = staged(capsys, {"p.json": wide}, "--format", "markdown")
    assert out.startswith("### Stopped: ")
    assert "| Policy | New access | Where |\n| :-- | :-- | :-- |\n| `p.json` | `s3:" in out
    assert "on `arn:aws:s3:::a\\|b/*` |\n" in out
    assert "<details><summary><code>p.json</code></summary>\n" in out


@pytest.mark.slow
def test_markdown_is_as_long_as_a_person_reads(capsys: Output) -> None:
    calls = "".join(resource(f"var.{'x' * 80}{number}", f"r{number}") for number in range(200))
    files = {f"p{number}.json": policy("*", Resource=f"{'r' * 900}*") for number in range(99)}
    stage({"main.tf": GOOD})
    git("commit", "-qm", "first")
    stage({**files, "main.tf": GOOD + calls})
    assert main([*GATE, "--format", "markdown"]) == 1
    out = capsys.readouterr().out
    assert 1_000 < len(out) <= 20_000
    assert out.count("<details>") == out.count("</details>")
    assert "more left out for the length" in out


def test_expressions_are_shown_as_they_are_written(capsys: Output) -> None:
    statement = READ.replace('"*"', '"${var.a}/*"')
    template = {
        "Resources": {
            "R": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": {
                            "Effect": "Allow",
                            "Action": "sts:AssumeRole",
                            "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${A}:root"}},
                        },
                    }
                },
            }
        }
    }
    stage({"main.tf": GOOD, "t.json": {}})
    git("commit", "-qm", "first")
    for form in ("text", "markdown", "json"):
        module = GOOD.replace(READ, statement) + resource(encoded(READ), "b")
        out = staged(capsys, {"main.tf": module, "t.json": template}, "--format", form)
        assert not re.search(r"\\x00|\\u0000|\0|\{\{", out)
        assert "${A}" in out


def test_the_report_for_programs_says_whether_it_stops(capsys: Output) -> None:
    write("old.json", NARROW)
    write("new.json", policy("*"))
    for gate, stops in (([], False), (["--fail-on-new-access"], True)):
        main(["diff", "old.json", "new.json", "--format", "json", *gate])
        assert json.loads(capsys.readouterr().out)["stops"] is stops
