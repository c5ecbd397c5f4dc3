"""Policies wherever they stand in a document: one by its shape, as an object or as a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats import policy_text as texts
from multitool_lint.formats import recognize as shape
from multitool_lint.formats.cloudformation import sam
from multitool_lint.formats.cloudformation.functions import TOO_MANY, Document, TooManyValuesError
from multitool_lint.formats.cloudformation.template import Template, is_template
from multitool_lint.formats.normalized import NormalizedPolicy, write
from multitool_lint.formats.result import SYNTAX_RULE, YAML_SYNTAX_RULE, Problem, Skipped
from multitool_lint.syntax.placeholders import has_placeholder
from multitool_lint.syntax.tree import UNKNOWN, Items, Members, Node

if TYPE_CHECKING:
    from multitool_lint.formats.normalized import Embedded
    from multitool_lint.policy.document import PolicyType
    from multitool_lint.syntax.source import Source, Span

_DEEPEST = 100
_STATEMENTS = re.compile(r"(?:.*RoleS|s)tatements|resourcePolicy")
"""Keys of the Serverless Framework."""

_OF_ROLE = re.compile(r"(?:.*/)?(?:iam/role/statements|iamRoleStatements)")
_COPIES = frozenset({"aws:cdk:cloudformation:props"})
"""Keys below which the CDK's tree of constructs repeats what its templates say."""


class Search:
    """What is found in the documents of a file.

    `shared` are the parts of it that stand for several values.
    """

    def __init__(
        self,
        source: Source,
        shared: tuple[Span, ...],
        type: PolicyType | None,
        resource_type: str | None,
        *,
        is_yaml: bool,
    ) -> None:
        self.policies: list[Embedded | NormalizedPolicy] = []
        self.problems: list[Problem] = []
        self.skipped: list[Skipped] = []
        self.prefix = ""
        self.format = ""
        self._source = source
        self._shared = shared
        self._type = type
        self._resource_type = resource_type
        self._is_yaml = is_yaml
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
        elif isinstance(value, str) and shape.is_policy_text(value, or_statements=True):
            self._text(node, name)

    def _members(self, members: Members, name: str, depth: int) -> None:
        for each in members:
            inner = f"{name}/{each.key}" if name else each.key
            if each.key in _COPIES:
                continue
            if _STATEMENTS.fullmatch(each.key) and _are_statements(each.value):
                self._policy(sam.around(each.value, each.key_span), inner)
            elif _OF_ROLE.fullmatch(inner) and _is_decided_elsewhere(each.value):
                reason = "statements that are decided elsewhere"
                self.skipped.append(Skipped(each.value.span, reason, unread=True))
            else:
                self._search(each.value, inner, depth + 1)

    def _template(self, node: Node) -> None:
        template = Template(
            self._source,
            node,
            is_yaml=self._is_yaml,
            shared=self._shared,
            type=self._type,
            resource_type=self._resource_type,
        )
        loaded = template.read()
        self.format = loaded.format
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
            rule = YAML_SYNTAX_RULE if self._is_yaml else SYNTAX_RULE
            self.problems.append(Problem(node.span, TOO_MANY, rule))
            return
        if original.value is UNKNOWN:
            self.skipped.append(Skipped(node.span, shape.why_not(original), unread=True))
            return
        if not shape.speaks_of_access(original):
            reason = "a policy in another language than IAM's"
            self.skipped.append(Skipped(node.span, reason))
            return
        self.skipped += shape.decided_elsewhere(original)
        kind = self._type or shape.type_of(original, self._resource_type)
        written = write(self._source, original, kind, self._resource_type, name or None)
        self.policies.append(written._replace(fixed=self._shared))


def _are_statements(node: Node) -> bool:
    """Whether a list is one of statements, of which some may be decided elsewhere."""
    items = node.value if isinstance(node.value, Items) else Items()
    return shape.are_statements([each for each in items if not _is_decided_elsewhere(each)])


def _is_decided_elsewhere(node: Node) -> bool:
    return isinstance(node.value, str) and has_placeholder(node.value)
