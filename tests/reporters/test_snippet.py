"""The lines of a file that a finding shows: which, how wide, and what is under them."""

import pytest
from support.report_samples import finding, span

from multitool_lint.diagnostics.finding import Finding, Related
from multitool_lint.reporters.text import render
from multitool_lint.syntax.source import Source

LINES = "\n".join(f'"s3:Get{number}",' for number in range(1, 30))


def lines(text: str, primary: str, *related: tuple[str, str], width: int = 120) -> list[str]:
    """The lines of the snippet of a finding, from its place on."""
    shown = render(sample(text, primary, *related), width=width)
    return shown[shown.index("-->") : shown.index("= note")].splitlines()[1:]


def sample(text: str, primary: str, *related: tuple[str, str]) -> Finding:
    return finding(
        source=Source("p.json", text),
        span=span(primary, text),
        label="this one",
        related=tuple(Related(span(words, text), "", label) for words, label in related),
    )


def test_lines_between_are_shown_if_there_is_one_and_left_out_if_there_are_more() -> None:
    assert lines(LINES, '"s3:Get9"', ('"s3:Get11"', "also this"), ('"s3:Get20"', "and this")) == [
        "   |",
        ' 9 | "s3:Get9",',
        "   | ^^^^^^^^^ this one",
        '10 | "s3:Get10",',
        '11 | "s3:Get11",',
        "   | ---------- also this",
        "...",
        '20 | "s3:Get20",',
        "   | ---------- and this",
        "   |",
        "   ",
    ]


def test_a_place_before_the_finding_comes_first() -> None:
    shown = lines(LINES, '"s3:Get9"', ('"s3:Get8"', "before"))
    assert shown[1:5] == [
        '8 | "s3:Get8",',
        "  | --------- before",
        '9 | "s3:Get9",',
        "  | ^^^^^^^^^ this one",
    ]


def test_places_with_one_label_share_a_line_of_marks() -> None:
    shown = lines('["aa", "bb", "cc", "dd"]', '"aa"', ('"bb"', "covered"), ('"dd"', "covered"))
    assert shown[2:4] == ["  |  ^^^^ this one", "  |        ----        ---- covered"]


def test_each_place_on_a_long_line_is_shown() -> None:
    text = f'{{"first": 1, "x": "{"x" * 5_000}", "second": 2}}'
    shown = lines(text, '"first"', ('"second"', "far away"), width=80)
    assert max(map(len, shown)) <= 80
    first, marks, second, others = shown[1:5]
    at = marks.index("^")
    assert first[at : at + 7] == '"first"'
    assert first.endswith("...")
    assert second.startswith("1 | ...")
    at = others.index("-")
    assert second[at : at + 8] == '"second"'
    assert others.endswith("-------- far away")


def test_a_span_that_is_wider_than_the_terminal_keeps_its_begin_and_its_label() -> None:
    shown = lines(f'{{"a": "{"x" * 500}"}}', f'"{"x" * 500}"', width=80)
    assert max(map(len, shown)) <= 80
    assert shown[1].startswith('1 | {"a": "xxx')
    assert shown[2].startswith("  |       ^^^")
    assert any(line.endswith("this one") for line in shown)


def test_a_long_label_goes_on_below_itself() -> None:
    label = " ".join(f"word{number}" for number in range(30))
    shown = lines('["aa", "bb"]', '"aa"', ('"bb"', label), width=80)
    assert max(map(len, shown)) <= 80
    at = next(line for line in shown if "word0" in line).index("word0")
    labels = [line for line in shown if "word" in line]
    assert " ".join(line[at:] for line in labels) == label
    assert len(labels) > 1


def test_a_label_with_a_long_word_begins_where_the_word_fits() -> None:
    label = f"accepts {'x' * 60}"
    shown = lines(f'{{"{"a" * 40}": "bb"}}', '"bb"', (f'"{"a" * 40}"', label), width=80)
    assert max(map(len, shown)) <= 80
    assert [line.strip(" |") for line in shown if "x" in line] == [label]


def test_a_word_that_is_longer_than_a_line_is_cut_and_an_address_is_not() -> None:
    address = f"https://example.com/{'x' * 60}"
    shown = render(finding(notes=("y" * 100, address)), width=60).splitlines()
    assert [len(line) for line in shown if "yyy" in line] == [60, 60]
    assert any(line.endswith(address) for line in shown)


def test_titles_notes_and_help_are_wrapped_with_their_continuation_indented() -> None:
    words = " ".join(["word"] * 40)
    shown = render(finding(title=words, notes=(words,), help_template=words), width=60).splitlines()
    assert max(map(len, shown)) <= 60
    assert shown[1].startswith("    word")
    note = next(number for number, line in enumerate(shown) if "= note: word" in line)
    assert shown[note + 1].startswith(" " * shown[note].index("word") + "word")


@pytest.mark.parametrize("width", [0, 1, 10, 30])
def test_a_terminal_may_be_narrow(width: int) -> None:
    shown = render(sample(LINES, '"s3:Get9"', ('"s3:Get20"', "and this one")), width=width)
    assert '"s3:Get9"' in shown
    assert "covers the other" in shown


def test_without_text_there_are_no_lines() -> None:
    empty = finding(source=Source("p.json", ""), span=span("", ""), related=())
    assert "|" not in render(empty)
