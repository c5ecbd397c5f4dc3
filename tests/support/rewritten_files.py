"""Files of policies for the tests of rewriting commands."""

from pathlib import Path

import pytest

WIDE = '{"Statement": {"Effect": "Allow", "Action": "sqs:*Permission", "Resource": "*"}}'
EXPANDED = WIDE.replace('"sqs:*Permission"', '["sqs:AddPermission", "sqs:RemovePermission"]')
READING = WIDE.replace("sqs:*Permission", "sqs:List*")
DOUBLE = WIDE.replace('"sqs:*Permission"', '["s3:Get*", "s3:GetObject"]')
SINGLE = WIDE.replace('"sqs:*Permission"', '["s3:Get*"]')


def read(name: str) -> str:
    return Path(name).read_bytes().decode()


def make_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with a file of each of these policies the current one."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"wide": WIDE, "reading": READING, "double": DOUBLE}.items():
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    return tmp_path
