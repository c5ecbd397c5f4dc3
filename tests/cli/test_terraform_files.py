"""Terraform's files on the command line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BAD = """\
data "aws_iam_policy_document" "x" {
  statement {
    actions   = ["s3:NoSuch"]
    resources = ["*"]
  }
}
"""


def run(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "multitool_lint", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        input=stdin,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_files_are_found_in_folders_and_those_of_providers_are_not(tmp_path: Path) -> None:
    (tmp_path / ".terraform" / "modules").mkdir(parents=True)
    for name in ("main.tf", "other.tofu", ".terraform/modules/x.tf"):
        (tmp_path / name).write_text(BAD, encoding="utf-8")
    (tmp_path / "variables.tf").write_text('variable "x" {}\n', encoding="utf-8")
    as_json = {"resource": {"aws_iam_policy": {"x": {"policy": "${var.x}"}}}}
    (tmp_path / "cdk.tf.json").write_text(json.dumps(as_json), encoding="utf-8")
    done = run(tmp_path, ".", "--select", "unknown-action")
    assert re.findall(r"^ *--> (\S+) ", done.stdout, re.MULTILINE) == [
        "main.tf:3:18",
        "other.tofu:3:18",
    ]
    assert done.returncode == 1


def test_a_file_that_is_named_need_not_hold_a_policy(tmp_path: Path) -> None:
    (tmp_path / "variables.tf").write_text('variable "x" {}\n', encoding="utf-8")
    done = run(tmp_path, "variables.tf")
    assert done.returncode == 0
    assert "no policy" in done.stdout


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (BAD.encode("utf-16"), "encoded in UTF-16"),
        (BAD.encode().replace(b"NoSuch", b"\xff"), "not UTF-8"),
        (BAD.encode().replace(b"NoSuch", b"\0"), "a NUL"),
    ],
)
def test_odd_bytes_are_reported_and_the_other_files_are_linted(
    tmp_path: Path, data: bytes, reason: str
) -> None:
    (tmp_path / "a.tf").write_bytes(data)
    (tmp_path / "b.tf").write_text(BAD, encoding="utf-8")
    done = run(tmp_path, "a.tf", "b.tf")
    assert done.returncode == 2
    assert reason in done.stderr
    assert "b.tf:3:18" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("mark", ["", "\N{ZERO WIDTH NO-BREAK SPACE}"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("before", ["", "\N{GRINNING FACE}\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_places_are_in_characters(tmp_path: Path, mark: str, line_break: str, before: str) -> None:
    text = BAD.replace("actions", f"/*{before}*/ actions")
    (tmp_path / "a.tf").write_text(f"{mark}{text}", encoding="utf-8", newline=line_break)
    done = run(tmp_path, "a.tf", "--select", "unknown-action", "--format", "json")
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["start"]["line"] == 3
    assert finding["start"]["column"] == 18 + len(before) + 5


def test_a_folder_that_is_read_together_is_linted_again_when_one_file_changes(
    tmp_path: Path,
) -> None:
    main = BAD.replace('["s3:NoSuch"]', "local.actions")
    for number in range(12):
        (tmp_path / f"f{number:02}.tf").write_text(
            main.replace('"x"', f'"x{number}"'), encoding="utf-8"
        )
    local = tmp_path / "locals.tf"
    cache = ("--cache-dir", str(tmp_path / "cache"), "--select", "unknown-action")
    for action, count in (("s3:NoSuch", 12), ("s3:GetObject", 0)):
        local.write_text(f'locals {{\n  actions = ["{action}"]\n}}\n', encoding="utf-8")
        assert run(tmp_path, ".", *cache).stdout.count("[unknown-action]") == count


def test_standard_input_is_read_by_its_name(tmp_path: Path) -> None:
    done = run(tmp_path, "-", "--stdin-filename", "x.tf", "--select", "unknown-action", stdin=BAD)
    assert done.stdout.startswith("error[unknown-action]: ")
    assert "--> x.tf:3:18 " in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        'locals { a = {Statement = ["' + '${"' * 3000 + '"}' * 3000 + '"]} }\n',
        "locals { a = { Statement = " + "[" * 10_000 + "]" * 10_000 + "} }\n",
        "locals {\n  a = {Statement = local.b}\n  b = [local.b, local.b]\n}\n",
        'locals {\n  a0 = "'
        + "x" * 1000
        + '"\n'
        + "".join(f'  a{n} = "{f"${{local.a{n - 1}}}" * 50}"\n' for n in range(1, 6))
        + "  b = { Statement = [local.a5] }\n}\n",
        "# multitool-lint: ignore[unknown-action] x\n" * 3000 + BAD,
        'x "y" {\n  a = 1e5\n}\n' + BAD,
        "}" * 50_000 + '"Statement"',
        'resource "x" "y" { policy = <<EOF\n{"Statement": [',
    ],
    ids=["templates", "lists", "itself", "texts", "comments", "exponent", "brackets", "heredoc"],
)
def test_no_text_takes_long_or_fails(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.tf").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "multitool_lint", "a.tf"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "Traceback" not in done.stderr
    assert "internal-error" not in done.stdout
    assert done.returncode in (0, 1, 2)
