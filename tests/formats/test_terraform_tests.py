"""Policies in the tests of a Terraform module, which are linted only if they are deployed."""

import pytest

from multitool_lint.formats import read_source
from multitool_lint.reasons import Reason
from multitool_lint.syntax.source import Source

POLICY = r'"{\"Version\":\"2012-10-17\",\"Statement\":[]}"'
RUN = f"variables {{\n    policy = {POLICY}\n  }}\n"
PLAN = f'run "plan" {{\n  command = plan\n  {RUN}}}\n'
APPLY = f'run "apply" {{\n  {RUN}}}\n'
ASSERT = f"""\
run "a" {{
  assert {{
    condition = aws_s3_bucket_policy.a.policy == {POLICY}
  }}
}}
"""
OVERRIDE = f"""\
override_data {{
  target = data.aws_iam_policy_document.a
  values = {{ json = {POLICY} }}
}}
"""
MOCK = f'mock_data "aws_iam_policy_document" {{\n  defaults = {{ json = {POLICY} }}\n}}\n'
MOCKED = f'mock_provider "aws" {{\n{MOCK}}}\n'


@pytest.mark.parametrize(
    ("name", "text", "policies"),
    [
        ("a.tftest.hcl", PLAN, 0),
        ("a.tftest.hcl", APPLY, 1),
        ("a.tftest.hcl", PLAN + APPLY, 1),
        ("a.tftest.hcl", MOCKED + APPLY, 0),
        ("a.tftest.hcl", 'mock_provider "random" {}\n' + APPLY, 1),
        ("a.tftest.hcl", ASSERT, 0),
        ("a.tftest.hcl", OVERRIDE + PLAN, 0),
        ("a.tftest.hcl", RUN + PLAN, 0),
        ("a.tftest.hcl", RUN + APPLY, 2),
        ("a.tofutest.hcl", PLAN, 0),
        ("a.tfmock.hcl", MOCK + OVERRIDE, 0),
        ("a.hcl", PLAN, 1),
        ("a.tf", MOCK, 1),
    ],
)
def test_what_is_not_deployed_is_left_out(name: str, text: str, policies: int) -> None:
    found = read_source(Source(name, text))
    assert len(found.policies) == policies
    left_out = any(skipped.why.reason is Reason.NOT_DEPLOYED for skipped in found.skipped)
    assert left_out == (text.count("Statement") > policies)
