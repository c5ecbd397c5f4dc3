"""What can be written at a place of a policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.arn_references import REF, arn_formats
from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.managed_policies import managed_policies
from multitool_lint.aws.catalog.queries import formats_of_action, keys_at, value_types
from multitool_lint.aws.condition_keys import global_key, global_keys
from multitool_lint.aws.condition_operators import FAMILIES
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.aws.policy_variables import SINCE
from multitool_lint.aws.principals import service_principals
from multitool_lint.aws.regions import partitions
from multitool_lint.aws.service_requests import CALLED_VIA_KEYS, SERVICE_VALUED_KEYS
from multitool_lint.engines.policy_sentry import level
from multitool_lint.limits import MAX_COMPLETIONS
from multitool_lint.policy.document import Statement
from multitool_lint.reporters.elements import ARGUMENTS, EFFECTS, ELEMENTS, PRINCIPAL_TYPES
from multitool_lint.server import arns
from multitool_lint.server.tokens import TokenKind
from multitool_lint.server.unfinished import STATEMENT_BLOCK, Cursor

_ROOT = ("Version", "Id", "Statement")
_ARGUMENTS_OF = {
    "principals": ("type", "identifiers"),
    "condition": ("test", "variable", "values"),
}
BLOCKS = {"principals", "not_principals", "condition"}
_PRINCIPAL_FORMATS = {
    "AWS": (
        "arn:${Partition}:iam::${Account}:root",
        "arn:${Partition}:iam::${Account}:role/${RoleName}",
        "arn:${Partition}:iam::${Account}:user/${UserName}",
        "arn:${Partition}:sts::${Account}:assumed-role/${RoleName}/${SessionName}",
        "arn:${Partition}:sts::${Account}:federated-user/${UserName}",
    ),
    "Federated": (
        "arn:${Partition}:iam::${Account}:oidc-provider/${Issuer}",
        "arn:${Partition}:iam::${Account}:saml-provider/${Name}",
    ),
}
_PROVIDERS = {
    "accounts.google.com": "Google",
    "cognito-identity.amazonaws.com": "Amazon Cognito",
    "graph.facebook.com": "Facebook",
    "www.amazon.com": "Login with Amazon",
}
_SERVICE_KEYS = SERVICE_VALUED_KEYS | CALLED_VIA_KEYS | {"iam:passedtoservice"}


class CompletionCandidate(NamedTuple):
    """A text that can be written, what it is, and by what it is sorted before its name."""

    text: str
    detail: str = ""
    order: str = ""


def candidates(cursor: Cursor, catalog: Catalog) -> Iterable[CompletionCandidate]:
    """What can be written at a cursor: of keys, those that are not there yet."""
    found = _CANDIDATES[cursor.kind](cursor, catalog)
    there = {*cursor.members} - BLOCKS if cursor.is_key else ()
    return (candidate for candidate in found if candidate.text not in there)


def _elements(cursor: Cursor, _: Catalog) -> Iterator[CompletionCandidate]:
    """The elements that are not there yet; of Action and NotAction, one is enough."""
    there = {STATEMENT_BLOCK.get(key, key).removeprefix("Not") for key in cursor.members}
    if cursor.statement is None:
        names: Iterable[str] = _ROOT
    else:
        names = STATEMENT_BLOCK if cursor.is_block else dict.fromkeys(STATEMENT_BLOCK.values())
    for order, name in enumerate(names):
        element = STATEMENT_BLOCK.get(name, name)
        if element.removeprefix("Not") not in there or name in BLOCKS:
            yield CompletionCandidate(name, ELEMENTS[element], f"{order:02}")


def _actions(cursor: Cursor, catalog: Catalog) -> Iterator[CompletionCandidate]:
    """Services; after one is named, its actions by access level, the weakest first."""
    prefix, colon, _ = cursor.prefix.partition(":")
    service = catalog.service(prefix) if colon else None
    if service is None:
        yield from (
            CompletionCandidate(f"{name}:", "service")
            for name in sorted(catalog.all_actions().prefixes)
        )
        return
    there = set(cursor.statement.lower_action_names) if cursor.statement else set()
    yield from (
        candidate
        for candidate in _of_service(catalog, service.prefix)
        if candidate.text.lower() not in there
    )


@lru_cache(maxsize=16)
def _of_service(catalog: Catalog, prefix: str) -> tuple[CompletionCandidate, ...]:
    service = catalog.known(prefix)
    found = [service.action_at(at) for at in range(service.current)]
    whole = CompletionCandidate(
        f"{prefix}:*", f"all {service.current:,} actions of {service.name}", "~"
    )
    return (*(CompletionCandidate(action.name, level(action, catalog)) for action in found), whole)


def _resources(cursor: Cursor, catalog: Catalog) -> Iterator[CompletionCandidate]:
    """The formats of the statement's actions, resources of the same file, and ARNs step by step."""
    names = _named_actions(cursor.statement, catalog)
    formats = dict.fromkeys(
        form for name in names for form in formats_of_action(catalog, name) or ()
    )
    services = {form.split(":")[2] for form in formats}
    yield from (
        CompletionCandidate(text, detail, "0") for text, detail in _of_file(cursor, services)
    )
    yield from _formats(cursor.prefix, formats, "of the actions of this statement", "1")
    yield CompletionCandidate("*", "all resources", "2")
    service = catalog.service((*arns.fields_of(cursor.prefix), "", "", "")[2])
    types = service.resource_types.values() if service else ()
    others = dict.fromkeys(form for type_ in types for form in type_.arn_formats)
    parts = arns.steps(cursor.prefix, formats | others, services or catalog.prefixes)
    yield from (CompletionCandidate(text, detail, "3") for text, detail in parts)
    if service:
        yield from _formats(cursor.prefix, others.keys() - formats, f"of {service.name}", "4")


