"""The formats of reports, by name."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.reporters.summary import ReportOptions, RunReporter

FORMATS = {
    "text": "text",
    "lines": "text",
    "json": "json",
    "jsonl": "json",
    "access-analyzer": "access_analyzer",
    "sarif": "sarif",
    "code-scanning": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "markdown": "markdown",
    "html": "html.reporter",
}
"""The module of each format's reporter, which is imported when it is used."""


def reporter_of(format_: str, options: ReportOptions) -> RunReporter:
    """The reporter of a format."""
    module = import_module(f"multitool_lint.reporters.{FORMATS[format_]}")
    made_by = module.LinesReporter if format_ in ("lines", "jsonl") else module.Reporter
    reporter: RunReporter = made_by(options._replace(format=format_))
    return reporter
