"""AWS's managed policies: which there are and were, and what each version of them says.

The documents are in one deflated file, which is read when a document is asked for: the lines of all
of them; for each policy, what edits make each version of the one after it; and the lines of these.
"""

from __future__ import annotations

import os
import sys
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.tables import BUNDLED, damaged, read_bytes, read_rows
from multitool_lint.named_tuple import NamedTuple

TABLE = "managed_policies.tsv"
"""The table of the policies: name, path, newest version, its date, and when AWS removed it."""

DOCUMENTS = "managed_policies.bin"
"""The file of the documents, in the order of the table."""

FIRST_DAY = date(2015, 1, 1)
"""The day from which the days of versions are counted."""

REMOVED = "removed"
"""What the table has where it is not known when a policy was removed."""

OPENING = ("{", "[")
CLOSING = ("}", "]")


class ManagedPolicy(NamedTuple):
    """A managed policy of AWS.

    `version` is the number of the newest version, which is of `date`; 0 if no document is known.
    One that AWS has `removed` has the date by which that was known, or REMOVED.
    """

    name: str
    path: str
    version: int
    date: str
    removed: str

    @property
    def full_name(self) -> str:
        """The name with the path, as an ARN has it."""
        return f"{self.path}{self.name}"

    def is_named(self, name: str) -> bool:
        """Whether it is what a name after `policy/` means, in whatever case."""
        return self.full_name.lower() == name.lower()

    @property
    def arn(self) -> str:
        """The ARN in the partition of most Regions."""
        return f"arn:aws:iam::aws:policy/{self.full_name}"


MOST_ATTACHED = 20
"""How many managed policies a role, user or group can have at most, by a quota that is increased.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


class ManagedVersion(NamedTuple):
    """A version of a managed policy: its number, the ISO date, and the document as JSON.

    The date is "" if it is not known.
    """

    number: int
    date: str
    document: str


def managed_policies(catalog: Catalog) -> Mapping[str, ManagedPolicy]:
    """The managed policies by name, also those that AWS has removed.

    Raises:
        CatalogError: the table is not one of these.
    """
    return _policies(_directory(catalog))


def policy_named(catalog: Catalog, name: str) -> ManagedPolicy | None:
    """The policy of a name, in whatever case: IAM does not distinguish names by it."""
    found = managed_policies(catalog).get(name)
    return found or _by_lower_name(_directory(catalog)).get(name.lower())


def newest_date(catalog: Catalog) -> str:
    """The ISO date of the newest version: newer policies are not known."""
    return max((policy.date for policy in managed_policies(catalog).values()), default="")


def versions(catalog: Catalog, name: str) -> tuple[ManagedVersion, ...]:
    """The known versions of a managed policy, the newest first.

    Raises:
        CatalogError: the documents cannot be read.
    """
    return tuple(_read(catalog, name))


def _read(catalog: Catalog, name: str) -> Iterator[ManagedVersion]:
    directory = _directory(catalog)
    if not _policies(directory)[name].version:
        return
    lines, edits, numbers = _contents(directory)
    try:
        new = (lines[number] for number in _part(directory, name, numbers))
        yield from _versions(_part(directory, name, edits), new)
    except (IndexError, OverflowError, RuntimeError, ValueError) as error:
        raise damaged(f"{directory}/{DOCUMENTS}", str(error)) from error


@lru_cache(maxsize=256)
def newest_document(catalog: Catalog, name: str) -> str | None:
    """The newest known version of a managed policy as JSON; None if none is known.

    Raises:
        CatalogError: the documents cannot be read.
    """
    return next((version.document for version in _read(catalog, name)), None)


@lru_cache(maxsize=4)
def _directory(catalog: Catalog) -> str:
    """Where the table and the documents are: an update may have neither."""
    has_both = all(
        os.path.exists(f"{catalog.directory}/{name}")  # noqa: PTH110  # Path is slow to import
        for name in (TABLE, DOCUMENTS)
    )
    return catalog.directory if has_both else BUNDLED


@lru_cache(maxsize=4)
def _by_lower_name(directory: str) -> Mapping[str, ManagedPolicy]:
    return {name.lower(): policy for name, policy in _policies(directory).items()}


@lru_cache(maxsize=4)
def _policies(directory: str) -> Mapping[str, ManagedPolicy]:
    found = {}
    for row in read_rows(directory, TABLE):
        name, path, version, day, removed = [*row, *[""] * 4][:5]
        try:
            found[name] = ManagedPolicy(name, path, int(version or 0), day, removed)
        except ValueError as error:
            raise damaged(f"{directory}/{TABLE}", str(error)) from error
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def _contents(directory: str) -> tuple[Sequence[str], array[int], array[int]]:
    """The lines of the documents, the edits of all policies, and the numbers of their lines."""
    path = f"{directory}/{DOCUMENTS}"
    try:
        lines, rest = _inflated(read_bytes(path))
        edits, rest = _inflated(rest)
        numbers, _ = _inflated(rest)
        return lines.decode().split("\n"), _words(edits), _words(numbers)
    except (OSError, UnicodeDecodeError, zlib.error) as error:
        raise damaged(path, str(error)) from error


def _inflated(data: bytes) -> tuple[bytes, bytes]:
    """What the first stream of some data has, and what is after it."""
    stream = zlib.decompressobj()
    found = stream.decompress(data)
    if not stream.eof:
        raise zlib.error("cut off")
    return found, stream.unused_data


def _words(halves: bytes) -> array[int]:
    """Numbers, of which the high bytes come first."""
    half = len(halves) // 2
    pairs = bytearray(2 * half)
    little = sys.byteorder == "little"
    pairs[little::2], pairs[not little :: 2] = halves[:half], halves[half : 2 * half]
    return array("H", bytes(pairs))


def _part(directory: str, name: str, numbers: array[int]) -> array[int]:
    """The numbers of a policy: each begins with how many there are."""
    at = 0
    for policy in _policies(directory).values():
        if policy.version:
            size = numbers[at] << 16 | numbers[at + 1]
            if policy.name == name:
                return numbers[at + 2 : at + 2 + size]
            at += 2 + size
    raise IndexError(name)


def _versions(edits: array[int], lines: Iterator[str]) -> Iterator[ManagedVersion]:
    """The versions that the edits of a policy make with its lines, the newest first."""
    given = iter(edits)
    current: list[str] = []
    for _ in range(next(given)):
        number, day = next(given), next(given)
        made = [
            (next(given), next(given), [next(lines) for _ in range(next(given))])
            for _ in range(next(given))
        ]
        for start, end, new in reversed(made):
            current[start:end] = new
        date_ = (FIRST_DAY + timedelta(day)).isoformat() if day else ""
        yield ManagedVersion(number, date_, as_json(current))


def as_json(lines: Sequence[str]) -> str:
    """The document that some lines make, which have no commas at their ends."""
    if not lines:
        return ""
    parts = [
        line if line.endswith(OPENING) or following.startswith(CLOSING) else f"{line},"
        for line, following in pairwise(lines)
    ]
    return "".join((*parts, lines[-1]))
