"""What is gained and lost where templates leave parts of policies open."""

import json

import pytest
from support.changed_policies import CATALOG, QUEUE, gains, policy, statement

from multitool_lint.formats import read_source
from multitool_lint.formats.policies import policies_of
from multitool_lint.policy.changes import changes
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.source import Source


def in_terraform(**elements: str) -> Policy:
    """A policy with expressions of Terraform as the values of elements."""
    values = {"Effect": '"Allow"', "Action": '"s3:GetObject"', "Resource": '"*"'} | elements
    statement = ", ".join(f"{name} = {value}" for name, value in values.items())
    document = f'{{ Version = "2012-10-17", Statement = [{{ {statement} }}] }}'
    text = f'resource "aws_iam_policy" "this" {{\n  policy = jsonencode({document})\n}}\n'
    return policies_of(Source("main.tf", text)).policies[0].policy


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("var.names[*].id", "var.names[0].id"),
        ("var.count * 2", "var.count * 3 * 2"),
        ("var.name", "var.Name"),
    ],
)
@pytest.mark.parametrize(
    ("element", "written"),
    [
        ("Action", "{}"),
        ("Resource", "{}"),
        ("Condition", '{{ StringLike = {{ "aws:username" = {} }} }}'),
        ("Condition", '{{ StringNotLike = {{ "aws:username" = {} }} }}'),
        ("Condition", '{{ StringEqualsIgnoreCase = {{ "aws:username" = {} }} }}'),
        ("Condition", '{{ ArnLike = {{ "aws:SourceArn" = {} }} }}'),
    ],
)
def test_an_expression_is_not_a_pattern(old: str, new: str, element: str, written: str) -> None:
    before, after = (in_terraform(**{element: written.format(text)}) for text in (old, new))
    assert gains(before, after)
    assert gains(after, before)
    assert not gains(before, before)


def test_an_unknown_value_may_have_wildcards() -> None:
    exact, alike = (
        in_terraform(Condition=f'{{ {operator} = {{ "aws:username" = var.name }} }}')
        for operator in ("StringEquals", "StringLike")
    )
    assert gains(exact, alike)
    assert not gains(alike, exact)


BUCKET = "aws_s3_bucket.data"


@pytest.mark.parametrize(
    ("resource", "value", "has_example"),
    [
        ("arn:aws:s3:::${var.one}", "var.two", True),
        ('arn:aws:s3:::${local.names["one"]}', 'local.names["two"]', True),
        (f"arn:aws:s3:::${{{BUCKET}.id}}", "aws_s3_bucket.other.id", True),
        (f"arn:aws:s3:::${{{BUCKET}.id}}", f"{BUCKET}.bucket_domain_name", False),
        ("arn:aws:s3:::${var.one}", "upper(var.one)", False),
        ('arn:aws:s3:::${local.names["one"]}', "local.names", False),
    ],
)
def test_an_example_has_no_values_that_contradict_each_other(
    resource: str,
    value: str,
    has_example: bool,  # noqa: FBT001 - what is expected
) -> None:
    condition = f'{{ StringEquals = {{ "aws:username" = {value} }} }}'
    new = in_terraform(Resource=f'"{resource}/*"', Condition=condition)
    # What another resource allows may be the same, which keeps this from being proved.
    old = in_terraform(Resource='"arn:aws:s3:::${var.other}/*"')
    [gained] = changes([old], [new], CATALOG).gained
    assert not gained.certain
    assert (gained.example is not None) == has_example


def test_an_expression_has_one_value_wherever_it_is() -> None:
    condition = '{ StringLike = { "aws:username" = "${module.one[local.two].id}*" } }'
    new = in_terraform(Resource='"arn:aws:s3:::${module.one[local.two].id}"', Condition=condition)
    old = in_terraform(Resource='"arn:aws:s3:::${var.other}"')
    [gained] = changes([old], [new], CATALOG).gained
    assert gained.example
    subjects = [assumption.subject for assumption in gained.example.assumptions]
    assert sorted(subjects) == ["${module.one[local.two].id}", "${var.other}"]


def test_a_template_may_fill_in_a_variable() -> None:
    text = json.dumps([statement("Allow", "s3:*", Resource="arn:aws:s3:::data/${name}/*")])
    old, new = (
        read_source(
            Source("policy.json", f'{{"Version": "{version}", "Statement": {text}}}')
        ).json_policies[0]
        for version in ("2008-10-17", "2012-10-17")
    )
    [gained] = changes([old], [new], CATALOG).gained
    assert gained.example
    assert gained.example.context == {"aws:username": ("example1",)}
    assert [tuple(assumed) for assumed in gained.example.assumptions] == [
        ("${name}", "is", "${aws:username}")
    ]


def test_an_unknown_value_is_another_one_without_variables() -> None:
    def version(number: str, value: str) -> Policy:
        condition = {"StringEquals": {"aws:username": {"Ref": value}}}
        document = {
            "Version": number,
            "Statement": [statement("Allow", "s3:*", Resource="*", Condition=condition)],
        }
        resource = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
        template = {"Parameters": {"Name": {"Type": "String"}}, "Resources": {"This": resource}}
        return policies_of(Source("template.json", json.dumps(template))).policies[0].policy

    old, new = "2008-10-17", "2012-10-17"
    assert gains(version(old, "Name"), version(new, "Name"))
    assert not gains(version(old, "AWS::AccountId"), version(new, "AWS::AccountId"))


@pytest.mark.parametrize("old", ["var.action", '["s3:PutObject", var.action]'])
def test_an_unknown_action_may_be_what_is_gained(old: str) -> None:
    added = '"s3:GetObject", "s3:PutObject"'
    before, after = (in_terraform(Action=actions) for actions in (old, f"[{added}, var.action]"))
    [gained] = changes([before], [after], CATALOG).gained
    assert not gained.certain
    assert gained.doubt == 'what ""{{ var.action }}"" matches is not known'
    elsewhere = in_terraform(Action="var.action", Resource=f'"{QUEUE}"')
    [gained] = changes([elsewhere], [in_terraform()], CATALOG).gained
    assert gained.certain


def test_an_example_has_a_value_in_the_place_of_a_variable() -> None:
    home = "arn:aws:s3:::data/${aws:username}/*"
    old = policy(statement("Allow", "s3:*", Resource="*"), statement("Deny", "s3:*", Resource=home))
    [gained] = changes([old], [policy(statement("Allow", "s3:*", Resource="*"))], CATALOG).gained
    assert gained.example
    assert gained.example.resource == "arn:aws:s3:::data/example1/example"
    assert gained.example.context == {"aws:username": ("example1",)}
