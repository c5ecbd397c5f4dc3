"""Conditions and keys that decide parts of statements are compared case by case."""

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diffs.sources import changes_of_sources
from multitool_lint.syntax.source import Source

GET, PUT, READ = '"s3:GetObject"', '"s3:PutObject"', '"s3:Get*"'
A, B = '"arn:aws:s3:::a/*"', '"arn:aws:s3:::b/*"'
MAP = "locals {\n m = { dev = { bucket = %s%s }, prod = { bucket = %s } }\n}\n"
PICKED = '"${local.m[var.env].bucket}"'
LOOKUP = 'lookup({ dev = "d", prod = "p" }, var.env%s)'
UNFIT = (  # more and fewer verbs than values
    '"${join(",", formatlist("arn:aws:s3:::%s_%s", var.l))}"',
    '"${format("arn:aws:s3:::%s", "a", var.b)}"',
)
PARTITION = "${data.aws_partition.current.partition}"
SHARED = """
locals {
  topics = %s
}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = length(local.topics) > 0 ? [1] : []
    content {
      actions   = ["sqs:SendMessage"]
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = %s
      }
      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = local.topics
      }
    }
  }
}
resource "aws_sqs_queue_policy" "p" {
  queue_url = "q"
  policy    = data.aws_iam_policy_document.d.json
}
"""
TOPIC, ONE, BOTH = "[var.t]", '["111122223333"]', '["111122223333", "444455556666"]'
OWN = '"arn:aws:iam::111122223333:policy/own"'
SECURE = '{ Bool = { "aws:SecureTransport" = "true" } }'
DYNAMIC = """
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
    %s
  }
}
resource "aws_iam_role_policy" "p" {
  role   = "r"
  policy = data.aws_iam_policy_document.d.json
}
"""
FIRST = "data.aws_iam_policy_document.d[0].json"
COUNTED = """
data "aws_iam_policy_document" "d" {
  count = var.x ? 1 : 0
  statement {
    actions   = ["%s"]
    resources = ["*"]
  }
}
resource "aws_iam_role_policy" "p" {
  count  = var.x ? 1 : 0
  role   = "r"
  policy = %s
}
"""
CONDITION = """condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["true"]
    }"""
CONTENT = CONDITION.replace("condition", "content")
OPTIONAL = f'dynamic "condition" {{\n for_each = var.x ? [1] : []\n {CONTENT}\n }}'
ATTACHED = """
data "aws_partition" "current" {}
resource "aws_iam_role_policy_attachment" "a" {
  role       = "r"
  policy_arn = %s
}
"""
ADMIN, VIEW = (f'"arn:aws:iam::aws:policy/{n}Access"' for n in ("Administrator", "ReadOnly"))


def policy(action: str = GET, resource: str = A, more: str = "", count: str = "") -> str:
    statement = f'Effect = "Allow", Action = {action}, Resource = {resource}{more}'
    return (
        'data "aws_partition" "current" {}\n'
        f'resource "aws_iam_role_policy" "p{len(count)}" {{\n {count}\n role = "r"\n'
        f' policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ {statement} }}] }})\n}}\n'
    )


def picked(one: str, more: str = "") -> str:
    return MAP % (one, more, A) + policy(resource=PICKED)


COUNTED_ROLE = """
resource "aws_iam_role" "r" {
  count              = var.on ? 1 : 0
  name               = "r"
  assume_role_policy = "{}"
}
"""
OF_COUNTED = (
    COUNTED_ROLE
    + """
resource "aws_iam_role_policy" "p" {
  count  = var.on ? 1 : 0
  policy = jsonencode({ Statement = { Effect = "Allow", Action = "%s", Resource = "*" } })
  role   = %s
}
"""
)
RUNS = (
    COUNTED_ROLE
    + """
resource "aws_lambda_function" "f" {
  count         = var.on ? 1 : 0
  function_name = "f"
  role          = %s
}
"""
)


