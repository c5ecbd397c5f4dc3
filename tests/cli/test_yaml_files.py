"""YAML files and templates on the command line: found, linted, suppressed, fixed, or not read."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from multitool_lint.cli import main
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]

POLICY = """\
Version: 2012-10-17
Statement:
  - Sid: Read # who reads
    Effect: Allow
    # All of these.
    Action:
      - s3:Get*
      - 's3:GetObject' # covered

      - "s3:PutObject"
    Resource: '*'
"""
TEMPLATE = f"""\
Resources:
  Read:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
{"".join(f"        {line}" for line in POLICY.splitlines(keepends=True))}
  Stack:
    Type: AWS::CloudFormation::Stack
    Properties: {{TemplateURL: https://example.com/template.yaml}}
"""
OPTIONS = ["--select=redundant-action", "--color=never"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MULTITOOL_LINT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


class TestFixes:
    def test_take_the_line_of_an_item_and_no_other(self, command: Run) -> None:
        write("policy.yaml", POLICY)
        code, _, err = command("fix", "--write", "--keep-wildcards", "policy.yaml")
        assert (code, "1 finding fixed" in err) == (0, True), err
        after = POLICY.replace("      - 's3:GetObject' # covered\n", "")
        assert Path("policy.yaml").read_text() == after

    def test_leave_line_endings_and_byte_order_mark(self, command: Run) -> None:
        text = "\ufeff" + POLICY.replace("\n", "\r\n")
        write("policy.yaml", text)
        command("check", "--fix", "--keep-wildcards", "policy.yaml", *OPTIONS)
        after = text.replace("      - 's3:GetObject' # covered\r\n", "")
        assert Path("policy.yaml").read_bytes() == after.encode()

    def test_in_a_template_change_nothing_else(self, command: Run) -> None:
        write("template.yml", TEMPLATE)
        command("check", "--fix", "--keep-wildcards", "template.yml", *OPTIONS)
        after = TEMPLATE.replace("              - 's3:GetObject' # covered\n", "")
        assert Path("template.yml").read_text() == after

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("- s3:Get*", "- &all s3:Get*"),
            ("    Resource: '*'", "    Resource: *everything"),
        ],
    )
    def test_leave_what_has_other_values_too(self, old: str, new: str, command: Run) -> None:
        text = f"x: &everything '*'\n{POLICY.replace(old, new)}"
        if "&all" in new:
            text += "copy: *all\n"
        write("policy.yaml", text)
        command("check", "--fix", "--keep-wildcards", "policy.yaml", *OPTIONS)
        assert Path("policy.yaml").read_text() == text.replace(
            "      - 's3:GetObject' # covered\n", ""
        )

    def test_are_reported_where_conditions_decide(self, command: Run) -> None:
        item = "- !If [C, !Ref AWS::NoValue, sqs:SendMessage]"
        text = TEMPLATE.replace('- "s3:PutObject"', item)
        write("template.yaml", f"Conditions: {{C: !Equals [!Ref P, x]}}\n{text}")
        code, out, _ = command("check", "--fix", "template.yaml", *OPTIONS)
        assert code == 1
        assert "no fix is offered here (" in out
        assert item in Path("template.yaml").read_text()

    def test_in_a_string_are_reported(self, command: Run) -> None:
        policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": ["s3:*", "s3:Get*"]}]})
        write("policy.yaml", f"spec:\n  policyDocument: {json.dumps(policy)}\n")
        code, out, _ = command("check", "--fix", "--keep-wildcards", "policy.yaml", *OPTIONS)
        assert code == 1
        assert "no fix is offered here (a policy in a string): Remove " in " ".join(out.split())

    def test_in_a_block_of_text_are_made(self, command: Run) -> None:
        statement = {"Effect": "Allow", "Action": ["s3:*", "s3:Get*"], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        text = f"spec:\n  policyDocument: |\n    {policy}\n"
        write("policy.yaml", text)
        code, out, _ = command("check", "--fix", "--keep-wildcards", "policy.yaml", *OPTIONS)
        assert (code, "redundant-action" in out) == (0, False)
        assert Path("policy.yaml").read_text() == text.replace(', "s3:Get*"', "")


class TestRewrites:
    def test_write_in_the_style_of_the_file(self, command: Run) -> None:
        write("template.yaml", TEMPLATE.replace("- s3:Get*", "- 'sqs:Send*'"))
        code, out, _ = command("expand", "--service=sqs", "template.yaml")
        assert code == 1
        assert "+              - 'sqs:SendMessage'\n" in out

    def test_make_a_list_of_one_value(self, command: Run) -> None:
        write(
            "policy.yaml", "Statement:\n- Effect: Allow\n  Action: sqs:*Message\n  Resource: '*'\n"
        )
        command("expand", "--write", "policy.yaml")
        assert Path("policy.yaml").read_text() == (
            "Statement:\n- Effect: Allow\n  Action:\n  - sqs:DeleteMessage\n"
            "  - sqs:ReceiveMessage\n  - sqs:SendMessage\n  Resource: '*'\n"
        )

    def test_say_what_they_leave(self, command: Run) -> None:
        policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": "sqs:*"}]})
        write("policy.yaml", f"spec:\n  policyDocument: {json.dumps(policy)}\n")
        code, out, err = command("expand", "policy.yaml")
        assert (code, out) == (1, "")
        assert "left as it is: a policy in a string" in err


class TestComments:
    IGNORE = "multitool-lint: ignore[redundant-action] known"

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("Version", f"# {IGNORE}\nVersion"),
            ("  - Sid", f"  # {IGNORE}\n  # and more\n  - Sid"),
            ("    Effect", f"    # {IGNORE}\n    Effect"),
            ("    # All of these.", f"    # {IGNORE}"),
            ("Action:", f"Action: # {IGNORE}"),
            ("      - s3:Get*", f"      # {IGNORE}\n      - s3:Get*"),
            ("- s3:Get*", f"- s3:Get* # {IGNORE}"),
        ],
    )
    @pytest.mark.parametrize("text", [POLICY, TEMPLATE])
    def test_suppress_what_they_are_next_to(
        self, old: str, new: str, text: str, command: Run
    ) -> None:
        indent = "        " if text is TEMPLATE else ""
        new = new.replace("\n", f"\n{indent}")
        write("policy.yaml", text.replace(old, new, 1))
        code, out, _ = command("check", "policy.yaml", *OPTIONS)
        silenced = "Effect" not in old
        assert (code == 0, "1 suppressed" in out) == (silenced, silenced), out

    def test_in_a_text_are_none(self, command: Run) -> None:
        write("policy.yaml", POLICY.replace("Sid: Read", f"Sid: 'Read # {self.IGNORE}'"))
        assert command("check", "policy.yaml", *OPTIONS)[0] == 1

    def test_that_suppress_nothing_are_reported(self, command: Run) -> None:
        write("policy.yaml", POLICY.replace("Sid: Read #", f"Sid: Read # {self.IGNORE} "))
        _, out, _ = command("check", "policy.yaml", "--select=unused-ignore", *OPTIONS)
        assert "--> policy.yaml:3:15\n" in out


class TestNotRead:
    def test_is_listed(self, command: Run) -> None:
        write("template.yaml", TEMPLATE)
        code, out, _ = command("check", "template.yaml", "--select=duplicate-sid")
        assert code == 0
        assert "template.yaml:19:5: not read: a nested stack: lint its template\n" in out
        assert (
            "No findings in what was checked: 1 policy of 1 file.\nNot checked: 1 policy not read."
            in out
        )

    def test_fails_where_that_is_wanted(self, command: Run) -> None:
        write("template.yaml", TEMPLATE)
        assert command("check", "--strict", "template.yaml", "--select=duplicate-sid")[0] == 2

    def test_is_in_the_json(self, command: Run) -> None:
        write("template.yaml", TEMPLATE)
        _, out, _ = command("check", "--format=json", "template.yaml")
        reason = "a nested stack: lint its template"
        assert json.loads(out)["summary"]["unread"] == [
            {"path": "template.yaml", "line": 19, "column": 5, "reason": reason}
        ]


class TestDiscovery:
    def test_finds_files_by_what_they_say(self, command: Run) -> None:
        write("a.yaml", POLICY)
        write("b.yml", TEMPLATE)
        write("c.template", TEMPLATE)
        write("d.yaml", "kind: Service\nmetadata: {name: x}\n")
        write("e.yaml", "# Statement of intent: \n\t- {")
        code, out, err = command("check", ".", *OPTIONS)
        assert (code, err) == (1, "")
        assert (
            " in 3 policies of 3 files; 3 fixable with --fix --unsafe-fixes.\n"
            "Not checked: 2 policies not read; 2 files skipped: no policy." in out
        )

    def test_a_named_file_must_hold_something(self, command: Run) -> None:
        write("values.yaml", "kind: Service\n")
        code, _, err = command("check", "values.yaml")
        assert (code, "no policy found" in err) == (2, True)

    def test_a_broken_file_is_an_error_of_its_own(self, command: Run) -> None:
        write("policy.yaml", POLICY.replace("    Effect", "   Effect"))
        code, out, _ = command("check", ".", *OPTIONS)
        assert (code, "[yaml-syntax-error]" in out) == (2, True)

    def test_standard_input_is_recognised_by_its_text(
        self, command: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import io

        stdin = io.TextIOWrapper(io.BytesIO(TEMPLATE.encode()))
        monkeypatch.setattr(sys, "stdin", stdin)
        code, out, _ = command("check", "-", *OPTIONS)
        assert (code, "--> <stdin>:12:17 " in out) == (1, True)

    def test_json_in_a_file_of_yaml_may_have_tabs(self, command: Run) -> None:
        write(
            "policy.yaml", '{\n\t"Statement": {"Effect": "Allow", "Action": ["s3:*", "s3:Get*"]}}'
        )
        assert command("check", "policy.yaml", *OPTIONS)[0] == 1


NESTED = "Statement:\n- Effect: Allow\n  Action: s3:GetObject\n  Resource: "
ALIASES = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(12)
)
HOSTILE = {
    "aliases of aliases": f"{ALIASES}{NESTED}*m\n",
    "merges of merges": "a: &a {k: 1}\n"
    + "".join(f"m{i}: &m{i} {{<<: [{'*a, ' * 2000}*a]}}\n" for i in range(60))
    + NESTED
    + "x",
    "a list that holds itself": "Statement: &a\n- Effect: Allow\n  Action: *a\n",
    "open brackets": NESTED + "[" * 10_000,
    "brackets": NESTED + "[" * 900 + "]" * 900,
    "blocks": NESTED + "\n" + "".join(f"{' ' * (3 + i)}a:\n" for i in range(2000)),
    "a NUL": f"{NESTED}\0",
    "half a character": f"{NESTED}\ud800",
    "comments": "# multitool-lint: ignore[x] y\n" * 20_000 + NESTED + "x\n",
    "values": f"{NESTED}\n" + "".join(f"  - arn:aws:s3:::b{i}/*\n" for i in range(150_000)),
}


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_answered(text: str) -> None:
    start = time.process_time()
    report = lint_source(Source("policy.yaml", text))
    assert time.process_time() - start < 20
    assert report.findings or report.skipped
    assert not [finding for finding in report.findings if finding.rule == "internal-error"]


@pytest.mark.parametrize("text", ["# Type: AWS::IAM::Role\n", "---\n# Statement:\n...\n"])
def test_a_file_of_comments_has_no_policy(text: str) -> None:
    report = lint_source(Source("roles.yml", text))
    assert not report.findings
    assert not report.policies


def test_most_files_are_skipped_by_their_words(command: Run) -> None:
    for number in range(300):
        write(f"k/{number}.yaml", "kind: ConfigMap\ndata:\n" + "  key: value\n" * 50)
    start = time.process_time()
    code, out, _ = command("check", "k", "--jobs=1", "--no-cache")
    assert code == 0
    assert time.process_time() - start < 5
    assert "300 files skipped: no policy" in out
