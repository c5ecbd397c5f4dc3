"""Denials that leave out what they are about, such as the other name of an action."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from multitool_lint.aws import arn
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.queries import known_key
from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.aws.patterns import covers, matches
from multitool_lint.diagnostics.finding import Context, Finding, Fix, related
from multitool_lint.diagnostics.fixes import unsafe
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.patch.change import append
from multitool_lint.syntax.placeholders import as_written, has_expression, has_placeholder
from multitool_lint.syntax.tree import Node, UnknownNode, partly_known_text

_OBJECTS = "/*"
_ALL_OF_S3 = frozenset({"*", "s3:*"})
_ENCRYPTION = "s3:x-amz-server-side-encryption"
_KMS_KEY = f"{_ENCRYPTION}-aws-kms-key-id"
_TRANSPORT = {"aws:securetransport": "false", "s3:tlsversion": None}
"""Keys that say how a request is sent, with the value of those that are denied, None for any."""
_OF_POLICIES = (
    ("backup:PutBackupVaultAccessPolicy", "backup:DeleteBackupVaultAccessPolicy"),
    ("codeartifact:PutDomainPermissionsPolicy", "codeartifact:DeleteDomainPermissionsPolicy"),
    (
        "codeartifact:PutRepositoryPermissionsPolicy",
        "codeartifact:DeleteRepositoryPermissionsPolicy",
    ),
    ("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"),
    ("ecr:SetRepositoryPolicy", "ecr:DeleteRepositoryPolicy"),
    ("elasticfilesystem:PutFileSystemPolicy", "elasticfilesystem:DeleteFileSystemPolicy"),
    ("glacier:SetVaultAccessPolicy", "glacier:DeleteVaultAccessPolicy"),
    ("kinesis:PutResourcePolicy", "kinesis:DeleteResourcePolicy"),
    ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    ("secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy"),
)
"""The actions that replace the policy of a resource as a whole, and those that delete it."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each Deny statement that leaves out what its actions are about."""
    if not policy.merged_by_sid:
        yield from _without_other_names(policy, context)
        yield from _without_bucket_or_objects(policy, context)
        yield from _with_both_keys(policy, context)
        yield from _above_a_limit(policy, context)
        yield from _of_this_policy(policy, context)


def _without_other_names(policy: Policy, context: Context) -> Iterator[Finding]:
    if not all(map(_is_known, policy.statements)):
        return
    allows = [statement for statement in policy.statements if statement.allows]
    denies = [statement for statement in policy.statements if statement.effect == "Deny"]
    denied: ActionSet | None = None
    for statement in denies:
        listed = list(_renamed_in(statement, policy.type.value))
        if not listed:
            continue
        if denied is None:
            certain = (
                other for other in denies if not (other.negates_actions and other.conditions)
            )
            denied = ActionSet().union(actions_of(other, context.catalog) for other in certain)
        missing = {
            other: at
            for at, other in listed
            if not _has(denied, other, context.catalog)
            and (not allows or any(_allows(allow, other, context.catalog) for allow in allows))
        }
        if missing:
            yield _finding(context, statement, missing)


