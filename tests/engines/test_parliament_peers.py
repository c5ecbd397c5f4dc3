"""What parliament finds in the policies of its own tests, and in others, our rules say as well."""

import importlib
import importlib.util
import json
import sys
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

PEERS = Path(__file__).parents[1] / "peer_cases"
RULES = {
    type_: {rule.id for rule in rules().values() if type_ in rule.parliament}
    for type_ in ("EXCEPTION", *(type_ for rule in rules().values() for type_ in rule.parliament))
}
SILENT = {"SENSITIVE_ACCESS"}
"""It reports nothing without a list of the user's own resources."""

WRONG: Mapping[str, tuple[str, ...]] = {
    "a comma too many is a syntax error to us, after which nothing can be judged": (
        "NOTPRINCIPAL_WITH_ALLOW test_notprincipal_allow::L88",
        "PERMISSIONS_MANAGEMENT_ACTIONS test_notprincipal_allow::L88",
        "RESOURCE_MISMATCH test_notprincipal_allow::L88",
    ),
    "an action needs a resource of one of its types, not of each": (
        "RESOURCE_MISMATCH p01_getobjectattributes",
        "RESOURCE_MISMATCH p02_runinstances_split",
        "RESOURCE_MISMATCH p71_bedrock_invoke",
    ),
    "of a wildcard, one action that acts on the resources is enough": (
        "RESOURCE_MISMATCH test_resource_policy_privilege_escalation_at_bucket_level::L178",
        "RESOURCE_MISMATCH p50_s3_put_acl_star",
        "RESOURCE_MISMATCH p51_service_star_one_arn",
        "RESOURCE_MISMATCH p85_redundant_action",
    ),
    "what NotResource lists is not what the statement is about": (
        "RESOURCE_MISMATCH test_notresource_allow::L44",
    ),
    "a token that opens no more than its caller may do exposes nothing": (
        "CREDENTIALS_EXPOSURE test_analyze_policy_string_disable_community::L64",
        "CREDENTIALS_EXPOSURE test_analyze_policy_string_enable_community::L33",
    ),
    "what NotAction lists is not granted": ("RESOURCE_STAR p74_notaction_allow",),
    "a policy variable may have a default, and may hold any text": (
        "RESOURCE_MISMATCH p20_var_default",
    ),
    "AWS's own examples allow s3:ListAllMyBuckets on all buckets": (
        "RESOURCE_MISMATCH p54_listallmybuckets_arn",
    ),
    "it takes a name with a special meaning in S3 for one of S3 Express": (
        "RESOURCE_MISMATCH p73_s3express",
    ),
    "the list is empty, which is said as that (empty-element)": (
        "RESOURCE_MISMATCH p46_empty_resource",
    ),
    "the partition is one of AWS's": ("INVALID_ARN p18_eusc", "INVALID_ARN p18_iso"),
    "the resource belongs to AWS, as the word aws for the account says": (
        "INVALID_ARN p22_cfn_transform",
        "INVALID_ARN p23_aws_managed",
    ),
    "the value is decided by CloudFormation or a template": (
        "INVALID_ARN test_resource_with_sub::L22",
        "INVALID_ARN p47_resource_cfn",
        "INVALID_ARN p48_tf_placeholder",
    ),
    "the key is a global one": (
        "UNKNOWN_CONDITION_FOR_ACTION p15_global_AssumedRoot",
        "UNKNOWN_CONDITION_FOR_ACTION p15_global_Ec2InstanceSourceVpc",
        "UNKNOWN_CONDITION_FOR_ACTION p15_global_IsMcpServiceAction",
        "UNKNOWN_CONDITION_FOR_ACTION p15_global_SignInSessionArn",
        "UNKNOWN_CONDITION_FOR_ACTION p15_global_SourceOrgID",
        "UNKNOWN_CONDITION_FOR_ACTION p15_global_SourceVpcArn",
        "UNKNOWN_CONDITION_FOR_ACTION p15_global_ViaAWSMCPService",
        "UNKNOWN_CONDITION_FOR_ACTION p15_global_VpceAccount",
        "UNKNOWN_CONDITION_FOR_ACTION p15_global_VpceOrgID",
    ),
    "the key is one of the resources that the action takes": (
        "UNKNOWN_CONDITION_FOR_ACTION p07_resource_condition_key",
    ),
    "two services share the prefix, and it asks the wrong one": (
        "UNKNOWN_CONDITION_FOR_ACTION p72_elb_createaction",
    ),
    "an operator that does not exist has no type (unknown-condition-operator)": (
        "MISMATCHED_TYPE test_condition_operator::L268",
    ),
    "it is an IPv6 range": ("MISMATCHED_TYPE p42_sourceip_ipv6",),
    "a condition ties the actions to certain targets": (
        "RESOURCE_STAR p07_resource_condition_key",
        "RESOURCE_STAR p38_ifexists",
        "RESOURCE_STAR p44_binary",
        "RESOURCE_STAR p45_encryption_ctx_keys",
        "RESOURCE_STAR test_condition_operator_values::L445",
        "RESOURCE_STAR test_condition_type_unqoted_bool::L295",
        "RESOURCE_STAR test_lambda_TerminateInstances::L398",
    ),
    "in a resource policy, * is the resource that it is attached to": ("RESOURCE_STAR p26_vpce",),
    "a trust policy has no resource: that it has one is said (missing or unsupported elements)": (
        "MALFORMED p05_trust",
        "MALFORMED p06_trust_oidc",
        "MALFORMED p56_eks_pod",
        "RESOURCE_STAR p89_trust_with_resource",
    ),
    "to assume a role is what a trust policy is for": (
        "CREDENTIALS_EXPOSURE p89_trust_with_resource",
    ),
    "it is an OIDC provider": ("UNKNOWN_FEDERATION_SOURCE p06_trust_oidc",),
    "it is a session or a canonical user": ("UNKNOWN_PRINCIPAL p29_principals",),
    "resource policies may have other characters in a Sid": (
        "INVALID_SID p27_kms",
        "INVALID_SID p58_sid_space_bucket",
    ),
    "its list of actions is old": ("UNKNOWN_ACTION p33_unrestrictable",),
    "a key that occurs twice is no syntax error (duplicate-key)": ("MALFORMED_JSON p32_dup_keys",),
    "a byte order mark is accepted": ("MALFORMED_JSON p62_bom",),
    "it is no policy, and skipped": ("MALFORMED p64_notpolicy",),
    "it fails on a list under Condition, to which we have a sentence (wrong-json-type)": (
        "EXCEPTION p61_cond_list",
    ),
    "full access is one finding (full-admin-access, or the rules on * as action)": (
        "CREDENTIALS_EXPOSURE test_bad_mfa_condition::L19",
        "PERMISSIONS_MANAGEMENT_ACTIONS test_bad_mfa_condition::L19",
    ),
    "our rule is silent where the resources are named, or tied by a condition": (
        "CREDENTIALS_EXPOSURE test_redshift_GetClusterCredentials::L353",
        "PERMISSIONS_MANAGEMENT_ACTIONS test_analyze_policy_string_MFA_formatting::L493",
        "PERMISSIONS_MANAGEMENT_ACTIONS test_condition_type_unqoted_bool::L295",
        "PERMISSIONS_MANAGEMENT_ACTIONS test_lambda_AddLayerVersionPermission::L373",
        "PERMISSIONS_MANAGEMENT_ACTIONS test_redshift_GetClusterCredentials::L353",
        (
            "PERMISSIONS_MANAGEMENT_ACTIONS "
            "test_resource_policy_privilege_escalation_at_bucket_level::L158"
        ),
        (
            "PERMISSIONS_MANAGEMENT_ACTIONS "
            "test_resource_policy_privilege_escalation_at_bucket_level::L178"
        ),
        "PERMISSIONS_MANAGEMENT_ACTIONS p08_policy_var_pathless_mfa",
        "PERMISSIONS_MANAGEMENT_ACTIONS p26_vpce",
        "PERMISSIONS_MANAGEMENT_ACTIONS p50_s3_put_acl_star",
        "PERMISSIONS_MANAGEMENT_ACTIONS p55_passrole",
        "PERMISSIONS_MANAGEMENT_ACTIONS p80_requesttag_unsupported",
        "PRIVILEGE_ESCALATION p80_requesttag_unsupported",
    ),
    "what opens a path of escalation alone is told of by that rule (privilege-escalation)": (
        "PERMISSIONS_MANAGEMENT_ACTIONS p92_attachrolepolicy_alone",
    ),
    "iam:PassRole has a rule of its own (pass-role-any-resource)": (
        "PERMISSIONS_MANAGEMENT_ACTIONS p91_privesc_split",
    ),
}
"""The findings of parliament that are not true, by the reason: finding type and case."""

