"""How rewritten files are written: all of a file or nothing, and never over what has changed."""

import os
import stat
from pathlib import Path

import pytest
from support.rewritten_files import DOUBLE, EXPANDED, SINGLE, WIDE, read

from multitool_lint.cli import main
from multitool_lint.cli.files import write as writing
from multitool_lint.cli.files.target import Target

KEEP = "--keep-wildcards"
ONE = "--select=redundant-action"
Output = pytest.CaptureFixture[str]


pytestmark = pytest.mark.usefixtures("rewritable")


def target(name: str) -> Target:
    return Target(name, named=True, real=os.path.realpath(name))


def test_write_keeps_the_mode_and_symbolic_links(rewritable: Path) -> None:
    link = rewritable / "link.json"
    link.symlink_to("wide.json")
    (rewritable / "wide.json").chmod(0o640)
    writing.write(target("link.json"), WIDE, "\ufeffé\r\n")
    assert link.is_symlink()
    assert (rewritable / "wide.json").read_bytes() == "\ufeffé\r\n".encode()
    assert stat.S_IMODE((rewritable / "wide.json").stat().st_mode) == 0o640
    assert sorted(path.name for path in rewritable.iterdir()) == [
        "double.json",
        "link.json",
        "reading.json",
        "wide.json",
    ]


def test_write_refuses_a_file_that_changed(rewritable: Path) -> None:
    (rewritable / "wide.json").write_text("mine")
    with pytest.raises(writing.WriteError, match="changed since it was read"):
        writing.write(target("wide.json"), WIDE, EXPANDED)
    assert read("wide.json") == "mine"


@pytest.mark.parametrize("command", [["fix", "--write", KEEP], ["check", "--fix", KEEP]])
def test_a_file_that_changes_between_the_check_and_the_rename_is_not_overwritten(
    command: list[str], monkeypatch: pytest.MonkeyPatch, rewritable: Path, capsys: Output
) -> None:
    def change(_: object) -> None:
        (rewritable / "double.json").write_text("mine")

    files = sorted(rewritable.iterdir())
    monkeypatch.setattr(os, "fsync", change)
    assert main([*command, ONE, "double.json"]) == 2
    assert "error: double.json: changed since it was read" in capsys.readouterr().err
    assert read("double.json") == "mine"
    assert sorted(rewritable.iterdir()) == files


def test_other_hard_links_of_a_file_are_reported(rewritable: Path, capsys: Output) -> None:
    os.link("double.json", "other.json")
    assert main(["fix", "--write", ONE, KEEP, "double.json"]) == 0
    place = rewritable / "double.json"
    assert f"note: {place}: its other hard links still have the old content\n" in (
        capsys.readouterr().err
    )
    assert read("double.json") == SINGLE
    assert read("other.json") == DOUBLE


def test_write_refuses_a_file_that_is_gone(rewritable: Path) -> None:
    (rewritable / "wide.json").unlink()
    with pytest.raises(writing.WriteError, match="not written: no such file"):
        writing.write(target("wide.json"), WIDE, EXPANDED)


def test_write_refuses_a_read_only_file(monkeypatch: pytest.MonkeyPatch) -> None:
    # The user who runs the tests may be allowed to write everything.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(writing.WriteError, match="read-only"):
        writing.write(target("wide.json"), WIDE, EXPANDED)


def fail(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("name", ["os.fsync", "os.fchmod", "os.replace"])
def test_a_write_that_fails_leaves_everything_as_it_was(
    name: str, monkeypatch: pytest.MonkeyPatch, rewritable: Path, capsys: Output
) -> None:
    files = sorted(rewritable.iterdir())
    monkeypatch.setattr(name, fail)
    assert main(["expand", "--write", "wide.json", "reading.json"]) == 2
    assert "error: wide.json: not written: permission denied\n" in capsys.readouterr().err
    assert sorted(rewritable.iterdir()) == files
    assert read("wide.json") == WIDE


def test_an_owner_that_cannot_be_kept_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fchown", fail)
    writing.write(target("wide.json"), WIDE, EXPANDED)
    assert read("wide.json") == EXPANDED
    monkeypatch.delattr(os, "fchown")
    writing.write(target("wide.json"), EXPANDED, WIDE)
    assert read("wide.json") == WIDE
