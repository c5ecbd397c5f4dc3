"""What holds for every folder: no link, name or repository in it gets more than a report."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from fuzz.command import Ran, run_command
from fuzz.harness import Harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn

_FOLDERS = ("", "", "d", "d/e", "-d", "a b", "d\n", "é", "[d]", "*", "d.json", "--fix", "x" * 200)
_NAMES = [
    "a.json",
    "b.yaml",
    "c.md",
    "d.tf",
    "-rf.json",
    "--fix.json",
    " .json",
    "a\nb.json",
    "é.json",
    "e\u0301.json",
    "[x].json",
    "*.json",
    "a\\b.json",
    "$(touch pwned).json",
    ";touch pwned;.json",
    "\x1b[31m.json",
    "\udcff.json",
    "%s.json",
    "CON.json",
    "..json",
    "~.json",
    "@a.json",
    "!a.json",
    "a.JSON",
    "'.json",
    '".json',
    "\u202e.json",
    "#.json",
    "{a,b}.json",
]
_DANGER = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
    '"Action": ["*", "s3:GetObject"], "Resource": "*"}]}'
)
_OUTSIDE = "outside.json"
_TARGETS = (
    *(".", "..", "/dev", "a.json", "d", "missing", "/dev/zero", "/dev/stdin", "/proc/self/environ"),
    *(f"../{_OUTSIDE}", "{outside}", "../tree", "." + "/." * 500),
)
_GIT_SETTINGS = [
    "core.fsmonitor",
    "core.sshCommand",
    "core.pager",
    "core.editor",
    "core.hooksPath",
    "core.worktree",
    "filter.x.clean",
    "filter.x.smudge",
    "filter.x.process",
    "diff.x.textconv",
    "diff.external",
    "include.path",
    "gpg.program",
    "uploadpack.packObjectsHook",
]
_IGNORES = ("*", "!*", "a.json", "/d", "**/", "[", "\\", "*.json\n!a.json", "#", "d/\n!d/e")
_COMMANDS = (
    ("check", "--no-cache", "."),
    ("check", "--no-cache", "--no-respect-gitignore", "."),
    ("check", "--no-cache", "--changed-since", "HEAD", "."),
    ("check", "--no-cache", "--format", "json", "--verbose", "."),
    ("check", "--no-cache", "--fix", "."),
    ("fix", "--write", "--unsafe-fixes", "."),
    ("shrink", "a.json"),
)
_WRITING = ("--fix", "--write")


def harnesses() -> Iterator[Harness]:
    """The one harness."""
    yield Harness("repositories", ".tree.json", _trees, check)


@st.composite
def _trees(draw: DrawFn) -> bytes:
    """A command, and the entries of a folder: path, kind and content."""
    entries = [draw(_entry()) for _ in range(draw(st.integers(1, 6)))]
    if draw(st.booleans()):
        entries += draw(_repository())
    tree = {"command": draw(st.sampled_from(_COMMANDS)), "entries": entries}
    return json.dumps(tree, indent=1).encode()


@st.composite
def _entry(draw: DrawFn) -> tuple[str, str, str]:
    path = os.path.join(draw(st.sampled_from(_FOLDERS)), draw(st.sampled_from(_NAMES)))  # noqa: PTH118
    kind = draw(st.sampled_from(("file", "file", "file", "link", "fifo", "folder", "empty")))
    if kind == "link":
        return path, kind, draw(st.sampled_from(_TARGETS))
    return path, kind, _DANGER if kind == "file" else ""


@st.composite
def _repository(draw: DrawFn) -> list[tuple[str, str, str]]:
    """A repository of git, with settings that would run a program."""
    *section, key = draw(st.sampled_from(_GIT_SETTINGS)).split(".")
    header = section[0] + "".join(f' "{name}"' for name in section[1:])
    value = draw(st.sampled_from(("touch {canary}", "{canary}.sh", "/dev", "../..")))
    return [
        (".git", draw(st.sampled_from(("init", "init", "folder", "file"))), "gitdir: /missing"),
        (".git/config", "append", f"[{header}]\n\t{key} = {value}\n"),
        (".gitattributes", "file", draw(st.sampled_from(("* filter=x diff=x", "")))),
        (".gitignore", "file", draw(st.sampled_from((*_IGNORES, "")))),
    ]


def check(data: bytes) -> None:
    """Make the folder, run the command there, and see what has changed."""
    tree = json.loads(data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "tree")
        folder.mkdir()
        canary, outside = Path(name, "canary"), Path(name, _OUTSIDE)
        outside.write_text(_DANGER, encoding="utf-8")
        hook = Path(f"{canary}.sh")
        hook.write_text(f"#!/bin/sh\ntouch {canary}\n", encoding="utf-8")
        hook.chmod(0o755)
        for entry in tree["entries"]:
            path, kind, content = (
                text.replace("{canary}", str(canary)).replace("{outside}", str(outside))
                for text in entry
            )
            _make(folder / path, kind, content)
        before = _snapshot(folder)
        ran = run_command(folder, *tree["command"])
        assert not canary.exists(), f"the repository ran a program: {ran}"
        assert outside.read_text(encoding="utf-8") == _DANGER, "a file outside has changed"
        after = _snapshot(folder)
        _check_changes(tree, before, after, ran)


def _make(path: Path, kind: str, content: str) -> None:
    """Make an entry; one for which there is no place is left out."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "append":
            with path.open("a", encoding="utf-8") as file:
                file.write(content)
        elif os.path.lexists(path) and kind != "init":
            return  # to open a FIFO would wait
        elif kind in ("file", "empty"):
            path.write_text(content, encoding="utf-8")
        elif kind == "link":
            path.symlink_to(content)
        elif kind == "fifo":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        elif kind == "init":
            _git(path.parent, "init", "--quiet")
            _git(path.parent, "add", "--all", "--ignore-errors")
            author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
            _git(path.parent, *author, "commit", "--quiet", "--message", "a", "--allow-empty")
    except OSError:
        pass


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(  # noqa: S603 - with arguments of ours
        ["git", *arguments],  # noqa: S607 - the one that is installed
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder.parent), "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        check=False,
        timeout=20,
    )


def _snapshot(folder: Path) -> dict[str, str]:
    """What a folder contains: of a file its text, of a link its target."""
    found = {}
    for parent, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(parent, name)
            if path.is_symlink():
                found[str(path)] = f"link to {path.readlink()}"
            elif path.is_file():
                found[str(path)] = path.read_bytes().decode(errors="replace")
            else:
                found[str(path)] = "other"
    return found


def _check_changes(
    tree: dict[str, Any], before: dict[str, str], after: dict[str, str], ran: Ran
) -> None:
    """See that a command that reads changed nothing, and one that writes changed policies only."""
    command = tree["command"]
    writes = any(word in command for word in _WRITING)
    assert before.keys() == after.keys(), before.keys() ^ after.keys()
    for path, content in before.items():
        if not (writes and content == _DANGER):
            assert after[path] == content, f"{path!r} has changed"
    ignored = any(path == ".gitignore" and content for path, _, content in tree["entries"])
    policies = [path for path, content in before.items() if content == _DANGER]
    linted = any(path.lower().endswith(".json") for path in policies)
    if linted and "." in command and not ignored and "--changed-since" not in command:
        assert ran.code or writes, f"access to everything passes: {ran}"
