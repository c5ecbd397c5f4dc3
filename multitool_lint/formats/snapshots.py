"""The values in a snapshot of Jest, as JSON: without prototypes and the commas after last items.

https://jestjs.io/docs/snapshot-testing
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.syntax.decoded_text import Decoder
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.syntax.decoded_text import DecodedText

_VALUE = re.compile(
    r"^exports\[`(?:[^`\\]|\\.)*+`\] = `((?:[^`\\]|\\.)*+)`;", re.MULTILINE | re.DOTALL
)
_ESCAPE = re.compile(r"\\([\\`$])")
_NOT_JSON = re.compile(
    r'"(?:[^"\\\n]|\\.)*+"|(?P<comma>,)(?=\s*+[}\]])|(?P<prototype>\b(?:Object|Array) )(?=[{\[])'
)


def values(text: str) -> Iterator[tuple[DecodedText, Span]]:
    """The values in a snapshot, each with its place."""
    for match in _VALUE.finditer(text):
        span = Span(*match.span(1))
        decoder = Decoder(text, *span)
        decoder.sub(_ESCAPE, lambda escape: escape[1], span.end)
        written = decoder.decoded()
        decoder = Decoder(written.text, 0, len(written.text))
        for part in _NOT_JSON.finditer(written.text):
            if part.lastgroup:
                decoder.copy(part.start())
                decoder.put("", part.end())
        yield decoder.decoded(written.steps), span
