"""Measure how long an account of thousands of policies or identities takes, and how much memory.

The account is what `aws iam get-account-authorization-details` prints: roles with trust and inline
policies, and customer managed policies with their versions, made from the AWS managed policies.
With `--identities`, it is one of roles that share managed policies, and that may assume each other:
a run is compared with one that only lints the policies.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build" / "benchmarks"
ACCOUNT = "111122223333"
LAYOUTS = {"indented": 4, "one line": None}
VERSIONS_AT_MOST = 5
SHARED = 50
ON_ROLES = ("iam:GetRole", "iam:PassRole", "sts:AssumeRole", "iam:TagRole", "iam:ListRoleTags")
ACTIONS = (
    *("s3:GetObject", "ec2:DescribeInstances", "lambda:InvokeFunction", "dynamodb:PutItem"),
    *("logs:PutLogEvents", "glue:StartJobRun", "kms:Decrypt", "sqs:SendMessage", "s3:PutObject"),
    *("lambda:CreateFunction", "ssm:SendCommand", "sns:Publish", "sqs:ReceiveMessage"),
    *("ec2:CreateTags", "logs:CreateLogStream", "dynamodb:Query", "s3:ListBucket"),
    *("kinesis:PutRecord", "events:PutEvents", "xray:PutTraceSegments", "rds:CreateDBSnapshot"),
)


def main() -> None:
    """Write the accounts, lint each in a new process, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = BUILD / "package" / "dist" / "managedPolicies.json"
    parser.add_argument("--policies", type=Path, default=default, help="managedPolicies.json")
    parser.add_argument("--counts", default="1250,2500,5000", help="policies of the accounts")
    parser.add_argument("--identities", type=int, help="measure an account of so many roles")
    parser.add_argument("--write", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.identities:
        _measure_identities(arguments.identities)
        return
    if arguments.write:
        _write(arguments.policies, int(arguments.write))
        return
    print("| policies | layout | text MiB | s | CPU s | policies/CPU s | peak MiB | peak - text |")
    print("|---|---|---|---|---|---|---|---|")
    for count in map(int, arguments.counts.split(",")):
        # In a process of its own: the peak of a process counts as that of those that it starts.
        command = [sys.executable, __file__, "--policies", arguments.policies, "--write"]
        subprocess.run([*map(str, command), str(count)], check=True)
        for layout in LAYOUTS:
            _measure(count, layout)


def _measure(count: int, layout: str) -> None:
    path = _path(count, layout)
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "multitool_lint", "--no-config", "--no-cache", path],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) != 1:
        sys.exit(f"{path}: not linted as it should be")
    cpu = usage.ru_utime + usage.ru_stime
    text, peak = path.stat().st_size / 2**20, usage.ru_maxrss / 1024
    print(
        f"| {count:,} | {layout} | {text:.1f} | {seconds:.1f} | {cpu:.1f} "
        f"| {count / cpu:,.0f} | {peak:.0f} | {peak - text:.0f} |",
        flush=True,
    )


