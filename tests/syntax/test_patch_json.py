import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plain_values import plain

from multitool_lint.formats import read_source
from multitool_lint.syntax.json import parser as json_text
from multitool_lint.syntax.patch import json as edits
from multitool_lint.syntax.patch.change import (
    Change,
    append,
    apply_changes,
    insert_first,
    remove,
    rename,
    set_value,
)
from multitool_lint.syntax.patch.json_changes import json_edits
from multitool_lint.syntax.source import Source, Span, apply_edits
from multitool_lint.syntax.tree import Array, Member, Node, Object, as_list

BLANKS = st.sampled_from(["", " ", "  ", "\n", "\n    ", "\r\n\t", "\n\n  "])
STRINGS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="{}$%<>"), max_size=8
)


def at(text: str, pointer: str) -> tuple[Source, Node]:
    """The source and, in it, the value at a pointer."""
    node = json_text.parse(text)
    for part in pointer.split("/")[1:]:
        items = node.value if isinstance(node.value, Array) else None
        node = items[int(part)] if items else member(node, part).value
    return Source("policy.json", text), node


def member(node: Node, key: str) -> Member:
    assert isinstance(node.value, Object)
    found = node.value.find(key)
    assert found
    return found


def replaced(text: str, pointer: str, *new: str) -> str:
    source, node = at(text, pointer)
    array = node
    if pointer.rpartition("/")[2].isdigit():
        _, array = at(text, pointer.rpartition("/")[0])
        node = as_list(array)[int(pointer.rpartition("/")[2])]
    return apply_edits(text, edits.rewrite_items(source, array, {node: new}))


def changed(text: str, *changes: Change) -> str:
    """A JSON text after changes."""
    return apply_edits(
        text, json_edits(Source("policy.json", text), json_text.parse(text), changes)
    )


def without(text: str, pointer: str, *places: int) -> str:
    source, array = at(text, pointer)
    items = as_list(array)
    return apply_edits(text, edits.remove_items(source, array, [items[place] for place in places]))


LINES = '{\n  "A": [\n    "a",\n    "b",\n    "c"\n  ]\n}\n'


@pytest.mark.parametrize(
    ("text", "places", "after"),
    [
        (LINES, [0], '{\n  "A": [\n    "b",\n    "c"\n  ]\n}\n'),
        (LINES, [1], '{\n  "A": [\n    "a",\n    "c"\n  ]\n}\n'),
        (LINES, [2], '{\n  "A": [\n    "a",\n    "b"\n  ]\n}\n'),
        (LINES, [0, 1], '{\n  "A": [\n    "c"\n  ]\n}\n'),
        (LINES, [1, 2], '{\n  "A": [\n    "a"\n  ]\n}\n'),
        (LINES, [2, 0], '{\n  "A": [\n    "b"\n  ]\n}\n'),
        (LINES, [0, 1, 2], '{\n  "A": []\n}\n'),
        (LINES, [], LINES),
        ('{"A": ["a", "b", "c"]}', [0], '{"A": ["b", "c"]}'),
        ('{"A": ["a", "b", "c"]}', [1], '{"A": ["a", "c"]}'),
        ('{"A": ["a", "b", "c"]}', [1, 2], '{"A": ["a"]}'),
        ('{"A": [ "a" ]}', [0], '{"A": []}'),
        ('{"A": ["a", "b",\n "c"]}', [1], '{"A": ["a",\n "c"]}'),
        ('{"A": [\n"a"\n  , "b"\n  , "c"\n]}', [1], '{"A": [\n"a"\n  , "c"\n]}'),
    ],
)
def test_remove_items(text: str, places: list[int], after: str) -> None:
    assert without(text, "/A", *places) == after