def is_new(old: str, new: str) -> bool:
    sides = [Source("alone/main.tf", text) for text in (old, new)]
    found = changes_of_sources(sides, bundled())
    return any(changes.gained or changes.unknown for _, changes in found)


def chosen(one: str, other: str, condition: str = "var.x") -> str:
    return f"{condition} ? {one} : {other}"


def optional(*items: str) -> str:
    return f"concat([{GET}], var.x ? [{', '.join(items)}] : [])"


def condition(value: str) -> str:
    return policy(more=f", Condition = {value}")


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (policy(chosen(READ, PUT)), policy(chosen(GET, PUT))),
        (policy(chosen(READ, PUT)), policy(chosen(PUT, GET, "!var.x"))),
        (policy(f"[{GET}, {PUT}]"), policy(optional(PUT))),
        (policy(optional(PUT, '"s3:PutObjectAcl"')), policy(optional(PUT))),
        (policy(resource=f"[{A}, {B}]"), policy(resource=chosen(A, B))),
        (
            policy(resource='"arn:aws:s3:::${var.x ? "a*" : "b"}/*"'),
            policy(resource='"arn:aws:s3:::${var.x ? "a" : "b"}/*"'),
        ),
        (
            policy(resource=chosen('"*"', B, 'var.e == "a"')),
            policy(resource=chosen(B, A, 'var.e != "a"')),
        ),
        (condition(chosen(SECURE, "{}")), condition(SECURE)),
        (
            policy(READ, count="count = var.x ? 1 : 0") + policy(count="count  = var.x ? 0 : 1"),
            policy(),
        ),
        (
            MAP % ('"*"', "", A) + policy(resource=PICKED),
            MAP % (B, "", A) + policy(resource=PICKED),
        ),
        (
            policy(resource=f"[{LOOKUP % ''}, {A}]"),
            policy(resource=LOOKUP.replace(', prod = "p"', "") % ""),
        ),
        (
            policy(resource=LOOKUP % ', "*"'),
            policy(resource='{ prod = "p", dev = "d" }[var.env]'),
        ),
        (
            policy(resource='formatlist("arn:aws:s3:::%s*", var.l)'),
            policy(resource='[for b in var.l : "arn:aws:s3:::${b}"]'),
        ),
        (
            policy(resource='[for b in var.l : "arn:aws:s3:::${b}*"]'),
            policy(resource='[for b in var.l : "arn:aws:s3:::${b}"]'),
        ),
        (SHARED % (TOPIC, ONE), SHARED % (chosen(TOPIC, "[]", 'var.t != "None"'), ONE)),
        (SHARED % (TOPIC, BOTH), SHARED % (TOPIC, chosen(BOTH, ONE))),
        (SHARED % (TOPIC, chosen(BOTH, ONE)), SHARED % (TOPIC, ONE)),
        *((policy(READ, unfit), policy(GET, unfit)) for unfit in UNFIT),
        (DYNAMIC % OPTIONAL, DYNAMIC % CONDITION),
        *(
            (
                COUNTED % ("s3:*", made),
                COUNTED % ("s3:Get*", "data.aws_iam_policy_document.d[0].json"),
            )
            for made in (
                'join("", data.aws_iam_policy_document.d[*].json)',
                "one(data.aws_iam_policy_document.d.*.json)",
                'element(concat(data.aws_iam_policy_document.d[*].json, [""]), 0)',
            )
        ),
        (
            policy(resource=f"[{chosen(A, 'null')}]"),
            policy(resource=f"[{chosen(A, 'null', 'var.x && var.y')}]"),
        ),
        (
            policy(resource='merge({ a = "a" }, var.x ? { b = "*" } : { b = "c" })["b"]'),
            policy(resource='merge({ a = "d" }, var.x ? { b = "b" } : { b = "c" })["b"]'),
        ),
        (ATTACHED % chosen(ADMIN, VIEW), ATTACHED % chosen(VIEW, VIEW)),
        (ATTACHED % f"{{ a = {ADMIN}, b = {VIEW} }}[var.k]", ATTACHED % f"{{ a = {VIEW} }}[var.k]"),
        (
            policy(resource=chosen(A, B, "var.x || var.y"), action=READ),
            policy(resource=chosen(B, A, "!var.x && !var.y")),
        ),
        *(
            (OF_COUNTED % ("s3:*", made), OF_COUNTED % ("s3:Get*", "aws_iam_role.r[0].id"))
            for made in (
                'join("", aws_iam_role.r[*].id)',
                "one(aws_iam_role.r[*].id)",
                'try(aws_iam_role.r[0].id, "")',
                "element(aws_iam_role.r.*.id, 0)",
                'length(aws_iam_role.r) > 0 ? aws_iam_role.r[0].id : ""',
            )
        ),
    ],
)
def test_less_in_some_cases_is_not_new_and_more_is(wide: str, narrow: str) -> None:
    assert not is_new(wide, narrow)
    assert is_new(narrow, wide)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            MAP % (A, "", B) + policy(resource=PICKED),
            MAP % (A, ", n = 1", B) + policy(resource=PICKED),
        ),
        (policy(resource=LOOKUP % ""), policy(resource='{ prod = "p", dev = "d" }[var.env]')),
        (policy(), policy().replace("arn:aws", f"arn:{PARTITION}")),
        (ATTACHED % OWN, ATTACHED % OWN.replace("arn:aws", f"arn:{PARTITION}")),
        (policy(resource=chosen(A, A)), policy()),
        (policy(more=f", Sid = {chosen(GET, PUT)}"), policy()),
        (
            policy(resource=chosen(f"({chosen(A, B, 'var.y')})", B)),
            policy(resource=chosen(A, B, "var.x && var.y")),
        ),
        *(
            (RUNS % "aws_iam_role.r[0].arn", RUNS % role)
            for role in ('join("", aws_iam_role.r[*].arn)', "try(aws_iam_role.r[0].arn, null)")
        ),
    ],
)
def test_the_same_in_all_cases_is_the_same(old: str, new: str) -> None:
    assert not is_new(old, new)
    assert not is_new(new, old)


