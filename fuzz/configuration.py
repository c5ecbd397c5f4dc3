"""What holds for every configuration: it is followed, or its mistakes are reported."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from fuzz import seeds
from fuzz.command import run_command
from fuzz.harness import Harness
from fuzz.mutation import COMMON, mutated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

_NAME = "multitool-lint.toml"
_TOKENS = (
    *(b"[[rules]]\n", b"[[ignore]]\n", b"[[policies]]\n", b"[severity]\n", b"[per-path-ignores]\n"),
    *(b'"**/*.json"', b'"ALL"', b'"full-admin-access"', b'"[" ', b'"../x"', b"'''", b"2026-01-01"),
    *(
        b"select = ",
        b"ignore = ",
        b"exclude = ",
        b"fail-on = ",
        b"path = ",
        b"type = ",
        b"reason = ",
    ),
    *(b"extra-actions = ", b"catalog = ", b"plugins = ", b"id = ", b"forbid = ", b"require = "),
)
_POLICY = (
    '{"Version": "2012-10-17", "Statement": '
    '{"Effect": "Allow", "Action": ["s3:*", "iam:PassRole"], "Resource": "*"}}'
)


def harnesses() -> Iterator[Harness]:
    """The one harness."""
    yield Harness("configuration", ".toml", _inputs, check)


def _inputs() -> SearchStrategy[bytes]:
    return mutated(seeds.configuration_seeds(), (*COMMON, *_TOKENS))


def check(data: bytes) -> None:
    """Lint a policy by a configuration, and ask what applies to it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / _NAME).write_bytes(data)
        (folder / "policy.json").write_text(_POLICY, encoding="utf-8")
        run_command(folder, "check", "--no-cache", "--verbose", "policy.json")
        run_command(folder, "config", "policy.json")
