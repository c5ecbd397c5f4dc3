"""Reports of former runs, kept by what decides about them.

They are in one file of SQLite: several runs may read and write it at once, and one that is killed
leaves it whole. Whatever is wrong with it, a run goes on without.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
import zlib
from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep, time

from multitool_lint.cli.files import git
from multitool_lint.cli.files.home import CACHE, user_folder
from multitool_lint.cli.output import streams
from multitool_lint.limits import MAX_CACHE_BYTES, MAX_CACHE_DAYS
from multitool_lint.syntax.boundary import repository_of

VARIABLE = "MULTITOOL_LINT_CACHE_DIR"

FILE = "reports-3.sqlite3"
"""The name has the number of the form of what is in it: another form has a file of its own."""

_ENDINGS = ("", "-wal", "-shm", "-journal")
"""What SQLite adds to the name for the files that belong to one."""

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH

_DAYS_UNTIL_NOTED = 7
_PUT_AT_ONCE = 500
_SECONDS_TO_WAIT = 1.0
_SECONDS_A_DAY = 86_400

_TABLE = """
    CREATE TABLE IF NOT EXISTS reports (
        key BLOB PRIMARY KEY, used INTEGER NOT NULL, record BLOB NOT NULL
    )
"""
_DROP_OLDER_HALF = """
    DELETE FROM reports WHERE rowid IN (
        SELECT rowid FROM reports ORDER BY used, rowid LIMIT (SELECT count(*) / 2 + 1 FROM reports)
    )
"""


def default_folder() -> str | None:
    """The tool's folder in the user's cache directory; None if there is none."""
    folder = user_folder(CACHE)
    return f"{folder}/Cache" if folder and sys.platform == "win32" else folder


def open_cache(arguments: Namespace) -> Cache | None:
    """The cache that the arguments ask for, if it can be used.

    Why not is said if one was named, or if others can write to it.
    """
    named = arguments.cache_dir or os.environ.get(VARIABLE)
    if arguments.no_cache:
        return None
    place = named or default_folder()
    if place is None:
        return None
    folder = Path(place)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_trusted(folder)
        return Cache(folder / FILE)
    except (OSError, sqlite3.Error) as error:
        if named or isinstance(error, _UntrustedError):
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            streams.err(f"note: the cache is not used: {folder}: {reason.lower()}\n")
        return None


class _UntrustedError(OSError):
    """Somebody else can have written what is in a cache; the message says how."""

    def __init__(self, reason: str) -> None:
        super().__init__(None, reason)


def _check_trusted(folder: Path) -> None:
    """See that nobody but the user can have put a report into a folder: a wrong one would pass.

    Raises:
        _UntrustedError: somebody else can.
    """
    if hasattr(os, "geteuid"):
        for path in (folder, *(folder / f"{FILE}{ending}" for ending in _ENDINGS)):
            with suppress(FileNotFoundError):
                status = path.stat() if path == folder else path.lstat()
                if status.st_uid not in {os.geteuid(), 0}:
                    raise _UntrustedError(f"{path.name} belongs to another user")
                if status.st_mode & _WRITABLE_BY_OTHERS or stat.S_ISLNK(status.st_mode):
                    raise _UntrustedError(f"others can write to {path.name}")
    real = os.path.realpath(folder)
    if root := repository_of(real):
        try:
            tracked = git.Repository(root).ask("ls-files", "-z", "--", real)
        except git.GitError as error:
            raise _UntrustedError(str(error)) from error
        if tracked:
            raise _UntrustedError("the repository that it is in may contain files of it")


def _kind(error: sqlite3.Error) -> int:
    """The kind of an error, which is the lowest byte of its code."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