TEMPLATE = """
Mappings:
  M: {dev: {name: %s, size: %d}, prod: {name: b, size: 1}}
Resources:
  R:
    Type: AWS::IAM::UserPolicy
    Properties:
      UserName: u
      PolicyDocument:
        Statement:
          Effect: Allow
          Action: s3:GetObject
          Resource: !Sub ["arn:aws:s3:::${B}", {B: !FindInMap [M, !Ref "AWS::StackName", name]}]
"""


def test_a_mapping_of_a_template_is_compared_by_what_is_used() -> None:
    old, other, wide = (
        Source("alone/t.yaml", TEMPLATE % given) for given in (("a", 1), ("a", 2), ("'*'", 1))
    )
    assert not any(any(changes[:3]) for _, changes in changes_of_sources([old, other], bundled()))
    [(_, changes)] = changes_of_sources([old, wide], bundled())
    assert changes.gained
    [(_, changes)] = changes_of_sources([wide, old], bundled())
    assert not any((changes.gained, changes.unknown))


def test_another_condition_is_new() -> None:
    old, new = (policy(resource=chosen(A, B, name)) for name in ("var.x", "var.y"))
    assert is_new(old, new)


def test_an_attribute_of_many_objects_does_not_depend_on_others() -> None:
    def objects(size: int) -> str:
        made = ", ".join(f'k{n} = {{ bucket = "b{n}", size = {size} }}' for n in range(30))
        return f"locals {{\n m = {{ {made} }}\n}}\n{policy(resource=PICKED)}"

    assert not is_new(objects(1), objects(2))
    assert is_new(objects(1), objects(1).replace('"b7"', '"x"'))


