"""What a policy grants of each service by access level: actions counted over the catalog."""

from __future__ import annotations

from functools import lru_cache, reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.policy_types import rcp_services
from multitool_lint.engines import policy_sentry
from multitool_lint.limits import MAX_HTML_WHOLE_SERVICES
from multitool_lint.policy.access import Grant, actions_of
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.resources import is_everywhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.aws.catalog.records import AccessLevel
    from multitool_lint.policy.document import Policy, Statement

LEVELS: tuple[AccessLevel, ...] = ("List", "Read", "Tagging", "Write", "Permissions management")
"""In the order of the columns: what looks, what changes, what changes who may."""


class Limited(NamedTuple):
    """Actions of several statements by what limits them; each is in one of these sets only."""

    never: ActionSet
    by_resource: ActionSet
    by_either: ActionSet
    by_condition: ActionSet
    by_both: ActionSet

    @property
    def actions(self) -> ActionSet:
        """All of them."""
        return reduce(or_, self)


LABELS = (
    "without limits",
    "limited by Resource",
    "limited by Resource, elsewhere by conditions",
    "with conditions",
    "with conditions, limited by Resource",
)
"""The names of the sets of `Limited`, in their order."""


class Cell(NamedTuple):
    """Of the actions of a service at a level: how many, of how many, and how many are limited."""

    number: int
    total: int
    by_resource: int
    by_condition: int

    @property
    def share(self) -> int:
        """How much of it there is, from 0 for nothing to 4 for everything."""
        if self.number in (0, self.total):
            return 4 if self.number else 0
        return 1 + 3 * self.number // self.total


class Group(NamedTuple):
    """The names of actions at a level that are limited alike."""

    level: str
    label: str
    names: tuple[str, ...]


class ServiceRow(NamedTuple):
    """A service; one that is known by its prefix only has that for its name."""

    prefix: str
    name: str
    number: int
    cells: tuple[Cell, ...]
    groups: tuple[Group, ...]


class Matrix(NamedTuple):
    """Services by access levels; `whole` are those of which all is granted, if they are many.

    `several` counts the actions with several levels, `raised` those that count at policy-sentry's
    level because it is stronger than AWS's. `retired` actions are no longer documented,
    those of `no_level` were added by a user: neither is counted in a cell.
    """

    rows: tuple[ServiceRow, ...]
    totals: tuple[Cell, ...]
    whole: tuple[str, ...]
    whole_number: int
    number: int
    services: int
    several: int
    raised: int
    by_resource: bool
    by_condition: bool
    retired: tuple[str, ...]
    no_level: tuple[str, ...]


def granted(policy: Policy, grants: Iterable[Grant]) -> Limited:
    """What Allow statements grant, less what is denied to everyone, everywhere and always.

    What a resource policy names is the resource that it is attached to: no limit.
    """
    return _limited(
        ((grant.actions, grant.statement) for grant in grants),
        resources_limit=policy.type is not PolicyType.RESOURCE,
    )


def denied(policy: Policy, catalog: Catalog) -> Limited:
    """What the Deny statements deny; those of an RCP reach some services only."""
    found = _limited(
        (actions_of(statement, catalog), statement)
        for statement in policy.statements
        if statement.effect == "Deny"
    )
    if policy.type is not PolicyType.RCP:
        return found
    return Limited(*(_of_services(match, rcp_services()) for match in found))


def _of_services(actions: ActionSet, prefixes: frozenset[str]) -> ActionSet:
    return ActionSet({prefix: actions.bits(prefix) for prefix in actions.prefixes & prefixes})


def _limited(
    parts: Iterable[tuple[ActionSet, Statement]], *, resources_limit: bool = True
) -> Limited:
    nothing = ActionSet()
    sets = {(False, False): nothing, (True, False): nothing, (False, True): nothing}
    sets[True, True] = nothing
    for actions, statement in parts:
        in_part = statement.negates_resources or not is_everywhere(statement)
        sets[resources_limit and in_part, is_conditional(statement)] |= actions
    never, resource = sets[False, False], sets[True, False] - sets[False, False]
    condition = sets[False, True] - never
    by_either = resource & condition
    by_both = sets[True, True] - never - resource - condition
    return Limited(never, resource - by_either, by_either, condition - resource, by_both)


def is_conditional(statement: Statement) -> bool:
    """Whether there is a Condition, be it one that cannot be read."""
    condition = statement.members.find("Condition")
    return condition is not None and condition.value.value != ()


