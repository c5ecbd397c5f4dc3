"""Folders that take long to fill: one worker of pytest-xdist does it for all."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def made_once(factory: pytest.TempPathFactory, name: str, fill: Callable[[Path], object]) -> Path:
    """A folder of this name, which exactly one worker of the run has filled."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = factory.mktemp(name)
        fill(folder)
        return folder
    folder = factory.getbasetemp().parent / name
    outcome = folder.with_name(f"{name}.outcome")
    try:
        folder.mkdir()
    except FileExistsError:
        while not outcome.exists():
            time.sleep(0.1)
    else:
        failed = True
        try:
            fill(folder)
            failed = False
        finally:
            outcome.with_suffix(".new").write_text("failed" if failed else "", encoding="utf-8")
            outcome.with_suffix(".new").rename(outcome)
    assert not outcome.read_text(encoding="utf-8"), "another worker has failed to fill it"
    return folder
