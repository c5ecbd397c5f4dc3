"""Runs that are killed leave nothing broken: a few of them; benchmarks/kill.py kills hundreds."""

import importlib.util
import os
import random
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from multitool_lint.cli.files import write as writing
from multitool_lint.cli.files.write import replace

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


@pytest.fixture(scope="module")
def kill() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kill", ROOT / "benchmarks" / "kill.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_killed_runs_leave_nothing_broken(kill: ModuleType, tmp_path: Path) -> None:
    place = kill.Place(tmp_path, 20)
    dice = random.Random(6)  # noqa: S311 - no secrets
    for kind in kill.KINDS:
        kill.kill_once(place, kind, dice)


HOLDER = """
import sys, time
from pathlib import Path
from multitool_lint.cli.files import write as writing

with Path(sys.argv[1]).open("wb") as file:
    writing.claim(file)
    print("holding", flush=True)
    sys.stdin.read()
"""


def test_a_temporary_file_is_removed_once_nobody_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_cleared", set())
    held = tmp_path / f"{writing.PREFIX}held"
    lost = tmp_path / f"{writing.PREFIX}lost"
    lost.write_bytes(b"half of a fi")
    command = [sys.executable, "-c", HOLDER, str(held)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"holding\n"
        replace(tmp_path / "report", b"whole", None)
        assert {path.name for path in tmp_path.iterdir()} == {"report", held.name}
        holder.kill()
    writing.remove_left_over(tmp_path)
    assert held.exists()  # a folder is looked at once in a run
    monkeypatch.setattr(writing, "_cleared", set())
    replace(tmp_path / "report", b"whole again", None)
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert (tmp_path / "report").read_bytes() == b"whole again"
