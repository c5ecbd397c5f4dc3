"""What is made late, or is known without a search, is what would be made or found at once."""

import copy
import gc
import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitool_lint import lint
from multitool_lint.aws import arn_overlap
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.fingerprint import Fingerprints
from multitool_lint.formats import read_source
from multitool_lint.limits import MAX_POLICY_VALUES
from multitool_lint.linter.truncate import Budget
from multitool_lint.policy.action_scope import action_scopes
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import Node

FIXTURE = Path(__file__).parent.parent / "fixtures" / "multitool.json"
TEXT = FIXTURE.read_text(encoding="utf-8")
PATTERNS = st.text("ab*?:", max_size=8)
STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def findings() -> list[Finding]:
    return lint(TEXT, select=["ALL"])


def policy_of(text: str) -> Policy:
    return read_source(Source("policy.json", text)).json_policies[0]


def test_equal_findings_are_numbered() -> None:
    twice = [finding for finding in findings() for _ in range(2)]
    numbered = Fingerprints().assign(twice)
    assert [finding.fingerprint.partition(":")[2] for finding in numbered[:2]] == ["1", "2"]
    assert len({finding.fingerprint for finding in numbered}) == len(numbered)


def test_findings_are_plain_values() -> None:
    found = findings()
    assert all(finding.fingerprint for finding in found)
    assert any(finding.related for finding in found)
    assert any(fix.edits for finding in found for fix in finding.fixes)
    assert found == findings()
    assert list(map(copy.copy, found)) == found
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  # its own
    assert [finding._replace(pointer="").fingerprint for finding in found] == [
        finding.fingerprint for finding in found
    ]


def test_a_finding_that_was_made_with_a_fingerprint_has_it() -> None:
    finding = findings()[0]._replace(fingerprint="0f:1")
    assert finding.fingerprint == "0f:1"
    assert "fingerprint='0f:1'" in repr(finding)


@pytest.mark.slow
def test_what_is_linted_is_gone_without_a_search_for_cycles() -> None:
    buckets = {"Effect": "Allow", "Action": "s3:Put*", "Resource": "arn:aws:s3:::reports"}
    texts = [TEXT, json.dumps({"Version": "2012-10-17", "Statement": [buckets, STATEMENT]})]
    counts = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            for text in texts * 8:
                lint(text, select=["ALL"])
            counts.append(sum(isinstance(instance, Node) for instance in gc.get_objects()))
    finally:
        gc.enable()
    # The last few policies are remembered, and no more.
    assert counts[1] == counts[2]


@given(PATTERNS, PATTERNS)
def test_parts_that_meet_are_those_that_share_a_text(documented: str, written: str) -> None:
    if "*" not in (documented, written) and documented != "?*":
        shared = arn_overlap._masks(documented).share_text(written)  # noqa: SLF001  # the long way
        assert arn_overlap.may_overlap(documented, written) == (documented == written or shared)


def test_what_an_action_acts_on_follows_from_its_types_alone() -> None:
    catalog = bundled()
    scopes = action_scopes(catalog)
    for prefix in ("batch", "comprehend", "ec2", "iam", "s3", "sagemaker"):
        service = catalog.known(prefix)
        for action in service.actions[: service.current]:
            accepted = scopes.formats(action.name)
            types = [resource_type.name for resource_type in action.resource_types]
            formats = [
                format_
                for name in types
                if name in service.resource_types
                for format_ in service.resource_types[name].arn_formats
            ]
            assert sorted(accepted.formats) == sorted(formats), action.name
    assert not scopes.formats("comprehend:StartPiiEntitiesDetectionJob").limitable
    assert scopes.formats("comprehend:StopPiiEntitiesDetectionJob").limitable


def test_a_large_policy_within_the_limits_is_linted_as_it_is() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT] * 1000}, indent=2)
    policy = policy_of(text)
    assert Budget().truncated(policy).policy is policy
    more = policy_of(json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT] * 1001}))
    assert len(Budget().truncated(more).policy.statements) == 1000


def test_its_values_count_among_those_of_a_source() -> None:
    names = [f"s3:Get{number}" for number in range(MAX_POLICY_VALUES - 10)]
    policy = policy_of(json.dumps({"Statement": [{**STATEMENT, "Action": names}]}))
    limits = Budget()
    for _ in range(5):
        assert not limits.exhausted
        assert limits.truncated(policy).left_out is None
    assert limits.exhausted
