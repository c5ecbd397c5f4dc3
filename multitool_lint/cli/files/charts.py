"""Charts of Helm: what a template takes from other files of its chart decides what it says.

A template is read with a mark after each name of what it takes, such as `.Values.actions`: it is
another text where `values.yaml` has something else, as if that were written in it.

https://helm.sh/docs/chart_template_guide/
"""

from __future__ import annotations

import hashlib
import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git_listing import FOLDER, LINK, SUBMODULE
from multitool_lint.formats.canonical import canonical
from multitool_lint.formats.endings import CHART_TEMPLATES, may_hold_policies
from multitool_lint.formats.recognize import YAML_ENDINGS
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.yaml import parser

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from multitool_lint.cli.files.git import Repository
    from multitool_lint.syntax.tree import Node

_CHART = "Chart.yaml"
_DEPENDENCIES = "charts"
_TAKEN = lazy_pattern(
    r'\.Values((?:\.\w+)*)|\b(?:include|template)\s+"([^"\n]+)|\.Files\.\w+\s+"([^"\n]+)'
)
_DEFINED = lazy_pattern(r'\{\{-?\s*define\s+"([^"\n]+)"\s*-?\}\}')
_NOT_FILES = frozenset({FOLDER, LINK, SUBMODULE})


class Charts:
    """The charts of one tree of a repository."""

    def __init__(self, repository: Repository, tree: str) -> None:
        self._repository = repository
        self._files = {
            path: entry.object
            for path, entry in repository.listed(tree).items()
            if entry.mode not in _NOT_FILES
        }
        self._values: dict[str, list[str | Node]] = {}
        self._named: dict[str, dict[str, str]] = {}

    def text(self, path: str, text: str) -> str:
        """The text of a template, with marks; of any other file, as it is."""
        chart = self._chart_of(path)
        return text if chart is None else self._marked(chart, text, ())

    def templates_beside(self, paths: Iterable[str]) -> set[str]:
        """The templates with policies of the charts that files are in, and of those in these."""
        charts = {chart for path in paths if (chart := self._around(path)) is not None}
        return {
            path
            for path in (self._files if charts else ())
            if (own := self._chart_of(path)) is not None
            and any(own == chart or own.startswith(_join(chart, "")) for chart in charts)
            and may_hold_policies(path, self._read(path))
        }

    def _around(self, path: str) -> str | None:
        """The innermost chart that a file is in."""
        folders = (str(folder) for folder in PurePosixPath(path).parents)
        return next((name for name in folders if _join(name, _CHART) in self._files), None)

    def _chart_of(self, path: str) -> str | None:
        """The chart that a file is a template of."""
        parts = path.split("/")
        if CHART_TEMPLATES not in parts[:-1]:
            return None
        chart = "/".join(parts[: parts.index(CHART_TEMPLATES)]) or os.curdir
        return chart if _join(chart, _CHART) in self._files else None

    def _read(self, path: str) -> str:
        return self._repository.blob(self._files[path]).decode("utf-8", "replace")

    def _marked(self, chart: str, text: str, within: tuple[str, ...]) -> str:
        def marked(match: re.Match[str]) -> str:
            value, name, file = match.groups()
            if name is not None:
                body = None if name in within else self._definitions(chart).get(name)
                taken = [] if body is None else [self._marked(chart, body, (*within, name))]
            elif file is not None:
                path = _join(chart, file)
                taken = [self._files[path]] if path in self._files else []
            else:
                taken = self._taken(chart, value.split(".")[1:])
            return f"{match[0]}{_mark(taken)}"

        return _TAKEN.sub(marked, text)

    def _taken(self, chart: str, keys: list[str]) -> list[str]:
        """What each file of values has for a name, those of the charts around this one included."""
        found = []
        steps: list[str] = []
        while True:
            for values in self._values_of(chart):
                found.append(_at(values, [*steps, *keys]))
                if steps and keys[:1] == ["global"]:
                    found.append(_at(values, keys))
            own = PurePosixPath(chart)
            around = str(own.parent.parent)
            if own.parent.name != _DEPENDENCIES or _join(around, _CHART) not in self._files:
                return [text for text in found if text]
            chart, steps = around, [own.name, *steps]

    def _values_of(self, chart: str) -> list[str | Node]:
        """The documents of values of a chart; the text of one that cannot be read."""
        if chart not in self._values:
            found = self._values.setdefault(chart, [])
            for path in self._files:
                own = PurePosixPath(path)
                is_values = own.name.startswith("values") and own.name.endswith(YAML_ENDINGS)
                if is_values and str(own.parent) == chart:
                    text = self._read(path)
                    try:
                        found += parser.parse(text).documents
                    except MistakeError:
                        found.append(text)
        return self._values[chart]

    def _definitions(self, chart: str) -> dict[str, str]:
        """The named templates of a chart and of those in it, each with all of its texts."""
        if chart not in self._named:
            found = self._named.setdefault(chart, {})
            for path in self._files:
                if self._chart_of(path) == chart:
                    _, *parts = _DEFINED.split(self._read(path))
                    for name, body in zip(parts[::2], parts[1::2], strict=True):
                        found[name] = f"{found.get(name, '')}{body}"
        return self._named[chart]


def _join(folder: str, name: str) -> str:
    return name if folder == os.curdir else f"{folder}/{name}"


def _at(values: str | Node, keys: list[str]) -> str:
    """What a document of values has under some keys; the text of one that cannot be read."""
    if isinstance(values, str):
        return values
    node: Node | None = values
    for key in keys:
        node = node.get(key) if node else None
    return canonical(node) if node else ""


def _mark(taken: list[str]) -> str:
    if not taken:
        return ""
    content = "\0".join(taken).encode("utf-8", "surrogatepass")
    return f"_{hashlib.sha256(content).hexdigest()[:12]}"
