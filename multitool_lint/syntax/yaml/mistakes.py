"""What PyYAML's parsers report of a text that is not YAML, as sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    import yaml

_HINTS = {
    "expected '-' indicator": "compare the indentation with the lines above",
    "expected key": "compare the indentation with the lines above",
    "mapping values are not allowed": "put a text with a colon and a space in quotes",
}

_EXPECTED = {
    "while parsing a block collection": "'-' indicator",
    "while parsing a block mapping": "key",
    "while parsing a flow sequence": "',' or ']'",
    "while parsing a flow mapping": "',' or '}'",
}
_IN_C = (
    (
        r"expected (?:a comment|chomping) or .*, but found .*",
        "did not find expected comment or line break",
    ),
    (r"expected (?:the )?(.*?), but (?:found|got) .*", r"did not find expected \1"),
    (r"found character .+ that", "found character that"),
    (r"^sequence entries", "block sequence entries"),
    (r"not allowed here", "not allowed in this context"),
)
"""What PyYAML's parser in Python says otherwise than that in C, which is not everywhere."""


def unreadable_character(at: int, text: str) -> MistakeError:
    """What YAML cannot have at an offset."""
    at = min(at, len(text))
    message = f"YAML does not allow the character {text[at : at + 1]!r}"
    return MistakeError(Span(at, min(at + 1, len(text))), message)


def mistake(error: yaml.MarkedYAMLError, text: str, shift: int) -> MistakeError:
    """The mistake that the parser reports, as a sentence."""
    mark: Any = error.problem_mark or error.context_mark
    at = min(mark.index + shift, len(text)) if mark else len(text)
    end = min(at + 1, len(text))
    if text[at:end] == "\t":
        return MistakeError(Span(at, end), "YAML does not allow tabs here", "indent with spaces")
    context, problem = error.context or "", _problem(error)
    if context.endswith("scanning an alias") and at:
        return MistakeError(
            Span(at - 1, at), "`*` begins an alias in YAML", 'put it in quotes: "*"'
        )
    why = f"{context}, {problem}" if context else problem
    hint = next((hint for sign, hint in _HINTS.items() if sign in problem), "")
    return MistakeError(Span(at, end), f"The document is not YAML: {why}", hint)


def _problem(error: yaml.MarkedYAMLError) -> str:
    """What is wrong, in the words of the parser in C."""
    problem = error.problem or ""
    if error.context in _EXPECTED and problem.startswith("expected "):
        return f"did not find expected {_EXPECTED[error.context]}"
    for pattern, words in _IN_C:
        problem = re.sub(pattern, words, problem, flags=re.DOTALL)
    return problem
