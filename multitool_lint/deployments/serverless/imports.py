"""What a program is made of besides its own text: the files that it imports or reads."""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.limits import MAX_NAMED_FILES
from multitool_lint.syntax.javascript import (
    NotReadError,
    ScriptToken,
    all_of,
    decoded,
    literal_at,
    tokens_of,
)

if TYPE_CHECKING:
    from multitool_lint.values.reading import Reading

CODE = (".js", ".cjs", ".mjs", ".ts", ".cts", ".mts")
_ENDINGS = ("", *CODE, ".json", *(f"/index{ending}" for ending in CODE))
_IMPORTED = re.compile(r"""(?:\brequire\s*\(\s*|\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"'\n]+)\1""")
_READS = frozenset({"readFile", "readFileSync"})
_IMPORTS = frozenset({"from", "import"})
"""What is before the name of a module."""
_CALLS = _READS | {"import", "require"}
"""The functions that are given the name of a module or file."""
_ASKS = frozenset(
    {
        *("exec", "execFile", "execFileSync", "execSync", "spawnSync"),
        "fetch",
        "readdir",
        "readdirSync",
    }
)
"""The functions that find what no file of a known name has."""
_READS_OR_ASKS = re.compile(rf"\b(?:{'|'.join(sorted(_READS | _ASKS))})\b")
_BUILT_IN = frozenset(
    {"assert", "child_process", "crypto", "fs", "module", "os", "path", "process", "url", "util"}
)
_DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_SETTINGS = "tsconfig.json"
_STAR = "*"
_FILE = re.compile(r"(?:\./)?[\w@-][\w@./-]{0,200}\.\w+")
"""A text that may name a file of the tree."""


class Imported(NamedTuple):
    """The files that a program is made of besides itself, by their paths.

    And the paths of the modules of names in folders, and how many statements import each.
    """

    texts: Mapping[str, str]
    modules: Mapping[tuple[str, str], str]
    importing: Mapping[str, int]


def imported_by(path: str, tokens: Sequence[ScriptToken], reading: Reading) -> Imported | None:
    """The files that a program of some tokens imports, or names, and these import.

    None if some of them are not known.
    """
    found, are_all = _imported(path, [*all_of(tokens)], "", reading)
    return found if are_all else None


def known_imports(path: str, text: str, reading: Reading) -> Mapping[str, str]:
    """The texts of the files that a program imports, by their paths, as far as they are known."""
    found, _ = _imported(path, _tokens_in(text), text, reading)
    return found.texts


def _imported(
    path: str, tokens: Sequence[ScriptToken] | None, text: str, reading: Reading
) -> tuple[Imported, bool]:
    """The files that a program imports, and whether these are all."""
    folder = posixpath.dirname(path)
    imports = _Imports(folder, reading)
    waiting, are_all = imports.of(tokens, text, folder)
    found: dict[str, str] = {}
    while waiting and len(found) < MAX_NAMED_FILES:
        name = waiting.pop()
        inner = None if name in found else reading.text(name)
        if inner is None:
            continue
        found[name] = inner
        are_all &= name != path
        if name.endswith(CODE):
            others, are_known = imports.of(_tokens_in(inner), inner, posixpath.dirname(name))
            waiting += others
            are_all &= are_known
    return Imported(found, imports.modules, imports.importing), are_all and not waiting


def _tokens_in(text: str) -> list[ScriptToken] | None:
    try:
        return [*all_of(tokens_of(text))]
    except NotReadError:
        return None


def _named_in(tokens: Sequence[ScriptToken] | None, text: str) -> tuple[list[str], list[str], bool]:
    """The modules that a program imports, and the texts that may name files that it reads.

    Of one that is not understood, perhaps more modules. Not all are known if it asks for what has
    no such name.
    """
    if tokens is None:
        modules = [name for _, name in _IMPORTED.findall(text)]
        return modules, [], _READS_OR_ASKS.search(text) is None
    modules, texts, is_known = [], [], True
    for at, token in enumerate(tokens):
        after = tokens[at + 1] if at + 1 < len(tokens) else token
        if token.kind == "text":
            texts.append(decoded(token.text[1:-1]))
        elif token.text in _IMPORTS and after.kind == "text":
            modules.append(decoded(after.text[1:-1]))
        elif token.text in _CALLS and after.text == "(":
            named = _only_text(tokens[at + 2 : at + 4])
            is_known &= named is not None
            modules += [named] if named is not None and token.text not in _READS else []
        elif token.text in _READS or token.text in _ASKS:
            is_known = False
    return modules, texts, is_known


