"""The home folder of the user."""

from __future__ import annotations

import os


def home() -> str | None:
    """The home folder; None if there is none, as for an unknown user without HOME.

    Python answers with a relative path then: the current folder must not take its place.
    """
    found = os.path.expanduser("~")  # noqa: PTH111  # Path fails, and is not faster
    return found if os.path.isabs(found) else None  # noqa: PTH117  # as above
