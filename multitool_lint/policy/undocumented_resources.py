"""Resources that AWS checks requests of actions against, though its reference does not list them.

AWS: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from multitool_lint.aws import arn, arn_formats, patterns
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.placeholders import ArnPart, filled_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.aws.catalog.action_scope import ResourceFormats

_CHECKED_AGAINST = {
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
    # https://github.com/hashicorp/terraform-provider-aws/issues/8804
    "logs:describeloggroups": ("logs", "log-group::log-stream:"),
}
"""What a request of an action without resource types is checked against: one without a name."""

_WHOLE_KIND = lazy_pattern(r"(/[\w-]*|[\w-]+[/:])?\*+([/:]\*+)*")
"""The last field of an ARN for all resources of a kind, or all of the service."""

_WHOLE_PATH = lazy_pattern(r"[\w-]+/.*/\*")
"""The last field of an ARN of IAM for all below a path, as list operations are checked."""

_KIND_OF_LIST = {
    "iam:listgroups": "group",
    "iam:listinstanceprofiles": "instance-profile",
    "iam:listpolicies": "policy",
    "iam:listroles": "role",
    "iam:listusers": "user",
    "iam:listvirtualmfadevices": "mfa",
    **dict.fromkeys(("iam:getaccountsummary", "iam:listaccountaliases"), ""),
}
"""The kind of what an action of IAM lists, and is checked against: of no kind, it is `*`."""

_TAGS = lazy_pattern(r"Tag|Untag|^[a-z*?]*tag")
"""What the name of an action about tags contains, unlike `GetAgent`, `EnableStageTransition`."""

_OF_OBJECTS = "Object"
"""What the name of an action of S3 contains that is about objects: AWS lists all that these are.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

_UNDOCUMENTED = (
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-policies-s3.html
    ("s3:listallmybuckets", ":s3:::*"),
    ("s3:getaccesspoint", ":accesspoint/"),
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-quickstart.html
    ("ssmmessages:opendatachannel", ":session/"),
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-template.html
    ("cloudformation:", ":transform/"),
    ("cloudformation:", ":type/"),
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-read-stream-only.html
    ("dynamodb:liststreams", "/stream/"),
    # https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
    ("states:sendtask", ":stateMachine:"),
    # https://github.com/aws-samples/service-control-policy-examples: the root user is a user
    ("iam:createaccesskey", ":root"),
    # https://docs.aws.amazon.com/quicksight/latest/user/iam-policy-examples.html
    ("quicksight:", ":quicksight::"),
    # https://github.com/aws/serverless-application-model/blob/master/docs/safe_lambda_deployments.rst
    ("codedeploy:putlifecycleeventhookexecutionstatus", ":deploymentgroup:"),
)
"""Beginnings of actions, and a part of resources that they act on but the catalog lacks."""

_SHARED = (
    # https://docs.aws.amazon.com/msk/latest/developerguide/mvpc-cluster-owner-action-policy.html
    ("kafka:getbootstrapbrokers", ":cluster/"),
    # https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_PutResourcePolicy.html
    ("cloudhsm:describebackups", ":backup/"),
)
"""The same for resources whose policies share them with other accounts."""

_SOME_NAME = "some-name"
_VARIABLE = lazy_pattern(r"\$\{(?![.*?$])[^}]*\}")
"""A policy variable, whose value is one name: a `*` in it is not a wildcard.

IAM is known to check against all of a kind; AWS's policies have actions of DataZone on one domain.
"""
_SERVICE_LINKED_ROLE = (
    "arn:${Partition}:iam::${Account}:role/aws-service-role/${ServiceName}/${RoleName}"
)
_ON_SERVICE_LINKED_ROLES = frozenset(
    {
        "iam:createservicelinkedrole",
        "iam:deleteservicelinkedrole",
        "iam:getservicelinkedroledeletionstatus",
    }
)
_LOG_GROUP = ":log-group:${LogGroupName}"
_READING_LOGS = frozenset(
    {
        "logs:describelogstreams",
        "logs:filterlogevents",
        "logs:getloggroupfields",
        "logs:startquery",
    }
)
_ON_RECOVERY_POINTS = frozenset(
    {
        "backup:deleterecoverypoint",
        "backup:describerecoverypoint",
        "backup:getrecoverypointrestoremetadata",
        "backup:startrestorejob",
        "backup:updaterecoverypointlifecycle",
    }
)
_RECOVERY_POINTS = (
    "arn:${Partition}:backup:${Region}:${Account}:recovery-point:${RecoveryPointId}",
    *(
        f"arn:${{Partition}}:{service}:${{Region}}:${{Account}}:${{RecoveryPointId}}"
        for service in ("docdb", "dynamodb", "ec2", "fsx", "rds", "redshift", "redshift-serverless")
    ),
)
"""AWS's reference has a variable for the service, with which the ARN of a vault would match.

https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html
"""
NARROWED = frozenset({"backup", "es", "iam", "logs"})
"""The prefixes of services with actions that act on less than their documented formats."""


