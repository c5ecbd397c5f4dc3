"""The commands `tighten` and `expand`, from their arguments to what they print and write."""

import gzip
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from multitool_lint.cli import main

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures"
EVENTS = str(FIXTURES / "multitool-cloudtrail.json")
WIDE = """\
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["sqs:*", "iam:PassRole"],
    "Resource": "*"
  }
}
"""
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wide.json").write_text(WIDE)
    (tmp_path / "used.txt").write_text("sqs:SendMessage\n")
    return tmp_path


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let standard input be a text."""
    stdin = SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(text.encode())))
    monkeypatch.setattr(sys, "stdin", stdin)


def test_the_multitool_policy_comes_down_to_what_multitool_calls(
    monkeypatch: pytest.MonkeyPatch,
    capsys: Output,
    update: bool,  # noqa: FBT001 - a fixture
) -> None:
    give(monkeypatch, (FIXTURES / "multitool.json").read_text())
    assert main(["tighten", "--used", EVENTS, "-"]) == 0
    printed = capsys.readouterr()
    expected = FIXTURES / "multitool-cloudtrail.json.out"
    if update:
        expected.write_text(printed.out, encoding="utf-8")
    assert printed.out == expected.read_text(encoding="utf-8")
    assert len(json.loads(printed.out)["Statement"][0]["Action"]) == 13
    assert "note: 2 events with an error left out\n" in printed.err
    assert "lambda:CreateFunction needs iam:PassRole, which is dropped" in printed.err
    assert "not recognised" not in printed.err


def test_the_policy_on_the_page_becomes_the_same(folder: Path) -> None:
    page = (FIXTURES / "multitool.md").read_bytes().decode()
    (folder / "page.md").write_bytes(page.encode())
    assert main(["tighten", "--used", EVENTS, "--write", "page.md"]) == 0
    after = (folder / "page.md").read_bytes().decode()
    before, _, rest = page.partition('"Action": [')
    assert after.startswith(f'{before}"Action": [')
    assert after.endswith(rest.partition("]")[2])
    actions = after.removeprefix(f'{before}"Action": [').partition("]")[0].split(",\n")
    expected = json.loads((FIXTURES / "multitool-cloudtrail.json.out").read_text())
    assert [json.loads(action) for action in actions] == expected["Statement"][0]["Action"]
    assert main(["tighten", "--used", EVENTS, "--write", "page.md"]) == 0
    assert (folder / "page.md").read_bytes().decode() == after


def test_a_diff_is_printed_and_nothing_written(folder: Path, capsys: Output) -> None:
    assert main(["tighten", "--used", "used.txt", "wide.json"]) == 1
    printed = capsys.readouterr()
    assert '-    "Action": ["sqs:*", "iam:PassRole"],\n' in printed.out
    assert '+    "Action": ["sqs:SendMessage"],\n' in printed.out
    assert "1 file would change" in printed.err
    assert (folder / "wide.json").read_text() == WIDE


def test_several_files_say_what_was_used(folder: Path) -> None:
    (folder / "logs").mkdir()
    event = {"eventSource": "sqs.amazonaws.com", "eventName": "ListQueues"}
    packed = gzip.compress(json.dumps({"Records": [event]}).encode())
    (folder / "logs" / "a.json.gz").write_bytes(packed)
    used = ["--used", "used.txt", "--used=logs"]
    assert main(["tighten", *used, "--write", "wide.json"]) == 0
    statement = json.loads((folder / "wide.json").read_text())["Statement"]
    assert statement["Action"] == ["sqs:ListQueues", "sqs:SendMessage"]


def test_what_was_used_comes_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    give(monkeypatch, "iam:PassRole\n")
    assert main(["tighten", "--used", "-", "--write", "wide.json"]) == 0
    assert '"Action": ["iam:PassRole"]' in (folder / "wide.json").read_text()


def test_roles_and_resources(folder: Path) -> None:
    (folder / "arns.txt").write_text("# ours\narn:aws:sqs:eu-west-1:111122223333:a  # orders\n\n")
    wanted = ["--pass-role-to", "lambda.amazonaws.com,ec2.amazonaws.com", "--by-resource"]
    wanted += ["--arn", "arns.txt", "--arn", "arn:aws:iam::111122223333:role/a"]
    wanted += ["--access-level", "read,write", "--drop-wildcards"]
    assert main(["tighten", *wanted, "--write", "wide.json"]) == 0
    queue, every, role = json.loads((folder / "wide.json").read_text())["Statement"]
    assert queue["Resource"] == "arn:aws:sqs:eu-west-1:111122223333:a"
    assert every["Action"] == ["sqs:ListQueues"]
    assert role["Resource"] == "arn:aws:iam::111122223333:role/a"
    assert list(role["Condition"]) == ["StringEquals"]
    text = (folder / "wide.json").read_text()
    assert main(["tighten", *wanted, "--write", "wide.json"]) == 0
    assert (folder / "wide.json").read_text() == text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected --drop-wildcards, --access-level, --used, --by-resource"),
        (["--used", "no.json"], "no.json: no such file or directory"),
        (["--used", "broken.json"], "broken.json:2: not readable as JSON: "),
        (["--used", "wide.json", "--arn", "arn:aws:s3:::a"], "--arn needs --by"),
        (["--all-actions", "--by-resource"], "--all-actions needs --access-level"),
        (["--include-errors", "--by-resource"], "--include-errors needs --used"),
        (["--by-resource", "--arn", "no.txt"], '--arn: "no.txt" is not an ARN or a file'),
        (["--by-resource", "--arn", "arn:aws"], '--arn: "arn:aws" '),
        (["--by-resource", "--arn", "used.txt"], 'used.txt:1: "sqs:SendMessage" is not an ARN'),
        (["--used", "-", "-"], "standard input (-) can be read only once"),
    ],
)
def test_what_cannot_be_done_is_reported_before_anything_is_written(
    arguments: list[str], message: str, folder: Path, capsys: Output
) -> None:
    (folder / "broken.json").write_text('{"Records": [\n{"a" : }]}')
    assert main(["tighten", "--write", "wide.json", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")
    assert (folder / "wide.json").read_text() == WIDE


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--pass-role-to", "lamda.amazonaws.com", 'did you mean "lambda.amazonaws.com"?'),
        ("--pass-role-to", "lambda", 'did you mean "lambda.amazonaws.com"?'),
        ("--pass-role-to", "my own thing", '"my own thing" is not a service principal such as'),
        ("--used-since", "yesterday", '"yesterday" is not a date such as 2026-01-31'),
        ("--access-level", "some", '"some" is not an access level; expected list, read, write'),
    ],
)
def test_a_value_that_makes_no_sense_is_reported(
    option: str, value: str, message: str, capsys: Output
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["tighten", option, value, "wide.json"])
    assert message in capsys.readouterr().err


def test_a_service_that_is_not_known_but_like_no_other_may_exist(folder: Path) -> None:
    name = "xylophone-orchestra.amazonaws.com"
    assert main(["tighten", "--pass-role-to", name, "--write", "wide.json"]) == 0
    assert name in (folder / "wide.json").read_text()


def test_use_before_a_date_does_not_count(folder: Path, capsys: Output) -> None:
    details = {
        "JobStatus": "COMPLETED",
        "ServicesLastAccessed": [
            {"ServiceNamespace": "sqs", "LastAuthenticated": "2025-12-31T23:59:59+00:00"},
            {"ServiceNamespace": "iam", "LastAuthenticated": "2026-01-01T00:00:00+00:00"},
        ],
    }
    (folder / "details.json").write_text(json.dumps(details))
    options = ["--used", "details.json", "--used-since", "2026-01-01"]
    assert main(["tighten", *options, "--write", "wide.json"]) == 0
    assert '"Action": ["iam:PassRole"]' in (folder / "wide.json").read_text()
    assert "IAM does not track count as used: iam\n" in capsys.readouterr().err


def test_expand_what_is_chosen(folder: Path, capsys: Output) -> None:
    assert main(["expand", "--service", "s3", "wide.json"]) == 0
    assert main(["expand", "--service", "sqs", "--access-level", "tagging", "wide.json"]) == 1
    assert "sqs:TagQueue" in capsys.readouterr().out
    excepting = WIDE.replace('"Action"', '"NotAction"')
    (folder / "wide.json").write_text(excepting)
    assert main(["expand", "--invert-not-action", "--write", "wide.json"]) == 0
    assert '"s3:*"' in (folder / "wide.json").read_text()


def test_inverting_and_choosing_wildcards_exclude_each_other(capsys: Output) -> None:
    assert main(["expand", "--invert-not-action", "--service", "s3", "wide.json"]) == 2
    assert "--invert-not-action cannot be used with --action" in capsys.readouterr().err
