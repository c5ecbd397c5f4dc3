"""What parliament suspects that a bucket's permissions add up to: which of it is true."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from multitool_lint.engines import parliament_input
from multitool_lint.engines.parliament_facts import is_all_actions, may_act_on
from multitool_lint.findings import enumerate_briefly
from multitool_lint.iam import arn, patterns
from multitool_lint.policy import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.engines.parliament_case import Case
    from multitool_lint.findings import Finding
    from multitool_lint.policy import Node

ESCALATIONS = {
    "s3:PutBucketPolicy": ("s3:PutObject", "s3:GetObject", "s3:DeleteObject"),
    "s3:PutBucketAcl": ("s3:PutObject", "s3:GetObject", "s3:DeleteObject"),
    "s3:PutLifecycleConfiguration": ("s3:DeleteObject",),
}
"""What someone can bring about who may set a bucket's policy, access control list or lifecycle."""


def may_escalate(case: Case) -> bool:
    """Whether a statement allows an action that can bring about others."""
    if not case.statement.allows or case.statement.negates_actions:
        return case.statement.allows
    about_storage = [text for _, text in case.statement.action_texts if _may_be_about_storage(text)]
    return any(_covers(case, each, action) for each in about_storage for action in ESCALATIONS)


def stance(case: Case) -> parliament_input.Stance:
    """Say what a statement allows or denies, as far as the names in it are known."""
    statement = case.statement
    # Asked for the same few actions again for each other statement.
    resources = lru_cache(maxsize=64)(partial(_reached, case))
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
        for _, text in texts(case.statement.resources)
        if may_act_on(reach, text)
    ]


def _value_about(case: Case, action: str) -> Node | None:
    """Find the value that makes a statement be about an action of S3."""
    statement = case.statement
    found = next(
        (node for node, text in statement.action_texts if _covers(case, text, action)), None
    )
    if not statement.negates_actions:
        return found
    return statement.action.value if statement.action and found is None else None


def _covers(case: Case, text: str, action: str) -> bool:
    return is_all_actions(text) or (
        _may_be_about_storage(text) and case.facts.includes(text, action)
    )


def _may_be_about_storage(text: str) -> bool:
    if text[:1] not in "sS*?":
        return False
    prefix = text.partition(":")[0]
    return prefix in ("s3", "S3") or patterns.has_wildcard(prefix)


def bucket_escalation(
    case: Case, stances: tuple[parliament_input.Stance, ...]
) -> Iterator[Finding]:
    """Confirm RESOURCE_POLICY_PRIVILEGE_ESCALATION in a statement that allows it.

    Drops what parliament overlooks: resources that are wider than `/*` after the bucket and allow
    its objects, or deny the bucket.
    """
    by_node: dict[Node, dict[str, tuple[str, list[str]]]] = {}
    for action in ESCALATIONS:
        node = _value_about(case, action)
        gain = _gain(action, _reached(case, action), stances)
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
            f"allow",
        )


def _gain(
    action: str, buckets: list[str], stances: tuple[parliament_input.Stance, ...]
) -> tuple[str, list[str]] | None:
    """Find a bucket whose objects an action opens, and the actions on them that it brings about."""
    allowed = parliament_input.allowed_resources(stances, action)
    denied = [
        resource
        for each in stances
        if not each.allows and not each.conditional
        for resource in each.resources(action)
    ]
    for bucket in buckets:
        if bucket in allowed and not any(_covers_bucket(each, bucket) for each in denied):
            missing = [name for name in ESCALATIONS[action] if not _is_open(bucket, name, stances)]
            if missing:
                return bucket, missing
    return None


@lru_cache(maxsize=4096)
def _is_open(bucket: str, action: str, stances: tuple[parliament_input.Stance, ...]) -> bool:
    """Whether an action is allowed on all objects of a bucket."""
    objects = "arn:aws:s3:::*/*" if bucket == "*" else f"{bucket}/*"
    return any(
        resource in ("*", bucket) or patterns.covers(resource, objects)
        for resource in parliament_input.allowed_resources(stances, action)
    )


def _covers_bucket(resource: str, bucket: str) -> bool:
    return resource == "*" or patterns.covers(resource, bucket)
