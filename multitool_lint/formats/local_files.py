"""The files that a source names by a path, as far as they are in the same repository."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from typing import Final

from multitool_lint.formats.other_files import is_passed_over
from multitool_lint.formats.recognize import YAML_ENDINGS
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_NAMING_CHARACTERS
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import is_outside
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree_of_files import Tree, TreeWithText, below

NAMED_BY_SERVERLESS = lazy_pattern(r"\$\{file\(\s*+([^\s():,]++)\s*+\)")
_NAMED = lazy_pattern(
    r"""\b(?:template)?file\w*\s*\(\s*\\?"(?:\$\{path\.\w+\}/)?([^"\\\n]+)"""
    r"""|(?:TemplateURL|Location)["']?\s*+:\s*+["']?([^\s"',}]++)"""
)
"""The files that Terraform's functions and nested stacks name."""


_STACK = lazy_pattern(r"(?:TemplateURL|Location)[\"']?\s*+:")
_IN_S3 = lazy_pattern(
    r"https?://(?:s3[.-][^/]*?amazonaws\.com(?:\.cn)?/+[^/]+|[^/]*\.amazonaws\.com(?:\.cn)?)/+([^?#]+)"
)
"""The key in an address, of which the path or the host begins with the bucket."""
_TEMPLATE_NAME = lazy_pattern(r"(?<![\w./-])[\w./-]+\.(?:ya?ml|json|template)\b")
_SERVERLESS = ("serverless.yml", "serverless.yaml")
_FOLDERS_AROUND = 2
"""How far above the files that it includes the configuration of a service is looked for."""
_FOUND = (".json", ".template", *YAML_ENDINGS)


class SourceWithFiles(Source):
    """A source of a commit.

    `files` reads those that it names, None for no file, and `siblings` the other files of Terraform
    in its folder.
    """

    __slots__ = ("files", "siblings")

    def __init__(
        self,
        path: str,
        text: str,
        files: Callable[[str], str | None],
        siblings: Callable[[], tuple[Source, ...]] = tuple,
    ) -> None:
        super().__init__(path, text)
        self.files: Final = files
        self.siblings: Final = siblings

    def with_text(self, text: str, path: str | None = None) -> SourceWithFiles:
        """The source with another text, or path, among the same files."""
        return SourceWithFiles(path or self.path, text, self.files, self.siblings)


class SourceInTree(SourceWithFiles):
    """A source of a tree, at its path there; files of the machine have no part in it."""

    __slots__ = ("tree",)

    def __init__(self, path: str, tree: Tree) -> None:
        super().__init__(path, tree.text(path) or "", self._named, self._siblings)
        self.tree: Final = tree

    def with_text(self, text: str, path: str | None = None) -> SourceInTree:
        """The source with another text, or path, in the same tree."""
        own = path or self.path
        return SourceInTree(own, TreeWithText(own, text, self.tree))

    def _named(self, name: str) -> str | None:
        path = below(posixpath.dirname(self.path), name)
        return None if path is None else self.tree.text(path)

    def _siblings(self) -> tuple[Source, ...]:
        folder = posixpath.dirname(self.path)
        paths = (posixpath.join(folder, name) for name in self.tree.names(folder))
        return tuple(
            Source(path, text)
            for path in paths
            if path != self.path and (text := self.tree.text(path)) is not None
        )


def stack_after(tail: str, folder: str, has: Callable[[str], bool]) -> str | None:
    """The template of a nested stack, by what follows the unknown part of its address.

    It is the only file of the folder that the end of the address names. None if there is none.
    """
    found = [
        name
        for name in _ends(tail, folder)
        if name.lower().endswith(_FOUND) and not name.startswith((".", "/")) and has(name)
    ]
    return found[0] if len(found) == 1 else None


def stack_in_s3(address: str, folder: str, has: Callable[[str], bool]) -> str | None:
    """The template of a nested stack of which Amazon S3 has a copy, by its address there.

    The key of the copy may begin with more than the path that the template has in the repository,
    but a name without a folder is that of a template only if it is all of the key: other projects
    have one of this name, too.
    """
    match = _IN_S3.match(address)
    parts = match[1].split("/") if match else []
    found = set()
    for number in range(min(len(parts), max(1, len(parts) - 1))):
        name = stack_after("/" + "/".join(parts[number:]), folder, has)
        found |= {name} if name else set()
    return found.pop() if len(found) == 1 else None


