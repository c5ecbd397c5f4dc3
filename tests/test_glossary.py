"""The names of the source use the words of the glossary."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
DEFINITION = re.compile(r"^ *(?:class|(?:async )?def(?! _)) (\w+)", re.MULTILINE)
ROW = re.compile(r"^\| [^|]+ \| [^|]+ \|([^|]*)\|$", re.MULTILINE)


def avoided() -> set[str]:
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = {word.strip() for cell in ROW.findall(page)[2:] for word in cell.split(",")}
    return {form for word in words - {""} for form in (word, f"{word}s")}


def names(path: Path) -> list[str]:
    """The module and its packages, its classes, and its public functions."""
    text = path.read_text(encoding="utf-8")
    return [*path.relative_to(ROOT).with_suffix("").parts, *DEFINITION.findall(text)]


def words(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_"))


def test_the_glossary_names_words_to_avoid() -> None:
    assert {"standing", "reach", "told", "judge"} <= avoided()


def test_no_name_has_a_word_that_the_glossary_avoids() -> None:
    avoid = avoided()
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / "multitool_lint").rglob("*.py"))
        for name in names(path)
        if words(name) & avoid
    ]
    assert found == []


def test_a_class_name_means_one_thing() -> None:
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "multitool_lint").rglob("*.py")):
        for name in re.findall(r"^ *class ([A-Z]\w+)", path.read_text(), re.MULTILINE):
            found.setdefault(name, []).append(path.relative_to(ROOT).as_posix())
    for name in ("Reporter", "LinesReporter"):  # what each format of a report has
        del found[name]
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}
