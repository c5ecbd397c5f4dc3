"""The documentation uses the words that readers know."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.stem != "glossary"),
]
CODE = re.compile(r"^(`{3,}).*?^\1$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
AVOIDED = re.compile(
    r"""\b(?:
        (?<!there\ )(?:is|are|was)\ (?:no|none\ of)\ (?!longer\b|more\b|less\b)\w+
        | stand(?:s|ing)?(?:\ (?:there|for|in|under|before|next))? | stood
        | (?:is|are|was|were)\ meant | tells? | told
        | beside | gets?\ along | hand(?:s|ed)?\ out | let(?:s)?\ in
        | grave(?:r|st)? | all\ the\ same | likewise
        | decided\ elsewhere | cannot\ be\ told
        | silenc(?:e|es|ed|ing) | set(?:s)?\ aside | kept\ back
        | judg(?:e|es|ed|ing) | looked\ at
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)


def avoided(text: str) -> list[str]:
    """The words of a page that others would write in another way; code has its own names."""
    prose = " ".join(CODE.sub("", text).split())
    return [
        prose[max(found.start() - 40, 0) : found.end() + 20] for found in AVOIDED.finditer(prose)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_uses_none_of_the_avoided_words(page: Path) -> None:
    assert avoided(page.read_text(encoding="utf-8")) == []


def texts(schema: object) -> Iterator[str]:
    """The titles and descriptions of a schema, which editors and the documentation show."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key in {"title", "description"} and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from texts(item)


@pytest.mark.parametrize("name", ["config", "output", "access-diff", "baseline"])
def test_a_schema_uses_none_of_the_avoided_words(name: str) -> None:
    schema = json.loads((ROOT / f"rules/schemas/{name}.json").read_text(encoding="utf-8"))
    shown = list(texts(schema))
    assert len(shown) > 3
    assert [found for text in shown for found in avoided(text)] == []


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
    assert avoided("```text\nwhat is judged\n```\nand `stands`; there is no finding") == []
