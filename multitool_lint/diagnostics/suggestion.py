"""Which known name was probably intended by one that is not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from multitool_lint.limits import MAX_COMPARED_NAME

_SIMILAR_POLICY = 0.8
"""How similar names of policies must be: half of each is usually the same as in many others."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """A question for the known name that was probably intended, empty if there is none."""
    close = close_name(name, known)
    return f'; did you mean "{close}"?' if close else ""


def close_name(name: str, known: Iterable[str], similarity: float = 0.6) -> str | None:
    """The known name that was probably intended."""
    import difflib

    plain = name[:MAX_COMPARED_NAME].lower().replace("_", "-")
    close = difflib.get_close_matches(plain, list(known), n=1, cutoff=similarity)
    return close[0] if close else None


def close_policy(name: str, known: Iterable[str]) -> str | None:
    """The managed policy that was probably intended, whatever the case and the underscores."""
    plain = name.replace("_", "")
    most = len(plain) * (2 / _SIMILAR_POLICY - 1)  # of other lengths, none is so similar
    least = len(plain) / (2 / _SIMILAR_POLICY - 1)
    by_plain = {
        policy.lower().replace("_", ""): policy
        for policy in known
        if least <= len(policy) - policy.count("_") <= most
    }
    close = close_name(plain, by_plain, _SIMILAR_POLICY)
    return by_plain[close] if close else None


def alternatives(names: Sequence[str]) -> str:
    """Names as a sentence lists alternatives."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def did_you_mean(names: Sequence[str]) -> str:
    """The question for the names that may be intended, empty if there are none."""
    quoted_names = [f'"{name}"' for name in names]
    return f"did you mean {alternatives(quoted_names)}?" if names else ""


def list_actions(prefix: str) -> str:
    """The command that lists the actions of a service, as help."""
    return f"to list the actions of this service, run: multitool-lint query '{prefix}:*'"
