"""Files that a name with unknown parts may be of: each of them may be the one that is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_NAMED_FILES
from multitool_lint.syntax.terms import Text, Value

if TYPE_CHECKING:
    from multitool_lint.values.terraform.shared import Shared

_UNKNOWN = "\0"


def files_alike(shared: Shared, name: Value) -> list[str]:
    """The identities of the files that a name may be of; none if its ending is not known."""
    parts = name.parts if isinstance(name, Text) else ()
    written = "".join(part if isinstance(part, str) else _UNKNOWN for part in parts)
    before, unknown, _ = written.partition(_UNKNOWN)
    above, slash, _ = before.rpartition("/")
    folder = shared.path_of(f"{above}{slash}" or ".", shared.folder)
    levels = written[len(f"{above}{slash}") :].split("/")
    if not unknown or folder is None or "." not in levels[-1].rpartition(_UNKNOWN)[2]:
        return []
    found = [*islice(_matching(shared, folder, levels), MAX_NAMED_FILES)]
    shared.paths.update(found)
    return sorted(map(shared.tree.identity, found))


def _matching(shared: Shared, folder: str, levels: Sequence[str]) -> Iterator[str]:
    pattern = re.compile("[^/]*".join(map(re.escape, levels[0].split(_UNKNOWN))))
    for name in filter(pattern.fullmatch, shared.names(folder)):
        shared.spend()
        path = f"{folder}/{name}" if folder else name
        if len(levels) > 1:
            yield from _matching(shared, path, levels[1:])
        else:
            yield path
