"""The examples of the playground: whole files, and a policy for each known escalation path."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import Any

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.escalation_paths import PASS_ROLE, paths
from multitool_lint.aws.escalation_paths import Path as EscalationPath

FIXTURES = Path(__file__).parent.parent / "fixtures"
FILES = {
    "MultiTool's policy": "multitool.json",
    "CloudFormation template": "cloudformation.yaml",
    "Terraform": "terraform.tf",
    "Documentation in Markdown": "multitool.md",
}


def examples() -> list[dict[str, Any]]:
    """Groups of examples, each with a name, a format and a text."""
    files = [
        {
            "name": name,
            "format": file.rpartition(".")[2],
            "text": (FIXTURES / file).read_text("utf-8"),
        }
        for name, file in FILES.items()
    ]
    return [{"group": "Files", "examples": files}, *escalation_examples()]


def escalation_examples() -> list[dict[str, Any]]:
    """A policy for each path, which allows its actions on all resources, grouped by service."""
    found = []
    for service, group in groupby(sorted(paths(bundled()), key=service_of), service_of):
        policies = [
            {
                "name": f"{path.id}: {', '.join(path.actions)}",
                "format": "json",
                "text": policy(path.actions),
            }
            for path in group
        ]
        found.append({"group": f"Escalation by {service}", "examples": policies})
    return found


def service_of(path: EscalationPath) -> str:
    """The prefix of the service that a path is about, which is iam if it has no other."""
    others = [action for action in path.actions if action != PASS_ROLE]
    return (others or path.actions)[0].partition(":")[0]


def policy(actions: tuple[str, ...]) -> str:
    """A policy that allows actions on all resources."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return json.dumps(document, indent=2) + "\n"
