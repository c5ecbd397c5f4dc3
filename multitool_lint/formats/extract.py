"""Whether a value of a file is a policy, of which type, and what is reported if it is not.

The readers of the formats find candidates; what becomes of a candidate is decided here for all.
"""

from __future__ import annotations

from enum import Enum

from multitool_lint.formats import names
from multitool_lint.formats.dialects import why_other
from multitool_lint.formats.found import IN_A_STRING, SERVES_OTHERS, FoundPolicy, InText
from multitool_lint.formats.policy_texts import parse, statements_of
from multitool_lint.formats.quick_tests import may_have_placeholders
from multitool_lint.formats.recognize import (
    is_bare_statement,
    is_policy,
    resembles_policy,
    seems_to_have_policy,
    type_of,
    why_not,
)
from multitool_lint.formats.result import SYNTAX_RULE, Problem, Skipped, not_policy, not_read
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import VPC_ENDPOINT
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.policy.visibility import Visibility
    from multitool_lint.syntax.decoded_text import DecodedText

    Found = FoundPolicy | Problem | Skipped | None
    """What becomes of a candidate; None if nothing is reported of it."""


class Certainty(Enum):
    """How certain it is that a candidate is a policy before it is parsed."""

    POLICY = "policy"
    """Its place can only contain a policy: a syntax error is a problem, anything else skipped."""

    KEY = "key"
    """Its key is used for policies, among others: even broken JSON may be skipped."""

    SHAPE = "shape"
    """It only looks like a policy: what does not resemble one is not reported."""


class Attachment(NamedTuple):
    """What a policy is attached to, as far as it is known: its type, and that of the resource."""

    type: PolicyType | None = None
    resource_type: str | None = None
    visibility: Visibility | None = None


UNATTACHED = Attachment()
"""Nothing is known."""


_MANAGED = (PolicyType.IDENTITY, PolicyType.BOUNDARY)
"""The types of managed policies, between which a configuration may decide."""


class Candidate(NamedTuple):
    """A value of a file that may be a policy.

    The `value` is an object as AWS gets it, with the pointers of a policy, or a string node of the
    file, or a decoded text. The normalised policy has the same `fixed`, `functions`, `construct`
    and `unchanged`. `printed` marks the output of a command: a policy is not changed there. Of a
    `fragment`, the policy is made elsewhere.
    """

    value: Node | DecodedText
    span: Span
    name: str | None = None
    attachment: Attachment = UNATTACHED
    certainty: Certainty = Certainty.POLICY
    fixed: tuple[Span, ...] = ()
    functions: tuple[Span, ...] = ()
    construct: str | None = None
    unchanged: str | None = None
    printed: bool = False
    fragment: bool = False