@lru_cache(maxsize=256)
def narrowed(action: str, formats: ResourceFormats) -> ResourceFormats:
    """What an action pattern acts on, where that is less than AWS's reference says.

    Requests to a search domain are about what is below the domain, service-linked roles have a path
    of their own, what reads a log group is about its streams, and a vault is not a recovery point.

    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    """
    name = action.lower()
    if name.startswith("es:eshttp"):
        return formats._replace(formats=tuple([f"{text}/${{Path}}" for text in formats.formats]))
    if name in _ON_RECOVERY_POINTS:
        return formats._replace(formats=_RECOVERY_POINTS)
    if name in _ON_SERVICE_LINKED_ROLES:
        return formats._replace(formats=(_SERVICE_LINKED_ROLE,))
    if name in _READING_LOGS:
        named = [f"{t}:*" if t.endswith(_LOG_GROUP) else t for t in formats.formats]
        return formats._replace(formats=tuple(named))
    return formats


def acts_on_undocumented(
    action: str, formats: ResourceFormats, resource: str, catalog: Catalog
) -> bool:
    """Whether an action pattern acts on a resource that is not among its documented formats."""
    named = filled_in(resource, _name_of)
    if action.lower().startswith("iam:"):
        named = _VARIABLE.sub(_SOME_NAME, named)
    return (
        (formats.unscoped and _is_whole_kind(action, named))
        or _is_checked_against(action, named)
        or _is_tagging_within_service(action, resource)
        or _is_listed(action, resource, _UNDOCUMENTED)
        or _is_request_path(catalog, action, resource)
    )


def may_act_on_undocumented(action: str, *, unscoped: bool) -> bool:
    """Whether there may be a resource, but for the path of a request, that an action acts on so."""
    lower = action.lower()
    prefix, _, name = action.partition(":")
    return (
        (unscoped and prefix.lower() in _kind_checked_services())
        or lower in _CHECKED_AGAINST
        or _TAGS.search(name) is not None
        or any(lower.startswith(start) for start, _ in (*_UNDOCUMENTED, *_SHARED))
    )


def _name_of(part: ArnPart, expression: str) -> str | None:  # noqa: ARG001 - as `filled_in` calls it
    """A name for what is one resource: a reference to a queue comes to that of no others."""
    return _SOME_NAME if part is ArnPart.ANY else None


def is_shared(action: str, resource: str) -> bool:
    """Whether a policy of the resource shares it by allowing the action."""
    return _is_listed(action, resource, _SHARED)


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
        and _lists(action, fields.resource)
        and (
            _WHOLE_KIND.fullmatch(fields.resource) is not None
            or (fields.service == "iam" and _WHOLE_PATH.fullmatch(fields.resource) is not None)
        )
    )


def _lists(action: str, resource: str) -> bool:
    """Whether a resource is not of another kind than what an action lists, if that is known."""
    kind = _KIND_OF_LIST.get(action.lower())
    return kind is None or patterns.matches(resource.partition("/")[0], kind)


def _is_checked_against(action: str, resource: str) -> bool:
    service, name = _CHECKED_AGAINST.get(action.lower(), ("", ""))
    fields = arn.fields(resource) if service else None
    return (
        fields is not None
        and patterns.matches(fields.service, service)
        and patterns.matches(fields.resource, name)
    )


@bundled_table("kind_checked_services.tsv")
def _kind_checked_services(rows: Rows) -> frozenset[str]:
    return frozenset(row[0] for row in rows)


def _is_request_path(catalog: Catalog, action: str, resource: str) -> bool:
    """Whether a resource may be the path of a request of an action; an operation's is its own."""
    fields = arn.fields(resource)
    prefix, _, name = action.partition(":")
    return (
        fields is not None
        and fields.service == prefix.lower()
        and arn_formats.is_request_path(catalog, fields)
        and (
            not arn_formats.names_operation(catalog, fields)
            or patterns.matches(name.lower(), fields.resource[1:].lower())
        )
    )


def _is_tagging_within_service(action: str, resource: str) -> bool:
    """Whether an action is about tags: the catalog lists only some of the types it takes."""
    prefix, _, name = action.partition(":")
    prefix, fields = prefix.lower(), arn.fields(resource)
    return (
        _TAGS.search(name) is not None
        and not (prefix == "s3" and _OF_OBJECTS in name)
        and fields is not None
        and (prefix == "tag" or fields.service in (prefix, "*"))
    )


def _is_listed(action: str, resource: str, listed: Sequence[tuple[str, str]]) -> bool:
    lower = action.lower()
    return any(
        lower.startswith(start)
        and (resource.endswith(part) if part[-1] == "*" else part in resource)
        for start, part in listed
    )
