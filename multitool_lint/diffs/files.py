"""What two versions of a file grant, policy by policy, with all that could not be compared.

Policies are compared with those of the same name. The inline policies of a role are compared as
one. What has no counterpart is compared with nothing. Attachments are compared as deployments.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.diffs.deployments import DeploymentComparison
from multitool_lint.diffs.readable import readable, written
from multitool_lint.policy.changes import Changes, Difference, NotCompared, changes, lifted_denials
from multitool_lint.policy.compare.effort import Efforts
from multitool_lint.syntax.template_cases import TooManyCasesError, joint_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.deployments.attachments import AttachmentDeployment
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.policy_set import ConditionalPolicy, PolicySet
    from multitool_lint.syntax.template_cases import Case

_INLINE = re.compile(
    r"(.+/Policies)/\d+(?:/\w+)?"
    r"|(.+/(?:Role|User|Group)PolicyList)/.+"
    r"|(?P<dumped>.+), inline policy .+"
)
"""The names of policies that are inline in one role, user or group, which are compared as one."""

_IS_INLINE = re.compile(r"/Policies$|PolicyList$|(?P<dumped>, inline policies)$")
_NUMBERED = re.compile(r"policy(?: \d+)?|(?:document|line) \d+(?:/.+)?")


class FileVersion(NamedTuple):
    """A version of a file: its policies, and what it attaches if it is there."""

    policies: PolicySet
    attached: AttachmentDeployment | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that could grant access."""
        return self.policies.is_empty and not (self.attached and self.attached.owners)


class ComparedPolicy(NamedTuple):
    """The policies of one name, or of an identity, and how their access has changed.

    `policies` are the new ones.
    """

    name: str | None
    changes: Changes
    policies: tuple[Policy, ...]


def compare(
    old: FileVersion,
    new: FileVersion,
    catalog: Catalog,
    elsewhere: Callable[[], Iterable[Policy] | None] = tuple,
) -> tuple[list[ComparedPolicy], list[NotCompared]]:
    """Compare two versions of a file, and list what could not be compared.

    What a policy denied counts for what the others of the file, and those `elsewhere`, allow, and
    for what policies that are not read may allow where some are attached.
    """
    unknown = list(dict.fromkeys(_changed_unknown(old.policies, new.policies)))
    before, after = _groups(old.policies), _groups(new.policies)
    if len(before) == len(after) == 1 and None in (*before, *after):
        before = dict(zip(after, before.values(), strict=True))
    before = _by_content(before, after)
    attached = new.attached is not None and new.attached.attaches_others()
    found = []
    for name in dict.fromkeys([*after, *before]):
        group = _Group(before.get(name, ()), after.get(name, ()))
        others = [member.policy for key in after if _may_meet(name, key) for member in after[key]]
        beside = partial(_beside, group, others, None if attached else elsewhere)
        policies = tuple(member.policy for member in group.new)
        found.append(ComparedPolicy(name, written(group.changes(catalog, beside)), policies))
    comparison = DeploymentComparison(old.attached, new.attached, catalog, elsewhere)
    for change in comparison.changes():
        unknown += change.changes.unknown
        readable_changes = readable(change.changes, comparison.names)._replace(unknown=())
        if readable_changes:
            found.append(ComparedPolicy(change.title, readable_changes, change.policies))
    return found, unknown


def _changed_unknown(old: PolicySet, new: PolicySet) -> Iterator[NotCompared]:
    """What could not be read on either side, unless it is the same on both."""
    before, after = (
        Counter(filter(None, map(version.written.get, version.unknown))) for version in (old, new)
    )
    had = set(old.filled_in.values())
    yield from (unknown for unknown, tag in new.filled_in.items() if tag not in had)
    for version in (new, old):
        for unknown in version.unknown:
            text = version.written.get(unknown)
            if not text or before[text] != after[text]:
                yield unknown


def _owner(name: str) -> str:
    """The resource that a policy is a part of, as templates and Terraform name it."""
    return name.partition("/")[0] if "/" in name else ".".join(name.split(".")[:2])