def _ends(tail: str, folder: str) -> Iterator[str]:
    """The names in a folder that may be the end of an address.

    `templates/vpc.yml` may be `vpc.yml` in a folder `templates`. What follows an unknown part need
    not be all of a name, and a host is not a folder.
    """
    yield tail
    first, *others = tail.split("/")
    folders = folder.replace(os.sep, "/").split("/")
    for number in range(len(others)):
        rest = folders[: len(folders) - number]
        is_within = folders[len(rest) :] == others[:number]
        if is_within and ("." in first or (rest[-1] if rest else "").endswith(first)):
            yield "/".join(others[number:])


def _stack_names(text: str) -> Iterator[str]:
    """The names of files with which the addresses of nested stacks may end."""
    for key in _STACK.finditer(text):
        for name in _TEMPLATE_NAME.findall(text, key.end(), key.end() + MAX_NAMING_CHARACTERS):
            parts = name.lstrip("/").split("/")
            yield from ("/".join(parts[number:]) for number in range(len(parts)))


def names_in(text: str) -> tuple[list[str], list[str]]:
    """The names of files that a text may have for a part of its policies, and of nested stacks."""
    found = _NAMED.findall(text)
    files = [file for file, _ in found if file] + NAMED_BY_SERVERLESS.findall(text)
    return files, [*(url for _, url in found if url), *dict.fromkeys(_stack_names(text))]


def path_from(path: str, name: str) -> str:
    """The path of a file that is named from another one."""
    return os.path.normpath(Path(path).parent / name)


def text_of(source: Source, name: str) -> str | None:
    """The text of a file that a source names; None if it has none, or is not there."""
    if isinstance(source, SourceWithFiles):
        return source.files(name)
    path = local_file(source.path, name)
    try:
        return reading.read(path).text if path else None
    except (OSError, reading.UnreadableError):
        return None


def files_of_service(source: Source) -> list[str]:
    """The files of a service of the Serverless Framework that includes a source, itself first.

    Its configuration is in the folder of the source or one around it. None if nothing includes it.
    """
    folder = folder_of(source)
    own = [*PurePath(folder).parts[-_FOLDERS_AROUND:], PurePath(source.path).name]
    for number in range(len(own)):
        around = "../" * number
        path = "/".join(own[-number - 1 :])
        for name in _SERVERLESS:
            in_tree = isinstance(source, SourceWithFiles)
            if not (in_tree or os.path.isfile(f"{folder}/{around}{name}")):  # noqa: PTH113 - of every file
                continue
            text = text_of(source, around + name) or ""
            named = [os.path.normpath(file) for file in NAMED_BY_SERVERLESS.findall(text)]
            if path in (file.replace(os.sep, "/") for file in named):
                return [around + file for file in (name, *dict.fromkeys(named))]
    return []


def folder_of(source: Source) -> str:
    """The folder of a source: of the machine, with the folders around it."""
    if isinstance(source, SourceWithFiles):
        return posixpath.dirname(source.path)
    return os.path.dirname(os.path.abspath(source.path))  # noqa: PTH100, PTH120


def has_file(source: Source, name: str) -> bool:
    """Whether there is a file that a source names."""
    if isinstance(source, SourceWithFiles):
        return source.files(name) is not None
    return local_file(source.path, name) is not None


def local_file(path: str, name: str) -> str | None:
    """The path of a file that the source of a path names; None if there is no such file.

    What is outside of the repository is not looked for: who can change the source may not ask which
    other files exist.
    """
    folder = Path(path).parent
    try:
        if not is_outside(name, str(folder)) and (folder / name).is_file():
            return str(folder / name)
    except (OSError, ValueError):
        pass
    return None


def is_found(name: str) -> bool:
    """Whether a file of a relative path is found in a folder, so that it is linted by itself."""
    *folders, file = Path(name).parts or ("",)
    return file.lower().endswith(_FOUND) and not any(map(is_passed_over, folders))
