"""Which known name was probably meant by one that is not known."""

from __future__ import annotations

from collections.abc import Iterable


def suggestion(name: str, known: Iterable[str]) -> str:
    """A question for the known name that was probably meant, empty if there is none."""
    import difflib

    close = difflib.get_close_matches(name.lower().replace("_", "-"), list(known), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""