def _may_meet(name: str | None, other: str | None) -> bool:
    """Whether policies of two names may apply to one principal: not those of two roles or pages."""
    if name is None or other is None or name == other:
        return False
    inline = [
        text if found["dumped"] else _owner(text)
        for text in (name, other)
        if (found := _IS_INLINE.search(text))
    ]
    return len(set(inline)) < 2 and not _NUMBERED.fullmatch(other)  # noqa: PLR2004 - two roles


def _groups(version: PolicySet) -> dict[str | None, tuple[ConditionalPolicy, ...]]:
    """The policies by name, the inline policies of one owner together."""
    found: dict[str | None, tuple[ConditionalPolicy, ...]] = {}
    for number, member in enumerate(version.policies, 1):
        name = member.policy.name
        inline = _INLINE.fullmatch(name or "")
        # What is called so where no resource is around has no owner.
        if inline and (member.policy.resource_type or not inline[1]):
            name = next(group for group in inline.groups() if group)
            name += ", inline policies" if inline["dumped"] else ""
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


class _Group(NamedTuple):
    """The policies of one name in two versions, or what the policy is in each case."""

    old: Sequence[ConditionalPolicy]
    new: Sequence[ConditionalPolicy]

    def changes(self, catalog: Catalog, others: Callable[[], Sequence[Policy] | None]) -> Changes:
        """What has changed, for what others allow, too."""
        efforts = Efforts.of_a_comparison(), Efforts.of_a_comparison()
        found: tuple[dict[object, Difference], ...] = ({}, {}, {})
        for old, new in self._pairs():
            made = changes(old, new, catalog, *efforts)
            known = {difference.statement for difference in made.gained}
            lifted = lifted_denials(old, new, others, catalog, efforts[0])
            also = (difference for difference in lifted if difference.statement not in known)
            sides = (*made.gained, *also), made.lost, made.impossible
            for listed, differences in zip(found, sides, strict=True):
                listed.update((one.key, one) for one in map(self._placed, differences))
        gained, lost, impossible = (tuple(listed.values()) for listed in found)
        return Changes(gained, lost, impossible=impossible)

    def _pairs(self) -> Iterator[tuple[list[Policy], list[Policy]]]:
        """All policies of both versions, in each case of the conditions of a template.

        Conditions that only one version has decide nothing about the other.
        """
        seen = set()
        for there in self._in_cases():
            # Most conditions do not decide which policies of an owner are there.
            key = tuple(tuple(map(id, side)) for side in there)
            if key not in seen and any(there):
                seen.add(key)
                old, new = ([member.policy for member in side] for side in there)
                yield old, new

    def _in_cases(self) -> Iterator[list[list[ConditionalPolicy]]]:
        """The policies of both versions that are there in each case."""
        cases = {*_cases(self.old), *_cases(self.new)}
        try:
            for case in joint_cases(cases):
                yield [[member for member in side if _is_in(member, case)] for side in self]
        except TooManyCasesError:
            # Where one version has all of its policies, the other may have no more than always.
            always = [[member for member in side if not member.cases] for side in self]
            yield [always[0], [*self.new]]
            yield [[*self.old], always[1]]

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


def _cases(members: Iterable[ConditionalPolicy]) -> Iterator[Case]:
    """The cases of a template in which some policies are there."""
    return (frozenset(case.items()) for member in members for case in member.cases)


def _is_in(member: ConditionalPolicy, case: Case) -> bool:
    """Whether a policy is there in a case that decides all of its conditions."""
    return not member.cases or any(own.items() <= case for own in member.cases)


def _beside(
    group: _Group, others: Sequence[Policy], elsewhere: Callable[[], Iterable[Policy] | None] | None
) -> Sequence[Policy] | None:
    """The policies whose access a Deny of some policies takes from; None if they are not known.

    What a policy is for is seen from its statements: its type may be that of a configuration.
    """
    statements = [s for member in group.old for s in member.policy.statements]
    has_principal = any(statement.principal for statement in statements)
    if has_principal and not any(statement.resource for statement in statements):
        return []  # without its Allow, nobody assumes the role
    found = None if elsewhere is None else elsewhere()
    if found is None:
        return None
    return [
        policy
        for policy in (*others, *found)
        if not (has_principal and any(statement.principal for statement in policy.statements))
    ]
