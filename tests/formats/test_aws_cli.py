"""What AWS commands print about a resource is linted where the model of botocore has a policy."""

import json
from typing import Any

import pytest
from botocore.loaders import Loader  # type: ignore[import-untyped]
from botocore.model import ServiceModel, Shape  # type: ignore[import-untyped]
from support.embedded_samples import POLICY, TRUST, found, only
from support.plain_values import plain

from multitool_lint.formats import Problem, Skipped, is_output
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source


def policies(value: object) -> dict[str | None, PolicyType]:
    return {
        candidate.policy.name: candidate.policy.type
        for candidate in found(value)
        if isinstance(candidate, FoundPolicy)
    }


class TestOtherOutputs:
    @pytest.mark.parametrize(
        "operation",
        """
        acm-pca GetPolicy Policy
        apigateway GetRestApis items.0.policy
        backup GetBackupVaultAccessPolicy Policy
        cloudtrail GetResourcePolicy DelegatedAdminResourcePolicy
        codeartifact GetDomainPermissionsPolicy policy.document
        dynamodb GetResourcePolicy Policy
        ec2 DescribeVpcEndpoints VpcEndpoints.0.PolicyDocument
        ecr GetRegistryPolicy policyText
        ecr GetRepositoryPolicy policyText
        efs DescribeFileSystemPolicy Policy
        es DescribeElasticsearchDomain DomainStatus.AccessPolicies
        events DescribeEventBus Policy
        events ListEventBuses EventBuses.0.Policy
        glacier GetVaultAccessPolicy policy.Policy
        iam GetGroupPolicy PolicyDocument
        iam GetInstanceProfile InstanceProfile.Roles.0.AssumeRolePolicyDocument
        iam GetPolicyVersion PolicyVersion.Document
        iam GetRole Role.AssumeRolePolicyDocument
        iam GetRolePolicy PolicyDocument
        iam GetUserPolicy PolicyDocument
        iam ListPolicyVersions Versions.0.Document
        iam ListRoles Roles.0.AssumeRolePolicyDocument
        iot GetPolicyVersion policyDocument
        kms GetKeyPolicy Policy
        lambda GetPolicy Policy
        logs DescribeResourcePolicies resourcePolicies.0.policyDocument
        logs DescribeDestinations destinations.0.accessPolicy
        opensearch DescribeDomains DomainStatusList.0.AccessPolicies
        organizations DescribePolicy Policy.Content
        organizations DescribeResourcePolicy ResourcePolicy.Content
        ram GetResourcePolicies policies.0
        redshift GetResourcePolicy ResourcePolicy.Policy
        s3 GetBucketPolicy Policy
        s3control GetAccessPointPolicy Policy
        s3control GetMultiRegionAccessPointPolicy Policy.Established.Policy
        secretsmanager GetResourcePolicy ResourcePolicy
        sesv2 GetEmailIdentityPolicies Policies.name
        sns GetTopicAttributes Attributes.Policy
        sqs GetQueueAttributes Attributes.Policy
        ssm GetResourcePolicies Policies.0.Policy
        sso-admin GetInlinePolicyForPermissionSet InlinePolicy
        transfer DescribeUser User.Policy
        vpc-lattice GetAuthPolicy policy
        xray ListResourcePolicies ResourcePolicies.0.PolicyDocument
        """.strip().splitlines(),
    )
    def test_the_place_of_the_policy_in_the_model_of_the_operation(self, operation: str) -> None:
        service, name, path = operation.split()
        shape = model(service).operation_model(name).output_shape
        keys = path.split(".")
        assert reached(shape, keys).type_name == "string"
        # IAM's documents are decoded by botocore, and printed as objects.
        for document in [json.dumps(POLICY), POLICY][: 2 if service == "iam" else 1]:
            output: object = document
            for key in reversed(keys):
                output = [output] if key == "0" else {key: output}
            assert is_output(Source("output.json", json.dumps(output)))
            assert plain(only(output).policy.root) == POLICY

    @pytest.mark.parametrize(
        ("output", "name", "type_", "resource_type"),
        [
            ({"PolicySummary": {"Arn": "a", "Type": "SERVICE_CONTROL_POLICY"}}, "a", "scp", None),
            ({"PolicySummary": {"Arn": "a", "Type": "RESOURCE_CONTROL_POLICY"}}, "a", "rcp", None),
        ],
    )
    def test_the_organization_has_the_type(
        self, output: dict[str, Any], name: str, type_: str, resource_type: str | None
    ) -> None:
        for policy in (
            {**output, "Content": json.dumps(POLICY)},
            {"Content": json.dumps(POLICY), **output},
        ):
            read = only({"Policy": policy}).policy
            assert (read.name, read.type.value) == (name, type_)
            assert read.resource_type == resource_type

    @pytest.mark.parametrize(
        ("output", "name", "resource_type"),
        [
            ({"Attributes": {"Policy": "", "QueueArn": "a"}}, "a", "AWS::SQS::Queue"),
            ({"Attributes": {"Policy": ""}}, None, None),
            ({"Attributes": {"Policy": "", "TopicArn": "a"}}, "a", "AWS::SNS::Topic"),
            ({"Policy": "", "PolicyName": "default"}, "default", "AWS::KMS::Key"),
            ({"Policy": ""}, None, None),
            (
                {"ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:x", "ResourcePolicy": ""},
                "arn:aws:secretsmanager:eu-west-1:1:secret:x",
                "AWS::SecretsManager::Secret",
            ),
            ({"registryId": "1", "repositoryName": "r", "policyText": ""}, "r", None),
        ],
    )
    def test_what_the_policy_is_of(
        self, output: dict[str, Any], name: str | None, resource_type: str | None
    ) -> None:
        public = json.loads(json.dumps(POLICY).replace('"Effect"', '"Principal": "*", "Effect"'))
        text = json.dumps(output).replace('""', json.dumps(json.dumps(public)))
        policy = only(text).policy
        assert (policy.name, policy.resource_type) == (name, resource_type)
        assert policy.type is PolicyType.RESOURCE

    def test_only_the_command_for_keys_has_a_name_next_to_the_policy(self) -> None:
        services = (
            "acm-pca",
            "dynamodb",
            "efs",
            "events",
            "glacier",
            "kms",
            "lambda",
            "s3",
            "s3control",
        )
        named = [
            (service, name)
            for service in services
            for name in model(service).operation_names
            if {"Policy", "PolicyName"} <= members(model(service).operation_model(name))
        ]
        assert named == [("kms", "GetKeyPolicy")]

    def test_inline_policies_of_one_role_and_versions_asked_for(self) -> None:
        inline = {"RoleName": "app", "PolicyName": "deploy", "PolicyDocument": POLICY}
        assert policies(inline) == {"role app, inline policy deploy": PolicyType.IDENTITY}
        old = {"Document": POLICY, "VersionId": "v1", "IsDefaultVersion": False}
        assert policies({"PolicyVersion": old}) == {"version v1": PolicyType.IDENTITY}

    def test_several_without_a_name_are_numbered(self) -> None:
        text = json.dumps({"Policy": json.dumps(POLICY)})
        assert list(policies(f"{text}\n{text}\n{json.dumps(POLICY)}")) == [
            None,
            "policy 2",
            "policy 3",
        ]

    def test_settings_apply_where_the_output_has_no_type(self) -> None:
        settings = {"type": PolicyType.SCP, "resource_type": "AWS::S3::Bucket"}
        (policy,) = found({"Policy": json.dumps(POLICY)}, **settings)
        (trust,) = found({"Role": {"AssumeRolePolicyDocument": TRUST}}, **settings)
        assert isinstance(policy, FoundPolicy)
        assert isinstance(trust, FoundPolicy)
        assert (policy.policy.type, policy.policy.resource_type) == tuple(settings.values())
        assert (trust.policy.type, trust.policy.resource_type) == (PolicyType.TRUST, None)

    @pytest.mark.parametrize(
        "document",
        [
            '{"Statement": [{"DataIdentifier": [], "Operation": {}}]}',
            '{"Name": "Statement", "Version": "2021-06-01"}',
            '{"tags": {}}',
            "{ permit }",
            "",
            None,
        ],
    )
    def test_policies_of_other_languages_are_not_policies(self, document: str | None) -> None:
        text = json.dumps({"policyDocument": document, "Policy": json.dumps(POLICY)})
        assert list(policies(text).values()) == [PolicyType.IDENTITY]
        assert not [candidate for candidate in found(text) if isinstance(candidate, Problem)]

    @pytest.mark.parametrize("document", ["", "none", [], 1, {}, "{"])
    def test_what_can_only_be_a_policy_is_not_skipped(self, document: object) -> None:
        others = [{"AssumeRolePolicyDocument": policy} for policy in (POLICY, document)]
        policy, other = found({"Roles": others})
        assert isinstance(policy, FoundPolicy)
        assert isinstance(other, Problem | Skipped)


