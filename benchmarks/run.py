"""Measure multitool-lint against parliament, side by side in one run. See README.md."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from corpus import BUILD, managed_policies

ROOT = Path(__file__).parent.parent
TOOLS = {"multitool-lint": [str(ROOT)], "parliament": ["parliament==1.6.4", "setuptools==81.0.0"]}

MANAGED_RUNS = 7
"""On a machine that others use too, three runs of a few seconds differ by a fifth."""

MEASURES = {
    "policies per second": 1,
    "policies per CPU second": 1,
    "peak MiB": 1,
    "crashes": 0,
}
"""What `managed.py` measures, with the digits that are worth printing."""


def main() -> None:
    """Set up, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="runs of a process (default 15)")
    parser.add_argument("--policies", type=Path, help="managedPolicies.json, instead of npm's")
    parser.add_argument("--file", type=Path, default=ROOT / "fixtures" / "multitool.json")
    arguments = parser.parse_args()
    bins = {tool: _environment(tool, needs) for tool, needs in TOOLS.items()}
    texts = _texts(arguments.policies or managed_policies())
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors\n")
    print("| measure | multitool-lint | parliament | ratio |\n|---|---|---|---|")
    processes = {
        "multitool-lint": [bins["multitool-lint"] / "multitool-lint", arguments.file],
        "parliament": [bins["parliament"] / "parliament", "--files", arguments.file],
    }
    walls, cpus, peaks = _alternate(processes, arguments.runs)
    _row(f"{arguments.file.name} in a new process, s", walls, 3)
    _row(f"{arguments.file.name} in a new process, CPU s", cpus, 3)
    _row(f"{arguments.file.name} in a new process, peak MiB", peaks, 1)
    results: dict[str, list[dict[str, Any]]] = {tool: [] for tool in TOOLS}
    for _ in range(MANAGED_RUNS):
        for tool, directory in bins.items():
            results[tool].append(_managed(directory, tool, texts))
    for name, digits in MEASURES.items():
        values = {tool: [times[name] for times in found] for tool, found in results.items()}
        _row(f"AWS managed policies in one process, {name}", values, digits)
    whole = {"multitool-lint": "multitool-lint", "parliament": "parliament with auditors"}
    rates: dict[str, list[float]] = {tool: [] for tool in TOOLS}
    for _ in range(3):
        for tool, library in whole.items():
            rates[tool].append(_managed(bins[tool], library, texts, 16)["policies per second"])
    _row("every 16th of them, parliament's community auditors on, policies per second", rates, 1)


def _managed(directory: Path, library: str, texts: Path, step: int = 1) -> dict[str, Any]:
    """What `managed.py` measures of a library; a step takes every so many policies only."""
    program = ROOT / "benchmarks" / "managed.py"
    command = [str(part) for part in (directory / "python", program, library, texts, step)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=_environ())
    measured: dict[str, Any] = json.loads(answer.stdout)
    return measured


def _environment(tool: str, needs: list[str]) -> Path:
    directory = BUILD / tool
    if not directory.is_dir():
        subprocess.run([sys.executable, "-m", "venv", directory], check=True)
    pip = [str(directory / "bin" / "python"), "-m", "pip", "install", "--quiet", "--upgrade"]
    subprocess.run([*pip, *needs], check=True)
    return directory / "bin"


def _environ() -> dict[str, str]:
    """The environment of what is measured: compiled modules are kept, as an installer does."""
    environ = {**os.environ, "PYTHONWARNINGS": "ignore"}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return environ


def _texts(policies: Path) -> Path:
    program, texts = ROOT / "benchmarks" / "corpus.py", BUILD / "managed-texts.json"
    subprocess.run([sys.executable, program, policies, texts], check=True)
    return texts


def _alternate(
    commands: dict[str, list[Any]], runs: int
) -> tuple[dict[str, list[float]], dict[str, list[float]], dict[str, list[float]]]:
    """Wall time, CPU time and peak memory of each run, the commands by turns.

    The first run of each warms up and does not count. CPU time is what other programs on the
    machine disturb least.
    """
    walls: dict[str, list[float]] = {tool: [] for tool in commands}
    cpus: dict[str, list[float]] = {tool: [] for tool in commands}
    peaks: dict[str, list[float]] = {tool: [] for tool in commands}
    for run in range(runs + 1):
        for tool, command in commands.items():
            started = time.perf_counter()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=_environ(),
            )
            _, _, usage = os.wait4(process.pid, 0)
            if run:
                walls[tool].append(time.perf_counter() - started)
                cpus[tool].append(usage.ru_utime + usage.ru_stime)
                peaks[tool].append(usage.ru_maxrss / 1024)
    return walls, cpus, peaks


def _row(measure: str, values: dict[str, list[float]], digits: int) -> None:
    ours, theirs = (median(values[tool]) for tool in TOOLS)
    ratio = f"{ours / theirs:.2f}" if theirs else ""
    print(f"| {measure} | {ours:,.{digits}f} | {theirs:,.{digits}f} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
