"""What a script gives the variables that are in its policies.

A script is read with a mark after each of these names, in braces: a policy is another one where a
variable in it is given another value, as if that were written in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats.script_assignments import given, hash_of
from multitool_lint.formats.shell import blocks
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.decoded_text import cut
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    import re

_VARIABLE = lazy_pattern(r"\$(?P<open>[{(]?)(?!aws:)(?P<name>[A-Za-z_]\w*+)")
_MARK = 12


def with_marks(text: str) -> str:
    """The text of a script, with marks."""

    def marked(match: re.Match[str]) -> str:
        lines = given(text, frozenset({match["name"]}))
        name = f"{match['name']}_{hash_of(lines)[:_MARK]}" if lines else match["name"]
        return f"${match['open']}{name}" if match["open"] else f"${{{name}}}"

    at, found = 0, []
    for span, _ in blocks(cut(text, Span(0, len(text)))):
        found += [text[at : span.start], _VARIABLE.sub(marked, text[slice(*span)])]
        at = span.end
    return "".join([*found, text[at:]])
