"""`diff` of two trees: a base with a revision, what is staged or the files, ranges, two folders."""

import json
import os
from pathlib import Path

import pytest
from support.git_repository import NARROW, WIDE, Output, commit, git, needs_posix, policy, write
from support.staged_files import Files, stage

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("repository")
GATE = ["diff", "--fail-on-new-access"]
MODULE = 'resource "aws_iam_policy" "a" {\n  policy = file("p.json")\n}\n'
FORMS = {
    "files": ["--base=main"],
    "staged": ["--base=main", "--staged"],
    "head": ["--base=main", "--head=HEAD"],
    "range": ["main..HEAD"],
    "since": ["main...HEAD"],
    "folders": [],
}
"""The ways to compare a branch with main, of which the last one is given two folders."""


@pytest.fixture
def branch(repository: Path) -> None:
    """A branch; main has one commit more."""
    assert repository == Path.cwd()
    stage({"p.json": NARROW, "d/q.json": NARROW, "x.json": WIDE, "page.md": "a"})
    git("commit", "-qm", "first")
    git("checkout", "-qb", "change")
    git("checkout", "-q", "main")
    commit(page_md="b")
    git("checkout", "-q", "change")


def compared(form: str, files: Files, *paths: str) -> int:
    """The exit code of a gate for a branch on which some files are written, or removed for None."""
    if form == "folders":
        git("worktree", "add", "-q", "../old", "main")
        stage(files)
        return main([*GATE, "../old", "."])
    stage(files)
    if form in ("head", "range", "since"):
        git("commit", "--allow-empty", "-qm", "second")
    return main([*GATE, *FORMS[form], *paths])


@pytest.mark.usefixtures("branch")
@pytest.mark.parametrize("form", FORMS)
class TestAllForms:
    @pytest.mark.parametrize(
        ("files", "expected"),
        [
            ({"p.json": WIDE}, 1),
            ({"new.json": NARROW}, 1),
            ({"p.json": NARROW + "\n", "page.md": "c"}, 0),
            ({"p.json": None, "e/p.json": NARROW}, 0),
            ({"p.json": None}, 0),
            ({"main.tf": MODULE}, 1),
        ],
    )
    def test_what_is_new(self, form: str, files: Files, expected: int) -> None:
        assert compared(form, files) == expected

    @needs_posix
    def test_a_folder_that_is_a_link_now(self, form: str) -> None:
        write("wide/q.json")
        git("add", ".")
        git("commit", "-qm", "wide")
        git("branch", "-qf", "main")
        git("rm", "-rq", "d")
        Path("d").symlink_to("wide")
        assert compared(form, {}) == 2

    @needs_posix
    @pytest.mark.parametrize("target", ["p.json", "d/README.md", "nothing.json"])
    def test_a_link_that_is_gone(self, form: str, target: str) -> None:
        Path("e").mkdir()
        Path("e/q.json").symlink_to(Path("..", target))
        git("add", ".")
        git("commit", "-qm", "link")
        git("branch", "-qf", "main")
        assert compared(form, {"e/q.json": None}) == 0

    def test_a_configuration_is_that_of_the_base(self, form: str, capsys: Output) -> None:
        boundary = '[[policies]]\npath = "**"\ntype = "boundary"\n'
        assert compared(form, {"p.json": WIDE, "multitool-lint.toml": boundary}) == 1
        assert "configuration changed: multitool-lint.toml; " in capsys.readouterr().out
        if form == "folders":
            return
        git("add", ".")
        git("commit", "--allow-empty", "-qm", "next")
        git("branch", "-qf", "main")
        assert compared(form, {"pyproject.toml": "[tool.ruff]\n", "p.json": WIDE + "\n"}) == 0
        assert "configuration" not in capsys.readouterr().out


@pytest.mark.usefixtures("branch")
def test_what_a_configuration_extends_is_named_as_it_is(capsys: Output) -> None:
    write("d/multitool-lint.toml", 'extend = "../shared/org.toml"\n')
    write("shared/org.toml", 'extend = ["rules/base"]\n')
    write("shared/rules/base", "# none yet\n")
    write("shared/other.toml", "# none yet\n")
    git("add", ".")
    git("commit", "-qm", "extended")
    git("branch", "-qf", "main")
    boundary = '[[policies]]\npath = "**"\ntype = "boundary"\n'
    assert compared("head", {"shared/rules/base": boundary, "shared/other.toml": boundary}) == 0
    assert "configuration changed: shared/rules/base; " in capsys.readouterr().out
    assert compared("head", {"shared/org.toml": None, "d/q.json": WIDE}) == 1
    assert "configuration changed: shared/org.toml, shared/rules/base; " in capsys.readouterr().out


