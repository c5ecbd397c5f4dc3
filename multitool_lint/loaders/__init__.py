"""From a source to the policies in it, one module a format."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from multitool_lint.loaders import json_, markdown
from multitool_lint.loaders.loaded import Loaded, Problem, Skipped
from multitool_lint.loaders.shape import resembles_policy

if TYPE_CHECKING:
    from multitool_lint.policy import PolicyType
    from multitool_lint.source import Source

__all__ = ["Loaded", "Problem", "Skipped", "load", "resembles_policy"]

_MARKDOWN_ENDINGS = frozenset({".md", ".markdown"})


def load(
    source: Source,
    *,
    type: PolicyType | None = None,
    resource_type: str | None = None,
) -> Loaded:
    """Find the policies of a source, whose path tells the format: JSON where it tells nothing."""
    if PurePath(source.path).suffix.lower() in _MARKDOWN_ENDINGS:
        return markdown.load(source, type=type, resource_type=resource_type)
    return json_.load(source, type=type, resource_type=resource_type)
