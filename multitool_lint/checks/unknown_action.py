"""Actions that their service does not have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.action_status import ActionStatus
from multitool_lint.aws.catalog.attested import evidence
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.name_index import MOST
from multitool_lint.aws.catalog.similar_names import is_slip, with_slip
from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.aws.patterns import covers, has_wildcard
from multitool_lint.diagnostics.finding import Context, Finding, Fix, quoted
from multitool_lint.diagnostics.fixes import unsafe
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.diagnostics.suggestion import alternatives, did_you_mean, list_actions
from multitool_lint.policy.action_scope import action_scopes
from multitool_lint.policy.action_status import UnresolvedAction, with_status
from multitool_lint.policy.document import Policy
from multitool_lint.policy.effective_actions import EffectiveActions, acts_on, known_resources
from multitool_lint.policy.statement_scope import ActionPattern, statement_scopes
from multitool_lint.syntax.patch.change import Change, append, remove, set_value
from multitool_lint.syntax.source import common_prefix


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each action that its service does not have, or without a service."""
    for action in with_status(policy, context.catalog, ActionStatus.MALFORMED):
        is_arn = action.text.startswith("arn:")
        yield context.finding(
            action.node,
            f"{quoted(action.text)} is {'an ARN, not an action' if is_arn else 'not an action'}",
            help="move the ARN to Resource"
            if is_arn
            else 'use the form service:action, as in "s3:GetObject"',
        )
    for action in with_status(policy, context.catalog, ActionStatus.UNKNOWN):
        yield _unknown(policy, context, action)


def _unknown(policy: Policy, context: Context, action: UnresolvedAction) -> Finding:
    """The finding about a name that its service does not have, with a suggestion."""
    catalog, node, text = context.catalog, action.node, action.text
    used = evidence(catalog, text)
    severity = Severity.WARNING if used else None
    if authorizing := catalog.authorising(text):
        joint = len(authorizing) == 1 or text.lower() in _joint_operations()
        needed = authorizing if joint else ()
        return context.finding(
            node,
            f"{quoted(text)} is an API operation, not an action",
            help=_how_to_authorize(authorizing, joint=joint),
            severity=severity,
            # To deny the action would deny its other operations, too.
            fixes=()
            if action.statement.effect == "Deny" and not action.statement.negates_actions
            else _fixes(policy, context, action, needed),
        )
    if used:
        return context.finding(
            node,
            f"{quoted(text)} is not in AWS's reference",
            notes=(used.clause, context.catalog_note),
            severity=Severity.SUGGESTION if used.managed else severity,
            issue_code=None if used.managed else "",  # it is probably newer than the catalog
        )
    prefix, _, name = text.partition(":")
    title = f'"{prefix}" does not have an action {quoted(name)}'
    close = _close(catalog, text)
    if longer := _longer(context, action, close):
        return context.finding(node, title, help=did_you_mean(longer))
    if len(close) == 1:
        title = f'{title}; did you mean "{close[0]}"?'
        is_here = close[0].partition(":")[0] == prefix.lower() and not has_wildcard(close[0])
        fixes = (
            _fixes(policy, context, action, close) if is_here and is_slip(text, close[0]) else ()
        )
        return context.finding(node, title, fixes=fixes)
    return context.finding(node, title, help=did_you_mean(close) or list_actions(prefix))


def _close(catalog: Catalog, text: str) -> tuple[str, ...]:
    """The actions that a name is probably meant to be, the best first.

    But for a slip, also in the name of an operation of the API, those that it is the beginning of
    are likelier than a similar name, a pattern for more than a few of them, and so are the few
    services that have exactly this action.
    """
    close = catalog.close_actions(text)
    if any(is_slip(text, name) for name in close):
        return close
    if authorizing := _of_operation(catalog, text):
        return authorizing
    begun = _begun(catalog, text)
    if len(begun) > MOST:
        return (f"{text}*",)
    if begun:
        # A single one may not be meant: "glue:BatchGetTable" may be a name that is made up.
        others = close if len(begun) == 1 else ()
        return tuple(dict.fromkeys((*begun, *others)))[:MOST]
    name = text.partition(":")[2]
    elsewhere = tuple(catalog.names(catalog.match(f"*:{name}")))
    return elsewhere if 0 < len(elsewhere) <= MOST else close


