"""Judge a source by what is configured for it: lint it, and leave out what is suppressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.engine import lint_source

if TYPE_CHECKING:
    from multitool_lint.config import FileSettings
    from multitool_lint.report import Report
    from multitool_lint.source import Source


def judge(source: Source, settings: FileSettings) -> Report:
    """What is to be reported of a source."""
    return lint_source(
        source,
        type=settings.type,
        resource_type=settings.resource_type,
        enabled=settings.enabled,
        catalog=settings.catalog,
    )