@pytest.mark.parametrize(
    ("text", "pointer", "new", "after"),
    [
        ('{"A": "s:*"}', "/A", ["s:B"], '{"A": "s:B"}'),
        ('{"A": "s:*"}', "/A", ["s:B", "s:C"], '{"A": ["s:B", "s:C"]}'),
        ('{"A":"s:*"}', "/A", ["s:B", "s:C"], '{"A":["s:B","s:C"]}'),
        ('{"A": "s:*"}', "/A", [], '{"A": []}'),
        ('{"A": "s:*"}', "/A", ["s:*"], '{"A": "s:*"}'),
        ('{"A": ["s:*"]}', "/A/0", ["s:B", "s:C"], '{"A": ["s:B", "s:C"]}'),
        ('{"A": ["z","s:*"]}', "/A/1", ["s:B", "s:C"], '{"A": ["z","s:B","s:C"]}'),
        ('{"A": ["é", "s:*"]}', "/A/1", ["ü"], '{"A": ["é", "ü"]}'),
        (LINES, "/A/1", ["x", "y"], LINES.replace('"b"', '"x",\n    "y"')),
        (LINES, "/A/1", ["b"], LINES),
        (LINES, "/A/0", ["x", "y"], LINES.replace('"a"', '"x",\n    "y"')),
        (
            LINES.replace("\n", "\r\n"),
            "/A/2",
            ["x", "y"],
            LINES.replace('"c"', '"x",\n    "y"').replace("\n", "\r\n"),
        ),
        ('{"A": [\n\t"s:*"\n]}', "/A/0", ["x", "y"], '{"A": [\n\t"x",\n\t"y"\n]}'),
        (
            '{"A": [\n  "a",\n\n  "b"\n]}',
            "/A/1",
            ["x", "y"],
            '{"A": [\n  "a",\n\n  "x",\n  "y"\n]}',
        ),
        ('{"A": [\n  "a"\n  , "b"\n]}', "/A/0", ["x", "y"], '{"A": [\n  "x"\n  , "y"\n  , "b"\n]}'),
        (
            '{"A": ["a", "b",\n      "c"]}',
            "/A/0",
            ["x", "y"],
            '{"A": ["x",\n      "y", "b",\n      "c"]}',
        ),
    ],
)
def test_an_item_is_replaced(text: str, pointer: str, new: list[str], after: str) -> None:
    assert replaced(text, pointer, *new) == after


MANY = [f"service:Action{number}" for number in range(5)]


