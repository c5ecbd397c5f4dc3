"""Values that come to the same are the same, however they are given."""

import pytest
from support.modules import has_new_access

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.deployments.cloudformation.access import TemplateDeployment
from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.diffs.deployments import DeploymentComparison
from multitool_lint.syntax.tree_of_files import TreeOfTexts

POLICY = """
resource "aws_iam_role_policy" "p" {
  %s
  role   = %s
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:Get*", Resource = %s }] })
}
"""
TYPE = "object({ bucket = string, prefix = optional(string, %s), more = optional(bool) })"
MAP, LIST = (f"{name}({TYPE})" % '"x"' for name in ("map", "list"))
MODULE = 'variable "c" {\n  type = %s\n}\n'
CALL = 'module "m" {\n  source = "./m"\n  c      = %s\n}\n'
ROLES = """
resource "aws_iam_role" "r" {
  for_each           = %s
  name               = each.key
  assume_role_policy = "{}"
}
"""
AB = 'toset(["a", "b"])'
DATA = 'data "%s" "x" {\n  %s = "x"\n}\n'
BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = var.n\n}\n'
PREFIXED = BUCKET.replace("bucket = var.n", 'bucket_prefix = "n"')
QUEUE = """
data "aws_caller_identity" "c" {}
data "aws_region" "r" {}
resource "aws_sqs_queue" "q" {
  name = "${var.e}-q"
}
"""
OWN = "arn:aws:sqs:${data.aws_region.r.name}:${data.aws_caller_identity.c.account_id}"
FUNCTION = """
resource "aws_lambda_function" "f" {
  function_name = "%s"
}
resource "aws_lambda_permission" "p" {
  action        = "lambda:InvokeFunction"
  function_name = %s
  principal     = "apigateway.amazonaws.com"
}
"""
STATE = 'data "terraform_remote_state" "x" {\n backend = "s3"\n config = { key = "%s", %s }\n}\n'
OF_STATE = "${data.terraform_remote_state.x.outputs.arn}"
OF_REGION = "arn:aws:s3:::${data.aws_region.x.region}-b"
OF_ROLE = POLICY % ("", "%s", '"*"')


def called(argument: str, type_: str = TYPE % '"x"', used: str = "var.c") -> dict[str, str]:
    resource = f'"arn:aws:s3:::${{{used}.bucket}}/${{{used}.prefix}}"'
    return {
        "main.tf": CALL % argument,
        "m/main.tf": MODULE % type_ + POLICY % ("", '"r"', resource),
    }


def not_nullable(argument: str) -> dict[str, str]:
    """A module with a variable that has its default where it is given null."""
    files = called(argument)
    default = ' nullable = false\n default = { bucket = "b" }\n}\n'
    return {**files, "m/main.tf": files["m/main.tf"].replace("}\n", default, 1)}


def attached(keys: str, each: str, role: str) -> dict[str, str]:
    return {"main.tf": ROLES % keys + POLICY % (f"for_each = {each}", role, '"*"')}


def invoked(name: str, used: str) -> dict[str, str]:
    return {"main.tf": FUNCTION % (name, used)}


