"""What of new access is accepted by a file of the repository, exactly, and what is added to it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multitool_lint import clock
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.cli.files.git import GitError, Repository, relative
from multitool_lint.cli.files.git_listing import LINK, SUBMODULE, Entry
from multitool_lint.cli.files.replace import replace as write_over
from multitool_lint.cli.output.compared import AcceptedHere, Compared
from multitool_lint.config import ConfigError
from multitool_lint.config.accepted import Accepted, read_accepted, with_accepted
from multitool_lint.config.files import ACCEPTED
from multitool_lint.syntax import source as reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.cli.files.versions import Versions
    from multitool_lint.policy.changes import Difference

_ACTIONS = ("actions", "not-actions")


class AcceptedAccess:
    """The entries of the repository of the current folder, and which of them are used.

    Raises:
        ConfigError: the file is malformed, or git cannot answer.
    """

    def __init__(self, versions: Versions, repository: Repository) -> None:
        self._versions = versions
        self._repository = repository
        self._used: set[str] = set()
        old, new = versions.sides
        try:
            self._before = frozenset(entry.key for entry in self._entries(old, strict=False))
            self._entries_now = self._entries(new, strict=True)
        except GitError as error:
            raise ConfigError(str(error)) from error

    def left(self, one: Compared) -> Compared:
        """What is left of new access, and of what could not be compared."""
        path = self._path(one)
        entries = [entry for entry in self._current if entry.path == path]
        if not entries:
            return one
        changes = one.changes
        gained = [left for gain in changes.gained if (left := self._left(gain, entries, one))]
        unknown = [
            found
            for found in changes.unknown
            if not self._takes(entries, self._unread(one, found.reason))
        ]
        return one._replace(changes=changes._replace(gained=tuple(gained), unknown=tuple(unknown)))

    def listed(self) -> list[AcceptedHere]:
        """The entries that count, with those that this change adds, whatever they are for."""
        return [
            AcceptedHere(entry, entry.key not in self._before, entry.key in self._used)
            for entry in self._current
            if entry.key not in self._before or entry.key in self._used
        ]

    def notes(self, *, whole: bool) -> Iterator[str]:
        """What is wrong with entries: they have expired, or match nothing any more.

        The latter is known where the whole of a branch is compared.
        """
        for entry in self._entries_now:
            about = f"{ACCEPTED}: {entry.path}: {entry.reason}"
            if entry.until and entry.until < clock.today():
                yield f"{about}: expired on {entry.until}, and does not count"
            elif whole and entry.key in self._before and entry.key not in self._used:
                yield f"{about}: matches nothing any more"

    def add(self, left: Iterable[Compared], reason: str, until: date | None) -> int:
        """Add what is left to the file in the working tree; return the number of entries.

        Raises:
            ConfigError: the file cannot be written.
        """
        tables = [table for one in left for table in self._tables(one)]
        entries = [Accepted(table, reason, until) for table in tables]
        entries = list({entry.key: entry for entry in entries}.values())
        path = Path(self._repository.root, ACCEPTED)
        try:
            if path.is_symlink():
                raise ConfigError(f"{ACCEPTED}: a symbolic link, which is not followed")
            before = path.read_bytes() if path.exists() else None
            text = "" if before is None else reading.decode(before, ACCEPTED).text
            read_accepted(ACCEPTED, text)
            if entries:
                write_over(path, with_accepted(text, entries).encode(), before)
        except (OSError, reading.UnreadableError) as error:
            raise ConfigError(f"{ACCEPTED}: {reading.reason(error)}") from error
        self._entries_now = (*self._entries_now, *entries)
        return len(entries)

    @property
    def file(self) -> str:
        """The path of the file from here."""
        return relative(self._repository, ACCEPTED)

    @property
    def _current(self) -> list[Accepted]:
        today = clock.today()
        return [e for e in self._entries_now if e.until is None or e.until >= today]

    def _entries(self, side: str, *, strict: bool) -> tuple[Accepted, ...]:
        tree = self._repository.tree(side)
        entry = None if tree is None else self._repository.entry(tree, ACCEPTED)
        if entry is None:
            return ()
        try:
            return self._read(entry)
        except ConfigError:
            if strict:
                raise
        return ()

    def _read(self, entry: Entry) -> tuple[Accepted, ...]:
        if entry.mode in {LINK, SUBMODULE} or entry.stage != "0":
            raise ConfigError(f"{ACCEPTED}: not a file with one version")
        try:
            data = self._repository.blob(entry.object)
            return read_accepted(ACCEPTED, reading.decode(data, ACCEPTED).text)
        except reading.UnreadableError as error:
            raise ConfigError(f"{ACCEPTED}: {reading.reason(error)}") from error

    def _path(self, one: Compared) -> str | None:
        """The file, or the folder of a module, from the top; None in another repository."""
        path = one.new.path
        place = f"{path}{os.sep}" if path == os.curdir else path
        try:
            repository, below = self._versions.located(place)
        except GitError:
            return None
        return below if repository is self._repository else None

    def _left(
        self, gain: Difference, entries: Sequence[Accepted], one: Compared
    ) -> Difference | None:
        """What is left of a difference; None for nothing."""
        if gain.scope is None:
            return None if self._takes(entries, self._unread(one, _why(gain))) else gain
        wanted = self._scope(one, gain)
        actions, names = gain.actions, set(gain.names)
        for entry in entries:
            own = {key: value for key, value in entry.table.items() if key not in _ACTIONS}
            if own == wanted:
                taken = _actions(entry, one.catalog)
                if actions & taken or names & set(entry.table.get("actions", ())):
                    self._used.add(entry.key)
                actions -= taken
                names -= set(entry.table.get("actions", ()))
        if (actions, names) == (gain.actions, set(gain.names)):
            return gain
        if not actions and not names:
            return None
        kept = tuple(name for name in gain.names if name in names)
        left = gain._replace(actions=actions, names=kept)
        shown = gain.example and gain.example.action in left.action_names
        return left if shown else left._replace(example=None)

    def _takes(self, entries: Sequence[Accepted], table: dict[str, Any] | None) -> bool:
        found = [entry for entry in entries if entry.table == table]
        self._used.update(entry.key for entry in found)
        return bool(found)

    def _tables(self, one: Compared) -> Iterator[dict[str, Any]]:
        """What the entries say by which all that is left of a comparison is accepted."""
        for gain in one.changes.gained:
            if gain.scope is None:
                yield from filter(None, [self._unread(one, _why(gain))])
            elif table := self._scope(one, gain):
                about = self._of(one) or {}
                yield {**about, **_named(gain, one.catalog), **table}
        for _, reason in one.changes.unknown:
            yield from filter(None, [self._unread(one, reason)])

    def _of(self, one: Compared) -> dict[str, Any] | None:
        path = self._path(one)
        if path is None:
            return None
        return {"path": path, **({"policy": one.policy} if one.policy else {})}

    def _unread(self, one: Compared, why: str) -> dict[str, Any] | None:
        """An entry for what could not be compared; None if nothing says what that is."""
        about = self._of(one)
        if about is None or not one.content:
            return None
        return {**about, "what": why, "content": one.content}

    def _scope(self, one: Compared, gain: Difference) -> dict[str, Any] | None:
        """An entry for a difference without its actions."""
        about, scope = self._of(one), gain.scope
        if about is None or scope is None:
            return None
        if scope.resources:
            about["not-resources" if scope.negated else "resources"] = list(scope.resources)
        if scope.principal:
            about["principal"] = dict(zip(("type", "value"), scope.principal, strict=True))
        if scope.conditions:
            about["conditions"] = [
                {"operator": operator, "key": key, "values": list(values)}
                for operator, key, values in scope.conditions
            ]
        about |= {"lifted-deny": True} if gain.lifted else {}
        about |= {} if gain.certain else {"possible": True}
        return {**about, "scope": gain.identity}


def _why(gain: Difference) -> str:
    """Why a difference has no scope."""
    return gain.unclear.reason if gain.unclear else gain.doubt or ""


def _named(gain: Difference, catalog: Catalog) -> dict[str, list[str]]:
    """The actions of a difference, by name or as those of a service, or all but some."""
    left = catalog.all_actions() - gain.actions
    if len(left) < len(gain.actions) and not gain.names:
        names = [*_briefly(left, catalog)]
        return {"not-actions": names} if names else {"actions": ["*"]}
    return {"actions": [*_briefly(gain.actions, catalog), *gain.names]}


def _briefly(actions: ActionSet, catalog: Catalog) -> Iterator[str]:
    for prefix in sorted(actions.prefixes):
        every = catalog.match(f"{prefix}:*")
        own = every & actions
        if own == every and len(every) > 1:
            yield f"{prefix}:*"
        else:
            yield from catalog.names(own)


def _actions(entry: Accepted, catalog: Catalog) -> ActionSet:
    """The actions that an entry accepts."""
    found = ActionSet().union(map(catalog.match, entry.table.get("actions", ())))
    if "not-actions" in entry.table:
        found = catalog.all_actions() - ActionSet().union(
            map(catalog.match, entry.table["not-actions"])
        )
    return found
