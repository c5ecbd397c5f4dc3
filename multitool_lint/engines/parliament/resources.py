"""What parliament suspects of resources: which of it is true, and what to write instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.aws import arn, arn_formats, patterns
from multitool_lint.aws.policy_types import may_stand_in, resource_policies
from multitool_lint.diagnostics.finding import LISTED_AT_MOST, enumerate_briefly, related
from multitool_lint.policy.access import Grant
from multitool_lint.policy.action_scope import may_act_on
from multitool_lint.policy.resources import ties

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.aws.catalog.action_scope import Reach
    from multitool_lint.aws.policy_types import ResourcePolicy
    from multitool_lint.diagnostics.finding import Finding, Related
    from multitool_lint.engines.parliament.statement import Case, Named

_FORMATS_AT_MOST = 2
_ALIAS = ":alias/"

_WHOLE_KIND = re.compile(r"(/[\w-]*|[\w-]+[/:])?\*+([/:]\*+)*")
"""The last field of an ARN that names all resources of a kind, or all of the service."""

_WHOLE_PATH = re.compile(r"[\w-]+/.*/\*")
"""The last field of an ARN of IAM that names all below a path, as a list is asked for."""

_UNDOCUMENTED = (
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-policies-s3.html
    ("s3:listallmybuckets", "arn:aws:s3:::"),
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-quickstart.html
    ("ssmmessages:opendatachannel", ":session/"),
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-template.html
    ("cloudformation:", ":transform/"),
    ("cloudformation:", ":type/"),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/permissions-reference-cwl.html
    ("logs:describeloggroups", ":log-group:"),
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-read-stream-only.html
    ("dynamodb:liststreams", "/stream/"),
)
"""Beginnings of actions, and a part of resources that they act on though the catalog has it not."""


def mismatched_resource(case: Case) -> Iterator[Finding]:
    """Confirm RESOURCE_MISMATCH, if some action acts on none of the resources.

    Drops what parliament suspects of actions that need a resource of several types: which of them
    a statement names is for it to say. Of a wildcard it is enough that one action acts on one. What
    a resource or an action has that is wrong in itself has rules of its own.
    """
    resources = case.resources
    if resources is None or case.everything is not None:
        return
    idle = _idle(case, resources)
    if not idle:
        return
    if any(_ALIAS in each for each in resources) and len(idle) == len(case.action_names):
        idle = [each for each in idle if not _acts_on_key(each, resources)]  # kms-alias-as-key
    if idle and not any(_is_wrong_in_itself(case, each) for each in resources):
        place = case.statement.resource_node(0) if _is_to_blame(case, idle) else idle[0].node
        others = [each.at for each in idle if each.node is not place]
        yield case.context("mismatched-resource").finding(
            place, _mismatch(case, idle), related=_takers(case, others)
        )


def _is_wrong_in_itself(case: Case, resource: str) -> bool:
    """Whether no action at all acts on a resource, or none that the policy can be about."""
    catalog, attached = case.facts.catalog, _attached(case)
    fields = arn.fields(resource)
    return (
        arn.defect(resource) is not None
        or bool(arn_formats.misfits(catalog)(resource))
        or (
            fields is not None
            and not patterns.has_wildcard(fields.service)
            and not arn_formats.is_service(catalog, fields.service)
        )
        or (attached is not None and not may_stand_in(attached, resource, catalog))
    )


def _attached(case: Case) -> ResourcePolicy | None:
    """What can stand in the policy, if it is known to be that of a resource."""
    type_ = case.policy.resource_type
    return resource_policies().get(type_) if type_ else None


def _acts_on_key(action: Named, resources: Sequence[str]) -> bool:
    """Whether an action acts on the KMS key for which an alias stands among the resources."""
    return any(
        may_act_on(action.reach, resource.replace(_ALIAS, ":key/"))
        for resource in resources
        if _ALIAS in resource
    )


def _idle(case: Case, resources: Sequence[str]) -> list[Named]:
    """Find the actions that act on none of the resources.

    Those of other services than that of the resource with the policy are left out.
    """
    attached = _attached(case)
    # Most actions of a service act on the same: what is the same object is looked at once.
    suspects = {
        key
        for key, reach in {id(each): each for each in case.reaches}.items()
        if reach.judged and not any(may_act_on(reach, one) for one in resources)
    }
    if not suspects:
        return []
    idle = []
    for at, (name, reach) in enumerate(zip(case.action_names, case.reaches, strict=True)):
        if id(reach) not in suspects:
            continue
        if attached and not name.lower().startswith((f"{attached.prefix}:", "*", "?")):
            continue
        if not any(_acts_on_undocumented(name, reach, resource) for resource in resources):
            idle.append(case.named(at))
    return idle


def _is_to_blame(case: Case, idle: list[Named]) -> bool:
    """Whether the only resource is wrong rather than the actions, none of which it suits."""
    return len(idle) == len(case.action_names) and case.statement.resource_count == 1


def _mismatch(case: Case, idle: list[Named]) -> str:
    """Say which actions act on none of the resources, and what they would act on."""
    names = enumerate_briefly([each.text for each in idle])
    one = len(idle) == 1
    scoped = next((each for each in idle if each.reach.formats), None)
    if scoped is None:
        return f'{names} cannot be limited to ARNs: {"it needs" if one else "they need"} "*"'
    done = "denied" if case.statement.effect == "Deny" else "allowed"
    return (
        f"{names} {'acts' if one else 'act'} on none of the statement's resources, so "
        f"{'it is' if one else 'they are'} never {done} here; {'it' if one else scoped.text} takes "
        f"{_what(scoped.reach)}"
    )


def _acts_on_undocumented(action: str, reach: Reach, resource: str) -> bool:
    return (
        (reach.unscoped and _is_whole_kind(action, resource))
        or _is_tagging_within_service(action, resource)
        or _is_undocumented(action, resource)
    )


def _is_whole_kind(action: str, resource: str) -> bool:
    """Whether a resource is all of a kind, such as `role/*`, in the service of the action.

    An action that is documented to take only `*` is often checked against just that:
    `iam:ListRoles` against `arn:aws:iam::111122223333:role/`, and, if asked for those below a path,
    `role/aws-service-role/`. AWS's own policies rely on it.
    """
    fields = arn.fields(resource)
    return (
        fields is not None
        and fields.service in (action.partition(":")[0].lower(), "*")
        and (
            _WHOLE_KIND.fullmatch(fields.resource) is not None
            or (fields.service == "iam" and _WHOLE_PATH.fullmatch(fields.resource) is not None)
        )
    )


def _is_tagging_within_service(action: str, resource: str) -> bool:
    """Whether an action is about tags: the catalog lists only some of the types it takes."""
    prefix, _, name = action.lower().partition(":")
    fields = arn.fields(resource)
    return (
        "tag" in name
        and fields is not None
        and (prefix == "tag" or fields.service in (prefix, "*"))
    )


def _is_undocumented(action: str, resource: str) -> bool:
    lower = action.lower()
    return any(lower.startswith(start) and part in resource for start, part in _UNDOCUMENTED)


def unscoped_resource(case: Case) -> Iterator[Finding]:
    """Confirm RESOURCE_STAR, if some action takes ARNs and no condition limits it to targets."""
    everything = case.everything
    if everything is None or _is_no_wide_grant(case):
        return
    limitable = [at for at, reach in enumerate(case.reaches) if reach.limitable]
    if not limitable:
        return
    names = enumerate_briefly([case.action_names[at] for at in limitable])
    yield case.context("unscoped-resource").finding(
        case.statement.resource_node(everything),
        f'"*" covers every resource, though {names} can be limited to ARNs',
        related=_takers(case, limitable),
    )


def effectively_unscoped_resource(case: Case) -> Iterator[Finding]:
    """Confirm RESOURCE_EFFECTIVELY_STAR, if the ARNs cover all that the actions act on."""
    resources = case.resources
    if not resources or case.everything is not None or _is_no_wide_grant(case):
        return
    if not all("*" in each for each in resources):
        return
    named = {arn.in_any_partition(resource) for resource in resources}
    documented: set[str] = set()
    for formats in {reach.formats for reach in case.reaches}:
        documented.update(map(arn.everything_of, formats))
        if not documented <= named:
            return
    if documented != named:
        return
    actions = list(map(case.named, range(len(case.action_names))))
    names = enumerate_briefly([each.text for each in actions if each.reach.formats])
    yield case.context("unscoped-resource").finding(
        case.statement.resource_node(0),
        f'this is as much as "*" for {names}, which can be limited to narrower ARNs',
        related=_takers(case, range(len(actions))),
    )


def _is_no_wide_grant(case: Case) -> bool:
    """Whether a statement is no grant, one that is limited otherwise, or one of full access."""
    statement = case.statement
    return (
        not statement.allows
        or statement.negates_resources
        or ties(statement)
        or (statement.open_ended and Grant(statement, case.policy, case.facts.catalog).full)
    )


def _takers(case: Case, places: Sequence[int]) -> tuple[Related, ...]:
    """The first of the actions of these numbers, with what they take."""
    actions = map(case.named, places[:LISTED_AT_MOST])
    return tuple([related(each.node, f"{each.text} takes {_what(each.reach)}") for each in actions])


def _what(reach: Reach) -> str:
    """What the actions of a pattern take as resource, in words."""
    if not reach.formats:
        return '"*" only'
    shown = " or ".join(reach.formats[:_FORMATS_AT_MOST])
    left = len(reach.formats) - _FORMATS_AT_MOST
    return f"{shown} or {left} other kinds" if left > 0 else shown
