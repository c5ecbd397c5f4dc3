"""Measure how time and memory grow with the size of inputs that are made to cost much.

Each family of inputs is a text of any size. Each command runs on it at each size in a child
process with limits; a child that is ended by one of them counts as over. What is over: an exponent
of growth above 1.2 where a run takes more than 0.2 s of CPU (for memory: 50 MiB), and at 100 KB
more than 3 s or 250 MiB above what the interpreter and the package take.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import math
import os
import re
import resource
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint import cli

from . import files, policies, readers, templates, terraform, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .family import Family

FAMILIES = (
    policies.FAMILIES
    | templates.FAMILIES
    | terraform.FAMILIES
    | texts.FAMILIES
    | files.FAMILIES
    | readers.FAMILIES
)
COMMANDS = {
    "check": ("check", "--no-config", "--no-cache"),
    "every rule": ("check", "--no-config", "--no-cache", "--select", "ALL", "--format", "json"),
    "fix": ("fix", "--no-config", "--diff"),
    "fix unsafe": ("fix", "--no-config", "--diff", "--select", "ALL", "--unsafe-fixes"),
    "expand": ("expand", "--no-config"),
    "shrink": ("shrink", "--no-config"),
    "level": ("tighten", "--no-config", "--access-level", "read"),
    "wildcards": ("tighten", "--no-config", "--drop-wildcards"),
    "used": ("tighten", "--no-config", "--used", "used.txt"),
    "by resource": ("tighten", "--no-config", "--by-resource"),
    "pass role": ("tighten", "--no-config", "--pass-role-to", "lambda.amazonaws.com"),
    "diff": ("diff", "--no-config"),
}
OWN = "own command"
USED = "s3:GetObject\nec2:DescribeInstances\niam:PassRole\n"
KILO = 1_000

MAX_EXPONENT = 1.2
MAX_SECONDS = 3.0
MAX_MEBIBYTES = 250.0
COUNTS_FROM_SECONDS = 0.2
COUNTS_FROM_MEBIBYTES = 50.0
KILLED_AFTER_SECONDS = 20
KILLED_ABOVE_BYTES = 3 * 2**30
FITTED_SIZES = 3
REPEATS = 2
"""How often a family that is over is measured again: another program may have disturbed it."""


class Run(NamedTuple):
    """What a child took; `failure` says how it ended if it did not end by itself."""

    seconds: float
    mebibytes: float
    failure: str = ""


class Task(NamedTuple):
    """A command to be measured on a family at a size."""

    family: str
    command: str
    size: int


class Children:
    """The child processes that run now, at most one for each processor."""

    def __init__(self, folder: Path, processes: int) -> None:
        self.runs: dict[Task, Run] = {}
        self._folder = folder
        self._processes = processes
        self._running: dict[int, tuple[Task, float, Path]] = {}

    def measure(self, tasks: list[Task]) -> None:
        """Run all tasks, and keep of each the run that took the least time."""
        for task in tasks:
            if len(self._running) >= self._processes:
                self._wait()
            self._start(task)
        while self._running:
            self._wait()

    def _start(self, task: Task) -> None:
        place = Path(tempfile.mkdtemp(dir=self._folder))
        family = FAMILIES[task.family]
        argv = _prepare(place, family, task)
        start = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        pid = os.fork()
        if not pid:
            _child(place, argv)
        self._running[pid] = task, start * resource.getpagesize() / 2**20, place

    def _wait(self) -> None:
        pid, status, usage = os.wait4(-1, 0)
        task, start, place = self._running.pop(pid)
        peak = max(0.0, usage.ru_maxrss / 1024 - start)
        run = Run(usage.ru_utime + usage.ru_stime, peak, _failure(status, place))
        earlier = self.runs.get(task, run)
        self.runs[task] = min(earlier, run)


def _prepare(place: Path, family: Family, task: Task) -> list[str]:
    """Write the files of a family, and return the command line."""
    content = family.text(task.size)
    files = {"used.txt": USED, **family.others, family.path: content}
    command = list(family.command or COMMANDS[task.command])
    if task.command == "diff":
        # Words that begin alike in a family begin otherwise in the new version: all is different.
        old, new = f"old/{family.path}", f"new/{family.path}"
        files |= {old: content, new: content.replace("zq", "zx")}
        command += [old, new]
    elif not family.command:
        command.append(family.path)
    for name, data in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return command


def _child(place: Path, argv: list[str]) -> None:
    """Run the command line in this process, and end it."""
    code = 70
    try:
        os.chdir(place)
        for number, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(place / name, os.O_WRONLY | os.O_CREAT), number)
        resource.setrlimit(resource.RLIMIT_CPU, (KILLED_AFTER_SECONDS, KILLED_AFTER_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (KILLED_ABOVE_BYTES, KILLED_ABOVE_BYTES))
        gc.set_threshold(50_000)  # as `program` does
        code = cli.main(argv)
    finally:
        os._exit(code)


def _failure(status: int, place: Path) -> str:
    """How a child ended, if not by itself."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return signal.Signals(-code).name
    written = b"".join((place / name).read_bytes() for name in ("stdout", "stderr"))
    failed = re.search(rb"internal[ -]error[^\n]*|Traceback|MemoryError|error: usage", written)
    return failed[0].decode(errors="replace")[:80] if failed else ""