class Extractor(NamedTuple):
    """Makes policies of the candidates of a source.

    `default` is the attachment of the policies for which the file does not specify one. `shared`
    are the parts of the file that have several uses, which no fix may edit. `syntax_rule` is the
    rule of what could not be parsed. In `prose`, bare words are placeholders too. In a
    `serverless` file, the Serverless Framework fills in its variables, and plugins make `websites`
    of the buckets with these names; its `resources` are the types of those in other files of it.
    The template of a nested stack is given `parameters`. A source may be a text in another one, in
    so many `layers`. A block of a page has headings `around` it.
    """

    source: Source
    default: Attachment = UNATTACHED
    shared: tuple[Span, ...] = ()
    syntax_rule: str = SYNTAX_RULE
    prose: bool = False
    serverless: bool = False
    websites: tuple[str, ...] = ()
    resources: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    layers: int = 0
    around: names.Around = names.Around()

    def used_as(self, attachment: Attachment) -> Extractor:
        """What makes the policies that are attached to something, if it is known."""
        if attachment.type is None:
            return self
        given = self.default.type
        if attachment.resource_type == names.MANAGED_POLICY and given in _MANAGED:
            attachment = attachment._replace(type=given)
        return self._replace(default=attachment)

    def extract(self, candidate: Candidate) -> Found:
        """The policy that a candidate is, or what is to be reported instead."""
        value = candidate.value
        if not isinstance(value, Node):
            return self._from_text(candidate, value)
        if isinstance(value.value, str):
            from multitool_lint.syntax.decoded_text import in_string

            return self._from_text(candidate, in_string(self.source, value))
        return self._from_tree(candidate, value)

    def policy(
        self,
        root: Node,
        name: str | None = None,
        attachment: Attachment = UNATTACHED,
        source: Source | None = None,
    ) -> Policy:
        """The policy with this root; its shape decides the type if nothing else does."""
        source = source or self.source
        if self.prose or may_have_placeholders(source.text, *root.span):
            from multitool_lint.formats.samples import with_unknown_parts

            root = with_unknown_parts(root, source.text, prose=self.prose)
        return self._typed(source, root, name, attachment)

    def problem(self, span: Span, message: str) -> Problem:
        """A part of the source that could not be read."""
        return Problem(span, message, self.syntax_rule)

    def _typed(
        self, source: Source, root: Node, name: str | None, attachment: Attachment
    ) -> Policy:
        type_, resource_type, visibility = attachment
        if type_ is None:
            resource_type = resource_type or self.default.resource_type
            visibility = visibility or self.default.visibility
            type_ = self.default.type or self._named(root, name, resource_type)
            type_ = type_ or type_of(root, resource_type)
            if type_ is PolicyType.RESOURCE and not resource_type:
                path = self.source.path
                at_endpoint = names.is_of_endpoint(name, path, self.around)
                resource_type = VPC_ENDPOINT if at_endpoint else None
        elif resource_type == names.MANAGED_POLICY:
            if self.default.type in _MANAGED:
                type_ = self.default.type
            elif names.is_boundary(name or ""):
                type_ = PolicyType.BOUNDARY
        return Policy(source, root, type_, resource_type, name, visibility)

    def _named(self, root: Node, name: str | None, resource_type: str | None) -> PolicyType | None:
        """The type that names suggest for a policy of which nothing else is known."""
        if resource_type:
            return None
        return names.type_of(root, name, self.source.path, self.around, prose=self.prose)

    def _from_text(self, candidate: Candidate, text: DecodedText) -> Found:
        unread = not candidate.printed
        if not text.text.strip():
            return Skipped(candidate.span, Why(Reason.EMPTY_TEXT), unread)
        # As kops accepts statements, or Lambda returns one.
        statements = candidate.fragment or text.text.lstrip().startswith("[")
        root = (statements_of(text.text) if statements else None) or read(
            text, candidate.span, candidate.certainty, unread
        )
        if not isinstance(root, Node):
            return root
        if reason := why_other(root, attached=candidate.attachment != UNATTACHED):
            return not_policy(candidate.span, reason)
        inner = Source(self.source.path, text.text)
        policy = self.policy(root, candidate.name, candidate.attachment, inner)
        policy = policy.with_root(root, fragment=True) if candidate.fragment else policy
        origin = InText(self.source, text)
        if not candidate.printed:
            start, end = candidate.span
            is_shared = any(start < part.end and part.start < end for part in self.shared)
            scalar = start if isinstance(candidate.value, Node) and not is_shared else None
            origin = origin._replace(
                unchanged=SERVES_OTHERS if is_shared else IN_A_STRING, start=scalar
            )
        return FoundPolicy(policy, origin)

    def _from_tree(self, candidate: Candidate, root: Node) -> FoundPolicy | Skipped:
        from multitool_lint.formats.normalized import write
        from multitool_lint.formats.samples import with_unknown_parts

        attached = candidate.attachment != UNATTACHED
        is_statement = attached and is_bare_statement(root)
        if not (is_policy(root) or is_statement) and root.get("Statement") is None:
            return not_read(candidate.span, why_not(root))
        if reason := why_other(root, attached=attached):
            return not_policy(candidate.span, reason)
        root = with_unknown_parts(root, prose=self.prose)
        policy = self._typed(self.source, root, candidate.name, candidate.attachment)
        if candidate.fragment:
            policy = policy.with_root(root, fragment=True)
        written = write(policy)._replace(construct=candidate.construct)
        return written.from_values(
            fixed=(*self.shared, *candidate.fixed),
            functions=candidate.functions,
            unchanged=candidate.unchanged or written.origin.unchanged,
        )


def read(
    text: DecodedText,
    span: Span,
    certainty: Certainty,
    unread: bool,  # noqa: FBT001 - as Skipped has it
    *,
    attached: bool = False,
) -> Node | Problem | Skipped | None:
    """Parse a policy in a text; None if it is not one, and nothing is reported.

    `span` is the span of the text in the file. The spans of a root are those in the text. What is
    `attached` to something must be a policy.
    """
    found = parse(text.text, attached=attached)
    if isinstance(found, Node):
        return found
    resembles = resembles_policy(text.text)
    is_intended = certainty is Certainty.POLICY or resembles
    is_intended = is_intended or (certainty is Certainty.KEY and seems_to_have_policy(text.text))
    if isinstance(found, Problem) and is_intended:
        from multitool_lint.syntax.json.repair import repairs

        return found._replace(repairs=repairs(text.text)).moved(text)
    if certainty is Certainty.SHAPE and not resembles:
        return None
    why = Why(Reason.NOT_JSON) if isinstance(found, Problem) else found.why
    # A policy may be deeper in the document, wherever that was printed.
    return Skipped(span, why, (unread or resembles) and not why.reason.is_left_out)