@pytest.mark.parametrize(
    "unread", ["var.c", "{ StringEquals = var.c }", "{ StringNotEquals = var.c }"]
)
def test_a_condition_that_is_not_read_next_to_a_choice(unread: str) -> None:
    old, new, narrow = (
        policy(chosen(action, PUT), more=f", Condition = {unread}") for action in (GET, READ, GET)
    )
    assert is_new(old, new)
    assert not is_new(new, narrow)
    assert is_new(old, old.replace("var.c", "var.d"))


DENY = "data.aws_iam_policy_document.deny.json"
DENIED = 'resource "aws_iam_role_policy" "p" {\n role = "r"\n policy = %s\n}\n'
DOCUMENT = """
data "aws_iam_policy_document" "%s" {
  %s
  statement {
    effect    = "%s"
    actions   = ["s3:*"]
    resources = ["*"]
  }
}
"""


def denied(resources: str) -> str:
    statement = f'{{ Effect = "Deny", Action = "s3:*", Resource = {resources} }}'
    return DENIED % f'jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})'


@pytest.mark.parametrize(
    "text",
    [
        denied(f'flatten([{A}, [CONDITION ? [lookup({{ a = "*" }}, var.e, {A})] : []]])'),
        denied(f'compact(concat([{A}], CONDITION ? ["*"] : []))'),
        denied(f'tolist(flatten([[{A}], CONDITION ? ["*"] : []]))'),
        DENIED % "data.aws_iam_policy_document.all.json"
        + DOCUMENT % ("deny", "", "Deny")
        + DOCUMENT
        % (
            "all",
            f"source_policy_documents = concat([], CONDITION ? [{DENY}] : [])",
            "Allow",
        ),
    ],
)
def test_what_a_condition_adds_to_a_list_has_the_condition_wherever_it_goes(text: str) -> None:
    old, new = (text.replace("CONDITION", condition) for condition in ("var.x", "var.x && var.y"))
    assert is_new(old, new)
    assert not is_new(old, old.replace("var.x", "(var.x)"))


IF_GIVEN = """
data "aws_iam_policy_document" "d" {
  statement {
    actions   = %s
    resources = ["*"]
  }
}
locals {
  policy = %s
}
resource "aws_iam_role_policy" "p" {
  count  = %s
  role   = "r"
  policy = local.policy
}
"""
MADE = "data.aws_iam_policy_document.d.json"
WRITTEN = f'jsonencode({{ Statement = [{{ Effect = "Allow", Action = {GET}, Resource = %s }}] }})'
MORE, LESS = f"[{GET}, {PUT}]", f"[{GET}]"
GIVEN = ('local.policy == "" ? 0 : 1', 'local.policy != "" ? 1 : 0', "local.policy == null ? 0 : 1")


@pytest.mark.parametrize("given", GIVEN)
def test_a_document_is_never_an_empty_text(given: str) -> None:
    one, other = (IF_GIVEN % (actions, MADE, given) for actions in (MORE, LESS))
    assert not is_new(one, other)
    assert is_new(other, one)
    assert not is_new(one, IF_GIVEN % (MORE, MADE, "1"))
    assert is_new(IF_GIVEN % (MORE, '""', given.replace("null", '""')), one)
    one, other = (IF_GIVEN % (MORE, WRITTEN % on, given) for on in ('"${var.x}*"', '"${var.x}"'))
    assert is_new(other, one)
    assert not is_new(one, IF_GIVEN % (MORE, WRITTEN % '"${var.x}*"', "1"))


@pytest.mark.parametrize("given", GIVEN[:2])
def test_a_text_that_is_empty_in_one_case(given: str) -> None:
    either = f'var.x ? {MADE} : ""'
    one, other = (IF_GIVEN % (actions, either, given) for actions in (MORE, LESS))
    assert not is_new(one, other)
    assert is_new(other, one)
    assert is_new(one, IF_GIVEN % (MORE, either.replace("var.x", "(var.x || var.y)"), given))
    assert is_new(one, IF_GIVEN % (MORE, f'var.x ? "" : {MADE}', given))
