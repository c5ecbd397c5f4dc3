"""YAML to nodes that know their place, by the events of PyYAML's parser, which is written in C.

A document becomes what its JSON would be: keys are text, a merge key is merged, an alias is the
value of its anchor. A local tag becomes the function that CloudFormation reads it as: `!Sub x` is
`{"Fn::Sub": "x"}`. What versions of YAML read differently (dates, octal numbers, an account with a
leading zero) stays the text that it is; `yes`, `no`, `on` and `off` are truth values, as in YAML
1.1, which CloudFormation reads.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from multitool_lint.limits import MAX_MERGED_MEMBERS, MAX_TREE_DEPTH
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import BYTE_ORDER_MARK, Span
from multitool_lint.syntax.tree import UNKNOWN, Array, Member, Node, Object, Value
from multitool_lint.syntax.yaml.mistakes import mistake, unreadable_character

_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG_PREFIX = "tag:yaml.org,2002:"
_TEXT_TAG = f"{_TAG_PREFIX}str"
_BASE64_TAG = f"{_TAG_PREFIX}binary"
# What may precede a value: anchor, tag, white space, comments and line breaks.
_PROPERTIES = re.compile(r"(?:[!&][^\s,\[\]{}]*+(?:\s|#[^\r\n]*)*+)*+")
_SPACE = re.compile(r"\s*")
_WITH_TABS = re.compile(
    r"^ *+\t[ \t]*+(?=#|\r?$)"
    r"|(?P<dashes>^ *+(?:- +)*-) *+\t[ \t]*+"
    # A mapping or another item in the line of a dash is indented by what follows the dash.
    r"(?![-?:]\s|\"[^\"\n]*\"[ \t]*:\s|'[^'\n]*'[ \t]*:\s|[^\s\"'\[{#!&][^\n#]*:(?:\s|$))",
    re.MULTILINE,
)
_WORDS: dict[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **{form: True for word in ("true", "yes", "on") for form in (word, word.title(), word.upper())},
    **{
        form: False
        for word in ("false", "no", "off")
        for form in (word, word.title(), word.upper())
    },
}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,10}|[1-9][0-9]{12,17})")  # of 12 digits: an account
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]{0,15})\.[0-9]{1,17}")
_NOT_FUNCTIONS = frozenset({"Ref", "Condition"})


class Yaml(NamedTuple):
    """The documents of a text, and what cannot be read off them.

    `texts` are the spans of all scalars, which have no comments; `shared` those of values that
    are used several times by anchors: none of them can be changed for one place alone.
    """

    documents: tuple[Node, ...]
    texts: tuple[Span, ...]
    shared: tuple[Span, ...]


def parse(text: str) -> Yaml:
    """The documents of a YAML text, without pointers.

    Raises:
        MistakeError: the text is not YAML, or exceeds a limit.
    """
    try:
        return _parse(text, text)
    except MistakeError as error:
        # White space may be tabs where it does not indent, as for other parsers (YAML 1.2, 6.2).
        if text[slice(*error.span)] == "\t" and (spaced := _without_tabs(text)) != text:
            return _parse(text, spaced)
        raise


def _without_tabs(text: str) -> str:
    """A text with spaces for the tabs of blank lines, before comments and after dashes."""
    return _WITH_TABS.sub(lambda match: (match["dashes"] or "").ljust(len(match[0])), text)


def _parse(text: str, spaced: str) -> Yaml:
    """The documents of a text, as one of the same length with other white space is parsed."""
    shift = 1 if text.startswith(BYTE_ORDER_MARK) else 0
    builder = _Builder(text, shift)
    try:
        for event in yaml.parse(spaced[shift:], Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise mistake(error, text, shift) from None
    except yaml.reader.ReaderError as error:
        raise unreadable_character(shift + error.position, text) from None
    except UnicodeEncodeError as error:
        raise unreadable_character(shift + error.start, text) from None
    return Yaml(tuple(builder.documents), tuple(builder.texts), tuple(builder.shared))


def scalar(text: str) -> Value:
    """What a plain scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FRACTION.fullmatch(text) else text


@dataclass(slots=True)
class _Open:
    """A sequence or mapping whose end has not come yet, and the key that waits for its value."""

    anchor: str | None
    tag: str | None
    in_mapping: bool
    is_flow: bool
    outer: int
    start: int
    end: int
    nodes: list[Node] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    merges: list[Node] = field(default_factory=list)
    key: str | None = None
    key_span: tuple[int, int] = (0, 0)