class TestOtherDocuments:
    @pytest.mark.parametrize(
        "text",
        [
            json.dumps(POLICY),
            json.dumps({"Id": "x", **POLICY}),
            json.dumps({"Resources": {"R": {"Properties": {"PolicyDocument": POLICY}}}}),
            json.dumps({"Policy": "Privacy Statement"}),
            json.dumps([POLICY]),
            json.dumps([{"policy": POLICY, "document": {"Statement": []}}]),
            '{"Policy" "Statement": 1}',
            "[" * 100_000,
            '{"a": ' * 100_000 + '"Statement": ',
            '"Statement": ',
            "",
        ],
    )
    def test_are_not_an_output(self, text: str) -> None:
        assert not is_output(Source("x.json", text))

    def test_a_markdown_page_with_an_output_in_it(self) -> None:
        assert not is_output(Source("x.md", json.dumps({"PolicyDocument": POLICY})))


def model(service: str) -> Any:  # noqa: ANN401 - botocore has no types
    if service not in MODELS:
        MODELS[service] = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    return MODELS[service]


MODELS: dict[str, Any] = {}


def members(operation: Any) -> set[str]:  # noqa: ANN401 - botocore has no types
    return set(operation.output_shape.members) if operation.output_shape else set()


def reached(shape: Shape, keys: list[str]) -> Shape:
    """The shape that keys lead to: those of structures and maps, 0 for the elements of a list."""
    for key in keys:
        if shape.type_name == "structure":
            shape = shape.members[key]
        else:
            shape = shape.member if key == "0" else shape.value
    return shape


VERSION = {
    "Document": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    },
    "VersionId": "v1",
    "IsDefaultVersion": True,
}


@pytest.mark.parametrize(
    ("name", "reasons"), [("AdministratorAccess", ["managed by AWS"]), ("OurAdministrators", [])]
)
def test_a_version_that_is_kept_by_the_name_of_a_policy_of_aws_is_not_checked(
    name: str, reasons: list[str]
) -> None:
    for path, document in (
        ("scan.json", {"policies": {"eu-west-1": {name: VERSION}}}),
        (f"policies/{name}.json", {"PolicyVersion": VERSION}),
        (f"policies/{name}", {"PolicyVersion": VERSION}),
    ):
        report = lint_source(Source(path, json.dumps(document)))
        assert [skipped.why.in_words() for skipped in report.skipped] == reasons
        assert bool(report.findings) != bool(reasons)


def test_a_policy_of_ones_own_may_be_named_as_one_of_aws() -> None:
    policy = {"PolicyName": "AdministratorAccess", "Document": VERSION["Document"]}
    report = lint_source(Source("scan.json", json.dumps({"AdministratorAccess": policy})))
    assert report.findings
