"""The configuration of a service that a program exports, as far as it is a literal.

What is code in it is a variable of a type of its own, but for what the environment has. Two are the
same where all that may decide about them is: the rest of the program, and what this imports.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING

from multitool_lint.deployments.serverless.imports import CODE as PROGRAMS
from multitool_lint.deployments.serverless.imports import imported_by
from multitool_lint.deployments.serverless.modules import Modules, ScriptModule
from multitool_lint.syntax.javascript import (
    Literal,
    NotReadError,
    ScriptCode,
    ScriptToken,
    TemplateLiteral,
    all_of,
    content_of,
    literal_at,
    names_in,
    tokens_of,
)
from multitool_lint.syntax.javascript_statements import (
    begins_statement,
    declarations,
    numbers_outside,
)

if TYPE_CHECKING:
    from multitool_lint.values.reading import Reading

CODE = "code"
"""The type of the variables that code is."""
_DIGEST_BYTES = 12
_USES = 2
"""How often a program names what it declares and exports."""
_EXPORTS = (("module", ".", "exports", "="), ("export", "default"), ("export", "="))
_EXPORTING = frozenset({"default", "eval", "exports", "module"})
"""What else may decide what is exported."""
_PURE = frozenset({"Boolean", "Number", "String", "parseFloat", "parseInt", "require"})
"""The functions that change nothing."""
_ENVIRONMENT = ("process", ".", "env")
_PROCESS = frozenset({"process", "node:process"})
_OPERATORS = frozenset("+-*/%&|^?<>")
"""What may be before the equals sign of an assignment."""
_CHANGING = frozenset({"delete", "++", "--"})
_SETS = frozenset({"=", "++", "--"})
_VARIABLE = "${env:"
"""How the variable of the environment begins, of which the name follows."""
_CALLED = frozenset({")", "]", "."})
"""What is before a call but for a name; the last one, where there is none without a function."""
_CHANGES = frozenset({"=", "++", "--", "await", "delete", "new", "yield"})


def service_in(path: str, text: str, reading: Reading) -> tuple[str, Mapping[str, str]] | None:
    """The configuration that a program exports as a text of JSON; None if that is not known.

    The code in it is returned, too, by the keys of the variables that it is there.
    """
    try:
        return _service_in(path, tokens_of(text), reading)
    except NotReadError:
        return None


def _service_in(
    path: str, tokens: Sequence[ScriptToken], reading: Reading
) -> tuple[str, Mapping[str, str]] | None:
    found = _exported(tokens)
    if found is None:
        return None
    root, start, end = found
    around = tokens[:start], tokens[end:]
    inner = [token for part in _code_in(root) for token in part.tokens]
    imported = imported_by(path, [*around[0], *inner, *around[1]], reading)
    if imported is None or any(map(_changes_environment, around)):
        return None
    program = ScriptModule("", posixpath.dirname(path), tokens)
    program.taken.append((start, end))
    modules = Modules(imported)
    service = modules.filled(root, program)
    changing = [content_of(part.tokens) for part in _code_in(service) if not _is_pure(part.tokens)]
    writer = _Writer(_digest([*program.rest, *modules.rest, *changing]))
    text = json.dumps(writer.written(service))
    setting = {name: text for name, text in imported.texts.items() if _may_set(name, text)}
    if setting:
        text = text.replace(_VARIABLE, f"{_VARIABLE}{_digest(_pairs(setting))}_")
    return text, writer.code


def _pairs(files: Mapping[str, str]) -> list[str]:
    return [part for name in sorted(files) for part in (name, files[name])]


def _may_set(name: str, text: str) -> bool:
    """Whether a file may change the environment of the program that imports it."""
    if not name.endswith(PROGRAMS):
        return False
    try:
        return _changes_environment(tokens_of(text))
    except NotReadError:
        return _ENVIRONMENT[0] in text


def _exported(tokens: Sequence[ScriptToken]) -> tuple[Mapping[str, Literal], int, int] | None:
    """The object that a program exports, and the numbers of its tokens."""
    outer = numbers_outside(tokens)
    starts = [
        (at + len(words), words)
        for at in outer
        for words in _EXPORTS
        if tuple(token.text for token in tokens[at : at + len(words)]) == words
    ]
    begins = [at - len(words) for at, words in starts]
    if len(starts) != 1 or not begins_statement(tokens, outer, begins[0]):
        return None
    at, words = starts[0]
    names = [*names_in(tokens)]
    if _exporting(tokens) != len(_EXPORTING.intersection(words)):
        return None
    name = tokens[at].text if at < len(tokens) else ""
    if name != "{":
        if names.count(name) != _USES or literal_at(tokens, at)[1] != at + 1:
            return None  # what else names it may change it
        declared = declarations(tokens, outer).get(name)
        at = len(tokens) if declared is None else declared.at
    root, end = literal_at(tokens, at) if at < len(tokens) else (None, at)
    return (root, at, end) if isinstance(root, dict) else None


def _exporting(tokens: Sequence[ScriptToken]) -> int:
    """How many names there are of what is exported; a key is none."""
    flat = [*all_of(tokens)]
    keys = sum(token.text == "default" and after.text == ":" for token, after in pairwise(flat))
    return sum(token.text in _EXPORTING for token in flat) - keys


def _code_in(value: Literal) -> Iterator[ScriptCode]:
    """The code in a value."""
    if isinstance(value, ScriptCode):
        yield value
        return
    items = [*value.values()] if isinstance(value, dict) else value
    items = value.parts if isinstance(value, TemplateLiteral) else items
    for item in items if isinstance(items, (list, tuple)) else ():
        yield from _code_in(item)


def _is_pure(tokens: Sequence[ScriptToken]) -> bool:
    """Whether code changes nothing: it calls no function but those that do not."""
    for number, token in enumerate(tokens):
        before = tokens[number - 1] if number else None
        is_operand = before is not None and (before.kind == "name" or before.text in _CALLED)
        is_call = is_operand and (token.text == "(" or token.kind == "template")
        is_known = before is not None and before.text in _PURE and token.text == "("
        is_method = number > 1 and tokens[number - 2].text == "."
        if token.text in _CHANGES or (is_call and (not is_known or is_method)):
            return False
        if not all(_is_pure(part) for part in token.parts if not isinstance(part, str)):
            return False
    return True


def _changes_environment(tokens: Sequence[ScriptToken]) -> bool:
    """Whether code may do more with the environment than ask for variables of it."""
    words = [token.text for token in all_of(tokens)]
    for at, word in enumerate(words):
        if word.strip("'\"`") not in _PROCESS or words[at - 1 : at] == ["."]:
            continue
        if word != _ENVIRONMENT[0] or words[at + 1 : at + 2] != ["."]:
            return True
        if tuple(words[at : at + 3]) == _ENVIRONMENT and not _asks(words, at):
            return True
    return False


def _asks(words: Sequence[str], at: int) -> bool:
    """Whether the environment at a word is only asked for a variable, or taken apart."""
    if words[max(at - 2, 0) : at] == ["}", "="]:
        return True
    end = at + len(_ENVIRONMENT)
    if words[end : end + 1] == ["["]:
        depth = 1
        while depth and end + 1 < len(words):
            end += 1
            depth += (words[end] == "[") - (words[end] == "]")
        end += 1
    elif words[end : end + 1] == ["."]:
        end += 2
    else:
        return False
    while end < len(words) and words[end] in _OPERATORS:
        end += 1
    is_set = end < len(words) and words[end] in _SETS
    return not is_set and words[max(at - 1, 0)] not in _CHANGING


class _Writer:
    """Writes literals as JSON, with variables for the code in them, and what is `around` them."""

    def __init__(self, around: str) -> None:
        self._around = around
        self.code: dict[str, str] = {}

    def written(self, value: Literal) -> object:
        """A value as the standard library has it."""
        if isinstance(value, dict):
            return {key: self.written(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.written(item) for item in value]
        if isinstance(value, TemplateLiteral):
            return "".join(p if isinstance(p, str) else self._variable(p) for p in value.parts)
        return self._variable(value) if isinstance(value, ScriptCode) else value

    def _variable(self, code: ScriptCode) -> str:
        """The variable that is written in the place of code."""
        texts = [token.text for token in code.tokens]
        if tuple(texts[:-1]) == (*_ENVIRONMENT, "."):
            return f"${{env:{texts[-1]}}}"
        content = content_of(code.tokens)
        key = _digest([content, code.place, self._around])
        self.code[key] = content
        return f"${{{CODE}:{key}}}"


def _digest(content: Sequence[str]) -> str:
    return blake2b(json.dumps(content).encode(), digest_size=_DIGEST_BYTES).hexdigest()
