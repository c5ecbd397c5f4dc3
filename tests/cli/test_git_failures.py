"""A git that fails is never taken for an answer."""

import os
from pathlib import Path

import pytest
from support.git_repository import (
    GATE,
    LINT,
    NARROW,
    Output,
    commit,
    git,
    needs_posix,
    write,
)

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("repository")


class Damage:
    """Ways to make git fail; each returns what the message has of the reason."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._monkeypatch = monkeypatch

    def ownership(self) -> str:
        self._monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        return "dubious ownership"

    def other_repository(self) -> str:
        self._monkeypatch.setenv("GIT_DIR", str(self._folder.parent / "nowhere"))
        return "GIT_DIR is "

    def no_repository(self) -> str:
        Path(".git").rename("git")
        return "not in a git repository"

    def empty_repository(self) -> str:
        """The repository above is not taken for it."""
        git("init", "--quiet", "..")
        Path(".git").rename("git")
        Path(".git").mkdir()
        return "not a git repository"

    def settings(self) -> str:
        write(".git/config", "[core\n")
        return "bad config"

    def settings_of_user(self) -> str:
        write(self._folder.parent / "gitconfig", "[core\n")
        return "bad config"

    def other_working_tree(self) -> str:
        git("config", "core.worktree", str(self._folder.parent))
        return "the working tree of the repository in "

    def head(self) -> str:
        write(".git/HEAD", "nothing\n")
        return "not a git repository"

    def no_program(self) -> str:
        self._monkeypatch.setenv("PATH", str(self._folder))
        return "git is not installed"


@pytest.mark.parametrize("damage", [name for name in vars(Damage) if not name.startswith("_")])
def test_a_git_that_fails_does_not_answer(
    damage: str, repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    commit(policy_json=NARROW)
    write("policy.json")
    git("add", ".")
    reason = getattr(Damage(repository, monkeypatch), damage)()
    for arguments in (
        [*GATE, "policy.json"],
        [*GATE, "--allow-new-files", "policy.json"],
        ["diff", "HEAD:policy.json", "policy.json"],
        ["diff", "policy.json", ":policy.json"],
    ):
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert not out
        assert reason in err
        assert "policy.json: " in err or "--staged" in arguments
    assert main([*LINT, "--changed-since=HEAD", "."]) == 2
    assert "error: --changed-since: " in capsys.readouterr().err


@needs_posix
def test_git_is_not_waited_for_forever(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    commit(policy_json=NARROW)
    os.mkfifo("pipe")
    git("config", "include.path", str(Path("pipe").absolute()))
    monkeypatch.setattr("multitool_lint.cli.files.git_process.MAX_GIT_SECONDS", 1)
    assert main([*GATE, "policy.json"]) == 2
    assert "git has no answer after 1 seconds" in capsys.readouterr().err


def test_an_owner_of_its_own(repository: Path, capsys: Output) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    commit(policy_json=NARROW)
    for path in (repository, repository / ".git"):
        os.chown(path, 12345, 12345)
    assert main([*GATE, "policy.json"]) == 2
    assert "dubious ownership" in capsys.readouterr().err
    git("config", "--global", "safe.directory", str(repository))
    assert main([*GATE, "policy.json"]) == 0


@pytest.mark.parametrize("branch", ["garbage\n", f"{'1' * 40}\n"])
def test_a_damaged_branch_is_not_one_without_commits(branch: str, capsys: Output) -> None:
    commit(policy_json=NARROW)
    write(".git/refs/heads/main", branch)
    assert main([*GATE, "--allow-new-files", "policy.json"]) == 2
    assert "there is no commit yet" not in capsys.readouterr().err


def test_a_damaged_index(capsys: Output) -> None:
    commit(policy_json=NARROW)
    write(".git/index", "DIRC")
    assert main([*GATE, "policy.json"]) == 2
    assert "error: git in " in capsys.readouterr().err


def test_another_index_must_be_there(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    commit(policy_json=NARROW)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/other")
    assert main([*GATE, "policy.json"]) == 2
    assert 'GIT_INDEX_FILE is ".git/other", which is not a file' in capsys.readouterr().err
    git("read-tree", "HEAD")
    write("policy.json")
    git("add", "policy.json")
    assert main([*GATE, "policy.json"]) == 1
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert main([*GATE, "policy.json"]) == 0
