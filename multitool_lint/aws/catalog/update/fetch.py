"""Fetching documents over HTTP: in time, of a sane size, whole, and from one host only."""

from __future__ import annotations

import http.client
import queue
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from http.client import HTTPMessage

T = TypeVar("T")

_PIECE = 1 << 16
_LEAST_SHARE = 0.8
"""The share of what was known before that an update must have at least."""
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})


class FetchError(Exception):
    """What could not be fetched, and why."""


class UnreachableError(FetchError):
    """A host that is not to be reached from here."""


class _AgainError(FetchError):
    """Something that may go well the next time."""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How long things may take, in seconds, and how large documents may be, in bytes."""

    request: float = 30
    overall: float = 600
    pause: float = 1
    tries: int = 3
    document: int = 16 << 20
    total: int = 256 << 20
    threads: int = 8


class _OneHost(urllib.request.HTTPRedirectHandler):
    """Follows redirects within a host, never from https to http."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        secure = after.scheme in ("https", before.scheme)
        same_port = after.port == before.port or after.scheme != before.scheme
        if not (secure and same_port and after.hostname == before.hostname):
            fp.close()
            raise FetchError(f"{req.full_url}: redirected to {newurl}, which is refused")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Fetcher:
    """Fetches documents, all of them within the limits."""

    def __init__(self, limits: FetchLimits, agent: str) -> None:
        self._limits = limits
        self._agent = agent
        self._end = time.monotonic() + limits.overall
        self._left = limits.total
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        # Proxies are those of the environment.
        self._opener = urllib.request.build_opener(_OneHost)

    def fetch(self, url: str) -> bytes:
        """What is at a URL; what may be a passing failure is tried again.

        Raises:
            FetchError: it cannot be fetched.
        """
        attempt = 1
        while True:
            try:
                return self._fetch(url)
            except _AgainError:
                pause = min(self._limits.pause * attempt, self._remaining())
                if attempt == self._limits.tries or self._stopped.wait(pause):
                    raise
            attempt += 1

    def fetch_all(
        self,
        urls: Mapping[str, str],
        read: Callable[[str, bytes], T],
        progress: Callable[[int, int], None],
    ) -> dict[str, T]:
        """What is read from all of the URLs, by name; the first that fails ends it.

        Raises:
            FetchError: one cannot be fetched, or all take too long.
        """
        stopped = self._stopped = threading.Event()
        todo: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        done: queue.SimpleQueue[tuple[str, T | None, Exception | None]] = queue.SimpleQueue()
        for item in urls.items():
            todo.put(item)
        # No pool of threads that the interpreter waits for when it ends: one may be stuck.
        for _ in range(min(self._limits.threads, len(urls))):
            threading.Thread(
                target=self._work, args=(todo, done, read, stopped), daemon=True
            ).start()
        results: dict[str, T] = {}
        try:
            while len(results) < len(urls):
                name, result, error = done.get(timeout=self._remaining())
                if error is not None or result is None:
                    raise error or AssertionError(name)
                results[name] = result
                progress(len(results), len(urls))
        except queue.Empty:
            raise self._late() from None
        finally:
            stopped.set()
        return results

    def _work(
        self,
        todo: queue.SimpleQueue[tuple[str, str]],
        done: queue.SimpleQueue[tuple[str, T | None, Exception | None]],
        read: Callable[[str, bytes], T],
        stopped: threading.Event,
    ) -> None:
        """Fetch and read, in a thread, until nothing is left to do."""
        while not stopped.is_set():
            try:
                name, url = todo.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((name, read(name, self.fetch(url)), None))
            except Exception as error:  # noqa: BLE001  # raised again where it is waited for
                done.put((name, None, error))

    def _late(self) -> FetchError:
        return FetchError(f"not done within {self._limits.overall:g} seconds")

    def _remaining(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def _fetch(self, url: str) -> bytes:
        headers = {"User-Agent": self._agent, "Accept-Encoding": "identity"}
        request = urllib.request.Request(url, headers=headers)  # noqa: S310  # see `update`
        seconds = min(self._limits.request, self._remaining())
        end = time.monotonic() + seconds
        try:
            with self._opener.open(request, timeout=max(seconds, 0.001)) as response:
                data = self._read(url, response, end)
        except urllib.error.HTTPError as error:
            error.close()
            kind = _AgainError if error.code in _TRY_AGAIN else FetchError
            raise kind(f"{url}: {error.code} {error.reason}") from error
        except (OSError, http.client.HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            if isinstance(reason, TimeoutError) and seconds < self._limits.request:
                raise self._late() from error
            kind = UnreachableError if isinstance(reason, _LASTING) else _AgainError
            raise kind(f"{url}: {_phrase(reason)}") from error
        with self._lock:
            self._left -= len(data)
            if self._left < 0:
                raise FetchError(f"all together larger than {self._limits.total:,} bytes")
        return data

    def _read(self, url: str, response: http.client.HTTPResponse, end: float) -> bytes:
        length = response.headers.get("Content-Length")
        data = bytearray()
        # `read` would wait for all of a document that comes a byte at a time.
        while piece := response.read1(_PIECE):
            data += piece
            if len(data) > self._limits.document:
                raise FetchError(f"{url}: larger than {self._limits.document:,} bytes")
            if time.monotonic() > end:
                raise TimeoutError
        if length is not None and length != str(len(data)):
            raise _AgainError(f"{url}: cut off after {len(data):,} of {length} bytes")
        return bytes(data)


def check_count(what: str, found: int, known: int, url: str) -> None:
    """See that what was fetched has not far less than what is known.

    Raises:
        FetchError: it has.
    """
    if found < _LEAST_SHARE * known:
        raise FetchError(f"{url}: it has {found:,} {what}, where {known:,} are known")


_LASTING = (ConnectionRefusedError, socket.gaierror, ssl.SSLError)
"""What trying again does not help against."""


def _phrase(reason: object) -> str:
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return str(reason) or type(reason).__name__