def _of_operation(catalog: Catalog, text: str) -> tuple[str, ...]:
    """What authorizes the operation that a name is with a slip: `ListObjects` for `ListObject`."""
    prefix = f"{text.partition(':')[0].lower()}:"
    names = (name for name in catalog.operations if name.startswith(prefix))
    operation = with_slip(text, (name.removeprefix(prefix) for name in names))
    return catalog.authorising(f"{prefix}{operation}") if operation else ()


def _begun(catalog: Catalog, text: str) -> tuple[str, ...]:
    """The actions whose names go on after that text with another word, as after `es:List`."""
    names = catalog.names(catalog.match(f"{text}?*"))
    return tuple(name for name in names if name[len(text)].isupper())


def _longer(context: Context, action: UnresolvedAction, close: Sequence[str]) -> tuple[str, ...]:
    """The actions that a plural may be of, where the one without the "s" is listed anyway.

    Next to `firehose:PutRecord`, the batch is missing that `firehose:PutRecords` is written for.
    """
    listed = action.statement.lower_action_names
    text = (action.node.string or "").lower()
    is_plural = len(close) == 1 and text == f"{close[0].lower()}s"
    if not is_plural or close[0].lower() not in listed:
        return ()
    longer = context.catalog.names(context.catalog.match(f"{close[0]}?*"))
    return tuple(name for name in longer if not any(covers(text, name.lower()) for text in listed))


def _fixes(
    policy: Policy, context: Context, action: UnresolvedAction, intended: Sequence[str]
) -> tuple[Fix, ...]:
    """List what was intended, unless other actions of the statement cover it.

    If they cover a part of what an operation needs, the rest may be needed on other resources: a
    copy reads an object and writes another one.
    """
    node, statement = action.node, action.statement
    if not intended or statement.action is None:
        return ()
    others = [other for other in statement.lower_action_names if other != action.text.lower()]
    missing = [
        name for name in intended if not any(covers(other, name.lower()) for other in others)
    ]
    if not missing:
        title = f"Remove {quoted(action.text)}, as {quoted(intended[0])} is listed"
        return unsafe(title, remove(node))
    if len(missing) < len(intended):
        return ()
    if all(_only_elsewhere(policy, context.catalog, action, name) for name in missing):
        title = f"Remove {quoted(action.text)}, as another statement allows {quoted(missing[0])}"
        return unsafe(title, remove(node))
    if len(missing) > 1:
        first, match = missing[0], context.catalog.match
        pattern = f"{first[: min(common_prefix(first, other) for other in missing[1:])]}*"
        if match(pattern) == ActionSet().union(map(match, missing)):
            missing = [pattern]
    title = f"Replace with {' and '.join(map(quoted, missing))}"
    changes: tuple[Change, ...] = (set_value(node, missing[0]),)
    if node is statement.action.value:
        changes = (set_value(node, missing[0] if len(missing) == 1 else missing),)
    elif len(missing) > 1:
        changes = (*changes, append(statement.action.value, missing[1:]))
    return unsafe(title, *changes)


def _only_elsewhere(policy: Policy, catalog: Catalog, action: UnresolvedAction, name: str) -> bool:
    """Whether an action acts on no resource of the statement, and another one allows it."""
    statement = action.statement
    scope = next(s for s in statement_scopes(policy, catalog) if s.statement is statement)
    resources = known_resources(scope)
    formats = action_scopes(catalog).formats(name.lower())
    if resources is None or any(acts_on(formats, text, catalog) for text in resources):
        return False
    pattern = ActionPattern(statement, 0, name, formats)
    return statement.allows and not EffectiveActions(policy, catalog).without(
        [pattern], scope, resources
    )


def _how_to_authorize(actions: Sequence[str], *, joint: bool) -> str:
    names = [f'"{action}"' for action in actions]
    if len(names) == 1:
        return f"use {names[0]}, which authorizes this operation"
    if joint:
        return f"use {' and '.join(names)}, which together authorize this operation"
    others = alternatives(names[1:])
    return f"use {names[0]}, which authorizes this operation, or {others}: the request decides"


@bundled_table("joint_operations.tsv")
def _joint_operations(rows: Rows) -> frozenset[str]:
    return frozenset(row[0].lower() for row in rows)
