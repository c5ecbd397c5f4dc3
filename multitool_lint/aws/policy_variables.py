"""Policy variables as values write them: `${key}`, `${key, 'default'}`, and `${*}`, `${?}`, `${$}`.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.named_tuple import NamedTuple

SINCE = "2012-10-17"
"""The first version of the policy language that has variables; before it, they are plain text."""

ESCAPED = "*?$"
"""The characters that have a variable of their own, taken literally."""

OPENER = "${"

MISSING_BRACE = "MISSING_BRACE_IN_VARIABLE"
MISSING_QUOTE = "MISSING_QUOTE_IN_VARIABLE"
SPACE = "UNSUPPORTED_SPACE_IN_VARIABLE"
EMPTY = "EMPTY_VARIABLE"

# In a default value, which is in quotes, a brace is a character like any other.
_CONTENT = (
    r"(?P<key>(?:[^,{}$]|\$(?!\{))*)"
    r"(?P<default>,\s*(?:'[^']*'\s*(?=\})|(?:[^{}$]|\$(?!\{))*))?"
)


_PART = lazy_pattern(r"(?:AWS::)?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9._-]+)?|\.[A-Za-z0-9_.]*")


def is_part(name: str) -> bool:
    """Whether `${name}` is a part that a template fills in: no condition key is named so.

    Loaders keep such parts in ARNs alone, where any variable may be any text.
    """
    return _PART.fullmatch(name) is not None


class PolicyVariable(NamedTuple):
    """A variable at its place in a text; `key` is stripped, `default` as written, None if absent.

    `defect` is the check of IAM Access Analyzer that it fails. Of a variable that is never closed,
    the end is that of the text, or where the next one begins.
    """

    start: int
    end: int
    key: str
    default: str | None
    defect: str | None

    @property
    def escaped(self) -> str | None:
        """The character that it is, if it is one to be taken literally."""
        return self.key if len(self.key) == 1 and self.key in ESCAPED else None

    @property
    def names_key(self) -> bool:
        """Whether it is well written and has the value of a condition key."""
        return self.defect is None and self.escaped is None


@lru_cache(maxsize=4096)
def variables(text: str) -> tuple[PolicyVariable, ...]:
    """Find the variables of a text, those with a defect too."""
    found = []
    start = text.find(OPENER)
    while start >= 0:
        variable = _read(text, start)
        found.append(variable)
        start = text.find(OPENER, variable.end)
    return tuple(found)


def replaced(text: str, replacement: Callable[[PolicyVariable], str]) -> str:
    """The text with others in the place of its variables."""
    if OPENER not in text:
        return text
    parts, end = [], 0
    for variable in variables(text):
        parts += [text[end : variable.start], replacement(variable)]
        end = variable.end
    return "".join([*parts, text[end:]])


@lru_cache(maxsize=1)
def _content() -> re.Pattern[str]:
    # Compiled only where a policy has a variable: that takes as long as all the rest of the module.
    return re.compile(_CONTENT)


def _read(text: str, start: int) -> PolicyVariable:
    match = _content().match(text, start + len(OPENER))
    end = match.end() if match else start + len(OPENER)
    key = match["key"] if match else ""
    default = match["default"] if match else None
    if default is not None:
        default = default[1:].strip()
    if text[end : end + 1] != "}":
        return PolicyVariable(start, _next(text, end), key.strip(), default, MISSING_BRACE)
    return PolicyVariable(start, end + 1, key.strip(), default, _defect(key, default))


def _next(text: str, position: int) -> int:
    following = text.find(OPENER, position)
    return len(text) if following < 0 else following


def _defect(key: str, default: str | None) -> str | None:
    if not key.strip() and default is None:
        return EMPTY
    if default is not None and not (len(default) > 1 and default[0] == default[-1] == "'"):
        return MISSING_QUOTE
    return SPACE if re.search(r"\s", key) else None
