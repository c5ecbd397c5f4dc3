"""How long a template takes, compared with cfn-lint on the same files in one run.

    python benchmarks/templates.py [FOLDER...]

takes the templates of the folders, by default those of the tests. Each is linted in this process
by both, and once more by the command of each in a process of its own. cfn-lint checks far more
than policies; what is compared is what a commit hook waits for.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cfnlint.api import lint_file

from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

ENDINGS = (".json", ".template", ".yaml", ".yml")
TESTS = Path(__file__).parent.parent / "tests" / "data" / "cloudformation"


def templates(folders: list[Path]) -> list[Path]:
    """The files of the folders in which there are policies."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.name.endswith(ENDINGS):
                text = path.read_text(encoding="utf-8", errors="replace")
                if read_source(Source(str(path), text)).normalized:
                    found.append(path)
    return found


def measured(work: Callable[[Path], object], paths: list[Path]) -> list[float]:
    """The seconds that each file takes; what it comes to does not count."""
    times = []
    for path in paths:
        start = time.perf_counter()
        try:
            work(path)
        except Exception as error:  # noqa: BLE001 - the others are still measured
            print(f"{path.name}: {type(error).__name__}", file=sys.stderr)
            continue
        times.append(time.perf_counter() - start)
    return times


def ours(path: Path) -> object:
    """Lint a template, everything on."""
    return lint_source(Source(str(path), path.read_bytes().decode(errors="replace")))


def of_process(*command: str) -> float:
    """The seconds of the fastest of three runs of a command."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Measure and print."""
    folders = [Path(argument) for argument in sys.argv[1:]] or [TESTS]
    paths = templates(folders)
    if not paths:
        raise SystemExit("no template with policies")
    ours(paths[0])
    lint_file(paths[0])  # what is loaded once counts for neither
    print(f"{len(paths)} templates with policies")
    for name, work in (("multitool-lint", ours), ("cfn-lint", lint_file)):
        times = measured(work, paths)
        print(
            f"{name:15} {1000 * statistics.median(times):8.1f} ms median, "
            f"{1000 * max(times):8.1f} ms at most, {sum(times):6.2f} s in all"
        )
    first = str(max(paths, key=lambda path: path.stat().st_size))
    for module in ("multitool_lint", "cfnlint"):
        print(f"{module:15} {of_process(sys.executable, '-m', module, first):6.2f} s as a command")


if __name__ == "__main__":
    main()
