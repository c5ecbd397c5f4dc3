"""The keys of reports in the cache: hashes of all that decides about them."""

from __future__ import annotations

import os
import re
import sys
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint import clock
from multitool_lint._version import __version__
from multitool_lint.aws.catalog.tables import BUNDLED
from multitool_lint.diagnostics import rule as rulebook
from multitool_lint.formats import names
from multitool_lint.formats.local_files import files_of_service, names_in
from multitool_lint.formats.quick_tests import ASKS_CALLERS, LOCAL_SOURCE
from multitool_lint.formats.recognize import (
    FOLDER_ENDINGS,
    MODULE_ENDINGS,
    TERRAFORM_ENDINGS,
    TERRAFORM_JSON_ENDINGS,
    YAML_ENDINGS,
)
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import folders_above, is_outside
from multitool_lint.syntax.escapes import may_hide_words, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.cli.files.target import Target
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.syntax.source import Source

_ENGINES = (
    *("jsonschema", "markdown_it", "parliament", "policy_sentry"),
    *("tree_sitter", "tree_sitter_hcl", "yaml"),
)
_LENGTH = 16
_NAMED = re.compile(
    r"""file(?:(?!file)\w)*+\s*\(\s*\\?"(?:\$\{path\.\w+\}/)?([^"\\]*)"""
    r"""|"(?:\$\{path\.\w+\}/)?([\w./-]++(?:(?<=\.json)|(?<=\.tpl)|(?<=\.tftpl)))\""""
)
"""The calls of functions such as `file("policy.json")`, in JSON with the quotes escaped.

Also the names that local values have for them.
"""

_NAMED_BY_TEMPLATE = re.compile(
    r"""(?:TemplateURL|Location)["']?\s*+:\s*+["']?([^\s"',}]++)|\$\{file\(([^)}:]++)\)"""
    r"""|\b(?:policy|inlinePolicy)["']?\s*+:\s*+["']?([\w./-]++(?<=\.json))"""
)
"""The files that templates, the Serverless Framework and the Landing Zone Accelerator name."""

_DATED = re.compile(r"(?i)(?:current|epoch)time|\\[ux]")
"""What a file must have that has a condition on the date, be it written with escapes."""


