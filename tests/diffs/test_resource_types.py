"""What resources of a type decide about access: that is compared, and nothing else of them."""

from __future__ import annotations

import json

import pytest
from support.modules import has_new_access

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diffs.sources import changes_of_sources
from multitool_lint.syntax.source import Source


def resource(type_: str, arguments: str) -> dict[str, str]:
    inner = arguments.replace("; ", "\n ")
    return {"main.tf": f'resource "{type_}" "x" {{\n {inner}\n}}\n'}


def template(type_: str, properties: str) -> Source:
    made = {"X": {"Type": type_, "Properties": json.loads(properties)}}
    return Source("template.json", json.dumps({"Resources": made}))


BLOCKED = "public_access_block_configuration {; block_public_policy = %s; }"
DETAILS = "details {; name = %s; public_access_block {; block_public_policy = %s; }; }"
ROUTE, API = "aws_apigatewayv2_route", "aws_appsync_graphql_api"
OIDC, OU = "aws_iam_openid_connect_provider", "aws_organizations_organizational_unit"
MEMBER = 'permissions = "%s"'


@pytest.mark.parametrize(
    ("type_", "old", "new", "is_more"),
    [
        (OU, 'parent_id = "ou-1"', 'parent_id = "ou-2"', True),
        (OU, 'parent_id = "ou-1"; name = "a"', 'parent_id = "ou-1"; name = "b"', False),
        ("aws_organizations_account", 'parent_id = "ou-1"', 'parent_id = "ou-2"', True),
        ("aws_s3_access_point", BLOCKED % "true", BLOCKED % "false", True),
        ("aws_s3_access_point", BLOCKED % "false", BLOCKED % "true", False),
        (
            "aws_s3control_multi_region_access_point",
            DETAILS % (1, "true"),
            DETAILS % (1, "v"),
            True,
        ),
        (
            "aws_s3control_multi_region_access_point",
            DETAILS % (1, "true"),
            DETAILS % (2, "true"),
            0,
        ),
        ("aws_vpclattice_service", 'auth_type = "AWS_IAM"', 'auth_type = "NONE"', True),
        ("aws_vpclattice_service", 'auth_type = "NONE"', 'auth_type = "AWS_IAM"', False),
        (ROUTE, 'authorization_type = "AWS_IAM"', 'authorization_type = "NONE"', True),
        (API, 'authentication_type = "AWS_IAM"', 'authentication_type = "API_KEY"', True),
        (API, 'authentication_type = "API_KEY"', 'authentication_type = "AWS_IAM"', False),
        (API, "", "additional_authentication_provider {; authentication_type = 1; }", True),
        (API, 'name = "a"', 'name = "b"', False),
        ("aws_signer_signing_profile_permission", 'principal = "1"', 'principal = "2"', True),
        ("aws_rds_cluster_snapshot_copy", "", 'shared_accounts = ["all"]', True),
        ("aws_cloud9_environment_membership", MEMBER % "read-only", MEMBER % "read-write", True),
        ("aws_controltower_control", 'target_identifier = "a"', 'target_identifier = "b"', True),
        (OIDC, 'client_id_list = ["a"]', 'client_id_list = ["a", "b"]', True),
        (OIDC, 'client_id_list = ["a", "b"]', 'client_id_list = ["a"]', False),
        ("aws_guardduty_organization_admin_account", "id_ = 1", "id_ = 2", True),
    ],
)
def test_terraform(type_: str, old: str, new: str, *, is_more: bool) -> None:
    assert has_new_access(resource(type_, old), resource(type_, new)) is bool(is_more)


URL = 'authorization_type = "%s"; function_name = "%s"'
KEY, ACTIVE, INACTIVE = "aws_iam_access_key", 'user = "u"', 'user = "u"; status = "Inactive"'
INVOKE = 'principal = "%s"; function_name = "f"'
SOURCE = INVOKE % "events.amazonaws.com" + '; source_arn = "a"'
SHARE = 'allow_external_principals = %s; resource_share = "%s"'
SETTING = 'setting_id = "%s"; setting_value = "%s"'
TIER, PUBLIC = "/ssm/parameter-store/x", "/ssm/documents/console/public-sharing-permission"
STACKS, ROLE, ANCHOR = "aws_cloudformation_stack_set", "awscc_iam_role", "aws_rolesanywhere_profile"
ADMIN, READER = (f"arn:aws:iam::aws:policy/{name}Access" for name in ("Administrator", "ReadOnly"))
ATTACHED = 'managed_policy_arns = ["%s"]'
ACCESS_POINT = "public_access_block_configuration = { block_public_policy = %s }"
DENY = 'Effect = "Deny", Principal = "*", Action = "*", Resource = "*"'
INLINE = f"policies = [{{ policy_document = jsonencode({{ Statement = [{{ {DENY} }}] }}) }}]"


