"""What is made late, or is told without a search, is what would be made or found at once."""

import copy
import gc
import inspect
import json
import pickle
from dataclasses import fields, replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from multitool_lint import lint
from multitool_lint.aws import arn_overlap
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.finding import Finding, Fix
from multitool_lint.diagnostics.fingerprint import Fingerprints
from multitool_lint.formats import load
from multitool_lint.linter.limits import VALUES_AT_MOST, Limits
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
    return load(Source("policy.json", text)).policies[0]


def test_fingerprints_are_the_same_whichever_is_asked_for_first() -> None:
    forwards = [each.fingerprint for each in findings()]
    backwards = [each.fingerprint for each in reversed(findings())]
    assert forwards == backwards[::-1]
    assert all(forwards)


def test_a_finding_that_nobody_keeps_still_counts_among_equal_ones() -> None:
    twice = [each for each in findings() for _ in range(2)]
    numbers = [each.fingerprint.partition(":") for each in Fingerprints().given(twice)]
    last = Fingerprints().given(twice)[-1]  # the others are gone
    assert last.fingerprint == "".join(numbers[-1])
    assert [number for _, _, number in numbers[:2]] == ["1", "2"]


def test_copies_of_a_finding_keep_its_fingerprint() -> None:
    expected = [each.fingerprint for each in findings()]
    assert [replace(each, pointer="").fingerprint for each in findings()] == expected
    assert [copy.copy(each).fingerprint for each in findings()] == expected
    assert [pickle.loads(pickle.dumps(each)).fingerprint for each in findings()] == expected  # noqa: S301  # its own
    assert findings() == findings()


def test_copies_of_a_finding_have_what_it_makes_late() -> None:
    expected = [(each.related, [fix.edits for fix in each.fixes]) for each in findings()]
    assert any(related for related, _ in expected)
    assert any(edits for _, edits in expected)
    for copies in (
        [replace(each, pointer="") for each in findings()],
        [copy.copy(each) for each in findings()],
        pickle.loads(pickle.dumps(findings())),  # noqa: S301  # its own
    ):
        assert [(each.related, [fix.edits for fix in each.fixes]) for each in copies] == expected


def test_a_finding_can_be_looked_into_as_a_class() -> None:
    names = {name for name, _ in inspect.getmembers(Finding)}
    assert names >= {each.name for each in fields(Finding)}
    assert dict(inspect.getmembers(Fix))["edits"] is vars(Fix)["edits"]


def test_a_finding_that_was_made_with_a_fingerprint_has_it() -> None:
    finding = replace(findings()[0], fingerprint="0f:1")
    assert finding.fingerprint == "0f:1"
    assert "fingerprint='0f:1'" in repr(finding)


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
            counts.append(sum(isinstance(each, Node) for each in gc.get_objects()))
    finally:
        gc.enable()
    # The last few policies are remembered, and no more.
    assert counts[1] == counts[2]


@given(PATTERNS, PATTERNS)
def test_parts_that_meet_are_those_that_share_a_text(documented: str, written: str) -> None:
    if "*" not in (documented, written) and documented != "?*":
        shared = arn_overlap._masks(documented).share_text(written)  # noqa: SLF001  # the long way
        assert arn_overlap.meet(documented, written) == (documented == written or shared)


def test_what_an_action_acts_on_is_told_by_its_types_alone() -> None:
    catalog = bundled()
    scopes = action_scopes(catalog)
    for prefix in ("batch", "comprehend", "ec2", "iam", "s3", "sagemaker"):
        service = catalog.known(prefix)
        for action in service.actions[: service.current]:
            accepted = scopes.formats(action.name)
            types = [each.name for each in action.resource_types]
            formats = [
                format_
                for name in types
                if name in service.resource_types
                for format_ in service.resource_types[name].arn_formats
            ]
            assert sorted(accepted.formats) == sorted(formats), action.name
    assert not scopes.formats("comprehend:StartPiiEntitiesDetectionJob").limitable
    assert scopes.formats("comprehend:StopPiiEntitiesDetectionJob").limitable


def test_a_large_policy_within_the_limits_is_judged_as_it_is() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT] * 1000}, indent=2)
    policy = policy_of(text)
    assert Limits().judged(policy).policy is policy
    more = policy_of(json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT] * 1001}))
    assert len(Limits().judged(more).policy.statements) == 1000


def test_its_values_count_among_those_of_a_source() -> None:
    names = [f"s3:Get{number}" for number in range(VALUES_AT_MOST - 10)]
    policy = policy_of(json.dumps({"Statement": [{**STATEMENT, "Action": names}]}))
    limits = Limits()
    for _ in range(5):
        assert not limits.exhausted
        assert limits.judged(policy).left_out is None
    assert limits.exhausted