def on(bucket: str, more: str = "") -> dict[str, str]:
    return {"main.tf": more + POLICY % ("", '"r"', f'"{bucket}/*"')}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (called('{ bucket = "b" }'), called('{ bucket = "b", prefix = "x" }')),
        (called('{ bucket = "b", prefix = null }'), called('{ bucket = "b" }')),
        (called('{ bucket = "b", unused = "y" }'), called('{ bucket = "b" }')),
        (
            called('{ a = { bucket = "b" } }', MAP, "var.c.a"),
            called('{ a = { bucket = "b", prefix = "x" } }', MAP, "var.c.a"),
        ),
        (
            called('[{ bucket = "b" }]', LIST, "var.c[0]"),
            called('[{ bucket = "b", prefix = "x" }]', LIST, "var.c[0]"),
        ),
        (
            {"main.tf": DATA % ("aws_iam_role", "name") + OF_ROLE % "data.aws_iam_role.x.id"},
            {"main.tf": OF_ROLE % '"x"'},
        ),
        (
            on("arn:aws:s3:::x"),
            on("${data.aws_s3_bucket.x.arn}", DATA % ("aws_s3_bucket", "bucket")),
        ),
        (
            on(OF_STATE, STATE % ("a", 'role_arn = "a"')),
            on(OF_STATE, STATE % ("a", 'assume_role = { role_arn = "b" }')),
        ),
        (invoked("a", "aws_lambda_function.f.function_name"), invoked("b", '"b"')),
        (not_nullable("null"), not_nullable('{ bucket = "b" }')),
        (not_nullable("var.v ? null : null"), not_nullable('{ bucket = "b" }')),
        (
            invoked("a", "aws_lambda_function.f.function_name"),
            invoked("a", "aws_lambda_function.f.arn"),
        ),
        (on("arn:aws:s3:::${var.n}", BUCKET), on("${aws_s3_bucket.b.arn}", BUCKET)),
        (
            on("arn:aws:s3:::${aws_s3_bucket.b.id}", PREFIXED),
            on("${aws_s3_bucket.b.arn}", PREFIXED),
        ),
        (on(f"{OWN}:${{var.e}}-q", QUEUE), on("${aws_sqs_queue.q.arn}", QUEUE)),
        (
            attached(AB, AB, "aws_iam_role.r[each.key].name"),
            attached("{ a = 1, b = 2 }", "aws_iam_role.r", "each.value.name"),
        ),
        (
            attached(AB, AB, "aws_iam_role.r[each.key].id"),
            attached(AB, "{ for k, r in aws_iam_role.r : k => r.id }", "each.value"),
        ),
    ],
)  # fmt: skip
def test_they_are_equal(one: dict[str, str], other: dict[str, str]) -> None:
    assert not has_new_access(one, other)
    assert not has_new_access(other, one)


TEMPLATE = """
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties: {%s}
  Q:
    Type: AWS::SQS::Queue
  P:
    Type: AWS::IAM::UserPolicy
    Properties:
      UserName: u
      PolicyDocument: {Statement: {Effect: Allow, Action: "*", Resource: %s}}
"""


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("", "!GetAtt B.Arn", "!Sub 'arn:aws:s3:::${B}'"),
        ("", "!Sub '${B.Arn}/*'", "!Join ['', ['arn:aws:s3:::', !Ref B, '/*']]"),
        ("BucketName: b", "!GetAtt B.Arn", "arn:aws:s3:::b"),
        ("BucketName: !Ref N", "!GetAtt B.Arn", "!Sub 'arn:aws:s3:::${N}'"),
        (
            "",
            "!GetAtt Q.Arn",
            "!Sub 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${Q.QueueName}'",
        ),
    ],
)  # fmt: skip
def test_the_arn_of_a_resource_of_a_template(name: str, one: str, other: str) -> None:
    sides = [
        TemplateDeployment(TreeOfTexts({"t.yaml": TEMPLATE % (name, text)}), "t.yaml")
        for text in (one, other)
    ]
    for old, new in (sides, sides[::-1]):
        assert not list(DeploymentComparison(old, new, bundled()).changes())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (called('{ bucket = "b" }'), called('{ bucket = "b", prefix = "*" }')),
        (invoked("a", '"a"'), invoked("a", '"b"')),
        (called('{ bucket = "b" }'), called('{ bucket = "b" }', TYPE % '"*"')),
        (
            {"main.tf": OF_ROLE % '"y"'},
            {"main.tf": DATA % ("aws_iam_role", "name") + OF_ROLE % "data.aws_iam_role.x.name"},
        ),
        (on(OF_STATE, STATE % ("a", 'role_arn = "a"')), on(OF_STATE, STATE % ("b", ""))),
        (on(OF_REGION), on(OF_REGION, DATA % ("aws_region", "region"))),
        (
            on(OF_REGION, DATA % ("aws_region", "name")),
            on(OF_REGION, DATA.replace('"x"\n', '"y"\n') % ("aws_region", "region")),
        ),
    ],
)
def test_others_are_new(old: dict[str, str], new: dict[str, str]) -> None:
    assert has_new_access(old, new)


