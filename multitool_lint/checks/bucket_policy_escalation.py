"""Permissions on a bucket that allow access to its objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from multitool_lint.aws import arn, patterns
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.action_scope import is_all_actions, may_act_on
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.resources import is_left_to_services
from multitool_lint.policy.statement_scope import StatementScope, statement_scopes
from multitool_lint.syntax.tree import Node

ESCALATIONS = {
    "s3:PutBucketPolicy": ("s3:PutObject", "s3:GetObject", "s3:DeleteObject"),
    "s3:PutBucketAcl": ("s3:PutObject",),
    "s3:PutLifecycleConfiguration": ("s3:DeleteObject",),
}
"""The access to objects that a bucket's policy, access control list or lifecycle can give.

The access control list of a bucket grants listing and writing; reading needs that of the object:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions
"""

_EMPTYING = {"s3:deleteobject*", "s3:getbucket*", "s3:list*", "s3:putbucketpolicy"}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every value of a statement that allows such an action.

    Not where a Deny covers the bucket, or another statement allows the access to the objects.
    """
    scopes = statement_scopes(policy, context.catalog)
    suspects = [scope for scope in scopes if _may_escalate(scope)]
    if suspects:
        together = BucketPermissions([_StatementPermissions(scope) for scope in scopes])
        for scope in suspects:
            yield from _findings(scope, together, context)


def _findings(
    scope: StatementScope, together: BucketPermissions, context: Context
) -> Iterator[Finding]:
    if is_left_to_services(scope.statement) or _empties_bucket(scope.statement):
        return
    by_node: dict[Node, dict[str, tuple[str, list[str]]]] = {}
    for action in ESCALATIONS:
        node = _value_about(scope, action)
        gain = together.gain(action, _resources_of(scope, action))
        if node is not None and gain is not None:
            by_node.setdefault(node, {})[action] = gain
    for node, gains in by_node.items():
        bucket = next(iter(gains.values()))[0]
        gained = dict.fromkeys(name for _, names in gains.values() for name in names)
        made = all(together.is_made(name) for name, _ in gains.values())
        severe = _is_severe(node, gains) and not made
        granted = "the policy does not otherwise allow these actions on all objects of the bucket"
        title, outcome = _title(tuple(gains), bucket, frozenset(gained))
        wildcard = patterns.has_wildcard(str(node.value))
        yield context.finding(
            node,
            title,
            label=f"includes {', '.join(gains)}" if wildcard else f"allows {outcome}",
            notes=(f"{granted}: {', '.join(gained)}",),
            help=_help(bucket, f"remove the {'action' if len(gains) == 1 else 'actions'}"),
            severity=None if severe else Severity.SUGGESTION,
        )


def _empties_bucket(statement: Statement) -> bool:
    """Whether it is what the CDK makes of `autoDeleteObjects` in the policy of a bucket.

    Its function denies everyone else to add objects while it deletes them:
    https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-s3/lib/bucket.ts
    """
    return statement.principal is not None and set(statement.lower_action_names) == _EMPTYING


def _help(bucket: str, removal: str) -> str:
    if _has_name(bucket):
        return f"{removal}, or allow the access to the objects explicitly"
    return f"specify the buckets in Resource, or {removal}"


def _title(actions: tuple[str, ...], bucket: str, gained: frozenset[str]) -> tuple[str, str]:
    """The title, and what the actions allow."""
    alone = len(actions) == 1
    subject = f"`{actions[0]}`" if alone else f"{len(actions)} actions"
    gain = {
        frozenset({"s3:DeleteObject"}): "deleting objects",
        frozenset({"s3:PutObject"}): "adding objects",
    }.get(gained, "access to objects")
    name = bucket.rpartition(":")[2]
    where = "all buckets" if name == "*" else f"bucket {quoted(name)}"
    return f"{subject} on {where} {'allows' if alone else 'allow'} {gain}", gain


def _is_severe(node: Node, gains: Mapping[str, tuple[str, list[str]]]) -> bool:
    """Whether a wildcard includes the actions, or a bucket policy gives more than deletion."""
    if patterns.has_wildcard(str(node.value)):
        return True
    _, gained = gains.get("s3:PutBucketPolicy", ("", []))
    return any(name != "s3:DeleteObject" for name in gained)


def _may_escalate(scope: StatementScope) -> bool:
    """Whether a statement allows an action that can give access to objects."""
    statement = scope.statement
    if not statement.allows or statement.negates_actions:
        return statement.allows
    return any(
        _covers(scope, statement.action_names[at], action)
        for at in _about_storage(statement)
        for action in ESCALATIONS
    )


