"""Look up actions in the catalog: access level, resource types, condition keys, dependent actions.

One action is printed in full, several in a table; * marks resource types that must be specified. A
service prefix, such as s3, means all actions of the service. For an API operation that is not an
action, the actions that authorise it are printed; for the name or the ARN of a managed policy of
AWS, the actions that it allows.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

from multitool_lint.aws import arn
from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.options.tighten import add_level_argument
from multitool_lint.cli.output import streams
from multitool_lint.config import ConfigError
from multitool_lint.diagnostics.finding import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.cli.commands.query_answers import QueryAnswer


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "patterns",
        metavar="PATTERN",
        nargs="*",
        help="an action, a pattern such as s3:Get*, a service prefix, or a managed policy of AWS; "
        "default: all actions",
    )
    add_level_argument(parser, "only actions at these access levels")
    parser.add_argument(
        "--arn", metavar="ARN", type=_arn, help="only actions that support the resource of this ARN"
    )
    parser.add_argument(
        "--condition-key", metavar="KEY", help="only actions that support this condition key"
    )
    streams.add_format_argument(parser)
    catalogs.add_levels_argument(parser)
    catalogs.add_catalog_argument(parser)
    catalogs.add_config_arguments(parser)
    parser.epilog = (
        "exit codes: 0 found, 1 nothing found or a name is unknown, 2 the query is not valid"
    )


def run(arguments: Namespace) -> int:
    """Print the answer, and return the exit code."""
    from multitool_lint.cli.commands import query_output
    from multitool_lint.cli.commands.query_answers import ActionQuery, ask

    question = ActionQuery(
        tuple(arguments.patterns),
        frozenset(arguments.access_level),
        arguments.arn,
        arguments.condition_key,
    )
    if question == ActionQuery():
        raise ConfigError("expected a pattern or an option, such as multitool-lint query 's3:Get*'")
    catalog = catalogs.of_folder(arguments)
    answer = ask(catalog, question)
    if arguments.format == "json":
        streams.out_json(query_output.facts(catalog, answer))
    else:
        streams.out(query_output.text(catalog, answer))
    for line in remarks(catalog, answer):
        streams.err(f"{line}\n")
    return 1 if answer.unknown or not (answer.actions or answer.of_every_request) else 0


def remarks(catalog: Catalog, answer: QueryAnswer) -> Iterator[str]:
    """What there is to say about names that are not those of actions, and the number of actions."""
    for name, intended in answer.unknown.items():
        hint = f"; did you mean {' or '.join(intended)}?" if intended else ""
        if used := answer.used.get(name):
            hint = f"; {used}"
        yield f'"{name}" is not in the catalog of {catalog.date}{hint}'
    for name, actions in answer.operations.items():
        known = f"authorised by {', '.join(actions)}" if actions else "no action is known for it"
        yield f"{name} is an API operation and not an action; {known}"
    if answer.of_every_request and answer.condition_key:
        yield f"{answer.condition_key.name} can be in the request of any action"
    yield counted(len(answer.actions), "action")


def _arn(text: str) -> str:
    if defect := None if arn.matches_all(text) else arn.defect(text):
        raise ArgumentTypeError(defect.message)
    return text
