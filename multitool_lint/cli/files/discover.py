"""Which files a command is given: those that are named, and those found in named folders.

In a folder, the folders that tools make, such as node_modules, and links to folders are skipped,
and what git or the user leaves out.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from multitool_lint.cli.files.target import Target
from multitool_lint.cli.options.groups import group
from multitool_lint.config import ConfigError
from multitool_lint.formats.endings import COMMON_ENDINGS, ENDINGS, may_be_code
from multitool_lint.formats.other_files import is_passed_over, may_be_other
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import folder_left_by_link, is_below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from multitool_lint.cli.files.git_folder import TrackedFiles
    from multitool_lint.cli.files.gitignore import GitIgnores, IgnorePatterns
    from multitool_lint.cli.options.settings import Settings

STDIN = "-"

_SYNTHESIZED = {"cdk.out": "*.template.json", "cdktf.out": "stacks/*/cdk.tf.json"}
"""Folders in which the CDK and CDK for Terraform put what they make, usually ignored by git."""


class _Folder(NamedTuple):
    path: str
    real: str
    ignores: GitIgnores


def _exclusion(text: str) -> str:
    from multitool_lint.syntax.path_patterns import PathPatternError, exclusion  # saves start-up

    try:
        return exclusion(text)
    except PathPatternError as error:
        raise ArgumentTypeError(str(error)) from None


def add_search_arguments(parser: ArgumentParser) -> None:
    """Add what decides which files are found in folders."""
    options = group(parser, "files")
    options.add_argument(
        "--exclude",
        metavar="PATTERN",
        action="append",
        type=_exclusion,
        default=[],
        help="also skip what matches a pattern of .gitignore's syntax; named files are checked",
    )
    options.add_argument(
        "--no-respect-gitignore",
        action="store_true",
        help="in folders, also check files ignored by git",
    )


def add_discovery_arguments(parser: ArgumentParser) -> None:
    """Add what decides which files are checked."""
    add_search_arguments(parser)
    group(parser, "files").add_argument(
        "--changed-since",
        metavar="REVISION",
        help="only check files changed since the merge base with REVISION, also untracked "
        "ones, and files that depend on them",
    )


def discover(
    arguments: Namespace, settings: Settings, endings: tuple[str, ...] = ()
) -> Iterator[Target]:
    """The files that the arguments name, each once, those in folders in alphabetical order.

    In folders, these are files that may have policies or, if they are given, those with `endings`.

    Raises:
        ConfigError: an option or a configuration cannot be followed.
    """
    names = arguments.files
    if arguments.stdin_filename and STDIN not in names:
        raise ConfigError("--stdin-filename needs - as FILES")
    revision = arguments.changed_since
    changes = None
    if revision is not None:
        from multitool_lint.cli.files.changes import ChangedSince

        names = names or [os.curdir]
        changes = ChangedSince(revision, [name for name in names if name != STDIN])
    search = _Search(arguments, settings, endings)
    seen = set()
    for name in names:
        for found in search.at(name):
            if found.real in seen:
                continue
            if found.outside is None:  # otherwise, the file may still be named itself
                seen.add(found.real)
            is_checked = not (found.error or found.skipped or name == STDIN)
            if changes is None or not is_checked or changes.has(found):
                yield found
            else:
                yield found._replace(skipped=Why(Reason.UNCHANGED, (revision,)))
    yield from search.failures()
    for path in changes.absent_submodules() if changes else ():
        yield Target(path, named=False, real=path, skipped=Why(Reason.SUBMODULE))


def is_folder(name: str) -> bool:
    """Whether a name is that of a folder, which an empty one is not."""
    return bool(name) and os.path.isdir(name)  # noqa: PTH112 - Path is slow to import


def _path(name: str) -> Path:
    from pathlib import Path  # saves start-up where a file is named

    return Path(name)


class _Search:
    """Finds files, and knows what is left out."""

    def __init__(self, arguments: Namespace, settings: Settings, endings: tuple[str, ...]) -> None:
        self._settings = settings
        self._endings = endings
        self._named = not arguments.discovered
        # What is treated as if it was found is excluded as if it was found.
        self._forces: bool = arguments.discovered
        self._respects_git = not arguments.no_respect_gitignore
        self._here = os.path.realpath(os.curdir)
        self._lines = tuple(os.fsencode(pattern) for pattern in arguments.exclude)
        self._patterns: dict[tuple[str, tuple[bytes, ...]], IgnorePatterns] = {}
        self._indexes: dict[str, TrackedFiles] = {}
        names = [name for name in arguments.files or [os.curdir] if "\0" not in name]
        self._inside = [os.path.realpath(name) for name in names if not folder_left_by_link(name)]

    def at(self, name: str) -> Iterator[Target]:
        """The file of a name, or the files in the folder of a name."""
        if name == STDIN:
            yield Target(name, self._named, name)
            return
        try:
            real = os.path.realpath(name)
        except (OSError, ValueError) as error:
            yield Target(name, named=True, real=name, error=str(error))
            return
        folder = is_folder(name)
        skipped = None
        if self._forces:
            excludes = self._excludes(str(_path(name).parent), str(_path(real).parent))
            if any(patterns.cover(real, is_folder=folder) for patterns in excludes):
                skipped = Why(Reason.EXCLUDED)
        if folder and not skipped:
            yield from self._below(str(_path(name)), real, folder_left_by_link(name))
        elif not folder:
            left = folder_left_by_link(name)
            yield Target(name, self._named, real, skipped, outside=left)

    def _below(self, name: str, real: str, outside: str | None) -> Iterator[Target]:
        from multitool_lint.cli.files.gitignore import GitIgnores, above

        ignores = above(real) if self._respects_git else GitIgnores()
        folders = [_Folder(name, real, ignores)]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(folder.path) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                yield Target(folder.path, named=True, real=folder.real, error=reading.reason(error))
                continue
            folder = self._with_ignores(folder, {entry.name for entry in listed})
            excludes = self._excludes(folder.path, real)
            children = []
            for entry in listed:
                if _is_folder(entry):
                    if not _passed_over(entry):
                        path, inner = _paths(folder, entry.name)
                        why = _why_left_out(inner, folder.ignores, excludes, is_folder=True)
                        if not why:
                            children.append(_Folder(path, inner, folder.ignores.below(inner)))
                        elif why.reason is Reason.IGNORED and entry.name in _SYNTHESIZED:
                            yield from _synthesized(path, inner, _SYNTHESIZED[entry.name])
                elif self._is_wanted(entry):
                    path, place = _paths(folder, entry.name)
                    skipped = _why_left_out(place, folder.ignores, excludes, is_folder=False)
                    left = outside
                    if entry.is_symlink():
                        place = os.path.realpath(place)
                        left = left or (None if self._is_named(place) else real)
                    yield Target(path, named=False, real=place, skipped=skipped, outside=left)
            folders += reversed(children)

    def _is_wanted(self, entry: os.DirEntry[str]) -> bool:
        if self._endings:
            return entry.name.lower().endswith(self._endings)
        return _may_have_policies(entry)

    def _with_ignores(self, folder: _Folder, names: set[str]) -> _Folder:
        if not self._respects_git:
            return folder
        ignores = folder.ignores.within(folder.real, names)
        if ignores.tracked:
            self._indexes[ignores.tracked.root] = ignores.tracked
        return folder._replace(ignores=ignores)

    def failures(self) -> Iterator[Target]:
        """The repositories of which it is not known which ignored files are tracked."""
        for root, tracked in self._indexes.items():
            if tracked.error:
                yield Target(root, named=True, real=root, error=tracked.error)

    def _is_named(self, real: str) -> bool:
        """Whether a file is one of those that are named, or in a folder that is."""
        return any(is_below(real, place) for place in self._inside)

    def _excludes(self, folder: str, start: str) -> list[IgnorePatterns]:
        """What the user excludes in a folder; `start` is where its files were looked for."""
        configured, patterns = self._settings.exclusions(folder)
        everywhere = self._here if is_below(start, self._here) else start
        found = []
        for key in (
            (everywhere, self._lines),
            (configured, tuple(os.fsencode(pattern) for pattern in patterns)),
        ):
            if key[1]:
                if key not in self._patterns:
                    from multitool_lint.cli.files.gitignore import IgnorePatterns

                    self._patterns[key] = IgnorePatterns(*key)
                found.append(self._patterns[key])
        return found


def _may_have_policies(entry: os.DirEntry[str]) -> bool:
    """Whether a file is checked; one that seldom has policies, such as a script, if it may."""
    name = entry.name.lower()
    if name.endswith(COMMON_ENDINGS):
        return True
    if name.endswith(ENDINGS):
        return not _is_regular(entry) or may_be_code(entry.path, name)
    return _is_regular(entry) and may_be_other(entry.path, entry.name)


def _is_regular(entry: os.DirEntry[str]) -> bool:
    """Whether a file can be opened without waiting for another program."""
    try:
        return entry.is_file()
    except OSError:
        return False  # a link to itself, say


def _synthesized(path: str, real: str, pattern: str) -> Iterator[Target]:
    """The templates of a folder that is left out, the only place of the policies in them."""
    why = Why(Reason.IGNORED_TEMPLATES, (path,))
    for template in sorted(_path(real).glob(pattern)):
        name = f"{path}{os.sep}{template.relative_to(real)}"
        yield Target(name, named=False, real=str(template), skipped=why)


def _paths(folder: _Folder, name: str) -> tuple[str, str]:
    """The path of what is in a folder, as it is printed, and the real one."""
    path = name if folder.path == os.curdir else f"{folder.path.rstrip(os.sep)}{os.sep}{name}"
    return path, f"{folder.real.rstrip(os.sep)}{os.sep}{name}"


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link to itself, say: reading it will show


def _passed_over(entry: os.DirEntry[str]) -> bool:
    """Whether a folder is a link, which may lead in a circle, or holds what tools put there."""
    is_junction = getattr(entry, "is_junction", None)  # Python 3.12: the links of Windows
    linked = entry.is_symlink() or (is_junction is not None and is_junction())
    return linked or is_passed_over(entry.name)


def _why_left_out(
    real: str, ignores: GitIgnores, excludes: Sequence[IgnorePatterns], *, is_folder: bool
) -> Why | None:
    for patterns in excludes:
        if is_below(real, patterns.folder) and patterns.decide(real, is_folder=is_folder):
            return Why(Reason.EXCLUDED)
    return Why(Reason.IGNORED) if ignores.ignore(real, is_folder=is_folder) else None
