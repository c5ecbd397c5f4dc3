"""What git has of a file: the versions that are compared, the files that are tracked."""

import sys
from pathlib import Path

import pytest
from support.git_repository import (
    GATE,
    LINT,
    NARROW,
    Output,
    commit,
    git,
    linted,
    needs_posix,
    policy,
    write,
)

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("repository")


def test_what_is_neither_in_head_nor_staged_is_not_compared(capsys: Output) -> None:
    commit(policy_json=NARROW)
    write("new.json")
    assert main([*GATE, "new.json", "policy.json"]) == 2
    out, err = capsys.readouterr()
    assert "error: new.json: no such file in HEAD, and none staged" in err
    assert "policy.json" not in out  # nothing is staged
    git("rm", "--quiet", "policy.json")
    assert main([*GATE, "policy.json"]) == 0
    assert "note: :policy.json: no such file staged" in capsys.readouterr().err


def test_a_file_in_conflict_is_not_compared(capsys: Output) -> None:
    commit(policy_json=NARROW)
    git("switch", "--quiet", "--create=other")
    commit(policy_json=policy("s3:PutObject"))
    git("switch", "--quiet", "main")
    commit(policy_json=policy("s3:*"))
    git("merge", "other", code=1)
    assert main([*GATE, "policy.json"]) == 2
    assert "error: :policy.json: in conflict: the merge is not finished" in capsys.readouterr().err


@needs_posix
def test_a_file_that_is_named_as_a_version_is_not_taken_for_it(capsys: Output) -> None:
    commit(policy_json=NARROW)
    write("HEAD:policy.json")
    write("policy.json")
    gate = ["diff", "--fail-on-new-access"]
    assert main([*gate, "HEAD:policy.json", "policy.json"]) == 2
    assert 'use "./HEAD:policy.json" for the file' in capsys.readouterr().err
    assert main([*gate, "./HEAD:policy.json", "policy.json"]) == 0
    Path("HEAD:policy.json").unlink()
    assert main([*gate, "HEAD:policy.json", "policy.json"]) == 1


