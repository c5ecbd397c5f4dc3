"""Measure runs over a repository of many policy files, and see that all print the same bytes.

See README.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
POLICIES = ROOT / "build" / "benchmarks" / "package" / "dist" / "managedPolicies.json"
OTHERS = {
    "package.json": '{"name": "thing", "version": "1.0.0", "dependencies": {}}\n',
    "tsconfig.json": '{\n  // for the compiler\n  "compilerOptions": {"strict": true,},\n}\n',
    "README.md": "# A service\n\nIt needs no access.\n",
    "data.json": json.dumps({"rows": [[n, n * n] for n in range(500)]}) + "\n",
}
OF_A_FOLDER = 20


class Measure(NamedTuple):
    """What a run took: wall time and CPU time in seconds, peak memory in MiB."""

    wall: float
    cpu: float
    peak: float
    output: str


def main() -> None:
    """Make the repository, run, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000, help="how many (default 10,000)")
    parser.add_argument("--policies", type=Path, default=POLICIES, help="managedPolicies.json")
    parser.add_argument("--python", default=sys.executable, help="the Python to run, with the tool")
    parser.add_argument("--format", default="text", help="the format of the report")
    parser.add_argument("--keep", type=Path, help="make the repository here, and leave it there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        repository = arguments.keep or work / "repository"
        make_repository(repository, json.loads(arguments.policies.read_text("utf-8")), arguments)
        print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, ", end="")
        print(f"{arguments.files:,} files, {_megabytes(repository):.1f} MB\n")
        print("| run | wall, s | CPU, s | peak MiB |\n|---|---|---|---|")
        outputs = {}
        for name, options, cache in _runs(work):
            command = [arguments.python, "-m", "multitool_lint", ".", *options]
            command += ["--format", arguments.format, "--cache-dir", str(cache)]
            took = measure(command, repository)
            outputs[took.output] = name
            print(f"| {name} | {took.wall:.2f} | {took.cpu:.2f} | {took.peak:.0f} |", flush=True)
        if len(outputs) > 1:
            sys.exit(f"different bytes: {', '.join(outputs.values())}")
        print(f"\nThe same bytes each time: {next(iter(outputs))}")
        print(f"The cache: {sum(_sizes(work / '2')) / 2**20:.1f} MiB")


def _runs(work: Path) -> Iterator[tuple[str, list[str], Path]]:
    """Each run with its name, its options and its cache."""
    yield "no cache, 1 job", ["--no-cache", "--jobs=1"], work / "none"
    yield "no cache, 2 jobs", ["--no-cache", "--jobs=2"], work / "none"
    for jobs in ("1", "2"):
        yield f"cold, {jobs} jobs".replace("1 jobs", "1 job"), [f"--jobs={jobs}"], work / jobs
        yield f"warm, {jobs} jobs".replace("1 jobs", "1 job"), [f"--jobs={jobs}"], work / jobs
    yield "warm, as by default", [], work / "2"


def make_repository(folder: Path, policies: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Write policies in nested folders: one in 20 files is a Markdown page, one in 20 no policy."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["git", "init", "--quiet", folder], check=True)  # noqa: S607
    (folder / ".gitignore").write_text("build/\n*.tmp.json\n", encoding="utf-8")
    texts = documents(policies)
    for number in range(arguments.files):
        place = folder / f"team-{number // 400:02}" / f"service-{number // OF_A_FOLDER:03}"
        place.mkdir(parents=True, exist_ok=True)
        kind = number % OF_A_FOLDER
        if kind == 0:
            name, text = list(OTHERS.items())[number // OF_A_FOLDER % len(OTHERS)]
        elif kind == 1:
            title, policy = next(texts)
            name, text = f"{title}-{number}.md", f"# {title}\n\n```json\n{policy}\n```\n"
        else:
            title, policy = next(texts)
            name, text = f"{title}-{number}.json", f"{policy}\n"
        (place / name).write_text(text, encoding="utf-8")


def documents(policies: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """All versions of the policies, with indents of 2, then of 3 and so on: texts of their own."""
    indent = 2
    while True:
        for name, policy in policies.items():
            for version in policy["versions"].values():
                yield name, json.dumps(version["document"], indent=indent)
        indent += 1


def measure(command: list[str], folder: Path) -> Measure:
    """Run a command in a folder, with what it and the processes that it starts take."""
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        )
        watch = _Watch(process.pid)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        watch.ended.set()
        watch.join()
        output.seek(0)
        if os.waitstatus_to_exitcode(status) not in {0, 1}:
            sys.exit(f"{command} failed: {output.read()[-2000:]!r}")
        hash_ = hashlib.sha256(output.read()).hexdigest()[:16]
    return Measure(wall, usage.ru_utime + usage.ru_stime, watch.peak, hash_)


class _Watch(threading.Thread):
    """Looks at the memory of a process and its children: pages that they share count once."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._pid = pid
        self.ended = threading.Event()
        self.peak = 0.0

    def run(self) -> None:
        while not self.ended.wait(0.05):
            self.peak = max(self.peak, sum(map(_mebibytes, self._tree())))

    def _tree(self) -> list[int]:
        pids = [self._pid]
        for pid in pids:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                try:
                    pids += map(int, task.read_text("ascii").split())
                except OSError:
                    continue  # it has just ended
        return pids


def _mebibytes(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass  # as above
    return 0.0


def _sizes(folder: Path) -> Iterator[int]:
    return (file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _megabytes(repository: Path) -> float:
    return sum(file.stat().st_size for file in repository.rglob("team-*/**/*.*")) / 1e6


if __name__ == "__main__":
    main()
