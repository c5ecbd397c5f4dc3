"""Lint one policy: run the checks and engines that apply to it, and collect the findings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache

from multitool_lint.aws.catalog.catalog import Catalog, CatalogError
from multitool_lint.diagnostics.features import FEATURES, features
from multitool_lint.diagnostics.finding import FILE, Context, Finding
from multitool_lint.diagnostics.rule import PARLIAMENT, UNCHECKED, Rule, Severity, rules
from multitool_lint.limits import MAX_KEPT_POLICIES, MAX_SOURCE_VALUES
from multitool_lint.linter.plan import RulesKey, is_about_access, plan
from multitool_lint.linter.settings import Opinion
from multitool_lint.policy.document import Policy
from multitool_lint.policy.in_force import in_force
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Array, Node, Object, UnknownNode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.linter.truncate import Budget

SCHEMAS = "json_schema"
"""The engine that answers the rules of the grammar; it may repeat what a check reports."""

SIZE_RULE = "oversized-policy"
"""The rule that reports the part of a policy that was not checked, even if it is disabled."""

_REPEATED = "duplicate-key"
_FUNCTIONS = "quoted-function"

_FILE_LIMIT = f"the policies before it have {MAX_SOURCE_VALUES:,} values"

Engine = Callable[["Policy", "Catalog", "Mapping[str, Rule]"], "Iterator[Finding]"]
"""The function `findings` of an engine module: what it reports under the enabled rules."""


def lint_policy(
    policy: Policy,
    enabled: Mapping[str, Rule],
    catalog: Catalog,
    limits: Budget,
    *,
    keeps: bool = False,
) -> list[Finding]:
    """The findings of the enabled rules, of which a check and an engine may answer the same.

    Where both report a rule at the same place, what the check reports is kept. One that `keeps`
    what is found is linted again with its file, after edits of other parts.
    """
    policy, left_out, reason = limits.truncated(policy)
    if keeps and not left_out and limits.opinion is Opinion.NONE:
        findings = [*_kept(_EqualityKey(policy), RulesKey(enabled), catalog)]
    else:
        findings = _checked(policy, enabled, catalog, whole=not left_out)
    findings = _confirmed(findings, policy, catalog, limits)
    if left_out:
        # A fix of the checked part could lose the other one.
        findings = [
            finding._replace(fixes=()) if finding.fixes else finding for finding in findings
        ]
        limit = f"the policy has more than {reason}, which AWS accepts in no policy"
        notes = (limit, "other findings have no fixes")
        findings.append(_left_out(policy, left_out, "statements", notes, catalog))
    return sorted(findings, key=lambda finding: (finding.span, finding.rule))


class _EqualityKey:
    """A policy that is the key of a cache: it is the same if the same is found in it.

    In an editor, most of a file is after an edit as it was.
    Its text says all of it but for what is filled in elsewhere.
    """

    __slots__ = ("_parts", "policy")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._parts = (
            policy.source.path,
            policy.source.text,
            *(policy.type, policy.resource_type, policy.name, policy.visibility),
            *(policy.fragment, policy.merged_by_sid, policy.of_roles),
            tuple(statement.node.span for statement in policy.statements),
            tuple(_unknown_values(policy.root)),
        )

    def __hash__(self) -> int:
        return hash(self._parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _EqualityKey) and self._parts == other._parts


def _unknown_values(node: Node) -> Iterator[tuple[int, str, str]]:
    """Where values are filled in elsewhere, and what is known of each."""
    if isinstance(node, UnknownNode):
        yield node.span[0], node.context, node.text
    elif isinstance(node.value, Object):
        for member in node.value:
            yield from _unknown_values(member.value)
    elif isinstance(node.value, Array):
        for item in node.value:
            yield from _unknown_values(item)


@lru_cache(maxsize=MAX_KEPT_POLICIES)
def _kept(key: _EqualityKey, enabled: RulesKey, catalog: Catalog) -> tuple[Finding, ...]:
    return tuple(_checked(key.policy, enabled.rules, catalog, whole=True))


def _checked(
    policy: Policy, enabled: Mapping[str, Rule], catalog: Catalog, *, whole: bool
) -> list[Finding]:
    """What is found, with the fixes of a whole policy, and the commands, that were tried."""
    findings = _found(policy, enabled, catalog)
    if whole and any(finding.fixes for finding in findings):
        from multitool_lint.linter.trial import without_failing_fixes

        findings = without_failing_fixes(findings, policy, enabled, catalog, _found)
    if any(FILE in finding.help_template for finding in findings):
        from multitool_lint.linter.commands import with_commands_that_work  # it saves start-up

        findings = [with_commands_that_work(finding, policy, catalog) for finding in findings]
    if any(finding.rule == _REPEATED for finding in findings):
        findings += _in_replaced_values(findings, policy, enabled, catalog)
    return findings


def _in_replaced_values(
    known: Sequence[Finding], policy: Policy, enabled: Mapping[str, Rule], catalog: Catalog
) -> Iterator[Finding]:
    """What is found in the earlier values of repeated keys, which are probably meant, too."""
    from multitool_lint.policy.repeated_keys import replaced_values

    seen = {_place(finding) for finding in known}
    for replaced in replaced_values(policy):
        note = f'most parsers keep only a later "{replaced.key}"'
        for finding in _found(replaced.policy, enabled, catalog):
            start, end = finding.span
            inside = replaced.span.start <= start and end <= replaced.span.end
            if inside and _place(finding) not in seen:
                seen.add(_place(finding))
                notes = (*finding.notes, note)
                advice = "" if FILE in finding.help_template else finding.help_template
                yield finding._replace(notes=notes, help_template=advice, fixes=())


def _found(policy: Policy, enabled: Mapping[str, Rule], catalog: Catalog) -> list[Finding]:
    """What the checks and engines of the enabled rules find in a policy."""
    findings: list[Finding] = []
    try:
        found, current = features(policy, catalog), in_force(policy, catalog)
    except CatalogError:
        raise  # no check can be asked
    except Exception as error:  # noqa: BLE001 - every check runs, and the failure is reported
        found, current = FEATURES, policy
        findings.append(_failure("features", error, policy, catalog))
    for name, run, arguments in _runs(policy, current, enabled, catalog, found):
        try:
            new = list(run(*arguments))
        except CatalogError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the others go on
            new = [_failure(name, error, policy, catalog)]
        if new and name == SCHEMAS:
            found_at = {_place(finding) for finding in findings if finding.rule not in UNCHECKED}
            new = [finding for finding in new if _place(finding) not in found_at]
        findings += new
    # What else is wrong with the text of a function is of no use.
    functions = {finding.span for finding in findings if finding.rule == _FUNCTIONS}
    return [f for f in findings if f.rule == _FUNCTIONS or f.span not in functions]


def _confirmed(
    findings: list[Finding], policy: Policy, catalog: Catalog, limits: Budget
) -> list[Finding]:
    """The findings, those that parliament reports as well marked as such."""
    if not findings or limits.opinion is Opinion.NONE:
        return findings
    every = limits.opinion is Opinion.EVERY
    if not any(finding.rule in _answered(every=every) for finding in findings):
        return findings
    from multitool_lint.engines.parliament import engine as parliament

    try:
        return parliament.confirm(findings, policy, catalog, limits.spend, every=every)
    except CatalogError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - such as a broken installation
        return [*findings, _failure(parliament.NAME, error, policy, catalog)]


def file_left_out(policy: Policy, catalog: Catalog) -> Finding:
    """Report that the policies of a file are not checked from one on."""
    finding = _left_out(policy, policy.root, "policies", (_FILE_LIMIT,), catalog)
    return finding._replace(help_template="split the file")


def _left_out(
    policy: Policy, place: Node, parts: str, notes: tuple[str, ...], catalog: Catalog
) -> Finding:
    """The part that is not checked is reported, whatever rules are enabled: it fails the run."""
    return Context(rules()[SIZE_RULE], policy, catalog).finding(
        place,
        f"The {parts} from here on are not checked",
        notes=notes,
        help="split the policy",
        severity=Severity.ERROR,
    )


def _runs(
    policy: Policy,
    current: Policy,
    enabled: Mapping[str, Rule],
    catalog: Catalog,
    found: frozenset[str],
) -> list[tuple[str, Callable[..., Iterator[Finding]], tuple[object, ...]]]:
    """The checks and engines for a policy with these features, with their names and arguments.

    Rules about access are asked about `current`, the statements that can still apply.
    """
    planned = plan(enabled, policy.type.value)
    checks = planned.checks(found)
    if planned.by_parliament:
        from multitool_lint.engines.parliament.itself import findings

        return [(PARLIAMENT, findings, (policy, catalog, planned.applicable))]
    runs: list[tuple[str, Callable[..., Iterator[Finding]], tuple[object, ...]]] = []
    for name, rule, check in checks:
        asked = current if current is not policy and is_about_access(rule) else policy
        runs.append((name, check, (asked, Context(rule, asked, catalog))))
    return [
        *runs,
        (SCHEMAS, _schemas(), (policy, catalog, planned.applicable)),
    ]


def _place(finding: Finding) -> tuple[str, Span]:
    return finding.rule, finding.span


def _failure(name: str, error: BaseException, policy: Policy, catalog: Catalog) -> Finding:
    context = Context(rules()["internal-error"], policy, catalog)
    return context.finding(
        policy.root,
        f"Check {name} failed on this policy: {type(error).__name__}",
        notes=(str(error),) if str(error) else (),
        help="report the error, with the policy if you can share it",
    )


def _answered(*, every: bool) -> Collection[str]:
    """The rules about whose findings parliament is asked."""
    # A run without findings need not wait for it.
    from multitool_lint.engines.parliament.finding_types import answered

    return answered(every=every)


@cache
def _schemas() -> Engine:
    from multitool_lint.engines.json_schema.engine import findings

    return findings
