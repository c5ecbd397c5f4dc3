"""What users of IAM linters complain about: valid policies flagged, bad ones that pass, crashes.

Each row of `data/needs.json` is one such complaint, with the policies that show it. By its kind, it
is clean by default (`valid`), has exactly the findings that it names (`wrong`, `contested`), or is
one on which some linter crashes (`crash`).
"""

import copy
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.join import join
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

ROOT = Path(__file__).parent.parent
ROWS = json.loads((Path(__file__).parent / "data" / "needs.json").read_text("utf-8"))
Row = dict[str, Any]
Case = dict[str, Any]


def cases(*kinds: str) -> pytest.MarkDecorator:
    """The cases of the rows of some kinds, or of all, for a test of one row and one case."""
    return pytest.mark.parametrize(
        ("row", "case"),
        [
            pytest.param(row, case, id=f"{row['id']}-{at}")
            for row in ROWS
            if not kinds or row["kind"] in kinds
            for at, case in enumerate(row["cases"], 1)
        ],
    )


def text_of(case: Case) -> str:
    return case["text"] if "text" in case else json.dumps(case["policy"], indent=2)


def findings(case: Case, *, enabled: str = "default") -> tuple[Finding, ...]:
    return lint_source(
        Source("policy.json", text_of(case)),
        type=PolicyType(case["type"]) if "type" in case else None,
        resource_type=case.get("resource_type"),
        enabled=None if enabled == "default" else rules(),
    ).findings


def test_every_complaint_has_its_row() -> None:
    kinds = [row["kind"] for row in ROWS]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "valid": 23,
        "contested": 1,
        "wrong": 16,
        "crash": 5,
    }
    assert len({row["id"] for row in ROWS}) == len(ROWS)


@cases("valid")
def test_valid_policies_are_clean(row: Row, case: Case) -> None:
    assert [(finding.rule, finding.title) for finding in findings(case)] == [], row["what"]


@cases("wrong", "contested")
def test_bad_policies_are_found_under_the_rule_that_one_looks_for(row: Row, case: Case) -> None:
    found, _ = join(findings(case))
    about = [finding for finding in found if finding.rule in case["find"]]
    assert [finding.rule for finding in about] == case["find"], row["what"]
    texts = (part for finding in about for part in (finding.title, *finding.notes, finding.help))
    assert any(case.get("say", "") in text for text in texts)
    # What follows from the mistake, or from how small the policy is, is not reported in addition.
    others = {finding.rule for finding in found} - set(case["find"])
    assert others <= {"old-version", "data-exposure"}


@cases()
def test_no_check_fails(row: Row, case: Case) -> None:
    found = findings(case, enabled="all")
    assert "internal-error" not in {finding.rule for finding in found}, row["what"]


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value of a document."""
    yield path
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in items:
        yield from places(item, (*path, key))


REPLACEABLE = [
    (case["policy"], path)
    for row in ROWS
    for case in row["cases"]
    if "policy" in case
    for path in places(case["policy"])
    if path
]


@pytest.mark.slow
@settings(max_examples=300)
@given(
    place=st.sampled_from(REPLACEABLE),
    other=st.sampled_from(
        ["", "*", "${", 0, -1, 1.5, 10**400, True, None, [], [[]], [None], {}, {"": {}}]
    ),
    type=st.sampled_from([None, *PolicyType]),
)
def test_whatever_is_in_a_place_no_check_fails(
    place: tuple[Any, tuple[Any, ...]], other: object, type: PolicyType | None
) -> None:
    policy, path = place
    document = copy.deepcopy(policy)
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = other
    report = lint_source(Source("policy.json", json.dumps(document)), type=type, enabled=rules())
    assert "internal-error" not in {finding.rule for finding in report.findings}


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    wrong = next(row for row in ROWS if row["id"] == "single-statement")["cases"][0]
    names = ["a.json", "b.json", "c.json", "d.json"]
    texts = [text_of(wrong), "{", '{"some": "object"}', text_of(wrong)]
    paths = [tmp_path / name for name in names]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "multitool_lint", "--no-cache", "--format", "lines", *paths],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, "what could not be linted is no pass"
    assert "Traceback" not in done.stderr
    lines = done.stdout.splitlines()
    names = [line.partition(":")[0] for line in lines if "[unknown-action]" in line]
    assert [Path(path).name for path in names] == ["a.json", "d.json"]
    assert "b.json:1:" in done.stdout
    assert "c.json" in done.stdout + done.stderr


def test_a_plan_of_a_newer_terraform_does_not_crash() -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    resource = {
        "address": "aws_iam_policy.a",
        "type": "aws_iam_policy",
        "values": {"policy": policy},
    }
    plan = {
        "format_version": "9.0",
        "a_field_of_tomorrow": [{}],
        "planned_values": {"root_module": {"resources": [{**resource, "another": None}]}},
        "resource_changes": [{"address": "aws_iam_policy.a", "change": {"after": None}}],
    }
    found = lint_source(Source("plan.json", json.dumps(plan))).findings
    assert "internal-error" not in {finding.rule for finding in found}


def test_the_comparison_with_others_has_every_row() -> None:
    page = (ROOT / "benchmarks" / "comparison.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    verdicts = {cells[0].removeprefix("| "): cells[1:] for cells in rows}
    for row in ROWS:
        assert len(verdicts[row["what"].replace("*", "`*`")]) == 4
    matters = tomllib.loads((ROOT / "benchmarks" / "comparison_matters.toml").read_text("utf-8"))
    assert {id_ for kind in matters.values() for id_ in kind} == {row["id"] for row in ROWS}
