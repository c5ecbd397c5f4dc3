"""Reading the files of a catalog: tab-separated values, one fact a line."""

from __future__ import annotations

import os.path


class CatalogError(ValueError):
    """A directory that holds no catalog, or one that is not whole; the message says why."""


BUNDLED = os.path.join(os.path.dirname(__file__), "data")  # noqa: PTH118, PTH120  # Path is slow to import
"""The directory of the catalog in the package."""


def read_text(directory: str, name: str) -> str:
    """Read the text of a file of a catalog."""
    # Unbuffered bytes are read in half the time.
    with open(f"{directory}/{name}", "rb", buffering=0) as file:  # noqa: PTH123  # as above
        data = file.read()
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    return data.decode()


def read_rows(directory: str, name: str) -> list[list[str]]:
    """Read the rows of a table; a line that begins with `#` is a remark."""
    lines = read_text(directory, name).splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def read_rows_or_bundled(directory: str, name: str) -> list[list[str]]:
    """Read the rows of a table that not every catalog has: an update lacks it, a copy may."""
    try:
        return read_rows(directory, name)
    except FileNotFoundError:
        return read_rows(BUNDLED, name)