STACK = """
Resources:
  S:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: https://example.com/%s/stack.yaml
      Parameters: {DesiredCount: %s, Image: %s, RoleName: %s}
"""
CODE = """
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties:
      Code:
        ZipFile: |
          policy = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
          bucket.put_policy(policy, %s)
          action = get("%s")
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (STACK % ("v1", 1, "a:1", "r"), STACK % ("v1", "!Ref N", "b:2", "r"), False),
        (STACK % ("v1", 1, "a:1", "r"), STACK % ("v1", 1, "a:1", "s"), True),
        (STACK % ("v1", 1, "a:1", "r"), STACK % ("v2", 1, "a:1", "r"), True),
        (CODE % (1, "a"), CODE % (2, "a"), False),
        (CODE % (1, "a"), CODE % (1, "b"), True),
        *(
            (
                f"{CODE.partition('policy')[0]}{written % 1}\n",
                f"{CODE.partition('policy')[0]}{written % 2}\n",
                stops,
            )
            for written, stops in (
                ("INSERT ('aws_prepared_statements', %s), ('aws_image_permissions')", False),
                ("policy_statements.append(%s); add_permission(policy)", True),
                ("role.add(PolicyStatement(actions=[%s])); put_role_permissions(role)", True),
            )
        ),
    ],
)
def test_a_stack_that_is_not_read_and_code(old: str, new: str, *, expected: bool) -> None:
    sides = [TemplateDeployment(TreeOfTexts({"t.yaml": text}), "t.yaml") for text in (old, new)]
    found = DeploymentComparison(sides[0], sides[1], bundled()).changes()
    assert any(change.changes.unknown for change in found) == expected


ALLOWED = "AllowedValues: [%s]"
DEFAULT = "Default: %s"
VARIABLE = 'variable "v" {{\n  {}\n}}\n'.format
RULE = 'validation {\n    condition     = contains([%s], var.v)\n    error_message = "No."\n  }'


def parameter(*keys: str) -> str:
    """A template with a parameter of some keys, which a statement names."""
    statement = '{Effect: Allow, Action: "s3:Get*", Resource: !Sub "arn:aws:s3:::${P}/*"}'
    document = f"{{Statement: [{statement}]}}"
    made = f"{{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {document}}}}}"
    return (
        f"Parameters: {{P: {{{', '.join(['Type: String', *keys])}}}}}\nResources: {{M: {made}}}\n"
    )


def is_new(old: str, new: str) -> bool:
    sides = [TemplateDeployment(TreeOfTexts({"t.yaml": text}), "t.yaml") for text in (old, new)]
    found = DeploymentComparison(sides[0], sides[1], bundled()).changes()
    return any(change.changes.gained or change.changes.unknown for change in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param([ALLOWED % "a, b"], [ALLOWED % "b"], id="fewer values"),
        pytest.param([ALLOWED % "a, b"], [ALLOWED % "b, a"], id="in another order"),
        pytest.param(["MaxLength: 9"], ["MaxLength: 8"], id="shorter"),
        pytest.param(["MinLength: 8"], ["MinLength: 9"], id="longer"),
        pytest.param([], [DEFAULT % "a"], id="a default"),
        pytest.param([], [DEFAULT % "a", ALLOWED % "a, b"], id="a default and rules"),
        pytest.param([DEFAULT % "a", ALLOWED % "a, b"], [DEFAULT % "a", ALLOWED % "a"], id="both"),
    ],
)
def test_values_that_were_possible_before(old: list[str], new: list[str]) -> None:
    assert not is_new(parameter(*old), parameter(*new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param([ALLOWED % "a"], [ALLOWED % "a, b"], id="more values"),
        pytest.param([ALLOWED % "a"], [ALLOWED % "b"], id="another value"),
        pytest.param([ALLOWED % "a"], [], id="any value"),
        pytest.param(["MaxLength: 8"], ["MaxLength: 9"], id="longer"),
        pytest.param(["MinLength: 9"], ["MinLength: 8"], id="shorter"),
        pytest.param(["AllowedPattern: a"], ["AllowedPattern: b"], id="another pattern"),
        pytest.param([DEFAULT % "a"], [DEFAULT % "b"], id="another default"),
        pytest.param([], [DEFAULT % "'*'"], id="all by default"),
        pytest.param([], [DEFAULT % "''"], id="nothing by default"),
        pytest.param([ALLOWED % "a"], [DEFAULT % "a"], id="a default for rules"),
    ],
)
def test_values_that_were_not_possible_before(old: list[str], new: list[str]) -> None:
    assert is_new(parameter(*old), parameter(*new))


@pytest.mark.parametrize(
    ("old", "new", "stops"),
    [
        pytest.param("", 'default = "a"', False, id="a default"),
        pytest.param("", 'default = ["a"]', False, id="a list by default"),
        pytest.param("", 'default = "*"', True, id="all by default"),
        pytest.param("", 'default = ["a", "b*"]', True, id="a pattern by default"),
        pytest.param('default = "a"', 'default = "b"', True, id="another default"),
        pytest.param(RULE % '"a", "b"', RULE % '"b"', False, id="fewer values"),
        pytest.param(RULE % '"a"', RULE % '"a", "b"', True, id="more values"),
        pytest.param(RULE % '"a"', RULE.replace("var.v", '"a"') % '"a"', True, id="of another"),
    ],
)
def test_variables_that_get_a_default_or_a_rule(old: str, new: str, *, stops: bool) -> None:
    text = POLICY % ("", '"r"', "var.v")
    sides = ({"main.tf": VARIABLE(keys) + text} for keys in (old, new))
    assert has_new_access(*sides) is stops


PICKED = 'locals {\n  m = { a = "x", b = "y" }\n}\nvariable "v" {}\nvariable "w" {}\n'


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("lookup(local.m, var.v)", "local.m[var.v]", True),
        ("lookup(var.w, var.v)", "var.w[var.v]", True),
        ('lookup(var.w, "a")', "var.w.a", True),
        ('lookup(var.w, "a", "b")', "var.w.a", False),
        ("lookup(local.m, var.v)", "local.m[var.w]", False),
        ("element(var.v, 0)", "var.v[0]", True),
        ("element(var.v, 1)", "var.v[1]", False),
        ("element(var.v, 0)", "var.v[1]", False),
        ('var.v["0"]', "var.v[0]", True),
        ('var.v["00"]', "var.v[0]", False),
        ('var.v.a == "x" ? "y" : "z"', 'var.v["a"] != "x" ? "z" : "y"', True),
        ('var.v.a == "x" ? "y" : "z"', 'var.v.a != "x" ? "y" : "z"', False),
    ],
)
def test_what_picks_the_same_item(one: str, other: str, *, same: bool) -> None:
    sides = (
        {"main.tf": PICKED + POLICY % ("", '"r"', f'"${{{value}}}"')} for value in (one, other)
    )
    assert has_new_access(*sides) is not same


DIGIT = 'variable "18f_name" {\n  default = "a"\n}\n'


@pytest.mark.parametrize(
    ("old", "new", "stops"),
    [
        ("", 'variable "y" {}\n', False),
        (DIGIT, DIGIT + 'variable "y" {}\n', False),
        (DIGIT, DIGIT.replace('"a"', '"*"'), True),
        (DIGIT, DIGIT.replace("18f", "19f") + DIGIT, False),
    ],
)
def test_names_that_begin_with_a_digit(old: str, new: str, *, stops: bool) -> None:
    text = POLICY % ("", '"r"', '"a.7z/${var.18f_name}"')
    assert has_new_access({"main.tf": text + old}, {"main.tf": text + new}) is stops


ACTIONS = """
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["iam:Get*"]
    resources = ["*"]
  }
  statement {
    actions   = %s
    resources = ["*"]
  }
}
resource "aws_iam_role_policy" "p" {
  role   = "r"
  policy = data.aws_iam_policy_document.d.json
}
variable "v" {
  type    = list(string)
  default = []
}
"""


@pytest.mark.parametrize(
    ("one", "other", "stops"),
    [
        ("[]", "concat([], [])", False),
        ("[]", '["iam:GetUser"]', False),
        ("[]", '["iam:*"]', True),
        ("[]", "var.v", True),
    ],
)
def test_a_statement_without_actions_allows_nothing(one: str, other: str, *, stops: bool) -> None:
    sides = [ModuleDeployment(TreeOfTexts({"main.tf": ACTIONS % a}), "") for a in (one, other)]
    found = [one.changes for one in DeploymentComparison(sides[0], sides[1], bundled()).changes()]
    assert any(changes.gained for changes in found) is stops
    assert not any(difference.unclear for changes in found for difference in changes.gained)


JOINED = """
variable "v" {}
variable "w" {}
locals {
  x = join(",", [for d in var.%s : "\\"arn:aws:s3:::${d.zone}%s\\""])
}
resource "aws_iam_role_policy" "p" {
  role   = "r"
  policy = <<EOT
{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": [ %s ]}]}
EOT
}
"""
LISTED = 'Resource = [for d in var.v : "arn:aws:s3:::${d.zone}/*"]'
ENCODED = """
variable "v" {}
resource "aws_iam_role_policy" "p" {
  role   = "r"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", %s }] })
}
"""


@pytest.mark.parametrize(
    ("old", "new", "stops"),
    [
        (JOINED % ("v", "/*", '"arn:aws:s3:::*/*"'), JOINED % ("v", "/*", "${local.x}"), False),
        (ENCODED % LISTED, JOINED % ("v", "/*", "${local.x}"), False),
        (JOINED % ("v", "/*", "${local.x}"), ENCODED % LISTED, False),
        (JOINED % ("v", "/*", "${local.x}"), JOINED % ("w", "/*", "${local.x}"), True),
        (JOINED % ("v", "/*", "${local.x}"), JOINED % ("v", "*", "${local.x}"), True),
        (JOINED % ("v", "/*", "${local.x}"), JOINED % ("v", "/*", '${local.x}, "*"'), True),
        (JOINED % ("v", "/*", '"a"'), JOINED % ("v", "/*", "${local.x}"), True),
    ],
)
def test_a_text_of_several_items_in_a_list(old: str, new: str, *, stops: bool) -> None:
    assert has_new_access({"main.tf": old}, {"main.tf": new}) is stops


EMPTY = DEFAULT % "''"


def guarded(condition: str, *keys: str) -> str:
    """A template with a parameter of some keys, and a policy under a condition."""
    text = parameter(*keys).replace("Properties:", "Condition: C, Properties:", 1)
    return f"Conditions: {{C: {condition}}}\n{text}"


@pytest.mark.parametrize(
    ("old", "new", "stops"),
    [
        (parameter(), guarded("!Not [!Equals [!Ref P, '']]", EMPTY), False),
        (parameter(), guarded("!Not [!Equals [!Ref P, 'a']]", EMPTY), True),
        (parameter(), guarded("!Equals [!Ref P, '']", EMPTY), True),
        (guarded("!Equals [!Ref P, '']"), guarded("!Equals [!Ref P, '']", EMPTY), True),
        (parameter(DEFAULT % "a"), guarded("!Not [!Equals [!Ref P, '']]", EMPTY), True),
    ],
)
def test_a_default_with_which_nothing_is_there(old: str, new: str, *, stops: bool) -> None:
    assert is_new(old, new) is stops


SWITCH = 'variable "on" {\n  type = %s\n}\n'


@pytest.mark.parametrize(
    ("type_", "one", "other", "same"),
    [
        ("bool", "var.on", "var.on == true", True),
        ("bool", "!var.on", "var.on == false", True),
        ("bool", "var.on != true", "false == var.on", True),
        ("bool", "var.on", "var.on == false", False),
        pytest.param("string", "var.on", "var.on == true", False, id="a text is not a bool"),
        pytest.param("any", "var.on", "var.on == true", False, id="it may be a text"),
    ],
)
def test_a_bool_that_is_compared_with_a_literal(
    type_: str, one: str, other: str, *, same: bool
) -> None:
    policy = POLICY.replace('"s3:Get*"', '%s ? "s3:GetObject" : "s3:PutObject"')
    sides = (
        {"main.tf": SWITCH % type_ + policy % ("", '"r"', condition, '"*"')}
        for condition in (one, other)
    )
    assert has_new_access(*sides) is not same


DECODED = """
variable "on" {{
  type = bool
}}
data "aws_iam_policy_document" "d" {{
  {version}
  statement {{
    sid       = "A"
    effect    = "Deny"
    actions   = ["ec2:*"]
    resources = ["*"]
  }}
  dynamic "statement" {{
    for_each = var.on ? [1] : []
    content {{
      actions   = ["s3:{action}"]
      resources = ["arn:aws:s3:::b/$${{aws:username}}"]
    }}
  }}
}}
resource "aws_iam_role_policy" "p" {{
  role   = "r"
  policy = {policy}
}}
"""
OF_DATA = "data.aws_iam_policy_document.d.json"
MINIFIED = f"jsonencode(jsondecode({OF_DATA}))"
FORMER = 'version = "2008-10-17"'


def decoded(policy: str, action: str = "Get*", version: str = "") -> dict[str, str]:
    return {"main.tf": DECODED.format(policy=policy, action=action, version=version)}


@pytest.mark.parametrize(
    "policy",
    [
        MINIFIED,
        f"jsonencode(yamldecode({OF_DATA}))",
        f'jsonencode({{ Version = "2012-10-17", Statement = jsondecode({OF_DATA}).Statement }})',
    ],
)
def test_a_document_that_is_decoded(policy: str) -> None:
    assert not has_new_access(decoded(OF_DATA), decoded(policy))
    assert not has_new_access(decoded(policy), decoded(OF_DATA))
    assert has_new_access(decoded(policy), decoded(policy, "*"))


def test_the_version_of_a_document_that_is_decoded() -> None:
    former = decoded(MINIFIED, version=FORMER)
    assert not has_new_access(decoded(OF_DATA, version=FORMER), former)
    assert has_new_access(former, decoded(MINIFIED))


TEXT = """
variable "b" {{}}
locals {{
  text = <<-EOT
    {{"Statement": [{{
      "Effect": "Allow", "Action": "s3:{}", "Resource": "arn:aws:s3:::${{var.b}}"
    }}]}}
  EOT
}}
resource "aws_iam_role_policy" "p" {{
  role   = "r"
  policy = {}
}}
"""


def test_a_text_with_unknown_parts_that_is_decoded() -> None:
    def text(policy: str, action: str = "Get*") -> dict[str, str]:
        return {"main.tf": TEXT.format(action, policy)}

    minified = "jsonencode(jsondecode(local.text))"
    assert not has_new_access(text("local.text"), text(minified))
    assert has_new_access(text(minified), text(minified, "*"))
