"""Reading the files of a catalog: tab-separated values, one fact a line."""

from __future__ import annotations

import os.path

BUNDLED = os.path.join(os.path.dirname(__file__), "data")  # noqa: PTH118, PTH120  # Path is slow to import
"""The directory of the catalog in the package."""


def read_text(directory: str, name: str) -> str:
    """Read the text of a file of a catalog."""
    # Unbuffered bytes are read in half the time, and a policy with `*` reads hundreds of files.
    with open(f"{directory}/{name}", "rb", buffering=0) as file:  # noqa: PTH123  # as above
        return file.read().decode().replace("\r\n", "\n")


def read_rows(directory: str, name: str) -> list[list[str]]:
    """Read the rows of a table; a line that begins with `#` is a remark."""
    lines = read_text(directory, name).splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
