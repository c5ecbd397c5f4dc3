"""What the paths of escalation that need a target act on, in words."""

from __future__ import annotations

from collections.abc import Sequence

from multitool_lint.aws.escalation_paths import OF_USERS, Path

_TARGETS = {
    "apprunner": "service",
    "batch": "job definition",
    "bedrock-agentcore": "agent or tool",
    "cloudformation": "stack",
    "codebuild": "build project",
    "codedeploy": "target of deployments",
    "ec2": "instance",
    "ec2-instance-connect": "instance",
    "ecs": "task",
    "glue": "development endpoint",
    "lambda": "function",
    "sagemaker": "notebook instance",
    "ssm": "instance",
    "states": "state machine",
    "sts": "role",
}
"""What has the role that the actions of a service allow using; of `sts`, it is a role itself."""


def target_of(openings: Sequence[str]) -> str:
    """What the actions that open paths act on, in the singular."""
    if all(action in OF_USERS for action in openings):
        return " or ".join(dict.fromkeys(OF_USERS[action] for action in openings))
    targets = {_TARGETS.get(action.partition(":")[0], "target") for action in openings}
    return targets.pop() if len(targets) == 1 else "target"


def is_of_users(path: Path) -> bool:
    """Whether a role extends the permissions of users by it."""
    return path.kind == "target" and path.actions[0] in OF_USERS


def role_of(target: str) -> str:
    """The role that such a target has, or is."""
    if target == _TARGETS["sts"]:
        return "any existing role that trusts the principal"
    return f"the role of any existing {target}"
