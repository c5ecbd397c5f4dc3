"""Options that say which rules run and what type policies have, joined with configuration."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from functools import partial

from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.options.groups import group
from multitool_lint.config import ConfigError, ConfigFinder
from multitool_lint.config.settings import AppliedSettings, Options, checked_options
from multitool_lint.config.values import ENGINES, FAIL_ON, TYPE_NAMES
from multitool_lint.diagnostics.rule import ACCESS_ANALYZER
from multitool_lint.diagnostics.suggestion import alternatives
from multitool_lint.linter.settings import Opinion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LABELLED = frozenset({"json", "jsonl", "sarif", "code-scanning"})
"""The formats with a field for what parliament says of each finding."""


def add_config_arguments(parser: ArgumentParser) -> None:
    """Add the options that set the type of the policies, and where the configuration is."""
    options = group(parser, "configuration")
    options.add_argument(
        "--type",
        metavar="TYPE",
        help=f"treat every policy as of this type: {alternatives(TYPE_NAMES)}",
    )
    options.add_argument(
        "--resource-type",
        metavar="TYPE",
        help="what resource policies are attached to, such as AWS::S3::Bucket",
    )
    catalogs.add_config_arguments(parser, "use this configuration for every file")
    catalogs.add_catalog_argument(parser)


def add_rule_arguments(parser: ArgumentParser) -> None:
    """Add the options that set which rules run."""
    options = group(parser, "rules")
    options.add_argument(
        "--select",
        metavar="RULES",
        action="append",
        help="run only these rules or topics, separated by commas, or ALL",
    )
    options.add_argument(
        "--extend-select",
        metavar="RULES",
        action="append",
        help="also run these, such as rules that are off by default",
    )
    options.add_argument(
        "--ignore",
        metavar="RULES",
        action="append",
        help="do not run these",
    )


def add_engine_argument(parser: ArgumentParser) -> None:
    """Add the option that sets whose findings are reported."""
    options = group(parser, "rules")
    options.add_argument(
        "--engine",
        choices=ENGINES,
        help="parliament: report the findings of parliament instead",
    )


def add_fail_on_argument(parser: ArgumentParser) -> None:
    """Add the option that sets which findings decide about the exit code."""
    options = group(parser, "exit code")
    options.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        help=f"exit with 1 from this severity on: {alternatives(FAIL_ON)} (default: suggestion)",
    )


def add_keep_wildcards_argument(parser: ArgumentParser) -> None:
    """Add the option that applies the fixes that keep a wildcard."""
    options = group(parser, "fixes")
    options.add_argument(
        "--keep-wildcards",
        action="store_true",
        help="also remove what a wildcard makes redundant that grants more",
    )


def read_options(arguments: Namespace) -> Options:
    """The options that the arguments hold; a command need not have all of them.

    Raises:
        ConfigError: one of them cannot be followed.
    """
    options = vars(arguments)
    select = _split(options, "select")
    extend_select, ignore = (_split(options, key) or [] for key in ("extend_select", "ignore"))
    if select is None and _answers_as_aws(arguments):
        extend_select = [*extend_select, ACCESS_ANALYZER]
    keys = ("fail_on", "type", "resource_type", "access_levels", "engine")
    return checked_options(
        select=select,
        extend_select=extend_select,
        ignore=ignore,
        **{key: options.get(key) for key in keys},
    )


class Settings(AppliedSettings):
    """What holds for each file: its configuration, and before that the options of the command.

    Raises:
        ConfigError: an option or a configuration cannot be followed.
    """

    def __init__(self, arguments: Namespace, finder: ConfigFinder | None = None) -> None:
        everywhere = catalogs.given_config(arguments)
        finder = finder or ConfigFinder()
        super().__init__(
            read_options(arguments),
            finder.nearest if everywhere is None else lambda _: everywhere,
            partial(catalogs.chosen, vars(arguments).get("catalog")),
            suppresses=not getattr(arguments, "show_suppressed", False),
            known=getattr(arguments, "known", None),
            opinion=_opinion(arguments),
        )

    def exclusions(self, folder: str) -> tuple[str, tuple[str, ...]]:
        """The folder of the configuration of a folder's files, and what it excludes below it."""
        found = self.found(f"{folder}/-")
        return found.folder, found.exclude


def _answers_as_aws(arguments: Namespace) -> bool:
    """Whether a report is to be the answer of AWS, to which rules off by default belong."""
    return ACCESS_ANALYZER in _formats(arguments)


def _opinion(arguments: Namespace) -> Opinion:
    """About what parliament is asked: about all findings where a report has a place for that."""
    labelled = getattr(arguments, "verbose", False) or _LABELLED.intersection(_formats(arguments))
    return Opinion.EVERY if labelled else Opinion.USUAL


def _formats(arguments: Namespace) -> Iterator[str]:
    """The formats of the reports."""
    yield getattr(arguments, "format", "")
    for output in getattr(arguments, "output", None) or ():
        yield output.partition("=")[0]


def _split(options: dict[str, Any], key: str) -> list[str] | None:
    """The rule ids of an option that may be given several times, with several ids each.

    Raises:
        ConfigError: a value has no id, so that fewer rules than intended might run.
    """
    values = options.get(key)
    if values is None:
        return None
    split = [[id_.strip() for id_ in value.split(",") if id_.strip()] for value in values]
    if not all(split):
        option = key.replace("_", "-")
        raise ConfigError(f"--{option}: expected rule ids, separated by commas")
    return [id_ for ids in split for id_ in ids]
