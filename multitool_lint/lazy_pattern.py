"""Regular expressions that are compiled when they are first asked.

A check of one policy asks a few of those that its modules have, and to compile all of them takes a
tenth of its time.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:

    def lazy_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
        """A pattern as `re.compile` returns it, compiled when it is first asked."""

else:

    class lazy_pattern:  # noqa: N801  # called as `re.compile` is
        """A pattern as `re.compile` returns it; what is read of it once is kept."""

        def __init__(self, text: str, flags: int = 0) -> None:
            self._given = text, flags

        def __getattr__(self, name: str) -> object:
            found = getattr(re.compile(*self._given), name)
            setattr(self, name, found)
            return found
