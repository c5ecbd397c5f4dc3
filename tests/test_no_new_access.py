"""The gate for new access passes what AWS's CheckNoNewAccess passes, and fails what it fails."""

from pathlib import Path
from types import ModuleType

import pytest
from support.benchmark import benchmark

ROOT = Path(__file__).parents[1]
ANSWERS = ROOT.parent / "shared" / "access-analyzer" / "no-new-access.jsonl.gz"


@pytest.fixture(scope="module")
def no_new_access() -> ModuleType:
    return benchmark("no_new_access")


@pytest.mark.exhaustive
def test_the_gate_agrees_with_every_answer_of_aws(no_new_access: ModuleType) -> None:
    if not ANSWERS.exists():
        pytest.skip("AWS's answers are not here")
    entries = list(no_new_access.read(ANSWERS))
    answers = [(entry["id"], entry["aws"], no_new_access.answer(entry)) for entry in entries]
    assert [(name, ours) for name, theirs, ours in answers if ours != theirs] == []
