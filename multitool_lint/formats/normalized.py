"""Policies in a file that is not their JSON: each as JSON in a text of its own, and the way back.

Checks see a policy as AWS does: functions of a template as what they come to, YAML as JSON. What is
found in it has a place in the file, and a change of it comes to edits of the file.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, NamedTuple

from multitool_lint.policy.document import Policy
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import UNKNOWN, Array, Member, Node, Object, UnknownNode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multitool_lint.syntax.decoded_text import DecodedText
    from multitool_lint.syntax.patch.code import CodePatch
    from multitool_lint.syntax.patch.tree import TreePatch

    Patch = TreePatch | CodePatch

SERVES_OTHERS = "not written as plain values that serve only this policy"
IN_A_STRING = "a policy in a string"
IN_A_TEMPLATE = "a policy in a template with tags"
OF_A_MODULE = "a module decides how its statements are written"
OF_OTHER_FILES = "other files decide about it"
MERGED_BY_SID = "statements of documents that are merged replace each other by their Sids"
PRINTED = "AWS or Terraform printed this"
"""Why a change is not made in the file, where nothing else is the reason."""

Part = Literal["", "outline", "branch"]
"""An outline has unknown values where conditions decide; each branch has them as in one case."""

_JSON = json.JSONEncoder(ensure_ascii=False).encode


class Code(NamedTuple):
    """The code of a block that has a policy: its text, and the policy as it is read there.

    Without one, the text is the policy. In a here document, a shell `expands` some of it.
    """

    text: DecodedText
    policy: NormalizedPolicy | Embedded | None = None
    expands: bool = False

    def patch(self, file: str) -> CodePatch | None:
        """What computes the edits of the file; None where the policy is not changed."""
        from multitool_lint.syntax.patch.block import BlockPatch
        from multitool_lint.syntax.patch.code import CodePatch

        if self.policy:
            inner = self.policy.patch()
        else:
            before = fast.read(self.text.text, literal=True)
            inner = BlockPatch(self.text.text, before, before)
        return None if inner is None else CodePatch(file, self.text, inner, expands=self.expands)


class NormalizedPolicy(NamedTuple):
    """A policy as JSON, and the way back to the file that contains it.

    `original` has the same values at their places in the file, which is written in a `syntax`
    (`other` files are not changed); `places` leads there from a span of the JSON. `fixed` are parts
    of the file that no fix may touch, `functions` those that it may only drop. A `case` is a policy
    that another one of the file is if conditions are otherwise; `cases` are all conditions with
    which it is there. `construct` is the path of the CDK's construct that it comes from,
    `unchanged` the reason where the file cannot be given a change. One that is `merged` consists of
    policies that are read by themselves; of one that AWS has `published`, nobody can change the
    words.
    """

    policy: Policy
    source: Source
    original: Node
    places: dict[tuple[int, int], Span]
    fixed: tuple[Span, ...] = ()
    functions: tuple[Span, ...] = ()
    case: bool = False
    construct: str | None = None
    unchanged: str = SERVES_OTHERS
    syntax: Literal["block", "hcl", "heredoc", "statements", "other"] = "block"
    cases: tuple[Mapping[str, bool], ...] = ()
    merged: bool = False
    published: bool = False
    part: Part = ""
    code: Code | None = None

    @property
    def in_file(self) -> Policy:
        """The policy with its values at their places in the file."""
        return self.policy.with_root(self.original, self.source)

    def to_file(self, span: Span) -> Span:
        """Translate the span of a value or key; of a part of one, to all of it."""
        exact = self.places.get(span)
        if exact is not None:
            return exact
        around = self.policy.root.innermost(span)
        return self.places[around] if around else Span(*self.original.span)

    def patch(self) -> Patch | None:
        """What computes the edits of the file that a change of the policy comes to."""
        if self.syntax == "other":
            return None
        if self.code:
            return self.code.patch(self.source.text)
        before = fast.read(self.policy.source.text, literal=True)
        kind: type[TreePatch]
        if self.syntax == "block":
            from multitool_lint.syntax.patch.block import BlockPatch

            kind = BlockPatch
        else:
            from multitool_lint.syntax.patch.hcl import HclPatch, HeredocPatch, StatementsPatch

            kinds = {"heredoc": HeredocPatch, "statements": StatementsPatch}
            kind = kinds.get(self.syntax, HclPatch)
        return kind(self.source.text, self.original, before, self.fixed, self.functions)


class Embedded(NamedTuple):
    """A policy in a value of `source`; the source of the policy itself is the text of that value.

    A `case` is a policy that another one of the file is if conditions are otherwise, `cases` are
    all conditions with which it is there; `unchanged` says why it is not changed in the file.
    `start` is where the scalar of YAML begins whose text can be changed.
    """

    policy: Policy
    source: Source
    text: DecodedText
    case: bool = False
    construct: None = None
    merged: bool = False
    published: bool = False
    unchanged: str = PRINTED
    cases: tuple[Mapping[str, bool], ...] = ()
    start: int | None = None
    part: Part = ""
    code: Code | None = None

    @property
    def in_file(self) -> Policy:
        """The policy; one in a string has positions in the text of the string only."""
        return self.policy

    def to_file(self, span: Span) -> Span:
        """Translate a span of the policy to one in the file."""
        return self.text.span(span)

    def patch(self) -> Patch | None:
        """What computes the edits of the file; None where the value is not changed."""
        if self.code:
            return self.code.patch(self.source.text)
        from multitool_lint.syntax.patch.scalar import STYLES, ScalarPatch

        if self.start is None or not self.source.text.startswith(STYLES, self.start):
            return None
        before = fast.read(self.text.text, literal=True)
        return ScalarPatch(self.source.text, self.start, self.text, before)


def write(policy: Policy) -> NormalizedPolicy:
    """Write a policy, whose document has its places in a file, as JSON."""
    writer = _Writer(policy.source)
    return NormalizedPolicy(writer.policy(policy), policy.source, policy.root, writer.places)


def rewritten(policy: Policy) -> Policy:
    """A policy with a text of its own, in which its nodes have no places in a file."""
    return _Writer(policy.source, places=False).policy(policy)


class _Writer:
    """Writes JSON without white space, as AWS counts it, and makes nodes with places in it."""

    def __init__(self, source: Source, *, places: bool = True) -> None:
        self.parts: list[str] = []
        self.places: dict[tuple[int, int], Span] = {}
        self._has_places = places
        self._source = source
        self._at = 0

    def policy(self, policy: Policy) -> Policy:
        root = self.node(policy.root)
        return policy.with_root(root, Source(self._source.path, "".join(self.parts)))

    def node(self, node: Node) -> Node:
        start, value = self._at, node.value
        if isinstance(value, Object):
            value = self._members(value)
        elif isinstance(value, Array):
            value = self._items(value)
        elif value is UNKNOWN:
            self._put(self._placeholder(node))
        else:
            self._put(_JSON(value))
        span = Span(start, self._at)
        if self._has_places:  # which take time to find
            self.places[span] = node.span
        if isinstance(node, UnknownNode):
            return UnknownNode(span, node.pointer, node.context, node.text)
        return Node(span, value, node.pointer)

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self._at += len(text)

    def _items(self, items: Array) -> Array:
        self._put("[")
        nodes = []
        for number, item in enumerate(items):
            if number:
                self._put(",")
            nodes.append(self.node(item))
        self._put("]")
        return items.of(nodes)

    def _members(self, members: Object) -> Object:
        self._put("{")
        written = []
        for number, member in enumerate(members):
            if number:
                self._put(",")
            start = self._at
            self._put(_JSON(member.key))
            span = Span(start, self._at)
            if self._has_places:
                self.places[span] = member.key_span
            self._put(":")
            written.append(Member(member.key, span, self.node(member.value)))
        self._put("}")
        return Object(written)

    def _placeholder(self, node: Node) -> str:
        """A placeholder for an unknown value: the same for the same text only."""
        text = _on_one_line(self._source.text[node.span.start : node.span.end])
        if isinstance(node, UnknownNode) and node.context:
            text = f"{text} ({node.context})"
        return _JSON(f"{{{{ {text} }}}}")


def _on_one_line(text: str) -> str:
    """A text without line breaks and indents, which say nothing outside of heredocs."""
    if "<<" in text or "\n" not in text:
        return text
    return " ".join(line.strip() for line in text.splitlines())