class Row(NamedTuple):
    """A family and a command with its runs, by size."""

    family: str
    command: str
    runs: dict[int, Run]

    @property
    def seconds(self) -> float:
        """The exponent of growth of time."""
        return self._exponent([run.seconds for run in self.runs.values()], COUNTS_FROM_SECONDS)

    @property
    def mebibytes(self) -> float:
        """The exponent of growth of memory."""
        return self._exponent([run.mebibytes for run in self.runs.values()], COUNTS_FROM_MEBIBYTES)

    def _exponent(self, values: list[float], counts_from: float) -> float:
        """The slope of the last sizes in logarithms; 0 where nothing is large enough to count."""
        if len(values) < FITTED_SIZES or max(values) <= counts_from:
            return 0.0
        xs = [math.log(size) for size in self.runs][-FITTED_SIZES:]
        ys = [math.log(max(value, 0.001)) for value in values[-FITTED_SIZES:]]
        mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
        spread = sum((x - mean_x) ** 2 for x in xs)
        return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread

    @property
    def over(self) -> list[str]:
        """What is more than it may be."""
        last = self.runs[max(self.runs)]
        checks = {
            "time grows": self.seconds > MAX_EXPONENT,
            "memory grows": self.mebibytes > MAX_EXPONENT,
            "time": last.seconds > MAX_SECONDS,
            "memory": last.mebibytes > MAX_MEBIBYTES,
        }
        failures = dict.fromkeys(run.failure for run in self.runs.values() if run.failure)
        return [*(name for name, is_over in checks.items() if is_over), *failures]

    def text(self) -> str:
        """A line of the table."""
        seconds = " | ".join(f"{run.seconds:.2f}" for run in self.runs.values())
        peak = max(run.mebibytes for run in self.runs.values())
        exponents = f"{self.seconds:.2f} | {self.mebibytes:.2f}".replace("0.00", "")
        over = ", ".join(self.over)
        return f"| {self.family} | {self.command} | {seconds} | {peak:.0f} | {exponents} | {over} |"


def _rows(children: Children, tasks: list[Task]) -> Iterator[Row]:
    """Measure the tasks of one family, those of a command that is over once more."""
    children.measure(tasks)
    for repeats in range(REPEATS + 1):
        sizes = sorted({task.size for task in tasks})
        commands = dict.fromkeys((task.family, task.command) for task in tasks)
        rows = [
            Row(
                family,
                command,
                {size: children.runs[Task(family, command, size)] for size in sizes},
            )
            for family, command in commands
        ]
        over = {row.command for row in rows if row.over and not _is_hopeless(row)}
        if not over or repeats == REPEATS:
            yield from rows
            return
        children.measure([task for task in tasks if task.command in over])


def _is_hopeless(row: Row) -> bool:
    """Whether measuring again cannot help: the process was ended, or is far above."""
    last = row.runs[max(row.runs)]
    return bool(last.failure) or last.seconds > 2 * MAX_SECONDS or last.mebibytes > MAX_MEBIBYTES


def _warm(folder: Path) -> None:
    """Run each command on a small file of each format, so that children need not import modules."""
    for format_ in ("JSON", "YAML", "CFN YAML", "TF data source", "TF JSON", "Markdown"):
        place = folder / "warm"
        for command in COMMANDS:
            argv = _prepare(place, FAMILIES[f"{format_}: fixes"], Task("", command, 1))
            with (
                contextlib.chdir(place),
                Path(os.devnull).open("w", encoding="utf-8") as nothing,
                contextlib.redirect_stdout(nothing),
                contextlib.redirect_stderr(nothing),
            ):
                cli.main(argv)
    gc.collect()
    gc.freeze()


def main() -> None:
    """Measure the families that are asked for, print the table, exit with 1 if any is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="families whose name matches this expression")
    parser.add_argument("--commands", default="", help="commands that match this expression")
    parser.add_argument("--sizes", default="12,25,50,100", help="thousands of bytes")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    sizes = sorted(int(size) * KILO for size in arguments.sizes.split(","))
    names = [name for name in FAMILIES if re.search(arguments.only, name)]
    heads = " | ".join(f"s at {size // KILO} KB" for size in sizes)
    print(f"{len(names)} families of {len(FAMILIES)}")
    print(f"| family | command | {heads} | MiB | exponent of s | of MiB | over |")
    print("|" + "---|" * (len(sizes) + 6))
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        _warm(Path(folder))
        children = Children(Path(folder), arguments.processes)
        for name in names:
            commands = [OWN] if FAMILIES[name].command else COMMANDS
            wanted = [command for command in commands if re.search(arguments.commands, command)]
            tasks = [Task(name, command, size) for command in wanted for size in sizes]
            for row in _rows(children, tasks):
                print(row.text(), flush=True)
                rows.append(row)
    over = [row for row in rows if row.over]
    print(f"\n{len(rows)} rows, {len(over)} over")
    for row in over:
        print(row.text())
    sys.exit(bool(over))


if __name__ == "__main__":
    main()
