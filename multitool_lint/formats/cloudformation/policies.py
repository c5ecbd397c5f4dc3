"""The policy at a place of a template, in all cases that its conditions tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats import policy_text as texts
from multitool_lint.formats import recognize as shape
from multitool_lint.formats.cloudformation.conditions import names_in
from multitool_lint.formats.cloudformation.functions import (
    TOO_MANY,
    Document,
    Facts,
    TooManyValuesError,
    function_name,
)
from multitool_lint.formats.cloudformation.properties import macro_name, member, peeled
from multitool_lint.formats.normalized import Embedded, NormalizedPolicy, write
from multitool_lint.formats.result import SYNTAX_RULE, YAML_SYNTAX_RULE, Problem, Skipped
from multitool_lint.syntax.tree import Members, Node, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from multitool_lint.formats.cloudformation.conditions import Conditions
    from multitool_lint.formats.cloudformation.properties import Place
    from multitool_lint.policy.document import PolicyType
    from multitool_lint.syntax.source import Source, Span

OTHER_LANGUAGE = "a policy in another language than IAM's"

Found = Embedded | NormalizedPolicy | Problem | Skipped


class Kind(NamedTuple):
    """What is certain of a policy."""

    type: PolicyType | None = None
    resource_type: str | None = None
    construct: str | None = None


class Reader:
    """Reads the policies of a template."""

    def __init__(
        self,
        source: Source,
        conditions: Conditions,
        parameters: Mapping[str, str],
        mappings: Mapping[str, Node],
        shared: Sequence[Span],
        *,
        is_yaml: bool,
    ) -> None:
        self._source = source
        self._conditions = conditions
        self._parameters = parameters
        self._mappings = mappings
        self._shared = tuple(shared)
        self._syntax_rule = YAML_SYNTAX_RULE if is_yaml else SYNTAX_RULE

    def facts(self, conditions: Mapping[str, bool]) -> Facts:
        """What is certain in a case."""
        return Facts(self._parameters, self._mappings, conditions)

    def read(self, place: Place, kind: Kind) -> list[Found]:
        """The policies that may stand at a place, and what of them could not be read."""
        names = names_in(place.raw)
        if names is None:
            return [Problem(place.raw.span, TOO_MANY, self._syntax_rule)]
        cases = self._conditions.cases(names, place.given)
        policies: dict[str, Embedded | NormalizedPolicy] = {}
        others: dict[Problem | Skipped, None] = {}
        for conditions in cases.conditions:
            facts = self.facts(conditions)
            raw = peeled(place.raw, facts)
            for one in self._in_case(place._replace(raw=raw), facts, kind) if raw else ():
                if isinstance(one, (Problem, Skipped)):
                    others[one] = None
                else:
                    policies.setdefault(one.policy.source.text, one._replace(case=bool(policies)))
        if not cases.all_:
            reason = "more cases of its conditions than are looked at"
            others[Skipped(place.raw.span, reason, unread=True)] = None
        fixed = (place.raw.span,) if len(policies) > 1 else ()
        return [
            *others,
            *(
                one._replace(fixed=(*one.fixed, *fixed), construct=kind.construct)
                if isinstance(one, NormalizedPolicy)
                else one
                for one in policies.values()
            ),
        ]

    def _in_case(self, place: Place, facts: Facts, kind: Kind) -> list[Found]:
        raw = place.raw
        name = function_name(raw.value) if isinstance(raw.value, Members) else None
        string = _template_of(raw) if name == "Fn::Sub" else raw
        if isinstance(string.value, str) and (raw is string or shape.may_be_policy(string.value)):
            found = texts.read(self._source, string, kind.type, kind.resource_type, place.name)
            return [found]
        if name or not isinstance(raw.value, Members):
            reason = f"decided elsewhere: {name}" if name else "not an object with a Statement"
            return [Skipped(raw.span, reason, unread=True)]
        document = Document(facts)
        try:
            original = document.root(raw)
        except TooManyValuesError:
            return [Problem(raw.span, TOO_MANY, self._syntax_rule)]
        unread = _unread(document, original)
        if not shape.is_policy(original) and member(original, "Statement") is None:
            return [*unread, Skipped(raw.span, shape.why_not(original), unread=True)]
        if not shape.speaks_of_access(original):
            return [*unread, Skipped(raw.span, OTHER_LANGUAGE)]
        type_ = kind.type or shape.type_of(original, kind.resource_type)
        written = write(self._source, original, type_, kind.resource_type, place.name)
        fixed = (*self._shared, *([raw.span] if document.macros else []))
        return [*unread, written._replace(fixed=fixed, functions=tuple(document.functions))]


def _template_of(raw: Node) -> Node:
    """The text in which `Fn::Sub` puts values."""
    argument = raw.value[0].value if isinstance(raw.value, Members) else raw
    return next(iter(listed(argument)), raw)


def _unread(document: Document, original: Node) -> list[Skipped]:
    """What of a policy could not be read."""
    macros = {
        span: f"{macro_name(macro)} in a policy, which AWS expands"
        for span, macro in document.macros
    }
    unread = [Skipped(span, why, unread=True) for span, why in macros.items()]
    return unread + [each for each in shape.decided_elsewhere(original) if each.span not in macros]