@pytest.mark.parametrize("unit", ["  ", "    ", "\t"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("value", ['"service:*"', '["service:*"]'])
def test_what_gets_long_gets_a_line_for_each_item(unit: str, line_break: str, value: str) -> None:
    before = json.dumps({"S": [{"Sid": "a", "A": "@", "R": "*"}]}, indent=unit) + "\n"
    after = json.dumps({"S": [{"Sid": "a", "A": MANY, "R": "*"}]}, indent=unit) + "\n"
    before = before.replace('"@"', value)
    pointer = "/S/0/A/0" if value.startswith("[") else "/S/0/A"
    assert replaced(before.replace("\n", line_break), pointer, *MANY) == after.replace(
        "\n", line_break
    )


def test_two_long_items_of_one_line() -> None:
    text = '{\n  "A": ["service:*", "other:*", "third"]\n}'
    source, array = at(text, "/A")
    first, second, _ = as_list(array)
    after = apply_edits(text, edits.rewrite_items(source, array, {first: MANY, second: ()}))
    assert after == json.dumps({"A": [*MANY, "third"]}, indent=2)


def test_a_document_on_one_line_stays_on_it() -> None:
    text = '\ufeff{"S":[{"A":["service:*"],"R":"*"}]}\n'
    after = replaced(text, "/S/0/A/0", *MANY)
    assert after == text.replace('"service:*"', json.dumps(MANY, separators=(",", ":"))[1:-1])


def test_without_lines_to_compare_with_two_spaces_indent() -> None:
    text = '{"B": "' + "x" * 60 + '",\n"A": "service:*"}'
    lines = ",\n  ".join(map(json.dumps, MANY))
    assert replaced(text, "/A", *MANY) == text.replace('"service:*"', f"[\n  {lines}\n]")


def test_the_unit_is_looked_for_nearby() -> None:
    text = "{" + "\n" * 200 + '    "A": "service:*"}'
    text = text.replace("{", '{"B": "' + "x" * 60 + '",')
    lines = ",\n      ".join(map(json.dumps, MANY))
    assert replaced(text, "/A", *MANY) == text.replace('"service:*"', f"[\n      {lines}\n    ]")


def test_a_tab_is_the_unit_where_all_lines_are_indented() -> None:
    text = '\t{"B": "' + "x" * 60 + '",\n\t"A": "service:*"}'
    lines = ",\n\t\t".join(map(json.dumps, MANY))
    assert replaced(text, "/A", *MANY) == text.replace('"service:*"', f"[\n\t\t{lines}\n\t]")


QUOTED = """\
# Policies

1. > Text
   >
   > ```json
   > {
   >   "Statement": {"Effect": "Allow", "Resource": "*",
   >     "Action": @
   >   }
   > }
   > ```
"""


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "value", ['"service:*"', '["service:*"]', '[\n   >       "service:*"\n   >     ]']
)
def test_lines_in_block_quotes_and_lists_keep_their_prefix(line_break: str, value: str) -> None:
    text = QUOTED.replace("@", value).replace("\n", line_break)
    source = Source("page.md", text)
    (policy,) = read_source(source).json_policies
    (statement,) = policy.statements
    assert statement.action
    array = statement.action.value
    first, *others = as_list(array)
    new = {first: MANY, **dict.fromkeys(others, ())}
    after = apply_edits(text, edits.rewrite_items(source, array, new))
    lines = ",\n   >       ".join(map(json.dumps, MANY))
    expected = QUOTED.replace("@", f"[\n   >       {lines}\n   >     ]")
    assert after == expected.replace("\n", line_break)


def test_members() -> None:
    text = '{\n  "A": 1,\n  "B": 2\n}'
    _, node = at(text, "")
    first, second = member(node, "A"), member(node, "B")
    assert changed(text, remove(first)) == '{\n  "B": 2\n}'
    assert changed(text, remove(second)) == '{\n  "A": 1\n}'
    assert changed(text, rename(first, "Ä")) == '{\n  "Ä": 1,\n  "B": 2\n}'
    assert changed(text, set_value(first.value, [])) == '{\n  "A": [],\n  "B": 2\n}'
    assert changed(text, insert_first(node, "C", 3)) == '{\n  "C": 3,\n  "A": 1,\n  "B": 2\n}'
    source, node = at('{ "A": 1 }', "")
    assert changed(source.text, remove(member(node, "A"))) == "{}"


def test_changes_of_arrays() -> None:
    text = '{"A": ["b",  "a", "c"], "B": "x"}'
    _, node = at(text, "")
    array, single = member(node, "A").value, member(node, "B").value
    assert changed(text, set_value(array, ["a", "b", "c"])) == text.replace(
        '"b",  "a"', '"a",  "b"'
    )
    first, _, last = as_list(array)
    assert changed(text, remove(first), remove(last)) == '{"A": ["a"], "B": "x"}'
    assert changed(text, append(array, ["d"])) == text.replace('"c"', '"c", "d"')
    assert changed(text, append(single, ["y"])) == text.replace('"x"', '["x", "y"]')
    assert changed(text, set_value(last, "e"), append(array, ["d"])) == text.replace(
        '"c"', '"e", "d"'
    )
    assert changed(text, append(array, ["d"]), set_value(first, "e")) == text.replace(
        '["b",  "a", "c"', '["e",  "a", "c", "d"'
    )
    wrapped = set_value(single, {"Y": "x"})
    assert changed(text, wrapped) == text.replace('"x"', '{"Y": "x"}')
    assert len(json_edits(Source("p.json", text), node, [wrapped])) == 2


def test_of_members_of_the_same_key_the_intended_one_changes() -> None:
    text = '{"A": ["a"], "A": ["b", "c"]}'
    _, node = at(text, "")
    assert isinstance(node.value, Object)
    first, second = node.value
    assert changed(text, remove(first)) == '{"A": ["b", "c"]}'
    assert changed(text, set_value(as_list(first.value)[0], "x")) == text.replace('"a"', '"x"')
    assert changed(text, remove(as_list(second.value)[0])) == text.replace('"b", ', "")


@given(st.data())
def test_a_changed_tree_is_what_the_edited_text_says(data: st.DataObject) -> None:
    value = {"A": ["a", "b", "c"], "B": {"C": "d", "E": ["f"]}, "G": "h"}
    text = json.dumps(value, indent=data.draw(st.sampled_from([None, 1])))
    _, node = at(text, "")
    root = list(node.value) if isinstance(node.value, Object) else []
    a, b, g = root
    inner = b.value.value[0] if isinstance(b.value.value, Object) else a
    possible = [
        remove(as_list(a.value)[0]),
        remove(as_list(a.value)[2]),
        set_value(as_list(a.value)[1], "x"),
        rename(b, "Z"),
        set_value(inner.value, "y"),
        set_value(g.value, ["i", "j"]),
        insert_first(node, "First", "1"),
    ]
    changes = data.draw(st.lists(st.sampled_from(possible), unique_by=repr, max_size=7))
    after = apply_changes(node, changes)
    assert after
    assert plain(after) == plain(json_text.parse(changed(text, *changes)))


def test_what_is_elsewhere_is_refused() -> None:
    source, node = at('{"A": ["a"], "B": ["a"]}', "")
    array, other = member(node, "A").value, member(node, "B").value
    with pytest.raises(ValueError, match="no item of /A: /B/0"):
        edits.remove_items(source, array, as_list(other))
    change = Change("/C/0", Span(0, 0), "b")
    assert json_edits(source, node, [change]) == ()
    assert apply_changes(node, [change]) is None


@st.composite
def arrays(draw: st.DrawFn) -> tuple[list[str | int | list[str]], str]:
    """Values of an array, and its text in any layout."""
    values = draw(
        st.lists(st.one_of(STRINGS, st.integers(), st.lists(STRINGS, max_size=2)), max_size=6)
    )
    parts = [
        f"{draw(BLANKS)}{json.dumps(value, ensure_ascii=draw(st.booleans()))}{draw(BLANKS)}"
        for value in values
    ]
    return values, f"[{','.join(parts) if parts else draw(BLANKS)}]"


@given(
    array=arrays(),
    before=st.sampled_from(['{"x":"[{","A":', '{\n  "A": ', '\ufeff{\r\n\t"x": 1,\r\n\t"A" :\t']),
    after=st.sampled_from(["}", "\n}\n", ',\r\n\t"A": 1}', ', "z": [1]}']),
    data=st.data(),
)
def test_edits_do_what_they_say_and_nothing_else(
    array: tuple[list[object], str], before: str, after: str, data: st.DataObject
) -> None:
    values, body = array
    text = before + body + after
    source, node = at(text.replace('"A": 1', '"Z": 1'), "/A")
    text = source.text
    places = data.draw(st.sets(st.sampled_from(range(len(values))))) if values else set()
    new: dict[int, list[str | int | list[str]]] = {}
    texts: dict[Node, list[str]] = {}
    for place in sorted(places):
        texts[as_list(node)[place]] = drawn = data.draw(st.lists(STRINGS, max_size=4))
        new[place] = [*drawn]
    changes = edits.rewrite_items(source, node, texts)
    result = apply_edits(text, changes)
    expected = [item for place, value in enumerate(values) for item in new.get(place, [value])]
    assert json.loads(result.removeprefix("\ufeff"))["A"] == expected
    assert result.startswith(before)
    assert result.endswith(text[len(before) + len(body) :])
    assert "\n" not in result or "\n" in text
    assert all(
        node.span.start < change.span.start and change.span.end < node.span.end
        for change in changes
        if change.span != node.span
    )


@given(st.dictionaries(STRINGS, st.integers(), min_size=1, max_size=5), st.data(), BLANKS, BLANKS)
def test_removing_a_member(values: dict[str, int], data: st.DataObject, one: str, two: str) -> None:
    parts = (f"{one}{json.dumps(key)}{two}:{one}{value}{two}" for key, value in values.items())
    text = "{" + ",".join(parts) + "}"
    gone = data.draw(st.sampled_from(sorted(values)))
    _, node = at(text, "")
    result = changed(text, remove(member(node, gone)))
    assert list(json.loads(result)) == [key for key in values if key != gone]
