"""Access levels on the command line."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from multitool_lint.aws.access_levels import LEVELS

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from multitool_lint.aws.catalog.catalog import AccessLevel


def add_level_argument(parser: ArgumentParser, what: str) -> None:
    """Add the option that names access levels."""
    parser.add_argument(
        "--access-level",
        metavar="LEVELS",
        type=_levels,
        action="extend",
        default=[],
        help=f"{what}, separated by commas: {', '.join(LEVELS)}",
    )


def _levels(text: str) -> list[AccessLevel]:
    names = [name.strip().lower().replace(" ", "-") for name in text.split(",")]
    for name in names:
        if name not in LEVELS:
            raise ArgumentTypeError(f'"{name}" is none of {", ".join(LEVELS)}')
    return [LEVELS[name] for name in names]
