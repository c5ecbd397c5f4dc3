"""Make policies grant less, and never anything that they did not grant.

Say what is wanted with one option or several; they are done in this order:

  --drop-wildcards       keep what is named beside a wildcard, and drop the wildcard
  --access-level LEVELS  keep, of what wildcards match, the actions at some access levels
  --used FILE            keep the actions that were used: FILE is a list of actions, CloudTrail
                         records or a folder of them, what `aws cloudtrail lookup-events` or
                         `aws iam get-service-last-accessed-details` prints, the output of iamlive,
                         or another policy
  --by-resource          take statements on "*" apart by resource type
  --pass-role-to NAMES   let iam:PassRole pass roles to some services only

An action is at the strongest level that AWS gives it, in the order list, read, write, tagging,
permissions-management. Deny statements and NotAction are left alone: fewer actions there would
grant more.

Prints a diff; --write writes the files. From standard input (-) to standard output.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any

from multitool_lint.cli.files.read import add_file_arguments
from multitool_lint.cli.options.tighten import add_level_argument
from multitool_lint.cli.output.rewrites import add_output_arguments, rewrite_files
from multitool_lint.config import ConfigError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.rewrite.draft import Rewrite
    from multitool_lint.syntax.source import Source

MODES = ("drop_wildcards", "access_level", "used", "by_resource", "pass_role_to")
NEEDED = {
    "strict": "access_level",
    "include_errors": "used",
    "used_since": "used",
    "arn": "by_resource",
    "arns": "by_resource",
}
"""Options that say something only beside another one."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    add_file_arguments(parser)
    add_level_argument(parser, "what to keep")
    parser.add_argument(
        "--strict", action="store_true", help="of actions without a wildcard, keep those only too"
    )
    parser.add_argument(
        "--used",
        metavar="FILE",
        action="append",
        help="what was used: a file, packed by gzip or not, a folder, or - for standard input; may "
        "be given several times",
    )
    parser.add_argument(
        "--include-errors", action="store_true", help="count events with an error as use"
    )
    parser.add_argument(
        "--used-since", metavar="DATE", type=_date, help="such as 2026-01-31: use before is no use"
    )
    parser.add_argument(
        "--drop-wildcards", action="store_true", help='keep "s3:GetObject" and drop "s3:*"'
    )
    parser.add_argument(
        "--pass-role-to",
        metavar="NAMES",
        type=_principals,
        action="extend",
        help="service principals, separated by commas: lambda.amazonaws.com",
    )
    parser.add_argument(
        "--by-resource",
        action="store_true",
        help="write {{Name}} for what is not known of ARNs, to be filled in",
    )
    parser.add_argument(
        "--arn",
        metavar="ARN",
        type=_arn,
        action="append",
        help="an ARN for --by-resource; may be given several times",
    )
    parser.add_argument("--arns", metavar="FILE", help="ARNs for --by-resource, one on a line")
    add_output_arguments(parser, diff_by_default=True)


def run(arguments: Namespace) -> int:
    """Tighten the files, and return the exit code."""
    if mistake := _mistake(arguments):
        raise ConfigError(mistake)
    from multitool_lint.cli.options.tighten import given_arns, usage
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
            strict=arguments.strict,
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
        return f"nothing is asked for; give {', '.join(map(_option, MODES))}"
    for option, needed in NEEDED.items():
        if getattr(arguments, option) and not getattr(arguments, needed):
            return f"{_option(option)} says something only with {_option(needed)}"
    if [*(arguments.used or ()), *arguments.files].count("-") > 1:
        return "- stands for standard input, which can be read once only"
    return None


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _date(text: str) -> str:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ArgumentTypeError(f'"{text}" is no date such as 2026-01-31') from None


def _principals(text: str) -> list[str]:
    from multitool_lint.aws.principals import describe_unknown

    names = [name.strip() for name in text.split(",")]
    for name in names:
        if found := describe_unknown(name):
            raise ArgumentTypeError(found)
    return names


def _arn(text: str) -> str:
    from multitool_lint.aws.arn import defect

    found = defect(text)
    if found:
        raise ArgumentTypeError(found.message)
    return text
