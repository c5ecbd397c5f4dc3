"""How long Terraform's files take, compared with another reader of the language in one run.

    python benchmarks/terraform.py [FOLDER...]

takes the `.tf` files of the folders in which there are policies; without folders, modules made of
the rule pages, each example as a data source. python-hcl2 only parses: it is the reader that other
linters in Python use.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import hcl2

from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.hcl.tree import File
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

TESTS = Path(__file__).parent.parent / "tests"


def made(folder: Path) -> None:
    """Write a module: a file for each example of a rule page that a data source can make."""
    sys.path.insert(0, str(TESTS))
    from support.terraform_writing import data_source, normal
    from support.yaml_writing import as_json, examples_of_pages

    for number, example in enumerate(examples_of_pages()):
        document = normal(json.loads(as_json(example.root)))
        if document:
            text = data_source(document).replace('"this"', f'"this{number}"')
            (folder / f"{example.page}-{number}.tf").write_text(text, encoding="utf-8")


def measured(work: Callable[[Source], object], sources: list[Source]) -> list[float]:
    """The milliseconds that each file takes; what it comes to does not count."""
    times = []
    for source in sources:
        start = time.perf_counter()
        try:
            work(source)
        except Exception as error:  # noqa: BLE001 - the others are still measured
            print(f"{source.path}: {type(error).__name__}", file=sys.stderr)
            continue
        times.append((time.perf_counter() - start) * 1000)
    return times


def main() -> None:
    """Measure both, print the table."""
    with tempfile.TemporaryDirectory() as temporary:
        folders = [Path(folder_path) for folder_path in sys.argv[1:]]
        if not folders:
            made(Path(temporary))
            folders = [Path(temporary)]
        paths = [path for folder in folders for path in sorted(folder.rglob("*.tf"))]
        sources = [Source(str(path), path.read_bytes().decode(errors="replace")) for path in paths]
        sources = [source for source in sources if read_source(source).normalized]
        print(f"{len(sources)} files, {sum(len(source.text) for source in sources):,} characters")
        print("| what | median ms | all s |")
        print("|---|---|---|")
        for name, work in (
            ("parse (tree-sitter)", File),
            ("read the policies", read_source),
            ("judge them", lint_source),
            ("parse (python-hcl2)", lambda source: hcl2.loads(source.text)),
        ):
            times = measured(work, sources)
            print(f"| {name} | {statistics.median(times):.2f} | {sum(times) / 1000:.2f} |")
        start = time.perf_counter()
        command = [sys.executable, "-m", "multitool_lint", "--no-cache", *map(str, folders)]
        subprocess.run(command, capture_output=True, check=False)
        print(f"the command on all: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
