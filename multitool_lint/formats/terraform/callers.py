"""The modules that call a module from the folders around it, and where Terraform runs for it.

A path such as `policies/x.json` or `${path.root}/x.json` leads from the folder of the root module.
Only folders around a module are asked: nobody would read a whole repository for a name.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.formats.local_files import SourceWithFiles, folder_of, has_file
from multitool_lint.formats.terraform.attributes import Local, attribute_value
from multitool_lint.formats.terraform.siblings import siblings
from multitool_lint.syntax.boundary import folders_above
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock

_FOLDER = re.compile(r"\$\{path\.(module|root|cwd)\}/")
_LOCAL_SOURCE = re.compile(r'"(\.[^"?$]*)"')
_STRING = re.compile(r'"((?:\$\{path\.\w+\}/)?[^"\\$]+)"')


def name_from_module(source: Source, name: str) -> str:
    """The name of a file from the folder of the module that names it, wherever it is."""
    start = _FOLDER.match(name)
    bare = name[start.end() :] if start else name
    if (start and start[1] == "module") or Path(bare).is_absolute() or has_file(source, bare):
        return bare
    here = os.path.realpath(folder_of(source))
    names = (os.path.relpath(os.path.join(root, bare), here) for root in _roots(source))  # noqa: PTH118
    return next((other for other in names if has_file(source, other)), bare)


def given_files(source: Source, variable: str) -> list[str] | None:
    """The names of the files that every call gives for a variable; None if one is not known."""
    values = [
        attribute_value(call, variable)
        for call in _calls(source, os.path.realpath(folder_of(source)))
    ]
    names = [_given(source, value) for value in values]
    return [name for name in dict.fromkeys(names) if name] if all(names) and names else None


def _given(source: Source, value: Local | None) -> str | None:
    """The name from the folder of a module of a file that a call of it names."""
    literal = value and _STRING.fullmatch(value.file.text(value.value))
    if value is None or not literal:
        return None
    name = name_from_module(value.file.source, literal[1])
    place = os.path.join(folder_of(value.file.source), name)  # noqa: PTH118
    return os.path.relpath(place, os.path.realpath(folder_of(source)))


def _roots(source: Source) -> list[str]:
    """The folders of the modules that call a module, directly or not, and that none calls."""
    waiting = [os.path.realpath(folder_of(source))]
    seen, found = set(waiting), []
    while waiting:
        here = waiting.pop()
        above = {folder_of(file.source) for file, _ in _calls(source, here)}
        found += [] if above or len(seen) == 1 else [here]
        waiting += sorted(above - seen)
        seen |= above
    return found


def _calls(source: Source, folder: str) -> Iterator[tuple[HclFile, SyntaxBlock]]:
    """The blocks that call the module of a folder; none in a commit, which has only one folder."""
    for above in folders_above(folder) if not isinstance(source, SourceWithFiles) else ():
        for file in siblings(Source(os.path.join(above, ".tf"), "")):  # noqa: PTH118
            for block in file.blocks():
                place = attribute_value((file, block), "source") if block.type == "module" else None
                path = _LOCAL_SOURCE.fullmatch(place.file.text(place.value)) if place else None
                if path and os.path.normpath(os.path.join(above, path[1])) == folder:  # noqa: PTH118
                    yield file, block
