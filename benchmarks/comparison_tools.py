"""Other linters of IAM policies, each run as its documentation says, with its defaults."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build" / "benchmarks"
NEEDS = {
    "parliament": ["parliament==1.6.4", "setuptools==81.0.0"],
    "iam-policy-validator": ["iam-policy-validator==1.31.4"],
    "cfn-lint": ["cfn-lint==1.58.0"],
}
"""What is installed for each; the tool itself comes first."""

SERVICES = BUILD / "service-reference"

Case = dict[str, Any]


class Answer(NamedTuple):
    """What a tool says of a policy: its findings, each an id and a message, or that it crashed."""

    findings: tuple[str, ...]
    crashed: bool = False


def run(tool: str, case: Case) -> Answer:
    """Give a policy to a tool, in a new process."""
    path = BUILD / "case.json"
    path.write_text(_template(case) if tool == "cfn-lint" else text_of(case), encoding="utf-8")
    command, read = _COMMANDS[tool](path, case)
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    # One of them logs a traceback and goes on: it is a crash if there is no answer.
    failed = "Traceback (most recent call last)" in done.stderr and not done.stdout.strip()
    if failed:
        return Answer((done.stderr.strip().splitlines()[-1],), crashed=True)
    return Answer(tuple(read(done.stdout, done.stderr)))


def install() -> None:
    """Set up an environment for each tool, and the service reference that one of them reads."""
    for tool, needs in NEEDS.items():
        directory = BUILD / tool
        if not directory.is_dir():
            subprocess.run([sys.executable, "-m", "venv", directory], check=True)
        pip = [str(directory / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, *needs], check=True)
    _write_services()


def text_of(case: Case) -> str:
    """The text of a policy, where it is not JSON as it is written."""
    return case["text"] if "text" in case else json.dumps(case["policy"], indent=2)


def _write_services() -> None:
    """Write our catalog in the form of AWS's service reference, which `sync-services` downloads."""
    from multitool_lint.aws.catalog.catalog import bundled

    catalog = bundled()
    SERVICES.mkdir(parents=True, exist_ok=True)
    listed = []
    for prefix in catalog.prefixes:
        service = catalog.service(prefix)
        if service is None or service.retired:
            continue
        actions = [service.action_at(place) for place in range(service.current)]
        document = {
            "Name": prefix,
            "Actions": [
                {
                    "Name": action.name.partition(":")[2],
                    "ActionConditionKeys": sorted(action.condition_keys),
                    "Resources": [
                        {"Name": resource_type.name} for resource_type in action.resource_types
                    ],
                }
                for action in actions
            ],
            "ConditionKeys": [
                {"Name": key.name, "Types": sorted(key.types)} for key in service.condition_keys
            ],
            "Resources": [
                {
                    "Name": resource_type.name,
                    "ARNFormats": list(resource_type.arn_formats),
                    "ConditionKeys": sorted(resource_type.condition_keys),
                }
                for resource_type in service.resource_types.values()
            ],
            "Version": "v1.3",
        }
        (SERVICES / f"{prefix}.json").write_text(json.dumps(document), encoding="utf-8")
        listed.append({"service": prefix, "url": f"https://example.com/{prefix}.json"})
    (SERVICES / "_services.json").write_text(json.dumps(listed), encoding="utf-8")


def _ours(path: Path, case: Case) -> tuple[list[Any], Callable[[str, str], Iterator[str]]]:
    command = [sys.executable, "-m", "multitool_lint", "--no-config", "--no-cache", "--format=json"]
    command += [f"--type={case['type']}"] if "type" in case else []
    command += [f"--resource-type={case['resource_type']}"] if "resource_type" in case else []

    def read(out: str, _: str) -> Iterator[str]:
        for finding in json.loads(out)["findings"]:
            yield f"{finding['rule']}: {finding['title']}"

    return [*command, path], read


def _parliament(path: Path, _: Case) -> tuple[list[Any], Callable[[str, str], Iterator[str]]]:
    # With --file it waits for standard input where that is not a terminal.
    def read(out: str, _: str) -> Iterator[str]:
        for line in filter(None, out.splitlines()):
            message = json.loads(line)
            yield f"{message['issue']}: {message['title']} {message['detail']}"

    return [BUILD / "parliament" / "bin" / "parliament", "--files", path, "--json"], read


_VALIDATOR_TYPES = {
    "trust": "TRUST_POLICY",
    "resource": "RESOURCE_POLICY",
    "scp": "SERVICE_CONTROL_POLICY",
    "rcp": "RESOURCE_CONTROL_POLICY",
}


def _validator(path: Path, case: Case) -> tuple[list[Any], Callable[[str, str], Iterator[str]]]:
    command = [BUILD / "iam-policy-validator" / "bin" / "iam-validator", "validate"]
    options = ["--format", "json", "--aws-services-dir", SERVICES]
    options += ["--policy-type", _VALIDATOR_TYPES[case["type"]]] if "type" in case else []

    def read(out: str, err: str) -> Iterator[str]:
        start = out.find("{")
        if start < 0:
            yield f"no report: {(out + err).strip()}"
            return
        for result in json.loads(out[start:])["results"]:
            for issue in result["issues"]:
                yield f"{issue['issue_type']}: ({issue['severity']}) {issue['message']}"

    return [*command, "--path", path, *options], read


def _cfn_lint(path: Path, _: Case) -> tuple[list[Any], Callable[[str, str], Iterator[str]]]:
    def read(out: str, _: str) -> Iterator[str]:
        for failure in json.loads(out):
            yield f"{failure['Rule']['Id']}: {failure['Message']}"

    return [BUILD / "cfn-lint" / "bin" / "cfn-lint", "--format", "json", path], read


_COMMANDS = {
    "multitool-lint": _ours,
    "parliament": _parliament,
    "iam-policy-validator": _validator,
    "cfn-lint": _cfn_lint,
}


TOOLS = tuple(_COMMANDS)


def _template(case: Case) -> str:
    """The policy in the resource of a CloudFormation template that has such policies."""
    kind = case.get("type", "identity")
    if kind == "trust":
        resource = _resource("AWS::IAM::Role", AssumeRolePolicyDocument=_HOLE)
    elif kind in ("scp", "rcp"):
        name = {"scp": "SERVICE_CONTROL_POLICY", "rcp": "RESOURCE_CONTROL_POLICY"}[kind]
        resource = _resource("AWS::Organizations::Policy", Name="a", Type=name, Content=_HOLE)
    elif kind == "identity":
        resource = _resource("AWS::IAM::ManagedPolicy", PolicyDocument=_HOLE)
    else:
        resource = _of_resource_policy(text_of(case))
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Policy": resource}}
    return json.dumps(template, indent=2).replace(json.dumps(_HOLE), text_of(case))


_HOLE = "the policy"


def _resource(type_: str, **properties: object) -> dict[str, object]:
    return {"Type": type_, "Properties": properties}


def _of_resource_policy(text: str) -> dict[str, object]:
    if '"kms:' in text:
        return _resource("AWS::KMS::Key", KeyPolicy=_HOLE)
    if '"sqs:' in text:
        queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
        return _resource("AWS::SQS::QueuePolicy", Queues=[queue], PolicyDocument=_HOLE)
    if '"sns:' in text:
        topic = "arn:aws:sns:eu-west-1:111122223333:orders"
        return _resource("AWS::SNS::TopicPolicy", Topics=[topic], PolicyDocument=_HOLE)
    return _resource("AWS::S3::BucketPolicy", Bucket="example", PolicyDocument=_HOLE)
