"""The values in a snapshot of Jest, as JSON: without prototypes and the commas after last items.

Jest and Vitest write quotes and backslashes in a string as they are, unless `escapeString` is set,
and each string of an object or array on lines of its own. A string of a file that JSON would have
otherwise shows which it is. https://jestjs.io/docs/snapshot-testing
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.decoded_text import DecodedText, Decoder
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Span

_VALUE = lazy_pattern(
    r"^exports\[`(?:[^`\\]|\\.)*+`\] = `((?:[^`\\]|\\.)*+)`;", re.MULTILINE | re.DOTALL
)
_ESCAPE = lazy_pattern(r"\\([\\`$])")
_NOT_JSON = lazy_pattern(
    r'"(?:[^"\\\n]|\\.)*+"|(?P<comma>,)(?=\s*+[}\]])|(?P<prototype>\b(?:Object|Array) )(?=[{\[])'
)
_BEGINNING = lazy_pattern(r'[ \t]*+(?:"(?:[^"\\]|\\.)*+": )?+"')
"""Up to the text of a string that begins in a line, after its key."""
_KEY = lazy_pattern(r'[ \t]*+"((?:[^"\\\n]|\\.)*+)": ')
_LAST_LINE = lazy_pattern(r'"(,?)\r?\n?\Z')
_LAST_UNESCAPED = lazy_pattern(r'(?<!\\)(?:\\\\)*+"(,?)\r?\n?\Z')
_AFTER_STRING = lazy_pattern(
    r'[ \t]*+(?:"(?!,?\r?\n)|[}\]]|(?:Object |Array )?[{\[]|(?:-?\d+|true|false|null),?\r?\n)'
)
"""How a line begins that an item or a key can be in, or the end of what has them.

A quote alone in a line ends a string that is one line longer.
"""
_QUOTE = lazy_pattern(r'(?:[^"\\]|\\.)*+"', re.DOTALL)
_AS_IT_IS = lazy_pattern(r'(?:[^"\\]|\\["\\/bfnrtu])*+["\\]')
"""What begins with a quote, or with a backslash that JSON has none of, after what JSON may have."""
_SPECIAL = lazy_pattern(r'["\\\x00-\x1f]')
_CONTROL = lazy_pattern(r"[\x00-\x1f]")


def values(text: str) -> Iterator[tuple[DecodedText, Span]]:
    """The values in a snapshot, each with its place."""
    found = []
    for match in _VALUE.finditer(text):
        span = Span(*match.span(1))
        decoder = Decoder(text, *span)
        decoder.sub(_ESCAPE, lambda escape: escape[1], span.end)
        found.append((decoder.decoded(), span))
    written = [text for text, _ in found]
    made = _values(written, [[*_strings(text.text)] for text in written])
    for find in (partial(_strings, with_quotes=True), partial(_strings, are_escaped=True)):
        are_json = [*map(_is_json, made)]
        if all(are_json):
            break
        others = _values(written, [[*find(text.text)] for text in written])
        made = [
            other if not is_json and _is_json(other) else value
            for value, is_json, other in zip(made, are_json, others, strict=True)
        ]
    yield from zip(made, (span for _, span in found), strict=True)


def _values(written: Sequence[DecodedText], strings: Sequence[Sequence[Span]]) -> list[DecodedText]:
    """The values as JSON, where some parts of each are strings."""
    both = list(zip(written, strings, strict=True))
    as_it_is = any(_AS_IT_IS.match(text.text, *inner) for text, parts in both for inner in parts)
    return [_as_json(text, parts, as_it_is=as_it_is) for text, parts in both]


def _is_json(text: DecodedText) -> bool:
    try:
        fast.read(text.text)
    except MistakeError:
        return False
    return True


def _as_json(written: DecodedText, strings: Sequence[Span], *, as_it_is: bool) -> DecodedText:
    """A value as JSON; one that is a string with quotes as they are, as what it is a text of."""
    start = len(written.text) - len(written.text.lstrip())
    end = len(written.text.rstrip()) - 1
    if written.text.startswith('"', start) and start < end:
        if not _QUOTE.match(written.text, start + 1, end):
            return written
        return Decoder(written.text, start + 1, end).decoded(written.steps)
    decoder = Decoder(written.text, 0, len(written.text))
    for inner in strings:
        decoder.copy(inner.start)
        decoder.sub(_SPECIAL if as_it_is else _CONTROL, _escaped, inner.end)
    escaped = decoder.decoded(written.steps)
    decoder = Decoder(escaped.text, 0, len(escaped.text))
    for part in _NOT_JSON.finditer(escaped.text):
        if part.lastgroup:
            decoder.copy(part.start())
            decoder.put("", part.end())
    return decoder.decoded(escaped.steps)


def _strings(text: str, *, with_quotes: bool = False, are_escaped: bool = False) -> Iterator[Span]:
    """The insides of the strings that are keys or values of objects, or items of arrays.

    A string may have lines that look like others of the snapshot, such as those of a dashboard in
    JSON: if it has, each of its lines that is not the last one has a second quote for each first,
    or its quotes are escaped.
    """
    ending = _LAST_UNESCAPED if are_escaped else _LAST_LINE
    begun: int | None = None
    at = 0
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if begun is None:
            if key := _KEY.match(line):
                yield Span(at + key.start(1), at + key.end(1))
            if beginning := _BEGINNING.match(line):
                begun = at + beginning.end()
        last = begun is not None and ending.search(line)
        is_last = last and (number == len(lines) or _AFTER_STRING.match(lines[number]))
        if is_last and with_quotes and begun is not None:
            is_last = line[max(begun - at, 0) :].count('"') % 2 == 1
        if begun is not None and last and is_last and at + line.rindex('"') >= begun:
            yield Span(begun, at + line.rindex('"'))
            begun = None
        at += len(line)


def _escaped(special: re.Match[str]) -> str:
    return f"\\{special[0]}" if special[0] in '"\\' else f"\\u{ord(special[0]):04x}"
