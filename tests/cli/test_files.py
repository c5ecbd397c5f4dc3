"""Which files are linted, and what is said of those that are not."""

import io
import json
import os
import sys
from pathlib import Path

import pytest
from support.found_files import OPTIONS, POLICY, Run, needs_posix
from support.git_repository import write

from multitool_lint.cli import main
from multitool_lint.syntax import source as reading

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (POLICY.encode("utf-16"), "encoded in UTF-16 or UTF-32; save it as UTF-8"),
        (POLICY.encode("utf-16-le"), "encoded in UTF-16 or UTF-32; save it as UTF-8"),
        (POLICY.encode("utf-16-be"), "encoded in UTF-16 or UTF-32; save it as UTF-8"),
        (POLICY.encode("utf-32"), "encoded in UTF-16 or UTF-32; save it as UTF-8"),
        (b'{\n  "Sid": "caf\xe9"}', "not UTF-8: byte 0xe9 at offset 15 (line 2)"),
        (b'{"a": "\0"}', "binary: a NUL at offset 7"),
        (b"{}", "no policy found: an object without a Statement"),
    ],
)
def test_a_named_file_is_linted_or_an_error(
    content: bytes, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("policy.json", content)
    write("other.json")
    run = Run(capsys, "policy.json", "other.json")
    assert run.code == 2
    assert run.errors == [f"error: policy.json: {reason}"]
    assert run.linted == ["other.json"]
    assert run.summary.startswith("1 suggestion in 1 policy of 1 file; ")
    assert run.summary.endswith("Not checked: 1 file with an error.")


def test_a_named_markdown_file_needs_a_policy(capsys: pytest.CaptureFixture[str]) -> None:
    write("README.md", "# Nothing\n")
    run = Run(capsys, "README.md")
    assert run.code == 2
    assert run.errors[0].startswith("error: README.md: no policy found: ")


def test_a_named_file_may_have_any_ending(capsys: pytest.CaptureFixture[str]) -> None:
    write("policy.json.tpl")
    assert Run(capsys, "policy.json.tpl").linted == ["policy.json.tpl"]


@needs_posix
def test_devices_and_pipes_are_not_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe.json")
    for name in ("pipe.json", os.devnull):
        run = Run(capsys, name)
        assert run.code == 2
        reason = "not a regular file; use - to read standard input"
        assert run.errors == [f"error: {name}: {reason}"]


@needs_posix
def test_an_unreadable_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("secret.json")
    write("folder/other.json")

    def refuse(path: str) -> bytes:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(reading, "read_bytes", refuse)
    for name in ("secret.json", "folder"):
        run = Run(capsys, name)
        assert run.code == 2
        assert run.errors[0].endswith(".json: permission denied")


def test_a_folder_that_cannot_be_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("folder/policy.json")
    write("folder/locked/policy.json")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    run = Run(capsys, "folder")
    assert run.code == 2
    assert run.errors == [f"error: {Path('folder', 'locked')}: permission denied"]
    assert run.linted == [str(Path("folder", "policy.json"))]


def test_a_pattern_that_no_shell_expanded(capsys: pytest.CaptureFixture[str]) -> None:
    write("policy.json")
    run = Run(capsys, "*.json", "policy.json")
    assert run.code == 2
    [error] = run.errors
    assert error.startswith("error: *.json: ")
    assert error.endswith("; name a folder to check the files in it")
    assert run.linted == ["policy.json"]


def test_files_in_a_folder_are_found_by_content(capsys: pytest.CaptureFixture[str]) -> None:
    for path in ("b.json", "a.json", "B/policy.JSON", "a/policy.json", "a/a/policy.json"):
        write(path)
    write("a/page.md", f"# A page\n\n```json\n{POLICY}```\n\n```json\n{{}}\n```\n")
    write("a/README.markdown", "# Nothing of interest\n")
    write("package.json", "{}\n")
    write("tsconfig.json", "{\n  // Statement of intent\n}\n")
    write("list.json", '["Statement"]\n')
    write("policy.yaml", "Statement:\n- {Effect: Allow, Action: [s3:Get*, s3:GetObject]}\n")
    write("values.yaml", "statement: of intent\n")
    write("policy.txt")
    run = Run(capsys, ".")
    assert run.linted[:4] == ["a.json", "b.json", "policy.txt", "policy.yaml"]
    assert run.linted[4:] == [
        str(Path("B", "policy.JSON")),
        str(Path("a", "page.md")),
        str(Path("a", "policy.json")),
        str(Path("a", "a", "policy.json")),
    ]
    assert run.summary.startswith(
        "8 suggestions in 8 policies of 8 files; 8 fixable with --fix --unsafe-fixes.\n"
        "Not checked: 5 files skipped: no policy; 1 block skipped: "
    )
    assert run.errors == []


def test_hidden_folders_are_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    for path in (
        ".git/a.json",
        ".venv/a.json",
        "node_modules/a.json",
        "venv/lib/site-packages/a.json",
        ".hidden.json",
    ):
        write(path)
    run = Run(capsys, ".")
    assert run.linted == [".hidden.json"]
    assert Run(capsys, ".venv").linted == [str(Path(".venv", "a.json"))]


@needs_posix
def test_symbolic_links(capsys: pytest.CaptureFixture[str]) -> None:
    write("a/policy.json")
    Path("a/loop").symlink_to("..")
    Path("a/self.json").symlink_to("self.json")
    Path("a/gone.json").symlink_to("nowhere.json")
    Path("a/twin.json").symlink_to("policy.json")
    Path("link").symlink_to("a")
    run = Run(capsys, ".")
    assert run.linted == ["a/policy.json"]
    assert "1 file skipped: broken symbolic link" in run.summary
    assert run.errors == ["error: a/self.json: too many levels of symbolic links"]
    assert Run(capsys, "link/policy.json").linted == ["link/policy.json"]
    assert Run(capsys, "link").linted == ["link/policy.json"]


def test_a_file_is_linted_once(capsys: pytest.CaptureFixture[str]) -> None:
    write("a/policy.json")
    run = Run(capsys, "a/policy.json", "./a/policy.json", "a", str(Path("a").absolute()))
    assert run.linted == ["a/policy.json"]


def test_what_is_discovered_and_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    write("a/latin.json", b'{"name": "caf\xe9", "version": "2012-10-17"}')
    write("a/page.md", "# A policy\n\nType: AWS::IAM::Role\n".encode("utf-16"))
    write("a/settings.json", '{"policy": "AWS::"}'.encode("utf-16"))
    write("a/utf-16.json", POLICY.encode("utf-16"))
    run = Run(capsys, "a")
    assert run.code == 2
    assert len(run.errors) == 1
    assert run.errors[0].startswith(f"error: {Path('a', 'utf-16.json')}: encoded in UTF-16")
    assert "3 files skipped: not text in UTF-8" in run.summary


def test_a_broken_policy_in_a_folder_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    write("a/policy.json", POLICY.replace("]}", "}"))
    write("a/settings.json", '{"a": 1,}\n')
    run = Run(capsys, "a")
    assert run.code == 2
    assert run.summary == (
        "1 error in 0 policies of 1 file.\n"
        "Not checked: 1 file in part, see the findings; 1 file skipped: no policy."
    )


def test_discovered_files_need_not_be_policies(capsys: pytest.CaptureFixture[str]) -> None:
    write("policy.json")
    write("package.json", "{}")
    write("README.md", "# Nothing\n")
    run = Run(capsys, "--discovered", "policy.json", "package.json", "README.md")
    assert run.code == 1
    assert run.errors == []
    assert run.linted == ["policy.json"]
    run = Run(capsys, "--discovered", "package.json", "README.md")
    assert run.code == 0
    assert run.summary == ("Nothing was checked.\nNot checked: 2 files skipped: no policy.")
    assert Run(capsys, "--discovered").code == 0
    assert Run(capsys, "--discovered", "missing.json").code == 2


def test_discovered_files_of_other_formats(capsys: pytest.CaptureFixture[str]) -> None:
    write("policy.tpl")
    write("policy.ini", "Statement=Effect\n")
    run = Run(capsys, "--discovered", "policy.tpl", "policy.ini")
    assert run.code == 1
    assert run.linted == ["policy.tpl"]
    assert "1 file skipped: no policy" in run.summary


class TestStandardInput:
    def give(self, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    def test_is_read_where_it_is_named(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.give(monkeypatch, POLICY.encode())
        assert Run(capsys, "-").linted == ["<stdin>"]

    def test_is_left_alone_where_it_is_not(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write("policy.json")
        self.give(monkeypatch, b"not a policy")
        assert Run(capsys, "policy.json").linted == ["policy.json"]
        assert sys.stdin.read() == "not a policy"

    def test_may_have_a_name(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.give(monkeypatch, f"```json\n{POLICY}```\n".encode())
        assert main(["-", "--stdin-filename", "docs/page.md", *OPTIONS]) == 1
        assert "--> docs/page.md:2:" in capsys.readouterr().out

    def test_must_be_a_policy(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.give(monkeypatch, b"[]")
        run = Run(capsys, "-")
        assert run.code == 2
        assert run.errors[0].startswith("error: <stdin>: no policy found")

    def test_empty_is_an_error(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.give(monkeypatch, b"")
        assert Run(capsys, "-").code == 2


def test_line_endings_and_byte_order_mark_count_in_offsets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = POLICY.replace(", ", ",\r\n")
    write("policy.json", "\ufeff" + text)
    assert main(["policy.json", *OPTIONS, "--format=json"]) == 1
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    start = finding["start"]
    assert ("\ufeff" + text)[start["offset"] :].startswith('"s3:Get*"')
    assert start["line"] == 3