class Cache:
    """Records of reports by key; none any more once something has gone wrong.

    Raises:
        sqlite3.Error: the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._today = int(time() // _SECONDS_A_DAY)
        self._new: dict[bytes, bytes] = {}
        self._used: list[bytes] = []
        self._database: sqlite3.Connection | None = None
        try:
            self._database = self._open()
        except sqlite3.DatabaseError as error:
            if not self._remove_broken(error):
                raise
            self._database = self._open()

    def get(self, key: bytes) -> str | None:
        """The record of that key, if there is one."""
        if self._database is None:
            return None
        select = "SELECT used, record FROM reports WHERE key = ?"
        try:
            row = self._database.execute(select, (key,)).fetchone()
            if row is None:
                return None
            used, compressed = row
            # The checksum in it distinguishes what was written from what a broken disk makes of it.
            record = zlib.decompress(compressed).decode()
            if used < self._today - _DAYS_UNTIL_NOTED:
                self._used.append(key)
        except sqlite3.Error as error:
            self._give_up(error)
            return None
        except (TypeError, ValueError, zlib.error):
            return None
        return record

    def put(self, key: bytes, record: str) -> None:
        """Keep a record."""
        if self._database is None:
            return
        self._new[key] = zlib.compress(record.encode(), 1)
        if len(self._new) >= _PUT_AT_ONCE:
            self._write()

    def close(self) -> None:
        """Write what is not yet written, remove what is too old or too much, and close the file."""
        self._write()
        if self._database is not None:
            try:
                self._prune(self._database)
                self._database.close()
            except sqlite3.Error as error:
                self._give_up(error)

    def _open(self) -> sqlite3.Connection:
        # Runs that change the journal mode at once hold up each other: SQLite reports to one that
        # the file is locked, or lets both wait in vain. So each tries anew, without waiting.
        until = monotonic() + _SECONDS_TO_WAIT
        while True:
            try:
                return self._connect()
            except sqlite3.OperationalError as error:
                if _kind(error) != sqlite3.SQLITE_BUSY or monotonic() > until:
                    raise
                sleep(0.01)

    def _connect(self) -> sqlite3.Connection:
        # No transaction is begun unasked.
        database = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        try:
            # Readers do not wait for a writer, and a commit does not wait for the disk: after a
            # loss of power, the last ones may be missing, which does no harm.
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(_TABLE)
            # A lock of another run is waited for, but not long.
            database.execute(f"PRAGMA busy_timeout = {int(_SECONDS_TO_WAIT * 1000)}")
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _write(self) -> None:
        database = self._database
        if database is None or not (self._new or self._used):
            return
        rows = [(key, self._today, record) for key, record in self._new.items()]
        used = [(self._today, key) for key in self._used]
        self._new.clear()
        self._used.clear()
        try:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT OR REPLACE INTO reports VALUES (?, ?, ?)", rows)
            database.executemany("UPDATE reports SET used = ? WHERE key = ?", used)
            database.execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up(error)

    def _prune(self, database: sqlite3.Connection) -> None:
        def ask(pragma: str) -> int:
            return int(database.execute(f"PRAGMA {pragma}").fetchone()[0])

        pages = ask("page_count") - ask("freelist_count")
        if pages * ask("page_size") > MAX_CACHE_BYTES:
            database.execute(_DROP_OLDER_HALF)
        # The number that SQLite leaves to the user of a file is the day of the last look at all.
        if ask("user_version") != self._today:
            oldest = self._today - MAX_CACHE_DAYS
            database.execute("DELETE FROM reports WHERE used < ?", (oldest,))
            database.execute(f"PRAGMA user_version = {self._today}")

    def _give_up(self, error: sqlite3.Error) -> None:
        database, self._database = self._database, None
        if database is not None:
            with suppress(sqlite3.Error):
                database.close()
        self._remove_broken(error)

    def _remove_broken(self, error: sqlite3.Error) -> bool:
        """Remove the file if it is broken, so that a new one is made; return whether it was."""
        if _kind(error) not in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            return False
        for ending in _ENDINGS:
            with suppress(OSError):
                self._path.with_name(self._path.name + ending).unlink()
        return True
