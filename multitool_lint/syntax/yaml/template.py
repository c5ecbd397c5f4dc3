"""YAML with actions of Go templates, such as Helm's, where YAML has no text: `name: {{ x }}-a`.

What a script or `templatefile` replaces may be where YAML has no text, too: `CodeUri: %code%`,
`name: @name@`, `{ id: ${id} }`.

https://pkg.go.dev/text/template#hdr-Actions
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Array, Member, Node, Object
from multitool_lint.syntax.yaml import parser
from multitool_lint.syntax.yaml.action_lines import with_placeholders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multitool_lint.syntax.yaml.parser import Yaml

_MARKED = r"(?<!\w)(?P<edge>[%@])[A-Za-z][\w.-]*+(?P=edge)(?!\w)"
_FILLED_IN = r"\$\{[^{}\n]*\}"
_ACTION = re.compile(
    r"\{\{\{[^{}\n]*\}\}\}"
    r"|\{\{(?:[^{}\"`']|\"(?:[^\"\\\n]|\\.)*+\"|`[^`]*+`|'(?:(?:[^'\n}]|\}(?!\}))*+')?+)*+\}\}"
    rf"|{_MARKED}|{_FILLED_IN}"
)
_BARE = re.compile(r"^[^\"'#\n]*\{\{(?!resolve:)", re.MULTILINE)
_KEY = re.compile(r"^[ \t-]*\{\{(?>[^\n]*?\}\})[^\n]*:(?:\s|$)", re.MULTILINE)
_STAND_INS = {number: 0xE000 + number for number in range(128) if not chr(number).isalnum()}
"""Characters of the private use area, which mean nothing to YAML."""
_STOOD_FOR = {stand_in: number for number, stand_in in _STAND_INS.items()}
_STAND_IN = re.compile("[\ue000-\ue07f]")


def has_actions(text: str) -> bool:
    """Whether a text has actions outside of quotes, which YAML takes for mappings."""
    return "{{" in text and _BARE.search(text) is not None


@lru_cache(maxsize=4)  # its policies, its facts and what is around them are asked for in turn
def parse(text: str) -> Yaml:
    """The documents of a YAML text that may be a template; actions are parts of its texts.

    Raises:
        MistakeError: it is not YAML, whatever its actions mean.
    """
    try:
        read = parser.parse(text)
    except MistakeError:
        template = _with_actions(text) if _ACTION.search(text) else None
        if template is None:
            raise
        return template
    # A key that is an action is a mapping to YAML, and what comes below it is lost.
    is_key = has_actions(text) and _KEY.search(text)
    return (_with_actions(text) if is_key else None) or read


def _with_actions(text: str) -> Yaml | None:
    """The documents with the actions as texts; None if that is not YAML either."""
    if _STAND_IN.search(text):
        return None
    lines: Mapping[int, str] = {}
    read = _parsed(text)
    if read is None:
        written, lines = with_placeholders(text)
        read = _parsed(written) if lines else None
    if read is None:
        return None
    copies: dict[int, Node] = {}
    documents = tuple(_restored(root, copies, lines) for root in read.documents)
    # An edit of YAML could need an action to be text there; in a block of text, all is text.
    blocks = [span for span in read.texts if text.startswith(("|", ">"), span.start)]
    edges = [0, *(edge for span in blocks for edge in span), len(text)]
    around = map(Span, edges[::2], edges[1::2])
    return read._replace(documents=documents, shared=(*around, *read.shared))


def _parsed(text: str) -> Yaml | None:
    """The documents of a text with its actions as characters of no meaning; None if not YAML."""
    try:
        return parser.parse(_ACTION.sub(lambda action: action[0].translate(_STAND_INS), text))
    except MistakeError:
        return None


def _restored(node: Node, copies: dict[int, Node], lines: Mapping[int, str]) -> Node:
    """A copy with the actions as they are written; what several aliases share stays shared."""
    if id(node) not in copies:
        value = node.value
        if isinstance(value, str):
            value = lines.get(node.span.start) or value.translate(_STOOD_FOR)
        elif isinstance(value, Array):
            value = Array([_restored(item, copies, lines) for item in value])
        elif isinstance(value, Object):
            value = Object([_restored_member(member, copies, lines) for member in value])
        copies[id(node)] = Node(node.span, value, node.pointer)
    return copies[id(node)]


def _restored_member(member: Member, copies: dict[int, Node], lines: Mapping[int, str]) -> Member:
    if written := lines.get(member.key_span.start):
        return Member(
            written, member.key_span, Node(member.key_span, written, member.value.pointer)
        )
    key = member.key.translate(_STOOD_FOR)
    return Member(key, member.key_span, _restored(member.value, copies, lines))
