"""Random policies break no promise: some of them; benchmarks/promises.py tries thousands."""

from types import ModuleType

import pytest
from support.benchmark import benchmark


@pytest.fixture(scope="module")
def promises() -> ModuleType:
    return benchmark("promises")


@pytest.mark.exhaustive
def test_new_access_is_not_missed_and_safe_fixes_keep_access(promises: ModuleType) -> None:
    result = promises.check(range(100_000, 100_100))
    assert result.broken == []
    assert result.counts["with new access"] > 20
    assert result.counts["without new access by diff"] > 33
    assert result.counts["fixed"] > 66


@pytest.mark.exhaustive
def test_seeds_that_once_broke_a_promise(promises: ModuleType) -> None:
    assert promises.check(promises.kept_seeds()).broken == []