def _measure_identities(count: int) -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / f"identities-{count}.json"
    path.write_text(json.dumps(_account_of_roles(count), indent=1), encoding="utf-8")
    alone = (
        "from multitool_lint.linter.source_findings import SourceFindings; "
        "from multitool_lint.cli import program; "
        "SourceFindings.identities = lambda *_: None; program()"
    )
    runs = {"identities": ["-m", "multitool_lint"], "policies alone": ["-c", alone]}
    print("| what | CPU s | peak MiB |")
    print("|---|---|---|")
    for what, arguments in runs.items():
        command = [sys.executable, *arguments, "--no-config", "--no-cache", str(path)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        cpu = usage.ru_utime + usage.ru_stime
        print(f"| {what} | {cpu:.1f} | {usage.ru_maxrss / 1024:.0f} |", flush=True)


def _account_of_roles(count: int) -> dict[str, Any]:
    policies = [_shared(number) for number in range(SHARED)]
    roles = [_role_of_many(number) for number in range(count)]
    empty: dict[str, Any] = {"UserDetailList": [], "GroupDetailList": []}
    return {**empty, "RoleDetailList": roles, "Policies": policies}


def _shared(number: int) -> dict[str, Any]:
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": _document(number)}
    arn = f"arn:aws:iam::{ACCOUNT}:policy/shared-{number}"
    return {"PolicyName": f"shared-{number}", "Arn": arn, "PolicyVersionList": [version]}


def _role_of_many(number: int) -> dict[str, Any]:
    """A role with two inline policies, one shared, and one of AWS; some have a boundary."""
    principals = [
        {"Service": "ec2.amazonaws.com"},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:role/role-{number - 1}"},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    ]
    trust = {"Effect": "Allow", "Principal": principals[number % 3], "Action": "sts:AssumeRole"}
    shared = f"arn:aws:iam::{ACCOUNT}:policy/shared-{number % SHARED}"
    role = {
        "RoleName": f"role-{number}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/role-{number}",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "RolePolicyList": [
            {"PolicyName": f"inline-{part}", "PolicyDocument": _document(2 * number + part)}
            for part in range(2)
        ],
        "AttachedManagedPolicies": [
            {"PolicyArn": shared},
            {"PolicyArn": "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"},
        ],
    }
    limit = {"PermissionsBoundary": {"PermissionsBoundaryArn": shared}}
    return {**role, **limit} if number % 10 == 0 else role


def _document(number: int) -> dict[str, Any]:
    """One statement about a role, and two about others."""
    on_role = ON_ROLES[number % len(ON_ROLES)], f"arn:aws:iam::{ACCOUNT}:role/role-{number // 2}"
    others = [
        (ACTIONS[(number * step + part) % len(ACTIONS)], f"arn:aws:s3:::bucket-{number}-{part}/*")
        for step, part in ((1, 0), (3, 1), (7, 2))
    ]
    statements = [
        {"Effect": "Allow", "Action": action, "Resource": resource}
        for action, resource in (on_role, *others)
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _path(count: int, layout: str) -> Path:
    return BUILD / f"account-{count}-{layout.replace(' ', '-')}.json"


def _write(policies: Path, count: int) -> None:
    """Half of the policies are managed, a quarter inline, and a quarter trust policies."""
    known = json.loads(policies.read_text(encoding="utf-8")).values()
    BUILD.mkdir(parents=True, exist_ok=True)
    managed = islice(cycle(known), count // 2)
    inline = islice(cycle(reversed(known)), count // 4)
    account = {
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": [_role(number, policy) for number, policy in enumerate(inline)],
        "Policies": [_managed(number, policy) for number, policy in enumerate(managed)],
    }
    for layout, indent in LAYOUTS.items():
        text = json.dumps(account, indent=indent)
        _path(count, layout).write_text(text, encoding="utf-8")


def _role(number: int, policy: dict[str, Any]) -> dict[str, Any]:
    name = f"role-{number}"
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": f"AROA{number:017}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "CreateDate": "2024-05-06T07:08:09+00:00",
        "AssumeRolePolicyDocument": trust,
        "InstanceProfileList": [],
        "RolePolicyList": [{"PolicyName": "inline", "PolicyDocument": _latest(policy)}],
        "AttachedManagedPolicies": [],
        "Tags": [],
        "RoleLastUsed": {},
    }


def _latest(policy: dict[str, Any]) -> Any:  # noqa: ANN401 - a policy document
    return policy["versions"][policy["latestVersionId"]]["document"]


def _managed(number: int, policy: dict[str, Any]) -> dict[str, Any]:
    name = f"policy-{number}"
    return {
        "PolicyName": name,
        "PolicyId": f"ANPA{number:017}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:policy/{name}",
        "Path": "/",
        "DefaultVersionId": policy["latestVersionId"],
        "AttachmentCount": 1,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": "2024-05-06T07:08:09+00:00",
        "UpdateDate": "2024-05-06T07:08:09+00:00",
        "PolicyVersionList": list(_versions(policy)),
    }


def _versions(policy: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The latest versions, the first of which is the default."""
    latest = policy["latestVersionId"]
    others = [id_ for id_ in reversed(policy["versions"]) if id_ != latest]
    for id_ in [latest, *others][:VERSIONS_AT_MOST]:
        yield {
            "Document": policy["versions"][id_]["document"],
            "VersionId": id_,
            "IsDefaultVersion": id_ == latest,
            "CreateDate": "2024-05-06T07:08:09+00:00",
        }


if __name__ == "__main__":
    main()
