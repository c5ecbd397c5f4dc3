"""Random policies break no promise: some of them; benchmarks/promises.py tries thousands."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROMISES = Path(__file__).parents[1] / "benchmarks" / "promises.py"


@pytest.fixture(scope="module")
def promises() -> ModuleType:
    spec = importlib.util.spec_from_file_location("promises", PROMISES)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look for their module
    spec.loader.exec_module(module)
    return module


def test_new_access_is_not_missed_and_safe_fixes_keep_access(promises: ModuleType) -> None:
    result = promises.check(range(100_000, 100_100))
    assert result.broken == []
    assert result.counts["with new access"] > 20
    assert result.counts["without new access by diff"] > 33
    assert result.counts["fixed"] > 66


def test_seeds_that_once_broke_a_promise(promises: ModuleType) -> None:
    assert promises.check(promises.kept_seeds()).broken == []
