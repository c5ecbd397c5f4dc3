import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.modules import deployment

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diffs.deployments import DeploymentComparison

PAIRS = Path(__file__).parents[2].parent / "shared" / "gate-pairs.json"


def inline(action: str, role: str = '"r"', label: str = "p") -> str:
    statement = f'{{ Effect = "Allow", Action = {action}, Resource = "*" }}'
    policy = f"jsonencode({{ Statement = [{statement}] }})"
    return (
        f'resource "aws_iam_role_policy" "{label}" {{\n  role = {role}\n  policy = {policy}\n}}\n'
    )


def stops(folder: Path, old: Mapping[str, str], new: Mapping[str, str], module: str = "") -> bool:
    before = deployment(folder / "old", old, module)
    after = deployment(folder / "new", new, module)
    found = DeploymentComparison(before, after, bundled()).changes()
    return any(change.changes.gained or change.changes.unknown for change in found)


UNREAD = 'resource "aws_iam_role_policy" "q" {\n role = "r"\n policy = %s\n}\nvariable "v" {}\n'
GET = inline('"s3:GetObject"')
BLOCK = """
resource "aws_s3_bucket_public_access_block" "b" {
  bucket            = "b"
  block_public_acls = %s
}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(GET, f"# a comment\n{GET}", id="a comment"),
        pytest.param(GET, GET.replace('"p"', '"q"'), id="another label"),
        pytest.param(inline('["s3:Get*"]'), GET, id="less"),
        pytest.param(
            GET + inline('"sqs:SendMessage"', label="q"),
            inline('["s3:GetObject", "sqs:SendMessage"]'),
            id="two policies of one role become one",
        ),
        pytest.param(
            UNREAD % "var.v",
            "locals {\n l = var.v\n}\n" + UNREAD % "local.l",
            id="not read on both sides, and equal",
        ),
        pytest.param("", BLOCK % "true", id="public access becomes blocked"),
        pytest.param(
            "",
            'resource "aws_s3_bucket_acl" "a" {\n bucket = "b"\n acl = "private"\n}\n',
            id="a private list",
        ),
        pytest.param(
            'resource "aws_iam_role" "a" {\n name = "x"\n}\n' + inline('"*"', "aws_iam_role.a.id"),
            'resource "aws_iam_role" "b" {\n name = "x"\n}\n'
            + inline('"*"', "aws_iam_role.b.name")
            + "moved {\n from = aws_iam_role.a\n to = aws_iam_role.b\n}\n",
            id="moved",
        ),
    ],
)
def test_no_new_access(tmp_path: Path, old: str, new: str) -> None:
    assert not stops(tmp_path, {"main.tf": old}, {"main.tf": new})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("", GET, id="a new policy"),
        pytest.param(GET, inline('"s3:*"'), id="more actions"),
        pytest.param(GET, inline('"s3:GetObject"', '"other"'), id="another role"),
        pytest.param(
            GET,
            GET + 'resource "aws_iam_role_policy_attachment" "a" {\n role = "r"\n policy_arn ='
            ' "arn:aws:iam::aws:policy/AdministratorAccess"\n}\n',
            id="a managed policy of AWS",
        ),
        pytest.param(BLOCK % "true", BLOCK % "false", id="public access is not blocked any more"),
        pytest.param(BLOCK % "true", "", id="the block has gone"),
        pytest.param(
            'module "m" {\n source = "example/app/aws"\n version = "1.0.0"\n}\n',
            'module "m" {\n source = "example/app/aws"\n version = "2.0.0"\n}\n',
            id="another version of a module that is not here",
        ),
        pytest.param(
            GET + UNREAD % "var.v",
            GET + 'variable "v" {}\n',
            id="a document that was not read may have denied",
        ),
    ],
)
def test_new_access(tmp_path: Path, old: str, new: str) -> None:
    assert stops(tmp_path, {"main.tf": old}, {"main.tf": new})


def test_an_argument_of_a_local_module_is_followed(tmp_path: Path) -> None:
    module = 'variable "name" {}\n' + inline("var.name")
    call = 'module "m" {\n source = "./m"\n name = "s3:GetObject"\n}\n'
    old = {"main.tf": call, "m/main.tf": module}
    assert stops(tmp_path / "1", old, {**old, "main.tf": call.replace("s3:GetObject", "*")})
    assert not stops(tmp_path / "2", old, {**old, "main.tf": f"# {call.splitlines()[0]}\n{call}"})


def test_a_change_is_shown_as_it_is_written(tmp_path: Path) -> None:
    before = deployment(tmp_path / "old", {"main.tf": 'variable "v" {}\n'})
    text = 'variable "v" {}\n' + inline('"s3:GetObject"').replace('"*"', '"${var.v}/*"')
    after = deployment(tmp_path / "new", {"main.tf": text})
    comparison = DeploymentComparison(before, after, bundled())
    (change,) = comparison.changes()
    (gained,) = change.changes.gained
    assert gained.scope is not None
    assert comparison.names.readable(gained.scope.resources[0]) == "${var.v}/*"


@pytest.mark.skipif(not PAIRS.exists(), reason="the pairs are not here")
def test_pairs_of_folders(tmp_path: Path) -> None:
    wrong = []
    for number, pair in enumerate(json.loads(PAIRS.read_text("utf-8"))):
        new = {
            name: text for name, text in {**pair["old"], **pair["new"]}.items() if text is not None
        }
        folders = {str(Path(name).parent).removeprefix(".") for name in new if name.endswith(".tf")}
        found = [
            stops(tmp_path / f"{number}-{at}", pair["old"], new, folder)
            for at, folder in enumerate(sorted(folders))
        ]
        broken = "not HCL" in pair["name"]  # such a file is refused before anything is compared
        if any(found) is not pair["must_stop"] and not broken:
            wrong.append(pair["name"])
    assert wrong == []


REQUIRED, NULL, EMPTY = (
    f'variable "a" {{\n{default}\n}}\n' for default in ("", "default = null", 'default = ""')
)
ATTACHED = """
resource "aws_iam_role_policy_attachment" "a" {
  role       = %s
  policy_arn = %s
}
"""
DOCUMENT = """
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = %s
  }
}
"""


def on(resource: str, effect: str = "Allow") -> str:
    text = inline('"s3:GetObject"', label=effect.lower())
    return text.replace('Resource = "*"', f"Resource = {resource}").replace("Allow", effect)


@pytest.mark.parametrize(
    ("default", "text"),
    [
        pytest.param(NULL, on("var.a"), id="a resource"),
        pytest.param(EMPTY, on("var.a"), id="a resource that may be empty"),
        pytest.param(NULL, on('["b", var.a]'), id="one of several"),
        pytest.param(NULL, on('"${var.a}/*"'), id="in a text"),
        pytest.param(NULL, DOCUMENT % "var.a", id="all resources of a document"),
        pytest.param(NULL, on('"*"').replace('"r"', "var.a"), id="the role of an inline policy"),
        pytest.param(NULL, ATTACHED % ("var.a", '"b"'), id="the role of an attachment"),
        pytest.param(EMPTY, ATTACHED % ('"r"', "var.a"), id="the policy of an attachment"),
    ],
)
def test_a_default_that_is_nothing_where_a_value_is_needed(
    tmp_path: Path, default: str, text: str
) -> None:
    assert not stops(tmp_path / "1", {"main.tf": REQUIRED + text}, {"main.tf": default + text})
    assert not stops(tmp_path / "2", {"main.tf": default + text}, {"main.tf": REQUIRED + text})


@pytest.mark.parametrize(
    ("default", "text"),
    [
        pytest.param(EMPTY.replace('""', '"*"'), on("var.a"), id="a default that is something"),
        pytest.param(EMPTY, on('"${var.a}*"'), id="empty in a text"),
        pytest.param(NULL, on('coalesce(var.a, "*")'), id="something in its place"),
        pytest.param(NULL, on('var.a == null ? "*" : var.a'), id="a condition"),
        pytest.param(NULL, on('try("${var.a}/*", "*")'), id="a text that may be refused"),
        pytest.param(NULL, on('"*"') + on('compact([var.a, "b"])', "Deny"), id="a denial"),
        pytest.param(
            NULL, on('[var.a, "b"]').replace("Resource", "NotResource"), id="what is not matched"
        ),
        pytest.param(
            NULL,
            'resource "aws_iam_user" "u" {\n  permissions_boundary = var.a\n}\n',
            id="an argument that is optional",
        ),
    ],
)
def test_a_default_that_is_nothing_where_it_decides(
    tmp_path: Path, default: str, text: str
) -> None:
    assert stops(tmp_path, {"main.tf": REQUIRED + text}, {"main.tf": default + text})


def of_version(version: str, resource: str) -> str:
    text = on(f'"{resource}"')
    return text.replace("Statement =", f'Version = "{version}", Statement =') if version else text


VARIABLE = "arn:aws:s3:::b/$${aws:username}/*"


@pytest.mark.parametrize("former", ["2008-10-17", ""])
def test_documents_without_variables(tmp_path: Path, former: str) -> None:
    old, new = of_version(former, VARIABLE), of_version("2012-10-17", VARIABLE)
    assert stops(tmp_path / "1", {"main.tf": old}, {"main.tf": new})
    assert stops(tmp_path / "2", {"main.tf": new}, {"main.tf": old})
    assert not stops(tmp_path / "3", {"main.tf": old}, {"main.tf": f"# a comment\n{old}"})
    old, new = of_version(former, "b"), of_version("2012-10-17", "b")
    assert not stops(tmp_path / "4", {"main.tf": old}, {"main.tf": new})


def test_the_version_that_a_data_source_gives_its_document(tmp_path: Path) -> None:
    new = DOCUMENT % '["arn:aws:s3:::b/&{aws:username}/*"]'
    old = new.replace("  statement", '  version = "2008-10-17"\n  statement')
    assert stops(tmp_path / "1", {"main.tf": old}, {"main.tf": new})
    same = of_version("2008-10-17", VARIABLE)
    use = inline('"x"').partition("policy = ")[0] + (
        "policy = data.aws_iam_policy_document.d.json\n}\n"
    )
    assert not stops(tmp_path / "2", {"main.tf": old + use}, {"main.tf": same})


NAMED = """
data "aws_caller_identity" "c" {}
data "aws_partition" "c" {}
data "aws_region" "c" {}
resource "aws_s3_bucket" "b" {
  bucket = "n"
}
resource "aws_sqs_queue" "q" {
  name = "n"
}
resource "aws_iam_policy" "p" {
  name = "n"
  path = "/a/"
}
"""
REGION, ACCOUNT = "${data.aws_region.c.name}", "${data.aws_caller_identity.c.account_id}"


def anything_on(resource: str) -> str:
    return on(f'"{resource}"').replace("s3:GetObject", "*")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("${aws_s3_bucket.b.arn}", "arn:aws:s3:::n"),
        ("${aws_s3_bucket.b.arn}/*", "arn:aws:s3:::n/*"),
        ("${aws_s3_bucket.b.arn}/*", "arn:aws:s3:::${aws_s3_bucket.b.id}/*"),
        ("${aws_s3_bucket.b.arn}", "arn:${data.aws_partition.c.partition}:s3:::n"),
        ("${aws_sqs_queue.q.arn}", f"arn:aws:sqs:{REGION}:{ACCOUNT}:n"),
        ("${aws_iam_policy.p.arn}", f"arn:aws:iam::{ACCOUNT}:policy/a/n"),
        ("${aws_iam_policy.p.arn}", "${aws_iam_policy.p.id}"),
    ],
)
def test_the_arn_of_a_resource_of_a_known_name(tmp_path: Path, one: str, other: str) -> None:
    old, new = (NAMED + anything_on(resource) for resource in (one, other))
    assert not stops(tmp_path / "1", {"main.tf": old}, {"main.tf": new})
    assert not stops(tmp_path / "2", {"main.tf": new}, {"main.tf": old})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("${aws_s3_bucket.b.arn}", "arn:aws:s3:::nn"),
        ("${aws_s3_bucket.b.arn}", "arn:aws:s3:::n*"),
        ("${aws_s3_bucket.b.arn}", "arn:aws:s3:::n/*"),
        ("${aws_sqs_queue.q.arn}", f"arn:aws:sqs:{REGION}:111122223333:n"),
        ("${aws_sqs_queue.q.arn}", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:n"),
        ("${aws_iam_policy.p.arn}", f"arn:aws:iam::{ACCOUNT}:policy/n"),
    ],
)
def test_an_arn_that_is_not_that_of_a_resource(tmp_path: Path, one: str, other: str) -> None:
    old, new = (NAMED + anything_on(resource) for resource in (one, other))
    assert stops(tmp_path, {"main.tf": old}, {"main.tf": new})


def test_the_name_of_a_resource_that_is_another_one_now(tmp_path: Path) -> None:
    by_reference, written = "${aws_s3_bucket.b.arn}", "arn:aws:s3:::n"
    renamed = NAMED.replace('bucket = "n"', 'bucket = "o"')

    def stops_at(number: str, one: str, other: str) -> bool:
        old, new = NAMED + anything_on(one), renamed + anything_on(other)
        return stops(tmp_path / number, {"main.tf": old}, {"main.tf": new})

    assert not stops_at("1", by_reference, by_reference)
    assert not stops_at("2", written, written)
    assert stops_at("3", by_reference, written)
    assert stops_at("4", written, by_reference)


def test_the_name_of_a_resource_that_is_written_as_it_is_now(tmp_path: Path) -> None:
    was, now = NAMED, NAMED.replace('bucket = "n"', 'bucket = "o"')
    first, second = "arn:aws:s3:::n/*", "arn:aws:s3:::o/*"
    some = on(f'"{first}"')

    def stops_at(number: str, old: str, new: str) -> bool:
        return stops(tmp_path / number, {"main.tf": old}, {"main.tf": new})

    assert not stops_at("1", was + some, now + on(f'"{second}"'))
    assert stops_at("2", was + some, was + on(f'"{second}"'))  # not renamed
    assert stops_at("3", was + some, now + on(f'"{second}"').replace("s3:GetObject", "s3:*"))
    assert stops_at("4", was + some, now + on(f'["{first}", "{second}"]'))
    assert stops_at("5", was + on(f'["{first}", "{second}"]'), now + on('"arn:aws:s3:::o*/*"'))
    assert not stops_at("6", was + on(f'["{first}", "{second}"]'), now + on(f'"{second}"'))
    variable = 'variable "b" {{\n default = "{}"\n}}\n'
    named = NAMED.replace('bucket = "n"', "bucket = var.b") + on('"arn:aws:s3:::${var.b}/*"')
    assert not stops_at("7", variable.format("n") + named, variable.format("o") + named)


USED = """
resource "aws_iam_role_policy" "p" {
  role   = "r"
  policy = data.aws_iam_policy_document.d.json
}
data "aws_iam_policy_document" "base" {
  statement {
    sid       = "DenyIam"
    effect    = "Deny"
    actions   = ["iam:*"]
    resources = ["*"]
  }
}
variable "x" {}
variable "y" {}
"""
MERGED = """
data "aws_iam_policy_document" "d" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
  dynamic "statement" {
    for_each = %s
    content {
      sid       = %s
      effect    = "Deny"
      actions   = ["sqs:*"]
      resources = ["*"]
    }
  }
}
"""


@pytest.mark.parametrize(
    ("when", "sid", "replaces"),
    [
        ("[1]", "var.x", True),
        ("[1]", '"${var.x}Iam"', True),
        ("[1]", '"${var.x}Queue"', False),
        ("var.x && var.y ? [1] : []", '"DenyIam"', True),
        ("var.x", "statement.value", True),
    ],
)
def test_a_sid_that_may_replace_a_statement(
    tmp_path: Path, when: str, sid: str, *, replaces: bool
) -> None:
    old = {"main.tf": USED + MERGED % ("[]", '"Other"')}
    assert stops(tmp_path, old, {"main.tf": USED + MERGED % (when, sid)}) is replaces


def block(type_: str, body: str) -> str:
    return f'resource "{type_}" "x" {{\n{body}\n}}\nvariable "x" {{}}\n'


GRANT = 'operations = ["Encrypt", "Decrypt"]\n key_id = "k"\n grantee_principal = "*"'
LIST = """
access_control_policy {
  grant {
    permission = "%s"
  }
}
"""
SOME = """
dynamic "grant" {
  for_each = %s
  content {
    uri = "all"
  }
}
"""
DENIAL = 'resource "aws_organizations_policy" "s" {\n content = jsonencode(%s)\n}\n'
RESTRICTS = DENIAL % '{ Statement = [{ Effect = "Deny", Action = "iam:*", Resource = "*" }] }'
ALLOWS = RESTRICTS.replace("Deny", "Allow")
UNIT = 'policy_id = aws_organizations_policy.s.id\n target_id = "%s"'
POLICY = 'policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })'


def test_lists_are_sets_and_fewer_of_what_each_allows_is_less(tmp_path: Path) -> None:
    old = {"main.tf": block("aws_kms_grant", GRANT)}
    for number, (given, more) in enumerate(
        [('"Decrypt", "Encrypt"', False), ('"Encrypt"', False), ('"Encrypt", "Sign"', True)]
    ):
        new = old["main.tf"].replace('"Encrypt", "Decrypt"', given)
        assert stops(tmp_path / str(number), old, {"main.tf": new}) is more
    member = {"main.tf": block("aws_iam_group_membership", 'users = ["a", "b"]\n group = "g"')}
    turned = member["main.tf"].replace('"a", "b"', '"b", "a"')
    assert not stops(tmp_path / "a", member, {"main.tf": turned})
    # The group may deny something.
    assert stops(tmp_path / "b", member, {"main.tf": turned.replace('"b", ', "")})


@pytest.mark.parametrize(
    ("type_", "old", "new", "more"),
    [
        ("aws_s3_bucket_acl", LIST % "READ", LIST % "FULL_CONTROL", True),
        ("aws_s3_bucket", SOME % "var.x ? [1] : []", SOME % "[1]", True),
        ("aws_s3_bucket", SOME % "[1]", "versioning {\n a = 1\n}\n" + SOME % "[1]", False),
        ("aws_vpc_endpoint", 'service_name = "s"', f'service_name = "s"\n {POLICY}', False),
        ("aws_vpc_endpoint", f'service_name = "s"\n {POLICY}', 'service_name = "s"', True),
    ],
)
def test_blocks_and_endpoints(
    tmp_path: Path, type_: str, old: str, new: str, *, more: bool
) -> None:
    before, after = ({"main.tf": block(type_, body)} for body in (old, new))
    assert stops(tmp_path, before, after) is more


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        ("", RESTRICTS + block("aws_organizations_policy_attachment", UNIT % "a"), False),
        ("", ALLOWS + block("aws_organizations_policy_attachment", UNIT % "a"), True),
        (
            RESTRICTS + block("aws_organizations_policy_attachment", UNIT % "a"),
            RESTRICTS + block("aws_organizations_policy_attachment", UNIT % "b"),
            True,
        ),
    ],
)
def test_whom_a_control_policy_restricts(
    tmp_path: Path, before: str, after: str, *, more: bool
) -> None:
    assert stops(tmp_path, {"main.tf": before}, {"main.tf": after}) is more


TYPED = """
variable "v" {
  type = map(object({ act = optional(string, %s), other = optional(number, %s) }))
}
resource "aws_iam_role_policy" "p" {
  for_each = var.v
  role     = "r"
  policy   = jsonencode({ Statement = [{ Effect = "Allow", Action = each.value.act }] })
}
"""


def test_defaults_in_types(tmp_path: Path) -> None:
    old = {"main.tf": TYPED % ('"s3:GetObject"', 1)}
    assert stops(tmp_path / "1", old, {"main.tf": TYPED % ('"*"', 1)})
    assert not stops(tmp_path / "2", old, {"main.tf": TYPED % ('"s3:GetObject"', 2)})


MADE = """
resource "aws_iam_role" "r" {
  provider = aws.other
  name     = "r"
}
provider "aws" {
  profile = "a"
}
provider "aws" {
  alias = "other"
  %s
}
"""
ACTS_AS = 'assume_role {\n role_arn = "arn:aws:iam::%s:role/%s"\n }'


@pytest.mark.parametrize(
    ("old", "new", "more"),
    [
        (ACTS_AS % ("111122223333", "a"), ACTS_AS % ("444455556666", "a"), True),
        (ACTS_AS % ("111122223333", "a"), ACTS_AS % ("111122223333", "b"), False),
        ('profile = "a"', 'profile = "b"', True),
        ('region = "a"', 'region = "b"', False),
    ],
)
def test_whom_a_provider_acts_as(tmp_path: Path, old: str, new: str, *, more: bool) -> None:
    assert stops(tmp_path, {"main.tf": MADE % old}, {"main.tf": MADE % new}) is more


ENCODED = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "%s", Resource = "*" }] })'
BLOCKED = 'state = "block-new-sharing"'
ANYONE = 'authorization = "NONE"\nresource_id = "%s"\nhttp_method = "%s"'
ROUTE = 'api_id = "a"\nroute_key = "%s"'
SIGN_UP = "admin_create_user_config {\n allow_admin_create_user_only = %s\n}"
AUTHORIZED = 'authorization = "%s"'
SECURITY = "advanced_security_options {\n a = 1\n}"
SERVICES = "aws_service_access_principals = [%s]"
SENDS, ALL = ENCODED % "sqs:SendMessage", ENCODED % "*"


@pytest.mark.parametrize(
    ("type_", "old", "new", "more"),
    [
        ("aws_new_thing_policy", f"policy = {SENDS}", f"policy = {ALL}", True),
        ("aws_new_thing_policy", f"policy = {SENDS}", f"policy = {SENDS}\n tags = {{}}", False),
        ("kubernetes_manifest", f"m = {{ p = {SENDS} }}", f"m = {{ p = {ALL} }}", True),
        ("kubernetes_manifest", f"m = {{ p = {SENDS} }}", f"m = {{ a = 1, p = {SENDS} }}", False),
        ("aws_ec2_image_block_public_access", BLOCKED, BLOCKED.replace("block-new", "a"), True),
        ("aws_cognito_user_group", 'role_arn = "a"', 'role_arn = "b"', True),
        ("aws_iot_policy", f"policy = {SENDS}", f"policy = {ALL}", True),
        ("aws_iot_policy", f"policy = {SENDS}", f"policy = {SENDS}\n # a comment", False),
        ("aws_ssm_service_setting", 'setting_value = "a"', 'setting_value = "b"', True),
        ("aws_organizations_organization", SERVICES % '"a"', SERVICES % '"a", "b"', True),
        ("aws_organizations_organization", SERVICES % '"a", "b"', SERVICES % '"a"', False),
        ("aws_opensearch_domain", SECURITY, SECURITY.replace("1", "2"), True),
        ("aws_opensearch_domain", "", SECURITY, False),
        ("aws_oam_link", 'resource_types = ["a"]', 'resource_types = ["a", "b"]', True),
        ("aws_oam_link", 'label_template = "a"', 'label_template = "b"', False),
        ("aws_quicksight_data_set", "a {\n b = 1\n}", "a {\n b = 2\n}", False),
        ("aws_quicksight_data_set", "", "permissions {\n actions = []\n}", True),
        ("aws_quicksight_data_set", "row_level_permission_data_set {\n status = 1\n}", "", True),
        ("aws_quicksight_group_membership", 'group_name = "a"', 'group_name = "b"', True),
        ("aws_api_gateway_method", AUTHORIZED % "AWS_IAM", AUTHORIZED % "NONE", True),
        ("aws_api_gateway_method", AUTHORIZED % "NONE", AUTHORIZED % "AWS_IAM", False),
        ("aws_api_gateway_method", ANYONE % ("r", "GET"), ANYONE % ("s", "GET"), False),
        ("aws_apigatewayv2_route", 'authorization_type = "JWT"', "", True),
        ("aws_cognito_user_pool", SIGN_UP % "true", SIGN_UP % "false", True),
        ("aws_cognito_user_pool", SIGN_UP % "false", SIGN_UP % "true", False),
        ("aws_api_gateway_authorizer", 'provider_arns = ["a"]', 'provider_arns = ["b"]', True),
    ],
)
def test_types_that_the_tables_have_and_others(
    tmp_path: Path, type_: str, old: str, new: str, *, more: bool
) -> None:
    before, after = ({"main.tf": block(type_, body)} for body in (old, new))
    assert stops(tmp_path, before, after) is more
    assert not stops(tmp_path / "equal", before, before)


@pytest.mark.parametrize(
    ("type_", "body", "more"),
    [
        ("aws_ssm_service_setting", 'setting_value = "Disable"', True),
        ("aws_s3_bucket_public_access_block", "block_public_acls = true", True),
        ("aws_api_gateway_method", AUTHORIZED % "AWS_IAM", False),
        ("aws_cognito_user_pool", SIGN_UP % "true", False),
    ],
)
def test_what_blocks_something_and_is_gone(
    tmp_path: Path, type_: str, body: str, *, more: bool
) -> None:
    with_it, without = {"main.tf": block(type_, body)}, {"main.tf": "locals {}\n"}
    assert stops(tmp_path / "gone", with_it, without) is more
    assert not stops(tmp_path / "new", without, with_it)


@pytest.mark.parametrize(
    ("type_", "body", "more"),
    [
        ("aws_api_gateway_method", ANYONE % ("r", "GET"), True),
        ("aws_api_gateway_method", ANYONE % ("r", "OPTIONS"), False),
        ("aws_api_gateway_method", AUTHORIZED % "AWS_IAM", False),
        ("aws_apigatewayv2_route", ROUTE % "GET /", True),
        ("aws_apigatewayv2_route", ROUTE % "OPTIONS /", False),
        ("aws_apigatewayv2_route", ROUTE % "GET /" + '\nauthorization_type = "JWT"', False),
    ],
)
def test_a_method_that_anyone_may_call_is_new(
    tmp_path: Path, type_: str, body: str, *, more: bool
) -> None:
    new = {"main.tf": block(type_, body)}
    assert stops(tmp_path / "new", {"main.tf": "locals {}\n"}, new) is more
    renamed = {"main.tf": new["main.tf"].replace('"x" {', '"other" {')}
    assert not stops(tmp_path / "renamed", new, renamed)
