"""Families of texts: JSON, YAML and Markdown, well-formed or not."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from .family import Family, bucket, filled, quoted, word
from .policies import allow_at, many_elements, statements, with_fixes

if TYPE_CHECKING:
    from collections.abc import Callable

    Text = Callable[[int], str]

ANY = '"*"'
POLICY = '{"Version":"2012-10-17","Statement":[%s]}'
FLOW = '{"Effect":"Allow","Action":"s3:GetObject","Resource":%s}'
SMALL = json.dumps(statements(with_fixes, 1))
FENCED = f"```json\n{SMALL}\n```\n"


def _nested(opening: str, closing: str) -> Callable[[int], str]:
    size_of = len(opening) + len(closing)
    return lambda size: (
        f'{{"Version":"2012-10-17","Statement":{opening * (size // size_of)}1'
        f"{closing * (size // size_of)}}}"
    )


def _members(member: Callable[[int], str]) -> Callable[[int], str]:
    head = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    return lambda size: f'{head}{filled(size, member)},"Action":"s3:*","Resource":"*"}}]}}'


def _in_strings(text: str, layers: int) -> str:
    for _ in range(layers):
        text = json.dumps({"policy": text})
    return text


JSON: dict[str, Callable[[int], str]] = {
    "open brackets": lambda size: "[" * size,
    "nested arrays": _nested("[", "]"),
    "nested objects": _nested('{"a":', "}"),
    "nested objects in statements": _nested('[{"Statement":', "}]"),
    "duplicate keys": _members(lambda _: '"Action":"s3:GetObject"'),
    "unknown elements": _members(lambda n: f'"{word(n)}":1'),
    "long keys": _members(lambda n: f'"{word(n) * 50}":1'),
    "a long key": lambda size: _members(lambda _: f'"{size * "k"}":1')(10),
    "duplicate long keys": lambda size: _members(lambda _: f'"{"k" * (size // 60)}":1')(size),
    "escapes": _members(lambda _: '"Sid":"\\u0061\\u00e9\\ud83d\\ude00"'),
    "an escaped string": lambda size: _members(lambda _: '"Sid":"' + "\\u0061" * (size // 6) + '"')(
        10
    ),
    "a long number": lambda size: _members(lambda _: f'"Sid":{"9" * size}')(10),
    "commas": lambda size: '{"Version":"2012-10-17","Statement":[' + "," * size,
    "open strings": lambda size: '{"Statement":[' + '"\\' * (size // 2),
    "placeholders": lambda size: '{"Version":"2012-10-17","Statement":[' + "{{" * (size // 2),
    "placeholders in values": _members(lambda n: f'"Resource":"{{{{ {word(n)} }}}}"'),
    "comments in JSON": lambda size: '{"Statement":[' + "/*" * (size // 2),
    "blanks": lambda size: " " * (size // 2) + "{" + "\n" * (size // 2),
    "CRLF": lambda size: json.dumps(statements(many_elements, size // 2), indent=4).replace(
        "\n", "\r\n"
    ),
    "tabs": lambda size: json.dumps(statements(many_elements, size // 2), indent="\t"),
    "policies of a list": lambda size: (
        f"[{filled(size, lambda _: json.dumps(statements(many_elements, 1)))}]"
    ),
    "policies below keys": lambda size: (
        "{" + filled(size, lambda n: f"{quoted(n)}:{json.dumps(statements(with_fixes, 1))}") + "}"
    ),
    "strings in strings": lambda size: _in_strings(json.dumps(statements(allow_at, size // 8)), 3),
    "many policies in strings": lambda size: json.dumps(
        {word(n): json.dumps(statements(with_fixes, 1)) for n in range(size // 450)}
    ),
    "fixes in a string": lambda size: json.dumps(
        {"policy": json.dumps(statements(with_fixes, size))}
    ),
    "statements in a string": lambda size: json.dumps(
        {"policy": json.dumps(statements(many_elements, size))}
    ),
}


def _block(piece: Callable[[int], str], before: str = "") -> Text:
    head = f'{before}Version: "2012-10-17"\nStatement:\n'
    return lambda size: head + filled(size, piece, "")


def _further(text: Text) -> Text:
    """A document after one with a policy."""
    return lambda size: f"{POLICY % (FLOW % ANY)}\n---\n{text(size)}"


def _items(resource: Callable[[int], str], before: str = "") -> Text:
    return _block(lambda n: f"- {FLOW % resource(n)}\n", before)


def _laughs(size: int) -> str:
    """Aliases of aliases: their meaning doubles with each line."""
    lines = ["a0: &a0 [s3:GetObject, s3:PutObject]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, size // 24)]
    return "\n".join([*lines, f"Statement: *a{len(lines) - 1}", 'Version: "2012-10-17"'])


YAMLS: dict[str, Text] = {
    "comments": _block(lambda n: f"- {FLOW % quoted(n)} # {word(n)}\n"),
    "comment lines": _block(lambda n: f"# {word(n)}\n- {FLOW % ANY}\n"),
    "ignore comments": _block(
        lambda n: f"# multitool-lint: ignore[missing-sid] {word(n)}\n- {FLOW % ANY}\n"
    ),
    "only comments": _block(lambda n: f"# {word(n)}\n", f"Id: a\n- {FLOW % ANY}\n"),
    "aliases": _items(lambda _: "*r", 'r: &r ["arn:aws:s3:::a", "arn:aws:s3:::b"]\n'),
    "aliases of a large list": lambda size: (
        f"r: &r [{filled(size // 2, bucket)}]\n" + _items(lambda _: "*r")(size // 2)
    ),
    "billion laughs": _laughs,
    "merges": _block(
        lambda n: f"- {{<<: *s, Sid: {word(n)}}}\n",
        "s: &s {Effect: Allow, Action: 's3:*', Resource: '*'}\n",
    ),
    "merges of merges": lambda size: (
        "a0: &a0 {k0: 1}\n"
        + filled(size, lambda n: f"a{n + 1}: &a{n + 1} {{<<: *a{n}, k{n + 1}: 1}}", "\n")
        + '\nVersion: "2012-10-17"\nStatement: []\n'
    ),
    "documents": lambda size: filled(
        size, lambda n: f'Version: "2012-10-17"\nStatement:\n- {FLOW % quoted(n)}', "\n---\n"
    ),
    "empty documents": lambda size: "---\n" * (size // 4),
    "block scalars": _block(lambda n: f"- Effect: Allow\n  Action: >-\n    {word(n)}:*\n"),
    "a block scalar": lambda size: "a: |\n" + filled(size, lambda n: f"  {word(n)}", "\n"),
    "policies in block scalars": lambda size: filled(
        size, lambda n: f"a{n}: |\n  {POLICY % (FLOW % ANY)}", "\n"
    ),
    "tags": _items(lambda n: f"!Sub 'arn:aws:s3:::${{{word(n)}}}'"),
    "unknown tags": _items(lambda n: f"!{word(n)} a"),
    "nested flow": lambda size: "a: " + "[" * (size // 2) + "]" * (size // 2),
    "nested blocks": lambda size: "".join(
        f"{' ' * depth}a:\n" for depth in range(int((2 * size) ** 0.5))
    ),
    "nested dashes": lambda size: "- " * (size // 2) + "a",
    "escapes": _items(lambda _: r'"\x61\u0062\n\t"'),
    "plain scalars over lines": lambda size: "a: " + filled(size, lambda n: f"  {word(n)}", "\n"),
    "one line": lambda size: (
        f'{{"Version":"2012-10-17","Statement":['
        f"{filled(size, lambda n: FLOW % f'{word(n)}/{word(n + 1)}')}]}}"
    ),
    "Go templates": _items(lambda n: f'"arn:aws:s3:::{{{{ .Values.{word(n)} }}}}"'),
    "complex keys": lambda size: filled(size, lambda n: f"? [{word(n)}]\n: 1", "\n"),
}


MARKDOWN: dict[str, Text] = {
    "fences": lambda size: "```\n" * (size // 4),
    "policies": lambda size: FENCED * (size // len(FENCED)),
    "ignored policies": lambda size: filled(
        size, lambda n: f"<!-- multitool-lint: ignore[redundant-action] {word(n)} -->\n{FENCED}", ""
    ),
    "one line fences": lambda size: filled(size, lambda n: f"```json\n{{}}\n```\n{word(n)}\n", ""),
    "quotes": lambda size: "> " * (size // 2) + "```json\n{",
    "lines of quotes": lambda size: ("> " * 40 + "```json\n") * (size // 88),
    "lists": lambda size: "".join(
        f"{' ' * depth}- ```json\n" for depth in range(int((2 * size) ** 0.5))
    ),
    "backticks": lambda size: "`" * size,
    "runs of backticks": lambda size: "".join(
        "`" * length + "a" for length in range(int((2 * size) ** 0.5))
    ),
    "brackets": lambda size: "[" * size,
    "links": lambda size: "[a](" * (size // 4),
    "emphasis": lambda size: "*a_" * (size // 3),
    "references": lambda size: filled(size, lambda n: f"[{word(n)}]: /{word(n)}\n", ""),
    "HTML blocks": lambda size: filled(size, lambda n: f"<div>\n{word(n)}\n</div>\n\n", ""),
    "HTML lines": lambda size: "<div>\n" * (size // 6),
    "HTML comments": lambda size: "<!-- a -->\n" * (size // 11),
    "open HTML comments": lambda size: "<!-- a\n" * (size // 7),
    "HTML comments of one line": lambda size: "<!-- a --> " * (size // 11) + "\n",
    "tables": lambda size: "| a | b |\n|---|---|\n" + "| a | b |\n" * (size // 10),
    "wide tables": lambda size: "|a" * (size // 4) + "|\n" + "|-" * (size // 4) + "|\n",
    "headings": lambda size: "a\n=\n" * (size // 4),
    "indented": lambda size: "    {\n\n" * (size // 7),
    "lines": lambda size: "a\n" * (size // 2),
    "one line": lambda size: "a " * (size // 2),
    "a policy with prose": lambda size: filled(size, lambda n: f"{word(n)} <b>\n", "") + FENCED,
    "Go templates": lambda size: "```json\n" + "{{" * (size // 2) + "\n```\n",
}


def _next_to_policies(text: Text, size: int) -> str:
    """A page that is read for its policies."""
    return f"{FENCED}\n{text(size)}\n\n{FENCED}"


FAMILIES = {
    **{f"JSON text: {name}": Family("policy.json", text) for name, text in JSON.items()},
    **{f"YAML text: {name}": Family("policy.yaml", _further(text)) for name, text in YAMLS.items()},
    **{
        f"Markdown text: {name}": Family("page.md", partial(_next_to_policies, text))
        for name, text in MARKDOWN.items()
    },
}