class _StatementPermissions:
    """The resources on which a statement allows or denies actions."""

    def __init__(self, scope: StatementScope) -> None:
        self.allows = scope.statement.allows
        self.conditional = bool(scope.statement.conditions)
        self._scope = scope
        self._known: dict[str, list[str]] = {}

    def resources(self, action: str) -> list[str]:
        """The resources for an action, kept since every other statement may ask for them."""
        if action not in self._known:
            self._known[action] = _resources_of(self._scope, action)
        return self._known[action]

    def made_buckets(self) -> list[str]:
        """The named buckets that it allows creating by another value than their policy."""
        value = _value_about(self._scope, "s3:CreateBucket")
        if value in [None, *(_value_about(self._scope, action) for action in ESCALATIONS)]:
            return []
        return [text for text in self.resources("s3:CreateBucket") if _has_name(text)]


def _resources_of(scope: StatementScope, action: str) -> list[str]:
    """The resources of a statement on which it allows or denies an action."""
    if scope.statement.effect is None or _value_about(scope, action) is None:
        return []
    if scope.statement.negates_resources:
        return ["*"]
    formats = scope.scopes.formats(action)
    return [
        "*" if arn.matches_all(text) else text
        for text in scope.statement.resource_names
        if may_act_on(formats, text)
    ]


def _value_about(scope: StatementScope, action: str) -> Node | None:
    """The value that makes a statement include an action of S3."""
    statement = scope.statement
    names = statement.action_names
    including = (at for at in _about_storage(statement) if _covers(scope, names[at], action))
    found = next(map(statement.action_node, including), None)
    if not statement.negates_actions:
        return found
    return statement.action.value if statement.action and found is None else None


def _covers(scope: StatementScope, text: str, action: str) -> bool:
    return is_all_actions(text) or scope.scopes.includes(text, action)


def _about_storage(statement: Statement) -> list[int]:
    """The numbers of the actions of a statement that may be of S3."""
    if "s3" not in statement.services and not statement.open_ended:
        return []
    named = [at for at, text in enumerate(statement.action_names) if text[:3] in _S3]
    if statement.open_ended:
        wide = [
            at
            for at in statement.wildcards
            if patterns.has_wildcard(statement.action_names[at].partition(":")[0])
        ]
        named = sorted({*named, *wide})
    return named


_S3 = ("s3:", "S3:")


def _has_name(text: str) -> bool:
    """Whether a part of the name of a bucket is specified."""
    return text.rpartition(":")[2].strip("*?") != ""


class BucketPermissions:
    """What the statements of a policy allow together on buckets and their objects.

    The answers are kept, since each statement that may escalate asks for the same ones.
    """

    def __init__(self, statements: Sequence[_StatementPermissions]) -> None:
        self._statements = statements
        # Not lru_cache, which would create a reference cycle.
        self._allowed_on: dict[str, frozenset[str]] = {}
        self._open: dict[tuple[str, str], bool] = {}
        self._made = frozenset(
            made
            for statement in statements
            if statement.allows
            for made in statement.made_buckets()
        )

    def gain(self, action: str, buckets: list[str]) -> tuple[str, list[str]] | None:
        """Find a bucket whose objects an action gives access to, and the actions on them."""
        if not buckets:
            return None
        allowed = self._allowed(action)
        denied = self._denied(action)
        for bucket in sorted(buckets, key=self.is_made):
            if bucket in allowed and not any(patterns.covers(denial, bucket) for denial in denied):
                missing = [name for name in ESCALATIONS[action] if not self._is_open(bucket, name)]
                if missing:
                    return bucket, missing
        return None

    def is_made(self, bucket: str) -> bool:
        """Whether the policy allows creating the bucket, of which setting its policy is a part."""
        return bucket in self._made

    def _allowed(self, action: str) -> frozenset[str]:
        """The resources on which an action is allowed, without those on which it is denied."""
        allowed = self._allowed_on.get(action)
        if allowed is None:
            of = [statement.resources(action) for statement in self._statements if statement.allows]
            denied = self._denied(action)
            allowed = frozenset() if "*" in denied else frozenset().union(*of).difference(denied)
            self._allowed_on[action] = allowed
        return allowed

    def _denied(self, action: str) -> list[str]:
        return [
            resource
            for statement in self._statements
            if not statement.allows and not statement.conditional
            for resource in statement.resources(action)
        ]

    def _is_open(self, bucket: str, action: str) -> bool:
        """Whether an action is allowed on all objects of a bucket."""
        found = self._open.get((bucket, action))
        if found is None:
            objects = "arn:aws:s3:::*/*" if bucket == "*" else f"{bucket}/*"
            found = self._open[bucket, action] = any(
                resource in ("*", bucket) or patterns.covers(resource, objects)
                for resource in self._allowed(action)
            )
        return found