@pytest.mark.usefixtures("branch")
class TestPaths:
    @pytest.mark.parametrize(
        ("paths", "names"),
        [
            ([], ["d/q.json", "p.json"]),
            (["d"], ["d/q.json"]),
            (["d/"], ["d/q.json"]),
            (["p.json"], ["p.json"]),
            (["."], ["d/q.json", "p.json"]),
            (["x.json"], []),
        ],
    )
    @pytest.mark.parametrize("form", ["files", "staged", "head", "range"])
    def test_only_these_are_compared(
        self, form: str, paths: list[str], names: list[str], capsys: Output
    ) -> None:
        assert compared(form, {"p.json": WIDE, "d/q.json": WIDE}, *paths) == bool(names)
        out = capsys.readouterr().out
        for name in ("d/q.json", "p.json"):
            assert (f":{name} ->" in out) == (name in names)

    def test_from_a_folder_below(self, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
        stage({"d/q.json": WIDE, "p.json": WIDE})
        monkeypatch.chdir("d")
        assert main([*GATE, "--base=main", "."]) == 1
        assert "for q.json\n" in capsys.readouterr().out
        assert main([*GATE, "--base=main", ".."]) == 1
        assert "for 2 policies\n" in capsys.readouterr().out

    def test_a_folder_in_which_nothing_has_changed(self, capsys: Output) -> None:
        assert compared("files", {"p.json": WIDE}, "d") == 0
        out, err = capsys.readouterr()
        assert not out
        assert err.endswith(" in d: nothing was compared\n")


def test_files_that_git_does_not_know_and_does_not_ignore() -> None:
    commit(_gitignore="ignored.json\n", p_json=NARROW)
    write("ignored.json")
    assert main([*GATE, "--base=HEAD"]) == 0
    write("new.json")
    assert main([*GATE, "--base=HEAD"]) == 1
    assert main([*GATE, "--base=HEAD", "--staged"]) == 0
    assert not git("status", "--short", "--untracked-files=no")
    assert "new.json" in git("status", "--short")


def test_nothing_has_changed(capsys: Output) -> None:
    commit(p_json=NARROW)
    for arguments in (["--base=HEAD"], ["--base=HEAD", "--head=main"], ["main..HEAD"]):
        assert main([*GATE, *arguments]) == 0
        out, err = capsys.readouterr()
        assert not out
        assert err.endswith(": nothing was compared\n")


@pytest.mark.parametrize(
    "arguments", [["--base=twice"], ["--base=HEAD", "--head=twice"], ["twice..HEAD"], ["..twice"]]
)
def test_a_name_of_several_revisions(arguments: list[str], capsys: Output) -> None:
    commit(p_json=NARROW)
    git("branch", "twice")
    git("tag", "twice")
    write("p.json")
    assert main([*GATE, *arguments]) == 2
    assert "refs/tags/twice and refs/heads/twice" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--base=gone"], 'no revision "gone" in '),
        (["HEAD..gone"], 'no revision "gone" in '),
        (["--base=-x"], 'no revision "-x" in '),
        (["--head=HEAD"], "--head needs --base"),
        (["--base=HEAD", "--head=HEAD", "--staged"], "--head needs --base"),
        (["d", "p.json"], "p.json"),
        (["p.json"], "expected two versions"),
        (["p.json", "q.json", "r.json"], "expected two versions"),
    ],
)
def test_what_cannot_be_compared(arguments: list[str], message: str, capsys: Output) -> None:
    stage({"p.json": NARROW, "d/p.json": NARROW})
    git("commit", "-qm", "first")
    assert main(["diff", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_paths_of_a_revision_are_those_of_git(
    monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    stage({"p.json": NARROW, "d/p.json": WIDE})
    git("commit", "-qm", "first")
    monkeypatch.chdir("d")
    assert main([*GATE, "HEAD:p.json", "HEAD:./p.json"]) == 1
    assert main([*GATE, "HEAD:d/p.json", "p.json"]) == 0
    assert main([*GATE, "HEAD:./p.json", "HEAD:../p.json"]) == 0
    capsys.readouterr()
    assert main([*GATE, "HEAD:./p.json", "HEAD:q.json"]) == 2
    assert "HEAD:../q.json: no such file in HEAD" in capsys.readouterr().err


def test_two_folders_outside_of_a_repository(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("outside"))
    for name, text in (("a", NARROW), ("b", policy("s3:GetObject", "iam:PassRole"))):
        write(f"{name}/p.json", text)
        write(f"{name}/.git", "not a repository")
        write(f"{name}/same.json")
    assert main([*GATE, "a", "b", "--format=json"]) == 1
    [found] = json.loads(capsys.readouterr().out)["comparisons"]
    assert (found["old"], found["new"]) == ("old:p.json", "new:p.json")
    assert main([*GATE, "b", "a"]) == 0
    assert sorted(os.listdir()) == ["a", "b"]  # noqa: PTH208 - names


def test_a_submodule_that_is_another_one(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    git("-C", str(inner), "init", "-q")
    (inner / "p.json").write_text(NARROW, encoding="utf-8")
    git("-C", str(inner), "add", ".")
    git("-C", str(inner), "commit", "-qm", "first")
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub")
    git("commit", "-qm", "first")
    assert main([*GATE, "--base=HEAD"]) == 0
    write("sub/p.json")
    git("-C", "sub", "commit", "-qam", "second")
    assert main([*GATE, "--base=HEAD"]) == 2
