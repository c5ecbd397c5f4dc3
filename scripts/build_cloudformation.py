"""List the properties of CloudFormation resources that hold policies.

    python scripts/build_cloudformation.py

reads the resource schemas that cfn-lint ships (PyPI `cfn-lint`, all Regions) and writes
`multitool_lint/aws/catalog/data/cloudformation_policies.tsv`. Every property whose name speaks of
a policy and whose value may be an object or a text is either listed there, or left out here for a
reason: a property that is new in the schemas stops the script, until somebody has read it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cfnlint
from catalog_sources import cloudformation_schemas

from multitool_lint.aws.policy_types import quotas, resource_policies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas"
TARGET = (
    Path(__file__).parent.parent
    / "multitool_lint"
    / "aws"
    / "catalog"
    / "data"
    / "cloudformation_policies.tsv"
)

_POLICY = re.compile(r"polic(?:y|ies)", re.IGNORECASE)
_OTHER_WORD = re.compile(
    r"Polic(?:y|ies)(?:Arns?|ARN|Names?|Ids?|Type|EngineId|EngineArn|StoreId|TemplateId|TableId"
    r"|Version|Hash|RevisionId|RuleNumber|ReferenceName|Scope|Description|Label|ObjectIdentifier"
    r"|QualifierId|Runtime|Document(?:Version|Hash))$|^ArnForPolicy$"
)
# A word, a name, a mode: what the property says is not a document.
_WORDS = re.compile(
    r"^(?:Security|TLSSecurity|Tls|Https|Ssl|Alpn|Dns|ImagePull|Referrer|Safeguard|Snapshot"
    r"|AutoImport|Lifecycle|Notification|DlRate|UlRate|Redrive|RedriveAllow|Replay|Delivery|Filter"
    r"|Archive|Answer|ViewerProtocol|OriginProtocol|ContentSecurity|LanguageSelection"
    r"|ReputationEntity|Browser|DataProtection)Policy$"
    r"|^(?:Termination|Guardrail|Managed|FieldIndex|ApplicationAutoScaling)Policies$"
    r"|^LifecyclePolicyText$"
)
OTHER_LANGUAGES = {
    "AWS::IoT::Policy": "PolicyDocument",
    "AWS::OpenSearchServerless::AccessPolicy": "Policy",
    "AWS::OpenSearchServerless::LifecyclePolicy": "Policy",
    "AWS::OpenSearchServerless::SecurityPolicy": "Policy",
    "AWS::EC2::VerifiedAccessEndpoint": "PolicyDocument",
    "AWS::EC2::VerifiedAccessGroup": "PolicyDocument",
    "AWS::NetworkManager::CoreNetwork": "PolicyDocument",
    "AWS::Logs::AccountPolicy": "PolicyDocument",
    "AWS::Config::ConfigRule": "Source/CustomPolicyDetails/PolicyText",
    "AWS::Config::OrganizationConfigRule": "OrganizationCustomPolicyRuleMetadata/PolicyText",
    "AWS::SSM::Parameter": "Policies",
    "AWS::RAM::Permission": "PolicyTemplate",
    "AWS::EC2::ClientVpnEndpoint": "AuthorizationPolicy/PolicyDocument",
}
"""Policies that IAM's grammar says nothing about: of IoT, of Cedar, of Guard, of other services."""

LEFT_OUT = {("AWS::Bedrock::Guardrail", "AutomatedReasoningPolicyConfig/Policies/*")}
"""Properties that only seem to hold a document: these are ARNs."""

IDENTITY = {
    "AWS::IAM::Group",
    "AWS::IAM::GroupPolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::User",
    "AWS::IAM::UserPolicy",
    "AWS::SSO::PermissionSet",
}
SESSION = {
    "AWS::EKS::PodIdentityAssociation",
    "AWS::RolesAnywhere::Profile",
    "AWS::Transfer::User",
}
ADDED = {
    ("AWS::Organizations::Policy", "Content"): "organizations",
    ("AWS::Organizations::ResourcePolicy", "Content"): "resource",
    ("AWS::Serverless::Api", "Auth/ResourcePolicy/CustomStatements"): "statements",
    ("AWS::Serverless::Function", "AssumeRolePolicyDocument"): "trust",
    ("AWS::Serverless::Function", "Policies"): "sam",
    ("AWS::Serverless::StateMachine", "Policies"): "sam",
}
"""Documents of another name, and those of SAM, whose schemas do not say what they hold."""

RESOURCE_TYPES = {
    "AWS::DynamoDB::GlobalTable": "AWS::DynamoDB::Table",
    "AWS::ECR::RepositoryCreationTemplate": "AWS::ECR::Repository",
    "AWS::Elasticsearch::Domain": "AWS::OpenSearchService::Domain",
    "AWS::IAM::Group": "AWS::IAM::GroupPolicy",
    "AWS::IAM::Role": "AWS::IAM::RolePolicy",
    "AWS::IAM::User": "AWS::IAM::UserPolicy",
    "AWS::KMS::ReplicaKey": "AWS::KMS::Key",
    "AWS::Kinesis::ResourcePolicy": "AWS::Kinesis::Stream",
    "AWS::S3::BucketPolicy": "AWS::S3::Bucket",
    "AWS::S3Express::BucketPolicy": "AWS::S3Express::DirectoryBucket",
    "AWS::S3::MultiRegionAccessPointPolicy": "AWS::S3::MultiRegionAccessPoint",
    "AWS::S3ObjectLambda::AccessPointPolicy": "AWS::S3ObjectLambda::AccessPoint",
    "AWS::S3Tables::TableBucketPolicy": "AWS::S3Tables::TableBucket",
    "AWS::SNS::TopicInlinePolicy": "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy": "AWS::SNS::Topic",
    "AWS::SQS::QueueInlinePolicy": "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy": "AWS::SQS::Queue",
    "AWS::SecretsManager::ResourcePolicy": "AWS::SecretsManager::Secret",
    "AWS::Lambda::ResourcePolicy": "AWS::Lambda::Function",
}
"""What a policy is attached to, where that is not what it is a property of."""

