"""Policies anywhere in a document, recognised by their shape, as an object or as a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.name_index import close, fold
from multitool_lint.formats import quick_tests, recognize
from multitool_lint.formats.aws_cli import keys
from multitool_lint.formats.cloudformation.functions import NOTHING, Facts, types_in
from multitool_lint.formats.cloudformation.policies import from_object, joined
from multitool_lint.formats.cloudformation.template import Template, is_template
from multitool_lint.formats.endings import format_name
from multitool_lint.formats.extract import Candidate, Extractor
from multitool_lint.formats.found import OF_A_MODULE, PRINTED, FoundPolicy
from multitool_lint.formats.local_files import NAMED_BY_SERVERLESS, files_of_service
from multitool_lint.formats.policy_texts import policy_around
from multitool_lint.formats.result import TEMPLATE, NamedFile, not_policy, not_read
from multitool_lint.formats.serverless import (
    STATEMENTS,
    StatementReferences,
    template_sections,
    types_in_files,
    website_buckets,
)
from multitool_lint.formats.statements import of_aws, of_module
from multitool_lint.formats.terraform.scope import ValueBudget
from multitool_lint.limits import MAX_TREE_DEPTH
from multitool_lint.reasons import Reason
from multitool_lint.syntax.decoded_text import DecodedText, in_string, of_lines
from multitool_lint.syntax.placeholders import has_placeholder
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Array, Member, Node, Object
from multitool_lint.values.cloudformation import function

if TYPE_CHECKING:
    from multitool_lint.formats.extract import Found

_OF_SERVERLESS = ("service", "provider")
"""What the main file of the framework has."""

_REFERENCE = re.compile(r"!Ref|!GetAtt|!Sub|Fn::|\bRef['\"]?\s*:")
_OF_ROLE = re.compile(r"(?:.*/)?(?:iam/role/statements|iamRoleStatements)")
_ELEMENTS = ("id", "statement", "version")
"""The elements of a policy, in lower case."""

_COPY = "aws:cdk:cloudformation:props"
"""The key below which the CDK's tree of constructs, `tree`, repeats what its templates say."""


