"""The type of a policy by the names around it, which its shape may contradict."""

import json
from pathlib import Path

import pytest

from multitool_lint.cli.run.cache_keys import Keys
from multitool_lint.formats import read_source
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.policy.policy_type import PolicyType
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
    return result.policies[0].policy.type.value


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
                "service-control-policy-examples/Root/leave.json",
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
        ("rcps/topics.json", {**EVERYONE, "Action": "sns:*"}, "rcp"),
        ("rcps/sns_topic_policy.json", {**EVERYONE, "Action": "sns:*"}, "resource"),
        ("rcps/api-gateway-policies.json", {**EVERYONE, "Action": "*"}, "resource"),
        ("rcps/sqs_queue_policy.json", {**EVERYONE, "Action": "sqs:*"}, "rcp"),
        ("rcps/topic-rcp.json", {**EVERYONE, "Action": "sns:*"}, "rcp"),
    ],
)
def test_a_shape_that_contradicts(path: str, statement: object, expected: str) -> None:
    assert type_at(path, statement) == expected


def test_the_id_of_a_policy() -> None:
    assert type_at("a.json", id_="OSD SCP Policy Document") == "scp"
    assert type_at("a.json", id_="Policy1") == "identity"


def test_what_is_given_counts_first() -> None:
    source = Source("scps/a.json", json.dumps(document(DENY)))
    assert (
        read_source(source, type=PolicyType.IDENTITY).json_policies[0].type is PolicyType.IDENTITY
    )
    [bucket] = read_source(source, resource_type="AWS::S3::Bucket").json_policies
    assert bucket.type is PolicyType.RESOURCE


def test_keys_that_lead_to_a_policy_in_a_document() -> None:
    policies = {
        "scps": [document(DENY)],
        "roles": {"ci": {"permissionsBoundary": document(ALLOW), "policy": document(ALLOW)}},
    }
    result = read_source(Source("account.json", json.dumps(policies)))
    assert [written.policy.type.value for written in result.policies] == [
        "scp",
        "boundary",
        "identity",
    ]


TEMPLATE = """
Resources:
  %s:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]}
%s
  Role:
    Type: AWS::IAM::Role
    Properties:
%s
"""


@pytest.mark.parametrize(
    ("logical_id", "own", "role", "expected"),
    [
        ("Limits", "", "PermissionsBoundary: !Ref Limits", "boundary"),
        ("Limits", "", "PermissionsBoundary: !GetAtt Limits.PolicyArn", "boundary"),
        ("Limits", "", 'PermissionsBoundary: !If [Is, !Sub "${Limits}", !Ref None]', "boundary"),
        ("DeveloperBoundary", "", "Path: /", "boundary"),
        ("Limits", "ManagedPolicyName: dev-boundary", "Path: /", "boundary"),
        ("Limits", "", "ManagedPolicyArns: [!Ref Limits]", "identity"),
        ("DeveloperBoundary", "", "ManagedPolicyArns: [!Ref DeveloperBoundary]", "identity"),
        ("Boundary", "Roles: [!Ref Role]", "PermissionsBoundary: !Ref Boundary", "identity"),
        ("Boundary", "Roles: []", "Path: /", "boundary"),
        ("RoleWithBoundary", "", "Path: /", "identity"),
        (
            "Boundary",
            "",
            "Policies: [{PolicyDocument: {Statement: [{Action: a, Resource: !Ref Boundary}]}}]",
            "boundary",
        ),
    ],
)
def test_a_managed_policy_of_a_template(
    logical_id: str, own: str, role: str, expected: str
) -> None:
    text = TEMPLATE % (logical_id, f"      {own}" if own else "", f"      {role}")
    policies = [written.policy for written in read_source(Source("t.yaml", text)).policies]
    [type_] = [
        policy.type.value for policy in policies if (policy.name or "").startswith(logical_id)
    ]
    assert type_ == expected
    attached = "ManagedPolicyArns" in role or "[" in own.replace("[]", "")
    for given in (PolicyType.IDENTITY, PolicyType.BOUNDARY):
        first = read_source(Source("t.yaml", text), type=given).policies[0].policy
        assert first.type is (PolicyType.IDENTITY if attached else given)


MANAGED = """
data "aws_iam_policy_document" "this" {
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "%s" {
  name   = "%s"
  policy = data.aws_iam_policy_document.this.json
}
"""


