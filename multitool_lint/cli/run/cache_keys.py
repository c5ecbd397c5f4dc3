"""The keys of reports in the cache: hashes of all that decides about them."""

from __future__ import annotations

import os
import re
import sys
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint._version import __version__
from multitool_lint.aws.catalog.tables import BUNDLED
from multitool_lint.diagnostics import rule as rulebook
from multitool_lint.formats import names
from multitool_lint.formats.recognize import (
    MODULE_ENDINGS,
    TERRAFORM_ENDINGS,
    TERRAFORM_JSON_ENDINGS,
)
from multitool_lint.syntax import source as reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.cli.files.target import Target
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.syntax.source import Source

_ENGINES = (
    *("jsonschema", "markdown_it", "parliament", "policy_sentry"),
    *("tree_sitter", "tree_sitter_hcl", "yaml"),
)
_LENGTH = 16
_NAMED = re.compile(rb"""file(?:(?!file)\w)*+\s*\(\s*\\?"(?:\$\{path\.\w+\}/)?([^"\\]*)""")
"""The calls of functions such as `file("policy.json")`, in JSON with the quotes escaped."""

_MODULE = re.compile(rb"""\bsource\s*=\s*"(\.{1,2}/[^"?$]*)\"""")
_NAMED_BY_TEMPLATE = re.compile(
    rb"""(?:TemplateURL|Location)["']?\s*+:\s*+["']?([^\s"',}]++)|\$\{file\(([^)}:]++)\)"""
)
"""The files that templates of CloudFormation and of the Serverless Framework name."""


class Keys:
    """Makes the keys of one run."""

    def __init__(self) -> None:
        self._tool = _state_of_tool()
        self._settings: dict[int, tuple[FileSettings, bytes]] = {}
        self._beside: dict[Path, bytes] = {}

    def key(self, target: Target, source: Source) -> bytes:
        """The key of a file's report.

        A report depends on no part of the path but what decides the format and type of policies:
        which findings are ignored at a path is among the settings.
        """
        hash_ = blake2b(self._of_settings(target.settings), digest_size=_LENGTH)
        path = Path(source.path)
        types = " ".join(type_.value for type_ in names.of_path(source.path))
        texts = ["".join(path.suffixes[-3:]).lower(), types, source.text]
        if source.path.lower().endswith((*TERRAFORM_ENDINGS, *TERRAFORM_JSON_ENDINGS)):
            texts.append(repr(_of_named_files(path.parent, source.text.encode("utf-8", "replace"))))
        elif named := _NAMED_BY_TEMPLATE.findall(source.text.encode("utf-8", "replace")):
            paths = sorted({os.fsdecode(url or file).strip() for url, file in named})
            texts.append(repr(_states_of(path.parent, paths)))
        for text in texts:
            data = text.encode("utf-8", "surrogatepass")
            hash_.update(b"%d:" % len(data) + data)
        if source.path.lower().endswith((*MODULE_ENDINGS, *TERRAFORM_JSON_ENDINGS)):
            hash_.update(self._of_folder(path.parent))
        return hash_.digest()

    def _of_folder(self, folder: Path) -> bytes:
        """What distinguishes the states of the files that are read together."""
        if folder not in self._beside:
            try:
                paths = [
                    path
                    for path in sorted(folder.iterdir())
                    if path.name.lower().endswith(MODULE_ENDINGS) and path.is_file()
                ]
                states = [(path.name, *_state_of(path)) for path in paths]
                texts = b"\n".join(reading.read_bytes(str(path)) for path in paths)
            except (OSError, reading.UnreadableError):
                return os.urandom(_LENGTH)  # not known, and so like no other
            states += _of_named_files(folder, texts)
            states += _of_modules(folder, texts)
            self._beside[folder] = repr(states).encode("utf-8", "surrogatepass")
        return self._beside[folder]

    def _of_settings(self, settings: FileSettings) -> bytes:
        # Files for which the same holds have the same object; it is kept, so that its id is its.
        if id(settings) not in self._settings:
            hash_ = blake2b(self._tool, digest_size=_LENGTH)
            hash_.update(repr(settings).encode("utf-8", "surrogatepass"))
            if settings.catalog and settings.catalog.directory != BUNDLED:
                hash_.update(repr([*_state(settings.catalog.directory)]).encode())
            self._settings[id(settings)] = settings, hash_.digest()
        return self._settings[id(settings)][1]


def _of_named_files(folder: Path, text: bytes) -> list[tuple[str, int, int]]:
    """The states of the files that Terraform's functions name, which may not exist."""
    names = {os.fsdecode(name) for name in _NAMED.findall(text)}
    for name in [name for name in names if "${" in name]:  # any of a folder
        names |= _listed(folder, name.partition("${")[0].rpartition("/")[0])
    return _states_of(folder, sorted(names))


def _of_modules(folder: Path, text: bytes) -> list[tuple[str, int, int]]:
    """The states of the files of the modules that are called, and of those that these call."""
    states: dict[str, list[tuple[str, int, int]]] = {}
    waiting = [(folder, text)]
    while waiting:
        here, calls = waiting.pop()
        for source in {os.fsdecode(name) for name in _MODULE.findall(calls)}:
            called = os.path.normpath(here / source)
            if called not in states:
                names = [name for name in _listed(here, source) if name.endswith(MODULE_ENDINGS)]
                states[called] = _states_of(here, sorted(names))
                texts = [reading.read_bytes(str(here / name)) for name in sorted(names)]
                waiting.append((Path(called), b"\n".join(texts)))
    return [state for called in sorted(states) for state in states[called]]


def _listed(folder: Path, name: str) -> set[str]:
    """The files of a folder that is named from another one."""
    try:
        return {f"{name}/{path.name}" for path in (folder / name).iterdir() if path.is_file()}
    except (OSError, ValueError):
        return set()


def _states_of(folder: Path, names: Sequence[str]) -> list[tuple[str, int, int]]:
    return [(name, *_state_of(folder / name)) for name in names]


def _state_of(path: Path) -> tuple[int, int]:
    """The size and the time of change of a file; -1 twice if there is none."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return -1, -1
    return status.st_size, status.st_mtime_ns


def _state_of_tool() -> bytes:
    """What distinguishes the states of the tool, changes in a checkout included.

    Of the libraries that it uses, the versions of all that is installed next to them.
    """
    package = Path(__file__).parents[2]
    parts: list[object] = [__version__, sys.version_info[:3]]
    parts += _state(str(package))
    parts += _state(str(rulebook.DIRECTORY))
    for folder in sorted({str(Path(origin).parent.parent) for origin in _origins()}):
        parts += sorted(path.name for path in Path(folder).glob("*-info"))
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=_LENGTH).digest()


def _origins() -> Iterator[str]:
    """Where the libraries are that find something, or decide what is found."""
    for name in _ENGINES:
        spec = find_spec(name)
        if spec and spec.origin:
            yield spec.origin


def _state(folder: str) -> Iterator[tuple[str, int, int]]:
    """The name, size and time of change of every file in a folder and in those in it."""
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        if not entry.is_dir():
            status = entry.stat()
            yield entry.path, status.st_size, status.st_mtime_ns
        elif entry.name != "__pycache__":
            yield from _state(entry.path)
