"""Which documents of a folder are merged with others, or may be where their text goes.

A data source replaces statements of the documents that it merges by those with the same Sid. What
an output or the argument of a module makes of a document is not known here.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

from multitool_lint.formats.local_files import SourceWithFiles
from multitool_lint.formats.terraform.body import MERGED
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import folder_left_by_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock
    from multitool_lint.syntax.source import Source

_GO_ELSEWHERE = ("output", "module")
_INDEX = re.compile(r"(?<=\w)\[[^\[\]]*\]")
_DOTTED = re.compile(r"[\w-]++(?:\.[\w-]++)++")
_JSON = (".tf.json", ".tofu.json")


def merged_names(blocks: Iterable[tuple[HclFile, SyntaxBlock]], source: Source) -> set[str]:
    """The addresses of what is merged: data sources, local values, attributes of resources."""
    meanings: dict[str, str] = {}
    waiting = list(texts_of_json(source))
    for file, block in blocks:
        for attribute in file.attributes(block.body):
            text = file.text(attribute.value)
            if block.type in _GO_ELSEWHERE or attribute.name in MERGED:
                waiting.append(text)
            elif block.type == "locals":
                meanings[f"local.{attribute.name}"] = text
            elif block.type == "resource":
                meanings[".".join((*block.labels, attribute.name))] = text
    found: set[str] = set()
    while waiting:
        new = set(_names_in(waiting.pop())) - found
        found |= new
        waiting += [meanings[name] for name in new if name in meanings]
    return found


def _names_in(text: str) -> Iterator[str]:
    """What a text refers to: the first two and the first three parts of its dotted names."""
    for name in _DOTTED.findall(f"{text} {_INDEX.sub('', text)}"):
        parts = name.split(".")
        yield from (".".join(parts[:count]) for count in (2, 3))


def texts_of_json(source: Source) -> Iterator[str]:
    """The configurations in JSON of the folder of a source, in which anything may be merged."""
    if isinstance(source, SourceWithFiles):
        yield from (other.text for other in source.siblings() if _is_json(other.path))
        return
    folder = os.path.dirname(source.path) or os.curdir  # noqa: PTH120
    with contextlib.suppress(OSError, ValueError):
        for name in sorted(filter(_is_json, os.listdir(folder))):  # noqa: PTH208
            path = os.path.join(folder, name)  # noqa: PTH118
            if folder_left_by_link(path, os.path.realpath(folder)) is None:
                with contextlib.suppress(OSError, reading.UnreadableError):
                    yield reading.read(path).text


def _is_json(name: str) -> bool:
    return name.lower().endswith(_JSON)
