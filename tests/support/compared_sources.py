"""Two versions of one file, compared as what they deploy."""

from __future__ import annotations

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diffs.sources import changes_of_sources
from multitool_lint.syntax.source import Source


def stops(name: str, old: str, new: str) -> bool:
    """Whether the new version of a file may give more access."""
    changes = changes_of_sources([Source(name, text) for text in (old, new)], bundled())
    assert changes is not None
    return any(change.gained or change.unknown for _, change in changes)
