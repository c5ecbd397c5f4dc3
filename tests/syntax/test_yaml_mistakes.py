"""Both of PyYAML's parsers say the same of YAML: what is wrong, and where values are."""

import pytest
import yaml

from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.yaml import parser

MISTAKES = {
    "a:\n  - b\n c: d\n": "did not find expected key",
    "- a\nb: c\n": "did not find expected '-' indicator",
    "[a, b\nc: d\n": "did not find expected ',' or ']'",
    "{a: b\nc: d\n": "did not find expected ',' or '}'",
    "a: b: c\n": "mapping values are not allowed in this context",
    "a: - b\n": "block sequence entries are not allowed in this context",
    "a: @b\n": "found character that cannot start any token",
    "a: &[b]\n": "did not find expected alphabetic or numeric character",
    "a: |b\n  c\n": "did not find expected comment or line break",
    "a: [, b]\n": "did not find expected node content",
    '"a\n': "found unexpected end of stream",
}


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize("text", MISTAKES)
def test_both_parsers_say_the_same(text: str, loader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(yaml, loader):
        pytest.skip("PyYAML has no parser in C")
    monkeypatch.setattr(parser, "_LOADER", getattr(yaml, loader))
    with pytest.raises(MistakeError) as raised:
        parser.parse(text)
    assert MISTAKES[text] in str(raised.value.message)


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
def test_an_empty_value_is_at_the_same_place(loader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(yaml, loader):
        pytest.skip("PyYAML has no parser in C")
    monkeypatch.setattr(parser, "_LOADER", getattr(yaml, loader))
    read = parser.parse("{a: , b: [c: ]}\n")
    assert [span.start for span in read.texts] == [1, 4, 6, 10, 13]


@pytest.mark.parametrize(
    "text", ["a: 1\n\t\nb: 2\n", "a: 1\n \t # c\nb: 2\n", "a: 1\n\t\r\nb: 2", "\t\na: 1\nb: 2\n\t"]
)
def test_lines_of_white_space_may_have_tabs(text: str) -> None:
    (root,) = parser.parse(text).documents
    assert [(member.key, member.value.value) for member in root.fields()] == [("a", 1), ("b", 2)]
    assert all(text[slice(*member.value.span)] in "12" for member in root.fields())


@pytest.mark.parametrize(
    "text",
    [
        "a:\n\tb: 1\n",
        "a: 1\n\t\n\tb: 2\n",
        "-\t- a\n",
        "-\ta: b\n",
        '-\t"a": b\n',
        "-\ta\n-\t? b\n",
    ],
)
def test_tabs_do_not_indent(text: str) -> None:
    with pytest.raises(MistakeError, match="tabs"):
        parser.parse(text)


@pytest.mark.parametrize(
    ("text", "scalars"),
    [
        ("a:\n  -\tb\n  - \t\t c\n", ["a", "b", "c"]),
        ("a:\n-\t!Sub 'b: c'\n", ["a", "'b: c'"]),
        ('a:\n- -\t"b: c"\n', ["a", '"b: c"']),
        ("-\t{b: c}\n", ["b", "c"]),
        ("-\t# c\n  b\n", ["b"]),
        ("a:\tb\n", ["a", "b"]),
        ("[\ta,\tb]\n", ["a", "b"]),
    ],
)
def test_a_tab_may_precede_a_value(text: str, scalars: list[str]) -> None:
    assert [text[slice(*span)] for span in parser.parse(text).texts] == scalars