class _Builder:
    """Makes nodes of events, on a stack of its own."""

    def __init__(self, text: str, shift: int) -> None:
        self.text = text
        self.shift = shift
        self.documents: list[Node] = []
        self.texts: list[Span] = []
        self.shared: list[Span] = []
        self._anchors: dict[str, Node] = {}
        self._open: list[_Open] = []
        self._merged = 0

    def take(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            mark: Any = event.start_mark
            outer = mark.index + self.shift
            start = self._start(event, outer)
            in_mapping = isinstance(event, yaml.MappingStartEvent)
            flow = bool(event.flow_style)
            self._open.append(_Open(event.anchor, event.tag, in_mapping, flow, outer, start, start))
            if len(self._open) > MAX_TREE_DEPTH:
                message = f"The document is nested more than {MAX_TREE_DEPTH} levels deep"
                raise MistakeError(Span(outer, outer + 1), message)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._anchors.clear()

    def _start(self, event: Any, outer: int) -> int:  # noqa: ANN401 - PyYAML's
        """Where a value begins, after its anchor and tag."""
        if event.anchor is None and event.tag is None:
            return outer
        match = _PROPERTIES.match(self.text, outer)
        return match.end() if match else outer

    def _scalar(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's
        outer = event.start_mark.index + self.shift
        end = event.end_mark.index + self.shift
        start = min(self._start(event, outer), end)
        if start == end == outer and self._open and self._open[-1].is_flow:
            # PyYAML's parser in Python has an empty value before the white space.
            space = _SPACE.match(self.text, end)
            start = end = space.end() if space else end
        if event.style in ("|", ">"):
            end = start + len(self.text[start:end].rstrip())
        span = Span(start, end)
        self.texts.append(span)
        value: Value = event.value
        if event.tag == _BASE64_TAG:
            value = _of_base64(event.value)
        elif not event.style and event.tag != _TEXT_TAG:
            value = scalar(event.value)
        self._add(Node(span, value, ""), event, outer)

    def _close(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's
        top = self._open.pop()
        end = event.end_mark.index + self.shift
        opening = self.text[top.start : top.start + 2]
        value: Value = Array(top.nodes)
        if opening == "{{":
            value = UNKNOWN  # a placeholder, which YAML takes for a mapping in a mapping
        elif top.in_mapping:
            value = self._merge(top) if top.merges else Object(top.members)
        if not opening.startswith(("[", "{")):
            # The parser reports the end of a block where the next one begins.
            end = max(top.end, top.start)
        self._add(Node(Span(top.start, end), value, ""), top, top.outer)

    def _merge(self, top: _Open) -> Object:
        """The members with those that merge keys bring: the mapping's own win, then the first."""
        members = list(top.members)
        keys = {member.key for member in members}
        for node in top.merges:
            for item in node.value if isinstance(node.value, Array) else (node,):
                brought = [
                    member
                    for member in (item.value if isinstance(item.value, Object) else ())
                    if member.key not in keys
                ]
                keys.update(member.key for member in brought)
                members += brought
                self._merged += len(brought)
                if self._merged > MAX_MERGED_MEMBERS:
                    message = f"Merge keys add more than {MAX_MERGED_MEMBERS:,} members"
                    raise MistakeError(Span(top.start, top.start + 1), message)
        return Object(members)

    def _alias(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's
        start, end = event.start_mark.index + self.shift, event.end_mark.index + self.shift
        node = self._anchors.get(event.anchor)
        if node is None:
            raise MistakeError(Span(start, end), f'Alias "{event.anchor}" has no anchor before it')
        self.shared += node.span, Span(start, end)
        self._place(node, end)

    def _add(self, node: Node, event: Any, outer: int) -> None:  # noqa: ANN401 - an event, or _Open
        tag = event.tag
        if tag and tag.startswith("!") and len(tag) > 1:
            node = _function(node, tag[1:], (outer, node.span.start))
        if event.anchor:
            self._anchors[event.anchor] = node
        self._place(node)

    def _place(self, node: Node, end: int = 0) -> None:
        if not self._open:
            self.documents.append(node)
            return
        top = self._open[-1]
        top.end = end or node.span.end
        if not top.in_mapping:
            top.nodes.append(node)
        elif top.key is None:
            top.key, top.key_span = _key(node, self.text), node.span
        elif top.key == "<<" and self.text[slice(*top.key_span)] == "<<":
            top.merges.append(node)
            top.key = None
        else:
            top.members.append(Member(top.key, top.key_span, node))
            top.key = None


def _of_base64(text: str) -> Value:
    """The text of a scalar that is written as base64, as some readers take it."""
    try:
        return b64decode(text).decode()
    except ValueError:
        return UNKNOWN


def _key(node: Node, text: str) -> str:
    """A key as JSON has it: as it is written, where it is not text."""
    if isinstance(node.value, str):
        return node.value
    return text[node.span.start : node.span.end]


def _function(node: Node, tag: str, span: tuple[int, int]) -> Node:
    name = tag if tag in _NOT_FUNCTIONS else f"Fn::{tag}"
    if tag == "GetAtt" and isinstance(node.value, str):
        resource, _, attribute = node.value.partition(".")
        parts = Array(Node(node.span, part, "") for part in (resource, attribute))
        node = Node(node.span, parts, "")
    whole = Span(span[0], max(node.span.end, span[1]))
    return Node(whole, Object((Member(name, span, node),)), "")
