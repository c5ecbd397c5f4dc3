"""What git ignores is not found in folders."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.found_files import POLICY, Run, needs_posix
from support.git_repository import git, write

from multitool_lint.cli.files.gitignore import IgnorePatterns

pytestmark = pytest.mark.usefixtures("repository")


# What git does with each of these was tried with git 2.47, and is tried again by the test.
HARD = {
    "a folder, and nothing in it can come back": ["build/", "!build/keep.json"],
    "what is in a folder, and one comes back": ["build/*", "!build/keep.json"],
    "all that is below, and one comes back": ["build/**", "!build/keep.json"],
    "a name anywhere": ["keep.json"],
    "a name here": ["/keep.json"],
    "a path is anchored": ["build/keep.json"],
    "a path anywhere": ["**/build/keep.json"],
    "folders in between": ["a/**/keep.json"],
    "a folder's negation does not reach what is in it": ["*.json", "!build/"],
    "everything but folders and some": ["*", "!*/", "!keep.json"],
    "the later line decides": ["keep.json", "!keep.json", "/keep.json"],
    "only a folder": ["keep.json/"],
    "sets": ["[kx]eep.json", "[!a-k]*.json", "other.jso[[:lower:]]"],
    "a set that does not end": ["[keep.json"],
    "escapes": ["\\#odd.json", "\\!odd.json", "o\\ther.json", "keep.json\\"],
    "blanks at the end": ["keep.json   ", "old\\ "],
    "comments and blank lines": ["# keep.json", "", "   ", "#odd.json"],
    "line endings of Windows": ["keep.json\r", "build/\r"],
    "a byte order mark": ["\ufeffkeep.json"],
    "stars beside letters": ["a**/keep.json", "**p.json", "bu*ld/k?ep.json"],
    "a question mark is a byte": ["caf?.json"],
    "two question marks are one letter": ["caf??.json"],
    "nothing": ["/", "!", "**/"],
}
FILES = [
    *("keep.json", "other.json", "#odd.json", "!odd.json", "café.json", "old /keep.json"),
    *("build/keep.json", "build/other.json", "build/deep/keep.json", "a/keep.json"),
    *("a/b/keep.json", "a/b/c/keep.json", "a/build/keep.json", "abc/keep.json"),
]


@needs_posix
@pytest.mark.parametrize("lines", HARD.values(), ids=HARD)
def test_a_gitignore_means_what_it_means_to_git(
    lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for file in FILES:
        write(file)
    write(".gitignore", "\n".join(lines))
    assert linted_and_listed(capsys)


def linted_and_listed(capsys: pytest.CaptureFixture[str]) -> bool:
    """Whether the files that are linted here are those that git lists."""
    listed = git("ls-files", "-z", "--others", "--cached", "--exclude-standard").split("\0")
    linted = sorted(Run(capsys, ".").linted)
    assert linted == sorted(file for file in listed if file.endswith(".json"))
    return True


def generated(seed: int) -> Iterator[tuple[str, str]]:
    """Files of a repository: policies in folders, and a .gitignore in some of these."""
    dice = random.Random(seed)  # noqa: S311 - nothing is kept secret
    names = ["a", "b", "ab", "foo", "x y", "é", "[x]", "a-b"]
    pieces = ["a", "ab", "foo", "*", "**", "?", "a*", "[ab]", "[!a]", "[a-c]", "[]a]", "***"]
    pieces += ["a.json", "*.json", "[[:alpha:]]*", "b**", "**b", "\\[x]", "x\\ y", "[^/]", "[a"]
    folders = [""]
    for _ in range(6):
        folders.append(f"{dice.choice(folders)}{dice.choice(names)}/")
    for folder in folders:
        for name in dice.sample(names, 4):
            yield f"{folder}{name}.json", POLICY
    for folder in ["", *dice.sample(folders, 2)]:
        lines = [
            dice.choice(["", "", "", "!"])
            + dice.choice(["", "", "/", "**/"])
            + "/".join(dice.choices(pieces, k=dice.choice([1, 1, 2, 3])))
            + dice.choice(["", "", "/", "/**", "/*", " "])
            for _ in range(4)
        ]
        yield f"{folder}.gitignore", "\n".join(lines)


@needs_posix
@pytest.mark.parametrize("seed", range(15))
def test_generated_repositories(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    paths = []
    for path, content in generated(seed):
        write(path, content)
        paths.append(path)
    assert linted_and_listed(capsys)
    # What is tracked is not ignored.
    git("--literal-pathspecs", "add", "--force", *paths[seed % 4 :: 4])
    assert linted_and_listed(capsys)


@pytest.mark.parametrize(
    "pattern", ["*a" * 8 + "x", "**/*a*/" * 30 + "x", "*?" * 50 + "x", "/" + "*[ab]" * 50 + "x"]
)
def test_no_pattern_takes_long(pattern: str) -> None:
    start = time.process_time()
    patterns = IgnorePatterns("/", [pattern.encode()])
    assert not patterns.cover(f"/{'a' * 250}")
    assert not patterns.cover(f"/{'a/' * 1000}a")
    assert time.process_time() - start < 5  # with backtracking, hours


def test_nearer_patterns_decide_and_named_files_are_never_ignored(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for path in ("a.json", "a/a.json", "a/b/a.json", "a/b/b.json", "c/b.json"):
        write(path)
    write(".gitignore", "a.json\nc/\n")
    write("a/b/.gitignore", "!a.json\nb.json\n")
    run = Run(capsys, ".")
    assert run.linted == ["a/b/a.json"]
    assert "Not checked: 3 files skipped: ignored by git." in run.summary
    # From a folder further down, what is above it still holds.
    assert Run(capsys, "a/b").linted == ["a/b/a.json"]
    assert Run(capsys, "a.json", "c").linted == ["a.json", "c/b.json"]
    assert len(Run(capsys, ".", "--no-respect-gitignore").linted) == 5


def test_lists_of_the_repository_and_of_the_user(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in ("a.json", "b.json", "c.json"):
        write(path)
    write(".git/info/exclude", "a.json\n")
    write(str(tmp_path / "config/git/ignore"), "b.json\n")
    assert Run(capsys, ".").linted == ["c.json"]
    assert linted_and_listed(capsys)


def test_further_working_trees_share_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    git("commit", "--quiet", "--allow-empty", "-mA")
    git("worktree", "add", "--quiet", str(tmp_path / "tree"))
    write(".git/info/exclude", "a.json\n")
    monkeypatch.chdir(tmp_path / "tree")
    write("a.json")
    write("b.json")
    assert Run(capsys, ".").linted == ["b.json"]
    assert linted_and_listed(capsys)


def test_a_repository_in_a_repository_has_its_own_patterns(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(".gitignore", "*.json\n")
    write("inner/a.json")
    git("init", "--quiet", "inner")
    assert Run(capsys, ".").linted == ["inner/a.json"]


def test_outside_of_repositories_nothing_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write("plain/.gitignore", "*.json\n")
    write("plain/a.json")
    assert Run(capsys, "plain").linted == ["plain/a.json"]
