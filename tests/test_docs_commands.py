"""The commands of the README and the documentation run as written."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from multitool_lint.cli import COMMANDS, command_parser

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHELL = re.compile(r"^ *```sh\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
INSTALLS = re.compile(r"\b(?:pip|pipx|uv tool) install\b")
INLINE = re.compile(r"`(multitool-lint\s[^`]+)`")

# The README installs what other pages install too, and these take a quarter of a minute each.
BLOCKS = [
    pytest.param(
        page,
        block,
        id=f"{page.stem}-{number}",
        marks=[pytest.mark.exhaustive] * (page.stem == "installation" and "install" in block),
    )
    for page in PAGES
    for number, block in enumerate(SHELL.findall(page.read_text(encoding="utf-8")))
]
FENCE = re.compile(r"^ *(`{3,}).*?^ *\1$", re.DOTALL | re.MULTILINE)
TYPED = re.compile(r"^ *(multitool-lint .+)$", re.MULTILINE)
EXAMPLES = ROOT / "docs" / "examples"
# What only an account of AWS could answer.
AWS = f"""#!/bin/sh
case "$2" in
  get-policy-version) cat {shlex.quote(str(EXAMPLES / "repo/policies/deploy.json"))} ;;
  *) cat {shlex.quote(str(EXAMPLES / "account/account.json"))} ;;
esac
"""
# Exit code 1 means findings; everything else ends the block.
STRICT = "set -o pipefail\ntrap '[ $? -le 1 ] || exit 3' ERR\n"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout as it is, without what git ignores, as a clone of its next commit has it."""
    if not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout")
    folder = tmp_path_factory.mktemp("clone")
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    author = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    for arguments in (["init"], ["add", "."], [*author, "commit", "--quiet", "--message=All"]):
        subprocess.run(["git", *arguments], cwd=folder, stdout=subprocess.DEVNULL, check=True)


def folder_of(page: Path, block: str, clone: Path, scratch: Path) -> Path:
    """A clone for what installs and for the README, else the example of the page."""
    if INSTALLS.search(block) or page.parent == ROOT:
        shutil.copytree(clone, scratch, dirs_exist_ok=True)
        return scratch
    own = EXAMPLES / page.stem
    shutil.copytree(own if own.is_dir() else EXAMPLES / "repo", scratch)
    commit(scratch)
    return scratch


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the commands are those of a shell of Unix")
@pytest.mark.parametrize(("page", "block"), BLOCKS)
def test_commands_run_as_written(page: Path, block: str, clone: Path, tmp_path: Path) -> None:
    if INSTALLS.search(block) and not (os.environ.get("CI") or os.environ.get("REQUIRE_INTEROP")):
        pytest.skip("installs from a package registry, as .ci/run does")
    program = block.split(maxsplit=1)[0]
    if program in {"pipx", "uv"} and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    folder = folder_of(page, block, clone, tmp_path / "folder")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "aws").write_text(AWS, encoding="utf-8")
    (programs / "aws").chmod(0o755)
    path = [str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]
    done = subprocess.run(
        ["bash", "-c", STRICT + block],
        cwd=folder,
        env={
            **os.environ,
            "HOME": str(tmp_path / "home"),
            "PATH": os.pathsep.join(path),
            # What is installed can run tests; that all pass is not for one of them to ask.
            "PYTEST_ADDOPTS": "--collect-only --quiet -n 0 tests/test_fixtures.py",
            "REQUIRE_INTEROP": "",  # what a block installs is for itself
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    assert not re.search("error:|Traceback|No such file|not found", done.stderr), done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_in_the_text_have_options_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    commands = [*TYPED.findall(text), *INLINE.findall(FENCE.sub("", text))]
    for command in commands:
        own = command.partition(" | ")[0]
        words = [word.partition("=")[0] for word in re.split(r"[\s|]+", own)[1:]]
        name = words[0] if words[0] in COMMANDS else "check"
        actions = command_parser(name)._actions  # noqa: SLF001 - argparse has no other way
        known = {option for action in actions for option in action.option_strings}
        options = {word for word in words if re.fullmatch(r"--?[a-z][a-z-]*", word)}
        assert options <= known | {"--version"}, command


def test_addresses_of_the_project_are_those_of_its_metadata() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    source = project["urls"]["Source"]
    assert all(
        url.startswith(source) for name, url in project["urls"].items() if name != "Documentation"
    )
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        addresses = re.findall(r"https://github\.com/[\w-]+/multitool-lint\b", text)
        addresses += [
            f"https://github.com/{name}"
            for name in re.findall(r"uses: (\S+/multitool-lint)@", text)
        ]
        assert set(addresses) <= {source}, page
        assert "OWNER" not in text
