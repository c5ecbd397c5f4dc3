"""What parliament suspects that a bucket's permissions add up to: which of it is true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws import arn, patterns
from multitool_lint.diagnostics.finding import enumerate_briefly
from multitool_lint.engines.parliament import library as parliament_input
from multitool_lint.policy.action_scope import is_all_actions, may_act_on
from multitool_lint.policy.resources import is_left_to_services

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.engines.parliament.statement import Case
    from multitool_lint.policy.document import Statement
    from multitool_lint.syntax.tree import Node

ESCALATIONS = {
    "s3:PutBucketPolicy": ("s3:PutObject", "s3:GetObject", "s3:DeleteObject"),
    "s3:PutBucketAcl": ("s3:PutObject",),
    "s3:PutLifecycleConfiguration": ("s3:DeleteObject",),
}
"""What someone can bring about who may set a bucket's policy, access control list or lifecycle.

A list on a bucket grants listing and writing; reading an object takes a list on the object:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions
"""


def may_escalate(case: Case) -> bool:
    """Whether a statement allows an action that can bring about others."""
    statement = case.statement
    if not statement.allows or statement.negates_actions:
        return statement.allows
    return any(
        _covers(case, statement.action_names[at], action)
        for at in _about_storage(statement)
        for action in ESCALATIONS
    )


def stance(case: Case) -> parliament_input.Stance:
    """Say what a statement allows or denies, as far as the names in it are known."""
    statement = case.statement
    known: dict[str, list[str]] = {}

    def resources(action: str) -> list[str]:
        # Asked for the same few actions again for each other statement.
        if action not in known:
            known[action] = _reached(case, action)
        return known[action]

    return parliament_input.Stance(statement.allows, bool(statement.conditions), resources)


def _reached(case: Case, action: str) -> list[str]:
    """List the resources of a statement on which it allows or denies an action."""
    if case.statement.effect is None or _value_about(case, action) is None:
        return []
    if case.statement.negates_resources:
        return ["*"]
    reach = case.facts.reach(action)
    return [
        "*" if arn.is_everything(text) else text
        for text in case.statement.resource_names
        if may_act_on(reach, text)
    ]


def _value_about(case: Case, action: str) -> Node | None:
    """Find the value that makes a statement be about an action of S3."""
    statement = case.statement
    places = _about_storage(statement)
    found = next(
        (
            statement.action_node(at)
            for at in places
            if _covers(case, statement.action_names[at], action)
        ),
        None,
    )
    if not statement.negates_actions:
        return found
    return statement.action.value if statement.action and found is None else None


def _covers(case: Case, text: str, action: str) -> bool:
    return is_all_actions(text) or case.facts.includes(text, action)


def _about_storage(statement: Statement) -> list[int]:
    """Where among the actions of a statement those stand that may be of S3."""
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


class Buckets:
    """What the statements of a policy allow together on buckets and their objects.

    The answers are kept as long as the policy is judged: each statement that may escalate asks for
    the same ones.
    """

    def __init__(self, stances: Sequence[parliament_input.Stance]) -> None:
        self._stances = stances
        # No lru_cache: that would be a cycle, which is garbage until it is looked for.
        self._allowed_on: dict[str, frozenset[str]] = {}
        self._open: dict[tuple[str, str], bool] = {}

    def gain(self, action: str, buckets: list[str]) -> tuple[str, list[str]] | None:
        """Find a bucket whose objects an action opens, and the actions that it brings about."""
        if not buckets:
            return None
        allowed = self._allowed(action)
        denied = self._denied(action)
        for bucket in buckets:
            if bucket in allowed and not any(_covers_bucket(each, bucket) for each in denied):
                missing = [name for name in ESCALATIONS[action] if not self._is_open(bucket, name)]
                if missing:
                    return bucket, missing
        return None

    def _allowed(self, action: str) -> frozenset[str]:
        """The resources on which an action is allowed, less what is denied outright."""
        allowed = self._allowed_on.get(action)
        if allowed is None:
            of = [each.resources(action) for each in self._stances if each.allows]
            denied = self._denied(action)
            allowed = frozenset() if "*" in denied else frozenset().union(*of).difference(denied)
            self._allowed_on[action] = allowed
        return allowed

    def _denied(self, action: str) -> list[str]:
        return [
            resource
            for each in self._stances
            if not each.allows and not each.conditional
            for resource in each.resources(action)
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


def bucket_escalation(case: Case, together: Buckets) -> Iterator[Finding]:
    """Confirm RESOURCE_POLICY_PRIVILEGE_ESCALATION in a statement that allows it.

    Drops what parliament overlooks: resources that are wider than `/*` after the bucket and allow
    its objects, or deny the bucket, and statements that leave the action to services.
    """
    if is_left_to_services(case.statement):
        return
    by_node: dict[Node, dict[str, tuple[str, list[str]]]] = {}
    for action in ESCALATIONS:
        node = _value_about(case, action)
        gain = together.gain(action, _reached(case, action))
        if node is not None and gain is not None:
            by_node.setdefault(node, {})[action] = gain
    for node, gains in by_node.items():
        bucket = next(iter(gains.values()))[0]
        gained = dict.fromkeys(name for _, names in gains.values() for name in names)
        verb = "amounts" if len(gains) == 1 else "amount"
        yield case.context("bucket-policy-escalation").finding(
            node,
            f"{enumerate_briefly(tuple(gains))} on {bucket} {verb} to "
            f"{enumerate_briefly(tuple(gained))} on all its objects, which the policy does not "
            f"allow: take {'it' if len(gains) == 1 else 'them'} out, or allow that openly",
        )


def _covers_bucket(resource: str, bucket: str) -> bool:
    return resource == "*" or patterns.covers(resource, bucket)
