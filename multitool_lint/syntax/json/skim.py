"""A walk through a JSON text that does not keep the values that it skips.

They are read by the standard library's parser, which is written in C. It is made to keep one bit
for each object, so that it takes little memory as well.
"""

from __future__ import annotations

import json
from typing import Any

from multitool_lint.limits import MAX_TREE_DEPTH
from multitool_lint.syntax.json.errors import Due, MistakeError, reject, too_deep
from multitool_lint.syntax.json.parser import parse
from multitool_lint.syntax.json.scan import Walk
from multitool_lint.syntax.source import Span

# Digits are not turned into numbers: too many of them would be an error, and nobody asks.
_WHOLE = json.JSONDecoder(parse_constant=reject, parse_int=str, parse_float=str)
_SKIM = json.JSONDecoder(
    object_pairs_hook=bool, parse_constant=reject, parse_int=bool, parse_float=bool
)


class SkimmingWalk(Walk):
    """A walk that reads whole values, and explains those that are broken."""

    def skim(self) -> Any:  # noqa: ANN401 - whatever JSON can say
        """Read a value: exact for strings and constants, a truth value for any other."""
        return self._read(_SKIM)

    def whole(self) -> Any:  # noqa: ANN401 - whatever JSON can say
        """Read a value, numbers as their digits."""
        return self._read(_WHOLE)

    def _read(self, decoder: json.JSONDecoder) -> Any:  # noqa: ANN401 - whatever JSON can say
        try:
            value, self.at = decoder.raw_decode(self.text, self.at)
        except RecursionError:
            raise too_deep(self.at, MAX_TREE_DEPTH) from None
        except ValueError:
            raise self._broken_value() from None
        return value

    def _broken_value(self) -> MistakeError:
        if self.mark in ("", "]", "}"):
            return self.mistake(Due.VALUE)
        try:
            parse(self.text[self.at :])
        except MistakeError as mistake:
            start, end = mistake.span
            return MistakeError(Span(self.at + start, self.at + end), mistake.message, mistake.help)
        return MistakeError(Span(self.at, len(self.text)), "The document is not JSON")
