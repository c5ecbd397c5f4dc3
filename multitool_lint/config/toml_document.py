"""The document that the text of a configuration is, or what is wrong with its TOML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from multitool_lint.config.errors import ConfigError, shown
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_CONFIG_ERROR_CHARACTERS, MAX_CONFIG_KEY_NAMES
from multitool_lint.syntax.printable import printable

if TYPE_CHECKING:
    from pathlib import Path

_TOO_DEEP = "tables or lists are nested too deeply"
# A key with so many names that tomllib, which copies those before each, takes long for it.
_DEEP_KEY = lazy_pattern(rf"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){{{MAX_CONFIG_KEY_NAMES}}}")

# A value without the quotes that a string needs, in a list or not.
_WORD = r"""[^"'\[\]{}#=,\s]++"""
_BARE_VALUE = lazy_pattern(
    rf"[ \t]*+(?:([\w.-]++)[ \t]*+=)?[\[ \t]*+({_WORD}(?:[ \t]++{_WORD})*+)[ \t]*+(?![^,\]#])"
)

# TOML forbids the two spellings of one list next to each other.
_BOTH = (
    lazy_pattern(r"^[ \t]*[\"']?ignore[\"']?[ \t]*=", re.MULTILINE),
    lazy_pattern(r"^[ \t]*\[\[[^\]\n]*\bignore[\"']?[ \t]*\]\]", re.MULTILINE),
)
_BOTH_HINT = """; ignore is a list already, add the entries of [[ignore]] to it: \
ignore = ["rule-id", {rule = "rule-id", reason = "..."}]"""


def document_of(path: Path, text: str) -> dict[str, Any]:
    """The document that a text is.

    Raises:
        ConfigError: it is not TOML.
    """
    import tomllib

    if _DEEP_KEY.search(text):
        raise ConfigError(f"{shown(path)}: {_TOO_DEEP}")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{shown(path)}: {_TOO_DEEP}") from None
    except ValueError as error:  # TOMLDecodeError, or a number of too many digits
        message, place, position = str(error).partition(" (at line ")
        line, _, column = position.rstrip(")").partition(", column ")
        where = f"{shown(path)}:{line}:{column}" if place else shown(path)
        hint = _BOTH_HINT if all(spelling.search(text) for spelling in _BOTH) else ""
        bare = _BARE_VALUE.match(text.split("\n")[int(line) - 1]) if line.isdecimal() else None
        if bare and bare.start(2) == int(column) - 1:
            key, value = bare.groups()
            message = f'{f"{key}: " if key else ""}a string must be in quotes: "{value}"'
            message = printable(message, MAX_CONFIG_ERROR_CHARACTERS)
        raise ConfigError(f"{where}: {message}{hint}") from error
