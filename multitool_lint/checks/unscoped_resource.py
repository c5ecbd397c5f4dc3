"""Statements on all resources whose actions can be limited to specific ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from multitool_lint.aws import arn
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.tagging import taggables
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.granting import (
    SelfSetTags,
    accepting,
    by_service,
    first_of,
    self_set_tags,
)
from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.policy.access import actions_of, grants_by_statement
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.statement_scope import StatementScope, statement_scopes
from multitool_lint.policy.unrestricted_actions import are_restricted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.aws.catalog.action_scope import ResourceFormats

_TAGGING = ("Tagging",)
_CHANGING = ("Write", *_TAGGING, "Permissions management")


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement with `*`, or with all ARNs that its actions accept.

    Not for statements that grant full access, or that a condition limits to specific targets.
    """
    for scope in statement_scopes(policy, context.catalog):
        if context.rule.brief and (
            scope.everything is None
            or not scope.statement.allows
            or not _is_worth_a_note(scope, context.catalog)
        ):
            continue
        resources = scope.resources or ()
        if scope.everything is not None and _is_wide_grant(scope.statement, context):
            yield from _everything(scope, scope.everything, context)
        elif (
            scope.everything is None
            and resources
            and all("*" in text for text in resources)
            and _is_wide_grant(scope.statement, context)
        ):
            yield from _as_much_as_everything(scope, resources, context)


def _is_worth_a_note(scope: StatementScope, catalog: Catalog) -> bool:
    """Whether a statement has `*` for no action, or for few of those that change."""
    if all(map(_is_limitable, scope.formats)):
        return True
    granted = _granted(scope, catalog)
    changing = [
        (name, formats, actions)
        for name, formats in zip(scope.lower_names, scope.formats, strict=True)
        if (actions := catalog.match(name) & granted)
    ]
    limitable = [entry for entry in changing if _is_limitable(entry[1])]
    needless = [
        name
        for name, formats, actions in limitable
        if not (creating := _creating(name.partition(":")[0], formats, catalog) & granted)
        or (not creating & actions and _is_of_tagged(actions, granted, catalog))
    ]
    return len(needless) > len(changing) - len(limitable)


def _granted(scope: StatementScope, catalog: Catalog) -> ActionSet:
    """The actions of a statement that do more than read."""
    return catalog.at_levels(actions_of(scope.statement, catalog), _CHANGING)


@lru_cache(maxsize=1024)
def _creating(prefix: str, formats: ResourceFormats, catalog: Catalog) -> ActionSet:
    """The actions of a service that create resources with an ID that one of its actions accepts.

    AWS gives these their ID only then, so that they cannot be named, but they can have a tag.
    """
    return ActionSet().union(
        catalog.match(f"{prefix}:{creating}")
        for type_ in formats.types_with_ids()
        for creating in (f"create{type_}", f"run{type_}s", f"start{type_}")
    )


def _is_of_tagged(actions: ActionSet, granted: ActionSet, catalog: Catalog) -> bool:
    """Whether actions change resources of a type that some others tag."""
    return any(
        catalog.match(setter) & granted
        for action in catalog.names(actions - catalog.at_levels(actions, _TAGGING))
        for type_ in taggables(catalog, action, "aws:resourcetag/")
        for setter, _ in type_.setters
    )


def _is_limitable(formats: ResourceFormats) -> bool:
    return formats.limitable and not formats.unscoped


def _is_wide_grant(statement: Statement, context: Context) -> bool:
    """Whether a statement allows its actions on any target and is not full access."""
    if not statement.allows or statement.negates_resources:
        return False
    grant = grants_by_statement(context.policy, context.catalog)[statement]
    return not are_restricted(grant, context.catalog) and not (statement.open_ended and grant.full)


def _everything(scope: StatementScope, at: int, context: Context) -> Iterator[Finding]:
    limitable = [at for at, formats in enumerate(scope.formats) if formats.limitable]
    if limitable:
        names = [scope.action_names[at] for at in limitable]
        tags = _tags(scope.statement, context)
        yield context.finding(
            scope.statement.resource_node(at),
            f'{_named(names)} allowed on "*" but can be limited to specific resources',
            label="all resources",
            notes=(*_listed(names), *tags.notes),
            help=_help(scope, context.catalog),
            related=(
                *accepting(list(map(scope.pattern, limitable[:MAX_LISTED_NAMES]))),
                *tags.related,
            ),
        )._replace(counted=first_of(names))


def _help(scope: StatementScope, catalog: Catalog) -> str:
    granted = _granted(scope, catalog)
    for name, formats in zip(scope.lower_names, scope.formats, strict=True):
        creating = _creating(name.partition(":")[0], formats, catalog)
        if creating and creating & granted and catalog.match(name) & granted:
            return "specify the resources, and a tag (aws:ResourceTag) of those that are created"
    return "specify the resources"


def _as_much_as_everything(
    scope: StatementScope, resources: Sequence[str], context: Context
) -> Iterator[Finding]:
    named = {arn.in_any_partition(text) for text in resources}
    documented: set[str] = set()
    for formats in {format_.formats for format_ in scope.formats}:
        documented.update(map(arn.wildcard_of, formats))
        if not documented <= named:
            return
    if documented != named:
        return
    actions = list(map(scope.pattern, range(len(scope.action_names))))
    names = [action.text for action in actions if action.accepts.formats]
    tags = _tags(scope.statement, context)
    yield context.finding(
        scope.statement.resource_node(0),
        f"{_named(names)} allowed on all resources but can be limited to specific ones",
        label='the same as "*"',
        notes=(*_listed(names), *tags.notes),
        help="specify the resources",
        related=(*accepting(actions), *tags.related),
    )._replace(counted=first_of(names))


def _tags(statement: Statement, context: Context) -> SelfSetTags:
    grant = grants_by_statement(context.policy, context.catalog)[statement]
    return self_set_tags(grant, context.catalog)


def _listed(actions: Sequence[str]) -> tuple[str, ...]:
    """Notes with the actions that the title counts."""
    return by_service(actions) if len(actions) > 1 else ()


def _named(actions: Sequence[str]) -> str:
    """The subject and verb of the title."""
    return f"{quoted(actions[0])} is" if len(actions) == 1 else f"{len(actions):,} actions are"
