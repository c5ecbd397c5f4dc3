"""Numbers for actions, by which lists have what is known of them.

A policy names its actions once; everything that is asked of them is then found by number, which
takes a fraction of the time that another search for the name would take.
"""

from __future__ import annotations

from _thread import allocate_lock  # threading, which has it too, takes long to import
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.service import Service


class Numbering:
    """Numbers actions, service by service as these are asked for.

    `services` are those that are numbered, in the order of their numbers, and within a service the
    actions are in the order of their bits.
    """

    def __init__(self, service: Callable[[str], Service | None]) -> None:
        self.services: list[Service] = []
        self._service = service
        self._size = 0
        self._by_name: dict[str, int] = {}
        self._prefixes: set[str] = set()
        self._lock = allocate_lock()

    def numbers(self, names: Sequence[str], prefixes: frozenset[str]) -> list[int | None]:
        """The numbers of actions, None for a pattern or an unknown one; all in lower case."""
        if not self._prefixes.issuperset(prefixes):
            for prefix in prefixes - self._prefixes:
                self._include(prefix)
        return list(map(self._by_name.get, names))

    def _include(self, prefix: str) -> None:
        service = self._service(prefix)
        if service is None:
            return
        with self._lock:
            if prefix not in self._prefixes:
                end = self._size + service.size
                names = map(f"{service.prefix}:".__add__, service.lower_names)
                self._by_name.update(zip(names, range(self._size, end), strict=True))
                self._size = end
                self.services.append(service)
                self._prefixes.add(prefix)
