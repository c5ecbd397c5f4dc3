"""The formats of reports, by name."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint._version import __version__
from multitool_lint.named_tuple import NamedTuple

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.diagnostics.rule import Rule
    from multitool_lint.reporters.summary import Reporter

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


class ReportOptions(NamedTuple):
    """What a report is to look like, as far as its format has a place for that.

    A quiet one has findings only. `shown` are further arguments of the text reporter. `many` says
    that there may be several files, `links` is the address that links to files begin with. `others`
    are the rules that are not ours, which a run may add to. The numbers of actions come from
    `catalog`.
    """

    colour: bool = False
    verbose: bool = False
    quiet: bool = False
    shown: Mapping[str, object] = MappingProxyType({})
    many: bool = True
    links: str = ""
    others: Mapping[str, Rule] = MappingProxyType({})
    catalog: Catalog | None = None


def reporter_of(format_: str, options: ReportOptions) -> Reporter:
    """The reporter of a format."""
    chosen: dict[str, object] = {}
    if format_ == "text":
        chosen = {"colour": options.colour, "verbose": options.verbose, **options.shown}
        chosen["quiet"] = options.quiet
    elif format_ == "lines":
        chosen = {"colour": options.colour, "quiet": options.quiet}
    elif format_ == "access-analyzer":
        chosen = {"many": options.many}
    elif format_ == "markdown":
        chosen = {"links": options.links}
    elif FORMATS[format_] == "sarif":
        scanning = format_ == "code-scanning"
        chosen = {"version": __version__, "code_scanning": scanning, "others": options.others}
    elif format_ == "html":
        chosen = {"version": __version__, "catalog": options.catalog, "others": options.others}
    module = import_module(f"multitool_lint.reporters.{FORMATS[format_]}")
    made_by = module.LinesReporter if format_ in ("lines", "jsonl") else module.Reporter
    reporter: Reporter = made_by(**chosen)
    return reporter
