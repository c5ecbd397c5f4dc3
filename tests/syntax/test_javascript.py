"""Literals of JavaScript are read, and what is not certainly one is code."""

import pytest

from multitool_lint.syntax.javascript import (
    NotReadError,
    ScriptCode,
    TemplateLiteral,
    content_of,
    literal_at,
    tokens_of,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ a: 1, 'b-c': [true, null, -2.5,], }", {"a": 1, "b-c": [True, None, -2.5]}),
        (
            r"""'it\'s \x41\u0042\u{43}\
'""",
            "it's ABC",
        ),
        ("`a ${'$'}{b}`", TemplateLiteral),
        ("`a`", "a"),
        ("'a' as const", "a"),
        ("{ a: 1 } satisfies A.B;", {"a": 1}),
        ("{ a: 1 }\nmodule.exports", {"a": 1}),
        ("'a' + b", ScriptCode),
        ("'a'\nin b", ScriptCode),
        ("[a, b]", list),
        ("{ ...a }", ScriptCode),
        ("{ a, a: 1 }", ScriptCode),
        ("{ __proto__: a }", ScriptCode),
        ("{ a() {} }", ScriptCode),
        ("{ get a() {} }", ScriptCode),
        ("{ [a]: 1 }", ScriptCode),
        ("[1, , 2]", ScriptCode),
        ("010", ScriptCode),
        ("(1)", ScriptCode),
        ("<A>{}", ScriptCode),
    ],
)
def test_literals(text: str, expected: object) -> None:
    found, _ = literal_at(tokens_of(text), 0)
    assert isinstance(found, expected) if isinstance(expected, type) else found == expected


@pytest.mark.parametrize(
    "text",
    [
        "a / b",
        "(a) /b/ c",
        "/* a",
        "'a",
        "`a",
        "`${a`",
        "`\\08`",
        "<!-- a",
        "a }",
        "#!/usr/bin/env node",
        "\\u0061",
        "[" * 200 + "{" * 200 + "`${" * 200,
    ],
)
def test_what_is_not_certain(text: str) -> None:
    with pytest.raises(NotReadError):
        tokens_of(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("f( 'a' ) // b", 'f("a")', True),
        ("f(/* a */\n  b)", "f(b)", True),
        ("f(/a b/)", "f(/a  b/)", False),
        ("f('a  b')", "f('a b')", False),
        ("return\na", "return a", False),
        ("a\n++b", "a++\nb", False),
        ("`a${b}`", "`a${ b }`", True),
        ("`a${b}`", "`a${c}`", False),
    ],
)
def test_the_content_of_code(one: str, other: str, *, same: bool) -> None:
    assert (content_of(tokens_of(one)) == content_of(tokens_of(other))) is same
