"""Which known name was probably meant by one that is not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from multitool_lint.limits import MAX_COMPARED_NAME


def suggestion(name: str, known: Iterable[str]) -> str:
    """A question for the known name that was probably meant, empty if there is none."""
    close = close_name(name, known)
    return f'; did you mean "{close}"?' if close else ""


def close_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    import difflib

    plain = name[:MAX_COMPARED_NAME].lower().replace("_", "-")
    close = difflib.get_close_matches(plain, list(known), n=1)
    return close[0] if close else None


def alternatives(names: Sequence[str]) -> str:
    """Names as a sentence lists what may be chosen."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
