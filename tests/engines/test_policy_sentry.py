"""Access levels that policy-sentry corrects, and its expansion of wildcards, which is ours."""

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from support.policy_sentry_expansion import expansion

from multitool_lint.aws.access_levels import STRENGTH, aws_level
from multitool_lint.aws.catalog.catalog import AccessLevel, Action, bundled
from multitool_lint.aws.catalog.locate import catalog_at
from multitool_lint.aws.catalog.records import Extras
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.aws.sensitive_actions import permissions, permissions_by_policy_sentry
from multitool_lint.engines import policy_sentry
from multitool_lint.rewrite.draft import matching_actions

CATALOG = bundled()
AWS = catalog_at(BUNDLED, Extras(aws_levels=True))
PERMISSIONS = "Permissions management"


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """The name of an action with parts of it replaced by stars."""
    prefix = draw(st.sampled_from(CATALOG.prefixes))
    names = list(CATALOG.names(CATALOG.match(f"{prefix}:*")))
    name = list(draw(st.sampled_from(names or ["none:None"])).partition(":")[2])
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(name)))
        name[start : draw(st.integers(start, len(name)))] = "*"
    return f"{prefix}:{''.join(name)}"


@given(patterns())
def test_policy_sentry_and_the_catalog_agree(pattern: str) -> None:
    expected = matching_actions(pattern, CATALOG)
    found = expansion(CATALOG)(pattern)
    assert sorted(found) == sorted(expected or [pattern])


@given(patterns(), st.sets(st.sampled_from(STRENGTH)))
def test_actions_are_kept_at_the_stronger_level(pattern: str, levels: set[AccessLevel]) -> None:
    matched = matching_actions(pattern, CATALOG)
    for catalog in (CATALOG, AWS):
        kept = policy_sentry.at_levels(matched, levels, catalog)
        of = policy_sentry.levels_of(matched, catalog)
        assert tuple(of) == matched
        assert list(kept) == [name for name in matched if of[name] in levels]


def test_an_action_counts_at_the_stronger_level() -> None:
    def levels(catalog: object) -> dict[str, str]:
        return dict(policy_sentry.levels_of(names, catalog))  # type: ignore[arg-type]

    names = [
        "s3:ListBucket",
        "S3:GetObject",
        "iam:PassRole",
        "IAM:CREATEACCESSKEY",
        "waf:CreateWebACL",  # a mere write by policy-sentry
        "iam:TagRole",
        "s3:NoSuchAction",
        "*",
    ]
    assert levels(CATALOG) == {
        "s3:ListBucket": "List",
        "S3:GetObject": "Read",
        "iam:PassRole": PERMISSIONS,
        "IAM:CREATEACCESSKEY": PERMISSIONS,
        "waf:CreateWebACL": PERMISSIONS,
        "iam:TagRole": "Tagging",
    }
    assert levels(AWS) == levels(CATALOG) | {
        "iam:PassRole": "Write",
        "IAM:CREATEACCESSKEY": "Write",
    }


def corrected() -> list[tuple[Action, AccessLevel]]:
    """The actions of the catalog that policy-sentry corrects."""
    found = [
        (CATALOG.action(f"{prefix}:{name}"), level)
        for prefix, levels in policy_sentry.corrections().items()
        for name, level in levels.items()
    ]
    return [(action, level) for action, level in found if action]


def test_no_level_is_lower_than_one_of_the_two() -> None:
    raised = 0
    for action, theirs in corrected():
        level = policy_sentry.level(action, CATALOG)
        assert level == max(theirs, aws_level(action), key=STRENGTH.index)
        assert policy_sentry.level(action, AWS) == aws_level(action)
        raised += level != aws_level(action)
    assert raised > 100


def test_the_bits_of_a_service_are_those_of_its_actions() -> None:
    for prefix in CATALOG.prefixes:
        service = CATALOG.known(prefix)
        bits = policy_sentry.raised(prefix, CATALOG)
        found = {name: level for level in bits for name in service.names(bits[level])}
        assert found == {
            action.name: level
            for action in service.actions[: service.current]
            if (level := policy_sentry.level(action, CATALOG)) != aws_level(action)
        }
        assert not policy_sentry.raised(prefix, AWS)


OF_OTHER_RULES = {
    *("iam:PassRole", "iam:CreateServiceLinkedRole", "iam:CreateAccessKey"),
    *("iam:CreateLoginProfile", "iam:CreateServiceSpecificCredential"),
    *("iam:ResetServiceSpecificCredential", "mediapackage:RotateIngestEndpointCredentials"),
    "lightsail:GetRelationalDatabaseMasterUserPassword",
}
OF_NOBODY = {
    *("cognito-identity:GetId", "iam:ChangePassword", "iam:CreateAccountAlias"),
    "iam:CreateVirtualMFADevice",
    *("iam:DeleteAccountAlias", "iam:DeleteServerCertificate", "iam:UpdateServerCertificate"),
    *("iam:UploadServerCertificate", "es:CreateElasticsearchDomain", "sns:CreateTopic"),
    *("sqs:CreateQueue", "sso-directory:CreateAlias", "sso-directory:VerifyEmail"),
}
"""What policy-sentry counts as permissions management, and changes nobody's permissions."""


def test_the_rule_has_the_corrections_of_the_installed_policy_sentry() -> None:
    expected = {
        action.name
        for action, level in corrected()
        if level == PERMISSIONS != aws_level(action)
        and not action.retired
        and not CATALOG.known(action.prefix).retired
    }
    assert expected >= OF_OTHER_RULES | OF_NOBODY
    rows = {name for sign, name in read_rows(BUNDLED, "permission-actions.tsv") if sign == "p"}
    assert rows == expected - OF_OTHER_RULES - OF_NOBODY
    for name in rows:
        prefix = name.partition(":")[0]
        bit = CATALOG.match(name).bits(prefix)
        assert permissions(CATALOG, prefix) & permissions_by_policy_sentry(CATALOG, prefix) & bit
        assert not permissions(AWS, prefix) & bit


PROGRAM = """
import sys
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.engines import policy_sentry
print(policy_sentry.levels_of(["iam:PassRole"], bundled()))
print(sorted(name for name in sys.modules if name.startswith("policy_sentry")))
"""


def test_nothing_of_it_runs_and_what_it_keeps_in_the_home_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".policy_sentry").mkdir()
    for name in ("iam-definition.json", "access-level-overrides.yml"):
        (tmp_path / ".policy_sentry" / name).write_text("not JSON: [")
    files = sorted(tmp_path.rglob("*"))
    output = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not output.stderr
    assert output.stdout == "{'iam:PassRole': 'Permissions management'}\n[]\n"
    assert sorted(tmp_path.rglob("*")) == files
