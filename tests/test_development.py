"""What docs/development.md says of the source is there."""

import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

from multitool_lint.diagnostics.features import FEATURES
from multitool_lint.diagnostics.rule import PAGE_KEYS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "multitool_lint"
TEXT = (ROOT / "docs" / "development.md").read_text("utf-8")
PACKAGES = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
CODE = sorted(set(re.findall(r"`([^`\n]+)`", TEXT)))
PATHS = [text for text in CODE if re.fullmatch(r"[\w.]+(/[\w.-]*)+", text) and "ID" not in text]
NAMES = [text for text in CODE if re.fullmatch(rf"({'|'.join(PACKAGES)})(\.\w+)+", text)]


def rows(heading: str) -> list[list[str]]:
    """The codes in the first column of the table under a heading, row by row."""
    table = TEXT.partition(f" {heading}\n")[2].partition("\n#")[0]
    return [
        re.findall(r"`([^`]+)`", line.split("|")[1]) for line in table.splitlines() if "|" in line
    ]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_exists(path: str) -> None:
    assert (PACKAGE / path).exists() or (ROOT / path).exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_function_exists(name: str) -> None:
    assert resolve_name(f"multitool_lint.{name}") is not None


def test_every_package_is_on_the_map() -> None:
    assert len(PATHS) > 60
    assert len(NAMES) > 50
    described = re.findall(r"^\| \d \| `(\w+)/` \|", TEXT, re.MULTILINE)
    assert sorted(described) == sorted(PACKAGES)


def test_every_setting_of_a_page_is_described() -> None:
    described = [key for row in rows("Settings of a page") for key in row]
    assert sorted(described) == sorted(PAGE_KEYS)


def test_every_feature_is_described() -> None:
    described = [feature for row in rows("Features") for feature in row]
    assert sorted(described) == sorted(FEATURES)
