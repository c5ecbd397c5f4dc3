"""Runs of the command over a folder of policies, with a cache."""

import json
import os
import subprocess
import sys
from pathlib import Path

from multitool_lint.cli.run import cache

ROOT = Path(__file__).parents[2]
COUNT = 12


# What a process of a run does when it starts: every file that is linted is noted.
NOTING = """
import os
import multitool_lint.linter.lint
from pathlib import Path
lint = multitool_lint.linter.lint.lint_with_settings

def noting(source, settings):
    with open(os.environ["LINTED"], "a") as file:
        file.write(Path(source.path).name + "\\n")
    {then}
    return lint(source, settings)

multitool_lint.linter.lint.lint_with_settings = noting
"""


def policy(number: int, action: str = "s3:Get*") -> str:
    statement = {"Effect": "Allow", "Action": [action, "s3:GetObject", "é:x"], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [{"Sid": f"S{number}", **statement}]}
    return json.dumps(document, indent=2, ensure_ascii=False)


class Runs:
    """Runs over a folder of policies, with a cache; `linted` are the files that were linted."""

    def __init__(self, folder: Path) -> None:
        self.files = folder / "files"
        self.cache = folder / "cache"
        self.path = folder / "path"
        self._linted = folder / "linted"
        self.linted: list[str] = []
        self.err = ""
        self.root = ROOT
        for path in (self.files, self.path):
            path.mkdir()
        self.then("pass")
        for number in range(COUNT):
            (self.files / f"{number:02}.json").write_text(policy(number), encoding="utf-8")

    def then(self, statement: str) -> None:
        """Have every process do something before it lints."""
        text = NOTING.format(then=statement)
        (self.path / "sitecustomize.py").write_text(text, encoding="utf-8")

    def start(self, *arguments: str, prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*prefix, sys.executable, "-m", "multitool_lint", *arguments],
            cwd=self.files,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={
                **os.environ,
                "PYTHONPATH": f"{self.path}{os.pathsep}{self.root}",
                "PYTHONUTF8": "1",
                "NO_COLOR": "1",
                "LINTED": str(self._linted),
                cache.VARIABLE: str(self.cache),
            },
        )

    def run(self, *arguments: str, prefix: tuple[str, ...] = ()) -> str:
        """The output of a run."""
        self._linted.write_text("", encoding="utf-8")
        out, self.err = self.start(*(arguments or (".",)), prefix=prefix).communicate()
        self.linted = sorted(self._linted.read_text(encoding="utf-8").split())
        return out

    @property
    def database(self) -> Path:
        return self.cache / cache.FILE
