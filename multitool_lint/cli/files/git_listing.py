"""What git lists: the entries of a tree or of the index, and how two of them differ."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from multitool_lint.formats.recognize import YAML_ENDINGS

_OF_DATA = (".json", ".template", *YAML_ENDINGS)
"""What the names of files end in that can be rewritten from JSON to YAML, or back."""

FOLDER = "040000"
LINK = "120000"
EXECUTABLE = "100755"
SUBMODULE = "160000"


class Entry(NamedTuple):
    """What a tree or the index has at a path: the mode, the object, and the stage of a merge."""

    mode: str
    object: str
    stage: str = "0"


class PathChange(NamedTuple):
    """How a path differs in two trees, or in the index, where it may have had an `old` name.

    The `status` is the letter that git has for it. `before` and `after` are None for nothing.
    """

    status: str
    path: str
    old: str
    before: Entry | None
    after: Entry | None


def entries(listing: bytes) -> list[tuple[str, Entry]]:
    """What git lists: of a tree, mode, type and id; of the index, mode, id and stage."""
    found = []
    for line in os.fsdecode(listing).split("\0")[:-1]:
        words, _, path = line.partition("\t")
        mode, second, third = words.split(" ")
        is_staged = third in {"0", "1", "2", "3"}
        found.append((path, Entry(mode, second, third) if is_staged else Entry(mode, third)))
    return found


def changes(words: list[str]) -> Iterator[PathChange]:
    """What git lists in its raw format: modes, ids and a status, then the path, or two."""
    rest = iter(words)
    for word in rest:
        old_mode, mode, old_id, id_, status = word.removeprefix(":").split(" ")
        old = next(rest)
        path = next(rest) if status[0] in "RC" else old
        before, after = Entry(old_mode, old_id), Entry(mode, id_)
        yield PathChange(
            status[0],
            path,
            old,
            before if before.mode.strip("0") else None,
            after if after.mode.strip("0") else None,
        )


def with_other_endings(found: Sequence[PathChange]) -> list[PathChange]:
    """The changes, with a file that is rewritten from JSON to YAML, or back, as a renamed one.

    Git takes it for a new file and a deleted one, since the texts differ.
    """
    names = defaultdict[str, list[PathChange]](list)
    for change in found:
        stem, _, ending = change.path.rpartition(".")
        if change.status in "AD" and f".{ending}" in _OF_DATA:
            names[stem].append(change)
    renamed: dict[PathChange, PathChange | None] = {}
    for pair in names.values():
        ways = {change.status: change for change in pair}
        if len(pair) == len(ways) == 2:  # noqa: PLR2004 - one is new, the other one is gone
            new, gone = ways["A"], ways["D"]
            renamed[new] = PathChange("R", new.path, gone.path, gone.before, new.after)
            renamed[gone] = None
    return [made for change in found if (made := renamed.get(change, change))]