def _only_text(tokens: Sequence[ScriptToken]) -> str | None:
    """The text that is the first argument of a call, whose first tokens these are."""
    is_text = [token.kind for token in tokens[:1]] == ["text"]
    is_whole = [token.text for token in tokens[1:]] in ([")"], [","])
    return decoded(tokens[0].text[1:-1]) if is_text and is_whole else None


class _Imports:
    """What the names of modules mean for a program in a folder."""

    def __init__(self, folder: str, reading: Reading) -> None:
        self.modules: dict[tuple[str, str], str] = {}
        self.importing: Counter[str] = Counter()
        self._folder = folder
        self._reading = reading
        self._packages = {*_BUILT_IN, *self._dependencies()}
        self._aliases = dict(self._paths(f"{folder}/{_SETTINGS}".lstrip("/"), 3))

    def of(
        self, tokens: Sequence[ScriptToken] | None, text: str, folder: str
    ) -> tuple[list[str], bool]:
        """The paths of the files that a program of a folder is made of, too; whether of all."""
        modules, texts, is_known = _named_in(tokens, text)
        paths = [self.resolved(name, folder) for name in modules]
        for name, found in zip(modules, paths, strict=True):
            for path in found or ():
                self.modules[folder, name] = path
                self.importing[path] += 1
        # What a program reads is found from where the framework runs.
        files = (self.file(name, self._folder, ("",)) for name in texts if _FILE.fullmatch(name))
        known = [path for found in paths for path in found or ()]
        return [*known, *filter(None, files)], is_known and None not in paths

    def file(self, name: str, folder: str, endings: Sequence[str] = _ENDINGS) -> str | None:
        """The path of a file of the tree that a text names, perhaps without its ending."""
        for ending in endings:
            found = self._reading.path_of(f"{name.removeprefix('./')}{ending}", folder)
            if found is not None and self._reading.text(found) is not None:
                return found
        return None

    def resolved(self, name: str, folder: str) -> list[str] | None:
        """The path of the module of a name; none for a package, None if it is not known."""
        if name.startswith("."):
            found = self.file(name, folder)
            return None if found is None else [found]
        for alias, targets in self._aliases.items():
            before, star, after = alias.partition(_STAR)
            if name == alias or (star and name.startswith(before) and name.endswith(after)):
                middle = name[len(before) : len(name) - len(after)] if star else ""
                for target in targets:
                    found = self.file(target.replace(_STAR, middle), "")
                    if found is not None:
                        return [found]
        package = "/".join(name.split("/")[: 2 if name.startswith("@") else 1])
        if package in self._packages or name.startswith("node:"):
            return []
        return None

    def _dependencies(self) -> Iterator[str]:
        """The packages that are installed for the folder or one around it."""
        folder = self._folder
        while True:
            text = self._reading.text(posixpath.join(folder, "package.json"))
            try:
                found = json.loads(text) if text else {}
            except ValueError:
                found = {}
            for key in _DEPENDENCIES if isinstance(found, dict) else ():
                yield from found.get(key) or ()
            if not folder:
                return
            folder = posixpath.dirname(folder)

    def _paths(self, path: str, depth: int) -> Iterator[tuple[str, list[str]]]:
        """The paths that the settings of TypeScript give the names of modules."""
        folder = posixpath.dirname(path)
        settings = _object(self._reading.text(path))
        above = settings.get("extends")
        if isinstance(above, str) and above.startswith(".") and depth:
            found = self.file(above, folder)
            if found is not None:
                yield from self._paths(found, depth - 1)
        options = settings.get("compilerOptions")
        options = options if isinstance(options, dict) else {}
        base = self._reading.path_of(str(options.get("baseUrl", ".")), folder)
        paths = options.get("paths")
        paths = {**paths} if isinstance(paths, dict) else {}
        if "baseUrl" in options:
            paths.setdefault(_STAR, [_STAR])
        for alias, targets in paths.items():
            if base is not None and isinstance(targets, list):
                yield alias, [posixpath.normpath(posixpath.join(base, str(t))) for t in targets]


def _object(text: str | None) -> Mapping[str, object]:
    """The object of JSON with comments."""
    try:
        found = literal_at(tokens_of(text), 0)[0] if text else None
    except NotReadError:
        return {}
    return found if isinstance(found, dict) else {}