def matrix(limited: Limited, catalog: Catalog) -> Matrix | None:
    """The matrix of some actions, None where there are none."""
    actions = limited.actions
    if not actions:
        return None
    whole = _whole(limited, catalog)
    prefixes = sorted(actions.prefixes)
    rows = [_row(prefix, limited, catalog) for prefix in prefixes if prefix not in whole]
    shown = [row for row in rows if any(cell.number for cell in row.cells)]
    totals = tuple(
        Cell(*(sum(numbers) for numbers in zip(*cells, strict=True)))
        for cells in zip(*(_cells(prefix, limited, catalog) for prefix in prefixes), strict=True)
    )
    return Matrix(
        rows=tuple(shown),
        totals=totals,
        whole=tuple(sorted(whole)),
        whole_number=len(_of_services(actions, whole)),
        number=len(actions),
        services=len(prefixes),
        several=len(masked(actions, _several, catalog)),
        raised=len(masked(actions, _raised, catalog)),
        by_resource=bool(limited.by_resource or limited.by_either or limited.by_both),
        by_condition=bool(limited.by_condition or limited.by_both),
        retired=tuple(catalog.names(masked(actions, _retired, catalog))),
        no_level=tuple(catalog.names(masked(actions, _no_level, catalog))),
    )


def _whole(limited: Limited, catalog: Catalog) -> frozenset[str]:
    """The services of which everything is granted alike, if there are too many for rows."""
    whole = frozenset(
        prefix
        for actions in limited
        for prefix in actions.prefixes
        if actions.bits(prefix) == _current(catalog, prefix)
    )
    return whole if len(whole) > MAX_HTML_WHOLE_SERVICES else frozenset()


@lru_cache(maxsize=1024)
def _current(catalog: Catalog, prefix: str) -> int:
    return (1 << catalog.known(prefix).current) - 1


@lru_cache(maxsize=1024)
def _by_level(catalog: Catalog, prefix: str) -> tuple[int, ...]:
    """The bits of a service's current actions at each of the levels."""
    service, raised = catalog.known(prefix), policy_sentry.raised(prefix, catalog)
    others = _current(catalog, prefix) & ~_raised(catalog, prefix)
    return tuple(service.at_levels(others, [level]) | raised.get(level, 0) for level in LEVELS)


def _cells(prefix: str, limited: Limited, catalog: Catalog) -> list[Cell]:
    _, resource, either, condition, both = (actions.bits(prefix) for actions in limited)
    all_bits = limited.never.bits(prefix) | resource | either | condition | both
    return [
        Cell(
            (all_bits & level).bit_count(),
            level.bit_count(),
            ((resource | either | both) & level).bit_count(),
            ((condition | both) & level).bit_count(),
        )
        for level in _by_level(catalog, prefix)
    ]


def _row(prefix: str, limited: Limited, catalog: Catalog) -> ServiceRow:
    service = catalog.known(prefix)
    bits = limited.actions.bits(prefix) & _current(catalog, prefix)
    return ServiceRow(
        prefix,
        service.name or prefix,
        bits.bit_count(),
        tuple(_cells(prefix, limited, catalog)),
        tuple(_groups(prefix, limited, catalog)),
    )


def _groups(prefix: str, limited: Limited, catalog: Catalog) -> Iterator[Group]:
    service, start = catalog.known(prefix), len(prefix) + 1
    for level, of_level in zip(LEVELS, _by_level(catalog, prefix), strict=True):
        for label, actions in zip(LABELS, limited, strict=True):
            bits = actions.bits(prefix) & of_level
            if bits:
                yield Group(level, label, tuple(name[start:] for name in service.names(bits)))


def masked(
    actions: ActionSet, bits_of: Callable[[Catalog, str], int], catalog: Catalog
) -> ActionSet:
    """The actions that are also among some bits of their services."""
    return ActionSet(
        {prefix: actions.bits(prefix) & bits_of(catalog, prefix) for prefix in actions.prefixes}
    )


def _raised(catalog: Catalog, prefix: str) -> int:
    """The bits of the actions that count at policy-sentry's level."""
    return reduce(or_, policy_sentry.raised(prefix, catalog).values(), 0)


def _several(catalog: Catalog, prefix: str) -> int:
    """The bits of the actions with several levels."""
    seen = twice = 0
    for level in _by_level(catalog, prefix):
        twice |= seen & level
        seen |= level
    return twice


def _retired(catalog: Catalog, prefix: str) -> int:
    return ~_current(catalog, prefix)


def _no_level(catalog: Catalog, prefix: str) -> int:
    return _current(catalog, prefix) & ~reduce(or_, _by_level(catalog, prefix))
