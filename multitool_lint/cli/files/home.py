"""The home folder of the user, and the folders for data and caches as platformdirs has them.

Importing that takes longer than a policy takes to lint.
"""

from __future__ import annotations

import os
import sys

DATA = ("XDG_DATA_HOME", ".local/share", "Library/Application Support")
CACHE = ("XDG_CACHE_HOME", ".cache", "Library/Caches")
"""The variable that names a folder, and where it is in the home folder, also on a Mac."""


def home() -> str | None:
    """The home folder; None if there is none, as for an unknown user without HOME.

    Python answers with a relative path then: the current folder must not take its place.
    """
    found = os.path.expanduser("~")  # noqa: PTH111  # Path fails, and is not faster
    return found if os.path.isabs(found) else None  # noqa: PTH117  # as above


def user_folder(kind: tuple[str, str, str]) -> str | None:
    """The tool's folder among those for data, or for caches; None if the user has none."""
    variable, in_home, on_mac = kind
    if sys.platform == "win32":
        variable, in_home = "LOCALAPPDATA", "AppData/Local"
    elif sys.platform == "darwin":
        in_home = on_mac
    named = os.environ.get(variable, "")
    if not (named if sys.platform == "win32" else os.path.isabs(named)):  # noqa: PTH117  # as above
        folder = home()
        if folder is None:
            return None
        named = f"{folder}/{in_home}"
    return f"{named}/multitool-lint"