EXPLAINED = {entry for entries in WRONG.values() for entry in entries}

FURTHER = {
    "finding types that no other case has": {
        "Version": "2026-01-01",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "alice", "Federated": "arn:aws:iam::111122223333:provider/x"},
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::reports/*",
            "Condition": {"Bool": {"aws:SecureTransport": "yes"}},
        },
    },
    "no version, unknown service": {
        "Statement": {"Effect": "Allow", "Action": "s4:GetObject", "Resource": "*"}
    },
}

CRASHES: Mapping[str, set[str]] = {
    "p09_numeric_mfaage": set(),
    "p43_dates": {"invalid-condition-value"},  # a warning: seconds instead of a date
    "p67_cond_empty_bool": set(),
}
"""The cases on which parliament fails, and the rules that report something in them."""


def cases() -> dict[str, tuple[str, Any]]:
    found = {}
    for case in json.loads((PEERS / "parliament.json").read_text(encoding="utf-8"))["cases"]:
        name = case["id"].rpartition("::")[0].rpartition(".")[2] + "::" + case["id"].split("::")[-1]
        for at, text in enumerate(case.get("policy_texts") or [case["policy_text"]]):
            found[name + "'" * at] = text, case.get("config")
    fields = json.loads((PEERS / "field.json").read_text(encoding="utf-8"))
    del fields["p24_scp_fullaws"]  # takes parliament five seconds to say what another case says
    fields |= {name: json.dumps(policy) for name, policy in FURTHER.items()}
    return found | {name: (text, None) for name, text in fields.items()}


CASES = cases()


class Peer:
    """parliament as it is, with its own data; what it finds is kept, for it takes seconds."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.types_of = cache(self._types_of)

    def _types_of(self, name: str) -> frozenset[str]:
        text, config = CASES[name]
        policy = self.module.analyze_policy_string(
            text, include_community_auditors=True, config=config
        )
        return frozenset(finding.issue for finding in policy.findings)


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    spec = importlib.util.find_spec("parliament")
    assert spec
    assert spec.origin
    folder = Path(spec.origin).parent
    stand_in: Any = SimpleNamespace(resource_filename=lambda _, name: str(folder / name))
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if importlib.util.find_spec("pkg_resources") is None:
            patch.setitem(sys.modules, "pkg_resources", stand_in)
        yield Peer(importlib.import_module("parliament"))


def rules_found_in(text: str) -> set[str]:
    report = lint_source(Source("policy.json", text), enabled=rules())
    return {finding.rule for finding in report.findings}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.exhaustive] * (number % 10 > 0))
        for number, name in enumerate(sorted(CASES.keys() - CRASHES))
    ],
)
def test_what_parliament_finds_appears_under_our_rules(peer: Peer, name: str) -> None:
    ours = rules_found_in(CASES[name][0])
    found = peer.types_of(name) - SILENT
    missed = {f"{type_} {name}" for type_ in found if ours.isdisjoint(RULES[type_])}
    assert missed == {entry for entry in EXPLAINED if entry.partition(" ")[2] == name}


@pytest.mark.parametrize("name", sorted(CRASHES))
def test_where_parliament_crashes_we_do_not(peer: Peer, name: str) -> None:
    with pytest.raises(Exception, match=r"expected string|Expected a"):
        peer.types_of(name)
    assert rules_found_in(CASES[name][0]) - {"missing-sid"} == CRASHES[name]


@pytest.mark.exhaustive
def test_every_finding_type_is_answered_in_some_case(peer: Peer) -> None:
    answered = {
        type_
        for name in CASES.keys() - CRASHES
        for type_ in peer.types_of(name)
        if f"{type_} {name}" not in EXPLAINED
    }
    assert RULES.keys() - answered == {"EXCEPTION"}
