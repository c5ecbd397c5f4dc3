"""Runs that are killed leave nothing broken: a few of them; benchmarks/kill.py kills hundreds."""

import os
import random
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from support.benchmark import benchmark

from multitool_lint.cli.files import replace as replacing
from multitool_lint.cli.files.replace import replace

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


@pytest.fixture(scope="module")
def kill() -> ModuleType:
    return benchmark("kill")


@pytest.mark.exhaustive
@pytest.mark.slow
def test_killed_runs_leave_nothing_broken(kill: ModuleType, tmp_path: Path) -> None:
    place = kill.Place(tmp_path, 20)
    dice = random.Random(6)  # noqa: S311 - no secrets
    for kind in kill.KINDS:
        kill.kill_once(place, kind, dice)


HOLDER = """
import sys, time
from pathlib import Path
from multitool_lint.cli.files.replace import claim

with Path(sys.argv[1]).open("wb", buffering=0) as file:
    claim(file)
    print("holding", flush=True)
    sys.stdin.read()
"""


def test_a_temporary_file_is_removed_once_nobody_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "_cleared", set())
    held = tmp_path / f"{replacing.PREFIX}{1:016x}.tmp"
    lost = tmp_path / f"{replacing.PREFIX}{2:016x}.tmp"
    lost.write_bytes(b"half of a fi")
    command = [sys.executable, "-c", HOLDER, str(held)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"holding\n"
        replace(tmp_path / "report", b"whole")
        assert {path.name for path in tmp_path.iterdir()} == {"report", held.name}
        holder.kill()
    replace(tmp_path / "report", b"whole")
    assert held.exists()  # a folder is cleaned once in a run
    monkeypatch.setattr(replacing, "_cleared", set())
    replace(tmp_path / "report", b"whole again")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert (tmp_path / "report").read_bytes() == b"whole again"


WIDE = '{"Statement": {"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}}'

FULL = """
import resource, sys
from multitool_lint.cli import main

resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40))  # a longer file cannot be written
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (["fix", "--write", "a.json", "b.json"], "error: a.json: not written: file too large"),
        (["check", "--fix", "a.json"], "error: a.json: not written: file too large"),
        (["expand", "--write", "a.json"], "error: a.json: not written: file too large"),
        (["check", "--output=r.txt", "a.json"], "error: r.txt: report not written: file too large"),
        (["check", "--write-baseline=n", "a.json"], "error: n: not written: file too large"),
        (
            ["check", "--add-ignore=x", "a.json"],
            "error: multitool-lint.toml: not written: file too large",
        ),
    ],
)
def test_a_full_disk_is_reported_and_nothing_is_left(
    command: list[str], error: str, tmp_path: Path
) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(WIDE, encoding="utf-8")
    result = subprocess.run(  # -B: Python would keep modules that are cut at the limit
        [sys.executable, "-B", "-c", FULL, *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MULTITOOL_LINT_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert error in result.stderr
    assert "[redundant-action]" not in result.stderr
    assert "1 finding fixed" not in result.stderr
    assert "fixed" not in result.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"a.json", "b.json"}
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == WIDE


def test_only_our_own_temporary_files_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "_cleared", set())
    ours = f"{replacing.PREFIX}{1:016x}.tmp"
    (tmp_path / ours).write_bytes(b"half of a fi")
    kept = [
        replacing.PREFIX,
        f"{replacing.PREFIX}baseline",
        f"{replacing.PREFIX}baseline.json",
        f"{replacing.PREFIX}abcd1234",
        f"{replacing.PREFIX}{1:016x}",
        f"{replacing.PREFIX}{1:016x}.tmp.json",
        f"x{replacing.PREFIX}{1:016x}.tmp",
    ]
    for name in kept:
        (tmp_path / name).write_bytes(b"mine")
    special = [f"{replacing.PREFIX}{number:016x}.tmp" for number in range(2, 7)]
    os.mkfifo(tmp_path / special[0])
    (tmp_path / special[1]).mkdir()
    (tmp_path / special[2]).symlink_to(kept[1])
    os.link(tmp_path / kept[2], tmp_path / special[3])
    (tmp_path / special[4]).write_bytes(b"of somebody else")
    if os.geteuid() == 0:
        os.chown(tmp_path / special[4], 65534, -1)
    else:
        (tmp_path / special[4]).chmod(0)
    replace(tmp_path / "report", b"whole")
    assert {path.name for path in tmp_path.iterdir()} == {"report", *kept, *special}
    assert all((tmp_path / name).read_bytes() == b"mine" for name in kept)
    assert (tmp_path / "report").read_bytes() == b"whole"


def test_a_file_of_another_owner_keeps_it(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    (tmp_path / "report").write_bytes(b"old")
    os.chown(tmp_path / "report", 65534, 65534)
    (tmp_path / "report").chmod(0o640)
    replace(tmp_path / "report", b"new")
    status = (tmp_path / "report").stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == (65534, 65534, 0o640)
