"""Actions that do not act on any resource of their statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.aws import arn, arn_formats, patterns
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.aws.policy_types import ResourcePolicyType, may_appear_in, resource_policies
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly
from multitool_lint.diagnostics.granting import accepting
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.action_scope import may_act_on
from multitool_lint.policy.document import Policy
from multitool_lint.policy.effective_actions import EffectiveActions, acts_on, known_resources
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.statement_scope import ActionPattern, StatementScope, statement_scopes
from multitool_lint.policy.undocumented_resources import (
    NARROWED,
    acts_on_undocumented,
    is_shared,
    narrowed,
)

_ALIAS = ":alias/"
_WITHOUT_RESOURCE = (
    "cloudsearch:",
    "ecr:",
    "ecr-public:",
    "elasticfilesystem:",
    "redshift-serverless:",
)
"""The actions of which AWS documents resource-based policies without a Resource."""
_CDK_GRANTS = (
    (
        {"dynamodb:getrecords", "dynamodb:getsharditerator"},
        {"dynamodb:batchgetitem", "dynamodb:getitem", "dynamodb:query", "dynamodb:scan"},
    ),
    (
        {"kinesis:describestreamconsumer", "kinesis:liststreams", "kinesis:subscribetoshard"},
        {"kinesis:describestreamsummary", "kinesis:getrecords", "kinesis:listshards"},
    ),
    (
        {"ssm:describeparameters"},
        {"ssm:getparameter", "ssm:getparameterhistory", "ssm:getparameters"},
    ),
)
"""What methods of the AWS CDK grant together: actions that do not act on the resource, and others.

https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-dynamodb/lib/perms.ts
https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-kinesis/lib/stream.ts
https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-ssm/lib/parameter.ts
"""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each statement with such actions.

    An action that acts on resources of several types needs one of them, not one of each. For a
    wildcard, it is enough that one of its actions acts on one resource. Resources and actions that
    are not valid are reported by other rules, and so are actions that are allowed by another
    statement where they act on its resources: they are redundant, and nothing is missing.
    """
    attached = resource_policies().get(policy.resource_type) if policy.resource_type else None
    effective = EffectiveActions(policy, context.catalog)
    for scope in statement_scopes(policy, context.catalog):
        if policy.type is PolicyType.RESOURCE and (idle := _of_no_resource(scope)):
            yield _finding(scope, idle, context, of_resource=True)
            continue
        resources = known_resources(scope)
        if resources is None or scope.everything is not None:
            continue
        idle = _idle(scope, resources, attached, context.catalog)
        if policy.type is PolicyType.RESOURCE:
            idle = [
                action
                for action in idle
                if not any(is_shared(action.text, text) for text in resources)
            ]
        if not idle:
            continue
        if any(_ALIAS in text for text in resources) and len(idle) == len(scope.action_names):
            idle = [action for action in idle if not _acts_on_key(action, resources)]
        from multitool_lint.policy.placeholders import with_field_names  # saves start-up

        # The name of a field, such as REGION, leaves the service and the type as they are.
        named = (with_field_names(t) if t.startswith("arn:") else t for t in resources)
        wrong = [text for text in named if _is_wrong_in_itself(context.catalog, text)]
        idle = [action for action in idle if not _may_be_intended(action, wrong, context.catalog)]
        if idle:
            idle = effective.without(idle, scope, resources)
        if idle and not (attached and _names_others(attached, resources, context.catalog)):
            yield from _findings(scope, idle, policy, context)


def _findings(
    scope: StatementScope, idle: list[ActionPattern], policy: Policy, context: Context
) -> Iterator[Finding]:
    """The finding about some actions, but for those about which IAM does not decide."""
    public = [action for action in idle if _is_public(action, context.catalog)]
    if public:
        yield _of_public(scope, public, context)
    groups = [action for action in idle if _is_of_log_groups(scope, action, context.catalog)]
    if groups:
        yield _of_log_groups(scope, groups, context)
    if others := [action for action in idle if action not in (*public, *groups)]:
        yield _finding(scope, others, context, of_resource=policy.type is PolicyType.RESOURCE)


def _is_of_log_groups(scope: StatementScope, action: ActionPattern, catalog: Catalog) -> bool:
    """Whether an action acts on no resource only since the ARN of a log group lacks `:*`."""
    if not action.text.lower().startswith("logs:"):
        return False
    formats = scope.formats[action.at]
    return any(acts_on(formats, text, catalog) for text in known_resources(scope) or ())


def _of_log_groups(
    scope: StatementScope, actions: list[ActionPattern], context: Context
) -> Finding:
    """The finding about ARNs of log groups that end with the name.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    """
    title, notes, _ = _texts(scope, actions, of_resource=False)
    return context.finding(
        actions[0].node,
        title,
        notes=(*notes, 'AWS documents the ARN of a log group with ":*" for these'),
        help='end the ARN of the log group with ":*"',
        related=accepting(actions[1:]),
        severity=Severity.SUGGESTION,
    )


def _of_no_resource(scope: StatementScope) -> list[ActionPattern]:
    """The actions that accept no resource, where the resource with the policy is the only one."""
    if scope.statement.resource is not None:
        return []
    return [
        scope.pattern(at)
        for at, (name, accepted) in enumerate(zip(scope.action_names, scope.formats, strict=True))
        if name.lower().startswith(_WITHOUT_RESOURCE)
        and accepted.documented
        and not accepted.formats
    ]


