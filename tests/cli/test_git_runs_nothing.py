"""A checkout cannot make git run programs."""

import os
from pathlib import Path

import pytest
from support.git_repository import (
    GATE,
    LINT,
    NARROW,
    WIDE,
    Output,
    commit,
    git,
    needs_posix,
    policy,
    write,
)

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("repository")


class Planted:
    """Programs that leave a file when they are run."""

    def __init__(self, marks: Path) -> None:
        marks.mkdir()
        self._marks = marks

    def command(self, name: str, then: str = "") -> str:
        return f'"touch {self._marks}/{name}; {then}"'

    def settings(self) -> str:
        return f"""[core]
  repositoryformatversion = 1
  bare = false
  sshCommand = {self.command("ssh")}
  gitProxy = {self.command("proxy")}
  fsmonitor = {self.command("fsmonitor")}
  pager = {self.command("pager")}
  hooksPath = {self._marks}/../hooks
  alternateRefsCommand = {self.command("refs")}
[pager]
  ls-tree = {self.command("pager")}
[alias]
  ls-files = {self.command("alias")}
[extensions]
  partialClone = origin
[remote "origin"]
  url = ssh://h/x
  promisor = true
[protocol]
  allow = always
[protocol "ssh"]
  allow = always
[diff]
  external = {self.command("external")}
[diff "p"]
  command = {self.command("command")}
  textconv = {self.command("textconv", "cat")}
[filter "p"]
  clean = {self.command("clean", "cat")}
  smudge = {self.command("smudge", "cat")}
  process = {self.command("process", "cat")}
"""

    def write_hooks(self) -> None:
        for name in ("post-index-change", "pre-auto-gc", "reference-transaction"):
            hook = self._marks.parent / "hooks" / name
            write(hook, f"#!/bin/sh\ntouch {self._marks}/hook\n")
            hook.chmod(0o755)

    def run(self) -> set[str]:
        """Those that were run since this was last asked."""
        found = {path.name for path in self._marks.iterdir()}
        for name in found:
            (self._marks / name).unlink()
        return found


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    programs = Planted(tmp_path / "marks")
    programs.write_hooks()
    return programs


def plant_bare_repository(folder: str, planted: Planted) -> None:
    """A folder that git takes for a bare repository: all of it can be committed."""
    write(f"{folder}/policy.json")
    write(f"{folder}/HEAD", "ref: refs/heads/main\n")
    write(f"{folder}/refs/heads/main", f"{'1' * 40}\n")
    write(f"{folder}/objects/info/packs", "")
    write(f"{folder}/config", planted.settings() + "[core]\n  worktree = .\n")
    write(f"{folder}/.gitattributes", "*.json filter=p diff=p\n")


COMMANDS = [
    [*GATE, "{}policy.json"],
    ["diff", "--fail-on-new-access", "HEAD:{}policy.json", "{}policy.json"],
    ["diff", "--fail-on-new-access", ":{}policy.json", "{}policy.json"],
    ["diff", "--base=HEAD", "{}."],
    ["diff", "--base=HEAD", "{}policy.json"],
    ["diff", "HEAD..HEAD", "{}policy.json"],
    [*LINT, "--changed-since=HEAD", "{}."],
    [*LINT, "--changed-since=HEAD", "{}policy.json"],
    [*LINT, "{}."],
    [*LINT, "--discovered", "{}policy.json"],
    [*LINT, "--write-baseline=baseline.json", "{}."],
    ["fix", "--diff", "{}."],
    ["tighten", "--access-level=read", "--diff", "{}policy.json"],
]


@needs_posix
@pytest.mark.parametrize("arguments", COMMANDS)
@pytest.mark.parametrize("inside", [False, True])
def test_a_bare_repository_in_a_commit_runs_nothing(
    arguments: list[str],
    inside: bool,  # noqa: FBT001
    planted: Planted,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Output,
) -> None:
    plant_bare_repository("evil", planted)
    commit()
    git("-C", "evil", "cat-file", "blob", "HEAD:./policy.json", code=128)
    assert "ssh" in planted.run()
    write("evil/policy.json", WIDE.replace(":", ": "))
    if inside:
        monkeypatch.chdir("evil")
    prefix = "./" if inside else "evil/"
    code = main([argument.replace("{}", prefix) for argument in arguments])
    assert planted.run() == set()
    assert "error" not in capsys.readouterr().err
    assert code in {0, 1}


@needs_posix
@pytest.mark.parametrize("arguments", COMMANDS)
def test_settings_of_a_repository_run_nothing(
    arguments: list[str], planted: Planted, capsys: Output
) -> None:
    commit(policy_json=NARROW, _gitattributes="*.json filter=p diff=p\n", other_json=NARROW)
    write(".git/config", planted.settings())
    write("policy.json", WIDE)
    os.utime("other.json", (1, 1))
    git("diff", code=128)
    assert {"process", "fsmonitor", "command"} <= planted.run()
    main([argument.replace("{}", "") for argument in arguments])
    assert planted.run() == set()
    assert "error" not in capsys.readouterr().err


@needs_posix
@pytest.mark.parametrize("missing", ["HEAD^{tree}", "HEAD:policy.json"])
def test_missing_objects_are_not_fetched(missing: str, planted: Planted, capsys: Output) -> None:
    commit(policy_json=NARROW)
    write("policy.json", policy("s3:PutObject"))
    git("add", "policy.json")
    write(".git/config", planted.settings())
    found = git("rev-parse", missing).strip()
    Path(".git/objects", found[:2], found[2:]).unlink()
    planted.run()
    assert main(["diff", "HEAD:policy.json", "policy.json"]) == 2
    assert "error: HEAD:policy.json: " in capsys.readouterr().err
    assert main([*GATE, "policy.json"]) == 2
    assert main(["diff", "--base=HEAD"]) == 2
    assert planted.run() == set()


@needs_posix
@pytest.mark.parametrize("path", ["", "."])
def test_no_git_of_the_current_folder_is_run(
    path: str, planted: Planted, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    commit(policy_json=NARROW)
    write("git", f"#!/bin/sh\n{planted.command('git').strip(chr(34))}\n")
    Path("git").chmod(0o755)
    monkeypatch.setenv("PATH", path)
    assert main([*GATE, "policy.json"]) == 2
    assert "error: git is not installed" in capsys.readouterr().err
    assert planted.run() == set()
