"""The harnesses run, find what does not hold, reduce it, and can repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import strategies as st

from fuzz import __main__ as command
from fuzz import readers
from fuzz.harness import HangError, Harness, failure, keep, run
from fuzz.harnesses import HARNESSES
from multitool_lint.linter.lint import lint_with_settings

if TYPE_CHECKING:
    from pathlib import Path

    from multitool_lint.linter.report import Report
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.syntax.source import Source

ADMIN = (
    b'{"Statement": {"Sid": "AllowsEverything", "Effect": "Allow", "Action": "*", "Resource": "*"}}'
)


def rejects_long(data: bytes) -> None:
    assert len(data) < 3, "too long"


LONG = Harness("long", ".bin", lambda: st.binary(max_size=99), rejects_long)


def test_an_input_that_breaks_an_invariant_is_reduced_and_kept(tmp_path: Path) -> None:
    crash = run(LONG, 7, 60).crash
    assert crash
    assert crash.data == b"\0\0\0"
    assert "too long" in crash.error
    path = keep(LONG, crash, tmp_path / "crashes")
    assert path.name.startswith("long-")
    assert failure(LONG, path.read_bytes())
    assert run(LONG, crash.seed, 60).crash == crash


@pytest.mark.parametrize("error", [HangError("slow"), SystemExit(2), RecursionError()])
def test_whatever_ends_a_check_is_a_failure(error: BaseException) -> None:
    def check(_data: bytes) -> None:
        raise error

    assert type(error).__name__ in failure(Harness("x", "", st.binary, check), b"")


@pytest.mark.slow
@pytest.mark.parametrize("name", HARNESSES)
def test_every_harness_accepts_its_inputs(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--harness", name, "--seed", "1", "--seconds", "0.2", "--crashes", str(tmp_path)]
    assert command.main(arguments) == 0, capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_a_policy_that_passes_silently_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not failure(HARNESSES["json"], ADMIN)

    def lint_nothing(source: Source, settings: FileSettings) -> Report:
        return lint_with_settings(source, settings)._replace(findings=())

    monkeypatch.setattr(readers, "_lint", lambda source: lint_nothing(source, readers._SETTINGS))  # noqa: SLF001
    assert "neither found nor listed as unread" in failure(HARNESSES["json"], ADMIN)


def test_the_schedule_has_every_harness() -> None:
    workflow = yaml.safe_load((command.ROOT / ".github/workflows/fuzz.yml").read_text("utf-8"))
    assert workflow["jobs"]["fuzz"]["strategy"]["matrix"]["harness"] == [*HARNESSES]


def test_a_crash_can_be_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "policy.json"
    path.write_bytes(ADMIN)
    assert command.main(["--harness", "json", "--replay", str(path)]) == 0
    assert capsys.readouterr().out == "no failure\n"
    with pytest.raises(SystemExit):
        command.main(["--replay", str(path)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--harness", "json", "--replay", "missing"], "missing: No such file or directory"),
        (["--seconds", "0"], "--seconds must be a positive number"),
        (["--seconds", "nan"], "--seconds must be a positive number"),
    ],
)
def test_a_run_that_tries_nothing_is_an_error(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(options)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
