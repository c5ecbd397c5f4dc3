"""Replay commits of a repository as the gate for new access sees them. See README.md."""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parent.parent
GATE = ("diff", "--fail-on-new-access", "--no-config")
WORDS = r'"?(Effect|Action|NotAction)"?\s*[:=]|aws_iam|AWS::IAM|iamRole|[a-z0-9-]+:(\*|[A-Z][a-z]+)'
"""What a changed line has in a commit that may touch a policy."""
SHOWN = 12
"""The lines of a reason that are printed."""


class Replayed(NamedTuple):
    """What the gate said of a commit, and the seconds of CPU that it took."""

    commit: str
    code: int
    seconds: float
    said: str


def main() -> None:
    """Print each stop with its reason, then the figures; fail if labels contradict the gate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path, help="a git directory, with or without files")
    parser.add_argument("--commits", type=int, default=20, help="how many of the newest")
    parser.add_argument("--before", help="only commits before this date or revision's date")
    parser.add_argument("--labels", type=Path, help="a line for each commit: commit, new_access")
    parser.add_argument("--passes", action="store_true", help="print the commits that pass, too")
    arguments = parser.parse_args()
    labels = dict(read_labels(arguments.labels)) if arguments.labels else {}
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "repository")
        git(Path(folder), "clone", "-q", "--shared", "--no-checkout", arguments.repository, clone)
        commits = list(labels) or touching(clone, arguments.commits, arguments.before)
        replayed = []
        for commit in commits:
            found = replay(clone, commit)
            replayed.append(found)
            if found.code or arguments.passes:
                lines = found.said.splitlines()[:SHOWN]
                print(f"{found.commit} exit {found.code}, {found.seconds:.2f} s")
                print(*(f"    {line[:200]}" for line in lines), sep="\n", flush=True)
    print(*figures(replayed), sep="\n")
    wrong = list(contradictions(replayed, labels))
    print(*wrong, sep="\n")
    sys.exit(bool(wrong))


def read_labels(path: Path) -> Iterator[tuple[str, bool]]:
    """The commits of a list, and whether each has new access."""
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        yield entry["commit"], entry["new_access"]


def touching(repository: Path, count: int, before: str | None) -> list[str]:
    """The newest commits with a parent that change a line which may be of a policy."""
    options = ["--no-merges", "--format=%H %P", f"-G{WORDS}", "-E", f"--max-count={count}"]
    if before:
        options.append(f"--before={before}")
    lines = git(repository, "log", "--extended-regexp", *options).splitlines()
    return [commit for commit, *parents in map(str.split, lines) if parents]


def replay(repository: Path, commit: str) -> Replayed:
    """What the gate says of a commit after its parent."""
    sides = ("--base", f"{commit}^", "--head", commit)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "multitool_lint", *GATE, *sides],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said = (done.stdout + done.stderr).decode(errors="replace")
    return Replayed(commit, done.returncode, seconds, said)


def figures(replayed: Sequence[Replayed]) -> Iterator[str]:
    """How many commits stop, and how long they take."""
    times = sorted(found.seconds for found in replayed)
    yield f"{len(replayed)} commits, {sum(found.code > 0 for found in replayed)} stop"
    if times:
        yield f"CPU: median {median(times):.2f} s, longest {times[-1]:.2f} s"


def contradictions(replayed: Sequence[Replayed], labels: dict[str, bool]) -> Iterator[str]:
    """The commits of which the labels say something else."""
    for found in replayed:
        if found.commit in labels and labels[found.commit] is not bool(found.code):
            yield f"{'missed' if labels[found.commit] else 'false stop'}: {found.commit}"


def git(folder: Path, *arguments: object) -> str:
    """What git prints."""
    done = subprocess.run(
        ["git", "-C", folder, *map(str, arguments)],  # noqa: S607 - the one that is installed
        capture_output=True,
        check=True,
    )
    return os.fsdecode(done.stdout)


if __name__ == "__main__":
    main()
