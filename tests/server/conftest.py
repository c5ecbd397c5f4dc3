from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.editor import Editor

POLICY = """\
{"Version": "2012-10-17", "Statement": [
  {"Sid": "Read", "Effect": "Allow", "Action": ["s3:Get*", "iam:PassRole", "ecs:RunTask"],
   "Resource": ["arn:aws:s3:::logs/*"],
   "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:CalledVia": "x"}}}
]}
"""
CONFIGURATION = """
[[ignore]]
rule = "old-version"
reason = "kept for old tools"
"""


@pytest.fixture(scope="package")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    from support.editor import Editor  # what needs it skips without pygls

    folder = tmp_path_factory.mktemp("workspace")
    (folder / "multitool-lint.toml").write_text(CONFIGURATION, encoding="utf-8")
    (folder / "committed.json").write_text(POLICY, encoding="utf-8")
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in ("init -q", "add .", "commit -qm all"):
        subprocess.run([*git, *command.split()], cwd=folder, check=True)
    with Editor(folder, options={"delay": 0}) as editor:
        yield editor
