"""The type of a policy by the names around it, which its shape may contradict."""

import json
from pathlib import Path

import pytest

from multitool_lint.cli.run.cache_keys import Keys
from multitool_lint.formats import read_source
from multitool_lint.policy.document import PolicyType
from multitool_lint.syntax.source import Source

DENY = {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}
ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
EVERYONE = {**DENY, "Principal": "*", "Action": "s3:*"}
OPEN = {**ALLOW, "Principal": "*"}
ROLE = {"AWS": "arn:aws:iam::111122223333:role/ci"}
ASSUMED = {"Effect": "Allow", "Principal": ROLE, "Action": ["sts:AssumeRole", "s3:GetObject"]}
ASSUMES = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE["AWS"]}


def document(statement: object, id_: str | None = None) -> dict[str, object]:
    head = {"Version": "2012-10-17", **({"Id": id_} if id_ else {})}
    return {**head, "Statement": [statement]}


def type_at(path: str, statement: object = DENY, id_: str | None = None) -> str:
    result = read_source(Source(path, json.dumps(document(statement, id_))))
    return result.policies[0].type.value


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        *(
            (path, "scp")
            for path in (
                "scps/leave.json",
                "scp/eu/deny/leave.json",
                "org-scps/leave.json",
                "organization/service-control-policies/leave.json",
                "ServiceControlPolicies/leave.json",
                "deny-leave-scp.json",
                "DenyLeaveSCP.json",
                "SCPs.json",
                "scp_require_permissions_boundary.json",
                "scps/permissions-boundary.json",
                "HEAD:scps/leave.json",
            )
        ),
        *(
            (path, "boundary")
            for path in (
                "permissions-boundary.json",
                "PermissionsBoundary.json",
                "dev_boundary_policy.json",
                "boundaries/developers.json",
                "iam/permission-boundaries/developers.json",
            )
        ),
        ("session-policy.json", "session"),
        ("sessionPolicies/ci.json", "session"),
        ("rcps/leave.json", "rcp"),
        *(
            (path, "identity")
            for path in (
                "descps/leave.json",
                "aws-scp-tool/policies/leave.json",
                "scp/1/2/3/leave.json",
                "manage-scps.json",
                "scp-deployment-role.json",
                "require-permissions-boundary.json",
                "role-with-boundary.json",
                "deny-boundary-removal.json",
                "network-boundary.json",
                "session-manager.json",
                "ssm-session-policy.json",
                "trust-policy.json",
                "truststore.json",
                "<scp>",
            )
        ),
    ],
)
def test_names_of_files_and_folders(path: str, expected: str) -> None:
    assert type_at(path) == expected


@pytest.mark.parametrize(
    ("path", "statement", "expected"),
    [
        ("trust-policy.json", ASSUMED, "trust"),
        ("ci-assume-role-policy.json", ASSUMED, "trust"),
        ("role.json", ASSUMED, "resource"),
        ("trust-policy.json", {**ASSUMED, "Action": "AssumeRole"}, "trust"),
        ("trust-policy.json", {**ASSUMED, "Action": "ecr:*"}, "resource"),
        ("trust-policy.json", {**ASSUMED, "Resource": "*"}, "resource"),
        ("assume-role-policy.json", ASSUMES, "identity"),
        ("scps/bucket.json", OPEN, "resource"),
        ("scps/role.json", {**ASSUMED, "Action": "sts:AssumeRole"}, "trust"),
        ("permissions-boundary.json", OPEN, "resource"),
        ("rcps/all.json", {**OPEN, "Action": "*"}, "rcp"),
        ("rcps/bucket.json", OPEN, "resource"),
        ("rcps/bucket.json", EVERYONE, "rcp"),
        ("rcps/sessions.json", {**EVERYONE, "Action": "sts:*"}, "rcp"),
    ],
)
def test_a_shape_that_contradicts(path: str, statement: object, expected: str) -> None:
    assert type_at(path, statement) == expected


def test_the_id_of_a_policy() -> None:
    assert type_at("a.json", id_="OSD SCP Policy Document") == "scp"
    assert type_at("a.json", id_="Policy1") == "identity"


def test_what_is_given_counts_first() -> None:
    source = Source("scps/a.json", json.dumps(document(DENY)))
    assert read_source(source, type=PolicyType.IDENTITY).policies[0].type is PolicyType.IDENTITY
    [bucket] = read_source(source, resource_type="AWS::S3::Bucket").policies
    assert bucket.type is PolicyType.RESOURCE


def test_keys_that_lead_to_a_policy_in_a_document() -> None:
    policies = {
        "scps": [document(DENY)],
        "roles": {"ci": {"permissionsBoundary": document(ALLOW), "policy": document(ALLOW)}},
    }
    result = read_source(Source("account.json", json.dumps(policies)))
    assert [written.policy.type.value for written in result.normalized] == [
        "scp",
        "boundary",
        "identity",
    ]


def test_a_page_may_tell_of_other_policies_too() -> None:
    block = f"```json\n{json.dumps(document(ALLOW))}\n```\n"
    for path, expected in (("scps/README.md", "scp"), ("permissions-boundary.md", "identity")):
        assert read_source(Source(path, block)).policies[0].type.value == expected


def test_the_same_text_at_another_path_has_another_report(tmp_path: Path) -> None:
    from multitool_lint.cli.files.target import Target
    from multitool_lint.linter.settings import FileSettings

    keys, settings = Keys(), FileSettings({})
    paths = [str(tmp_path / name) for name in ("a.json", "b.json", "scps/a.json")]
    one, other, scp = (
        keys.key(
            Target(path, named=True, settings=settings), Source(path, json.dumps(document(DENY)))
        )
        for path in paths
    )
    assert one == other
    assert one != scp
