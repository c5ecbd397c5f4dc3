"""Every path of escalation, as identities may have its actions.

They are in one policy, in two of them, in policies of a user and a group, and limited by a
permissions boundary that does not allow them.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.escalation_paths import Path, paths
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

RULES = {
    id_: rules()[id_]
    for id_ in ("combined-escalation", "privilege-escalation", "target-dependent-escalation")
}
PATHS = {path.id: path for path in paths(bundled())}
CERTAIN = [path for path in PATHS.values() if path.kind != "target"]
SEVERAL = [path for path in PATHS.values() if len(path.needed) > 1]
USUAL = 5
"""Of so many paths, other runs take one."""
OTHER = "s3:GetObject"


def sampled(all_paths: Sequence[Path]) -> Iterator[Any]:
    for number, path in enumerate(all_paths):
        marks = [pytest.mark.exhaustive] * (number % USUAL > 0)
        yield pytest.param(path, marks=marks, id=path.id)


def policy(name: str, *actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
    return {"PolicyName": name, "PolicyDocument": {"Statement": [statement]}}


def resource(kind: str, **properties: object) -> dict[str, Any]:
    return {"Type": f"AWS::IAM::{kind}", "Properties": properties}


def named(**resources: object) -> set[str]:
    """The paths that findings name, or of which they have all services."""
    report = lint_source(Source("t.json", json.dumps({"Resources": resources})), enabled=RULES)
    words = (
        word.strip(",()") for f in report.findings for note in f.notes for word in note.split()
    )
    return {word for word in words if word in PATHS}


def shorter(path: Path) -> Iterator[str]:
    """The ids of paths of which the actions are among those of a path, its own included."""
    return (other.id for other in PATHS.values() if other.needed <= path.needed)


@pytest.mark.parametrize("path", [*sampled(CERTAIN)])
def test_in_one_policy_and_within_a_boundary(path: Path) -> None:
    own = policy("own", OTHER, *path.actions)
    assert not named(R=resource("Role", Policies=[own])).isdisjoint(shorter(path))
    boundary = resource("ManagedPolicy", PolicyDocument=policy("", OTHER)["PolicyDocument"])
    limited = resource("Role", Policies=[own], PermissionsBoundary={"Ref": "B"})
    assert named(R=limited, B=boundary) == set()


@pytest.mark.parametrize("path", [*sampled(SEVERAL)])
def test_in_two_policies_and_over_a_group(path: Path) -> None:
    first, *others = path.actions
    alone, rest = policy("first", OTHER, first), policy("others", OTHER, *others)
    wanted = set(shorter(path))
    assert named(R=resource("Role", Policies=[alone, rest])) & wanted
    group = resource("Group", Policies=[rest])
    user = resource("User", Policies=[alone], Groups=[{"Ref": "G"}])
    assert named(G=group, U=user) & wanted
    boundary = resource("ManagedPolicy", PolicyDocument=policy("", OTHER)["PolicyDocument"])
    limited = resource("Role", Policies=[alone, rest], PermissionsBoundary={"Ref": "B"})
    assert named(R=limited, B=boundary) == set()


def test_a_tag_that_another_policy_sets() -> None:
    tagged = policy("keys", "iam:CreateAccessKey")
    condition = {"StringEquals": {"aws:ResourceTag/developer": "true"}}
    tagged["PolicyDocument"]["Statement"][0]["Condition"] = condition
    tags = policy("tags", "iam:TagUser")
    assert named(R=resource("User", Policies=[tagged])) == set()
    assert named(R=resource("User", Policies=[tagged, tags])) == {"iam-002"}


def test_what_a_group_has_its_users_can_do() -> None:
    group = resource("Group", Policies=[policy("own", "iam:CreateAccessKey")])
    user = resource("User", Groups=[{"Ref": "G"}])
    boundary = resource("ManagedPolicy", PolicyDocument=policy("", OTHER)["PolicyDocument"])
    limited = {**user, "Properties": {**user["Properties"], "PermissionsBoundary": {"Ref": "B"}}}
    assert named(G=group, U=limited, B=boundary) == set()
    assert named(G=group, U=limited, B=boundary, V=user) == {"iam-002"}
    assert named(G=group) == {"iam-002"}