def _formats(
    prefix: str, formats: Iterable[str], detail: str, order: str
) -> Iterator[CompletionCandidate]:
    for form in formats:
        if text := arns.completed(form, prefix):
            yield CompletionCandidate(text, detail, order)


def _of_file(cursor: Cursor, services: set[str]) -> Iterator[tuple[str, str]]:
    """References to the ARNs of resources of the same file."""
    if cursor.root is None:
        return
    known = arn_formats()
    for member in cursor.root.fields():
        word, _, rest = member.key.partition(" ")
        type_, _, name = rest.partition(" ")
        if word == "resource" and name and _acts_on(known.get((type_, "arn"), ""), services):
            reference = f"{type_}.{name}.arn"
            yield (f"${{{reference}}}" if cursor.is_quoted else reference), type_
    if not cursor.is_yaml or cursor.is_quoted:
        return
    resources = cursor.root.get("Resources")
    for member in resources.fields() if resources else ():
        kind = member.value.get("Type")
        for (type_, attribute), form in known.items():
            is_of_type = kind and kind.string == type_ and attribute != REF
            if is_of_type and _acts_on(form, services):
                yield f"!GetAtt {member.key}.{attribute}", type_


def _acts_on(form: str, services: set[str]) -> bool:
    """Whether a format is that of an ARN, of one of the services if there are any."""
    return form.startswith("arn:") and (not services or form.split(":")[2] in services)


def _principals(cursor: Cursor, _: Catalog) -> Iterator[CompletionCandidate]:
    if cursor.about == "Service":
        yield from map(CompletionCandidate, service_principals())
    if cursor.about in ("AWS", "*"):
        yield CompletionCandidate("*", PRINCIPAL_TYPES["*"])
    if cursor.about == "Federated":
        yield from map(CompletionCandidate, _PROVIDERS, _PROVIDERS.values())
    if forms := _PRINCIPAL_FORMATS.get(cursor.about):
        yield from _formats(cursor.prefix, forms, "IAM", "0")
        parts = arns.steps(cursor.prefix, forms, {form.split(":")[2] for form in forms})
        yield from (CompletionCandidate(text, detail, "1") for text, detail in parts)


