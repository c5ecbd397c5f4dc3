"""Policies of the tests of rewrites, and what became of them."""

import json
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from multitool_lint.aws.catalog.catalog import AccessLevel, bundled
from multitool_lint.formats import read_source
from multitool_lint.policy.document import Policy
from multitool_lint.rewrite import tighten as tightening
from multitool_lint.rewrite.draft import Remark, Rewrite
from multitool_lint.syntax.source import Source

FIXTURES = Path(__file__).parents[2] / "fixtures"
CATALOG = bundled()
Change = Callable[[Source], Rewrite]
READING: tuple[AccessLevel, ...] = ("List", "Read")


def fixture(name: str) -> Source:
    return Source(name, (FIXTURES / name).read_bytes().decode())


def policy(*statements: dict[str, Any]) -> Source:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return Source("policy.json", json.dumps(document, indent=2) + "\n")


def allow(*actions: str, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


def allowing(*actions: str) -> Source:
    return policy(allow(*actions))


def policies(*texts: str) -> list[Policy]:
    return [
        policy
        for text in texts
        for policy in read_source(Source("policy.json", text)).json_policies
    ]


def actions_in(text: str) -> list[str]:
    (statement,) = json.loads(text)["Statement"]
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else list(actions)


def tighten(
    source: Source,
    levels: Collection[AccessLevel] = READING,
    strict: bool = False,  # noqa: FBT001, FBT002
) -> Rewrite:
    return tightening.tighten(source, tightening.Tightening(levels=levels, all_actions=strict))


def messages(remarks: Iterable[Remark]) -> list[str]:
    return [remark.message for remark in remarks]


def all_messages(result: Rewrite) -> list[str]:
    return messages((*result.applied, *result.notes, *result.problems))