class Keys:
    """Makes the keys of one run."""

    def __init__(self) -> None:
        self._tool = _state_of_tool()
        self._settings: dict[int, tuple[FileSettings, bytes]] = {}
        self._beside: dict[Path, bytes] = {}
        self._contents: dict[Path, str] = {}

    def key(self, target: Target, source: Source) -> bytes:
        """The key of a file's report.

        A report depends on no part of the path but what decides the format and type of policies:
        which findings are ignored at a path is among the settings. It depends on the day where a
        condition on the date may be in the file, or in one that it names.
        """
        hash_ = blake2b(self._of_settings(target.settings), digest_size=_LENGTH)
        path = Path(source.path)
        types = " ".join(type_.value for type_ in names.of_path(source.path))
        types += str(names.is_of_endpoint(None, source.path))
        texts = ["".join(path.suffixes[-3:]).lower(), types, source.text]
        is_terraform = source.path.lower().endswith((*TERRAFORM_ENDINGS, *TERRAFORM_JSON_ENDINGS))
        named = _names_in(source.text, _NAMED if is_terraform else _NAMED_BY_TEMPLATE)
        if not is_terraform:
            named += names_in(source.text)[1]
            if source.path.lower().endswith((*YAML_ENDINGS, ".json")):
                named += files_of_service(source)
        texts += self._of_named(path.parent, named)
        if named or _DATED.search(source.text):
            texts.append(str(clock.today()))
        for text in texts:
            data = text.encode("utf-8", "surrogatepass")
            hash_.update(b"%d:" % len(data) + data)
        if source.path.lower().endswith((*MODULE_ENDINGS, *TERRAFORM_JSON_ENDINGS)):
            hash_.update(self._of_folder(path.parent))
            if ASKS_CALLERS.search(source.text):
                hash_.update(self._of_callers(path.parent, named))
        return hash_.digest()

    def _of_folder(self, folder: Path) -> bytes:
        """What distinguishes the texts of the files that are read together, and those they name."""
        if folder not in self._beside:
            found: list[str] = []
            is_dated = False
            self._beside[folder] = b""  # for modules that call each other
            try:
                for path in sorted(folder.iterdir()):
                    if path.name.lower().endswith(FOLDER_ENDINGS) and path.is_file():
                        data = reading.read_bytes(str(path))
                        text = data.decode("utf-8", "replace")
                        named = _names_in(text, _NAMED)
                        is_dated |= bool(named) or _DATED.search(text) is not None
                        found += (path.name, _digest(data), *self._of_named(folder, named))
                        found.append(str(is_outside(path.name, str(folder))))
                        found += self._of_modules(folder, _names_in(text, LOCAL_SOURCE))
            except (OSError, reading.UnreadableError):
                return os.urandom(_LENGTH)  # not known, and so like no other
            found.append(str(clock.today()) if is_dated else "")
            self._beside[folder] = repr(found).encode("utf-8", "surrogatepass")
        return self._beside[folder]

    def _of_modules(self, folder: Path, sources: Iterable[str]) -> Iterator[str]:
        """What distinguishes the local modules that are called, and those that these call."""
        for source in sources:
            if not is_outside(source, str(folder)):
                called = Path(os.path.normpath(folder / source))
                yield self._of_folder(called).hex() if called.is_dir() else "none"

    def _of_callers(self, folder: Path, names: Iterable[str]) -> bytes:
        """What distinguishes the modules that may call this one, and the files named from them."""
        found: list[object] = []
        for above in map(Path, folders_above(os.path.realpath(folder))):
            found += (self._of_folder(above), *self._of_named(above, names))
        return repr(found).encode("utf-8", "surrogatepass")

    def _of_named(self, folder: Path, names: Iterable[str]) -> Iterator[str]:
        """What distinguishes the files of some names, which need not be there, or be read."""
        for name in _in_folders(folder, names):
            path = folder / name
            if path not in self._contents:
                try:
                    outside = is_outside(name, str(folder))
                    self._contents[path] = "" if outside else _digest(reading.read_bytes(str(path)))
                except (OSError, ValueError):
                    self._contents[path] = "none"
                except reading.UnreadableError as error:
                    self._contents[path] = str(error)
            yield from (name, self._contents[path])

    def _of_settings(self, settings: FileSettings) -> bytes:
        # Files for which the same holds have the same object; it is kept, so that its id is its.
        if id(settings) not in self._settings:
            hash_ = blake2b(self._tool, digest_size=_LENGTH)
            hash_.update(repr(settings).encode("utf-8", "surrogatepass"))
            if settings.catalog and settings.catalog.directory != BUNDLED:
                hash_.update(repr([*_state(settings.catalog.directory)]).encode())
                for path, *_ in _state(settings.catalog.directory):
                    hash_.update(reading.read_bytes(path))
            self._settings[id(settings)] = settings, hash_.digest()
        return self._settings[id(settings)][1]


def _names_in(text: str, pattern: re.Pattern[str]) -> list[str]:
    """The names of files that a text may have, also by escapes."""
    texts = {text, unescaped(text)} if may_hide_words(text) else {text}
    found = {name for one in texts for match in pattern.findall(one) for name in _groups(match)}
    return sorted(name.strip() for name in found)


def _in_folders(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """The names, and for one with an expression all in the folder that it begins with."""
    for name in names:
        if "${" not in name:
            yield name
            continue
        around = name.partition("${")[0].rpartition("/")[0]
        try:
            yield from sorted(f"{around}/{path.name}" for path in (folder / around).iterdir())
        except (OSError, ValueError):
            yield name


def _groups(match: str | tuple[str, ...]) -> tuple[str, ...]:
    return (match,) if isinstance(match, str) else tuple(filter(None, match))


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=_LENGTH).hexdigest()


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
