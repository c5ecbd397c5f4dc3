"""How long templates and Terraform's files take, next to other programs that read them.

    python benchmarks/readers.py cloudformation|terraform [FOLDER...]

takes the files of the folders in which there are policies; by default the templates of the tests,
or modules made of the rule pages, each example as a data source. cfn-lint checks far more than
policies, and python-hcl2, the reader that other linters in Python use, only parses: what is
compared is what a commit hook waits for. Each is run in this process on the same files, and once
more as a command.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.hcl.tree import HclFile
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    Work = Callable[[Source], object]

ENDINGS = {"cloudformation": (".json", ".template", ".yaml", ".yml"), "terraform": (".tf",)}
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


def found(folders: list[Path], endings: tuple[str, ...]) -> list[Source]:
    """The files of the folders in which there are policies."""
    paths = [path for folder in folders for path in sorted(folder.rglob("*"))]
    texts = {path: path.read_bytes() for path in paths if path.name.endswith(endings)}
    sources = [Source(str(path), data.decode(errors="replace")) for path, data in texts.items()]
    return [source for source in sources if read_source(source).policies]


def works(language: str) -> tuple[dict[str, Work], dict[str, list[str]]]:
    """What is measured in this process, and the commands that are, too."""
    ours: dict[str, Work] = {"read the policies": read_source, "lint them": lint_source}
    commands = {"multitool-lint": [sys.executable, "-m", "multitool_lint", "--no-cache"]}
    if language == "terraform":
        import hcl2

        others: dict[str, Work] = {"parse": HclFile, "python-hcl2": lambda s: hcl2.loads(s.text)}
        return ours | others, commands
    from cfnlint.api import lint_file

    commands["cfn-lint"] = [sys.executable, "-m", "cfnlint"]
    return ours | {"cfn-lint": lambda source: lint_file(Path(source.path))}, commands


def measured(work: Work, sources: list[Source]) -> list[float]:
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
    """Measure all, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("language", choices=ENDINGS)
    parser.add_argument("folders", nargs="*", type=Path)
    arguments = parser.parse_args()
    in_process, commands = works(arguments.language)
    with tempfile.TemporaryDirectory() as temporary:
        folders = arguments.folders
        if not folders:
            folders = [TESTS / "data" / "cloudformation"]
            if arguments.language == "terraform":
                folders = [Path(temporary)]
                made(folders[0])
        sources = found(folders, ENDINGS[arguments.language])
        print(f"{len(sources)} files, {sum(len(source.text) for source in sources):,} characters")
        print("| what | median ms | at most ms | all s |\n|---|---|---|---|")
        for name, work in in_process.items():
            measured(work, sources[:1])  # what is loaded once counts for none
            times = measured(work, sources)
            median, most = statistics.median(times), max(times)
            print(f"| {name} | {median:.2f} | {most:.2f} | {sum(times) / 1000:.2f} |")
        paths = [source.path for source in sources]
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run([*command, *paths], capture_output=True, check=False)
            print(f"the command {name} on all: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
