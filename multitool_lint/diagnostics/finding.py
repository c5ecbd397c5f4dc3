"""Finding and Fix, and the context in which a check makes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

from multitool_lint.syntax.tree import Member

if TYPE_CHECKING:
    from collections.abc import Callable

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.diagnostics.rule import Rule, Severity
    from multitool_lint.policy.document import Policy, PolicyType
    from multitool_lint.syntax.source import Edit, Source, Span
    from multitool_lint.syntax.tree import Node


Item = TypeVar("Item")
Late: TypeAlias = "tuple[Item, ...] | Callable[[], tuple[Item, ...]]"
"""Items, or the function that makes them."""

LISTED_AT_MOST = 5
"""How many names a message lists before it says how many more there are."""


class Safety(Enum):
    """Whether a fix keeps access: after a safe one the policy grants exactly what it granted."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of the text that ends a finding; the title says what it changes."""

    title: str
    edits: tuple[Edit, ...]
    safety: Safety


def items_of(late: Late[Item]) -> tuple[Item, ...]:
    """The items, which a function may have to make."""
    return late if isinstance(late, tuple) else late()


class _Late(Generic[Item]):
    """An attribute that holds a tuple, or the function that makes it when it is first asked for.

    The fixes of findings that nobody means to fix would take as long as the findings, and so would
    the related places of those that nobody shows.
    """

    def __init__(self, owner: type[object], name: str) -> None:
        self._slot: Any = vars(owner)[name]

    def __get__(self, holder: object, _: type[object]) -> tuple[Item, ...]:
        if holder is None:
            return self  # type: ignore[return-value]  # asked of the class
        held = items_of(self.held(holder))
        self._slot.__set__(holder, held)
        return held

    def __set__(self, holder: object, value: Late[Item]) -> None:
        self._slot.__set__(holder, value)

    def held(self, holder: object) -> Late[Item]:
        """What an object holds."""
        held: Late[Item] = self._slot.__get__(holder)
        return held


Fix.edits = _Late(Fix, "edits")  # type: ignore[assignment, misc]


def deferred_fix(title: str, make: Callable[[], tuple[Edit, ...]], safety: Safety) -> Fix:
    """A fix whose edits are made when they are first asked for."""
    return Fix(title, make, safety)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Related:
    """A further place that a finding is about.

    It is `alike` where there would be the same finding there if it were not for the first place.
    """

    span: Span
    pointer: str
    label: str
    alike: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found, and where: complete when made.

    `pointer` is the RFC 6901 pointer within the policy document; `issue_code` the check of IAM
    Access Analyzer that it answers; `fixes` stand best first. `policy_type` is None where no policy
    could be read. `fingerprint` is the same as long as rule, content and place in the policy are,
    wherever in the file that is. `confirmed_by` names other linters that report it as well.
    """

    rule: str
    severity: Severity
    source: Source
    span: Span
    pointer: str
    message: str
    related: tuple[Related, ...] = ()
    issue_code: str | None = None
    fixes: tuple[Fix, ...] = ()
    policy_name: str | None = None
    policy_type: PolicyType | None = None
    fingerprint: str = ""
    confirmed_by: tuple[str, ...] = ()


class _Fingerprint:
    """The attribute `fingerprint`: a text, or one that is made when it is first asked for.

    It takes as long as many a check to make, and most who lint never ask. What a finding holds then
    is the function that knows it, and the number that this knows it by.
    """

    def __init__(self) -> None:
        self._slot: Any = vars(Finding)["fingerprint"]

    def __get__(self, finding: Finding | None, _: type[Finding]) -> str:
        if finding is None:
            return self  # type: ignore[return-value]  # asked of the class
        held = self.held(finding)
        return held if isinstance(held, str) else held[0](held[1])

    def __set__(self, finding: Finding, value: str | tuple[Callable[[int], str], int]) -> None:
        self._slot.__set__(finding, value)

    def held(self, finding: Finding) -> str | tuple[Callable[[int], str], int]:
        """What a finding holds."""
        held: str | tuple[Callable[[int], str], int] = self._slot.__get__(finding)
        return held


_FINGERPRINT = _Fingerprint()
RELATED: _Late[Related] = _Late(Finding, "related")
"""The attribute `related`, which tells what a finding holds, be it still to be made."""

Finding.related = RELATED  # type: ignore[assignment, misc]
Finding.fingerprint = _FINGERPRINT  # type: ignore[assignment, misc]


def has_fingerprint(finding: Finding) -> bool:
    """Whether a finding has a fingerprint, be it one that is still to be made."""
    return bool(_FINGERPRINT.held(finding))


def with_fingerprint(finding: Finding, made: Callable[[int], str], number: int) -> Finding:
    """The finding with the fingerprint that a function makes of a number when it is asked for."""
    if has_fingerprint(finding):
        finding = replace(finding)  # a check that yields one object twice means two findings
    _FINGERPRINT.__set__(finding, (made, number))
    return finding


class Context:
    """What a check may ask besides the policy, and how it reports."""

    __slots__ = ("catalog", "policy", "rule")

    def __init__(self, rule: Rule, policy: Policy, catalog: Catalog) -> None:
        self.rule: Final = rule
        self.policy: Final = policy
        self.catalog: Final = catalog

    def finding(
        self,
        place: Node | Member,
        message: str,
        *,
        related: Late[Related] = (),
        issue_code: str | None = None,
        fixes: tuple[Fix, ...] = (),
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of the rule at a value, or at the key of a member.

        Where the rule answers one check of IAM Access Analyzer only, that is the issue code. A
        severity is given where AWS's finding type depends on what was found. The related places may
        be a function, which makes them when they are first asked for.
        """
        codes = self.rule.access_analyzer
        return Finding(
            rule=self.rule.id,
            severity=severity or self.rule.severity,
            source=self.policy.source,
            span=place.key_span if isinstance(place, Member) else place.span,
            pointer=place.value.pointer if isinstance(place, Member) else place.pointer,
            message=message,
            related=related,  # type: ignore[arg-type]  # made when it is asked for
            issue_code=issue_code or (codes[0] if len(codes) == 1 else None),
            fixes=fixes,
            policy_name=self.policy.name,
            policy_type=self.policy.type,
        )


def related(place: Node | Member, label: str, *, alike: bool = False) -> Related:
    """A related place: a value, or the key of a member."""
    if isinstance(place, Member):
        return Related(place.key_span, place.value.pointer, label, alike)
    return Related(place.span, place.pointer, label, alike)


def enumerate_briefly(
    names: list[str] | tuple[str, ...], listed_at_most: int = LISTED_AT_MOST
) -> str:
    """The names as a message lists them: the first few, and how many more there are."""
    shown = ", ".join(names[:listed_at_most])
    left = len(names) - listed_at_most
    return f"{shown} and {left:,} more" if left > 0 else shown
