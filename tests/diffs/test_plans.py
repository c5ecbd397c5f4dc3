"""Plans and states of Terraform are compared by who may do what after they are applied."""

from __future__ import annotations

import json
from typing import Any

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diffs.sources import changes_of_sources
from multitool_lint.syntax.source import Source

Json = dict[str, Any]
READ, ADMIN = (f"arn:aws:iam::aws:policy/{name}Access" for name in ("ReadOnly", "Administrator"))


def document(action: str) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


def resource(type_: str, name: str = "a", unknown: Json | None = None, **after: object) -> Json:
    change = {"actions": ["create"], "after": after, "after_unknown": unknown or {}}
    return {"address": f"{type_}.{name}", "type": type_, "change": change}


def plan(*resources: Json, **more: object) -> str:
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "resource_changes": resources,
            **more,
        }
    )


def state(*resources: Json) -> str:
    listed = [
        {
            "mode": "managed",
            "type": r["type"],
            "name": "a",
            "instances": [{"attributes": r["change"]["after"]}],
        }
        for r in resources
    ]
    return json.dumps(
        {"version": 4, "terraform_version": "1.9.0", "serial": 1, "resources": listed}
    )


def stops(old: str, new: str) -> bool:
    changes = changes_of_sources([Source("plan.json", text) for text in (old, new)], bundled())
    assert changes is not None
    return any(change.gained or change.unknown for _, change in changes)


POLICY = resource("aws_iam_role_policy", role="r", policy=document("s3:GetObject"))
ATTACHED = resource("aws_iam_role_policy_attachment", role="r", policy_arn=READ)


@pytest.mark.parametrize("made", [plan, state])
def test_new_access(made: Any) -> None:  # noqa: ANN401
    old = made(POLICY, ATTACHED)
    assert not stops(old, old)
    assert stops(
        old, made(resource("aws_iam_role_policy", role="r", policy=document("*")), ATTACHED)
    )
    assert stops(
        old, made(resource("aws_iam_role_policy", role="admin", policy=document("s3:GetObject")))
    )
    assert stops(
        old, made(POLICY, resource("aws_iam_role_policy_attachment", role="r", policy_arn=ADMIN))
    )
    assert stops(old, made(POLICY, ATTACHED, resource("aws_iam_access_key", user="u")))


def test_what_is_known_after_apply_only() -> None:
    later = resource("aws_iam_role_policy", unknown={"policy": True}, role="r")
    assert stops(plan(POLICY), plan(later))
    assert stops(plan(later), plan(later))
    known = {
        "root_module": {
            "resources": [
                {
                    "address": "aws_iam_role_policy.a",
                    "expressions": {"policy": {"references": ["a.b"]}},
                }
            ]
        }
    }
    assert not stops(plan(later, configuration=known), plan(later, configuration=known))
    assert stops(
        plan(later, configuration=known),
        plan(later, configuration=json.loads(json.dumps(known).replace("a.b", "a.c"))),
    )


def test_what_is_the_same() -> None:
    arn = "arn:aws:iam::111122223333:policy/p"
    managed = resource("aws_iam_policy", arn=arn, policy=document("s3:GetObject"))
    attached = resource("aws_iam_role_policy_attachment", role="r", policy_arn=arn)
    assert not stops(plan(POLICY), plan(managed, attached))
    assert not stops(plan(POLICY, ATTACHED), plan(ATTACHED, POLICY))
    deleted = {**ATTACHED, "change": {"actions": ["delete"], "after": None}}
    assert not stops(plan(POLICY, ATTACHED), plan(POLICY, deleted))
    assert stops(plan(POLICY, deleted), plan(POLICY, ATTACHED))
