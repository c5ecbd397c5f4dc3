"""What the events of a function grant that a framework adds to its template."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from multitool_lint.aws.arn_references import REF
from multitool_lint.aws.function_events import SETTING, EventGrant, granted_by, settings_of
from multitool_lint.deployments.plain import items
from multitool_lint.syntax.terms import Guards, StatementValue, Text, Unknown, Value
from multitool_lint.values import managed

_SOURCE = "aws:SourceArn"
_INVOKES = "lambda:InvokeFunction"
_ARN = "arn:"
_OF_TOPIC = (
    "arn:aws:sns:",
    Unknown("own", "AWS::Region", REF, shown="AWS::Region"),
    ":",
    Unknown("own", "AWS::AccountId", REF, shown="AWS::AccountId"),
    ":",
)
_NOTHING = (False, "Disabled")
_DESTINATIONS = {"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}


class EventAccess(NamedTuple):
    """What events grant: statements of the function's policy and of its role, and its policies."""

    invoking: Sequence[StatementValue] = ()
    of_role: Sequence[StatementValue] = ()
    attached: Sequence[Value] = ()


def granted(framework: str, event: Value, given: Value, invokes: str = _INVOKES) -> EventAccess:
    """What an event of a framework grants that is given some properties, or one value.

    The service that has the event `invokes` the resource with it.
    """
    grant = granted_by(framework, event) if isinstance(event, str) else None
    if grant is None:
        return EventAccess([_unread(event)])
    statements = [*_of_role(grant, given), *_of_destination(given)]
    others = [value for name in grant.others if (value := _at(given, name)) is not None]
    if others or not (grant.is_known or framework.endswith(SETTING)):
        statements.append(_unread(event, *others))
    attached = [managed.arn_of(grant.policy)] if grant.policy else []
    return EventAccess([*_invoking(grant, given, invokes)], statements, attached)


def granted_by_settings(
    framework: str, value_of: Callable[[str], Value]
) -> Iterator[tuple[EventAccess, Guards]]:
    """What the settings of a function grant its role, and when."""
    for name in settings_of(framework):
        for value, guards in items(value_of(name) if name else True):
            if value not in _NOTHING:
                yield granted(f"{framework} {SETTING}", name, value), guards


def _unread(event: Value, *given: Value) -> StatementValue:
    """The statement of an event of which it is not known what the role may do for it."""
    return StatementValue({}, (), Unknown("event", event, *given))


def _invoking(grant: EventGrant, given: Value, action: str) -> Iterator[StatementValue]:
    if not grant.service:
        return
    elements: dict[str, Value] = {
        "Effect": "Allow",
        "Principal": {"Service": grant.service},
        "Action": action,
    }
    found = ((key, _at(given, name)) for name, key in grant.sources)
    key, source = next((pair for pair in found if pair[1] is not None), ("", None))
    if source is not None:
        is_arn = key == _SOURCE
        operator = "ArnLike" if is_arn else "StringEquals"
        elements["Condition"] = {operator: {key: _as_arn(source) if is_arn else source}}
    yield StatementValue(elements)


def _as_arn(topic: Value) -> Value:
    """The ARN of a topic that only has a name: it is one of the same deployment."""
    return Text((*_OF_TOPIC, topic)) if isinstance(topic, str) and _ARN not in topic else topic


def _of_role(grant: EventGrant, given: Value) -> Iterator[StatementValue]:
    named = next((found for name in grant.on if (found := _at(given, name)) is not None), None)
    if grant.actions:
        actions: list[Value] = [*grant.actions]
        resource = "*" if named is None else named
        yield StatementValue({"Effect": "Allow", "Action": actions, "Resource": resource})


def _of_destination(given: Value) -> Iterator[StatementValue]:
    """What the role may do with the queue or topic of what could not be processed."""
    failed = _at(_at(given, "DestinationConfig"), "OnFailure")
    action = _DESTINATIONS.get(str(_at(failed, "Type")))
    if action:
        yield StatementValue(
            {"Effect": "Allow", "Action": action, "Resource": _at(failed, "Destination")}
        )
    failed = _at(_at(given, "destinations"), "onFailure")
    if failed is not None:
        yield _unread("destination", failed)


def _at(value: Value, name: str) -> Value:
    """A property; `.` is a value without any."""
    if name == ".":
        return None if isinstance(value, dict) else value
    return value.get(name) if isinstance(value, dict) else None
