"""Damaged catalogs: a message with the path and what to do about it, and never a traceback."""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from multitool_lint.aws.catalog import tables
from multitool_lint.aws.catalog.tables import BUNDLED
from multitool_lint.cli import main
from multitool_lint.cli.options import catalog as catalogs

POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:Get*", "s3:GetObject", "sqs:SendMesage", "iam:PassRole", "*:*Tag*"],
      "Resource": ["arn:aws:s3:::b/*", "arn:aws:sqs:eu-wst-1:123456789012:q", "*"],
      "Condition": {"StringEquals": {"aws:SourceRegion": "x", "s3:prefx": "y"}}
    },
    {"Effect": "Allow", "Action": "lambda:*", "Principal": {"Service": "lamda.amazonaws.com"}}
  ]
}
"""
TEMPLATE = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement: {Effect: Allow, Action: "kms:*", Resource: "*", Principal: "*"}
"""
TERRAFORM = 'resource "aws_iam_policy" "p" {\n  policy = jsonencode({Statement = []})\n}\n'
TABLES = sorted(path.name for path in Path(BUNDLED).glob("*.tsv"))
FILES = [*TABLES, *(f"services/{start}.tsv" for start in ("s3", "sq", "ia", "la", "km"))]
COMMANDS = [
    ["check", ".", "--select=ALL", "--jobs=1"],
    ["check", "policy.json", "--resource-type=AWS::S3::Bucket", "--format=html"],
    ["fix", "policy.json", "--diff", "--unsafe-fixes"],
    ["expand", "policy.json", "--diff"],
    ["shrink", "policy.json", "--diff"],
    ["tighten", "policy.json", "--access-level=read", "--by-resource", "--drop-wildcards"],
    ["diff", "policy.json", "other.json"],
    ["query", "s3:Get*"],
    ["query", "--condition-key=s3:prefix"],
    ["query", "--arn=arn:aws:s3:::b/*"],
    ["query", "--operation=ListBuckets"],
    ["catalog"],
    ["explain", "unknown-action"],
    ["rules"],
    ["config", "policy.json"],
    ["--version"],
]
Damage = Callable[[bytes, random.Random], bytes]


def cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def cut_at_a_line(data: bytes, dice: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(lines[: dice.randrange(len(lines))])


def flip(data: bytes, dice: random.Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(dice.choice((1, 5, 100))):
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
    return bytes(damaged)


def more_or_fewer_fields(data: bytes, dice: random.Random) -> bytes:
    old, new = dice.choice(((b"\t", b" "), (b" ", b"\t"), (b"\t", b"\t\t"), (b"\n", b"\n\n\t\n")))
    return data.replace(old, new)


def other_bytes(data: bytes, dice: random.Random) -> bytes:
    return dice.randbytes(len(data) // 10) + b"\n"


DAMAGES: list[Damage] = [cut, cut_at_a_line, flip, more_or_fewer_fields, other_bytes]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name, text in {
        "policy.json": POLICY,
        "other.json": POLICY.replace("lambda:*", "lambda:Get*"),
        "template.yaml": TEMPLATE,
        "main.tf": TERRAFORM,
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def forget() -> None:
    """Forget all that was read: what is cached, and what is made of it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("multitool_lint"):
            for value in list(vars(module).values()):
                if not isinstance(value, type):
                    getattr(value, "cache_clear", lambda: None)()


def run(command: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    try:
        code = main(command)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, "".join(capsys.readouterr())


def damage_in_the_package(
    file: str, damage: Damage, dice: random.Random, patch: pytest.MonkeyPatch
) -> None:
    """Have a file of the package read with damage; the package itself stays as it is."""
    read = tables.read_bytes
    damaged = damage(Path(BUNDLED, file).read_bytes(), dice)
    path = f"{BUNDLED}/{file}"
    patch.setattr(tables, "read_bytes", lambda asked: damaged if asked == path else read(asked))


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize(
    "file",
    [
        pytest.param(file, marks=[pytest.mark.slow] * (number % 6 > 0))
        for number, file in enumerate(FILES)
    ],
)
def test_damage_in_the_package(
    file: str, seed: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(f"{file} {seed}")  # noqa: S311 - no secrets
    try:
        with monkeypatch.context() as patch:
            damage_in_the_package(file, dice.choice(DAMAGES), dice, patch)
            for command in (COMMANDS[0], *dice.sample(COMMANDS[1:], 2)):
                forget()
                code, printed = run(command, capsys)
                assert "Traceback" not in printed
                assert "internal error" not in printed
                assert "failed on this policy" not in printed
                if f"{BUNDLED}/" in printed:
                    assert code == 2
                    # Where the index and another file disagree, either may be named.
                    assert f"{BUNDLED}/{file}: " in printed or file == "index.tsv"
                    assert "; install multitool-lint again" in printed
    finally:
        forget()


@pytest.mark.parametrize("file", ["sources.tsv", "index.tsv", "names.tsv", "services/s3.tsv"])
@pytest.mark.parametrize("kind", ["gone", "folder", "pipe", "cut", "newer"])
def test_damage_in_a_catalog_of_the_user(
    file: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = Path("copy").absolute()
    shutil.copytree(BUNDLED, copy)
    path = copy / file
    data = path.read_bytes()
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        import os

        os.mkfifo(path)
    elif kind == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif kind == "newer":
        path.write_bytes(b'{"version": 2}\n')
    for command in (
        ["check", "policy.json"],
        ["fix", "policy.json", "--diff"],
        ["query", "s3:Get*", "*:*Tag*"],
        ["expand", "policy.json", "--diff"],
    ):
        code, printed = run([*command, f"--catalog={copy}"], capsys)
        assert code == 2
        assert f"{copy}" in printed
        assert "; run `multitool-lint catalog update`, or use `--catalog bundled`\n" in printed
        assert "Traceback" not in printed
        assert "internal" not in printed
    assert run(["check", "policy.json", "--catalog=bundled"], capsys)[0] == 1


def test_a_damaged_update_does_not_pass(capsys: pytest.CaptureFixture[str]) -> None:
    update = Path(str(catalogs.updates()), "2999-01-01T000000Z-00000000")
    shutil.copytree(BUNDLED, update)
    for path in (update / "sources.tsv", update / "services" / "s3.tsv"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("2026-", "2999-", 1), encoding="utf-8")
    path.write_text(text[:5000], encoding="utf-8")
    code, printed = run(["check", "policy.json"], capsys)
    assert code == 2
    assert f"error: policy.json: {path}: damaged, or of another version: cut off; run " in printed
