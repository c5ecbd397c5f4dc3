"""What a deployment is read from, and the work that this may take."""

from __future__ import annotations

from multitool_lint.limits import MAX_MODULES, MAX_TERMS
from multitool_lint.syntax.tree_of_files import PathKind, Tree, below, resolved
from multitool_lint.values.variables import Callers

ROOT = "\1"
"""What a path begins with that is relative to the top of the tree."""


class TooMuchError(Exception):
    """A deployment takes more work than any real one."""


class Reading:
    """The tree and what of it one deployment is read from.

    `paths` are those that were read or looked for; `broken` are files that could not be read, each
    with the reason, and `callers` those for whom it is read.
    """

    def __init__(self, tree: Tree, callers: Callers = Callers()) -> None:  # noqa: B008 - immutable
        self.tree = tree
        self.callers = callers
        self.paths: set[str] = set()
        self.broken: dict[str, str] = {}
        self._texts: dict[str, str | None] = {}
        self._left = MAX_TERMS
        self._modules = 0

    def spend(self, terms: int = 1) -> None:
        """Count work that is done.

        Raises:
            TooMuchError: it is too much.
        """
        self._left -= terms
        if self._left < 0:
            raise TooMuchError("more values than are evaluated")

    def count_module(self) -> None:
        """Count a module or template that is instantiated.

        Raises:
            TooMuchError: there are too many.
        """
        self._modules += 1
        if self._modules > MAX_MODULES:
            raise TooMuchError("more modules than are read")

    def path_of(self, name: str, folder: str) -> str | None:
        """The path in the tree of a name in a folder; None if it leads out of it."""
        if name.startswith(ROOT):
            return below(name[len(ROOT) :].lstrip("/") or ".")
        return None if name.startswith("/") else below(folder, name)

    def text(self, path: str) -> str | None:
        """The text of a file of the tree, through links of the same tree; it is read once."""
        if path not in self._texts:
            self.paths.add(path)
            found = resolved(self.tree, path)
            self.paths.update(() if found is None else (found,))
            self._texts[path] = None if found is None else self.tree.text(found)
        return self._texts[path]

    def know(self, path: str, text: str) -> None:
        """Take a text for that of a path: one of a part of a file has a path of its own."""
        self._texts[path] = text

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of what is in a folder, through links of the same tree."""
        self.paths.add(folder)
        found = resolved(self.tree, folder)
        return () if found is None else self.tree.names(found)

    def is_folder(self, path: str) -> bool:
        """Whether a folder is at a path, through links of the same tree."""
        self.paths.add(path)
        found = resolved(self.tree, path)
        return found is not None and self.tree.kind(found) is PathKind.FOLDER
