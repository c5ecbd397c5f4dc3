"""Files linted in several processes, and what happens when one of these dies."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_WINDOWS_PROCESSES
from multitool_lint.linter.batches import BatchResult, lint_packed, pack
from multitool_lint.linter.lint import internal_error

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.context import BaseContext

    from multitool_lint.linter.batches import Packed
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.syntax.source import Source

    Sources = Sequence[tuple[Source, FileSettings]]

_KILLED = "internal error: the process that linted it was ended, perhaps for want of memory"


class Workers:
    """Processes that judge batches of sources; where one dies, new ones take their place."""

    def __init__(self, jobs: int) -> None:
        self._jobs = min(jobs, MAX_WINDOWS_PROCESSES) if sys.platform == "win32" else jobs
        self._pool: ProcessPoolExecutor | None = None
        self._refused = False

    def submit(self, sources: Sources) -> Future[list[BatchResult]]:
        """Have sources judged: here, where the system gives us no processes."""
        packed = pack(sources)
        if not self._refused:
            try:
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
    except Exception as error:  # noqa: BLE001 - a fault of ours, told for each file
        return [BatchResult(error=internal_error(error))] * len(sources)


def _one_by_one(sources: Sources) -> list[BatchResult]:
    """What comes of sources one of which has ended its process, or another one under way has."""
    judged = []
    pool = None
    for source in sources:
        # Other threads may live now, so that this process is not to be forked.
        pool = pool or _pool(1, get_context("spawn"))
        try:
            judged += pool.submit(lint_packed, pack([source])).result()
        except BrokenProcessPool:
            judged.append(BatchResult(error=_KILLED))
            pool.shutdown()
            pool = None
    if pool:
        pool.shutdown()
    return judged


def _context() -> BaseContext:
    """How processes are started.

    A fork takes a tenth of the time of a new interpreter that has to import all that we have. It is
    safe as long as there is one thread, and with the libraries of Linux. A fork server would leave
    a folder behind in the one for temporary files when we are killed.
    """
    forks = sys.platform == "linux" and threading.active_count() == 1
    return get_context("fork" if forks else "spawn")


def _pool(jobs: int, context: BaseContext) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin)


def _begin() -> None:
    """Prepare a process: it ends when its parent does, and not with a message when that is told."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
