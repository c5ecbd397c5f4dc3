"""Actions that do not act on any resource of their statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws import arn, arn_formats, patterns
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.aws.policy_types import ResourcePolicy, may_appear_in, resource_policies
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly
from multitool_lint.diagnostics.granting import accepting
from multitool_lint.policy.action_scope import may_act_on
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.statement_scope import ActionPattern, StatementScope, statement_scopes

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.action_scope import ResourceFormats

_ALIAS = ":alias/"

_WHOLE_KIND = re.compile(r"(/[\w-]*|[\w-]+[/:])?\*+([/:]\*+)*")
"""The last field of an ARN for all resources of a kind, or all of the service."""

_WHOLE_PATH = re.compile(r"[\w-]+/.*/\*")
"""The last field of an ARN of IAM for all below a path, as list operations are checked."""

_TAGS = re.compile(r"Tag|Untag|^[a-z*?]*tag")
"""What the name of an action about tags contains, unlike `GetAgent`, `EnableStageTransition`."""

_UNDOCUMENTED = (
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-policies-s3.html
    ("s3:listallmybuckets", ":s3:::*"),
    ("s3:getaccesspoint", ":accesspoint/"),
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-quickstart.html
    ("ssmmessages:opendatachannel", ":session/"),
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-template.html
    ("cloudformation:", ":transform/"),
    ("cloudformation:", ":type/"),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/permissions-reference-cwl.html
    ("logs:describeloggroups", ":log-group:"),
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-read-stream-only.html
    ("dynamodb:liststreams", "/stream/"),
    # https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
    ("states:sendtask", ":stateMachine:"),
    # https://docs.aws.amazon.com/quicksight/latest/user/iam-policy-examples.html
    ("quicksight:", ":quicksight::"),
)
"""Beginnings of actions, and a part of resources that they act on but the catalog lacks."""

_SHARED = (
    # https://docs.aws.amazon.com/msk/latest/developerguide/mvpc-cluster-owner-action-policy.html
    ("kafka:getbootstrapbrokers", ":cluster/"),
    # https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_PutResourcePolicy.html
    ("cloudhsm:describebackups", ":backup/"),
)
"""The same for resources whose policies share them with other accounts."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each statement with such actions.

    An action that acts on resources of several types needs one of them, not one of each. For a
    wildcard, it is enough that one of its actions acts on one resource. Resources and actions that
    are not valid are reported by other rules.
    """
    attached = resource_policies().get(policy.resource_type) if policy.resource_type else None
    for scope in statement_scopes(policy, context.catalog):
        resources = scope.resources
        if resources is None or scope.everything is not None:
            continue
        idle = _idle(scope, resources, attached, context.catalog)
        if policy.type is PolicyType.RESOURCE:
            idle = [action for action in idle if not _is_shared(action.text, resources)]
        if not idle:
            continue
        if any(_ALIAS in text for text in resources) and len(idle) == len(scope.action_names):
            idle = [action for action in idle if not _acts_on_key(action, resources)]
        if idle and not any(
            _is_wrong_in_itself(context.catalog, attached, text) for text in resources
        ):
            yield _finding(scope, idle, context)


def _finding(scope: StatementScope, idle: list[ActionPattern], context: Context) -> Finding:
    place = scope.statement.resource_node(0) if _is_to_blame(scope, idle) else idle[0].node
    others = [action for action in idle if action.node is not place]
    title, notes, advice = _texts(scope, idle)
    return context.finding(place, title, notes=notes, help=advice, related=accepting(others))


def _is_wrong_in_itself(catalog: Catalog, attached: ResourcePolicy | None, resource: str) -> bool:
    """Whether no action acts on a resource, or none that the policy can allow."""
    fields = arn.fields(resource)
    return (
        arn.defect(resource) is not None
        or bool(arn_formats.format_mismatches(catalog)(resource))
        or (
            fields is not None
            and not patterns.has_wildcard(fields.service)
            and not arn_formats.is_service(catalog, fields.service)
        )
        or (attached is not None and not may_appear_in(attached, resource, catalog))
    )


def _acts_on_key(action: ActionPattern, resources: Sequence[str]) -> bool:
    """Whether an action acts on the KMS key of an alias among the resources."""
    return any(
        may_act_on(action.accepts, resource.replace(_ALIAS, ":key/"))
        for resource in resources
        if _ALIAS in resource
    )


def _idle(
    scope: StatementScope,
    resources: Sequence[str],
    attached: ResourcePolicy | None,
    catalog: Catalog,
) -> list[ActionPattern]:
    """Find the actions that act on none of the resources.

    Those of other services than that of the resource with the policy are left out.
    """
    # Most actions of a service act on the same: each object is checked once.
    suspects = {
        key
        for key, formats in {id(format_): format_ for format_ in scope.formats}.items()
        if formats.documented and not any(may_act_on(formats, text) for text in resources)
    }
    if not suspects:
        return []
    idle = []
    for at, (name, formats) in enumerate(zip(scope.action_names, scope.formats, strict=True)):
        if id(formats) not in suspects:
            continue
        if attached and not name.lower().startswith((f"{attached.prefix}:", "*", "?")):
            continue
        if not any(
            _acts_on_undocumented(name, formats, text) or _is_request_path(catalog, name, text)
            for text in resources
        ):
            idle.append(scope.pattern(at))
    return idle


def _is_to_blame(scope: StatementScope, idle: list[ActionPattern]) -> bool:
    """Whether the only resource is wrong, as none of the actions acts on it."""
    return len(idle) == len(scope.action_names) and scope.statement.resource_count == 1


def _texts(scope: StatementScope, idle: list[ActionPattern]) -> tuple[str, tuple[str, ...], str]:
    """The title, which actions those are and what they accept, and what to do."""
    names = [action.text for action in idle]
    one = len(idle) == 1
    subject = names[0] if one else f"{len(names):,} actions"
    listed = () if one else (f"actions: {enumerate_briefly(names)}",)
    effect = "denies" if scope.statement.effect == "Deny" else "allows"
    never = f"this statement never {effect} {'it' if one else 'them'}"
    scoped = next((action for action in idle if action.accepts.formats), None)
    if scoped is None:
        title = f"{subject} cannot be restricted to specific resources"
        these = "this action" if one else "these actions"
        alone = len(idle) == len(scope.action_names)
        advice = (
            f'use Resource "*" for {these}'
            if alone
            else f'move {these} to a statement with Resource "*"'
        )
        return title, (*listed, never), advice
    title = f"{subject} {'does' if one else 'do'} not act on any resource in this statement"
    accepts = f"{scoped.text} accepts {scoped.accepts.in_words()}"
    return title, (*listed, never, accepts), "add a resource that the action accepts"


def _is_shared(action: str, resources: Sequence[str]) -> bool:
    return any(_is_undocumented(action, text, _SHARED) for text in resources)


def _acts_on_undocumented(action: str, formats: ResourceFormats, resource: str) -> bool:
    return (
        (formats.unscoped and _is_whole_kind(action, resource))
        or _is_tagging_within_service(action, resource)
        or _is_undocumented(action, resource)
    )


def _is_whole_kind(action: str, resource: str) -> bool:
    """Whether a resource is all of a kind, such as `role/*`, in the service of the action.

    In some services, an action that is documented to take only `*` is checked against just that:
    `iam:ListRoles` against `arn:aws:iam::111122223333:role/`, and, if asked for those below a path,
    `role/aws-service-role/`.
    """
    fields = arn.fields(resource)
    return (
        fields is not None
        and action.partition(":")[0].lower() in _kind_checked_services()
        and fields.service in (action.partition(":")[0].lower(), "*")
        and (
            _WHOLE_KIND.fullmatch(fields.resource) is not None
            or (fields.service == "iam" and _WHOLE_PATH.fullmatch(fields.resource) is not None)
        )
    )


@lru_cache(maxsize=1)
def _kind_checked_services() -> frozenset[str]:
    return frozenset(row[0] for row in read_rows(BUNDLED, "kind_checked_services.tsv"))


def _is_request_path(catalog: Catalog, action: str, resource: str) -> bool:
    fields = arn.fields(resource)
    return (
        fields is not None
        and fields.service == action.partition(":")[0].lower()
        and arn_formats.is_request_path(catalog, fields)
    )


def _is_tagging_within_service(action: str, resource: str) -> bool:
    """Whether an action is about tags: the catalog lists only some of the types it takes."""
    prefix, _, name = action.partition(":")
    prefix, fields = prefix.lower(), arn.fields(resource)
    return (
        _TAGS.search(name) is not None
        and fields is not None
        and (prefix == "tag" or fields.service in (prefix, "*"))
    )


def _is_undocumented(
    action: str, resource: str, listed: Sequence[tuple[str, str]] = _UNDOCUMENTED
) -> bool:
    lower = action.lower()
    return any(
        lower.startswith(start)
        and (resource.endswith(part) if part[-1] == "*" else part in resource)
        for start, part in listed
    )
