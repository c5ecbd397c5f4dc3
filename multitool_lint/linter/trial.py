"""Fixes, tried before they are offered: one that changes access ends its finding, and no more.

A fix that fails is not offered, and its finding says why. That a safe one leaves access as it is,
is proved where it is applied; here it is asked whether a proof is possible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, filterfalse

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Finding, Fix, Safety, enumerate_briefly
from multitool_lint.diagnostics.rule import Rule, Severity, rules
from multitool_lint.formats.normalized import rewritten
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_TRIED_CHARACTERS
from multitool_lint.linter.join import ABOUT_GRANTS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.patch.change import REMOVED, Change, apply_changes
from multitool_lint.syntax.placeholders import has_placeholder
from multitool_lint.syntax.tree import Array, Member, Node, Object, as_list

Lint = Callable[[Policy, Mapping[str, Rule], Catalog], list[Finding]]
"""What the given rules find in a policy."""

_COUNTING = frozenset(ABOUT_GRANTS) | {"oversized-policy"}
"""The rules whose titles have numbers of what the whole statement or policy has."""

_FEW = 4
"""Statements of a policy that is linted as a whole."""

_NUMBER = lazy_pattern(r"[Ss]tatement \d")
"""The number of a statement, which is another one where statements are left out."""
_COUNTED = lazy_pattern(r"(?P<number>\d+)(?P<rest> .*)")
_UNTRIED = "too much to try in this policy"
_NO_CHANGE = "the policy cannot be changed so"


class Trial(NamedTuple):
    """A fix of a finding, to be tried."""

    finding: Finding
    fix: Fix


def without_failing_fixes(
    findings: Sequence[Finding],
    policy: Policy,
    enabled: Mapping[str, Rule],
    catalog: Catalog,
    lint: Lint,
) -> list[Finding]:
    """The findings, with those of their fixes that pass."""
    trials = [Trial(finding, fix) for finding in findings for fix in finding.fixes]
    tried = [trial for trial in trials if trial.fix.safety is not Safety.SAFE]
    statements = {statement.node.pointer: statement for statement in policy.statements}
    failed = {
        id(trial.fix): doubt
        for trial in trials
        if trial.fix.safety is not Safety.UNSAFE
        and (doubt := _doubt(trial.fix, statements, policy, catalog))
    }
    if tried:
        judging = {**{id_: rule for id_, rule in rules().items() if rule.default}, **enabled}
        before = findings if judging.keys() == enabled.keys() else None
        court = _Court(policy, tried, before, judging, catalog, lint)
        failed |= {id(trial.fix): reason for trial, reason in court.failures()}
    return [_without(finding, failed) for finding in findings] if failed else list(findings)


def _is_plain(statement: Statement) -> bool:
    """Whether it is seen at once that a statement can be compared: most are like that."""
    return (
        statement.plain
        and statement.condition is None
        and statement.effect in ("Allow", "Deny")
        and statement.action_count > 0
        and statement.resource_count > 0
        and not any(map(has_placeholder, (*statement.action_names, *statement.resource_names)))
    )


def _pointers_above(pointer: str) -> Iterator[str]:
    """The pointers of what contains the value at a pointer, the outermost first."""
    return (pointer[:at] for at, character in enumerate(pointer) if character == "/")


def _doubt(
    fix: Fix, statements: Mapping[str, Statement], policy: Policy, catalog: Catalog
) -> str | None:
    """Why it cannot be proved that a fix leaves access as it is."""
    pointers = chain.from_iterable(_pointers_above(change.pointer) for change in fix.changes)
    for pointer in dict.fromkeys(pointers):
        statement = statements.get(pointer)
        # One with an Effect that depends on conditions is proved in each case.
        if statement and statement.effect is not None and not _is_plain(statement):
            from multitool_lint.policy.compare.statement import StatementSemantics, UndecidableError

            try:
                _ = StatementSemantics(statement, policy, catalog).scopes
            except UndecidableError as reason:
                return f"there is no proof that access stays the same: {reason}"
    return None


def _without(finding: Finding, failed: Mapping[int, str]) -> Finding:
    """A finding without the fixes that failed, and with a note about the first of them."""
    kept = tuple(fix for fix in finding.fixes if id(fix) not in failed)
    if len(kept) == len(finding.fixes):
        return finding
    first = next(fix for fix in finding.fixes if id(fix) in failed)
    note = f"no fix is offered: {first.title}: {failed[id(first)]}"
    return finding._replace(fixes=kept, notes=(*finding.notes, note))


class _Court:
    """Tries fixes of one policy, as long as there is room for the texts that they make.

    Of a long policy, only the statements are linted that change, and those about the same services.
    """

    def __init__(
        self,
        policy: Policy,
        trials: Sequence[Trial],
        before: Sequence[Finding] | None,
        judging: Mapping[str, Rule],
        catalog: Catalog,
        lint: Lint,
    ) -> None:
        self._policy = policy
        self._trials = trials
        self._catalog = catalog
        self._lint: Callable[[Policy], list[Finding]] = lambda changed: lint(
            changed, judging, catalog
        )
        self._left_out = _unrelated(policy, trials)
        kept = _written(policy, policy.root, self._left_out)
        if before is None or self._left_out:
            before = self._lint(kept)
        self._before = Counter(map(problem, before))
        self._left = MAX_TRIED_CHARACTERS // max(len(kept.source.text), 1)

    def failures(self) -> Iterator[tuple[Trial, str]]:
        """The fixes that fail, each with the reason. Those that pass together, pass."""
        alike: dict[str, list[Trial]] = {}
        for trial in self._trials:
            alike.setdefault(repr(trial.fix.changes), []).append(trial)
        reason = self._objection(self._trials)
        if reason is None:
            return
        for same in alike.values():
            if len(alike) > 1:  # otherwise this was tried
                reason = self._objection(same)
            if reason:
                yield from ((trial, reason) for trial in same)

    def _objection(self, trials: Sequence[Trial]) -> str | None:
        if self._left <= 0:
            return _UNTRIED
        self._left -= 1
        changes = [change for trial in trials for change in trial.fix.changes]
        root = apply_changes(self._policy.root, changes)
        if root is None:
            return _NO_CHANGE
        found = self._lint(_written(self._policy, root, self._left_out))
        return (
            self._new(found)
            or self._lost(root, changes)
            or self._left_over(found, [trial.finding for trial in trials])
        )

    def _new(self, found: Sequence[Finding]) -> str | None:
        """What is found only after the changes, but for suggestions about what is granted now."""
        after = Counter(map(problem, filterfalse(suggests_less_access, found)))
        new = after - self._before
        gone = self._before - after
        for finding in found:
            if problem(finding) in new and not is_about_fewer(finding, gone):
                is_numbered = self._left_out and _NUMBER.search(finding.title)
                title = "a statement would be redundant" if is_numbered else finding.title
                return f"{title} [{finding.rule}]"
        return None

    def _left_over(self, found: Sequence[Finding], ended: Iterable[Finding]) -> str | None:
        """A finding that is still there."""
        after = Counter(map(problem, found))
        for about, number in Counter(map(problem, ended)).items():
            if after[about] > self._before[about] - number:
                return "the finding would remain"
        return None

    def _lost(self, root: Node, changes: Iterable[Change]) -> str | None:
        """The actions that a removal takes away: a replacement is the value that was intended."""
        if all(change.value is not REMOVED for change in changes):
            return None
        # What is known of a statement that stays as it is need not be found again.
        same = {id(statement.node): statement for statement in self._policy.statements}
        changed = [same.get(id(node)) or Statement(node) for node in as_list(root.get("Statement"))]
        for effect in ("Allow", "Deny"):
            before, after = (
                ActionSet().union(
                    actions_of(statement, self._catalog)
                    for statement in statements
                    if statement.effect == effect
                )
                for statements in (self._policy.statements, changed)
            )
            if lost := before - after:
                verb = "allow" if effect == "Allow" else "deny"
                names = enumerate_briefly(list(self._catalog.names(lost)))
                return f"the policy would no longer {verb} {names}"
        return None


def suggests_less_access(finding: Finding) -> bool:
    """Whether a finding suggests to reduce a grant: a corrected action grants something."""
    return finding.severity is Severity.SUGGESTION and finding.rule in ABOUT_GRANTS


def problem(finding: Finding) -> Hashable:
    """What a finding is about, wherever it is, but for numbers that a fix may change."""
    return finding.rule if finding.rule in _COUNTING else (finding.rule, finding.title)


def is_about_fewer(finding: Finding, gone: Iterable[Hashable]) -> bool:
    """Whether a finding was there about more actions, values or the like."""
    counted = _COUNTED.match(finding.title)
    return counted is not None and any(
        isinstance(entry, tuple)
        and entry[0] == finding.rule
        and (earlier := _COUNTED.match(entry[1])) is not None
        and earlier["rest"] == counted["rest"]
        and int(earlier["number"]) > int(counted["number"])
        for entry in gone
    )


def _unrelated(policy: Policy, trials: Iterable[Trial]) -> frozenset[int]:
    """The statements of a long policy, by identity, that no fix changes or has to do with."""
    changes = [change for trial in trials for change in trial.fix.changes]
    pointers = [change.pointer for change in changes]
    if len(policy.statements) <= _FEW or not all(
        pointer.startswith("/Statement/") for pointer in pointers
    ):
        return frozenset()
    places = {*pointers, *chain.from_iterable(map(_pointers_above, pointers))}
    changed: list[Statement] = []
    others: list[Statement] = []
    for statement in policy.statements:
        (changed if statement.node.pointer in places else others).append(statement)
    root = apply_changes(policy.root, changes)
    after = [Statement(node) for node in as_list(root.get("Statement"))] if root else []
    changed += [statement for statement in after if statement.node.pointer in places]
    services = frozenset[str]().union(*(statement.services for statement in changed))
    return frozenset(
        id(statement.node)
        for statement in others
        if not (statement.open_ended or services & statement.services)
    )


def _written(policy: Policy, root: Node, left_out: frozenset[int]) -> Policy:
    """A policy with another tree, less the statements that are left out, with a text of its own."""
    if left_out and isinstance(root.value, Object):
        members = [
            Member(member.key, member.key_span, _array(member.value, left_out))
            if member.key == "Statement"
            else member
            for member in root.value
        ]
        root = Node(root.span, Object(members), root.pointer)
    return rewritten(policy, root)


def _array(node: Node, left_out: frozenset[int]) -> Node:
    kept = [item for item in as_list(node) if id(item) not in left_out]
    return Node(node.span, Array(kept), node.pointer)
