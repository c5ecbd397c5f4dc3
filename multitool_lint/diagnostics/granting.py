"""Findings about the actions that a statement grants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import (
    Context,
    Finding,
    Related,
    counted,
    enumerate_briefly,
    related,
)
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.limits import MAX_LISTED_ACTIONS, MAX_LISTED_NAMES, MAX_NOTED_ACTIONS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import Grant, granting_nodes
from multitool_lint.policy.unrestricted_actions import setters_of_tags
from multitool_lint.syntax.tree import Member, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.policy.self_granted_conditions import TagSetter
    from multitool_lint.policy.statement_scope import ActionPattern


class GrantTexts(NamedTuple):
    """The texts of a finding about granted actions.

    The title is `several` with the number of actions, or `single` with the name of the only one;
    `label` says what an action does that is listed by its name.
    """

    several: str
    single: str
    label: str
    help: str
    notes: tuple[str, ...] = ()


class SelfSetTags(NamedTuple):
    """What a finding says of conditions on tags that the principal can set itself."""

    notes: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()


def self_set_tags(grant: Grant, catalog: Catalog, actions: ActionSet | None = None) -> SelfSetTags:
    """The notes and places for actions of a grant that such conditions do not limit.

    By default, all of its actions.
    """
    return described_setters(setters_of_tags(grant, catalog, actions))


def described_setters(setters: Sequence[TagSetter]) -> SelfSetTags:
    """The same for actions that set the tags."""
    by_key: dict[str, list[str]] = {}
    by_place: dict[Node | Member, list[str]] = {}
    for setter in setters:
        by_key.setdefault(setter.key, []).append(setter.action)
        by_place.setdefault(setter.node, []).append(setter.key.partition("/")[2])
    return SelfSetTags(
        tuple(
            f"the condition on {key} does not limit this: the principal can set the tag on the "
            f"same resources with {enumerate_briefly(list(dict.fromkeys(actions)))}"
            for key, actions in by_key.items()
        ),
        tuple(
            related(place, f"sets the tag {enumerate_briefly(list(dict.fromkeys(keys)))}")
            for place, keys in by_place.items()
        ),
    )


def granting_finding(
    context: Context,
    grant: Grant,
    actions: ActionSet,
    texts: GrantTexts,
    severity: Severity | None = None,
    foremost: ActionSet | None = None,
) -> Finding:
    """A finding about actions that a statement grants, at the first place that grants some.

    The place is one of the `foremost` actions, if there are any.
    """
    catalog = context.catalog
    places = dict.fromkeys(granting_nodes(grant, foremost, catalog) if foremost else ())
    first, *others = {**places, **dict.fromkeys(granting_nodes(grant, actions, catalog))}
    names = list(catalog.names(actions))
    alone = len(names) == 1
    tags = self_set_tags(grant, catalog, actions)
    return context.finding(
        first,
        texts.single.format(names[0]) if alone else texts.several.format(f"{len(names):,}"),
        label=includes(first, actions, catalog) or texts.label,
        related=(*(related(place, "also here", alike=True) for place in others), *tags.related),
        notes=(*texts.notes, *(() if alone else by_service(names)), *tags.notes),
        help=texts.help,
        severity=severity,
    )._replace(counted=first_of(names))


def first_of(names: Sequence[str]) -> str:
    """The first of several actions, for where a title counts them and no notes list them."""
    return enumerate_briefly([*names], MAX_NOTED_ACTIONS) if len(names) > 1 else ""


def includes(place: Node | Member, actions: ActionSet, catalog: Catalog) -> str:
    """A label that says how a wildcard or a NotAction grants actions; empty for a plain name."""
    if isinstance(place, Member):
        return "does not exclude these actions"
    text = str(place.value)
    if not has_wildcard(text):
        return ""
    included = catalog.match(text) & actions
    if len(included) == 1:
        return f"includes {next(iter(catalog.names(included)))}"
    some = f"{len(included):,} of " if len(included) < len(actions) else ""
    return f"includes {some}these actions"


def by_service(names: Iterable[str], intro: str = "") -> tuple[str, ...]:
    """Actions as notes: one for each service, with the number and the first of its actions."""
    services: dict[str, list[str]] = {}
    for name in names:
        prefix, _, action = name.partition(":")
        services.setdefault(prefix, []).append(action)
    largest = sorted(services.items(), key=lambda service: -len(service[1]))
    notes = [
        f"{intro}{prefix} ({len(of):,}): {enumerate_briefly(of, MAX_LISTED_ACTIONS)}"
        for prefix, of in largest[:MAX_LISTED_NAMES]
    ]
    if left := largest[MAX_LISTED_NAMES:]:
        number = sum(len(of) for _, of in left)
        notes.append(f"{intro}{counted(number, 'action')} of {counted(len(left), 'more service')}")
    return tuple(notes)


def accepting(actions: Sequence[ActionPattern]) -> tuple[Related, ...]:
    """The first of the actions as related locations, with the resources that they accept."""
    return tuple(
        [
            related(action.node, f"accepts {action.accepts.in_words()}")
            for action in actions[:MAX_LISTED_NAMES]
        ]
    )
