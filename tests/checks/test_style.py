"""Rules about how a policy is written: their fixes change nothing about access."""

import json
import random
from functools import partial

import pytest

from multitool_lint import lint
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import read_source
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.settings import FileSettings
from multitool_lint.rewrite.fix import fix
from multitool_lint.rewrite.proof import not_equivalent
from multitool_lint.syntax.source import Source

ACTIONS = ["S3:PutObject", "s3:Get*", "s3-object-lambda:*", "iam:PassRole", "ec2:?unInstances", "*"]
SORTING = FileSettings({"unsorted-actions": rules()["unsorted-actions"]})


def fixed(source: Source) -> str:
    return fix(source, lint=partial(lint_with_settings, settings=SORTING)).text


@pytest.mark.parametrize("element", ["Action", "NotAction"])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_sorted_actions_are_proved_to_mean_the_same(element: str, effect: str) -> None:
    chance = random.Random(element + effect)  # noqa: S311 - not for secrets
    for _ in range(10):
        actions = chance.sample(ACTIONS, len(ACTIONS))
        statement = {"Effect": effect, element: actions, "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        before = Source("policy.json", json.dumps(policy, indent=2))
        after = Source("policy.json", fixed(before))
        (found,) = json.loads(after.text)["Statement"]
        assert sorted(actions, key=str.lower) == found[element]
        assert (
            not_equivalent(
                read_source(before).json_policies, read_source(after).json_policies, bundled()
            )
            is None
        )


def test_lines_in_a_quotation_keep_their_marks() -> None:
    text = """\
> ```json
> {"Statement": [{"Effect": "Allow", "Resource": "*", "Action": [
>   "s3:b\\u002a",
>   "s3:a*"
> ]}]}
> ```
"""
    assert fixed(Source("policy.md", text)) == text.replace(
        """"s3:b\\u002a",\n>   "s3:a*\"""", """"s3:a*",\n>   "s3:b\\u002a\""""
    )


def test_both_are_off_by_default() -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": ["s3:*", "ec2:*"], "Resource": "*"}],
    }
    assert not lint(policy)
    assert [finding.rule for finding in lint(policy, select="style")] == [
        "missing-sid",
        "unsorted-actions",
    ]
