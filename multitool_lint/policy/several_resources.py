"""Actions whose requests AWS evaluates for several resources, all of which must be allowed."""

from __future__ import annotations

from collections.abc import Sequence

from multitool_lint.aws import arn
from multitool_lint.aws.arn_overlap import may_name
from multitool_lint.aws.catalog.catalog import Action, ActionResource, Catalog
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.action_scope import is_everywhere
from multitool_lint.policy.document import Condition, Statement
from multitool_lint.policy.resources import has_unknown_condition

EC2 = "ec2"
"""The service that is known to evaluate a request for each resource, with the keys of that one.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances
"""

_CATALOG = (("rootcatalog", "catalog"),)
_DATABASE = (*_CATALOG, ("database",))
"""What a database or a table is in; the catalog of another account has a policy of its own."""
_ALIAS = (("alias",),)
"""Of a request about an alias and its key, the policy of the key may allow the other half."""
_TOGETHER = {
    "batch:submitjob": (("job-definition", "job-definition-revision"), ("job-queue",)),
    "ec2:attachvolume": (("instance",), ("volume",)),
    "ec2:detachvolume": (("volume",),),
    "ecs:executecommand": (("cluster",), ("task",)),
    **dict.fromkeys(
        ("glue:createdatabase", "glue:getdatabase", "glue:getdatabases", "glue:updatedatabase"),
        _CATALOG,
    ),
    **dict.fromkeys(
        (
            *("glue:batchcreatepartition", "glue:batchdeletepartition", "glue:batchdeletetable"),
            *("glue:batchgetpartition", "glue:batchupdatepartition", "glue:createpartition"),
            *("glue:createtable", "glue:deletepartition", "glue:deletetable", "glue:getpartition"),
            *("glue:getpartitions", "glue:gettable", "glue:gettables", "glue:gettableversion"),
            *("glue:gettableversions", "glue:updatepartition", "glue:updatetable"),
        ),
        _DATABASE,
    ),
    "kms:createalias": _ALIAS,
    "kms:deletealias": _ALIAS,
    "kms:updatealias": _ALIAS,
    "ssm:sendcommand": (("document",), ("instance", "managed-instance")),
}
"""Actions of which AWS documents that a policy must allow them on a resource of several types.

Of types that are alternatives, one is enough. AWS's own policies allow other actions, such as
`ec2:CreateNetworkInterface`, on one of their required types only.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
https://docs.aws.amazon.com/batch/latest/userguide/restrict-job-submission.html
https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-setting-up.html
"""

LAUNCH = "ec2:RunInstances"


def types_together(action: Action) -> list[list[ActionResource]]:
    """The types of which a policy must allow an action on each, with the alternatives to it."""
    if action.name == LAUNCH:
        return [[type_] for type_ in action.resource_types if type_.required]
    types = {type_.name: type_ for type_ in action.resource_types}
    groups = _TOGETHER.get(action.name.lower(), ())
    found = [[types[name] for name in group if name in types] for group in groups]
    return [group for group in found if group]


def may_allow(
    statement: Statement, action: Action, type_: ActionResource, catalog: Catalog
) -> bool:
    """Whether a statement may allow an action for resources of a type; what is unknown may."""
    if not statement.allows:
        return False
    unknown = statement.action_count > len(statement.action_names)
    if not unknown and not catalog.match(action.name) <= actions_of(statement, catalog):
        return False
    return may_be_about(statement, type_, catalog, service(action)) and (
        has_unknown_condition(statement)
        or all(may_hold(condition, action, type_) for condition in statement.conditions)
    )


def may_be_about(
    statement: Statement, type_: ActionResource, catalog: Catalog, prefix: str
) -> bool:
    """Whether a resource of a statement may be of a type of a service."""
    format_ = format_of(type_, catalog, prefix)
    return (
        statement.negates_resources
        or statement.resource_count > len(statement.resource_names)
        or format_ is None
        or any(
            arn.matches_all(text) or may_name(format_, text) for text in statement.resource_names
        )
    )


def may_hold(condition: Condition, action: Action, type_: ActionResource) -> bool:
    """Whether a condition may hold in the evaluation for a resource of a type."""
    key = condition.key.key
    return (
        holds_without_key(condition)
        or is_everywhere(key)
        or not key.lower().startswith((f"{service(action)}:", "aws:"))
        or has_key((*action.condition_keys, *type_.condition_keys), key)
    )


def holds_without_key(condition: Condition) -> bool:
    """Whether a condition holds for a request without its key."""
    operator = condition.comparison
    if operator.family == "Null":
        return any(str(node.value).lower() == "true" for node in condition.values)
    return bool(operator.family) and operator.holds_without_key


def has_key(keys: Sequence[str], key: str) -> bool:
    """Whether a key is one of those that are documented, be it with the name of a tag."""
    lower = key.lower()
    return any(
        lower == known or (slash and lower.startswith(f"{family}/"))
        for known in map(str.lower, keys)
        for family, slash, _ in [known.partition("/")]
    )


def format_of(type_: ActionResource, catalog: Catalog, prefix: str = EC2) -> str | None:
    """The first ARN format of a resource type of a service."""
    known = catalog.service(prefix)
    resource = known.resource_types.get(type_.name) if known else None
    return resource.arn_formats[0] if resource and resource.arn_formats else None


def service(action: Action) -> str:
    """The prefix of the service of an action."""
    return action.name.partition(":")[0]
