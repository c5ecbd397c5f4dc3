"""Policies for the tests of rewrites, and what is said of them."""

import json
from typing import Any

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.rewrite.draft import Rewrite
from multitool_lint.syntax.source import Source

CATALOG = bundled()


def source(*statements: dict[str, Any]) -> Source:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return Source("policy.json", json.dumps(document, indent=2) + "\n")


def allow(*actions: str, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


def messages(result: Rewrite) -> list[str]:
    return [note.message for note in (*result.applied, *result.notes, *result.problems)]
