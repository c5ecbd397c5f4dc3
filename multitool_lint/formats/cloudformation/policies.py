"""The policy at a place of a template, in all cases that its conditions distinguish."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats import quick_tests, recognize
from multitool_lint.formats.cloudformation.conditions import Conditions, names_in
from multitool_lint.formats.cloudformation.document import (
    TOO_MANY,
    DocumentReader,
    TooManyValuesError,
)
from multitool_lint.formats.cloudformation.functions import Facts, text_of
from multitool_lint.formats.cloudformation.literals import literal_problem, unknown_problem
from multitool_lint.formats.cloudformation.properties import PolicyProperty, macro_name, peeled
from multitool_lint.formats.extract import UNATTACHED, Attachment, Candidate, Extractor
from multitool_lint.formats.result import Problem, Skipped, not_read
from multitool_lint.formats.samples import with_serverless_variables
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.decoded_text import DecodedText, DecodingStep, in_string
from multitool_lint.syntax.placeholders import has_placeholder
from multitool_lint.syntax.tree import Node, Object, as_list
from multitool_lint.values.cloudformation import function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from multitool_lint.formats.extract import Found
    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.formats.permissions import Permission
    from multitool_lint.syntax.source import Span


class Reader(NamedTuple):
    """Reads the policies of a template."""

    extractor: Extractor
    conditions: Conditions
    parameters: Mapping[str, str]
    mappings: Mapping[str, Node]
    resources: Mapping[str, str]
    names: frozenset[str]

    def facts(self, conditions: Mapping[str, bool]) -> Facts:
        """What is certain in a case."""
        return Facts(self.parameters, self.mappings, conditions, self.resources, self.names)

    def read(self, place: PolicyProperty, attachment: Attachment) -> Iterator[Found]:
        """The policies that may be at a place, and what of them could not be read."""
        return self._in_cases(
            place, lambda node, facts: self._in_case(place, node, facts, attachment)
        )

    def read_permission(self, place: PolicyProperty, permission: Permission) -> Iterator[Found]:
        """The policies of the statement that properties may make."""

        def in_case(node: Node, facts: Facts) -> Iterator[Found]:
            values = {
                name: value
                for name in permission.properties
                if (value := _property(node, name, facts)) is not None
            }
            root = permission.policy(node.span, values, lambda value: text_of(value, facts))
            candidate = permission.candidate(root, place.name)._replace(construct=place.construct)
            yield from from_object(self.extractor, candidate, root, facts)

        return self._in_cases(place, in_case)

    def _in_cases(
        self, place: PolicyProperty, in_case: Callable[[Node, Facts], Iterable[Found]]
    ) -> Iterator[Found]:
        """What a place has in all cases of the conditions that are asked there."""
        span = place.node.span
        names = names_in(place.node)
        if names is None:
            yield self.extractor.problem(span, TOO_MANY)
            return
        cases = self.conditions.cases(names, place.given)
        policies: dict[str, FoundPolicy] = {}
        there: dict[str, list[Mapping[str, bool]]] = {}
        others: dict[Problem | Skipped, None] = {}
        for conditions in cases.conditions:
            facts = self.facts(conditions)
            node = peeled(place.node, facts)
            for found in in_case(node, facts) if node else ():
                if isinstance(found, (Problem, Skipped)):
                    others[found] = None
                elif found:
                    text = found.policy.source.text
                    policies.setdefault(text, found._replace(case=bool(policies)))
                    there.setdefault(text, []).append(conditions)
        if not cases.all_:
            others[not_read(span, Reason.TOO_MANY_CASES)] = None
        yield from others
        for text, policy in policies.items():
            always = not place.given and len(there[text]) == len(cases.conditions)
            found = policy._replace(cases=() if always else tuple(there[text]))
            yield found.fixed_at(span) if len(policies) > 1 else found

    def _in_case(
        self, place: PolicyProperty, node: Node, facts: Facts, attachment: Attachment
    ) -> Iterator[Found]:
        name, argument = function(node)
        # The text in which `Fn::Sub` puts values may be a policy.
        string = next(iter(as_list(argument)), node) if name == "Fn::Sub" else node
        candidate = Candidate(
            string, string.span, place.name, attachment, construct=place.construct
        )
        text = joined(argument, facts) if name == "Fn::Join" else None
        if text and quick_tests.may_be_policy(text.text):
            yield from self._in_text(candidate._replace(value=text))
        elif isinstance(string.value, str) and (
            string is node or quick_tests.may_be_policy(string.value)
        ):
            yield from self._in_text(candidate)
        elif name or not isinstance(node.value, Object):
            why = Why(Reason.UNRESOLVED_FUNCTION, (name,)) if name else Why(Reason.NOT_OBJECT)
            yield Skipped(node.span, why, unread=True)
        else:
            yield from from_object(self.extractor, candidate, node, facts)

    def read_text(self, value: Node | DecodedText, span: Span) -> Iterator[Found]:
        """The policies in a text that is not one itself, such as a script or a template."""
        text = value.value if isinstance(value, Node) else value.text
        if not (isinstance(text, str) and quick_tests.may_be_text_with_policies(text)):
            return
        from multitool_lint.formats import embedded_texts  # few templates have such texts

        if isinstance(value, Node):
            value = in_string(self.extractor.source, value)
        yield from embedded_texts.policies(self.extractor, value, span)

    def _in_text(self, candidate: Candidate) -> Iterator[Found]:
        """The policy that a text is, or those in the document that it is."""
        found = self.extractor.extract(candidate)
        inner: list[Found] = []
        if isinstance(found, Skipped) and found.unread and candidate.attachment == UNATTACHED:
            inner = list(self.read_text(candidate.value, candidate.span))
        yield from inner or [found]


def joined(argument: Node, facts: Facts) -> DecodedText | None:
    """The text that `Fn::Join` makes, in which each part is at the place where it begins."""
    separator, *lists = argument.items() or (argument,)
    if separator.string is None or len(lists) != 1:
        return None
    text = ""
    starts: list[int] = []
    shifts: list[int] = []
    for number, item in enumerate(lists[0].items()):
        part = peeled(item, facts)
        if part is None:
            continue
        text += separator.string if text else ""
        starts.append(len(text))
        shifts.append(part.span.start - len(text))
        inner = text_of(part, facts)
        text += f"${{Part{number}}}" if inner is None else inner
    return (
        DecodedText(text, (DecodingStep(starts, shifts, range(len(starts))),)) if starts else None
    )


def _property(properties: Node, name: str, facts: Facts) -> Node | None:
    """The value of a property that may be in another one; None if it has none in this case."""
    node: Node | None = properties
    for step in name.split("."):
        inner = node.get(step) if node else None
        node = peeled(inner, facts) if inner else None
    return node


def from_object(
    extractor: Extractor, candidate: Candidate, node: Node, facts: Facts | None = None
) -> Iterator[Found]:
    """The policy of an object, and what of it could not be read; of a template, in one case."""
    document = DocumentReader(facts, serverless=extractor.serverless)
    try:
        root = document.root(node)
    except TooManyValuesError:
        yield extractor.problem(node.span, TOO_MANY)
        return
    if any(has_placeholder(member.key) for member in node.fields()):
        yield not_read(node.span, Reason.UNRESOLVED_KEYS)
        return
    if extractor.serverless:
        root = with_serverless_variables(root)
    macros = dict(document.macros)
    for span, macro in macros.items():
        yield not_read(span, Reason.EXPANDED_IN_POLICY, macro_name(macro))
    yield from (
        found for found in recognize.unresolved_statements(root) if found.span not in macros
    )
    yield from (literal_problem(*literal) for literal in document.literals)
    yield from (unknown_problem(*unknown) for unknown in document.unknown)
    yield extractor.extract(
        candidate._replace(
            value=root,
            fixed=(*candidate.fixed, node.span) if macros else candidate.fixed,
            functions=tuple(document.functions),
        )
    )
