"""A value of a configuration with its place; reading it collects the mistakes in it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from multitool_lint.diagnostics.suggestion import alternatives, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from multitool_lint.config.errors import Mistakes
    from multitool_lint.config.toml_lines import Place

T = TypeVar("T")

_TYPES = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "list",
    dict: "table",
}
_STRINGS = "a string or a list of strings"


class TomlValue:
    """A value, and its place in the table of the configuration.

    `content` is what the TOML parser returned, None for a key that a table does not have; that
    reads as empty. So does a value of another type than it is read as, which is a mistake.
    """

    def __init__(self, content: Any, place: Place, mistakes: Mistakes) -> None:  # noqa: ANN401
        self.content = content
        self.place = place
        self.mistakes = mistakes

    def __getitem__(self, key: str) -> TomlValue:
        """The value of a key of a table."""
        content = self.content.get(key) if isinstance(self.content, dict) else None
        return TomlValue(content, (*self.place, key), self.mistakes)

    def __contains__(self, key: str) -> bool:
        """Whether a table has a key."""
        return isinstance(self.content, dict) and key in self.content

    @property
    def key(self) -> str:
        """The key that has the value, or the list that it is in."""
        return next((step for step in reversed(self.place) if isinstance(step, str)), "")

    @property
    def location(self) -> str:
        """The path of the file and the line of the value."""
        return self.mistakes.location(self.place)

    def add_mistake(self, message: str, key: str | None = None) -> None:
        """Add a mistake of the value, or of a key of a table."""
        self.mistakes.add(self.place if key is None else (*self.place, key), message)

    def add_wrong_type(self, expected: str) -> None:
        """Add the mistake that the value has another type than expected."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.place)
        name = "".join(steps).removeprefix(".") or "multitool-lint"
        found = _TYPES.get(type(self.content), "date or time")
        article = "an empty" if self.content in ("", []) else "a"
        self.add_mistake(f"{name} must be {expected}, not {article} {found}")

    def table(self, keys: Collection[str] | None = None) -> dict[str, TomlValue]:
        """The values of a table by their keys; of the known keys, if these are given."""
        if not isinstance(self.content, dict):
            if self.content is not None:
                self.add_wrong_type("a table")
            return {}
        table = {}
        for key in self.content:
            if keys is None or key in keys:
                table[key] = self[key]
            else:
                where = f" in {self.key}" if self.key else ""
                hint = suggestion(key, keys) or f"; expected {alternatives([*keys])}"
                self.add_mistake(f'unknown key "{key}"{where}{hint}', key)
        return table

    def items(self, expected: str) -> list[TomlValue]:
        """The values in a list; `expected` describes the list in the message if there is none."""
        if not isinstance(self.content, list):
            if self.content is not None:
                self.add_wrong_type(expected)
            return []
        return [
            TomlValue(item, (*self.place, index), self.mistakes)
            for index, item in enumerate(self.content)
        ]

    def one_or_more(self) -> list[TomlValue]:
        """The values in a list, or the one that need not be in a list."""
        alone = self.content is not None and not isinstance(self.content, list)
        return [self] if alone else self.items("")

    def strings(self, *, may_be_empty: bool = False) -> list[TomlValue]:
        """The strings in a list, or the one that need not be in a list."""
        values = self.one_or_more()
        if self.content == []:
            self.add_wrong_type(_STRINGS)
        for value in values:
            if not isinstance(value.content, str) or not (value.content or may_be_empty):
                value.add_wrong_type("a string" if value.place != self.place else _STRINGS)
                return []
        return values

    def texts(self, *, may_be_empty: bool = False) -> tuple[str, ...]:
        """The same as plain strings."""
        return tuple(text.content for text in self.strings(may_be_empty=may_be_empty))

    def day(self) -> date | None:
        """The date that a value is, which may be written as a string."""
        day = self.content
        if day is None:
            return None
        if isinstance(day, str):
            with suppress(ValueError):
                day = date.fromisoformat(day)
        if isinstance(day, date) and not isinstance(day, datetime):
            return day
        self.add_wrong_type("a date such as 2027-01-31")
        return None

    def parse(self, check: Callable[[str], T], *, expected: str = "a string") -> T | None:
        """What a check returns for a string, None where it raises ValueError."""
        if self.content is None:
            return None
        if not isinstance(self.content, str):
            self.add_wrong_type(expected)
            return None
        try:
            return check(self.content)
        except ValueError as error:
            self.add_mistake(f"{self.key}: {error}")
            return None

    def parse_key(self, check: Callable[[str], T]) -> T | None:
        """What a check returns for the key, None where it raises ValueError."""
        return TomlValue(self.key, self.place, self.mistakes).parse(check)

    def parse_items(self, check: Callable[[str], T], expected: str) -> tuple[T, ...]:
        """What a check returns for the strings in a list, without those for which it raises."""
        items = self.items(expected)
        parsed = (item.parse(check) for item in items)
        return tuple(result for result in parsed if result is not None)
