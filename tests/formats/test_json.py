"""The JSON loader agrees with the standard library on values and says where each of them is."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.json_texts import STATEMENT, cut, load_text, walk
from support.plain_values import plain

from multitool_lint.limits import MAX_TREE_DEPTH
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.json.parser import parse
from multitool_lint.syntax.placeholders import may_hold_placeholders
from multitool_lint.syntax.tree import Object


def resolve(document: Any, pointer: str) -> Any:  # noqa: ANN401 - as above
    for token in pointer.split("/")[1:]:
        if isinstance(document, list):
            document = document[int(token)]
        else:
            document = document[token.replace("~1", "/").replace("~0", "~")]
    return document


def keys() -> st.SearchStrategy[str]:
    return (st.text() | st.sampled_from(["a/b", "m~n", ""])).filter(
        lambda key: key != "Ref" and not key.startswith("Fn::")
    )


def values() -> st.SearchStrategy[Any]:
    scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    return st.recursive(
        scalars.filter(lambda value: value not in (float("inf"), float("-inf"))),
        lambda children: st.lists(children) | st.dictionaries(keys(), children),
        max_leaves=20,
    )


@st.composite
def texts(draw: st.DrawFn) -> str:
    text = json.dumps(
        draw(values()),
        indent=draw(st.sampled_from([None, 0, 2, "\t"])),
        ensure_ascii=draw(st.booleans()),
    )
    text = draw(st.sampled_from(["", " \r\n\t"])) + text + draw(st.sampled_from(["", "\n"]))
    return "" if may_hold_placeholders(text) else text


@pytest.mark.exhaustive
@given(texts().filter(bool))
def test_a_document_has_the_value_that_json_gives_it(text: str) -> None:
    assert plain(parse(text)) == json.loads(text)


@given(texts().filter(bool))
@pytest.mark.slow
def test_every_span_is_the_text_of_its_value_and_every_pointer_leads_to_it(text: str) -> None:
    document = json.loads(text)
    for node in walk(parse(text)):
        assert json.loads(cut(text, node.span)) == plain(node)
        assert resolve(document, node.pointer) == plain(node)
        if isinstance(node.value, Object):
            for member in node.value:
                assert json.loads(cut(text, member.key_span)) == member.key


def is_json(text: str) -> bool:
    def reject(constant: str) -> None:
        raise ValueError(constant)

    try:
        json.loads(text, parse_constant=reject)
    except ValueError:
        return False
    return True


DAMAGE = st.sampled_from([*"[]{},:\"'\\/#+-.0eEtfnuN \n\t\x00\x7f\u00a0\u201cx"]) | st.characters(
    exclude_categories=["Cs"]  # in no text that was decoded
)


@pytest.mark.exhaustive
@given(texts().filter(bool), st.data())
def test_a_damaged_document_is_refused_where_json_refuses_it(
    text: str, data: st.DataObject
) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(DAMAGE | st.just("")) + text[at + data.draw(st.booleans()) :]
    if may_hold_placeholders(text) or text.startswith("\ufeff"):
        return
    if is_json(text):
        again = json.dumps(json.loads(text), ensure_ascii=False)
        assert plain(parse(text)) == json.loads(re.sub("[\ud800-\udfff]", "\ufffd", again))
        return
    with pytest.raises(MistakeError) as caught:
        parse(text)
    start, end = caught.value.span
    assert 0 <= start < end <= len(text) or not text
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ('{"a": [1«,»]}', "The last element is followed by a comma; remove it"),
        ('{"a": 1«,»\n}', "The last element is followed by a comma; remove it"),
        ('{\n  «// why»\n "a": 1}', "JSON has no comments; remove it"),
        ('{"a": «/* why\n not */» 1}', "JSON has no comments; remove it"),
        ('{"a": 1 «# why»\n}', "JSON has no comments; remove it"),
        ('{"a": 1}\n«// why»', "JSON has no comments; remove it"),
        ('{"a": «/* why»', "JSON has no comments; remove it"),
        ("{«'a'»: 1}", 'A string in JSON must be in double quotes; write `"a"`'),
        (
            '{"a": «\'it is "b"\'»}',
            r'A string in JSON must be in double quotes; write `"it is \"b\""`',
        ),
        ('{"a": «\u201cb\u201d»}', 'A string in JSON must be in double quotes; write `"b"`'),
        ('{«Effect»: "Allow"}', 'Key `Effect` is not in double quotes; write `"Effect"`'),
        ('{"a": «Allow»}', '`Allow` is not in double quotes; write `"Allow"`'),
        ('{"a": «s3:Get*»}', '`s3:Get*` is not in double quotes; write `"s3:Get*"`'),
        ('{"a": «True»}', "`True` is not a valid value in JSON; write `true`"),
        ('{"a": «None»}', "`None` is not a valid value in JSON; write `null`"),
        ('{"a": «truer»}', '`truer` is not in double quotes; write `"truer"`'),
        ('{"a": «NaN»}', "`NaN` is not a valid number in JSON; use a number, or `null`"),
        ("[«-Infinity»]", "`-Infinity` is not a valid number in JSON; use a number, or `null`"),
        ("[«012»]", "`012` is not a valid number in JSON; write `12`"),
        ("[«-00.50»]", "`-00.50` is not a valid number in JSON; write `-0.50`"),
        ("[«+1»]", "`+1` is not a valid number in JSON; write `1`"),
        ("[«.5»]", "`.5` is not a valid number in JSON; write `0.5`"),
        ("[«5.», 6]", "`5.` is not a valid number in JSON; write `5`"),
        ("[«0x1F»]", "`0x1F` is not a valid number in JSON; write `31`"),
        ("[«-»]", '`-` is not a valid number in JSON; write text in double quotes: `"-"`'),
        ("[«111122223333a»]", None),
        ("[«1e»]", None),
        (r'{"a": "x«\d»y"}', r"`\d` is not a valid escape in JSON; write `\\` for a backslash"),
        (r'{"a": "it«\'»s"}', r"`\'` is not a valid escape in JSON; write `'`"),
        (
            r'{"a": "«\u12»x"}',
            r"`\u12` is not a complete escape; write `\u` and four hexadecimal digits",
        ),
        ('{"a": "x«\t»y"}', r"U+0009 (a control character) is not allowed in a string; write `\t`"),
        (
            '{"a": "x«\x00»y"}',
            r"U+0000 (a control character) is not allowed in a string; write `\u0000`",
        ),
        (
            '{"a": «"x»\ny"}',
            r'The string does not end on its line; close it with `"`, or write `\n`',
        ),
        ('{"a": «"x}»', 'The string is not closed; add `"` at its end'),
        ('{"a": «"x\\»', 'The string is not closed; add `"` at its end'),
        ('{"a": «[»1', "This `[` is not closed; add `]` where it ends"),
        ('«{»"a": [1]', "This `{` is not closed; add `}` where it ends"),
        ('«{»"a"', "This `{` is not closed; add `}` where it ends"),
        ('{"a": [1«}»', "`}` does not close the open `[`; add `]` first"),
        ("{«]»", "`]` does not close the open `{`; add `}` first"),
        ('{"a": 1}«}»', "This `}` closes nothing; remove it"),
        ('{"a": 1 «"»b": 2}', "A comma is missing here; add `,`"),
        ('["a"\n «"»b"]', "A comma is missing here; add `,`"),
        ("[1«;» 2]", "`;` cannot separate elements; write `,`"),
        ("[1, «,» 2]", "Expected a value, found `,`"),
        ('{"a": 1, «,» "b": 2}', "The comma has no element before it; remove it"),
        ('["a"«:» 1]', "A value is followed by `:`; write a key and its value within `{ }`"),
        (
            '["say "«h»i""]',
            r"A string is followed by text; write `\"` for a quote in it, or add a comma",
        ),
        ('{"a" «1»}', "A colon is missing here; add `:` between the key and its value"),
        ('{"a" «=» 1}', "`=` cannot separate a key and its value; write `:`"),
        ('{"a"«,» "b": 1}', "The last key has no value; add `:` and a value"),
        ('{"a"«}»', "The last key has no value; add `:` and a value"),
        ('{"a":«}»', "Expected a value, found `}`"),
        ('{ «{»"b": 1}}', "Expected a key in double quotes, found `{`"),
        ("{«1»: 2}", 'Key `1` is not in double quotes; write `"1"`'),
        ("[«...»]", "`...` is not valid in JSON; add the elements that are left out"),
        (
            '{"a": 1,«\u00a0»"b": 2}',
            "U+00A0 (no-break space) is not whitespace in JSON; use a space",
        ),
        ('{"a": 1}\n«{»"b": 2}', "A second document begins here; write it to another file"),
        ('{"a": 1} «x»', "The document is followed by text; remove it"),
        ('{"a": «${»var.x', "`${` begins a placeholder that is not closed or not allowed here"),
        ("«@»", "Expected a value, found `@`"),
        ("«  \n»", "The document is empty; a policy begins with `{`"),
        ("«»", "The document is empty; a policy begins with `{`"),
    ],
)
def test_a_mistake_is_named_at_its_place(marked: str, message: str | None) -> None:
    before, inside, after = re.split("[«»]", marked)
    (problem,) = load_text(before + inside + after).problems
    assert problem.rule == "json-syntax-error"
    assert problem.span == (len(before), len(before) + len(inside))
    if message:
        assert problem.sentence == message


def test_only_the_first_mistake_is_reported() -> None:
    assert len(load_text("{'a': NaN,}").problems) == 1


@pytest.mark.slow
@pytest.mark.parametrize("depth", [MAX_TREE_DEPTH + 1, 10_000, 1_000_000])
@pytest.mark.parametrize("opener", ["[", '{"Statement":'])
def test_deep_nesting_is_an_answer(opener: str, depth: int) -> None:
    (problem,) = load_text(opener * depth).problems
    assert problem.span == (MAX_TREE_DEPTH * len(opener), MAX_TREE_DEPTH * len(opener) + 1)
    assert (
        problem.message == f"Arrays and objects are nested more than {MAX_TREE_DEPTH} levels deep"
    )


def test_what_is_nested_as_deep_as_allowed_is_read() -> None:
    assert plain(parse("[" * MAX_TREE_DEPTH + "]" * MAX_TREE_DEPTH)) is not None


@pytest.mark.parametrize(
    "text",
    [
        '{"Statement": "' + "\\" * 1_000_000,
        '{"Statement": "' + '\\"' * 500_000,
        '{"Statement": "' + "x" * 1_000_000,
        '{"Statement": ' + " " * 1_000_000,
        '{"Statement": ' + "/*" * 500_000,
        '{"Statement": ' + "${" * 500_000,
        '{"Statement": ' + "{{" * 500_000,
        '{"Statement": [], "' + "k" * 500_000 + '": [' + "1, " * 200_000 + "1]}",
        '{"Statement": [], "' + "k" * 500_000 + '": [' + '"", ' * 200_000 + '""]}',
        '{"Statement": ${' + '\\"' * 500_000,
        "Statement" + "'" * 1_000_000,
    ],
    ids=lambda text: repr(text[:24]),
)
def test_a_hostile_file_is_refused(text: str) -> None:
    assert len(load_text(text).problems) == 1


def test_huge_numbers_are_numbers() -> None:
    text = f"[{'9' * 5000}, 1e999, -1E-999, 12345678901234567890]"
    infinite = float("inf")
    assert plain(parse(text)) == [infinite, infinite, 0.0, 12345678901234567890]


def test_escapes() -> None:
    text = r'{"\u0041\"\\\/\b\f\n\r\t": "\ud83d\ude00 \uD83D\uDE00 \\ud83d"}'
    assert plain(parse(text)) == json.loads(text)


@pytest.mark.parametrize("half", [r"\ud83d", r"\ude00", r"\ude00\ud83d"])
def test_half_of_a_surrogate_pair_becomes_a_character_that_can_be_printed(half: str) -> None:
    (value,) = plain(parse(f'["x{half}"]'))
    assert value.encode() == b"x" + "\ufffd".encode() * half.count("u")


def test_duplicate_keys_are_kept_and_the_last_is_found() -> None:
    root = parse('{"a": 1, "b": 2, "a": 3}')
    assert isinstance(root.value, Object)
    assert [(member.key, member.value.value) for member in root.value] == [
        ("a", 1),
        ("b", 2),
        ("a", 3),
    ]
    last = root.value.find("a")
    assert last
    assert last.value.value == 3


def test_a_byte_order_mark_counts_as_an_offset_only() -> None:
    text = "\ufeff" + json.dumps({"Statement": [STATEMENT]})
    (policy,) = load_text(text).json_policies
    assert policy.root.span == (1, len(text))
    assert load_text("\ufeff").problems
