"""Commits are replayed as the hook sees them, and compared with what people say of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support.benchmark import benchmark
from support.git_repository import NARROW, WIDE, commit, git, new_repository

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_commits_with_new_access_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = benchmark("history")
    repository = new_repository(tmp_path, monkeypatch)
    found = []
    for text in (NARROW, WIDE, NARROW):
        commit(policy_json=text)
        found.append(git("rev-parse", "HEAD").strip())
    _, wider, narrower = found
    # The first commit has no parent to compare with.
    assert history.touching(repository, 9, None) == [narrower, wider]
    replayed = [history.replay(repository, name) for name in (wider, narrower)]
    assert [one.code for one in replayed] == [1, 0]
    assert "adds access" in replayed[0].said
    labels = tmp_path / "labels.jsonl"
    lines = [{"commit": wider, "new_access": False}, {"commit": narrower, "new_access": True}]
    labels.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    known = dict(history.read_labels(labels))
    assert list(history.contradictions(replayed, known)) == [
        f"false stop: {wider}",
        f"missed: {narrower}",
    ]
    assert next(history.figures(replayed)) == "2 commits, 1 stop"
