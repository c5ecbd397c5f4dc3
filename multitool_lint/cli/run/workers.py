"""Files linted in several processes, and what happens when one of these dies."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_WINDOWS_PROCESSES
from multitool_lint.linter.batches import BatchResult, Packed, lint_packed, pack
from multitool_lint.linter.lint import internal_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.context import BaseContext

    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.syntax.source import Source

    Sources = Sequence[tuple[Source, FileSettings]]

_SAFE_PATH = "PYTHONSAFEPATH"
_SAFE_PATH_GIVEN = os.environ.get(_SAFE_PATH)

_KILLED = "internal error: the process that linted it was ended, perhaps for want of memory"


class Workers:
    """Processes that lint batches of sources; where one dies, new ones take their place."""

    def __init__(self, jobs: int) -> None:
        self._jobs = min(jobs, MAX_WINDOWS_PROCESSES) if sys.platform == "win32" else jobs
        self._pool: ProcessPoolExecutor | None = None
        # With `-E` and without `-P`, new interpreters cannot be kept from the current folder.
        self._refused = sys.flags.ignore_environment and not sys.flags.safe_path

    def submit(self, sources: Sources) -> Future[list[BatchResult]]:
        """Have sources linted: here, where the system gives us no processes."""
        packed = pack(sources)
        if not self._refused:
            try:
                with _isolated():
                    return self._submit(packed)
            except (OSError, ImportError, NotImplementedError):
                self._refused = True
        future: Future[list[BatchResult]] = Future()
        future.set_result(lint_packed(packed))
        return future

    def close(self, *, wait: bool = True) -> None:
        """End the processes; what they have not begun is dropped.

        Without waiting, they end with this process.
        """
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=True)
            self._pool = None

    def _submit(self, packed: Packed) -> Future[list[BatchResult]]:
        if self._pool is None:
            self._pool = _pool(self._jobs, _context())
        try:
            return self._pool.submit(lint_packed, packed)
        except BrokenProcessPool:
            self.close()
            self._pool = _pool(self._jobs, _context())
            return self._pool.submit(lint_packed, packed)


def answer(future: Future[list[BatchResult]], sources: Sources) -> list[BatchResult]:
    """What came of each of the sources that were submitted."""
    try:
        return future.result()
    except BrokenProcessPool:
        return _one_by_one(sources)
    except Exception as error:  # noqa: BLE001 - a fault of ours, reported for each file
        return [BatchResult(error=internal_error(error))] * len(sources)


def _one_by_one(sources: Sources) -> list[BatchResult]:
    """What comes of sources one of which has ended its process, or another one under way has."""
    results = []
    pool = None
    for source in sources:
        try:
            with _isolated():
                # Other threads may live now, so that this process is not to be forked.
                pool = pool or _pool(1, get_context("spawn"))
                future = pool.submit(lint_packed, pack([source]))
            results += future.result()
        except BrokenProcessPool:
            results.append(BatchResult(error=_KILLED))
            if pool:
                pool.shutdown()
            pool = None
    if pool:
        pool.shutdown()
    return results


def _context() -> BaseContext:
    """How processes are started.

    A fork takes a tenth of the time of a new interpreter that has to import all that we have. It is
    safe as long as there is one thread, and with the libraries of Linux. A fork server would leave
    a folder in the one for temporary files when we are killed.
    """
    forks = sys.platform == "linux" and threading.active_count() == 1
    return get_context("fork" if forks else "spawn")


def _pool(jobs: int, context: BaseContext) -> ProcessPoolExecutor:
    given = (_SAFE_PATH_GIVEN,)
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=given)


@contextmanager
def _isolated() -> Iterator[None]:
    """Keep interpreters that are started meanwhile from importing from the current folder.

    They are started with `-c`, and then look there first. It may be anybody's.
    """
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        _restore(_SAFE_PATH_GIVEN)


def _restore(safe_path: str | None) -> None:
    if safe_path is None:
        os.environ.pop(_SAFE_PATH, None)
    else:
        os.environ[_SAFE_PATH] = safe_path


def _begin(safe_path: str | None) -> None:
    """Prepare a process: it ends when its parent does, without a message when it is interrupted.

    What it runs itself, such as a program of a plugin, gets the environment that we were given.
    """
    import signal

    _restore(safe_path)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