def _operators(_: Cursor, __: Catalog) -> Iterator[CompletionCandidate]:
    for family, names in FAMILIES.items():
        for name in names:
            yield CompletionCandidate(name, family, "0")
            if name != "Null":
                yield CompletionCandidate(f"{name}IfExists", f"{family}, or the key is absent", "1")
            for qualifier in ("ForAnyValue", "ForAllValues"):
                yield CompletionCandidate(f"{qualifier}:{name}", f"{family}, several values", "2")


def _named_actions(statement: Statement | None, catalog: Catalog) -> list[str]:
    """The actions of a statement that are named in full, and some of those of its wildcards."""
    names: list[str] = []
    for text in statement.action_names if statement else ():
        if has_wildcard(text):
            names += list(catalog.names(catalog.match(text)))[:MAX_COMPLETIONS]
        else:
            names.append(text)
    return names[:MAX_COMPLETIONS]


def _keys(cursor: Cursor, catalog: Catalog) -> Iterator[CompletionCandidate]:
    """The condition keys of the statement's actions, and the global ones."""
    found: dict[str, None] = {}
    statement = cursor.statement
    for prefix in statement.services if statement else ():
        service = catalog.service(prefix)
        if service is None or statement is None:
            continue
        actions = ActionSet().union(map(catalog.match, statement.action_names))
        for place in name_index.positions(actions.bits(service.prefix)):
            found |= dict.fromkeys(keys_at(service, place))
    for name in sorted(found, key=str.lower):
        if not global_key(name):
            yield CompletionCandidate(name, " or ".join(sorted(value_types(catalog, name))), "0")
    for key in global_keys():
        detail = f"{' or '.join(key.types)}, about the {key.scope}"
        yield CompletionCandidate(key.name, detail, "0" if key.name in found else "1")


def _values(cursor: Cursor, catalog: Catalog) -> Iterator[CompletionCandidate]:
    """The values of keys that have known ones."""
    name = cursor.about.lower()
    if name in _SERVICE_KEYS:
        yield from map(CompletionCandidate, service_principals())
    elif name == "aws:requestedregion":
        yield from (
            CompletionCandidate(region)
            for p in partitions().values()
            for region in sorted(p.regions)
        )
    elif "Bool" in value_types(catalog, name):
        yield from map(CompletionCandidate, ("true", "false"))


@lru_cache(maxsize=4)
def _all_managed_policies(catalog: Catalog) -> tuple[CompletionCandidate, ...]:
    known = managed_policies(catalog).values()
    return tuple(
        CompletionCandidate(p.arn, f"v{p.version} of {p.date}") for p in known if p.version
    )


_CANDIDATES: Mapping[TokenKind, Callable[[Cursor, Catalog], Iterable[CompletionCandidate]]] = {
    TokenKind.ELEMENT: _elements,
    TokenKind.BLOCK: lambda cursor, _: (
        CompletionCandidate(name, ARGUMENTS[name]) for name in _ARGUMENTS_OF[cursor.about]
    ),
    TokenKind.VERSION: lambda *_: [CompletionCandidate(SINCE)],
    TokenKind.EFFECT: lambda *_: map(CompletionCandidate, EFFECTS, EFFECTS.values()),
    TokenKind.ACTION: _actions,
    TokenKind.RESOURCE: _resources,
    TokenKind.PRINCIPAL_TYPE: lambda *_: map(
        CompletionCandidate, PRINCIPAL_TYPES, PRINCIPAL_TYPES.values()
    ),
    TokenKind.PRINCIPAL: _principals,
    TokenKind.OPERATOR: _operators,
    TokenKind.KEY: _keys,
    TokenKind.VALUE: _values,
    TokenKind.MANAGED_POLICY: lambda _, catalog: _all_managed_policies(catalog),
}
