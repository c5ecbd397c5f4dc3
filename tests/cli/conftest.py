"""The folders that the tests of the command run in; a module names the one that it uses."""

from pathlib import Path

import pytest
from support.cached_runs import Runs
from support.cli_folder import make_folder
from support.git_repository import new_repository
from support.rewritten_files import make_files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a file that has a finding, one that has none, and a broken one."""
    return make_folder(tmp_path, monkeypatch)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, which is the current folder, without the git settings of the user."""
    return new_repository(tmp_path, monkeypatch)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """Runs over a folder of policies, with a cache."""
    return Runs(tmp_path)


@pytest.fixture
def rewritable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with files that the commands for rewriting change."""
    return make_files(tmp_path, monkeypatch)
