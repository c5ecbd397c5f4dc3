"""What users read is short and in plain words."""

import ast
import re
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(path for path in (ROOT / "rules").glob("*.md") if path.name != "README.md")
LISTS_THEM = "glossary.md"
DOCS = sorted(path for path in (ROOT / "docs").glob("*.md") if path.name != LISTS_THEM)
TEXTS = [ROOT / "README.md", *DOCS, *PAGES]
OUTPUT = re.compile(r"^```findings\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TITLE = re.compile(r"^[a-z]+\[[a-z-]+\]: (.*?)\n +--> ", re.DOTALL | re.MULTILINE)
LIST_AT_END = re.compile(r"and [\d,]+ more$|[^ ,]+, [^ ,]+(?:,? (?:and|or) [^ ,]+)?$")
MAX_TITLE, MAX_MEDIAN = 110, 80

AVOIDED = re.compile(
    r"(?<!there )\bis no (?!longer\b)|\bis none of\b|\bstands? (?:for|there)\b"
    r"|\b(?:is|are|was) meant\b|\b(?:is|are) told\b|\btells\b|\bcannot be told\b"
    r"|\bdecided elsewhere\b|\bbeside\b|\bbehind\b|\bholders?\b|\bwhoever\b|\bthe one who\b"
    r"|\blets? in\b|\bhands out\b|\bgets? along\b|\bname the \w+ that\b|\btake out\b"
    r"|\bdrops? (?:it|the|what)\b|\bgraver?\b|\ball the same\b|\blikewise\b|\bsilences?\b"
    r"|\bset aside\b|\bkept back\b|\blooked at\b|\b(?:is|are) judged\b|\bpassed over\b"
    r"|\bstays? silent\b|\bas this does\b|\bwhat it did not grant\b",
    re.IGNORECASE,
)
"""Phrases with a plainer one: "is not a valid", "means", "is intended", "reports", "next to"."""


def titles(page: str) -> list[str]:
    outputs = "\n".join(OUTPUT.findall(page))
    return [re.sub(r"\s+", " ", title) for title in TITLE.findall(outputs)]


def constants(path: Path) -> list[tuple[int, str]]:
    """The texts in a module that are not docstrings, each with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_title_is_one_short_sentence(page: Path) -> None:
    found = titles(page.read_text(encoding="utf-8"))
    assert [title for title in found if len(title) > MAX_TITLE] == []
    assert [title for title in found if LIST_AT_END.search(title)] == []
    assert [title for title in found if title.endswith(".")] == []


def test_titles_are_short_in_the_median() -> None:
    found = [title for page in PAGES for title in titles(page.read_text(encoding="utf-8"))]
    assert len(found) > len(PAGES)
    assert median(map(len, found)) <= MAX_MEDIAN


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_pages_use_plain_words(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [match[0] for match in AVOIDED.finditer(text)] == []


def test_messages_use_plain_words() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {match[0]}"
        for path in sorted((ROOT / "multitool_lint").rglob("*.py"))
        for line, text in constants(path)
        for match in AVOIDED.finditer(text)
    ]
    assert found == []
