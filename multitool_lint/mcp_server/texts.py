"""Sources of the texts that a client gives: a tree in memory, next to which nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from multitool_lint.formats.local_files import SourceInTree
from multitool_lint.limits import MAX_FILE_BYTES, MAX_GIVEN_FILES, MAX_GIVEN_NAME
from multitool_lint.syntax.source import UnreadableError, decode
from multitool_lint.syntax.tree_of_files import TreeOfTexts, below

UNNAMED = "<policy>"
"""The name of a text that has none, whose format is that of its content."""


@dataclass(frozen=True)
class File:
    """A file of the client: its name, which decides the format, and its text."""

    name: str
    text: str


def sources_of(files: Sequence[File]) -> tuple[SourceInTree, ...]:
    """The sources of files that belong together, in their order.

    Raises:
        ValueError: one cannot be read, or they are too many or too large.
    """
    if len(files) > MAX_GIVEN_FILES:
        raise ValueError(f"{len(files):,} files; at most {MAX_GIVEN_FILES:,} are read")
    texts: dict[str, str] = {}
    left = MAX_FILE_BYTES
    for file in files:
        name = _checked_name(file.name)
        if name in texts:
            raise ValueError(f'two files are called "{name}"')
        try:
            data = file.text.encode()
            if (left := left - len(data)) < 0:
                raise ValueError(f"larger than {MAX_FILE_BYTES:,} bytes, the most that is read")
            texts[name] = decode(data, name).text
        except UnicodeEncodeError:
            raise ValueError(f"{name}: the text has half of a surrogate pair") from None
        except UnreadableError as error:
            raise ValueError(f"{name}: {error}") from None
    tree = TreeOfTexts(texts)
    return tuple(SourceInTree(name, tree) for name in texts)


def _checked_name(name: str) -> str:
    """The name as a path of a tree.

    Raises:
        ValueError: it cannot be one.
    """
    path = below(name) if name and "\\" not in name and name.isprintable() else None
    if not path or len(name) > MAX_GIVEN_NAME:
        shown = name[:MAX_GIVEN_NAME]
        raise ValueError(f"{shown!r} is not a relative path of a file, such as policies/main.tf")
    return path
