"""A policy of a source, and its origin: where it is written, and the way back from it to the file.

Checks see a policy as AWS does: functions of a template as what they come to, YAML as JSON. What is
found in it has a place in the file, and a change of it comes to edits of the file.
"""

from __future__ import annotations

from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal, TypeAlias

    from multitool_lint.syntax.decoded_text import DecodedText
    from multitool_lint.syntax.patch.code import CodePatch
    from multitool_lint.syntax.patch.tree import TreePatch

    Patch: TypeAlias = "TreePatch | CodePatch"

    Part: TypeAlias = Literal["", "outline", "branch"]
    """An outline has unknown values where conditions decide, each branch those of one case."""

    Syntax: TypeAlias = Literal["block", "hcl", "heredoc", "statements", "other"]
    """In which way values are written in a file; those of `other` files are not changed."""

SERVES_OTHERS = "not written as plain values that serve only this policy"
IN_A_STRING = "a policy in a string"
IN_A_TEMPLATE = "a policy in a template with tags"
OF_A_MODULE = "a module decides how its statements are written"
OF_OTHER_FILES = "other files decide about it"
MERGED_BY_SID = "statements of documents that are merged replace each other by their Sids"
PRINTED = "AWS or Terraform printed this"
"""Why a change is not made in the file, where nothing else is the reason."""


class Code(NamedTuple):
    """The code of a block that has a policy: its text, and the policy as it is read there.

    Without one, the text is the policy. In a here document, a shell `expands` some of it.
    """

    text: DecodedText
    policy: FoundPolicy | None = None
    expands: bool = False

    def patch(self, file: str) -> CodePatch | None:
        """What computes the edits of the file; None where the policy is not changed."""
        from multitool_lint.syntax.json import fast
        from multitool_lint.syntax.patch.block import BlockPatch
        from multitool_lint.syntax.patch.code import CodePatch

        if self.policy:
            inner = self.policy.patch()
        else:
            before = fast.read(self.text.text, literal=True)
            inner = BlockPatch(self.text.text, before, before)
        return None if inner is None else CodePatch(file, self.text, inner, expands=self.expands)


class InJson(NamedTuple):
    """The origin of a policy that the file has as AWS receives it: its places are those there."""

    source: Source

    @property
    def unchanged(self) -> str:
        """No reason: the JSON itself is changed."""
        return ""

    def to_file(self, span: Span, policy: Policy) -> Span:  # noqa: ARG002 - as origins have it
        """The place itself."""
        return span

    def in_file(self, policy: Policy) -> Policy:
        """The policy itself."""
        return policy

    def patch(self, policy: Policy) -> None:
        """Nothing: a change is one of the JSON itself."""

    def within(
        self, source: Source, text: DecodedText, unchanged: str, code: Code | None
    ) -> InText:
        """The origin where the file is a text in another source."""
        return InText(source, text, unchanged, code=code)


class InValues(NamedTuple):
    """The origin of a policy whose values are those of a file in another form.

    `original` has the same values at their places in the file, which is written in a `syntax`;
    `places` leads there from a span of the JSON. `fixed` are parts of the file that no fix may
    touch, `functions` those that it may only drop. `unchanged` is the reason where the file cannot
    be given a change.
    """

    source: Source
    original: Node
    places: dict[tuple[int, int], Span]
    fixed: tuple[Span, ...] = ()
    functions: tuple[Span, ...] = ()
    unchanged: str = SERVES_OTHERS
    syntax: Syntax = "block"
    code: Code | None = None

    def to_file(self, span: Span, policy: Policy) -> Span:
        """Translate the span of a value or key; of a part of one, to all of it."""
        exact = self.places.get(span)
        if exact is not None:
            return exact
        around = policy.root.innermost(span)
        return self.places[around] if around else Span(*self.original.span)

    def in_file(self, policy: Policy) -> Policy:
        """The policy with its values at their places in the file."""
        return policy.with_root(self.original, self.source)

    def patch(self, policy: Policy) -> Patch | None:
        """What computes the edits of the file that a change of the policy comes to."""
        if self.syntax == "other":
            return None
        if self.code:
            return self.code.patch(self.source.text)
        from multitool_lint.syntax.json import fast

        before = fast.read(policy.source.text, literal=True)
        kind: type[TreePatch]
        if self.syntax == "block":
            from multitool_lint.syntax.patch.block import BlockPatch

            kind = BlockPatch
        else:
            from multitool_lint.syntax.patch.hcl import HclPatch, HeredocPatch, StatementsPatch

            kinds = {"heredoc": HeredocPatch, "statements": StatementsPatch}
            kind = kinds.get(self.syntax, HclPatch)
        return kind(self.source.text, self.original, before, self.fixed, self.functions)

    def within(
        self, source: Source, text: DecodedText, unchanged: str, code: Code | None
    ) -> InValues:
        """The origin where the file is a text in another source."""
        return self._replace(
            source=source,
            original=self.original.moved(text.span),
            places={inner: text.span(outer) for inner, outer in self.places.items()},
            unchanged=unchanged,
            syntax=self.syntax if code else "other",
            code=code,
        )