@pytest.mark.parametrize(
    ("label", "name", "use", "expected"),
    [
        ("limits", "x", "permissions_boundary = aws_iam_policy.limits.arn", "boundary"),
        (
            "limits",
            "x",
            'role_permissions_boundary_arn = aws_iam_policy.limits["a"].arn',
            "boundary",
        ),
        ("limits", "x", "permissions_boundary {\n a = aws_iam_policy.limits.name\n}", "boundary"),
        ("dev_boundary", "x", "path = 1", "boundary"),
        ("limits", "DevBoundary", "path = 1", "boundary"),
        ("limits", "x", "path = 1", "identity"),
        ("dev_boundary", "x", "policy_arn = aws_iam_policy.dev_boundary.arn", "identity"),
        ("dev_boundary", "x", "policies = { a = aws_iam_policy.dev_boundary.arn }", "identity"),
        ("require_boundary", "x", "path = 1", "identity"),
        (
            "boundary",
            "x",
            'policy_statements = [{ actions = ["a"], resources = [aws_iam_policy.boundary.arn] }]',
            "boundary",
        ),
    ],
)
def test_a_managed_policy_of_terraform(
    tmp_path: Path, label: str, name: str, use: str, expected: str
) -> None:
    text = MANAGED % (label, name)
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    (tmp_path / "roles.tf").write_text(f'module "role" {{\n  {use}\n}}\n', encoding="utf-8")
    result = read_source(Source(str(tmp_path / "main.tf"), text))
    assert [written.policy.type.value for written in result.policies] == [expected]
    [given] = read_source(
        Source(str(tmp_path / "main.tf"), text), type=PolicyType.IDENTITY
    ).policies
    assert given.policy.type is PolicyType.IDENTITY


def test_a_document_that_a_boundary_shares_with_what_grants() -> None:
    other = (
        'resource "aws_iam_policy" "all" {\n  policy = data.aws_iam_policy_document.this.json\n}'
    )
    [written] = read_source(Source("main.tf", MANAGED % ("boundary", "x") + other)).policies
    assert written.policy.type is PolicyType.IDENTITY


def test_a_managed_policy_without_a_name_has_that_of_its_folder() -> None:
    text = MANAGED % ("this", "x")
    for path, expected in (("permissions-boundary/main.tf", "boundary"), ("main.tf", "identity")):
        [written] = read_source(Source(path, text)).policies
        assert written.policy.type.value == expected
    [other] = read_source(
        Source("boundaries/main.tf", text.replace('policy" "this"', 'policy" "lambda"'))
    ).policies
    assert other.policy.type is PolicyType.IDENTITY


@pytest.mark.parametrize(
    ("name", "attached", "bounds", "expected"),
    [
        ("Limits", 0, 2, "boundary"),
        ("DevBoundary", 0, 0, "boundary"),
        ("Limits", 0, 0, "identity"),
        ("Limits", 1, 2, "identity"),
        ("DevBoundary", 1, 0, "identity"),
    ],
)
def test_a_managed_policy_of_an_account(
    name: str, attached: int, bounds: int, expected: str
) -> None:
    policy = {
        "PolicyName": name,
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": bounds,
        "PolicyVersionList": [{"Document": document(ALLOW), "IsDefaultVersion": True}],
    }
    result = read_source(Source("account.json", json.dumps({"Policies": [policy]})))
    [found] = result.stream
    assert isinstance(found, FoundPolicy)
    assert found.policy.type.value == expected


@pytest.mark.parametrize(
    "answer",
    [
        {"profile": {"sessionPolicy": json.dumps(document(ALLOW))}},
        {"ServerId": "s-1", "User": {"Policy": json.dumps(document(ALLOW)), "UserName": "ann"}},
        {"association": {"policy": json.dumps(document(ALLOW))}},
    ],
)
def test_session_policies_that_a_command_prints(answer: object) -> None:
    [found] = read_source(Source("answer.json", json.dumps(answer))).stream
    assert isinstance(found, FoundPolicy)
    assert found.policy.type is PolicyType.SESSION


def test_session_policies_of_a_template_and_of_terraform() -> None:
    template = {
        "Type": "AWS::Transfer::User",
        "Properties": {"Policy": json.dumps(document(ALLOW))},
    }
    text = json.dumps({"Resources": {"User": template}})
    [found] = read_source(Source("t.json", text)).policies
    assert found.policy.type is PolicyType.SESSION
    text = MANAGED % ("x", "x")
    text = text.replace('"aws_iam_policy"', '"aws_transfer_user"')
    [found] = read_source(Source("main.tf", text)).policies
    assert found.policy.type is PolicyType.SESSION


def test_a_page_may_have_other_policies_too() -> None:
    block = f"```json\n{json.dumps(document(ALLOW))}\n```\n"
    for path, expected in (("scps/README.md", "scp"), ("permissions-boundary.md", "identity")):
        assert read_source(Source(path, block)).json_policies[0].type.value == expected


