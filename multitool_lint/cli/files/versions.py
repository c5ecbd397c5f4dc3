"""Versions of a file to compare: in the file system, in a commit, or staged for one."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import (
    HEAD,
    LINK,
    STAGED,
    SUBMODULE,
    Entry,
    GitError,
    Repository,
    relative,
)
from multitool_lint.cli.files.version import (
    MissingVersionError,
    NoPolicyError,
    UnreadableVersionError,
    Version,
)
from multitool_lint.formats import policies as formats
from multitool_lint.formats.endings import is_candidate, may_hold_policies
from multitool_lint.formats.facts import facts
from multitool_lint.formats.local_files import (
    NAMED_BY_SERVERLESS,
    SourceWithFiles,
    literals_in,
    local_file,
    path_from,
    reads_files,
    text_of,
)
from multitool_lint.formats.recognize import FOLDER_ENDINGS, MODULE_ENDINGS
from multitool_lint.formats.terraform.moves import renamed, renames
from multitool_lint.limits import MAX_NAMED_FILES, MAX_TERRAFORM_FOLDER_BYTES
from multitool_lint.policy.policy_set import Facts, PolicySet
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.boundary import repository_of
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.policy.changes import Unknown


class Versions:
    """Reads versions of files; each repository is opened once.

    Where files are not named for their policies, one that seems to have none need not be in its
    format.
    """

    def __init__(self, *, are_named: bool = True) -> None:
        self._are_named = are_named
        self._repositories: dict[str, Repository] = {}
        self._renames: dict[Version, dict[str, str]] = {}
        self._folders: dict[Version, tuple[Source, ...]] = {}

    @property
    def repositories(self) -> list[Repository]:
        """The repositories of the files that were read."""
        return list(self._repositories.values())

    def policies(self, which: Version, settings: FileSettings) -> PolicySet:
        """The policies of a version, and what of it could not be read.

        Raises:
            UnreadableVersionError: it cannot be read, or contains no policy.
        """
        try:
            return self._with_named(which, self._read(which, settings), settings)
        except formats.NoPolicyError as error:
            raise NoPolicyError(str(error), error.facts) from error
        except GitError as error:
            raise UnreadableVersionError(f"{which}: {error}") from error
        except ValueError as error:
            raise UnreadableVersionError(str(error)) from error

    def _read(self, which: Version, settings: FileSettings) -> PolicySet:
        """The policies of a version, with what the other files of its folder define."""
        source = self.source(which)
        try:
            found = formats.policies_of(
                source, type=settings.type, resource_type=settings.resource_type
            )
        except formats.NoPolicyError as error:
            error.facts = self._with_shared(which, source, error.facts)
            raise
        except ValueError as error:
            if self._are_named or _seems_to_have_policies(which.path, source.text):
                raise
            own = self._with_shared(which, source, facts(source))
            raise formats.NoPolicyError(str(error), own) from error
        return found._replace(facts=self._with_shared(which, source, found.facts))

    def beside(self, which: Version) -> PolicySet:
        """What the other files of its folder define for a file that is not there."""
        facts = Facts()
        with contextlib.suppress(GitError, UnreadableVersionError, OSError):
            facts = self._with_shared(which, Source(which.path, ""), facts)
        return PolicySet(str(which), facts=facts)

    def _with_shared(self, which: Version, source: Source, own: Facts) -> Facts:
        definitions = dict(own.definitions)
        for name in NAMED_BY_SERVERLESS.findall(source.text):
            stem = Path(name).stem
            definitions[stem] = f"{definitions.get(stem, '')}{text_of(source, name) or ''}"
        if which.path.lower().endswith(FOLDER_ENDINGS):
            sources = [source, *self.siblings(which)]
            for sibling in sources[1:]:
                for name, meaning in shared_definitions(sibling).items():
                    known = definitions.get(name)
                    definitions[name] = meaning if known is None else f"{known}, {meaning}"
            if any(reads_files(sibling.text) for sibling in sources):
                definitions |= _contents(sources)
        return own._replace(definitions=definitions)

    def _with_named(self, which: Version, found: PolicySet, settings: FileSettings) -> PolicySet:
        """The policies with those of the files that are named in it, and in these."""
        waiting: list[tuple[Version, PolicySet, Unknown, tuple[str, ...]]] = [
            (which, found, reference, ()) for reference in found.references
        ]
        known: dict[str, PolicySet] = {}
        for _ in range(MAX_NAMED_FILES):
            if not waiting:
                break
            outer, references, place, around = waiting.pop()
            name, address = references.references[place]
            child = Version(path_from(outer.path, name), which.revision)
            is_there = which.revision is not None or local_file(outer.path, name) is not None
            if not is_there or child.path in around:
                continue  # it stays unknown
            try:
                inner = known.get(child.path) or self._read(child, settings)
            except (OSError, ValueError, UnreadableVersionError, GitError) as error:
                if not (isinstance(error, formats.NoPolicyError) and "stack" in place.reason):
                    continue
                inner = PolicySet(child.path)
            known[child.path] = inner
            inside = (*around, outer.path)
            waiting += [(child, inner, reference, inside) for reference in inner.references]
            found = found.with_file(place, address, inner)
        return found

    def in_head(self, path: str) -> Version:
        """What a staged file was in HEAD: under the name that it had there, if it was renamed.

        Raises:
            UnreadableVersionError: git cannot answer, or has no such file in HEAD, nor staged.
        """
        which = Version(path, HEAD)
        try:
            repository, below = self.located(path)
            tree = repository.object(HEAD, "tree")
            if tree is not None and repository.entry(tree, below) is not None:
                return which
            if repository.entry(STAGED, below) is None:
                raise UnreadableVersionError(f"{path}: no such file in HEAD, and none is staged")
            before = None if tree is None else repository.renamed().get(below)
        except GitError as error:
            raise UnreadableVersionError(f"{which}: {error}") from error
        return which if before is None else Version(relative(repository, before), HEAD)

    def siblings(self, which: Version) -> Iterator[Source]:
        """The other Terraform files of a folder, in the same revision, so far as they are text."""
        own = Path(which.path)
        if which.revision is None:
            names = sorted(os.listdir(own.parent))  # noqa: PTH208 - names are what is needed
        else:
            names = [Path(path).name for path in self._beside(which)]
        for name in names:
            if name != own.name and name.lower().endswith(FOLDER_ENDINGS):
                path = str(own.parent / name)
                with contextlib.suppress(UnreadableVersionError):
                    yield replace(self.source(Version(path, which.revision)), path=path)

    def _of_folder(self, which: Version) -> tuple[Source, ...]:
        """The other Terraform files of a folder in a revision, unless they are too many."""
        own = Path(which.path)
        folder = _folder(which)
        if folder not in self._folders:
            self._folders[folder] = tuple(self.siblings(folder))
        found = self._folders[folder]
        if sum(len(source.text) for source in found) > MAX_TERRAFORM_FOLDER_BYTES:
            return ()
        return tuple(source for source in found if Path(source.path).name != own.name)

    def _beside(self, which: Version) -> dict[str, Entry]:
        """The other Terraform files of a folder in a revision, by the path."""
        repository, below = self.located(which.path)
        folder = below.rpartition("/")[0]
        return {
            path: entry
            for path, entry in repository.folder(self._tree(repository, which), folder).items()
            if path != below
            and path.rpartition("/")[0] == folder
            and path.lower().endswith(FOLDER_ENDINGS)
        }

    def source(self, which: Version) -> Source:
        """A version of a file.

        Raises:
            UnreadableVersionError: it cannot be read.
            GitError: git cannot answer.
        """
        try:
            if which.revision is not None:
                # With a folder that does not exist: the files next to it are of another revision.
                name = which.path if "/" in which.path else f"./{which.path}"
                text = reading.decode(self._show(which), which.path).text
                source: Source = SourceWithFiles(
                    f"{which.revision}:{name}",
                    text,
                    partial(self._named, which),
                    partial(self._of_folder, which),
                )
            elif which.path == "-":
                if sys.stdin is None:
                    raise UnreadableVersionError("-: standard input is closed")
                source = reading.decode(sys.stdin.buffer.read(), "<stdin>")
            else:
                source = reading.read(which.path)
        except (OSError, reading.UnreadableError) as error:
            raise UnreadableVersionError(f"{which}: {reading.reason(error)}") from error
        names = self._renames.get(_folder(which))
        return renamed(source, names) if names and _is_module(which.path) else source

    def find_moves(self, old: Version, new: Version) -> None:
        """Read the old version of a folder of Terraform by the names that it has in the new one."""
        folders = _folder(old), _folder(new)
        if folders[0] in self._renames or not _is_module(new.path):
            return
        self._renames[folders[0]] = {}
        with contextlib.suppress(GitError, UnreadableVersionError, OSError):
            files = list(self.siblings(folders[1]))
            if any("moved" in source.text for source in files):
                self._renames[folders[0]] = renames(self.siblings(folders[0]), files)

    def _named(self, which: Version, name: str) -> str | None:
        """The text of a file that a version of another one names, of the same repository."""
        path = path_from(which.path, name)
        try:
            if Path(name).is_absolute() or self.located(path)[0] is not self.located(which.path)[0]:
                return None
            return reading.decode(self._show(Version(path, which.revision)), path).text
        except (GitError, UnreadableVersionError, reading.UnreadableError, ValueError):
            return None

    def _show(self, which: Version) -> bytes:
        """What git has of the file in the revision."""
        repository, below = self.located(which.path)
        entry = repository.entry(self._tree(repository, which), below)
        if entry is None:
            missing = "staged" if which.revision == STAGED else f"in {which.revision}"
            raise MissingVersionError(f"{which}: no such file {missing}")
        if reason := _why_not_a_file(entry):
            raise UnreadableVersionError(f"{which}: {reason}")
        return repository.ask("cat-file", "blob", entry.object)

    def _tree(self, repository: Repository, which: Version) -> str:
        """The tree of a revision, or the name of the index."""
        if not which.revision:
            return STAGED
        tree = repository.object(which.revision, "tree")
        if tree is not None:
            return tree
        # Before the first commit, HEAD names a branch that does not exist yet.
        if which.revision == HEAD and repository.is_unborn():
            raise MissingVersionError(f"{which}: there is no commit yet")
        raise UnreadableVersionError(f"{which}: no such revision")

    def located(self, path: str) -> tuple[Repository, str]:
        """The repository that a file is in, or was, and its path there."""
        folder, name = os.path.split(path)
        folder = os.path.realpath(folder)
        root = repository_of(folder)
        if root is None:
            raise GitError("no such revision: the file is not in a git repository")
        if root not in self._repositories:
            self._repositories[root] = Repository(root)
        return self._repositories[root], Path(folder, name).relative_to(root).as_posix()


def _seems_to_have_policies(path: str, text: str) -> bool:
    """Whether a text is to be read, as it is where files are looked for in a folder."""
    if is_candidate(path):
        return may_hold_policies(path, text)
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def _folder(which: Version) -> Version:
    """The folder of a version, as one of a file that is not there."""
    return which._replace(path=str(Path(which.path).with_name(":")))


def _is_module(path: str) -> bool:
    return path.lower().endswith(MODULE_ENDINGS)


def _contents(sources: Iterable[Source]) -> dict[str, str]:
    """The contents of the files that sources of Terraform name, as hashes, by their names."""
    found: dict[str, str] = {}
    for source in sources:
        for name in dict.fromkeys(literals_in(source.text)):
            if not name.lower().endswith(FOLDER_ENDINGS) and (text := text_of(source, name)):
                key = Path(name).name
                found[key] = f"{found.get(key, '')}{hashlib.sha256(text.encode()).hexdigest()}"
    return found


def shared_definitions(source: Source) -> dict[str, str]:
    """What a Terraform file defines that the others of its folder can refer to, as `local.a`."""
    found = facts(source).definitions
    return {name: meaning for name, meaning in found.items() if "." in name}


def _why_not_a_file(entry: Entry) -> str | None:
    if entry.stage != "0":
        return "in conflict: the merge is not finished"
    return {LINK: "a symbolic link", SUBMODULE: "a submodule"}.get(entry.mode)
