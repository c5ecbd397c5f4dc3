"""A small `lsprotocol.types`: what the language server uses of it, made from the real one.

To import all of that takes a second in a browser.
"""

from __future__ import annotations

import enum
import re
from pathlib import Path

import attrs
from lsprotocol import types

SERVER = Path(__file__).parent.parent / "multitool_lint" / "server"
_START = """
import enum

class _Record:
    def __init__(self, /, *values, **named):
        given = dict(zip(self._fields, values), **named)
        for name, default in self._fields.items():
            setattr(self, name, given[name] if name in given else default)

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None

def _record(name, fields):
    return type(name, (_Record,), {"_fields": fields})
"""


def types_module() -> str:
    """The text of the module."""
    texts = (path.read_text("utf-8") for path in sorted(SERVER.glob("*.py")))
    names = sorted(set(re.findall(r"\btypes\.([A-Z]\w+)", " ".join(texts))))
    return "\n".join([_START, *map(_definition, names), ""])


def _definition(name: str) -> str:
    known = getattr(types, name)
    if not isinstance(known, type):
        return f"{name} = {known!r}"
    if issubclass(known, enum.Enum):
        base = "IntEnum" if issubclass(known, int) else "StrEnum"
        members = {member.name: member.value for member in known}
        return f"{name} = enum.{base}({name!r}, {members!r})"
    fields = {
        field.name: None if field.default is attrs.NOTHING else field.default
        for field in attrs.fields(getattr(types, name))
    }
    return f"{name} = _record({name!r}, {fields!r})"
