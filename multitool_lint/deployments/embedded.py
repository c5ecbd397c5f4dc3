"""Policies where none is known to be, by their form, also in texts of JSON and YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.formats.quick_tests import may_be_policy, may_be_text_with_policies
from multitool_lint.limits import MAX_COMMAND_CHARACTERS, MAX_STATEMENTS_IN_CODE
from multitool_lint.syntax.terms import Document, Encoded, Text, Unknown, Value, identity

_STATEMENT = re.compile("[Ss]tatement")
_NAME = re.compile(r"[A-Za-z_]\w*")
_GIVEN = re.compile(r"\s*(?:const|let|var)?\s*(\w+)\s*(?::\s*\w+\s*)?[-+]?=")
_SAID = re.compile(r"""tatement\w*+(?:\\*["'`])?\s*+(?:[-+]?[:=]|[.(\[{])""")
"""What a text has that says what is allowed in a policy, and not the word alone, as SQL may."""


def policies_in(value: Value, path: str) -> Iterator[tuple[str, Value]]:
    """What has the form of a policy in a value, and its path there.

    Of a text that seems to have one, and is neither JSON nor YAML, what is about it is returned.
    """
    if isinstance(value, Document):
        yield path, value
    elif isinstance(value, Encoded):
        yield from policies_in(value.value, path)
    elif isinstance(value, dict):
        if "Statement" in value and _has_effect(value["Statement"]):
            yield path, value
            return
        for key, item in value.items():
            yield from policies_in(item, f"{path}/{key if isinstance(key, str) else identity(key)}")
    elif isinstance(value, list) or (isinstance(value, Unknown) and value.operator == "if"):
        items = value if isinstance(value, list) else value.arguments[1:]
        for number, item in enumerate(items):
            yield from policies_in(item, f"{path}/{number}")
    elif isinstance(value, (str, Text)):
        parts = value.parts if isinstance(value, Text) else (value,)
        text = "".join(part for part in parts if isinstance(part, str))
        if _SAID.search(text) and (may_be_text_with_policies(text) or may_be_policy(text)):
            yield from _in_text(value, path)


def _in_text(value: str | Text, path: str) -> Iterator[tuple[str, Value]]:
    documents = yaml_in(value) if isinstance(value, str) and value.lstrip()[:1] != "{" else []
    found = [*policies_in(documents, path)] if documents else []
    yield from found or [(path, _about_policies(value) if isinstance(value, str) else value)]


def _about_policies(code: str) -> str:
    """The objects and lines of a program about statements, and the lines that give them values."""
    places = [match.start() for match in _STATEMENT.finditer(code)]
    if len(places) > MAX_STATEMENTS_IN_CODE:
        return code
    found = dict.fromkeys(_object_around(code, at) or _line_around(code, at) for at in places)
    names = {name for text in found for name in _NAME.findall(text)}
    given = [line for line in code.splitlines() if (m := _GIVEN.match(line)) and m[1] in names]
    return "\n".join(" ".join(part.split()) for part in (*found, *given))


def _line_around(code: str, at: int) -> str:
    end = code.find("\n", at)
    return code[code.rfind("\n", 0, at) + 1 : end if end >= 0 else None]


def _object_around(code: str, at: int) -> str | None:
    """The innermost object around a place."""
    start, depth, first = at, 1, max(at - MAX_COMMAND_CHARACTERS, 0)
    while start > first and depth:
        start -= 1
        depth += {"}": 1, "{": -1}.get(code[start], 0)
    end, left, last = start, 0, min(at + MAX_COMMAND_CHARACTERS, len(code))
    while end < last:
        left += {"{": 1, "}": -1}.get(code[end], 0)
        end += 1
        if not left:
            break
    return None if depth or left else code[start:end]


def yaml_in(text: str) -> list[Value]:
    """The documents of a text of YAML with objects or lists; none of any other text."""
    import yaml  # few deployments have such texts

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        documents = [*yaml.load_all(str(text), Loader=loader)]
    except (yaml.YAMLError, RecursionError):
        return []
    return [document for document in documents if isinstance(document, (dict, list))]


def _has_effect(value: Value) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, dict) and "Effect" in item for item in items)