@pytest.mark.parametrize(
    ("type_", "old", "new", "is_more"),
    [
        ("aws_lambda_function_url", URL % ("NONE", "f"), URL % ("AWS_IAM", "f"), False),
        ("aws_lambda_function_url", URL % ("AWS_IAM", "f"), URL % ("NONE", "f"), True),
        ("aws_lambda_function_url", URL % ("NONE", "f"), URL % ("NONE", "g"), True),
        (
            "aws_lambda_function_url",
            URL % ("NONE", "f"),
            URL % ("NONE", "f") + "; cors {; }",
            False,
        ),
        (KEY, ACTIVE, INACTIVE, False),
        (KEY, INACTIVE, ACTIVE, True),
        (KEY, ACTIVE, ACTIVE + '; pgp_key = "k"', False),
        ("aws_iam_instance_profile", 'role = "r"; path = "/"', 'role = "r"; path = "/a/"', False),
        ("aws_iam_instance_profile", 'role = "r"', 'role = "s"', True),
        ("aws_lambda_permission", INVOKE % "events.amazonaws.com", SOURCE, False),
        ("aws_lambda_permission", SOURCE, INVOKE % "events.amazonaws.com", True),
        ("aws_lambda_permission", SOURCE, SOURCE.replace("events", "s3"), True),
        ("aws_lambda_permission", INVOKE % "events.amazonaws.com", INVOKE % "*", True),
        ("aws_ram_resource_share", SHARE % ("true", "s"), SHARE % ("false", "s"), False),
        ("aws_ram_resource_share", SHARE % ("false", "s"), SHARE % ("true", "s"), True),
        ("aws_ram_resource_share", SHARE % ("true", "s"), SHARE % ("false", "t"), True),
        (ANCHOR, 'role_arns = ["r"]; enabled = true', 'role_arns = ["r"]; enabled = false', False),
        (ANCHOR, 'role_arns = ["r"]; enabled = false', 'role_arns = ["r"]; enabled = true', True),
        ("aws_eks_access_entry", 'kubernetes_groups = ["a"]', 'kubernetes_groups = ["b"]', True),
        ("aws_eks_access_entry", 'kubernetes_groups = ["a", "b"]', 'kubernetes_groups = ["a"]', 0),
        ("aws_ssm_service_setting", SETTING % (TIER, "a"), SETTING % (TIER, "b"), False),
        (
            "aws_ssm_service_setting",
            SETTING % (PUBLIC, "Disable"),
            SETTING % (PUBLIC, "Enable"),
            True,
        ),
        ("aws_cloudformation_stack", "timeout_in_minutes = 5", "timeout_in_minutes = 9", False),
        ("aws_cloudformation_stack", 'iam_role_arn = "a"', 'iam_role_arn = "b"', True),
        (STACKS, "", "operation_preferences {; max_concurrent_count = 2; }", False),
        (STACKS, "", "auto_deployment {; enabled = true; }", True),
        (
            "aws_ssoadmin_permission_set",
            'session_duration = "PT1H"',
            'session_duration = "PT2H"',
            0,
        ),
        ("awscc_sqs_queue", "visibility_timeout = 1", "visibility_timeout = 2", False),
        (
            "awscc_sqs_queue_policy",
            "queues = [1]; policy_document = 1",
            "policy_document = 2",
            True,
        ),
        (ROLE, ATTACHED % ADMIN, ATTACHED % READER, False),
        (ROLE, ATTACHED % READER, ATTACHED % ADMIN, True),
        (ROLE, "", INLINE.replace("Deny", "Allow"), True),
        (ROLE, INLINE, "", True),
        ("awscc_s3_access_point", ACCESS_POINT % "true", ACCESS_POINT % "false", True),
        ("awscc_s3_access_point", ACCESS_POINT % "false", ACCESS_POINT % "true", False),
    ],
)
def test_what_grants_nothing(type_: str, old: str, new: str, *, is_more: bool) -> None:
    assert has_new_access(resource(type_, old), resource(type_, new)) is bool(is_more)


def test_a_document_that_cloud_control_is_given() -> None:
    def given(action: str) -> dict[str, str]:
        made = resource(
            "awscc_sqs_queue_policy", "policy_document = data.aws_iam_policy_document.d.json"
        )
        return {
            "main.tf": f'{made["main.tf"]}data "aws_iam_policy_document" "d" {{\n statement {{\n'
            f' actions = ["{action}"]\n resources = ["*"]\n }}\n}}\n'
        }

    assert has_new_access(given("sqs:SendMessage"), given("sqs:*"))
    assert not has_new_access(given("sqs:*"), given("sqs:SendMessage"))


def test_what_a_new_resource_has_besides_its_policy() -> None:
    policy = f"policy = jsonencode({{ Statement = [{{ {DENY} }}] }})"
    assert not has_new_access({"main.tf": ""}, resource("aws_s3_bucket", policy))
    public = resource("aws_s3_bucket", f'{policy}; acl = "public-read"')
    assert has_new_access({"main.tf": ""}, public)


