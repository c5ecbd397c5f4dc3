"""The files of a folder, as far as they may decide about policies in others of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from multitool_lint.formats.local_files import SourceWithFiles
from multitool_lint.formats.recognize import MODULE_ENDINGS
from multitool_lint.formats.terraform.visibility import RELEVANT
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_TERRAFORM_FOLDER_BYTES
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import folder_left_by_link
from multitool_lint.syntax.hcl.tree import HclFile
from multitool_lint.syntax.source import Source

_RELEVANT = (
    "locals",
    "policy",
    "policies",
    'module "',
    'output "',
    '"template_file"',
    '"local_file"',
    *RELEVANT,
)
"""What a file has one of that decides about policies in others."""

_ASSIGNED = lazy_pattern(r"(?<![\w.-])([A-Za-z_][\w-]*+)\s*+=(?!=)")


def siblings(source: Source) -> tuple[HclFile, ...]:
    """The other files of the folder, as far as they can be read and may be relevant."""
    if isinstance(source, SourceWithFiles):
        return tuple(file for file in map(_file, source.siblings()) if file)
    name = os.path.basename(source.path)  # noqa: PTH119 - as it is listed
    states = _states(source.path)
    return tuple(
        file
        for file in _parsed(states)
        if os.path.basename(file.source.path) != name  # noqa: PTH119
    )


State = tuple[str, int, int]
"""The path of a file, its size and the time of its last change."""


def _states(path: str) -> tuple[State, ...]:
    if not path.lower().endswith(MODULE_ENDINGS):
        return ()
    try:
        folder = os.path.realpath(os.path.dirname(path))  # noqa: PTH120
        with os.scandir(os.path.dirname(path) or os.curdir) as entries:  # noqa: PTH120
            found = [
                (entry.path, *reading.state(entry.path, entry.stat()))
                for entry in entries
                if entry.name.lower().endswith(MODULE_ENDINGS)
                and entry.is_file()
                # What a link out of the repository leads to must not become part of a report.
                and not (entry.is_symlink() and folder_left_by_link(entry.path, folder))
            ]
    except (OSError, ValueError):
        return ()
    return (
        tuple(sorted(found))
        if sum(size for _, size, _ in found) <= MAX_TERRAFORM_FOLDER_BYTES
        else ()
    )


def _parsed(states: tuple[State, ...]) -> tuple[HclFile, ...]:
    """The files, kept for those of the same folder that come next."""
    kept = _kept(os.path.dirname(states[0][0]) if states else "")  # noqa: PTH120
    for gone in kept.keys() - states:
        del kept[gone]
    for state in states:
        if state not in kept:
            kept[state] = _relevant(state[0])
    return tuple(file for state in states if (file := kept[state]))


@lru_cache(maxsize=2)
def _kept(_folder: str) -> dict[State, HclFile | None]:
    """The files of a folder by their states: one that is changed need not be read with others."""
    return {}


def _relevant(path: str) -> HclFile | None:
    """A file that may be relevant; one that cannot be read is reported when it is linted itself."""
    try:
        data = reading.read_bytes(path)
        is_relevant = any(word.encode() in data for word in _RELEVANT)
        return HclFile(reading.decode(data, path)) if is_relevant else None
    except (OSError, reading.UnreadableError):
        return None


@lru_cache(maxsize=256)
def _file(source: Source) -> HclFile | None:
    """A file of a commit, if it may be relevant."""
    is_module = source.path.lower().endswith(MODULE_ENDINGS)
    return HclFile(source) if is_module and any(word in source.text for word in _RELEVANT) else None


def addresses_in(files: Iterable[HclFile], documents: str) -> Iterator[str]:
    """The addresses of the data sources of a type, and of local values, that files may define.

    They are files that cannot be parsed.
    """
    labels = re.compile(rf'"{documents}"\s++"([\w-]++)"\s*+\{{')
    for file in files:
        text = file.source.text
        yield from (f"data.{documents}.{name}" for name in labels.findall(text))
        if "locals" in text:
            yield from (f"local.{name}" for name in _ASSIGNED.findall(text))
