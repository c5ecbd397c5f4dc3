"""What users and contributors read is short and in plain words."""

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(path for path in (ROOT / "rules").glob("*.md") if path.name != "README.md")
LISTS_THEM = "glossary.md"
DOCS = sorted(path for path in (ROOT / "docs").glob("*.md") if path.name != LISTS_THEM)
TEXTS = [*(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")), *DOCS, *PAGES]
FOLDERS = ("multitool_lint", "tests", "fuzz", "benchmarks", "scripts", "catalog")
MODULES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
OUTPUT = re.compile(r"^```findings\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TITLE = re.compile(r"^[a-z]+\[[a-z-]+\]: (.*?)\n +--> ", re.DOTALL | re.MULTILINE)
LIST_AT_END = re.compile(r"and [\d,]+ more$|[^ ,]+, [^ ,]+(?:,? (?:and|or) [^ ,]+)?$")
MAX_TITLE, MAX_MEDIAN = 110, 80
CODE = re.compile(r"^(`{3,}).*?^\1$|`[^`\n]*`", re.DOTALL | re.MULTILINE)

AVOIDED = re.compile(
    r"""\b(?:
        (?<!there\ )(?:is|are|was)\ (?:no|none\ of)\ (?!longer\b|more\b|less\b)\w+
        | stand(?:s|ing)? | stood | (?:is|are|was|were)\ meant | tells? | told | beside | behind
        | gets?\ along | hand(?:s|ed)?\ out | lets?\ in | name\ the\ \w+\ that | take\ out
        | drops?\ (?:it|the|what) | grave(?:r|st)? | all\ the\ same | likewise
        | decided\ elsewhere | silenc(?:e|es|ed|ing) | sets?\ aside | kept\ back
        | judg(?:e|es|ed|ing) | looked\ at | passed\ over | stays?\ silent | holders? | whoever
        | the\ one\ who | as\ this\ does | what\ it\ did\ not\ grant
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)
"""Phrases with a plainer one: "is not a valid", "means", "is intended", "reports", "next to"."""


def avoided(text: str) -> list[str]:
    """The words of a text that have a plainer one, with those around them."""
    words = " ".join(text.split())
    return [
        words[max(found.start() - 40, 0) : found.end() + 20] for found in AVOIDED.finditer(words)
    ]


def titles(page: str) -> list[str]:
    outputs = "\n".join(OUTPUT.findall(page))
    return [re.sub(r"\s+", " ", title) for title in TITLE.findall(outputs)]


def strings(path: Path) -> Iterator[tuple[bool, str]]:
    """The strings in a module, and whether each is a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield id(node) in docs, node.value


@cache
def has_avoided(path: Path) -> bool:
    """Whether a module has such words somewhere, also over the parts of a string: few have any."""
    source = path.read_text(encoding="utf-8").replace("_", " ")
    return bool(avoided(re.sub(r"""["'](?:\s*[rfb]*["'])?|\\n""", " ", source)))


def explanations(path: Path) -> Iterator[str]:
    """The docstrings and comments of a module, and the names of tests, which are sentences."""
    if not has_avoided(path):
        return  # to find the comments takes longer
    source = path.read_text(encoding="utf-8")
    yield from (text for is_doc, text in strings(path) if is_doc)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    yield from (name.replace("_", " ") for name in re.findall(r"def (test_\w+)", source))


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
    assert avoided(CODE.sub("", path.read_text(encoding="utf-8"))) == []


def descriptions(schema: object) -> Iterator[str]:
    """The titles and descriptions of a schema, which editors and the documentation show."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key in {"title", "description"} and isinstance(value, str):
                yield value
            else:
                yield from descriptions(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from descriptions(item)


@pytest.mark.parametrize("name", ["config", "output", "access-diff", "baseline", "iamtest"])
def test_schemas_use_plain_words(name: str) -> None:
    schema = json.loads((ROOT / f"rules/schemas/{name}.json").read_text(encoding="utf-8"))
    shown = list(descriptions(schema))
    assert len(shown) > 3
    assert [phrase for text in shown for phrase in avoided(text)] == []


def test_messages_use_plain_words() -> None:
    found = [
        (path.relative_to(ROOT).as_posix(), phrase)
        for path in sorted((ROOT / "multitool_lint").rglob("*.py"))
        if has_avoided(path)
        for is_doc, text in strings(path)
        if not is_doc
        for phrase in avoided(text)
    ]
    assert found == []


def test_explanations_of_the_source_use_plain_words() -> None:
    found = [
        (path.relative_to(ROOT).as_posix(), phrase)
        for path in MODULES
        for text in explanations(path)
        for phrase in avoided(CODE.sub("", text))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "A policy that is no JSON",
        "what stands before it",
        "it tells which",
        "Findings less grave than others",
        "a value that is decided\nelsewhere",
        "A comment that silences `x`",
    ],
)
def test_an_avoided_word_is_found(text: str) -> None:
    assert len(avoided(text)) == 1


def test_code_is_not_prose() -> None:
    assert avoided(CODE.sub("", "```text\nwhat is judged\n```\nand `stands`; there is no x")) == []
