"""Measure the catalog: its size in the wheel, and how long reading it takes, in new processes."""

from __future__ import annotations

import subprocess
import sys
import zlib
from pathlib import Path
from statistics import median

RUNS = 25
TARGETS = {"one service (s3), facts of one action": 2.0, "names of all actions": 15.0}

PROGRAM = """
import time
from multitool_lint.aws.catalog.catalog import Catalog, bundled

def milliseconds(work):
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)

directory = bundled().directory
opened = milliseconds(lambda: Catalog(directory))
one = Catalog(directory)
service = milliseconds(lambda: one.action("s3:GetObject"))
fresh = Catalog(directory)
names = milliseconds(lambda: list(fresh.names(fresh.all_actions())))
fresh = Catalog(directory)
pattern = milliseconds(lambda: list(fresh.names(fresh.match("*:Get*"))))
warm = milliseconds(lambda: fresh.match("*:Get*") <= fresh.match("*:*"))
from multitool_lint.cli.options import catalog as catalogs
chosen = milliseconds(catalogs.newest)
print(opened, service, names, pattern, warm, chosen)
"""
ROWS = (
    "opening the catalog",
    "one service (s3), facts of one action",
    "names of all actions",
    "names of the actions that *:Get* matches",
    "comparing sets, looked up before",
    "choosing between the package and an update",
)


def main() -> None:
    """Print the figures."""
    data = Path(__file__).parent.parent / "multitool_lint" / "aws" / "catalog" / "data"
    files = [path for path in data.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    packed = sum(len(zlib.compress(path.read_bytes(), 6)) for path in files)
    print(f"Python {sys.version.split()[0]}, {len(files)} files of the catalog\n")
    print(f"size: {size / 1e6:.2f} MB, in the wheel {packed / 1e6:.2f} MB of at most 3 MB\n")
    print("| milliseconds, in new processes | best | median | at most |\n|---|---|---|---|")
    runs = [_run() for _ in range(RUNS)]
    for at, row in enumerate(ROWS):
        times = [run[at] for run in runs]
        target = f"{TARGETS[row]:g}" if row in TARGETS else ""
        print(f"| {row} | {min(times):.2f} | {median(times):.2f} | {target} |")


def _run() -> list[float]:
    command = [sys.executable, "-c", PROGRAM]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(seconds) for seconds in output.split()]


if __name__ == "__main__":
    main()
