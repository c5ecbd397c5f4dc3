"""Policies in YAML: files of one, templates of CloudFormation, and what else has policies in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.loaders import sam, shape, texts, yaml_text
from multitool_lint.loaders.documents import TOO_MANY, Document, TooManyValuesError
from multitool_lint.loaders.glance import may_be_yaml_policies
from multitool_lint.loaders.json_mistakes import MistakeError
from multitool_lint.loaders.loaded import YAML_SYNTAX_RULE, Loaded, Problem, Skipped
from multitool_lint.loaders.placeholders import control_tag
from multitool_lint.loaders.templates import Template, is_template
from multitool_lint.loaders.written import Written, write
from multitool_lint.policy import UNKNOWN, Items, Members, Node
from multitool_lint.source import Source, Span

if TYPE_CHECKING:
    from multitool_lint.loaders.embedded import Embedded
    from multitool_lint.loaders.loaded import Comment
    from multitool_lint.policy import PolicyType

NO_POLICY = "nothing with a Statement"

_DEEPEST = 60
_TEMPLATE = re.compile(r"""^[ \t]*["']?Type["']?[ \t]*:[ \t]*["']?AWS::""", re.MULTILINE)
_STATEMENTS = re.compile(r"(?:^|.*RoleS|s)tatements")


def load(
    source: Source,
    *,
    type: PolicyType | None = None,
    resource_type: str | None = None,
) -> Loaded:
    """Read the policies of all documents of a YAML file.

    `type` and `resource_type` hold where the file does not tell what a policy is attached to.
    """
    text = source.text
    whole = Span(0, len(text))
    if not may_be_yaml_policies(text):
        return Loaded(skipped=(Skipped(whole, NO_POLICY),))
    try:
        read = yaml_text.parse(text)
    except MistakeError as mistake:
        return _broken(text, mistake)
    found = _Found(source, read.shared, type, resource_type)
    for number, root in enumerate(read.documents, 1):
        found.prefix = f"document {number}" if len(read.documents) > 1 else ""
        found.document(root)
    comments: tuple[Comment, ...] = ()
    if "multitool-lint" in text:
        from multitool_lint.loaders.yaml_comments import comments_in

        comments = comments_in(text, read)
    skipped = found.skipped
    if not (found.policies or found.problems or skipped):
        skipped = [Skipped(whole, _why_not(read.documents))]
    return Loaded(
        problems=tuple(found.problems),
        skipped=tuple(skipped),
        comments=comments,
        written=tuple(found.policies),
    )


def resembles_ours(text: str) -> bool:
    """Whether a text that cannot be parsed seems to be meant as a policy or template."""
    return shape.resembles_policy(text) or _TEMPLATE.search(text) is not None


def _broken(text: str, mistake: MistakeError) -> Loaded:
    tag = control_tag(text)
    if tag:
        reason = f"a template with `{tag[0]}` tags; lint what it is rendered to"
        return Loaded(skipped=(Skipped(Span(*tag.span()), reason, unread=True),))
    if resembles_ours(text):
        return Loaded(problems=(Problem(mistake.span, mistake.message, YAML_SYNTAX_RULE),))
    return Loaded(skipped=(Skipped(mistake.span, "not YAML"),))


def _why_not(documents: tuple[Node, ...]) -> str:
    return shape.why_not(documents[0]) if len(documents) == 1 else NO_POLICY


class _Found:
    """What is found in the documents of a file."""

    def __init__(
        self,
        source: Source,
        shared: tuple[Span, ...],
        type: PolicyType | None,
        resource_type: str | None,
    ) -> None:
        self.policies: list[Embedded | Written] = []
        self.problems: list[Problem] = []
        self.skipped: list[Skipped] = []
        self.prefix = ""
        self._source = source
        self._shared = shared
        self._type = type
        self._resource_type = resource_type
        self._seen: set[int] = set()

    def document(self, root: Node) -> None:
        """Look for policies in a document."""
        self._search(root, self.prefix, 0)

    def _search(self, node: Node, name: str, depth: int) -> None:
        value = node.value
        if id(node) in self._seen or depth > _DEEPEST:
            return
        self._seen.add(id(node))
        if isinstance(value, Members):
            if is_template(node):
                self._template(node)
            elif shape.is_policy(node) and (depth == 0 or shape.has_elements(node)):
                self._policy(node, name)
            else:
                self._members(value, name, depth)
        elif isinstance(value, Items):
            for number, each in enumerate(value):
                self._search(each, f"{name}/{number}" if name else str(number), depth + 1)
        elif isinstance(value, str) and shape.is_policy_text(value):
            self._text(node, name)

    def _members(self, members: Members, name: str, depth: int) -> None:
        for each in members:
            inner = f"{name}/{each.key}" if name else each.key
            if _STATEMENTS.fullmatch(each.key) and _are_statements(each.value):
                self._policy(sam.around(each.value, each.key_span), inner)
            else:
                self._search(each.value, inner, depth + 1)

    def _template(self, node: Node) -> None:
        template = Template(
            self._source,
            node,
            is_yaml=True,
            shared=self._shared,
            type=self._type,
            resource_type=self._resource_type,
        )
        loaded = template.read()
        self.policies += loaded.written
        self.problems += loaded.problems
        self.skipped += loaded.skipped

    def _text(self, node: Node, name: str) -> None:
        found = texts.read(self._source, node, self._type, self._resource_type, name or None)
        if isinstance(found, Problem):
            self.problems.append(found)
        elif isinstance(found, Skipped):
            self.skipped.append(found)
        else:
            self.policies.append(found)

    def _policy(self, node: Node, name: str) -> None:
        try:
            original = Document().root(node)
        except TooManyValuesError:
            self.problems.append(Problem(node.span, TOO_MANY, YAML_SYNTAX_RULE))
            return
        if original.value is UNKNOWN:
            self.skipped.append(Skipped(node.span, shape.why_not(original), unread=True))
            return
        if not shape.speaks_of_access(original):
            reason = "a policy in another language than IAM's"
            self.skipped.append(Skipped(node.span, reason))
            return
        kind = self._type or shape.type_of(original, self._resource_type)
        written = write(self._source, original, kind, self._resource_type, name or None)
        self.policies.append(written._replace(fixed=self._shared))


def _are_statements(node: Node) -> bool:
    """Whether a list is one of statements: what the Serverless Framework makes a policy of."""
    return (
        isinstance(node.value, Items)
        and bool(node.value)
        and all(
            isinstance(each.value, Members)
            and each.value.find("Effect") is not None
            and (each.value.find("Action") or each.value.find("NotAction")) is not None
            for each in node.value
        )
    )
