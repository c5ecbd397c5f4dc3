"""Kill runs at random moments, and see that no broken file, cache, report or baseline is left.

    python benchmarks/kill.py --times 200

Each time a run is started that writes something, and killed as a lack of memory would have it
(SIGKILL), its processes with it or not, at a random moment of the time that such a run takes here.
Then every policy is as it was or as its fix leaves it, a report and a baseline are as they were or
whole, the cache is in order and gives what would be found, no process is left, and a temporary file
that was about to be put in place is gone after the next run that writes in its folder.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parent.parent
FILES = 60
KINDS = {
    "check": ["--jobs=1"],
    "check, 2 jobs": ["--jobs=2"],
    "baseline": ["--write-baseline=../out/baseline.toml"],
    "report": ["--output=sarif=../out/report.sarif", "--output=json=../out/report.json"],
    "fix": ["--fix"],
}
"""What is run, and killed."""


class DamageError(AssertionError):
    """Something that a killed run has left."""


class Killed(NamedTuple):
    """What a run was at when it was killed: whether it had not ended, and had written something."""

    running: bool
    wrote: bool


class Place:
    """A folder of policies, a cache, and what a run that is not killed makes of them."""

    def __init__(self, folder: Path, files: int) -> None:
        self.files = folder / "files"
        self.cache = folder / "cache"
        self.out = folder / "out"
        self.files.mkdir()
        self.out.mkdir()
        self.before = {}
        for number in range(files):
            name = f"{number:03}.json"
            self.before[name] = _policy(number)
        self.restore()
        self.output = self.run("--no-cache")
        self.whole: dict[str, bytes] = {}
        self.seconds: dict[str, float] = {}
        for kind in ("check", "check, 2 jobs", "baseline", "report"):
            self._time(kind)
        for name in ("baseline.toml", "report.sarif", "report.json"):
            self.whole[name] = (self.out / name).read_bytes()
            (self.out / name).unlink()
        self._time("fix")
        self.fixed = {name: (self.files / name).read_text("utf-8") for name in self.before}
        self.restore()
        if self.fixed == self.before:
            raise DamageError("there was nothing to fix")

    def restore(self) -> None:
        """Have the policies as they were at first."""
        for name, text in self.before.items():
            (self.files / name).write_text(text, encoding="utf-8")

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a run, as the leader of a group of processes."""
        return subprocess.Popen(
            [sys.executable, "-m", "multitool_lint", ".", *arguments],
            cwd=self.files,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "NO_COLOR": "1",
                "MULTITOOL_LINT_CACHE_DIR": str(self.cache),
            },
        )

    def run(self, *arguments: str) -> bytes:
        """The output of a run that is let be."""
        process = self.start(*arguments)
        out, err = process.communicate()
        if process.returncode not in {0, 1} or b"Traceback" in err:
            raise DamageError(f"{arguments}: exit code {process.returncode}: {os.fsdecode(err)}")
        return out

    def _time(self, kind: str) -> None:
        started = time.monotonic()
        self.run(*KINDS[kind], "--no-cache")
        self.seconds[kind] = time.monotonic() - started

    def state(self) -> set[tuple[Path, int, int]]:
        """What shows whether anything was written, temporary files among it."""
        return {
            (path, facts.st_size, facts.st_mtime_ns)
            for folder in (self.files, self.out, self.cache)
            for path in folder.rglob("*")
            for facts in [path.stat()]
        }

    def check(self, killed: Sequence[str]) -> None:
        """See that all is in order after a run with these arguments was killed."""
        for name, before in self.before.items():
            text = (self.files / name).read_text("utf-8")
            if text != before and (text != self.fixed[name] or "--fix" not in killed):
                raise DamageError(f"{name} is neither what it was nor what its fix makes of it")
        for name, whole in self.whole.items():
            path = self.out / name
            if path.exists() and path.read_bytes() != whole:
                raise DamageError(f"{name} is broken")
        if (self.cache / "reports-1.sqlite3").exists():
            with sqlite3.connect(self.cache / "reports-1.sqlite3") as database:
                answer = database.execute("PRAGMA integrity_check").fetchone()
            database.close()
            if answer != ("ok",):
                raise DamageError(f"the cache is broken: {answer}")
        self.restore()
        if self.run() != self.output:
            raise DamageError("a run with the cache prints something else than one without")
        # The next run that writes in a folder removes what is left over there.
        self.run("--fix")
        self.restore()
        self.run(KINDS["baseline"][0])
        left = {path.name for folder in (self.files, self.out) for path in folder.iterdir()}
        left -= {*self.before, *self.whole}
        if left:
            raise DamageError(f"left behind: {left}")


def kill_once(place: Place, kind: str, dice: random.Random) -> Killed:
    """Kill a run of a kind at a random moment; return what it was at.

    Raises:
        DamageError: it has left something broken.
    """
    arguments = KINDS[kind]
    if dice.random() < 0.5:  # noqa: PLR2004 - half of them are cold
        shutil.rmtree(place.cache, ignore_errors=True)
    for name in place.whole:
        if dice.random() < 0.5:  # noqa: PLR2004 - as likely as not, there is one already
            (place.out / name).unlink(missing_ok=True)
    before = place.state()
    process = place.start(*arguments)
    time.sleep(dice.uniform(0.02, place.seconds[kind]))
    running = process.poll() is None
    if running:
        # The processes that it started are killed with it, or left to end by themselves.
        (dice.choice([os.kill, os.killpg]))(process.pid, signal.SIGKILL)
    process.communicate()
    _wait_for_group(process.pid)
    wrote = place.state() != before
    place.check(arguments)
    return Killed(running, wrote)


def _wait_for_group(group: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise DamageError("a process of a killed run goes on")


def _policy(number: int) -> str:
    actions = ["s3:Get*", "s3:GetObject", "ec2:Describe*", "ec2:DescribeInstances"]
    statement = {"Sid": f"S{number}", "Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement] * 3}, indent=2) + "\n"


def main() -> None:
    """Kill runs of all kinds by turns, and say how many were under way."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=200, help="how often (default 200)")
    parser.add_argument("--seed", type=int, default=None, help="of the random moments")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(10**6)  # noqa: S311
    print(f"seed {seed}")
    dice = random.Random(seed)  # noqa: S311 - no secrets
    killed: dict[str, list[Killed]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), FILES)
        for time_ in range(arguments.times):
            kind = list(KINDS)[time_ % len(KINDS)]
            killed[kind].append(kill_once(place, kind, dice))
    for kind, all_ in killed.items():
        running = [kill for kill in all_ if kill.running]
        wrote = sum(kill.wrote for kill in running)
        print(f"{kind}: {len(running)} killed while running, {wrote} of them had written something")
    total = sum(kill.running for all_ in killed.values() for kill in all_)
    print(f"{arguments.times} runs, {total} killed while running: nothing is broken")


if __name__ == "__main__":
    main()
