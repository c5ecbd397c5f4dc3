import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitool_lint.aws.access_levels import STRENGTH, levels_of
from multitool_lint.aws.catalog.catalog import AccessLevel, Catalog, bundled
from multitool_lint.engines import policy_sentry as policy_sentry_

CATALOG = bundled()


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("sqs:*Permission", ["sqs:AddPermission", "sqs:RemovePermission"]),
        ("SQS:add*", ["sqs:AddPermission"]),
        ("sqs:AddPermission", ["sqs:AddPermission"]),
        ("sqs:AddPermissio?", ["sqs:AddPermission"]),
        ("sqs:Add?ermission*", ["sqs:AddPermission"]),
        ("sq?:AddPermission", ["sqs:AddPermission"]),
        ("sqs:[AR]*Permission", []),
        ("sqs:Nothing*", []),
        ("nothing:*", []),
        ("sqs", []),
        ("", []),
    ],
)
def test_expand(pattern: str, expected: list[str]) -> None:
    assert list(policy_sentry_.expand(pattern, CATALOG)) == expected


def test_every_action_is_expanded_in_order() -> None:
    actions = policy_sentry_.expand("*", CATALOG)
    assert list(actions) == list(CATALOG.names(CATALOG.all_actions()))


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
    expected = list(CATALOG.names(CATALOG.match(pattern)))
    assert list(policy_sentry_.expand(pattern, CATALOG)) == expected
    found = policy_sentry_.functions(CATALOG).expand(pattern)
    assert sorted(found) == sorted(expected or [pattern])


@given(patterns(), st.sets(st.sampled_from(STRENGTH)))
def test_actions_are_kept_at_their_strongest_level(pattern: str, levels: set[AccessLevel]) -> None:
    matched = policy_sentry_.expand(pattern, CATALOG)
    kept = policy_sentry_.at_levels(matched, levels, CATALOG)
    of = levels_of(matched, CATALOG)
    assert tuple(of) == matched
    assert list(kept) == [name for name in matched if of[name] in levels]


def test_levels_are_those_of_aws() -> None:
    levels = levels_of(
        [
            "s3:ListBucket",
            "S3:GetObject",
            "iam:CreateAccessKey",  # policy-sentry calls it Permissions management
            "iam:TagRole",
            "s3:PutBucketPolicy",
            "s3:NoSuchAction",
            "none:None",
            "*",
        ],
        CATALOG,
    )
    assert levels == {
        "s3:ListBucket": "List",
        "S3:GetObject": "Read",
        "iam:CreateAccessKey": "Write",
        "iam:TagRole": "Tagging",
        "s3:PutBucketPolicy": "Permissions management",
    }


def test_minimize() -> None:
    actions = policy_sentry_.expand("apigateway:*", CATALOG)
    reading = policy_sentry_.at_levels(actions, ["List", "Read"], CATALOG)
    wildcards = policy_sentry_.minimize(reading, CATALOG)
    assert wildcards == ["apigateway:g*", "apigateway:l*"]
    assert [
        name for pattern in wildcards for name in policy_sentry_.expand(pattern, CATALOG)
    ] == list(reading)


def test_another_catalog_has_its_own_answers(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "sources.tsv").write_text("test\t2026-01-01\t1\n")
    (tmp_path / "index.tsv").write_text("sqs\t1\t0\n")
    head, sections = "sqs\tAmazon SQS\ttest\t2026-01-01\n", "[retired]\n[resources]\n[keys]\n"
    (tmp_path / "services" / "sqs.tsv").write_text(f"{head}[actions]\nOnlyAction\tR\n{sections}")
    assert policy_sentry_.expand("sqs:*", Catalog(str(tmp_path))) == ("sqs:OnlyAction",)
    assert len(policy_sentry_.expand("sqs:*", CATALOG)) > 1


def test_its_data_has_the_shape_of_policy_sentry() -> None:
    definition = policy_sentry_.Definition(CATALOG)
    assert len(definition) == len(list(definition))
    assert definition["policy_sentry_schema_version"] == "v2"
    sqs = definition["sqs"]
    assert sqs["privileges"]["SendMessage"]["access_level"] == "Write"
    assert sqs["privileges_lower_name"]["sendmessage"] == "SendMessage"
    with pytest.raises(KeyError):
        definition["none"]


PROGRAM = """
import json, logging, sys
from multitool_lint.engines import policy_sentry as policy_sentry_
from multitool_lint.aws.catalog.catalog import bundled
{before}
expanded = policy_sentry_.expand("sqs:*", bundled())
imported = [name for name in sys.modules if name.startswith("policy_sentry")]
print(json.dumps([expanded, imported, len(logging.getLogger().handlers)]))
"""


def run(home: Path, before: str = "") -> tuple[list[str], list[str], int]:
    output = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before)],
        env={**os.environ, "HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not output.stderr
    expanded, imported, handlers = json.loads(output.stdout)
    return expanded, imported, handlers


def test_what_policy_sentry_keeps_in_the_home_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".policy_sentry").mkdir()
    (tmp_path / ".policy_sentry" / "iam-definition.json").write_text("not JSON")
    before = sorted(tmp_path.rglob("*"))
    expanded, imported, handlers = run(tmp_path)
    assert expanded == list(policy_sentry_.expand("sqs:*", CATALOG))
    assert not imported
    assert not handlers
    assert sorted(tmp_path.rglob("*")) == before


def test_a_policy_sentry_that_others_imported_stays_theirs(tmp_path: Path) -> None:
    before = (
        "import policy_sentry.util.actions as theirs; sys.modules['policy_sentry.mine'] = theirs"
    )
    expanded, imported, _ = run(tmp_path, before)
    assert expanded == list(policy_sentry_.expand("sqs:*", CATALOG))
    assert sorted(imported) == [
        "policy_sentry",
        "policy_sentry.mine",
        "policy_sentry.util",
        "policy_sentry.util.actions",
    ]
