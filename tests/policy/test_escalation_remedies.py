"""What a finding advises never hides an escalation path: what is still open is still reported.

Whether a path is open is decided by the evaluator, which knows none of the rules.
"""

from __future__ import annotations

import json
import re
import shlex
from contextlib import suppress
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from support.evaluator import Request, decide

from multitool_lint.aws import escalation_paths as escalation
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.escalation_paths import PASS_ROLE
from multitool_lint.cli import main
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source, apply_edits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from multitool_lint.diagnostics.finding import Finding

CATALOG = bundled()
PATHS = escalation.paths(CATALOG)
WAYS = [
    way
    for prefix in escalation.passing_services(CATALOG)
    for way in escalation.passing(CATALOG, prefix)
]
COMMAND = re.compile(r"multitool-lint (fix|expand|shrink|tighten) .*?policy\.json")
ALWAYS = [
    "multitool-lint tighten --by-resource policy.json",
    "multitool-lint tighten --drop-wildcards policy.json",
    "multitool-lint tighten --pass-role-to SERVICE policy.json",
    "multitool-lint expand policy.json",
    "multitool-lint shrink policy.json",
]


def text_of(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def allow(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*"}


def policies(path: escalation.Path) -> Iterator[str]:
    """Policies with the actions of a path: together, apart, and with all others of the service."""
    yield text_of(allow(*path.actions))
    yield text_of(*map(allow, path.actions))
    services = {f"{action.partition(':')[0]}:*" for action in path.actions[1:]} - {"iam:*"}
    if services:
        yield text_of(allow(path.actions[0]), allow(*sorted(services)))


@lru_cache(maxsize=1024)
def resources(action: str, name: str) -> tuple[str, ...]:
    """A resource of each type that an action accepts, with a name that nobody has thought of."""
    known, service = CATALOG.action(action), CATALOG.known(action.partition(":")[0])
    assert known is not None
    formats = chain.from_iterable(
        service.resource_types[type_.name].arn_formats
        for type_ in known.resource_types
        if type_.name in service.resource_types
    )
    fixed = {"Partition": "aws", "Region": "eu-west-1", "Account": "111122223333"}
    arns = [
        re.sub(r"\$\{(\w+)\}", lambda match: fixed.get(match[1], name), format_)
        for format_ in formats
    ]
    return tuple(arns) or ("*",)


def is_open(path: escalation.Path, document: dict[str, Any]) -> bool:
    """Whether a policy allows all actions of a path, on whatever resources there may be."""
    names = ("zq7",) if path.kind == "pass" else ("zq7", "other-zq8")

    def allowed(action: str, service: str) -> bool:
        context = {"iam:passedtoservice": service} if action == PASS_ROLE else {}
        return all(
            decide(document, Request(action, resource, context=context)) == "Allow"
            for name in names
            for resource in resources(action, name)
        )

    return any(
        all(allowed(action, service) for action in path.actions)
        for service in path.services or ("",)
    )


def is_named(path: escalation.Path, findings: tuple[Finding, ...]) -> bool:
    """Whether some finding names a path: by its id, or by the action that gives the role."""
    for finding in chain.from_iterable(found.joined or (found,) for found in findings):
        text = "\n".join([finding.title, *finding.notes])
        if finding.rule in ("privilege-escalation", "target-dependent-escalation"):
            ids = re.findall(r"[\w-]+", text)
            if path.id in ids and path not in WAYS:
                return True
        if finding.rule in ("privilege-escalation", "pass-role-to-service") and path in WAYS:
            prefix, _, name = path.actions[1].partition(":")
            listed = rf"{prefix}:{name}\b|with {prefix} \(.*(\b{name}\b| more$)"
            places = [
                finding.source.text[place.span.start : place.span.end] for place in finding.related
            ]
            labels = [place.label for place in finding.related]
            if re.search(listed, "\n".join([text, *labels, *places]), re.MULTILINE):
                return True
    return False


def lint(text: str) -> tuple[Finding, ...]:
    return lint_source(Source("policy.json", text)).findings


def remedied(text: str, path: escalation.Path, folder: Path) -> Iterator[tuple[str, str]]:
    """What is left of a policy after each remedy, with the remedy."""
    findings = lint(text)
    for finding in findings:
        for fix in finding.fixes:
            yield fix.title, apply_edits(text, fix.edits)
    helps = "\n".join(finding.help for finding in findings)
    services = path.services or ("lambda.amazonaws.com",)
    for command in dict.fromkeys([*(match[0] for match in COMMAND.finditer(helps)), *ALWAYS]):
        for service in services if "SERVICE" in command else services[:1]:
            file = folder / "policy.json"
            file.write_text(text, encoding="utf-8")
            # A service that AWS lists with iam:PassRole may have a principal that nobody knows.
            with suppress(SystemExit):
                command_line = shlex.split(command.replace("SERVICE", service))
                main([*command_line[1:-1], str(file), "--write"])
            yield command.replace("SERVICE", service), file.read_text("utf-8")


def parameters() -> Iterator[Any]:
    """All paths, of which most runs ask about some, and ways to give a service a role."""
    for number, path in enumerate((*PATHS, *WAYS)):
        marks = [pytest.mark.exhaustive] * (number % 3 > 0) + [pytest.mark.slow] * (number % 12 > 0)
        yield pytest.param(path, marks=marks, id=" ".join((path.id, *path.actions[1:2])))


@pytest.mark.parametrize("path", [*parameters()])
def test_no_remedy_hides_a_path_that_is_still_open(
    path: escalation.Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in dict.fromkeys(policies(path)):
        by_text = {left: remedy for remedy, left in remedied(text, path, tmp_path)}
        for left, remedy in (by_text | {text: "nothing"}).items():
            if is_open(path, json.loads(left)):
                assert is_named(path, lint(left)), (remedy, left)
    capsys.readouterr()
