"""Reading the files of a catalog: tab-separated values, one fact a line."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from functools import lru_cache, wraps

from multitool_lint.limits import MAX_FILE_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")

Rows = list[list[str]]


BUNDLED = os.path.join(os.path.dirname(__file__), "data")  # noqa: PTH118, PTH120  # Path is slow to import
"""The directory of the catalog in the package."""


DISTRIBUTION = "multitool-lint-catalog"
"""The distribution that has the catalog alone, in the folder `data-FORMAT` of its package."""


class CatalogError(ValueError):
    """A directory that holds no catalog, or one that is not whole; the message says why."""

    @property
    def remedy(self) -> str:
        """What to do about it."""
        if str(self).startswith(BUNDLED):
            return "install multitool-lint again"
        if f"{DISTRIBUTION.replace('-', '_')}/data-" in str(self):
            return f"install {DISTRIBUTION} again"
        return "run `multitool-lint catalog update`, or use `--catalog bundled`"


_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_text(directory: str, name: str) -> str:
    """Read the text of a file of a catalog.

    Raises:
        CatalogError: it cannot be read, or is not whole.
    """
    path = f"{directory}/{name}"
    try:
        data = read_bytes(path)
    except OSError as error:
        raise CatalogError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if not data.endswith(b"\n"):
        raise damaged(path, "cut off" if data else "empty")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise damaged(path, f"not UTF-8 in line {line}") from error


def service_file(prefix: str) -> str:
    """The file of a catalog that has a service, with the others that begin with its two letters."""
    return f"services/{prefix[:2]}.tsv"


def services_in(text: str) -> dict[str, str]:
    """What a file of services says of each, by its prefix."""
    parts = text.split("\n\n")
    parts[:-1] = [f"{part}\n" for part in parts[:-1]]
    return {part.partition("\t")[0]: part for part in parts}


def read_bytes(path: str) -> bytes:
    """Read a file of a catalog.

    Raises:
        OSError: it cannot be read.
    """
    # Without a file object, bytes are read in half the time. A configuration may name any folder.
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(None, "not a regular file")
        if status.st_size > MAX_FILE_BYTES:
            raise OSError(None, f"larger than {MAX_FILE_BYTES:,} bytes")
        return os.read(descriptor, status.st_size)
    finally:
        os.close(descriptor)


def read_rows(directory: str, name: str) -> list[list[str]]:
    """Read the rows of a table; a line that begins with `#` is a remark.

    Raises:
        CatalogError: it cannot be read, or is not whole.
    """
    lines = read_text(directory, name).split("\n")
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def damaged(path: str, reason: str) -> CatalogError:
    """What is raised where a file of a catalog does not have the form of one."""
    return CatalogError(f"{path}: damaged, or of another version: {reason}")


def bundled_table(*names: str) -> Callable[[Callable[[Rows], T]], Callable[[], T]]:
    """Decorate a function that parses the rows of tables of the package, which is done once.

    What it cannot parse is a CatalogError, about the last of the tables.
    """

    def decorated(parse: Callable[[Rows], T]) -> Callable[[], T]:
        @lru_cache(maxsize=1)
        @wraps(parse)
        def parsed() -> T:
            rows = [row for name in names for row in read_rows(BUNDLED, name)]
            try:
                return parse(rows)
            except CatalogError:
                raise
            except (LookupError, TypeError, ValueError) as error:
                raise damaged(f"{BUNDLED}/{names[-1]}", str(error)) from error

        return parsed

    return decorated


def read_rows_or_bundled(directory: str, name: str) -> list[list[str]]:
    """Read the rows of a table that not every catalog has: an update lacks it, a copy may.

    Raises:
        CatalogError: it cannot be read, or a row has a single field.
    """
    if not os.path.exists(f"{directory}/{name}"):  # noqa: PTH110  # Path is slow to import
        directory = BUNDLED
    rows = read_rows(directory, name)
    if not all(row[1:] for row in rows):
        raise damaged(f"{directory}/{name}", "a line with fewer than 2 fields")
    return rows


def read_counts(directory: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """The prefixes of all services, with the number of their current and of their retired actions.

    Raises:
        CatalogError: the table is not one of these.
    """
    try:
        for prefix, current, retired in read_rows(directory, "index.tsv"):
            yield prefix, (int(current), int(retired))
    except CatalogError:
        raise
    except ValueError as error:
        raise damaged(f"{directory}/index.tsv", str(error)) from error