def _may_be_intended(action: ActionPattern, wrong: Sequence[str], catalog: Catalog) -> bool:
    """Whether one of the resources that are wrong in themselves may be meant for an action.

    What names anything, be it in a wrong form, is not what an action without resources acts on.
    """
    formats = action.accepts.formats
    if not formats:
        return not all(any(part.strip("*?") for part in text.split(":")[1:]) for text in wrong)
    services = {format_.split(":", arn.SERVICE + 1)[arn.SERVICE] for format_ in formats}
    return any(
        fields is None
        or fields.service in services
        or not arn_formats.is_service(catalog, fields.service)
        for fields in map(arn.fields, wrong)
    )


def _finding(
    scope: StatementScope, idle: list[ActionPattern], context: Context, *, of_resource: bool
) -> Finding:
    place = scope.statement.resources[0] if _is_to_blame(scope, idle) else idle[0].node
    others = [action for action in idle if action.node is not place]
    title, notes, advice = _texts(scope, idle, of_resource=of_resource)
    severity = None
    if _are_of_grant(scope, idle):
        severity, notes = Severity.SUGGESTION, (*notes, "the AWS CDK grants these actions together")
    return context.finding(
        place, title, notes=notes, help=advice, related=accepting(others), severity=severity
    )


def _is_public(action: ActionPattern, catalog: Catalog) -> bool:
    """Whether IAM decides about no request of an action pattern."""
    names = list(catalog.names(catalog.match(action.text)))
    return bool(names) and _public_operations().issuperset(names)


@bundled_table("public_operations.tsv")
def _public_operations(rows: Rows) -> frozenset[str]:
    return frozenset(row[0] for row in rows)


def _of_public(scope: StatementScope, public: list[ActionPattern], context: Context) -> Finding:
    """The finding about actions that everyone can request: what allows them lacks nothing."""
    title, (*listed, never), _ = _texts(scope, public, of_resource=False)
    one = len(public) == 1
    why = f"requests for {'it' if one else 'them'} need no AWS credentials: IAM does not decide"
    return context.finding(
        public[0].node,
        title,
        notes=(*listed, never, why),
        help=f"remove {'this action' if one else 'these actions'}",
        related=accepting(public[1:]),
        severity=Severity.SUGGESTION if scope.statement.allows else None,
    )


def _are_of_grant(scope: StatementScope, idle: list[ActionPattern]) -> bool:
    """Whether a method of the AWS CDK allows these actions next to others of the statement."""
    names = {action.text.lower() for action in idle}
    listed = set(scope.statement.lower_action_names)
    return scope.statement.allows and any(
        names <= without and others <= listed for without, others in _CDK_GRANTS
    )


def _names_others(attached: ResourcePolicyType, resources: Sequence[str], catalog: Catalog) -> bool:
    """Whether the policy of a resource is also about one that it cannot be about."""
    return not all(may_appear_in(attached, text, catalog) for text in resources)


def _is_wrong_in_itself(catalog: Catalog, resource: str) -> bool:
    """Whether no action acts on a resource."""
    fields = arn.fields(resource)
    return (
        arn.defect(resource) is not None
        or bool(arn_formats.format_mismatches(catalog)(resource))
        or (
            fields is not None
            and not patterns.has_wildcard(fields.service)
            and not arn_formats.is_service(catalog, fields.service)
        )
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
    attached: ResourcePolicyType | None,
    catalog: Catalog,
) -> list[ActionPattern]:
    """Find the actions that act on none of the resources.

    Those of other services than that of the resource with the policy are left out.
    """
    accepted = scope.formats
    if not NARROWED.isdisjoint(scope.prefixes):
        accepted = list(map(narrowed, scope.action_names, accepted))
    # Most actions of a service act on the same: each object is checked once.
    suspects = {
        key
        for key, formats in {id(format_): format_ for format_ in accepted}.items()
        if formats.documented and not any(acts_on(formats, text, catalog) for text in resources)
    }
    if not suspects:
        return []
    idle = []
    for at, (name, formats) in enumerate(zip(scope.action_names, accepted, strict=True)):
        if id(formats) not in suspects:
            continue
        if attached and not name.lower().startswith((f"{attached.prefix}:", "*", "?")):
            continue
        if not any(acts_on_undocumented(name, formats, text, catalog) for text in resources):
            idle.append(scope.pattern(at)._replace(accepts=formats))
    return idle


def _is_to_blame(scope: StatementScope, idle: list[ActionPattern]) -> bool:
    """Whether the only resource is wrong, as none of the actions acts on it."""
    return len(idle) == len(scope.action_names) and scope.statement.resource_count == 1


def _texts(
    scope: StatementScope, idle: list[ActionPattern], *, of_resource: bool
) -> tuple[str, tuple[str, ...], str]:
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
        if of_resource:
            advice = f'specify {these} in a policy of the principals, with Resource "*"'
        elif len(idle) == len(scope.action_names):
            advice = f'use Resource "*" for {these}'
        else:
            advice = f'move {these} to a statement with Resource "*"'
        return title, (*listed, never), advice
    title = f"{subject} {'does' if one else 'do'} not act on any resource in this statement"
    accepts = f"{scoped.text} accepts {scoped.accepts.in_words()}"
    return title, (*listed, never, accepts), "add a resource that the action accepts"