class InText(NamedTuple):
    """The origin of a policy that is the text of a value in a file.

    `unchanged` says why it is not changed there. `start` is where the scalar of YAML begins whose
    text can be changed.
    """

    source: Source
    text: DecodedText
    unchanged: str = PRINTED
    start: int | None = None
    code: Code | None = None

    def to_file(self, span: Span, policy: Policy) -> Span:  # noqa: ARG002 - as origins have it
        """Translate a span of the text."""
        return self.text.span(span)

    def in_file(self, policy: Policy) -> Policy:
        """The policy, which has positions in the text only."""
        return policy

    def patch(self, policy: Policy) -> Patch | None:  # noqa: ARG002 - as origins have it
        """What computes the edits of the file; None where the value is not changed."""
        if self.code:
            return self.code.patch(self.source.text)
        from multitool_lint.syntax.patch.scalar import STYLES, ScalarPatch

        if self.start is None or not self.source.text.startswith(STYLES, self.start):
            return None
        from multitool_lint.syntax.json import fast

        before = fast.read(self.text.text, literal=True)
        return ScalarPatch(self.source.text, self.start, self.text, before)

    def within(
        self, source: Source, text: DecodedText, unchanged: str, code: Code | None
    ) -> InText:
        """The origin where the file is a text in another source."""
        inner = self.text._replace(steps=(*self.text.steps, *text.steps))
        return InText(source, inner, unchanged, code=code)


PolicyOrigin: TypeAlias = "InJson | InValues | InText"


class FoundPolicy(NamedTuple):
    """A policy of a source, as AWS receives it, and its origin.

    The nodes of the policy have spans in the text of its own source, from which the origin leads to
    the file. A `case` is a policy that another one of the file is if conditions are otherwise;
    `cases` are all conditions with which it is there. One that is `merged` consists of policies
    that are read by themselves; of one that AWS has `published`, nobody can change the words. One
    that is `in_page` is an example of documentation. `construct` is the path of the CDK's construct
    that it comes from. What is at the places `elsewhere` is in other files, which are linted too.
    """

    policy: Policy
    origin: PolicyOrigin
    case: bool = False
    cases: tuple[Mapping[str, bool], ...] = ()
    part: Part = ""
    merged: bool = False
    published: bool = False
    in_page: bool = False
    construct: str | None = None
    elsewhere: tuple[Span, ...] = ()

    @classmethod
    def of_json(cls, policy: Policy) -> FoundPolicy:
        """A policy that its source has as AWS receives it."""
        return cls(policy, InJson(policy.source))

    @property
    def is_json(self) -> bool:
        """Whether the file has the policy as AWS receives it."""
        return isinstance(self.origin, InJson)

    @property
    def source(self) -> Source:
        """The file."""
        return self.origin.source

    @property
    def span(self) -> Span:
        """Where the document is in the file."""
        return self.to_file(self.policy.root.span)

    @property
    def in_file(self) -> Policy:
        """The policy with its values at their places in the file, as far as they have any."""
        return self.origin.in_file(self.policy)

    def to_file(self, span: Span) -> Span:
        """Translate a span of the policy to one in the file."""
        return self.origin.to_file(span, self.policy)

    def patch(self) -> Patch | None:
        """What computes the edits of the file; None where it is not changed, or is JSON."""
        return self.origin.patch(self.policy)

    def fixed_at(self, span: Span) -> FoundPolicy:
        """The policy of which no fix may touch one more part of the file."""
        fixed = self.origin.fixed if isinstance(self.origin, InValues) else ()
        return self.from_values(fixed=(*fixed, span))

    def from_values(self, **changes: Any) -> FoundPolicy:  # noqa: ANN401 - of any field
        """The policy with some fields of its origin changed, if it is that of values."""
        if not isinstance(self.origin, InValues):
            return self
        return self._replace(origin=self.origin._replace(**changes))
