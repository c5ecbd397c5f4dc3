"""Which files of the revisions of a repository contain some texts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git_listing import FOLDER, LINK, SUBMODULE
from multitool_lint.limits import MAX_SEARCHED_FILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from multitool_lint.cli.files.git import Repository

_NOT_FILES = frozenset({FOLDER, LINK, SUBMODULE})


class Searches:
    """Git searches a revision for texts once; of another one, only what differs is read."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._found: dict[tuple[str, frozenset[str]], list[str]] = {}

    def files_with(
        self, revision: str, texts: Sequence[str], is_asked: Callable[[str], bool]
    ) -> list[str]:
        """The files of a tree, or the index, that contain one of some texts, by their paths.

        Raises:
            GitError: git cannot answer.
        """
        wanted = frozenset(texts)
        for (other, known), found in self._found.items():
            if wanted <= known:
                paths = [*filter(is_asked, self._candidates(revision, other, found))]
                if len(paths) <= MAX_SEARCHED_FILES:
                    return [*self._containing(revision, paths, texts)]
        found = self._repository.files_with(revision, texts)
        self._found[revision, wanted] = found
        asked, listed = [*filter(is_asked, found)], self._repository.listed(revision)
        self._repository.expect(listed[path].object for path in asked if path in listed)
        return asked

    def _candidates(self, revision: str, other: str, found: Sequence[str]) -> Sequence[str]:
        """The files that may contain what some files of another revision contain."""
        if revision == other:
            return found
        listed, before = self._repository.listed(revision), self._repository.listed(other)
        kept = [path for path in found if path in listed and listed[path] == before.get(path)]
        return [*kept, *(path for path, entry in listed.items() if before.get(path) != entry)]

    def _containing(
        self, revision: str, paths: Sequence[str], texts: Sequence[str]
    ) -> Iterator[str]:
        listed = self._repository.listed(revision)
        wanted = [*map(os.fsencode, texts)]
        files = {path: listed[path].object for path in paths if listed[path].mode not in _NOT_FILES}
        self._repository.expect(files.values())
        for path, id_ in files.items():
            data = self._repository.blob(id_)
            if any(text in data for text in wanted):
                yield path