def _without_bucket_or_objects(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each Deny of insecure requests to a bucket or its objects only."""
    denies = [statement for statement in policy.statements if _is_about_transport(statement)]
    denied = [text for statement in denies for _, text in _resources(statement)]
    if "" in denied:
        return  # an unknown resource may be the other one
    named = {text for statement in policy.statements for _, text in _resources(statement)}
    for statement in denies:
        for node, name in _resources(statement):
            bucket = name.partition("/")[0]
            other = bucket if name == bucket + _OBJECTS else bucket + _OBJECTS
            if name not in (bucket, bucket + _OBJECTS) or not _is_bucket(bucket, named):
                continue
            if any(covers(pattern, other) for pattern in denied):
                continue
            if not any(_may_be(pattern, other) for pattern in denied if pattern != name):
                yield _finding_of_resource(context, statement, node, other)


def _with_both_keys(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each Deny that asks for another KMS key and for other encryption at once."""
    denials = [_negated(statement) for statement in policy.statements if statement.effect == "Deny"]
    if any(_KMS_KEY in negated and _ENCRYPTION not in negated for negated in denials):
        return
    for negated in denials:
        if _ENCRYPTION in negated and _KMS_KEY in negated:
            yield context.finding(
                negated[_KMS_KEY].key,
                "The Deny does not apply to uploads that are encrypted with another KMS key",
                label="counts only with other encryption",
                related=(related(negated[_ENCRYPTION].key, "must be other encryption, too"),),
                notes=("a statement applies only where all of its conditions hold",),
                help="deny uploads with another key in a statement of its own",
                issue_code="",
            )


def _above_a_limit(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each Deny above a limit that counts only with a value that is not allowed."""
    denials = [statement for statement in policy.statements if statement.effect == "Deny"]
    keys = [{condition.lower_key for condition in statement.conditions} for statement in denials]
    for statement in denials:
        known = [
            condition
            for condition in statement.conditions
            if known_key(context.catalog, condition.key.key)
        ]
        for limit in filter(_is_limit, known):
            prefix = limit.lower_key.partition(":")[0]
            for key, other in _negated(statement).items():
                alone = any((key in found) != (limit.lower_key in found) for found in keys)
                if other in known and key.partition(":")[0] == prefix and not alone:
                    yield context.finding(
                        limit.key,
                        f"The Deny above this limit applies only to some of {other.key.key}",
                        label="counts only with the other condition",
                        related=(related(other.key, "must hold, too"),),
                        notes=("a statement applies only where all of its conditions hold",),
                        help="deny each in a statement of its own",
                        issue_code="",
                        severity=Severity.WARNING,
                    )


def _of_this_policy(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each Deny of replacing or deleting the policy that leaves out the other."""
    denies = [statement for statement in policy.statements if statement.effect == "Deny"]
    if policy.type is not PolicyType.RESOURCE or not all(map(_is_known, denies)):
        return
    named = {name for statement in denies for name in statement.lower_action_names}
    pairs = [pair for pair in _OF_POLICIES if any(name.lower() in named for name in pair)]
    sets = (actions_of(other, context.catalog) for other in denies if pairs)
    denied = ActionSet().union(sets)
    for statement in denies:
        listed = () if statement.negates_actions else statement.lower_action_names
        for put, delete in pairs:
            for name, other, done in ((put, delete, "deleted"), (delete, put, "replaced")):
                if name.lower() in listed and not _has(denied, other, context.catalog):
                    at = listed.index(name.lower())
                    yield _finding_of_policy(context, statement, at, other, done)


def _finding_of_policy(
    context: Context, statement: Statement, at: int, other: str, done: str
) -> Finding:
    fixes: tuple[Fix, ...] = ()
    if statement.action:
        fixes = unsafe(f"Also deny {other}", append(statement.action.value, [other]))
    return context.finding(
        statement.action_node(at),
        f'The Deny of "{statement.action_names[at]}" can be bypassed: the policy can be {done}',
        notes=(f"{other} is not denied, and what this policy denies ends with it",),
        help="deny both",
        fixes=fixes,
        issue_code="",
    )


def _is_limit(condition: Condition) -> bool:
    return condition.comparison.name.startswith("NumericGreaterThan")


def _negated(statement: Statement) -> Mapping[str, Condition]:
    """The conditions with negated operators, by key."""
    return {
        condition.lower_key: condition
        for condition in statement.conditions
        if condition.comparison.negated
    }


def _resources(statement: Statement) -> Iterator[tuple[Node, str]]:
    """The resources of a statement: their texts with placeholders, "" where that is not known."""
    for node in statement.resources:
        in_context = isinstance(node, UnknownNode) and node.context
        yield node, "" if in_context else partly_known_text(node)


def _is_about_transport(statement: Statement) -> bool:
    return (
        statement.effect == "Deny"
        and not (statement.negates_actions or statement.negates_resources)
        and not _ALL_OF_S3.isdisjoint(statement.lower_action_names)
        and any(_denies_transport(condition) for condition in statement.conditions)
    )


def _denies_transport(condition: Condition) -> bool:
    value = _TRANSPORT.get(condition.lower_key, "")
    return value is None or (
        not condition.comparison.negated
        and any(str(node.value).lower() == value for node in condition.values)
    )


def _is_bucket(text: str, named: Collection[str]) -> bool:
    """Whether a text is the ARN of a bucket: by its form, or as its objects are named as well."""
    fields = arn.fields(text)
    return fields.service == "s3" if fields else text + _OBJECTS in named and text != "*"


def _may_be(pattern: str, other: str) -> bool:
    """Whether what fills in a pattern may make it that of another resource."""
    known = arn.fields(pattern) or ("/" in pattern and "/" not in other)
    return (has_expression(pattern) or has_placeholder(pattern)) and not known


def _finding_of_resource(context: Context, statement: Statement, node: Node, other: str) -> Finding:
    objects = other.endswith(_OBJECTS)
    left_out = "the objects in the bucket" if objects else "the bucket itself"
    fixes: tuple[Fix, ...] = ()
    if statement.resource and node.string is not None:
        change = append(statement.resource.value, [other])
        fixes = unsafe(f'Add "{as_written(other)}"', change)
    return context.finding(
        node,
        f"The Deny of insecure requests does not cover {left_out}",
        label="objects only" if not objects else "the bucket only",
        help="deny both, the bucket and its objects",
        fixes=fixes,
        issue_code="",
    )


def _is_known(statement: Statement) -> bool:
    return statement.effect in ("Allow", "Deny") and statement.action_count == len(
        statement.action_names
    )


def _renamed_in(statement: Statement, type_: str) -> Iterator[tuple[int, str]]:
    """The places of renamed actions in a statement of a policy, with their other names."""
    if statement.negates_actions or statement.services.isdisjoint(_other_names()):
        return
    for at, text in enumerate(statement.lower_action_names):
        for name, other, only in _other_names().get(text.partition(":")[0], ()):
            if only in ("", type_) and matches(text, name.lower()):
                yield at, other


def _has(actions: ActionSet, name: str, catalog: Catalog) -> bool:
    return catalog.match(name) <= actions


def _allows(statement: Statement, name: str, catalog: Catalog) -> bool:
    return _has(actions_of(statement, catalog), name, catalog)


def _finding(context: Context, statement: Statement, missing: Mapping[str, int]) -> Finding:
    first, *others = dict.fromkeys(missing.values())
    name = statement.action_names[first]
    names = list(missing)
    fixes: tuple[Fix, ...] = ()
    if statement.action:
        add = f"Also deny {' and '.join(names)}"
        fixes = unsafe(add, append(statement.action.value, names))
    return context.finding(
        statement.action_node(first),
        f'The Deny of "{name}" can be bypassed by its other name',
        notes=tuple(
            f"{other} does the same and is not denied: AWS accepts both names" for other in names
        ),
        help="deny both names",
        related=tuple(related(statement.action_node(at), "also here") for at in others),
        fixes=fixes,
        issue_code="",  # Access Analyzer has no check for it
    )


@bundled_table("renamed_actions.tsv")
def _other_names(rows: Rows) -> Mapping[str, tuple[tuple[str, str, str], ...]]:
    """Each name of a renamed action with its other name, by service prefix.

    The third value is the only type of policy in which both are needed, "" if it is each.
    """
    found: dict[str, tuple[tuple[str, str, str], ...]] = {}
    for former, current, *type_ in rows:
        prefix, only = former.partition(":")[0], "".join(type_)
        pairs = (former, current, only), (current, former, only)
        found[prefix] = (*found.get(prefix, ()), *pairs)
    return MappingProxyType(found)
