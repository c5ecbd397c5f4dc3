"""Overwrites mistakes in a text that is not JSON, where there is one correction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_REPAIRED_MISTAKES
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.syntax.json.errors import Repair


def repairs(text: str) -> tuple[Repair, ...]:
    """What to overwrite so that the text is JSON; nothing if a mistake has several corrections."""
    found: list[Repair] = []
    for _ in range(MAX_REPAIRED_MISTAKES + 1):
        try:
            fast.read(text, literal=True)
        except MistakeError as mistake:
            if mistake.repair is None:
                break
            found.append(mistake.repair)
            text = overwritten(text, [mistake.repair])
        else:
            return tuple(found)
    return ()


def overwritten(text: str, repairs: Iterable[Repair]) -> str:
    """The text with mistakes overwritten, each character at its offset.

    White space replaces comments, a comma after the last element and what follows the document; a
    comma replaces the white space before an element where it is missing.
    """
    for start, end, comma in repairs:
        written = "," if comma else re.sub(r"[^\r\n]", " ", text[start:end])
        text = text[:start] + written + text[end:]
    return text
