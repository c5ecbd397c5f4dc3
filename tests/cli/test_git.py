"""A checkout cannot make git run programs, and a git that fails is never taken for an answer."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from multitool_lint.cli import main

Output = pytest.CaptureFixture[str]

needs_posix = pytest.mark.skipif(os.name == "nt", reason="the planted programs are for a shell")
GATE = ["diff", "--staged", "--fail-on-new-access"]
LINT = ["check", "--select=redundant-action", "--color=never"]


def policy(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


NARROW = policy("s3:GetObject")
WIDE = policy("s3:*", "s3:GetObject")
"""New access, and a finding of `redundant-action`."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, without the git settings of whoever runs the tests."""
    for variable in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(variable)
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n name = a\n email = a@example.com\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("MULTITOOL_LINT_CACHE_DIR", str(tmp_path / "cache"))
    repository = tmp_path / "repository"
    repository.mkdir()
    monkeypatch.chdir(repository)
    git("init", "--quiet", "-b", "main")
    return repository


def git(*arguments: str, code: int = 0) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, check=False)
    assert done.returncode == code, done.stderr
    return os.fsdecode(done.stdout)


def write(path: str | Path, text: str = WIDE) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def commit(**files: str) -> None:
    for name, text in files.items():
        write(name.replace("_", "."), text)
    git("add", "--all")
    git("commit", "--quiet", "--message=x")


def linted(capsys: Output, *arguments: str) -> list[str]:
    """The files in which findings are reported."""
    assert main([*LINT, *arguments]) in {0, 1}
    out = capsys.readouterr().out
    return sorted(set(re.findall(r"^ *--> (.+?):\d", out, re.MULTILINE)))


class Planted:
    """Programs that leave a file behind when they are run."""

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
    prefix = "" if inside else "evil/"
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
    write(".git/config", planted.settings())
    found = git("rev-parse", missing).strip()
    Path(".git/objects", found[:2], found[2:]).unlink()
    planted.run()
    assert main(["diff", "HEAD:policy.json", "policy.json"]) == 2
    assert main([*GATE, "policy.json"]) == 2
    assert capsys.readouterr().err.count("error: HEAD:policy.json: ") == 2
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
    assert "error: HEAD:policy.json: git cannot be run: " in capsys.readouterr().err
    assert planted.run() == set()


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
        return "git cannot be run"


