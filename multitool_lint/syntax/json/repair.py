"""Overwrites mistakes in a text that is not JSON, where there is one correction."""

from __future__ import annotations

import re

from multitool_lint.limits import MAX_REPAIRED_MISTAKES
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError


def repaired(text: str) -> str | None:
    """The text as JSON, each character at its offset; None if a mistake has several corrections.

    White space replaces comments, a comma after the last element and what follows the document; a
    comma replaces the white space before an element where it is missing.
    """
    for _ in range(MAX_REPAIRED_MISTAKES + 1):
        try:
            fast.read(text, literal=True)
        except MistakeError as mistake:
            if mistake.repair is None:
                return None
            start, end, comma = mistake.repair
            written = "," if comma else re.sub(r"[^\r\n]", " ", text[start:end])
            text = text[:start] + written + text[end:]
        else:
            return text
    return None
