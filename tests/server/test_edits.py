"""Whatever is typed, the server answers as for a text that is opened anew."""

from __future__ import annotations

import gc
from itertools import islice
from pathlib import Path

import pytest

pytest.importorskip("pygls")

from support.random_edits import asked, edits, files, fresh

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.service import Service
from multitool_lint.server.analysis import forget
from multitool_lint.server.texts import OpenDocument

ROOT = Path(__file__).parents[2]
NAMES = (
    "fixtures/multitool.json",
    "fixtures/multitool.md",
    "docs/examples/terraform/main.tf",
    "docs/examples/cloudformation/template.yaml",
)
TEXTS = {Path(name).name: (ROOT / name).read_text("utf-8") for name in NAMES}


def edit(count: int, seed: int) -> None:
    workspace = files()
    for number, text in enumerate(islice(edits(TEXTS, seed), count)):
        analysis = asked(text, workspace, number)
        assert "not-checked" not in [found.code for found in analysis.diagnostics]
        if number % 10 == 0:
            assert fresh(text, workspace).diagnostics == analysis.diagnostics
        text.release()


@pytest.mark.slow
def test_a_server_keeps_nothing_of_a_service_for_long() -> None:
    before = services()  # of other tests
    text = OpenDocument("file:///a.json", TEXTS["multitool.json"], 1)
    assert fresh(text, files()).diagnostics
    assert len(services()) > len(before)
    forget(bundled())
    assert len(services()) == len(before)


def services() -> list[Service]:
    return [kept for kept in gc.get_objects() if isinstance(kept, Service)]


@pytest.mark.slow
def test_random_edits_are_survived() -> None:
    edit(20, 1)


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(4))
def test_many_random_edits_are_survived(seed: int) -> None:
    edit(500, seed)
