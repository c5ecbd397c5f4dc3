"""The library: what was used, by name or in files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Protocol

from multitool_lint.rewrite.usage import Tally, UsageError, is_action, read_file


class Several(Protocol):
    """A collection that a `str`, whose items are characters, is not."""

    def __contains__(self, item: object, /) -> bool: ...

    def __iter__(self) -> Iterator[str | os.PathLike[str]]: ...


if TYPE_CHECKING:
    Used = Several | os.PathLike[str]


def tally_of(used: Used, *, include_errors: bool, since: str) -> Tally:
    """What was used: actions by name, and what is in files and folders.

    Raises:
        ValueError: a file cannot be read or understood.
        TypeError: what might be the path of a file is not a `Path`.
    """
    if isinstance(used, str):
        raise TypeError(
            f'used is a list of actions, such as ["s3:GetObject"], or a file: Path("{used}")'
        )
    tally = Tally(include_errors, since and date.fromisoformat(since).isoformat())
    for item in (used,) if isinstance(used, os.PathLike) else used:
        if isinstance(item, os.PathLike):
            try:
                read_file(os.fspath(item), tally)
            except UsageError as error:
                raise ValueError(str(error)) from error
        elif is_action(item):
            tally.add_name(item)
        else:
            raise TypeError(f'"{item}" is not an action; a file is a Path("{item}")')
    return tally
