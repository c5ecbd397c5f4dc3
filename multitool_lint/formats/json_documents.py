"""Policies in JSON of any other kind: in lists, below keys of any tool, as texts in strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats import recognize as shape
from multitool_lint.formats.nested import Search
from multitool_lint.formats.result import Loaded, Skipped
from multitool_lint.syntax.json import parser as json_text
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.placeholders import control_tag

if TYPE_CHECKING:
    from multitool_lint.policy.document import PolicyType
    from multitool_lint.syntax.source import Source


def load(
    source: Source, *, type: PolicyType | None = None, resource_type: str | None = None
) -> Loaded | None:
    """Read the policies of a document; None if it has none."""
    try:
        root = json_text.parse(source.text, literal=True)
    except MistakeError as mistake:
        if control_tag(source.text) or not shape.resembles_policy(source.text):
            return None
        reason = f"policies, perhaps: {mistake.message}"
        return Loaded(skipped=(Skipped(mistake.span, reason, unread=True),))
    found = Search(source, (), type, resource_type, is_yaml=False)
    found.document(root)
    if not (found.policies or found.problems or found.skipped):
        return None
    return Loaded(
        format=found.format,
        problems=tuple(found.problems),
        skipped=tuple(found.skipped),
        written=tuple(found.policies),
    )