def test_a_setting_that_is_gone() -> None:
    for setting, is_more in ((PUBLIC, True), (TIER, False)):
        old = resource("aws_ssm_service_setting", SETTING % (setting, "Disable"))
        assert has_new_access(old, {"main.tf": ""}) is is_more


def test_a_control_that_is_gone() -> None:
    control = resource("aws_controltower_control", 'control_identifier = "c"')
    assert has_new_access(control, {"main.tf": ""})
    assert not has_new_access({"main.tf": ""}, control)


ALL, INACTIVE_KEY = '{"Principal": "*"}', '{"UserName": "u", "Status": "Inactive"}'
FUNCTION = '{"AuthType": "NONE", "TargetFunctionArn": "%s"}'


@pytest.mark.parametrize(
    ("type_", "old", "new", "is_more"),
    [
        ("AWS::Organizations::Account", '{"ParentIds": ["a"]}', '{"ParentIds": ["b"]}', True),
        ("AWS::Organizations::OrganizationalUnit", '{"ParentId": "a"}', '{"ParentId": "b"}', True),
        ("AWS::VpcLattice::Service", '{"AuthType": "AWS_IAM"}', '{"AuthType": "NONE"}', True),
        (
            "AWS::VpcLattice::ServiceNetwork",
            '{"AuthType": "NONE"}',
            '{"AuthType": "AWS_IAM"}',
            False,
        ),
        ("AWS::Signer::ProfilePermission", '{"Principal": "1"}', '{"Principal": "2"}', True),
        ("AWS::Transfer::User", '{"SshPublicKeys": ["a"]}', '{"SshPublicKeys": ["a", "b"]}', True),
        ("AWS::Transfer::User", '{"SshPublicKeys": ["a", "b"]}', '{"SshPublicKeys": ["a"]}', False),
        ("AWS::IAM::OIDCProvider", '{"ClientIdList": ["a"]}', '{"ClientIdList": ["b"]}', True),
        (
            "AWS::S3::MultiRegionAccessPoint",
            '{"PublicAccessBlockConfiguration": {"BlockPublicPolicy": true}}',
            '{"PublicAccessBlockConfiguration": {"BlockPublicPolicy": false}}',
            True,
        ),
        (
            "AWS::AppSync::GraphQLApi",
            '{"AuthenticationType": "AWS_IAM"}',
            '{"AuthenticationType": "API_KEY"}',
            True,
        ),
        ("AWS::Events::EventBusPolicy", '{"Principal": "*", "Condition": {"a": 1}}', ALL, True),
        ("AWS::Events::EventBusPolicy", ALL, '{"Principal": "*", "Condition": {"a": 1}}', False),
        ("AWS::IAM::AccessKey", '{"UserName": "u"}', INACTIVE_KEY, False),
        ("AWS::Lambda::Url", FUNCTION % "f", FUNCTION % "g", True),
        ("AWS::Lambda::Url", FUNCTION % "f", FUNCTION.replace("NONE", "AWS_IAM") % "g", False),
        ("AWS::EMR::StudioSessionMapping", '{"IdentityName": "a"}', '{"IdentityName": "b"}', True),
    ],
)
def test_cloudformation(type_: str, old: str, new: str, *, is_more: bool) -> None:
    changes = changes_of_sources([template(type_, old), template(type_, new)], bundled())
    assert changes is not None
    assert any(change.gained or change.unknown for _, change in changes) is is_more


STATEMENT = 'Effect = "Allow", Action = "s3:GetObject", Resource = "*"'
POLICY = f"""resource "aws_iam_policy" "p" {{
 name = "p"
 path = "/a/"
 policy = jsonencode({{ Statement = [{{ {STATEMENT} }}] }})
}}
variable "v" {{}}
"""


def attached(name: str, path: str) -> dict[str, str]:
    """A policy that a permission set is given by its name and path, with one of the deployment."""
    reference = f"customer_managed_policy_reference {{; name = {name}; path = {path}; }}"
    made = resource(
        "aws_ssoadmin_customer_managed_policy_attachment", f'permission_set_arn = "s"; {reference}'
    )
    return {"main.tf": made["main.tf"] + POLICY}


@pytest.mark.parametrize(
    ("old", "new", "is_more"),
    [
        (attached('"o"', '"/"'), attached('"o"', '"/admin/"'), True),
        (attached('"o"', '"/"'), attached('"o"', "null"), False),
        (attached('"o"', '"/"'), attached('"o"', "var.v"), True),
        (
            attached('"p"', '"/a/"'),
            attached("aws_iam_policy.p.name", "aws_iam_policy.p.path"),
            False,
        ),
        (attached('"p"', '"/a/"'), attached('"p"', '"/"'), True),
    ],
)
def test_the_path_of_a_policy(old: dict[str, str], new: dict[str, str], *, is_more: bool) -> None:
    assert has_new_access(old, new) is is_more