@needs_posix
@pytest.mark.parametrize("further", [False, True])
@pytest.mark.slow
def test_a_hook_sees_the_index_of_its_commit(
    further: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commit(policy_json=NARROW, other_json=NARROW)
    hook = Path(".git/hooks/pre-commit")
    write(hook, f'#!/bin/sh\nexec "{sys.executable}" -m multitool_lint {" ".join(GATE)} *.json\n')
    hook.chmod(0o755)
    if further:
        git("worktree", "add", "--quiet", str(tmp_path / "tree"))
        monkeypatch.chdir(tmp_path / "tree")
    write("policy.json")
    git("commit", "--quiet", "--message=x", "other.json", "--allow-empty")
    git("commit", "--all", "--message=x", code=1)
    git("commit", "--message=x", "policy.json", code=1)
    git("restore", "policy.json")
    write("other.json", policy("s3:GetObject", "s3:GetObject"))
    git("commit", "--all", "--quiet", "--message=x")


def test_values_that_other_files_refer_to(capsys: Output) -> None:
    """Hooks are given the files of a commit only."""
    statement = '[{Effect = "Allow", Action = local.actions, Resource = "*"}]'
    encoded = f'jsonencode({{Version = "2012-10-17", Statement = {statement}}})'
    commit(
        main_tf=f'resource "aws_iam_policy" "a" {{\n  policy = {encoded}\n}}\n',
        other_tf='resource "aws_iam_policy" "b" {\n  policy = var.policy\n}\n',
        locals_tf="locals {\n  actions = local.some\n  unused = 1\n}\n",
        some_tf='locals {\n  some = var.some\n}\nvariable "some" {\n  default = ["s3:*"]\n}\n',
    )
    write("locals.tf", "locals {\n  actions = local.some\n  unused = 2\n}\n")
    git("add", ".")
    assert main([*GATE, "locals.tf"]) == 0
    write("some.tf", Path("some.tf").read_text(encoding="utf-8").replace("s3:", ""))
    git("add", ".")
    assert main([*GATE, "some.tf"]) == 1
    out = capsys.readouterr().out
    assert "HEAD:. -> :." in out
    assert "other.tf" not in out


class TestTrackedFiles:
    @pytest.fixture(autouse=True)
    def files(self, repository: Path) -> None:
        assert repository == Path.cwd()
        for path in ("a.json", "out/a.json", "out/in/b.json", "out/in/c.json", "plain/a.json"):
            write(path)
        write(".gitignore", "a.json\nout/\n")

    TRACKED = ("a.json", "out/in/b.json", "plain/a.json")

    def versions(self, name: str) -> None:
        git("add", "--force", *self.TRACKED)
        match name:
            case "version 3":
                git("update-index", "--skip-worktree", "a.json")
            case "version 4":
                git("update-index", "--index-version=4")
            case "split":
                git("update-index", "--split-index")
                git("rm", "--cached", "--quiet", "--force", "a.json")
                git("add", "--force", "a.json")
            case "untracked cache":
                git("update-index", "--untracked-cache")

    @pytest.mark.parametrize(
        "version", ["version 2", "version 3", "version 4", "split", "untracked cache"]
    )
    def test_are_linted_whatever_is_ignored(self, version: str, capsys: Output) -> None:
        self.versions(version)
        assert linted(capsys, ".") == list(self.TRACKED)
        listed = git("ls-files", "--others", "--cached", "--exclude-standard").split()
        assert linted(capsys, ".") == sorted(path for path in listed if path.endswith(".json"))

    def test_with_long_ids(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
    ) -> None:
        monkeypatch.chdir(tmp_path)
        git("init", "--quiet", "--object-format=sha256", "long")
        monkeypatch.chdir("long")
        write("a.json")
        commit(_gitignore="*.json\n")
        assert linted(capsys, ".") == []
        git("add", "--force", "a.json")
        assert linted(capsys, ".") == ["a.json"]
        git("commit", "--quiet", "--message=x")
        assert linted(capsys, ".", "--changed-since=HEAD") == []
        assert linted(capsys, ".", "--changed-since=HEAD~1") == ["a.json"]

    def test_without_git_and_in_a_further_working_tree(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
    ) -> None:
        self.versions("version 2")
        git("commit", "--quiet", "--message=x")
        git("worktree", "add", "--quiet", str(tmp_path / "tree"))
        git("rm", "--quiet", "--cached", *self.TRACKED)
        monkeypatch.setenv("PATH", "")
        assert linted(capsys, ".") == []
        monkeypatch.chdir(tmp_path / "tree")
        write(".gitignore", "a.json\nout/\n")
        assert linted(capsys, ".") == list(self.TRACKED)

    @pytest.mark.parametrize("size", [0, 11, 40, 100, 200, -20, -1])
    def test_a_damaged_index_is_an_error(self, size: int, capsys: Output) -> None:
        self.versions("version 2")
        write("checked.json")
        index = Path(".git/index")
        index.write_bytes(index.read_bytes()[:size])
        assert main([*LINT, "."]) == 2
        out, err = capsys.readouterr()
        assert "repository: the git index cannot be read" in err
        assert "checked.json:1:" in out


SERVERLESS = """service: a
provider:
  name: aws
  iamRoleStatements:
    - ${file(parts/iam.yml)}
    - {Effect: Allow, Action: "s3:PutObject", Resource: "${file(parts/names.yml):arn}"}
"""


class TestFilesThatAreNamed:
    """Those that name a changed file are compared, and linted, though they have not changed."""

    @pytest.fixture(autouse=True)
    def files(self, repository: Path) -> None:
        assert repository == Path.cwd()
        write("service/parts/iam.yml", "Effect: Allow\nAction: s3:GetObject\nResource: '*'\n")
        write("service/parts/names.yml", "arn: arn:aws:s3:::b/*\n")
        write("service/parts/other.yml", "a: 1\n")
        write("service/serverless.yml", SERVERLESS)
        commit()

    def test_a_part_that_has_changed(self, capsys: Output) -> None:
        write("service/parts/iam.yml", "Effect: Allow\nAction: 's3:*'\nResource: '*'\n")
        git("add", ".")
        assert main([*GATE, "service/parts/iam.yml"]) == 1
        out = capsys.readouterr().out
        assert "service/serverless.yml (provider/iam/role)\n  adds access on *\n" in out
        assert "iam.yml" not in out
        write("service/parts/iam.yml", "Resource: '*'\nAction: s3:GetObject\nEffect: Allow\n")
        git("add", ".")
        assert main([*GATE, "service/parts/iam.yml"]) == 0

    @pytest.mark.parametrize("color", ["always", "never"])
    def test_a_value_that_has_changed(self, color: str, capsys: Output) -> None:
        git("config", "color.ui", color)
        write("service/parts/names.yml", "arn: '*'\n")
        git("add", ".")
        assert main([*GATE, "service/parts/names.yml"]) == 1
        assert "(provider/iam/role)\n  adds access on *" in capsys.readouterr().out

    def test_a_part_that_is_gone(self, capsys: Output) -> None:
        git("rm", "--quiet", "service/parts/iam.yml")
        assert main([*GATE, "service/parts/iam.yml"]) == 1
        assert "could not be compared" in capsys.readouterr().out

    def test_a_file_that_nothing_names(self, capsys: Output) -> None:
        write("service/parts/other.yml", "a: 2\n")
        git("add", ".")
        assert main([*GATE, "service/parts/other.yml"]) == 0
        assert "serverless" not in capsys.readouterr().out

    def test_a_file_of_another_repository_is_not_read(self, capsys: Output) -> None:
        write("service/serverless.yml", SERVERLESS.replace("parts/iam.yml", "../../iam.yml"))
        write("../iam.yml", "Effect: Allow\nAction: s3:GetObject\nResource: '*'\n")
        git("add", ".")
        assert main([*GATE, "service/serverless.yml"]) == 1
        assert "could not be compared" in capsys.readouterr().out

    @pytest.mark.parametrize("name", ["iam", "names", "other"])
    def test_they_are_checked_after_a_change(self, name: str, capsys: Output) -> None:
        write(f"service/parts/{name}.yml", "a: 3\n")
        assert main(["check", ".", "--show-files", "--changed-since=HEAD"]) == 0
        assert ("serverless.yml" in capsys.readouterr().out) == (name != "other")
