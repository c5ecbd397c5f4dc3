"""Examples of what an answer depends on: a request that is allowed, and one that is not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.condition_operators import operator
from multitool_lint.limits import MAX_TRIED_REQUESTS, MAX_TRIED_VALUES
from multitool_lint.policy.compare.value_forms import value_form
from multitool_lint.policy.compare.value_samples import ValueTest, samples
from multitool_lint.policy.evaluation.asked_request import AskedRequest, MissingPart
from multitool_lint.policy.evaluation.decision import Decision, decide

if TYPE_CHECKING:
    from multitool_lint.ask.can import CanAnswer, Way
    from multitool_lint.policy.compare.request import Values


_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_USUAL = {"Partition": "aws", "Region": "us-east-1", "Account": "111122223333"}


class Example(NamedTuple):
    """A request by its resource and the condition keys that decide, absent ones without values."""

    resource: str
    context: Mapping[str, Values]
    conditions: Mapping[str, bool]


class Examples(NamedTuple):
    """A request that is allowed, and one that is not, where such were found."""

    allowed: Example | None = None
    denied: Example | None = None


def examples(answer: CanAnswer) -> Examples:
    """Requests that show what an answer depends on; none if it is certain."""
    if answer.decision.decision is not Decision.UNKNOWN:
        return Examples()
    missing = answer.decision.missing
    decisive = {part.name for part in missing if part.part is MissingPart.CONDITION}
    found: dict[bool, Example] = {}
    for way in answer.ways:
        for request, context in _requests(way, answer.asked):
            decision = decide(request, way.policies).decision
            if decision is not Decision.UNKNOWN:
                given = way.conditions.items()
                conditions = {name: holds for name, holds in given if name in decisive}
                made = Example(request.resource, context, conditions)
                found.setdefault(decision is Decision.ALLOWED, made)
            if len(found) > 1:
                return Examples(found[True], found[False])
    return Examples(found.get(True), found.get(False))


def _requests(way: Way, asked: AskedRequest) -> Iterator[tuple[AskedRequest, Mapping[str, Values]]]:
    """Requests of the kind that is asked about, with values for what is not known."""
    names = {
        part.name.lower(): part.name
        for part in way.decision.missing
        if part.part is MissingPart.KEY and part.name.lower() not in asked.context
    }
    values = [[*_values(key, way, asked)] for key in names]
    resources = [*_resources(way, asked)] if asked.is_about_several else [asked.resource]
    for chosen in islice(product(*values), MAX_TRIED_REQUESTS):
        context = dict(zip(names, chosen, strict=True))
        for resource in resources:
            request = asked._replace(resource=resource, context=asked.context.with_values(context))
            yield request, {names[key]: value for key, value in context.items()}


def _values(key: str, way: Way, asked: AskedRequest) -> Iterator[Values]:
    """Values of a condition key that conditions distinguish, and none."""
    tests: dict[str, list[ValueTest]] = {}
    for applied in way.decision.statements:
        for condition in applied.statement.conditions if applied.statement else ():
            found = operator(condition.operator.key)
            if found and condition.lower_key == key:
                name = found.name.replace("Not", "")
                family = "String" if found.family in ("ARN", "Binary", "Bool") else found.family
                tests.setdefault(family, []).extend(
                    ValueTest(name, value) for value in condition.names if "${" not in value
                )
    form = value_form(asked.catalog, key)
    for family, some in tests.items():
        if family in ("String", "Numeric", "Date", "IPAddress"):
            # The values of a condition are usual ones, but for ranges of addresses.
            usual = (test.value for test in some if family != "IPAddress")
            listed = (*usual, *samples(family, some, form, lambda _: None))
            for value in islice(dict.fromkeys(listed), MAX_TRIED_VALUES):
                yield (value.replace("*", "example").replace("?", "x"),)
    yield None


def _resources(way: Way, asked: AskedRequest) -> Iterator[str]:
    """Resources that the statements are about, and another one that the action acts on."""
    prefix, star, _ = asked.resource.partition("*")
    for applied in way.decision.statements:
        for text in applied.statement.resource_names if applied.statement else ():
            if "${" not in text and text != "*":
                yield text.replace("*", "example").replace("?", "x")
    if prefix:
        yield f"{prefix}another"
    for form in asked.formats.formats[:1] if star and not prefix else ():
        yield _PLACEHOLDER.sub(lambda match: _USUAL.get(match[1], "another"), form)
