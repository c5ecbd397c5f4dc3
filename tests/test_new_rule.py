"""The script that starts a rule."""

import re
import subprocess
import sys
from pathlib import Path

import new_rule
import pytest

from multitool_lint.diagnostics.rule import DIRECTORY, read_page, rules

HEADING = re.compile("^## .*", re.MULTILINE)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "multitool_lint/checks").mkdir(parents=True)
    return tmp_path


def test_it_writes_a_page_with_every_part_and_a_check(root: Path) -> None:
    page, module = new_rule.write("wild-goose", root)
    assert page == root / "rules/wild-goose.md"
    pages = [rule.page for rule in rules().values() if rule.id != "internal-error"]
    parts = set.intersection(*[set(HEADING.findall(text)) for text in pages])
    # Not each rule has something to say on how to fix it, but each new one begins with it.
    assert set(HEADING.findall(page.read_text("utf-8"))) == parts | {"## How to fix"}
    compile(module.read_text("utf-8"), module, "exec")


def test_a_page_that_is_not_filled_in_is_a_mistake(root: Path) -> None:
    page, _ = new_rule.write("wild-goose", root)
    with pytest.raises(ValueError, match=r'wild-goose\.md:4: "TODO" is not allowed in "severity"'):
        read_page(page)


def test_filled_in_it_is_a_page(root: Path) -> None:
    page, _ = new_rule.write("wild-goose", root)
    text = page.read_text("utf-8").replace('severity = "TODO"', 'severity = "warning"')
    text = text.replace('topics = ["TODO"]', 'topics = ["style"]')
    page.write_text(text.replace('needs = ["TODO"]', 'needs = ["Sid"]'), "utf-8")
    assert read_page(page)["needs"] == ["Sid"]


@pytest.mark.parametrize("id_", ["Wild-Goose", "wild_goose", "../goose", "", "style"])
def test_an_id_that_cannot_be_one_is_refused(id_: str, root: Path) -> None:
    with pytest.raises(ValueError, match=r"is not an id|is taken"):
        new_rule.write(id_, root)
    assert not list(root.rglob("*.*"))


def test_nothing_is_overwritten(root: Path) -> None:
    new_rule.write("wild-goose", root)
    with pytest.raises(ValueError, match="taken"):
        new_rule.write("wild-goose", root)


@pytest.mark.exhaustive
@pytest.mark.slow
@pytest.mark.parametrize(("rule", "code"), [("duplicate-sid", 0), ("no-such-rule", 4)])
def test_pytest_runs_one_page(rule: str, code: int) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rule", rule]
    root = Path(DIRECTORY).parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout
    assert (" passed" in done.stdout) == (code == 0)
