"""The parts of the help of a command, each with a title."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, _ArgumentGroup


def group(parser: ArgumentParser, title: str) -> _ArgumentGroup:
    """The part of the help with that title, made where there is none."""
    groups = parser._action_groups  # noqa: SLF001 - argparse has no other way to ask
    found = next((found for found in groups if found.title == title), None)
    return found or parser.add_argument_group(title)
