"""What two versions of a file grant, policy by policy, with all that could not be compared.

Policies are compared with those of the same name, in every case of the conditions of a template.
The inline policies of a role are compared as one. What has no counterpart is compared with nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.limits import MAX_COMPARED_CONDITIONS
from multitool_lint.policy.changes import Changes, Unknown, changes, lifted_denials
from multitool_lint.policy.compare.effort import Efforts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.changes import Difference
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.policy_set import ConditionalPolicy, PolicySet

_INLINE = re.compile(
    r"(.+/Policies)/\d+(?:/\w+)?"
    r"|(.+/(?:Role|User|Group)PolicyList)/.+"
)
"""The names of policies that are inline in one role, user or group, which are compared as one."""

_IS_INLINE = re.compile(r"/Policies$|PolicyList$")
_NUMBERED = re.compile(r"policy(?: \d+)?")

_OTHER_POLICIES = re.compile(r":policy/|Access\"|ImportValue|\b(?:data|local|module|var)\.")
"""What attachments have that refer to policies elsewhere."""


class ComparedPolicy(NamedTuple):
    """The policies of one name, and how their access has changed.

    `cases` are the new policies, in each case of the conditions of a template.
    """

    name: str | None
    changes: Changes
    cases: tuple[tuple[Policy, ...], ...]
    is_new: bool


def compare(
    old: PolicySet,
    new: PolicySet,
    catalog: Catalog,
    elsewhere: Callable[[], Sequence[Policy]] = tuple,
) -> tuple[list[ComparedPolicy], list[Unknown]]:
    """Compare two versions of a file, and list what could not be compared.

    What a policy denied counts for what the others of the file, and those `elsewhere`, allow, and
    for what policies that are not read may allow where some are attached.
    """
    path = new.path
    unknown = [*_changed_unknown(old, new), *_changed_links(old, new)]
    before, after = _groups(old), _groups(new)
    if len(before) == len(after) == 1 and None in (*before, *after):
        before = dict(zip(after, before.values(), strict=True))
    before = _by_content(before, after)
    links = new.facts.links.values()
    attached = any(_OTHER_POLICIES.search(link) for link in links)
    found = []
    for name in dict.fromkeys([*after, *before]):
        group = _Group(before.get(name, ()), after.get(name, ()))
        unknown += (Unknown(path, f"{name or 'the policy'}: {why}") for why in group.doubts())
        cases = tuple(dict.fromkeys(new for _, new in group.cases()))
        others = [member.policy for key in after if _may_meet(name, key) for member in after[key]]
        beside = partial(_beside, group, others, None if attached else elsewhere)
        found_here = group.changes(catalog, beside)
        found.append(ComparedPolicy(name, found_here, cases, not group.old))
    return found, list(dict.fromkeys(unknown))


def _changed_unknown(old: PolicySet, new: PolicySet) -> Iterator[Unknown]:
    """What could not be read on either side, unless it is the same on both."""
    before, after = (
        Counter(filter(None, map(version.written.get, version.unknown))) for version in (old, new)
    )
    for version in (new, old):
        for unknown in version.unknown:
            text = version.written.get(unknown)
            if not text or before[text] != after[text]:
                yield unknown


def _changed_links(old: PolicySet, new: PolicySet) -> Iterator[Unknown]:
    for name in dict.fromkeys([*new.facts.links, *old.facts.links]):
        if old.facts.links.get(name) != new.facts.links.get(name):
            yield Unknown(new.path, f"{name} has changed; what is attached is not compared")


def _owner(name: str) -> str:
    """The resource that a policy is a part of, as templates and Terraform name it."""
    return name.partition("/")[0] if "/" in name else ".".join(name.split(".")[:2])


def _may_meet(name: str | None, other: str | None) -> bool:
    """Whether policies of two names may apply to one principal: not those of two roles or pages."""
    if name is None or other is None or name == other:
        return False
    inline = [_owner(text) for text in (name, other) if _IS_INLINE.search(text)]
    return len(set(inline)) < 2 and not _NUMBERED.fullmatch(other)  # noqa: PLR2004 - two roles


def _groups(version: PolicySet) -> dict[str | None, tuple[ConditionalPolicy, ...]]:
    """The policies by name, the inline policies of one owner together."""
    found: dict[str | None, tuple[ConditionalPolicy, ...]] = {}
    for number, member in enumerate(version.policies, 1):
        name = member.policy.name
        inline = _INLINE.fullmatch(name or "")
        if inline:
            name = next(group for group in inline.groups() if group)
        elif name == "policy 1":
            name = None  # in a page, the first one has a number only if there are others
        elif name in found and not (member.cases and all(same.cases for same in found[name])):
            name = f"{name or 'policy'} ({number})"
        found[name] = (*found.get(name, ()), member)
    return found


def _by_content(
    before: Mapping[str | None, tuple[ConditionalPolicy, ...]],
    after: Mapping[str | None, tuple[ConditionalPolicy, ...]],
) -> dict[str | None, tuple[ConditionalPolicy, ...]]:
    """The old policies by the names of today: in a page, a number says only which one is first."""
    left = {name: group for name, group in before.items() if _is_numbered(name)}
    found = {name: group for name, group in before.items() if name not in left}
    wanted = [name for name in after if _is_numbered(name)]
    for name in wanted:
        same = [old for old, group in left.items() if _texts(group) == _texts(after[name])]
        if same:
            found[name] = left.pop(name if name in same else same[0])
    for name in wanted:
        if left and name not in found:
            found[name] = left.pop(name if name in left else next(iter(left)))
    found.update((f"{name or 'policy 1'} before", group) for name, group in left.items())
    return found


def _is_numbered(name: str | None) -> bool:
    return name is None or _NUMBERED.fullmatch(name) is not None


def _texts(group: Sequence[ConditionalPolicy]) -> tuple[str, ...]:
    policies = (member.policy for member in group)
    return tuple(policy.source.text[slice(*policy.root.span)] for policy in policies)


class _Group:
    """The policies of one name in two versions."""

    def __init__(self, old: Sequence[ConditionalPolicy], new: Sequence[ConditionalPolicy]) -> None:
        self.old = old
        self.new = new
        members = [*old, *new]
        self._conditions = sorted({name for m in members for case in m.cases for name in case})

    def doubts(self) -> Iterator[str]:
        """Why the policies could not be compared."""
        if len(self._conditions) > MAX_COMPARED_CONDITIONS:
            yield f"it depends on more than {MAX_COMPARED_CONDITIONS} conditions"

    def changes(self, catalog: Catalog, others: Callable[[], Sequence[Policy] | None]) -> Changes:
        """What has changed in any case of the conditions, for what others allow, too."""
        gained: dict[object, Difference] = {}
        lost: dict[object, Difference] = {}
        impossible: dict[object, Difference] = {}
        efforts = Efforts.of_a_comparison(), Efforts.of_a_comparison()
        for old, new in self.cases():
            found = changes(old, new, catalog, *efforts)
            known = {difference.statement for difference in found.gained}
            lifted = lifted_denials(old, new, others, catalog, efforts[0])
            also = (difference for difference in lifted if difference.statement not in known)
            found = found._replace(gained=(*found.gained, *also))
            for listed, differences in (
                (gained, found.gained),
                (lost, found.lost),
                (impossible, found.impossible),
            ):
                for difference in map(self._placed, differences):
                    listed.setdefault(difference.key, difference)
        return Changes(
            tuple(gained.values()), tuple(lost.values()), impossible=tuple(impossible.values())
        )

    def _placed(self, difference: Difference) -> Difference:
        """A difference with the place of a statement that could not be compared."""
        if difference.unclear is None:
            return difference
        place = next(
            member.place(difference.statement.node.span)
            for member in (*self.new, *self.old)
            if difference.statement in member.policy.statements
        )
        return difference._replace(unclear=difference.unclear._replace(place=place))

    def cases(self) -> Iterator[tuple[tuple[Policy, ...], tuple[Policy, ...]]]:
        """The policies that are there together, old and new, in any case of the conditions."""
        done = set()
        names = self._conditions[:MAX_COMPARED_CONDITIONS]
        for values in product((True, False), repeat=len(names)):
            case = dict(zip(names, values, strict=True))
            both = _there(self.old, case), _there(self.new, case)
            if both not in done:
                done.add(both)
                yield both


def _beside(
    group: _Group, others: Sequence[Policy], elsewhere: Callable[[], Sequence[Policy]] | None
) -> Sequence[Policy] | None:
    """The policies whose access a Deny of some policies takes from; None if they are not known.

    What a policy is for is seen from its statements: its type may be that of a configuration.
    """
    statements = [s for member in group.old for s in member.policy.statements]
    has_principal = any(statement.principal for statement in statements)
    if has_principal and not any(statement.resource for statement in statements):
        return []  # without its Allow, nobody assumes the role
    if elsewhere is None:
        return None
    return [
        policy
        for policy in (*others, *elsewhere())
        if not (has_principal and any(statement.principal for statement in policy.statements))
    ]


def _there(members: Iterable[ConditionalPolicy], case: Mapping[str, bool]) -> tuple[Policy, ...]:
    """The policies that are there in a case."""
    return tuple(
        member.policy
        for member in members
        if not member.cases
        or any(
            all(case.get(name, holds) == holds for name, holds in own.items())
            for own in member.cases
        )
    )
