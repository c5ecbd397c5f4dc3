"""Look up actions in the catalog: access level, resource types, condition keys, and what they need.

One action is printed in full, several in a table: * marks resource types that must be named. The
prefix of a service alone, such as s3, stands for all of it. An API operation that is no action is
answered with the actions that authorise it.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from multitool_lint.aws import arn
from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.options.tighten import add_level_argument
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.cli.commands.query_answers import Answer


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "patterns",
        metavar="PATTERN",
        nargs="*",
        help="an action, a pattern such as s3:Get*, or the prefix of a service; without any, all",
    )
    add_level_argument(parser, "only actions at these levels")
    parser.add_argument(
        "--arn", metavar="ARN", type=_arn, help="only actions that act on what the ARN may name"
    )
    parser.add_argument("--condition-key", metavar="KEY", help="only actions that take this key")
    streams.add_format_argument(parser)
    catalogs.add_catalog_argument(parser)
    catalogs.add_config_arguments(parser)
    parser.epilog = (
        "exit codes: 0 found; 1 nothing found, or a name is not known; 2 the question cannot be "
        "answered"
    )


def run(arguments: Namespace) -> int:
    """Print the answer, and return the exit code."""
    from multitool_lint.cli.commands import query_output
    from multitool_lint.cli.commands.query_answers import Question, ask

    question = Question(
        tuple(arguments.patterns),
        frozenset(arguments.access_level),
        arguments.arn,
        arguments.condition_key,
    )
    if question == Question():
        raise ConfigError("nothing asked for; multitool-lint query --help says more")
    catalog = catalogs.of_folder(arguments)
    answer = ask(catalog, question)
    if arguments.format == "json":
        streams.out_json(query_output.facts(catalog, answer))
    else:
        streams.out(query_output.text(catalog, answer))
    for line in _remarks(catalog, answer):
        streams.err(f"{line}\n")
    return 1 if answer.unknown or not (answer.actions or answer.of_every_request) else 0


def _remarks(catalog: Catalog, answer: Answer) -> Iterator[str]:
    for name, meant in answer.unknown.items():
        hint = f"; did you mean {' or '.join(meant)}?" if meant else ""
        if used := answer.used.get(name):
            hint = f"; {used}"
        yield f"{name}: not in the catalog of {catalog.date}{hint}"
    for name, actions in answer.operations.items():
        known = f"what authorises it: {', '.join(actions)}" if actions else "no more is known of it"
        yield f"{name}: an API operation, but no action; {known}"
    if answer.of_every_request and answer.condition_key:
        yield f"{answer.condition_key.name}: requests of any action may have it"
    count = len(answer.actions)
    yield "1 action" if count == 1 else f"{count:,} actions"


def _arn(text: str) -> str:
    if defect := None if arn.matches_all(text) else arn.defect(text):
        raise ArgumentTypeError(defect.message)
    return text
