"""The text that a YAML scalar contains, and the way back to its place in the file."""

from __future__ import annotations

import json
import re

from multitool_lint.syntax import decoded_text as embedded
from multitool_lint.syntax.decoded_text import DecodedText, Decoder, DecodingStep
from multitool_lint.syntax.source import Span

_RUN = re.compile(r"\S+")
_HEADER = re.compile(r"[|>][^\r\n]*+")
_IN_DOUBLE_QUOTES = re.compile(
    r"""\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}
          |(?P<joined>\r\n|[\r\n])[ \t\r\n]*+|.)
      |[ \t]*+(?:\r\n|[\r\n])[ \t\r\n]*+""",
    re.VERBOSE,
)
_CHARACTERS = dict(
    zip('0abt\tnvfre "/\\N_LP', '\0\a\b\t\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029', strict=True)
)
"""What single characters mean after a backslash. https://yaml.org/spec/1.1/"""


def cut(text: str, span: Span, value: str) -> DecodedText:
    """What the scalar at a span says, which is the value.

    Folding and indents change white space only, so that each run of other characters is in the
    file as it is, but for the quotes that single quotes double.
    """
    written = text[slice(*span)]
    if written.startswith('"') and "\\" in written:
        return _escaped(text, span, value)
    doubled = written.startswith("'")
    starts, shifts = [0], [span.start]
    # A comment after the sign of a block is not a part of it.
    header = _HEADER.match(text, span.start)
    at = header.end() if header else span.start
    for run in _RUN.finditer(value):
        looked_for = run[0].replace("'", "''") if doubled else run[0]
        found = text.find(looked_for, at, span.end)
        if found < 0:
            return _all_at_start(value, span)
        at = found + len(looked_for)
        starts.append(run.start())
        shifts.append(found - run.start())
        for number, quote in enumerate(re.finditer("'", run[0]) if doubled else (), 1):
            starts.append(run.start() + quote.end())
            shifts.append(found - run.start() + number)
    return DecodedText(value, (DecodingStep(starts, shifts),))


def _escaped(text: str, span: Span, value: str) -> DecodedText:
    """As `cut`, in double quotes: where that is JSON as well, it is read as such."""
    try:
        if json.loads(text[slice(*span)]) == value:
            return embedded.cut(text, span)
    except ValueError:
        pass
    decoder = Decoder(text, span.start + 1, span.end - 1)
    decoder.sub(_IN_DOUBLE_QUOTES, _unescaped, span.end - 1)
    decoded = decoder.decoded()
    return decoded if decoded.text == value else _all_at_start(value, span)


def _unescaped(match: re.Match[str]) -> str:
    """What an escape is, or a line break with the white space around it."""
    written = match[0]
    if written.startswith("\\") and not match["joined"]:
        code = written[2:]
        return chr(int(code, base=16)) if code else _CHARACTERS.get(written[1], "")
    breaks = len(re.findall(r"\r\n|[\r\n]", written)) - 1
    return "\n" * breaks or ("" if match["joined"] else " ")


def _all_at_start(value: str, span: Span) -> DecodedText:
    """Every place is the beginning of the scalar."""
    places = list(range(len(value) + 1))
    return DecodedText(value, (DecodingStep(places, [span.start - place for place in places]),))
