"""Files for the tests of the command, and the command in a process of its own."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "multitool_lint"]
STATEMENT = (
    '{"Sid": "A", "Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}'
)
POLICY = f'{{"Version": "2012-10-17", "Statement": [{STATEMENT}]}}\n'
CLEAN = POLICY.replace('"s3:Get*", ', "")
REPEATED = CLEAN.replace('"s3:GetObject"', '"s3:GetObject", "s3:getobject"')
ONE = "--select=redundant-action"
"""The rule that the policy above breaks, so that what other rules say does not matter here."""


def make_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with a file of each kind the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "bad.json").write_text(POLICY, encoding="utf-8")
    (tmp_path / "good.json").write_text(CLEAN, encoding="utf-8")
    (tmp_path / "broken.json").write_text(POLICY.replace("]", ""), encoding="utf-8")
    return tmp_path