@pytest.mark.parametrize("damage", [name for name in vars(Damage) if not name.startswith("_")])
def test_a_git_that_fails_is_no_answer(
    damage: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    commit(policy_json=NARROW)
    write("policy.json")
    git("add", ".")
    reason = getattr(Damage(folder, monkeypatch), damage)()
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
        assert "policy.json: " in err
    assert main([*LINT, "--changed-since=HEAD", "."]) == 2
    assert "error: --changed-since: " in capsys.readouterr().err


@needs_posix
def test_git_is_not_waited_for_forever(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    commit(policy_json=NARROW)
    os.mkfifo("pipe")
    git("config", "include.path", str(Path("pipe").absolute()))
    monkeypatch.setattr("multitool_lint.cli.files.git.MAX_GIT_SECONDS", 1)
    assert main([*GATE, "policy.json"]) == 2
    assert "git has no answer after 1 seconds" in capsys.readouterr().err


def test_an_owner_of_its_own(folder: Path, capsys: Output) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    commit(policy_json=NARROW)
    for path in (folder, folder / ".git"):
        os.chown(path, 12345, 12345)
    assert main([*GATE, "policy.json"]) == 2
    assert "dubious ownership" in capsys.readouterr().err
    git("config", "--global", "safe.directory", str(folder))
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


def test_what_is_neither_in_head_nor_staged_is_not_compared(capsys: Output) -> None:
    commit(policy_json=NARROW)
    write("new.json")
    assert main([*GATE, "new.json", "policy.json"]) == 2
    out, err = capsys.readouterr()
    assert "error: new.json: no such file in HEAD, and none is staged" in err
    assert "HEAD:policy.json -> :policy.json\n  access unchanged" in out
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
    assert "HEAD:main.tf -> :main.tf" in out
    assert "other.tf" not in out


class TestTrackedFiles:
    @pytest.fixture(autouse=True)
    def files(self, folder: Path) -> None:
        assert folder == Path.cwd()
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


class TestChangedSince:
    @pytest.fixture(autouse=True)
    def submodule(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        git("init", "--quiet", "-b", "main", str(tmp_path / "library"))
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path / "library")
            commit(a_json=NARROW, b_json=WIDE)
        allow = ("-c", "protocol.file.allow=always")
        git(*allow, "submodule", "--quiet", "add", f"file://{tmp_path}/library", "sub")
        commit(own_json=WIDE)

    def test_a_submodule_of_another_commit(self, capsys: Output) -> None:
        assert linted(capsys, ".", "--changed-since=HEAD") == []
        write("sub/a.json")
        assert linted(capsys, ".", "--changed-since=HEAD") == ["sub/a.json"]
        git("-C", "sub", "commit", "--quiet", "--all", "--message=x")
        assert linted(capsys, ".", "--changed-since=HEAD") == ["sub/a.json"]
        commit()
        assert linted(capsys, ".", "--changed-since=HEAD~1") == ["sub/a.json"]
        assert linted(capsys, "sub/a.json", "--changed-since=HEAD~1") == ["sub/a.json"]
        assert linted(capsys, ".", "--changed-since=HEAD") == []

    def test_of_a_commit_that_was_not_fetched_everything_has_changed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
    ) -> None:
        allow = ("-c", "protocol.file.allow=always")
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path / "library")
            commit(a_json=WIDE)
            commit(c_json=NARROW)
        git(*allow, "-C", "sub", "pull", "--quiet")
        commit()
        options = ("--quiet", "--recurse-submodules", "--shallow-submodules")
        git(*allow, "clone", *options, f"file://{Path.cwd()}", str(tmp_path / "clone"))
        monkeypatch.chdir(tmp_path / "clone")
        assert linted(capsys, ".", "--changed-since=HEAD~1") == ["sub/a.json", "sub/b.json"]

    def test_a_submodule_that_is_not_checked_out_is_reported(self, capsys: Output) -> None:
        git("submodule", "--quiet", "deinit", "--force", "sub")
        assert linted(capsys, ".", "--changed-since=HEAD") == []
        bump = git("rev-parse", "HEAD").strip()
        git("update-index", "--cacheinfo", f"160000,{bump},sub")
        Path("docs").mkdir()
        for folder, reason in ((".", "1 file skipped: changed submodule"), ("docs", "nothing")):
            assert main([*LINT, folder, "--changed-since=HEAD"]) == 0
            out = capsys.readouterr().out
            assert reason in out
            assert ("submodule that is not checked out" in out) == (folder == ".")

    def test_another_repository_is_all_new(self, capsys: Output) -> None:
        git("init", "--quiet", "-b", "main", "inner")
        write("inner/a.json")
        assert linted(capsys, ".", "--changed-since=HEAD") == ["inner/a.json"]

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("locals.tf", 'locals {\n  a = ["s3:PutObject"]\n}\n'),
            ("locals.tf", None),
            ("new.tofu", ""),
            ("policy.json", policy("s3:PutObject")),
            ("policy.json", None),
            ("text.tftpl", "a"),
        ],
    )
    def test_terraform_files_are_read_together(
        self, name: str, text: str | None, capsys: Output
    ) -> None:
        document = """data "aws_iam_policy_document" "a" {
  statement {
    actions   = ["s3:*", "s3:GetObject"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "a" {
  policy = file("${path.module}/policy.json")
}
locals {
  b = templatefile("../m/text.tftpl", {})
}
"""
        write("m/main.tf", document)
        write("n/main.tf", document.replace("../m/", "./"))
        write("m/locals.tf", 'locals {\n  a = ["s3:GetObject"]\n}\n')
        for file in ("m/policy.json", "m/other.json", "m/text.tftpl", "n/policy.json"):
            write(file, NARROW)
        commit()
        write("m/other.json", f"{NARROW}\n")
        assert linted(capsys, ".", "--changed-since=HEAD") == []
        if text is None:
            Path("m", name).unlink()
        else:
            write(f"m/{name}", text)
        assert linted(capsys, ".", "--changed-since=HEAD") == ["m/main.tf"]

    def test_line_endings_of_a_checkout_are_no_change(self, capsys: Output) -> None:
        commit(a_json=WIDE.replace(", ", ",\n"))
        Path("a.json").write_bytes(Path("a.json").read_bytes().replace(b"\n", b"\r\n"))
        git("config", "core.autocrlf", "true")
        assert git("diff", "--name-only") == ""
        assert linted(capsys, ".", "--changed-since=HEAD") == []

    @needs_posix
    def test_a_link_changes_with_what_it_leads_to(self, capsys: Output) -> None:
        Path("link.json").symlink_to("own.json")
        commit()
        assert linted(capsys, "link.json", "--changed-since=HEAD") == []
        write("own.json", f"{WIDE}\n")
        assert linted(capsys, "link.json", "--changed-since=HEAD") == ["link.json"]


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
    def files(self) -> None:
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
        assert "service/serverless.yml (provider/iamRoleStatements)\n  adds access on *\n" in out
        assert out.count("service/serverless.yml") == 2  # in both versions
        write("service/parts/iam.yml", "Resource: '*'\nAction: s3:GetObject\nEffect: Allow\n")
        git("add", ".")
        assert main([*GATE, "service/parts/iam.yml"]) == 0

    @pytest.mark.parametrize("color", ["always", "never"])
    def test_a_value_that_has_changed(self, color: str, capsys: Output) -> None:
        git("config", "color.ui", color)
        write("service/parts/names.yml", "arn: '*'\n")
        git("add", ".")
        assert main([*GATE, "service/parts/names.yml"]) == 1
        assert 'the definition of "names" has changed' in capsys.readouterr().out

    def test_a_part_that_is_gone(self, capsys: Output) -> None:
        git("rm", "--quiet", "service/parts/iam.yml")
        assert main([*GATE, "service/parts/iam.yml"]) == 1
        assert "an unresolved statement" in capsys.readouterr().out

    def test_a_file_that_nothing_names(self, capsys: Output) -> None:
        write("service/parts/other.yml", "a: 2\n")
        git("add", ".")
        assert main([*GATE, "service/parts/other.yml"]) == 0
        assert "serverless" not in capsys.readouterr().out

    def test_a_file_of_another_repository_is_not_read(self, capsys: Output) -> None:
        write("service/serverless.yml", SERVERLESS.replace("parts/iam.yml", "../../iam.yml"))
        write("../iam.yml", "Effect: Allow\nAction: s3:GetObject\nResource: '*'\n")
        git("add", ".")
        git("commit", "--quiet", "--message=y")
        assert main([*GATE, "service/serverless.yml"]) == 1
        assert "an unresolved statement" in capsys.readouterr().out

    @pytest.mark.parametrize("name", ["iam", "names", "other"])
    def test_they_are_checked_after_a_change(self, name: str, capsys: Output) -> None:
        write(f"service/parts/{name}.yml", "a: 3\n")
        assert main(["check", ".", "--show-files", "--changed-since=HEAD"]) == 0
        assert ("serverless.yml" in capsys.readouterr().out) == (name != "other")
