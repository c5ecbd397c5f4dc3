"""Packages of the dependency group `interop`, which a few tests compare with."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import pytest


def interop(module: str) -> Any:  # noqa: ANN401 - a module that may be absent has no type
    """Import a module of that group, or skip the test where it is not installed.

    With REQUIRE_INTEROP=1 in the environment, as in `.ci/run`, the test fails instead.
    """
    if os.environ.get("REQUIRE_INTEROP") == "1":
        return import_module(module)
    return pytest.importorskip(module, reason=f"{module} is in the dependency group interop")
