"""JSON values written as YAML, or as JSON within it, in the style of what was there before."""

from __future__ import annotations

import json
import re

from multitool_lint.syntax.patch.tree import ImpossibleError
from multitool_lint.syntax.placeholders import has_placeholder
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Object, Value

# What YAML does not allow as it is, or takes for the end of a line.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
# Less than YAML allows: no character here means anything to it, in a block or in a flow.
_PLAIN = re.compile(r"[A-Za-z_](?:[\w./@*+=$-]|:(?=[\w./@*+=$-]))*")
_GAP = re.compile(r"\{\{\w+\}\}")
"""What a rewrite leaves to be filled in. An unresolved value has spaces within its braces."""


def quoted(text: str) -> str:
    """A string that is the same in JSON and in YAML.

    Raises:
        ImpossibleError: a template fills in a part of it.
    """
    if _has_open_part(text):
        raise ImpossibleError  # written out, it would be another string
    json_text = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", json_text)


def in_style(value: Value, written: str) -> str:
    """A scalar, with quotes as what is written there has them."""
    if not isinstance(value, str):
        return flow_value(value)
    if written.startswith("'") and value.isprintable() and not _has_open_part(value):
        doubled = value.replace("'", "''")
        return f"'{doubled}'"
    if not written.startswith(('"', "'", "|", ">", "[", "{")) and _is_plain(value):
        return value
    return quoted(value)


def _has_open_part(text: str) -> bool:
    return has_placeholder(_GAP.sub("", text))


def _is_plain(value: str) -> bool:
    from multitool_lint.syntax.yaml.parser import scalar

    return _PLAIN.fullmatch(value) is not None and scalar(value) == value


def flow(node: Node) -> str:
    """A value as JSON on one line."""
    return flow_value(node.value)


def flow_value(value: Value) -> str:
    """As `flow`."""
    if isinstance(value, Object):
        return f"{{{', '.join(f'{quoted(member.key)}: {flow(member.value)}' for member in value)}}}"
    if isinstance(value, Array):
        return f"[{', '.join(map(flow, value))}]"
    if value is UNKNOWN:
        raise ImpossibleError
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def block(node: Node, column: int, sample: str, list_step: int = 2) -> list[str]:
    """The lines of a value as a block that begins in a column; strings as the sample has them.

    `list_step` is by how much a list is indented below its key, if the value is an object.
    """
    indent = " " * column
    value = node.value
    lines: list[str] = []
    if isinstance(value, Array) and value:
        for item in value:
            inner = block(item, column + 2, sample)
            lines += [f"{indent}- {inner[0].lstrip(' ')}", *inner[1:]]
        return lines
    if isinstance(value, Object) and value:
        for member in value:
            head = f"{indent}{in_style(member.key, '')}:"
            step = list_step if isinstance(member.value.value, Array) else 2
            inner = block(member.value, column + step, sample)
            if isinstance(member.value.value, (Array, Object)) and member.value.value:
                lines += [head, *inner]
            else:
                lines.append(f"{head} {inner[0].lstrip(' ')}")
        return lines
    text = in_style(value, sample[:1]) if isinstance(value, str) else flow_value(value)
    return [indent + text]
