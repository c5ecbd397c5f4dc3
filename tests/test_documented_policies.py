"""Policies as AWS's documentation, and that of common tools on AWS, has people write them.

Each row of `data/documented_policies.json` is clean by default, or has the findings of the rules
that it names, which are true of it nevertheless, such as an old version, an action whose support
has ended, a Deny for the absence of a key that `StringNotEquals` includes, or a log bucket that
only its path limits to an account.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

ROWS = json.loads((Path(__file__).parent / "data" / "documented_policies.json").read_text("utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_what_documentation_recommends_is_not_reported(row: dict[str, Any]) -> None:
    found = lint_source(
        Source("policy.json", json.dumps(row["policy"], indent=2)),
        type=PolicyType(row["type"]) if "type" in row else None,
    ).findings
    reported = [(finding.rule, finding.title) for finding in found]
    assert [rule for rule, _ in reported] == row.get("rules", []), reported
