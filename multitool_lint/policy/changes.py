"""What policies grant that others did not, by service and access level.

What `comparison` cannot decide counts as a difference, and is marked as such.

AWS has two paid calls for this, CheckNoNewAccess and CheckAccessNotGranted:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-custom-policy-checks.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import filterfalse
from typing import TYPE_CHECKING

from multitool_lint.aws.access_levels import STRENGTH, aws_level
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import AccessLevel, Catalog
from multitool_lint.aws.sensitive_actions import most_feared_first
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare import Gap, covers
from multitool_lint.policy.compare.effort import Efforts
from multitool_lint.policy.compare.statement import has_variables
from multitool_lint.policy.compare.unknown_texts import shown
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from multitool_lint.policy.compare.request import Request
    from multitool_lint.policy.compare.scope import RequestScope


_OF_ANOTHER = "another policy allows it; whether both apply to the same principal is not known"
_OF_UNREAD = "a policy that is not read may allow it"


class NotCompared(NamedTuple):
    """What could not be read or compared: a path, perhaps with line and column, and why."""

    place: str
    reason: str


class DifferenceScope(NamedTuple):
    """On what, for whom and when access differs, each as a policy writes it.

    `resources` is empty where a policy has none, and `negated` if all others are affected;
    `principal` is None where a policy names none; `conditions` are operator, key and values.
    """

    resources: tuple[str, ...]
    negated: bool
    principal: tuple[str, str] | None
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]


class Difference(NamedTuple):
    """Actions that one side grants and the other one does not, or not in the same scope.

    `actions` are in the catalog; `names` are other actions, and patterns that match none. With
    `lifted`, the other side also grants them, but denies them. `certain` means that the difference
    is proved, usually by the request `example`, which one side allows and the other one does not;
    otherwise `doubt` gives the reason. `scope` is None if the `statement` could not be compared,
    with the place and the reason in `unclear`, or if there was too much to compare. The `identity`
    is that of the scope as it is compared, with all that is not known in it.
    """

    actions: ActionSet
    names: tuple[str, ...]
    scope: DifferenceScope | None
    lifted: bool
    certain: bool
    statement: Statement
    catalog: Catalog
    unclear: NotCompared | None = None
    example: Request | None = None
    doubt: str | None = None
    identity: str = ""

    @property
    def action_names(self) -> tuple[str, ...]:
        """The names of the actions, and those of others and of patterns."""
        return (*self.catalog.names(self.actions), *self.names)

    @property
    def key(self) -> object:
        """What differences have in common that say the same."""
        certainty = self.certain, self.unclear, self.doubt
        return self.actions, self.names, self.scope, self.identity, self.lifted, *certainty


def by_service(
    actions: ActionSet, catalog: Catalog
) -> Iterator[tuple[str, dict[AccessLevel, list[str]]]]:
    """List the actions by service and, the weakest first, access level."""
    for prefix in sorted(actions.prefixes):
        yield prefix, _by_level(prefix, actions.bits(prefix), catalog)


@lru_cache(maxsize=1024)
def _by_level(prefix: str, bits: int, catalog: Catalog) -> dict[AccessLevel, list[str]]:
    """Actions of a service by access level, which many differences have in common."""
    levels: dict[AccessLevel, list[str]] = {level: [] for level in STRENGTH}
    for name in catalog.names(ActionSet({prefix: bits})):
        action = catalog.action(name)
        levels[aws_level(action) if action else "Write"].append(name)
    return {level: names for level, names in levels.items() if names}


class Changes(NamedTuple):
    """The access that the new policies add, and the access that they remove.

    What is `unknown` could not be compared, and may be new access. Of what is `impossible`, new
    policies allow more, and by AWS's reference there are no such requests. False if there is
    nothing of these.
    """

    gained: tuple[Difference, ...]
    lost: tuple[Difference, ...]
    unknown: tuple[NotCompared, ...] = ()
    impossible: tuple[Difference, ...] = ()

    def __bool__(self) -> bool:
        return any(self)


def changes(
    old: Sequence[Policy],
    new: Sequence[Policy],
    catalog: Catalog,
    gaining: Efforts | None = None,
    losing: Efforts | None = None,
) -> Changes:
    """Compare what two lists of policies grant, each list taken as one policy.

    A Deny that is lifted is gained access even where the policies allow nothing of it, which other
    policies may. What is left of efforts may be given, for what is gained and for what is lost.
    """
    gaining = gaining or Efforts.of_a_comparison()
    losing = losing or Efforts.of_a_comparison()
    gaps = covers(old, new, catalog, all_denials=True, efforts=gaining).gaps
    lost = covers(new, old, catalog, efforts=losing).gaps
    return Changes(
        tuple(_differences(filter(_is_possible, gaps), catalog)),
        tuple(_differences(filter(_is_possible, lost), catalog)),
        impossible=tuple(_differences(filterfalse(_is_possible, gaps), catalog)),
    )


def _is_possible(gap: Gap) -> bool:
    return gap.possible


def lifted_denials(
    old: Sequence[Policy],
    new: Sequence[Policy],
    others: Callable[[], Sequence[Policy] | None],
    catalog: Catalog,
    efforts: Efforts,
) -> Iterator[Difference]:
    """What policies do not deny any more of what some others allow, beyond their own Allow.

    The others, None if they are not known, are asked for only if there is less that is denied.
    """
    if set(_denials(old)) <= set(_denials(new)):
        return
    beside = others()
    doubt = _OF_UNREAD if beside is None else _OF_ANOTHER
    beside = [_everything()] if beside is None else beside
    gaps = covers([*old, *beside], [*new, *beside], catalog, efforts=efforts).gaps
    # What has no unit was too much to compare, or is unclear and is reported without the others.
    lifted = (gap for gap in gaps if gap.unit and gap.possible and gap.statement.effect == "Deny")
    for difference in _differences(lifted, catalog):
        yield difference._replace(certain=False, doubt=doubt)
    yield from _differences((gap for gap in gaps if not (gap.unit or gap.unclear)), catalog)


def _denials(policies: Sequence[Policy]) -> Iterator[tuple[str, bool]]:
    """The Deny statements of policies as they are written, and whether they have variables."""
    for policy in policies:
        for statement in policy.statements:
            if statement.effect != "Allow":
                yield policy.source.part(statement.node.span), has_variables(policy)


@lru_cache(maxsize=1)
def _everything() -> Policy:
    """A policy that allows everything."""
    statement = '{"Effect": "Allow", "Action": "*", "Resource": "*"}'
    text = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    return Policy(Source("", text), fast.read(text, literal=True), PolicyType.IDENTITY)


def _differences(gaps: Iterable[Gap], catalog: Catalog) -> Iterator[Difference]:
    """The gaps, those to the same extent in one."""
    found: dict[object, list[Gap]] = {}
    for gap in gaps:
        how = gap.certain, gap.doubt, gap.statement.effect
        key = id(gap.statement) if gap.unclear else (gap.unit, *how)
        found.setdefault(key, []).append(gap)
    for same in found.values():
        actions, names = ActionSet(), frozenset[str]()
        for gap in same:
            actions |= gap.actions
            names |= gap.names
        first = same[0]
        yield Difference(
            actions,
            tuple(sorted(map(shown, names))),
            _extent(first.unit) if first.unit else None,
            lifted=first.unit is not None and not first.statement.allows,
            certain=first.certain,
            statement=first.statement,
            catalog=catalog,
            unclear=NotCompared("", first.unclear) if first.unclear else None,
            example=_most_feared([gap.example for gap in same if gap.example], catalog),
            doubt=None if first.certain else first.doubt,
            identity=_identity(first.unit) if first.unit else "",
        )


def _most_feared(requests: Sequence[Request], catalog: Catalog) -> Request | None:
    """The request of some that a reviewer fears most, as the policies write it."""
    actions = most_feared_first((request.action for request in requests), catalog)
    found = (request for request in requests if request.action == actions[0])
    return next(map(_as_written, found), None)


def _as_written(request: Request) -> Request:
    """A request with the texts of the policies as these have them."""
    return request._replace(
        resource=request.resource and shown(request.resource),
        principal=request.principal and (request.principal[0], shown(request.principal[1])),
        context={
            key: values and tuple(map(shown, values)) for key, values in request.context.items()
        },
    )


def _identity(unit: RequestScope) -> str:
    """An identity of a scope, with the marks of what is not known."""
    written = ((*clause[:4], sorted(clause.values)) for clause in unit.conditions)
    conditions = sorted(written, key=repr)
    parts = [unit.resources.patterns, unit.resources.negated, unit.principal, conditions]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:24]


def _extent(unit: RequestScope) -> DifferenceScope:
    return DifferenceScope(
        tuple(map(shown, unit.resources.patterns)),
        unit.resources.negated,
        unit.principal and (unit.principal[0], shown(unit.principal[1])),
        tuple(
            (clause.as_written, clause.key, tuple(sorted(map(shown, clause.values))))
            for clause in sorted(unit.conditions, key=lambda clause: (clause.operator, clause.key))
        ),
    )
