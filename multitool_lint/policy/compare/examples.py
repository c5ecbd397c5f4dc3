"""Examples of requests that two sides decide in different ways, each checked before it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from multitool_lint.aws import patterns
from multitool_lint.aws.arn import API_GATEWAY, FIELDS, PLACEHOLDER, matches_all
from multitool_lint.aws.arn_overlap import may_name
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.queries import formats_of_action
from multitool_lint.aws.policy_variables import OPENER
from multitool_lint.aws.principals import role_arn, role_of, role_of_session, session_of
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK
from multitool_lint.policy.compare.reference import may_act_on
from multitool_lint.policy.compare.request import (
    Request,
    Values,
    all_of,
    any_of,
    opposite,
    plain,
    resolved,
    scope_matches,
)
from multitool_lint.policy.compare.scope import RequestScope, Resources, is_arn

if TYPE_CHECKING:
    from multitool_lint.policy.compare.callers import Principal
    from multitool_lint.policy.compare.question import Found
    from multitool_lint.policy.compare.reading import StatementReading
    from multitool_lint.policy.compare.scope_index import Unit
    from multitool_lint.policy.compare.statement import ActionPatterns

_CHOICES = 4
"""Actions, and formats of ARNs, that are tried for an example."""
_TRIED = 50
"""Actions that are asked whether they act on a resource."""

_ARN_KEY, _ACCOUNT_KEY = "aws:principalarn", "aws:principalaccount"
_NAME, _PARTITION, _REGION, _ACCOUNT = "example", "aws", "us-east-1", "123456789012"
_USUAL = ("arn", _PARTITION, _NAME, _REGION, _ACCOUNT)
_USUAL_ARN = f"arn:{_PARTITION}:{{}}:{_REGION}:{_ACCOUNT}:{_NAME}"
_RESTS = (_NAME, f"{_NAME}/{_NAME}", f"{_NAME}:{_NAME}", f"{_NAME}/{_NAME}/{_NAME}")
_PARTS = lazy_pattern(r"\$\{(\w+)\}")
_PLACEHOLDERS = {"Partition": _PARTITION, "Region": _REGION, "Account": _ACCOUNT}


def is_about(unit: Unit, request: Request, reading: StatementReading | None) -> bool | None:
    """Whether a statement is about a request; None if that depends on what is not known."""
    scope, statement = unit
    about = _has_action(statement.names, request.action)
    if about is False:
        return False
    scope = reading.of_scope(scope) if reading else scope
    return all_of((about, scope_matches(scope, request)))


def _has_action(names: ActionPatterns, action: str) -> bool | None:
    found = any_of(
        None if UNKNOWN_MARK in name else patterns.matches(name, action.lower())
        for name in names.patterns
    )
    return opposite(found) if names.negated else found


def requests(
    found: Found, scope: RequestScope, actions: Sequence[str], catalog: Catalog
) -> Iterator[Request]:
    """Requests of the kind that was found, the most natural ones first."""
    if found.reading:
        scope = found.reading.of_scope(scope)
    context = {
        key: kind.example if isinstance(kind.example, tuple) else None
        for key, kind in found.values.items()
    }
    caller = found.principal.example
    principal = (caller[0], caller[1]) if isinstance(caller, tuple) else None
    natural = context | _natural_values(context, scope)
    contexts = [natural, context] if natural != context else [context]
    targets = _targets(found.resource.example, scope.resources, context, actions, catalog)
    for action, resource in targets:
        for some in contexts:
            for caller, values in _callers(principal, some):
                yield Request(action, resource, caller, values, found.assumptions)


def _targets(
    example: object,
    resources: Resources,
    context: Mapping[str, Values],
    actions: Sequence[str],
    catalog: Catalog,
) -> Iterator[tuple[str, str | None]]:
    """Actions with resources: first those that they act on, last those of no documented format."""
    named = list(_named(resources, context))
    natural = list(_natural_first(actions, resources, catalog))
    documented = []
    for action in natural:
        for resource in _documented(example, named, _formats(catalog, action)):
            documented.append((action, resource))
            yield action, resource
    yield from ((action, _in_china(resource)) for action, resource in documented if resource)
    yield from (
        (action, resource)
        for action in natural
        for resource in _others(example, named)
        if may_act_on(catalog, action, resource)
    )


def _formats(catalog: Catalog, action: str) -> tuple[str, ...]:
    """The formats of the ARNs that an action acts on."""
    formats = formats_of_action(catalog, action)
    # As those of an action that the catalog does not have.
    return (_USUAL_ARN.format(action.partition(":")[0]),) if formats is None else formats


def _natural_values(
    context: Mapping[str, Values], scope: RequestScope
) -> dict[str, tuple[str, ...]]:
    """Values that conditions of a scope match, as they might be, of keys with one value."""
    return {
        clause.key: (value.replace("*", _NAME).replace("?", "x"),)
        for clause in scope.conditions
        if clause.operator == "StringLike" and len(context.get(clause.key) or ()) == 1
        for value in sorted(clause.values)[:1]
        if not (matches_all(value) or OPENER in value or UNKNOWN_MARK in value)
    }


def _natural_first(actions: Sequence[str], resources: Resources, catalog: Catalog) -> Iterable[str]:
    """Some of the actions, the first one an action on such resources, if there is one."""
    natural = (name for name in actions[:_TRIED] if _acts_on(catalog, name, resources))
    return dict.fromkeys([*islice(natural, 1), *actions[:_CHOICES]])


def _acts_on(catalog: Catalog, action: str, resources: Resources) -> bool:
    formats = formats_of_action(catalog, action)
    if resources.negated or not formats:
        return resources.negated or formats is None or any(map(matches_all, resources.patterns))
    return any(may_name(format_, text) for format_ in formats for text in resources.patterns)


def _callers(
    principal: Principal, context: Mapping[str, Values]
) -> Iterator[tuple[Principal, Mapping[str, Values]]]:
    """Principals with a context that is theirs: their ARN and account may be keys of it."""
    if principal is None or not context.keys() & {_ARN_KEY, _ACCOUNT_KEY}:
        yield principal, context
        return
    for arn in context.get(_ARN_KEY) or ():
        role = role_of(arn)
        yield from _consistent(("AWS", session_of(role, _NAME) if role else arn), arn, context)
    role = role_of_session(principal[1])
    yield from _consistent(principal, role_arn(role) if role else principal[1], context)


def _consistent(
    principal: Principal, arn: str, context: Mapping[str, Values]
) -> Iterator[tuple[Principal, Mapping[str, Values]]]:
    if is_arn(arn):
        facts = {_ARN_KEY: (arn,), _ACCOUNT_KEY: (arn.split(":")[4],)}
        yield principal, {key: facts.get(key, values) for key, values in context.items()}


def _named(resources: Resources, context: Mapping[str, Values]) -> Iterator[str]:
    """The patterns of resources, with values for the variables."""
    for pattern in () if resources.negated else resources.patterns:
        text = None if matches_all(pattern) else resolved(pattern, context)
        if text is not None:
            yield text


def _documented(
    example: object, named: Iterable[str], formats: Sequence[str]
) -> Iterator[str | None]:
    """Resources that an action acts on, those that patterns match first."""
    if not isinstance(example, str):
        yield None
        return
    if not formats:
        yield "*"
    for pattern in named:
        for rest in _RESTS:
            resource = plain(_filled_in(pattern, rest))
            if any(_is_of(format_).fullmatch(resource) for format_ in formats):
                yield resource
                break
    # The shortest are of what people know best: an object of a bucket, not of an access point.
    for format_ in sorted(formats, key=len)[:_CHOICES]:
        for usual in dict.fromkeys((*map(_usual_in, named), tuple(_PLACEHOLDERS.values()))):
            values = dict(zip(_PLACEHOLDERS, usual, strict=True))
            yield "".join(
                values.get(part, _NAME) if at % 2 else part
                for at, part in enumerate(_PARTS.split(format_))
            )


def _usual_in(pattern: str) -> tuple[str, ...]:
    """The partition, the Region and the account of a pattern, or usual ones for wildcards."""
    fields = (*pattern.split(":", FIELDS - 1), *[""] * FIELDS)
    return tuple(
        usual if not written or patterns.has_wildcard(written) else written
        for written, usual in zip((fields[1], *fields[3:5]), _PLACEHOLDERS.values(), strict=True)
    )


def _in_china(resource: str) -> str:
    """The resource of another partition: the usual one may be allowed on both sides."""
    return resource.replace(f"arn:{_PARTITION}:", "arn:aws-cn:", 1).replace(_REGION, "cn-north-1")


def _others(example: object, named: Iterable[str]) -> Iterator[str]:
    """Resources of which it is not documented that an action acts on them."""
    if isinstance(example, str):
        yield from (plain(_filled_in(pattern)) for pattern in named)
        yield example


@lru_cache(maxsize=1024)
def _is_of(format_: str) -> re.Pattern[str]:
    """What matches the ARNs of a format, with a plain name for each of its placeholders."""
    parts = map(re.escape, PLACEHOLDER.split(format_))
    return re.compile("[^:/]+".join(parts))


def _filled_in(pattern: str, rest: str = _NAME) -> str:
    """A resource that a pattern matches, as one might be named; the last star is the rest."""
    if pattern.startswith(API_GATEWAY):
        pattern = f"arn:aws*:execute-api:*:*:*/{pattern.removeprefix(API_GATEWAY)}"
    *fields, name = pattern.split(":", FIELDS - 1)
    fields = [
        usual if matches_all(field) else field.replace("*", "").replace("?", "x")
        for field, usual in zip(fields, _USUAL, strict=False)
    ]
    before, star, after = name.rpartition("*")
    name = f"{before.replace('*', _NAME)}{star and rest}{after}"
    return ":".join([*fields, name.replace("?", "x")])
