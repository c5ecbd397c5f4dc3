"""`diff --staged` of a local module that is compared by itself, and with what its callers give."""

import json

import pytest
from support.staged_files import Files, code

pytestmark = pytest.mark.usefixtures("repository")


def policy(effect: str, action: str) -> str:
    statement = {"Effect": effect, "Action": action, "Resource": "*"}
    return f"jsonencode({json.dumps({'Version': '2012-10-17', 'Statement': statement})})"


def call(given: str, source: str = "./m") -> str:
    return f'module "m" {{\n  source = "{source}"\n  given  = {{ one = {given} }}\n}}\n'


VARIABLE = 'variable "given" {}\n'
SENDS = f"""
resource "aws_iam_role_policy" "sends" {{
  role   = "r"
  policy = {policy("Allow", "sqs:SendMessage")}
}}
"""
INLINE = """
resource "aws_iam_role_policy" "given" {
  for_each = var.given
  role     = "r"
  policy   = each.value
}
"""
MANAGED = """
resource "aws_iam_policy" "given" {
  for_each = var.given
  policy   = each.value
}
resource "aws_iam_role_policy_attachment" "given" {
  for_each   = var.given
  role       = "r"
  policy_arn = aws_iam_policy.given[each.key].arn
}
"""
READS, NOTHING_SENT = policy("Allow", "s3:GetObject"), policy("Deny", "sqs:SendMessage")
WITHOUT = VARIABLE + SENDS


@pytest.mark.parametrize("resources", [INLINE, MANAGED])
@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param({"c.tf": call(READS)}, 0, id="allows"),
        pytest.param({"c.tf": call(NOTHING_SENT)}, 1, id="denies"),
        pytest.param({"c.tf": call("var.given.two") + VARIABLE}, 1, id="not known"),
        pytest.param({}, 1, id="no caller"),
        pytest.param({"c.tf": f"/*\n{call(READS)}*/\n"}, 1, id="no call but a comment"),
        pytest.param({"m/examples/c.tf": call(READS, "../")}, 1, id="an example"),
        pytest.param({"examples/c.tf": call(READS, "../m")}, 1, id="an example at the top"),
        pytest.param(
            {"examples/c.tf": call(READS, "../m"), "c.tf": call(READS)}, 0, id="not only an example"
        ),
        pytest.param(
            {"c.tf": call(READS), "m/terraform.tfvars": "name = 1\n"}, 1, id="deployed by itself"
        ),
        pytest.param(
            {
                "c.tf": call(READS, "./n"),
                "n/n.tf": VARIABLE + call("var.given.one", "../m"),
            },
            0,
            id="by way of another module",
        ),
    ],
)
def test_a_policy_that_callers_give_and_is_gone(
    others: Files, resources: str, expected: int
) -> None:
    old = {**others, "m/m.tf": WITHOUT + resources}
    assert code(old, {"m/m.tf": WITHOUT}) == expected


READING = f"""
resource "aws_iam_role_policy" "p" {{
  role   = "r"
  policy = {READS}
}}
"""


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        pytest.param({"m.tf": 'module "m" {\n  source = "./m"\n}\n'}, 0, id="called"),
        pytest.param({"m.tf": "# nothing\n"}, 1, id="called by none"),
        pytest.param(
            {"m.tf": 'module "m" {\n  source = "./m"\n}\n', "m/o.tf": SENDS}, 1, id="with more"
        ),
    ],
)
def test_resources_that_move_to_a_new_module(new: Files, expected: int) -> None:
    assert code({"m.tf": READING}, {"m/m.tf": READING, **new}) == expected
