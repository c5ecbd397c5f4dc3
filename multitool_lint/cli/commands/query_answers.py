"""What the catalog answers to the questions of the command `query`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog import queries as lookup
from multitool_lint.aws.catalog.attested import evidence, service_evidence
from multitool_lint.aws.catalog.catalog import AccessLevel, Action, Catalog, ConditionKey, Service
from multitool_lint.aws.condition_keys import global_keys
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.cli.files.managed_versions import named_policy
from multitool_lint.cli.output.managed_policy import allowed_by
from multitool_lint.engines.policy_sentry import level


@dataclass(frozen=True, slots=True)
class ActionQuery:
    """Patterns of actions, or prefixes of services, and what narrows them down."""

    patterns: tuple[str, ...] = ()
    levels: frozenset[AccessLevel] = frozenset()
    arn: str | None = None
    condition_key: str | None = None


@dataclass(slots=True)
class QueryAnswer:
    """Actions by name, and what else there is to say.

    `services` were asked for by their prefixes; `operations` are API operations with the actions
    that authorise them; `unknown` are names that the catalog does not have, each with what may be
    meant; `used` says where AWS uses such a name nevertheless; `named` are, by service, the
    resource types that the ARN may name.
    """

    actions: list[Action] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    operations: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    named: dict[str, set[str]] = field(default_factory=dict)
    condition_key: ConditionKey | None = None
    of_every_request: bool = False
    """The condition key is a global one that no service documents: any request may have it."""


def ask(catalog: Catalog, question: ActionQuery) -> QueryAnswer:
    """Answer a question."""
    answer = QueryAnswer()
    found = ActionSet() if question.patterns else catalog.all_actions()
    for pattern in question.patterns:
        found |= _matching(catalog, pattern, answer)
    if question.condition_key is not None:
        found &= _taking(catalog, question, found, answer)
    if question.arn is not None:
        for service, resource in lookup.resource_types_named(catalog, question.arn):
            answer.named.setdefault(service.prefix, set()).add(resource.name)
        found &= lookup.acting_on(catalog, answer.named)
    actions = filter(None, map(catalog.action, catalog.names(found)))
    levels = question.levels
    answer.actions = [
        action for action in actions if not levels or level(action, catalog) in levels
    ]
    return answer


def _matching(catalog: Catalog, pattern: str, answer: QueryAnswer) -> ActionSet:
    service = catalog.service(pattern)
    if service is not None:
        answer.services.append(service)
        return catalog.match(f"{pattern}:*")
    found = catalog.match(pattern)
    if found:
        return found
    authorised = catalog.authorising(pattern)
    if authorised or catalog.is_operation(pattern):
        answer.operations[pattern] = authorised
        return found.union(map(catalog.match, authorised))
    if (managed := named_policy(pattern, catalog)) and managed.version:
        return allowed_by(managed.version.document, catalog)
    used = evidence(catalog, pattern) if ":" in pattern else service_evidence(catalog, pattern)
    if used:
        answer.used[pattern] = used.clause
    answer.unknown[pattern] = () if used else tuple(_intended(catalog, pattern))
    return found


def _intended(catalog: Catalog, pattern: str) -> Iterator[str]:
    prefix, colon, name = pattern.partition(":")
    if not colon and catalog.match(in_any_service := f"*:{pattern}"):
        yield in_any_service
        return
    if has_wildcard(prefix) or (has_wildcard(name) and catalog.service(prefix)):
        return
    if catalog.service(prefix):
        yield from catalog.close_actions(pattern)
        return
    for close in catalog.close_services(prefix):
        if not colon:
            yield close
        elif catalog.match(f"{close}:{name}"):
            yield f"{close}:{name}"


def _taking(
    catalog: Catalog, question: ActionQuery, found: ActionSet, answer: QueryAnswer
) -> ActionSet:
    name = question.condition_key or ""
    answer.condition_key = lookup.condition_key(catalog, name)
    if answer.condition_key is None:
        answer.unknown[name] = tuple(_intended_keys(catalog, name))
        return ActionSet()
    taking = lookup.actions_accepting(catalog, name)
    if taking or not answer.condition_key.scope:
        return taking
    answer.of_every_request = True
    return found if question.patterns or question.arn else ActionSet()


def _intended_keys(catalog: Catalog, name: str) -> Iterable[str]:
    service = catalog.service(name.partition(":")[0])
    keys = service.condition_keys if service else global_keys()
    names = [key.name for key in keys]
    places = name_index.close(name.lower(), tuple(key_name.lower() for key_name in names))
    return [names[at] for at in places]
