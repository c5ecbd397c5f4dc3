"""What is wrong with settings, and where."""

from __future__ import annotations

from multitool_lint.limits import MAX_CONFIG_ERROR_CHARACTERS, MAX_CONFIG_ERRORS
from multitool_lint.syntax.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from multitool_lint.config.toml_lines import Place


class ConfigError(ValueError):
    """Settings that cannot be followed; each of the arguments says where and why."""

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


def shown(path: Path | str) -> str:
    """A path as messages have it: from the current folder, if it is below that."""
    from pathlib import Path  # saves start-up

    try:
        return str(Path(path).relative_to(Path.cwd()))
    except (OSError, ValueError):
        return str(path)


class EnoughError(Exception):
    """There are so many mistakes that more of them would help nobody."""


class Mistakes:
    """The mistakes in a configuration file, each with its line.

    `table` is the place of the configuration in the file, and places are places in that. The lines
    of what is not TOML are given.
    """

    def __init__(
        self, path: str, table: Place, text: str, lines: dict[Place, int] | None = None
    ) -> None:
        self.messages: list[str] = []
        self.path = path
        self._table = table
        self._text = text
        self._lines = lines

    def line(self, place: Place) -> int | None:
        """The line of what is at a place or, where that has none, of what it is in."""
        if self._lines is None:
            from multitool_lint.config import toml_lines

            self._lines = toml_lines.lines(self._text)
        place = (*self._table, *place)
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place)

    def location(self, place: Place) -> str:
        """The path of the file with the line of a place, as messages begin."""
        line = self.line(place)
        return self.path if line is None else f"{self.path}:{line}"

    def add(self, place: Place, message: str) -> None:
        """Add a mistake.

        Raises:
            EnoughError: the reader may stop here.
        """
        self.messages.append(
            f"{self.location(place)}: {printable(message, MAX_CONFIG_ERROR_CHARACTERS)}"
        )
        if len(self.messages) == MAX_CONFIG_ERRORS:
            raise EnoughError
