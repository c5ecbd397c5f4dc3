"""The built playground: tests skip where nobody says that it is built, which takes node and npm."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

ROOT = Path(__file__).parent.parent.parent
BUILT = ROOT / "build" / "playground"
PYTHON = ROOT / "playground" / "python"

needs_playground = pytest.mark.skipif(
    not os.environ.get("PLAYGROUND"),
    reason="PLAYGROUND is not set: 1 if scripts/playground.py has been run",
)

Question = tuple[Any, ...]


def module(path: str) -> ModuleType:
    """A module of the playground, in the Python of the tests."""
    spec = importlib.util.spec_from_file_location(path.replace("/", "_"), PYTHON / f"{path}.py")
    assert spec
    assert spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def in_browser(questions: Sequence[Question], folder: Path) -> list[Any]:
    """The answers of the built playground, in node."""
    path = folder / "questions.json"
    path.write_text(json.dumps(questions), "utf-8")
    done = subprocess.run(
        ["node", ROOT / "playground" / "answers.mjs", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answers: list[Any] = json.loads(done.stdout)
    return answers
