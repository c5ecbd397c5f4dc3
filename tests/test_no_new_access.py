"""The gate for new access passes what AWS's CheckNoNewAccess passes, and fails what it fails."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
ANSWERS = ROOT.parent / "shared" / "access-analyzer" / "no-new-access.jsonl.gz"


@pytest.fixture(scope="module")
def no_new_access() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "no_new_access", ROOT / "benchmarks" / "no_new_access.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_gate_agrees_with_every_answer_of_aws(no_new_access: ModuleType) -> None:
    if not ANSWERS.exists():
        pytest.skip("AWS's answers are not here")
    entries = list(no_new_access.read(ANSWERS))
    answers = [(entry["id"], entry["aws"], no_new_access.answer(entry)) for entry in entries]
    assert [(name, ours) for name, theirs, ours in answers if ours != theirs] == []
