"""Symbolic links, hard links and special files: nothing outside of what was named is changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from multitool_lint.cli import main
from multitool_lint.cli.files.replace import replace
from multitool_lint.cli.files.target import Target
from multitool_lint.cli.files.write import WriteError, write

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and special files of POSIX")

WIDE = '{"Statement": {"Effect": "Allow", "Action": ["sqs:*", "sqs:SendMessage"], "Resource": "*"}}'
ONE = "--select=redundant-action"
FIXES = [ONE, "--keep-wildcards"]
COMMANDS = [
    ["fix", "--write", *FIXES],
    ["check", "--fix", *FIXES],
    ["expand", "--write"],
    ["shrink", "--write"],
    ["tighten", "--write", "--drop-wildcards"],
]
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a policy next to it, which is not in it."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (tmp_path / "outside.json").write_text(WIDE, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", [".", "policy.json"])
def test_nothing_is_written_through_a_link_out_of_the_checkout(
    command: list[str], name: str, checkout: Path, capsys: Output
) -> None:
    Path("policy.json").symlink_to("../outside.json")
    Path("other.json").write_text(WIDE, encoding="utf-8")
    assert main([*command, name, "other.json"]) == 2
    err = capsys.readouterr().err
    what = "not checked" if name == "." else "not written"
    outside = checkout.parent / "outside.json"
    reason = f"a symbolic link leads out of {checkout}"
    assert f"error: policy.json: {what}: {reason}; to " in err
    assert f", name {outside}\n" in err
    assert outside.read_text(encoding="utf-8") == WIDE
    assert Path("policy.json").is_symlink()
    assert Path("other.json").read_text(encoding="utf-8") != WIDE


def test_what_a_link_out_of_the_checkout_leads_to_is_not_shown(capsys: Output) -> None:
    Path("policy.json").symlink_to("../outside.json")
    Path("package.json").symlink_to("../package.json")
    Path("../package.json").write_text('{"name": "no policy"}', encoding="utf-8")
    assert main(["check", "."]) == 2
    out, err = capsys.readouterr()
    assert "sqs" not in out + err
    assert err.count("error:") == 1
    assert main(["check", "--discovered", "policy.json"]) == 2
    assert "sqs" not in capsys.readouterr().out
    assert main(["check", "policy.json", ONE]) == 1
    assert "sqs" in capsys.readouterr().out


def test_the_repository_is_what_a_link_must_not_leave(checkout: Path, capsys: Output) -> None:
    (checkout / ".git").mkdir()
    (checkout / "real.json").write_text(WIDE, encoding="utf-8")
    (checkout / "folder").mkdir()
    os.chdir(checkout / "folder")
    Path("link.json").symlink_to("../real.json")
    assert main(["check", ".", ONE]) == 1
    assert main(["fix", "--write", ".", *FIXES]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert "link.json: not written: a symbolic link leads out of " in errors[0]
    assert errors[-1] == "0 findings fixed, 1 finding left"
    assert Path("../real.json").read_text(encoding="utf-8") == WIDE
    assert main(["fix", "--write", ".", "../real.json", *FIXES]) == 0
    assert Path("../real.json").read_text(encoding="utf-8") != WIDE


def test_a_named_link_within_the_checkout_is_written_through() -> None:
    Path("real.json").write_text(WIDE, encoding="utf-8")
    Path("link.json").symlink_to("real.json")
    assert main(["fix", "--write", "link.json", *FIXES]) == 0
    assert Path("link.json").is_symlink()
    assert Path("real.json").read_text(encoding="utf-8") != WIDE


def test_a_named_folder_that_is_a_link_out_of_the_checkout(capsys: Output) -> None:
    folder = Path("../policies")
    folder.mkdir()
    (folder / "a.json").write_text(WIDE, encoding="utf-8")
    Path("policies").symlink_to("../policies")
    assert main(["check", "policies", ONE]) == 1
    for name in ("policies", "policies/a.json"):
        assert main(["fix", "--write", name, *FIXES]) == 2
        assert "policies/a.json: not written: a symbolic link leads" in capsys.readouterr().err
    assert (folder / "a.json").read_text(encoding="utf-8") == WIDE
    assert main(["fix", "--write", "../policies", *FIXES]) == 0


@pytest.mark.parametrize("swapped", ["folder", "file"])
def test_a_link_that_takes_the_place_of_what_was_read(swapped: str, checkout: Path) -> None:
    place = checkout / "folder" / "policy.json"
    place.parent.mkdir()
    place.write_text(WIDE, encoding="utf-8")
    target = Target("folder/policy.json", named=False, real=str(place))
    victim = checkout.parent / "victim"
    victim.mkdir()
    (victim / "policy.json").write_text(WIDE, encoding="utf-8")
    if swapped == "folder":
        place.parent.rename(checkout / "before")
        (checkout / "folder").symlink_to(victim)
    else:
        place.unlink()
        place.symlink_to(victim / "policy.json")
    with pytest.raises(WriteError):
        write(target, WIDE, "changed")
    with pytest.raises(OSError):  # noqa: PT011 - the system decides which
        replace(place, b"changed")
    assert [path.read_text(encoding="utf-8") for path in victim.iterdir()] == [WIDE]


def test_a_hard_link_out_of_the_checkout_keeps_its_text() -> None:
    os.link("../outside.json", "policy.json")
    assert main(["fix", "--write", ".", *FIXES]) == 0
    assert Path("../outside.json").read_text(encoding="utf-8") == WIDE
    assert Path("policy.json").read_text(encoding="utf-8") != WIDE


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--output=json=out.json", "error: out.json: report not written: a symbolic link leads"),
        ("--output=json=out/new.json", "error: out/new.json: report not written: a symbolic link"),
        ("--write-baseline=out.json", "error: out.json: not written: a symbolic link leads out of"),
    ],
)
def test_reports_and_baselines_stay_in_the_checkout(
    option: str, message: str, capsys: Output
) -> None:
    Path("policy.json").write_text(WIDE, encoding="utf-8")
    victim = Path("../victim.json")
    Path("out.json").symlink_to(victim)
    Path("out").symlink_to("../new")
    assert main(["check", "policy.json", ONE, option]) == 2
    assert message in capsys.readouterr().err
    assert not victim.exists()
    assert not Path("../new").exists()
    victim.write_text('{"version": 1, "findings": []}\n', encoding="utf-8")
    before = victim.read_text(encoding="utf-8")
    assert main(["check", "policy.json", ONE, option]) == 2
    assert victim.read_text(encoding="utf-8") == before


def test_standard_output_by_its_path() -> None:
    """`/dev/stdout` is a link, and what it leads to may be a file anywhere."""
    Path("policy.json").write_text(WIDE, encoding="utf-8")
    command = [sys.executable, "-m", "multitool_lint", "check", "policy.json", ONE]
    result = subprocess.run(
        [*command, "--output=json=/dev/stdout", "--output=/dev/null"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert len(json.loads(result.stdout)["findings"]) == 1


def test_a_module_has_no_files_outside_of_the_checkout(capsys: Output) -> None:
    Path("main.tf").write_text(
        'resource "aws_iam_policy" "p" {\n  policy = local.p\n}\n', encoding="utf-8"
    )
    Path("../secret.tf").write_text('locals {\n  p = "policies, key"\n}\n', encoding="utf-8")
    Path("other.tf").symlink_to("../secret.tf")
    main(["check", "main.tf"])
    assert "key" not in "".join(capsys.readouterr())
    Path("other.tf").unlink()
    Path("../secret.tf").rename("other.tf")
    main(["check", "main.tf"])
    assert 'local.p = "policies, key"' in "".join(capsys.readouterr())


@pytest.mark.parametrize("name", ["multitool-lint.toml", "pyproject.toml"])
def test_a_configuration_outside_of_the_checkout(name: str, capsys: Output) -> None:
    Path("policy.json").write_text(WIDE, encoding="utf-8")
    Path("../outside.toml").write_text('[tool.multitool-lint]\nselect = ["key"]\n')
    Path(name).symlink_to("../outside.toml")
    assert main(["check", "policy.json"]) == 2
    assert capsys.readouterr().err.startswith(f"error: {name}: a symbolic link leads out of ")


@pytest.mark.parametrize("form", ["../../outside.json", "{}/outside.json", "../link.json"])
def test_which_files_exist_outside_of_the_checkout_is_not_said(
    form: str, checkout: Path, capsys: Output
) -> None:
    Path(".git").mkdir()
    Path("link.json").symlink_to("../outside.json")
    Path("inner").mkdir()
    name = form.format(checkout.parent)
    text = f'resource "aws_iam_policy" "p" {{\n  policy = file("{name}")\n}}\n'
    Path("inner/main.tf").write_text(text, encoding="utf-8")
    outputs = []
    for _ in range(2):
        assert main(["check", "inner", "--strict"]) == 2
        outputs.append(capsys.readouterr())
        (checkout.parent / "outside.json").unlink(missing_ok=True)
    assert f'a policy in a file outside of the repository: "{name}"' in "".join(outputs[0])
    assert outputs[0] == outputs[1]