class Search:
    """Searches the documents of a file; `format` is that of a template among them."""

    def __init__(self, extractor: Extractor) -> None:
        self.format = ""
        self._extractor = extractor
        self._seen: set[int] = set()
        self._references = StatementReferences(extractor.source)
        self._budget = ValueBudget()
        self._facts: Facts | None = None
        self._has_copies = False
        self._is_template = format_name(extractor.source.path) != extractor.source.path.lower()
        self._of_modules = quick_tests.may_be_statements_in_data(extractor.source.text)
        self._refers = _REFERENCE.search(extractor.source.text) is not None

    def policies(self, root: Node, name: str = "") -> Iterator[Found]:
        """The policies of a document, and what could not be read."""
        self._references.root = root
        serverless = all(root.get(key) is not None for key in _OF_SERVERLESS)
        websites = website_buckets(root) if serverless else ()
        files = self._files_of_service(serverless)
        types = types_in_files(self._extractor.source, files)
        self._extractor = self._extractor._replace(
            serverless=serverless or bool(files),
            websites=websites,
            resources=tuple(types.items()),
        )
        if serverless or types:
            own = types_in(template_sections(root) if serverless else ())
            self._facts = Facts(resources={**types, **own})
        return self._search(root, name, 0)

    def _files_of_service(self, serverless: bool) -> list[str]:  # noqa: FBT001 - of a document
        """The files that may declare what is referred to, of a service that includes this one."""
        source = self._extractor.source
        if serverless:
            return NAMED_BY_SERVERLESS.findall(source.text)
        return files_of_service(source) if self._refers else []

    def _search(self, node: Node, name: str, depth: int) -> Iterator[Found]:
        if id(node) in self._seen or depth > MAX_TREE_DEPTH:
            return
        self._seen.add(id(node))
        if root := of_module(node, name) if self._of_modules else None:
            candidate = Candidate(root, node.span, name or None, fixed=(node.span,))
            candidate = candidate._replace(unchanged=OF_A_MODULE, fragment=True)
            yield from from_object(self._extractor, candidate, root)
        elif root := of_aws(node):
            yield from self._statements(node, root, name, depth)
        elif isinstance(node.value, Object):
            yield from self._object(node, node.value, name, depth)
        elif isinstance(node.value, Array):
            text = of_lines(self._extractor.source, node.items())
            if text and quick_tests.may_be_text_with_policies(text.text):
                yield from self._embedded(text, node, name)
                return
            for number, item in enumerate(node.value):
                inner = f"{name}/{number}" if name else str(number)
                yield from self._search(item, inner, depth + 1)
        elif isinstance(node.value, str):
            yield from self._of_text(node, node.value, name)

    def _object(self, node: Node, members: Object, name: str, depth: int) -> Iterator[Found]:
        """The policies of an object, which may be one, or what a tool makes of some."""
        if is_template(node):
            self.format = TEMPLATE
            yield from Template(self._extractor, node).policies()
        elif recognize.is_response(node):
            yield from self._of_response(node, name)
        elif recognize.is_policy(node) and (depth == 0 or recognize.has_elements(node)):
            candidate = Candidate(node, node.span, name or None)
            policy = _without_own_keys(node, members) if depth else node
            yield from from_object(self._extractor, candidate, policy)
        elif (text := self._joined(node)) and recognize.is_policy_text(text.text):
            yield self._extractor.extract(Candidate(text, node.span, name or None))
        else:
            yield from self._members(members, name, depth)

    def _joined(self, node: Node) -> DecodedText | None:
        """The text that `Fn::Join` makes, also where another tool has it, such as org-formation."""
        called, argument = function(node)
        return joined(argument, self._facts or NOTHING) if called == "Fn::Join" else None

    def _statements(self, node: Node, root: Node, name: str, depth: int) -> Iterator[Found]:
        """The policy of statements; it is said where they are all of a file, and no template."""
        if depth == 0 and not self._is_template:
            yield not_policy(node.span, Reason.BARE_STATEMENT)
            if files_of_service(self._extractor.source):
                return  # the statements are read there
        candidate = Candidate(root, node.span, name or None, fragment=True)
        yield from from_object(self._extractor, candidate, root, self._facts)

    def _of_response(self, node: Node, name: str) -> Iterator[Found]:
        """The policy of the statement that AWS returns, as an object or as a text."""
        statement = node.get("Statement") or node
        candidate = Candidate(
            statement,
            statement.span,
            name or None,
            fixed=(statement.span,),
            unchanged=PRINTED,
            printed=True,
            fragment=True,
        )
        if statement.string is not None:
            yield self._extractor.extract(candidate)
        else:
            yield from from_object(self._extractor, candidate, policy_around(statement))

    def _of_text(self, node: Node, text: str, name: str) -> Iterator[Found]:
        """The policies of a text, which may be one, or a file or script that has some."""
        if recognize.is_policy_text(text, or_statements=True):
            yield self._extractor.extract(Candidate(node, node.span, name or None))
        elif quick_tests.may_be_text_with_policies(text):
            yield from self._embedded(in_string(self._extractor.source, node), node, name)

    def _embedded(self, text: DecodedText, node: Node, name: str) -> Iterator[Found]:
        """The policies of a text that is a file or script."""
        from multitool_lint.formats import embedded_texts  # few documents have such texts

        yield from embedded_texts.policies(self._extractor, text, node.span, name, self._budget)

    def _partly_elsewhere(self, found: Iterable[Found], files: tuple[Span, ...]) -> Iterator[Found]:
        """The policy of statements, of which those are not reported that are read in their file."""
        there = self._references.read_there
        spans = tuple(span for span in files if span in there)
        for span in spans:
            file = NamedFile(there[span])
            yield not_policy(span, Reason.IN_FILE, file.name)._replace(file=file)
        for entry in found:
            yield entry._replace(elsewhere=spans) if isinstance(entry, FoundPolicy) else entry

    def _resolved(self, member: Member) -> tuple[Node, tuple[Span, ...]]:
        """The value of a member, with the statements that it names, and where files are named."""
        if STATEMENTS.fullmatch(member.key):
            return self._references.resolve(member.value, self._seen)
        return member.value, ()

    def _members(self, members: Object, name: str, depth: int) -> Iterator[Found]:
        documents = {member.key: member.value for member in members}
        if "Document" in documents and keys.is_version_of_aws(name.rpartition("/")[2], documents):
            yield not_policy(documents["Document"].span, Reason.MANAGED_BY_AWS)
            return
        resources = [member for member in members if _is_resource(member.value)]
        if resources:
            self.format = TEMPLATE
            root = _template_of(resources)
            yield from Template(self._extractor, root).policies()
            members = Object(member for member in members if not _is_resource(member.value))
        for member in members:
            inner = f"{name}/{member.key}" if name else member.key
            if member.key == _COPY and name.startswith("tree"):
                if not self._has_copies:
                    yield not_policy(member.value.span, Reason.COPY_OF_TEMPLATE)
                self._has_copies = True
                continue
            value, files = self._resolved(member)
            if STATEMENTS.fullmatch(member.key) and _are_statements(value):
                root = policy_around(value, member.key_span)
                extractor = self._extractor._replace(serverless=True)
                candidate = Candidate(root, root.span, inner, fixed=files)
                yield from self._partly_elsewhere(
                    from_object(extractor, candidate, root, self._facts), files
                )
            elif _OF_ROLE.fullmatch(inner) and all(map(_is_unresolved, value.items() or (value,))):
                yield not_read(member.value.span, Reason.UNRESOLVED_STATEMENTS)
            else:
                yield from self._search(member.value, inner, depth + 1)


def _without_own_keys(node: Node, members: Object) -> Node:
    """A policy without what a program keeps next to its elements, such as a `name` in lower case.

    What may be a misspelt element stays.
    """
    own = [m for m in members if m.key[:1].islower() and not close(fold(m.key), _ELEMENTS)]
    if not own:
        return node
    return Node(node.span, Object(m for m in members if m not in own), node.pointer)


def _is_resource(node: Node) -> bool:
    """Whether a value is a resource of a template, of which a document may be an excerpt."""
    type_ = node.get("Type")
    is_of_aws = type_ is not None and (type_.string or "").startswith("AWS::")
    return is_of_aws and isinstance(getattr(node.get("Properties"), "value", None), Object)


def _template_of(resources: list[Member]) -> Node:
    """The template that has these resources, and nothing else."""
    span = resources[0].value.span
    section = Member("Resources", span, Node(span, Object(resources), ""))
    return Node(span, Object([section]), "")


def _are_statements(node: Node) -> bool:
    """Whether a list is one of statements, of which some may be unresolved."""
    return recognize.are_statements([item for item in node.items() if not _is_unresolved(item)])


def _is_unresolved(node: Node) -> bool:
    return isinstance(node.value, str) and has_placeholder(node.value)
