"""Findings about `aws:ResourceTag`, which not all requests have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly, related
from multitool_lint.diagnostics.other_keys import act_on_nothing, other_keys
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.action_scope import action_scopes
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.resource_tags import RESOURCE_TAG, Untagged, without_resource_tag

UNSUPPORTED_HERE = "does not support the key"
DISPUTED = "IAM Access Analyzer reports this, but AWS documents the key for this use"
TRY = "check that the condition works"
_TAG_TYPES = {
    "Deny": frozenset(PolicyType) - {PolicyType.TRUST},
    "Allow": frozenset(PolicyType) - {PolicyType.TRUST, PolicyType.SCP, PolicyType.RCP},
}
_TAG_CODE = "WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"


def resource_tag_findings(
    policy: Policy, statement: Statement, condition: Condition, context: Context
) -> Iterator[Finding]:
    """The findings about the actions of a statement that do not support `aws:ResourceTag`."""
    effect, key = statement.effect or "", condition.key.key
    if policy.type not in _TAG_TYPES.get(effect, ()) or statement.action is None:
        return
    # Null tests whether the tag is present, and Access Analyzer reports a statement once.
    coded = _first_compared(statement) is condition
    if statement.negates_actions:
        yield context.finding(
            condition.key,
            f"NotAction also matches actions that do not support {key}",
            label="not supported by some of the actions",
            notes=(f"for these actions, the condition {_outcome(statement, condition)}",),
            help="specify the actions in Action",
            related=(related(statement.action, "matches all other actions"),),
            issue_code=f"{effect.upper()}_NOTACTION_{_TAG_CODE}" if coded else "",
            severity=_tag_severity(statement, condition),
        )
        return
    by_service: dict[str, list[Untagged]] = {}
    for action in without_resource_tag(statement, context.catalog):
        reported = coded and action.reported
        if reported or not (action.partial or action.documented):
            by_service.setdefault(action.prefix if reported else "", []).append(action)
    if by_service and not _is_for_the_others(statement, condition, by_service):
        texts = [action.text for actions in by_service.values() for action in actions]
        advice = _advice(statement, condition, texts, context)
        for prefix, actions in by_service.items():
            code = f"{effect.upper()}_{_TAG_CODE}" if prefix else ""
            yield _without_tag(statement, condition, actions, context, code, advice)


def _first_compared(statement: Statement) -> Condition | None:
    about = (c for c in statement.conditions if c.lower_key.startswith(RESOURCE_TAG))
    return next((c for c in about if c.comparison.family not in ("", "Null")), None)


def _advice(
    statement: Statement, condition: Condition, texts: list[str], context: Context
) -> tuple[Severity, str]:
    """How severe it is that actions do not support the key, and what to do."""
    scopes, alone = action_scopes(context.catalog), len(texts) == statement.action_count
    severity = _tag_severity(statement, condition)
    if statement.allows and alone and not _holds_without_key(condition):
        # The statement never allows anything, whatever its resources are.
        severity = Severity.WARNING if act_on_nothing(scopes, texts) else severity
    return severity, other_keys(scopes, condition.key.key, texts, alone=alone)


def _without_tag(
    statement: Statement,
    condition: Condition,
    actions: list[Untagged],
    context: Context,
    code: str,
    advice: tuple[Severity, str],
) -> Finding:
    key = condition.key.key
    every = list(dict.fromkeys(name for action in actions for name in action.names))
    title, listed = subject(every, key, actions[0].prefix if code else "")
    if any(action.documented for action in actions):
        note, (severity, help_) = DISPUTED, (Severity.SUGGESTION, TRY)
    else:
        note = f"the condition {_outcome(statement, condition, len(every))}"
        severity, help_ = advice
    return context.finding(
        condition.key,
        title,
        notes=(*listed, note),
        help=help_,
        related=tuple(related(action.node, _relation(action)) for action in actions),
        issue_code=code,
        severity=severity,
    )


def _tag_severity(statement: Statement, condition: Condition) -> Severity:
    """How severe it is that requests lack a tag: whether a Deny denies less than intended, or more.

    AWS advises IfExists for a Deny that is to apply to requests without the key as well.
    """
    if statement.allows:
        return Severity.SUGGESTION
    if not _holds_without_key(condition):
        return Severity.SECURITY
    return Severity.SUGGESTION if condition.comparison.if_exists else Severity.WARNING


def subject(names: list[str], key: str, service: str = "") -> tuple[str, tuple[str, ...]]:
    """The title, and the note that lists the actions if there are several."""
    if len(names) == 1:
        return f"{names[0]} does not support {key}", ()
    whose = f" of {service}" if service else ""
    title = f"{len(names):,} actions{whose} do not support {key}"
    return title, (f"actions: {enumerate_briefly(names)}",)


def _relation(action: Untagged) -> str:
    return f"includes {enumerate_briefly(action.names, 1)}" if action.partial else UNSUPPORTED_HERE


def _is_for_the_others(
    statement: Statement, condition: Condition, by_service: Mapping[str, list[Untagged]]
) -> bool:
    """Whether IfExists limits the condition to the actions that support the key."""
    without = [action for actions in by_service.values() for action in actions]
    others = len(without) < len(statement.actions) or any(action.partial for action in without)
    return statement.allows and condition.comparison.if_exists and others


def _outcome(statement: Statement, condition: Condition, actions: int = 2) -> str:
    done, them = "allows" if statement.allows else "denies", "it" if actions == 1 else "them"
    if _holds_without_key(condition):
        return f"always matches, so this statement {done} {them} whatever the tags are"
    return f"never matches, so this statement never {done} {them}"


def _holds_without_key(condition: Condition) -> bool:
    operator = condition.comparison
    if operator.family == "Null" and not operator.qualifier:
        return any(str(node.value).lower() == "true" for node in condition.values)
    return operator.holds_without_key