PUT = {**OPEN, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::a/*"}
ENDPOINT = "AWS::EC2::VPCEndpoint"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("s3-endpoint-policy.json", ENDPOINT),
        ("vpc-endpoints/s3.json", ENDPOINT),
        ("VPCEndpointPolicy.json", ENDPOINT),
        ("bucket-policy-vpc-endpoint.json", None),
        ("from-vpce.json", None),
        ("origin-endpoint-policy.json", None),
        ("my-vpc-endpoints-project/s3.json", None),
    ],
)
def test_names_of_endpoint_policies(path: str, expected: str | None) -> None:
    [policy] = read_source(Source(path, json.dumps(document(PUT)))).json_policies
    assert policy.resource_type == expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("# A VPC endpoint\n", ENDPOINT),
        ("# Endpoint policies\n\n## Example\n\nOnly one bucket.\n", ENDPOINT),
        ("# Network\n\nThe endpoint policy:\n", ENDPOINT),
        (
            "# Network\n\nThis VPC endpoint policy allows only the account 1 to list all keys:\n",
            ENDPOINT,
        ),
        ("# VPC endpoints\n\n## Bucket policy\n", None),
        ("# VPC endpoints\n\n# Uploads\n", None),
        ("# VPC endpoints\n\nThe bucket policy goes with it:\n", None),
        ("# Uploads\n\nRequests come from VPC endpoints:\n", None),
        ("# Uploads\n", None),
    ],
)
def test_what_a_page_says_of_endpoint_policies(page: str, expected: str | None) -> None:
    block = f"{page}\n```json\n{json.dumps(document(PUT))}\n```\n"
    assert read_source(Source("a.md", block)).json_policies[0].resource_type == expected
    block = f"{page}\n    {json.dumps(document(PUT))}\n"
    assert read_source(Source("a.md", block)).json_policies[0].resource_type == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.adoc", "= Network\n\n== VPC endpoints\n\n[source,json]\n----\n{}\n----\n"),
        ("a.adoc", "= Network\n\nThe endpoint policy:\n\n----\n{}\n----\n"),
        ("a.rst", "Network\n=======\n\nVPC endpoints\n-------------\n\n.. code:: json\n\n    {}\n"),
        ("a.rst", "Network\n=======\n\nThe endpoint policy::\n\n    {}\n"),
    ],
)
def test_what_other_pages_say_of_endpoint_policies(name: str, text: str) -> None:
    found = read_source(Source(name, text.replace("{}", json.dumps(document(PUT)))))
    assert [entry.policy.resource_type for entry in found.policies] == [ENDPOINT]
    other = text.replace("endpoint", "link")
    found = read_source(Source(name, other.replace("{}", json.dumps(document(PUT)))))
    assert [entry.policy.resource_type for entry in found.policies] == [None]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.adoc",
            "= Access\n\nThe following SCP leaves an account\nwith S3 only.\n\n----\n{}\n----\n",
        ),
        (
            "a.rst",
            "Access\n======\n\nThe following SCP leaves an account\nwith S3 only::\n\n    {}\n",
        ),
    ],
)
def test_a_paragraph_of_several_lines(name: str, text: str) -> None:
    for page, expected in ((text, "scp"), (text.replace("SCP", "policy"), "identity")):
        found = read_source(Source(name, page.replace("{}", json.dumps(document(ALLOW)))))
        assert [entry.policy.type.value for entry in found.policies] == [expected]


def test_words_about_a_type_that_a_policy_cannot_be() -> None:
    page = "The following SCP denies access:\n"
    block = f"{page}\n```json\n{json.dumps(document(OPEN))}\n```\n"
    assert read_source(Source("a.md", block)).json_policies[0].type.value == "resource"


def test_the_line_above_a_policy_in_a_block() -> None:
    block = f"```\nEndpoint policy:\n{json.dumps(PUT, indent=2)}\n\n-> all else is denied\n```\n"
    assert read_source(Source("a.md", block)).policies[0].policy.resource_type == ENDPOINT


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("### Example 4: Allow list SCP\n", "scp"),
        ("## Guardrails\n\nA service control policy that allows two services:\n", "scp"),
        ("# SCPs\n\n## The role that deploys them\n", "identity"),
        ("## SCPs and IAM policies\n", "identity"),
        ("## Permissions to manage SCPs\n", "identity"),
        ("## Guardrails\n\n*The following SCP leaves an account or OU with S3 only.*\n", "scp"),
        ("The example service control policy denies what IAM users and roles may do.\n", "scp"),
        ("## SCPs\n\nFor some accounts and roles:\n", "scp"),
        ("## SCPs\n\nTo see them, users need an IAM policy:\n", "identity"),
        ("To attach SCPs, you need the following policy:\n", "identity"),
        ("## Boundaries\n\nThe following permissions boundary allows S3.\n", "boundary"),
        ("## Boundaries\n\nUsers with the boundary have this policy:\n", "identity"),
    ],
)
def test_what_a_page_says_of_service_control_policies(page: str, expected: str) -> None:
    block = f"{page}\n```json\n{json.dumps(document(ALLOW))}\n```\n"
    assert read_source(Source("a.md", block)).json_policies[0].type.value == expected


@pytest.mark.parametrize(
    ("page", "statement", "expected"),
    [
        ("# SCP module\n\n## Examples\n\n### Regions\n\nOnly some:\n", DENY, "scp"),
        ("# SCP module\n\n## Examples\n\n### Deployment\n", ALLOW, "identity"),
        ("# SCP module\n\n## MFA of users\n\n### Example\n", DENY, "identity"),
    ],
)
def test_headings_further_up_name_the_type_of_what_only_denies(
    page: str, statement: object, expected: str
) -> None:
    block = f"{page}\n```json\n{json.dumps(document(statement))}\n```\n"
    assert read_source(Source("a.md", block)).json_policies[0].type.value == expected


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
