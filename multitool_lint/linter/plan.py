"""Which checks are to be run on a policy, by its type and its features, or on references."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial

from multitool_lint.aws.catalog.tables import CatalogError
from multitool_lint.diagnostics.finding import Finding, ReferenceContext
from multitool_lint.diagnostics.rule import PARLIAMENT, POLICIES, REFERENCES, Rule, Severity, rules
from multitool_lint.limits import MAX_CHECK_PLANS
from multitool_lint.syntax.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.policy.managed_references import PolicyReference

    T = TypeVar("T")

_DATES = "expired-statement"
_WHOLE = frozenset({"duplicate-sid", "oversized-policy"})
"""The rules about a policy as a whole, which others that it is merged from cannot answer."""

Check = Callable[..., "Iterator[Any]"]
"""The function `check` of a check module."""


def findings_of(run: Callable[[], Iterable[T]], failure: Callable[[BaseException], T]) -> list[T]:
    """What a check yields; one that fails has the finding that says so, and the others go on.

    Raises:
        CatalogError: no check can be asked.
    """
    try:
        return list(run())
    except CatalogError:
        raise
    except Exception as error:  # noqa: BLE001 - the others go on
        return [failure(error)]


def failed_check(
    name: str, what: str, source: Source, span: Span, pointer: str, error: BaseException
) -> Finding:
    """The finding that a check has failed on something of a file."""
    return Finding(
        "internal-error",
        rules()["internal-error"].severity,
        source,
        span,
        pointer=pointer,
        title=f"Check {name} failed on {what}: {type(error).__name__}",
        notes=(str(error),) if str(error) else (),
        help_template="report the error, with the file if you can share it",
    )


class RulesKey:
    """Rules that are the key of a cache: they are the same if they are the same object."""

    __slots__ = ("rules",)

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = rules

    def __hash__(self) -> int:
        return id(self.rules)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RulesKey) and self.rules is other.rules


class Plan:
    """The enabled rules that apply to policies of a type, and the checks that each is given to.

    `by_parliament` says that they are finding types of parliament, which it answers itself.
    """

    def __init__(self, enabled: Mapping[str, Rule], type: str) -> None:
        self.applicable = {
            id_: rule
            for id_, rule in enabled.items()
            if type in rule.types and rule.about == POLICIES
        }
        self.by_parliament = any(rule.origin == PARLIAMENT for rule in enabled.values())
        self._made: dict[frozenset[str], tuple[tuple[str, Rule, Check], ...]] = {}

    def checks(self, features: frozenset[str]) -> tuple[tuple[str, Rule, Check], ...]:
        """Those of the checks that may find something in a policy with these features only.

        Each comes with its name and its rule. A check is imported when it is first to be run. The
        answer is kept, because computing it for every policy would take as long as many a check.
        """
        asked = self._made.get(features)
        if asked is None:
            asked = tuple(
                [
                    (rule.name, rule, check)
                    for id_, rule in self.applicable.items()
                    if not rule.needs or not features.isdisjoint(rule.needs)
                    if (check := rule.check or _check(id_))
                ]
            )
            if len(self._made) < MAX_CHECK_PLANS:
                self._made[features] = asked
        return asked


_ABOUT_ACCESS = frozenset({"access", "escalation", "exposure", "trust"})
"""The topics of rules about what a policy allows and denies."""


@cache
def _rules_about_access() -> frozenset[str]:
    return frozenset(
        rule.id
        for rule in rules().values()
        if rule.severity is not Severity.ERROR and not _ABOUT_ACCESS.isdisjoint(rule.topics)
    )


def is_about_access(rule: Rule) -> bool:
    """Whether a rule is about access, and not about a mistake that AWS rejects.

    A statement that never applies allows nothing, but may have mistakes.
    """
    return not rule.origin and rule.id in _rules_about_access()


def plan(enabled: Mapping[str, Rule], type: str) -> Plan:
    """The plan for policies of a type, kept for as long as the rules are the same object."""
    return _plan(RulesKey(enabled), type)


@lru_cache(maxsize=64)
def _plan(enabled: RulesKey, type: str) -> Plan:
    return Plan(enabled.rules, type)


def checks_about(subject: str, enabled: Mapping[str, Rule]) -> Iterator[tuple[Rule, Check]]:
    """The enabled rules about references or identities, each with its check."""
    for id_, rule in enabled.items():
        if rule.about == subject and (check := _check(id_)):
            yield rule, check


@cache
def _check(rule: str) -> Check | None:
    """The check of a rule, None where an engine or a loader answers it."""
    name = rule.replace("-", "_")
    if name not in _check_names():
        return None
    check: Check = importlib.import_module(f"multitool_lint.checks.{name}").check
    return check


@cache
def _check_names() -> frozenset[str]:
    # One look at the folder, instead of one for each rule; perhaps only compiled modules are there.
    names = os.listdir(f"{os.path.dirname(os.path.dirname(__file__))}/checks")  # noqa: PTH120, PTH208  # Path is slow to import
    return frozenset(name.partition(".")[0] for name in names)


def rules_for(entry: FoundPolicy, enabled: Mapping[str, Rule]) -> Mapping[str, Rule]:
    """The rules for a policy: of one that AWS has published, about what it grants."""
    if entry.merged:
        return {id_: rule for id_, rule in enabled.items() if id_ in _WHOLE}
    if entry.published:
        security = {id_ for id_, rule in rules().items() if rule.severity is Severity.SECURITY}
        of_organisation = enabled.keys() - rules().keys()
        return {id_: enabled[id_] for id_ in enabled if id_ in security | of_organisation}
    return _rules_for_examples(RulesKey(enabled)) if entry.in_page else enabled


@lru_cache(maxsize=4)
def _rules_for_examples(enabled: RulesKey) -> Mapping[str, Rule]:
    """The rules for examples of documentation, whose dates pass without consequence."""
    return {id_: rule for id_, rule in enabled.rules.items() if id_ != _DATES}


def findings(
    references: Sequence[PolicyReference],
    source: Source,
    enabled: Mapping[str, Rule],
    catalog: Catalog,
) -> Iterator[Finding]:
    """The findings of the enabled rules about references; a check that fails is one, too."""
    place = "the references here", source, references[0].span, ""
    for rule, check in checks_about(REFERENCES, enabled):
        run = partial(check, references, ReferenceContext(rule, source, catalog))
        yield from findings_of(run, partial(failed_check, rule.name, *place))