NAMED = {*resource_policies(), *quotas()}
"""The types of resources whose policies of identities are named by them."""
OF_NETWORK = {
    "AWS::ODB::OdbNetwork",
    "AWS::S3Outposts::AccessPoint",
    "AWS::S3Outposts::BucketPolicy",
    "AWS::VpcLattice::AuthPolicy",
}
"""What only a VPC reaches: its policies are like those of VPC endpoints, or they are these."""

_NO_DOCUMENT = ("$ref", "anyOf", "const", "enum", "items", "oneOf", "properties")
_OF_SAM = "AWS::Serverless::"
_UNPUBLISHED = "AWS::GammaDilithium::"
_DEPTH_AT_MOST = 8


def documents(schema: Mapping[str, Any]) -> Iterator[str]:
    """The paths of properties that speak of a policy and may hold one; `*` is any item."""
    read_only = set(schema.get("readOnlyProperties", ()))
    yield from (
        path
        for path in _walk(schema, schema, (), ())
        if f"/properties/{path.replace('/', '/properties/')}" not in read_only
    )


def _walk(
    schema: Mapping[str, Any],
    whole: Mapping[str, Any],
    path: tuple[str, ...],
    seen: tuple[str, ...],
) -> Iterator[str]:
    reference = schema.get("$ref")
    if reference is not None:
        *_, kind, name = reference.split("/")
        if name not in seen and len(path) <= _DEPTH_AT_MOST:
            yield from _walk(whole.get(kind, {}).get(name, {}), whole, path, (*seen, name))
        return
    if path and _is_document(schema, path):
        yield "/".join(path)
    for name, inner in (schema.get("properties") or {}).items():
        yield from _walk(inner, whole, (*path, name), seen)
    if isinstance(schema.get("items"), dict):
        yield from _walk(schema["items"], whole, (*path, "*"), seen)
    for word in ("oneOf", "anyOf", "allOf"):
        for inner in schema.get(word, ()):
            if isinstance(inner, dict) and ("properties" in inner or "$ref" in inner):
                yield from _walk(inner, whole, path, seen)


def _is_document(schema: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    name = next(part for part in reversed(path) if part != "*")
    kinds = schema.get("type")
    kinds = {kinds} if isinstance(kinds, str) else set(kinds or ())
    return (
        _POLICY.search(name) is not None
        and (not kinds or bool(kinds & {"object", "string"}))
        and not any(schema.get(word) for word in _NO_DOCUMENT)
        and not _OTHER_WORD.search(name)
        and not _WORDS.search(name)
    )


def kind_of(type_: str, path: str) -> str:
    """What a property holds: the type of its policies, or `other` for another language."""
    if path.endswith("AssumeRolePolicyDocument"):
        return "trust"
    if type_.startswith("AWS::IoT") or OTHER_LANGUAGES.get(type_) == path:
        return "other"
    if type_ in SESSION:
        return "session"
    return "identity" if type_ in IDENTITY else "resource"


def _attached(type_: str, kind: str, known: set[str]) -> Iterator[str]:
    """What the policies of a resource are attached to, if that is known."""
    resource = RESOURCE_TYPES.get(type_, type_)
    if kind == "identity" and resource in NAMED:
        yield resource
    elif kind == "resource" and type_ not in OF_NETWORK:
        holder = resource.removesuffix("Policy")
        yield holder if holder in known else resource


def main() -> None:
    """Write the table, and print what it comes to."""
    rows: dict[tuple[str, str], str] = dict(ADDED)
    known = set()
    for type_, schema in cloudformation_schemas(SCHEMAS):
        known.add(type_)
        if not type_.startswith((_UNPUBLISHED, _OF_SAM)):
            for path in documents(schema):
                if (type_, path) not in LEFT_OUT:
                    rows[type_, path] = kind_of(type_, path)
    missing = ({type_ for type_, _ in ADDED} | IDENTITY | SESSION | set(OTHER_LANGUAGES)) - known
    if missing:
        raise SystemExit(f"not in the schemas any more: {', '.join(sorted(missing))}")
    lines = [
        "# Properties of CloudFormation resources that hold policies: resource type, path (* is",
        "# any item), the type of the policy (other: of another language than IAM's;",
        "# organizations: as the property Type says; sam: a list of SAM's; statements: those of a",
        "# resource policy), the resource that it is attached to.",
        f"# Made by scripts/build_cloudformation.py of cfn-lint {cfnlint.version.__version__}.",
    ]
    for (type_, path), kind in sorted(rows.items()):
        lines.append("\t".join((type_, path, kind, *_attached(type_, kind, known))))
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(rows)} properties of {len({type_ for type_, _ in rows})} types")


if __name__ == "__main__":
    main()
