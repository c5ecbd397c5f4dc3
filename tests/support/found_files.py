"""What a run finds of the files in a folder."""

import os
import re
from pathlib import Path

import pytest

from multitool_lint.cli import main

ROOT = Path(__file__).parents[2]
POLICY = (
    '{"Version": "2012-10-17", "Statement": '
    '[{"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}]}\n'
)
OPTIONS = ["--select=redundant-action", "--color=never"]

SUMMARY = re.compile(
    r"^(Nothing was checked\.|(No findings|\d+ \w+).* of \d+ files?)[^|]*\Z", re.MULTILINE
)

needs_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


class Run:
    """What a run of the command came to: `linted` are the paths that had findings, in order."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.code = main([*arguments, *OPTIONS])
        captured = capsys.readouterr()
        lines = captured.out.splitlines()
        found = (re.match(r" *--> (.+?):\d+:\d+", line) for line in lines)
        self.linted = [match[1].replace(os.sep, "/") for match in found if match]
        summary = SUMMARY.search(captured.out)
        self.summary = summary[0].rstrip() if summary else ""
        self.errors = captured.err.splitlines()
