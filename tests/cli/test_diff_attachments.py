"""`diff` reports what attaches policies, or makes them elsewhere, in every format."""

import json

import pytest
from support.git_repository import NARROW, WIDE
from support.staged_files import Files, code

READ_ONLY, ADMIN = (
    f"arn:aws:iam::aws:policy/{name}Access" for name in ("ReadOnly", "Administrator")
)
CALL = 'module "p" {\n  source  = "terraform-aws-modules/iam/aws"\n  version = "%s"\n  %s\n}\n'
TERRAGRUNT = 'terraform {\n  source = "%s"\n}\ninputs = {\n  policy_arns = ["%s"]\n}\n'
KUBERNETES = "apiVersion: iam.%s\nkind: %s\nspec:\n  %s\n"
TASK = """
A:
  Type: update-stacks
  Template: !Sub https://${b}.s3.amazonaws.com/%s/sso.yaml
  Parameters: {group: %s}
"""
CONTEXT, REMOTE = "TemplatingContext", "!Sub https://${b}.s3.amazonaws.com/%s/"
PUT = "aws iam put-role-policy --role-name r --policy-name p --policy-document '%s'"
BOTH = NARROW, WIDE
DECIDING = (
    *("iam create-access-key", "s3api put-bucket-acl", "s3api delete-public-access-block"),
    *("kms create-grant", "iam add-role-to-instance-profile", "eks associate-access-policy"),
)
ATTACH = "aws iam attach-role-policy --role-name r --policy-arn %s"


pytestmark = pytest.mark.usefixtures("repository")


def resources(type_: str, **properties: object) -> str:
    return json.dumps({"Resources": {"R": {"Type": type_, "Properties": properties}}})


def crossplane(policy: str) -> str:
    return KUBERNETES % ("aws.upbound.io/v1", "RolePolicyAttachment", f"policyArn: {policy}")


def upbound(service: str, kind: str, arguments: str) -> str:
    head = f"apiVersion: {service}.aws.upbound.io/v1\nkind: {kind}\n"
    return f"{head}spec:\n  forProvider:\n    {arguments}\n"


BLOCK = "BucketPublicAccessBlock"
VAULT = 'resource "vault_aws_secret_backend_role" "r" {\n  policy_arns = ["%s"]\n}\n'
AUTH = 'resource "kubernetes_config_map" "a" {\n  data = { mapRoles = "- groups: [%s]" }\n}\n'
MANIFEST = 'resource "kubectl_manifest" "a" {\n  yaml_body = "data: {mapRoles: %s}"\n}\n'
EXEC = f"""variable "p" {{
  default = "%s"
}}
resource "null_resource" "n" {{
  provisioner "local-exec" {{
    command = "{ATTACH % "${var.p}"}"
  }}
}}
"""
SAML = 'resource "aws_iam_saml_provider" "s" {\n  saml_metadata_document = file("%s")\n}\n'


def ack(policy: str) -> str:
    return KUBERNETES % ("services.k8s.aws/v1", "Role", f"policies: [{policy}]")


def pulumi(policy: str) -> str:
    return f"r: {{type: 'aws:iam:UserPolicyAttachment', policyArn: '{policy}'}}\n"


def api(account: str) -> str:
    return resources(
        "AWS::Serverless::Api", Auth={"ResourcePolicy": {"AwsAccountWhitelist": [account]}}
    )


def connector(*permissions: str) -> str:
    return resources("AWS::Serverless::Connector", Permissions=permissions)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("m.tf", "# nothing\n", CALL % ("5.0", "")),
        ("m.tf", CALL % ("5.0", ""), CALL % ("5.1", "")),
        ("m.tf", CALL % ("5.0", "role_arns = []"), CALL % ("5.0", "role_arns = [var.a]")),
        ("m.tf", CALL % ("5.0", "enable_a = false"), CALL % ("5.0", "enable_a = true")),
        ("m.tf", CALL % ("5.0", "a = 111122223333"), CALL % ("5.0", "a = 111122223334")),
        ("m.tf", CALL % ("5.0", 'a = "x: arn:1"'), CALL % ("5.0", 'a = "x: arn:2"')),
        ("m.tf", CALL % ("5.0", 'a = {b = 1, c = "x"}'), CALL % ("5.0", 'a = {b = 1, c = "y"}')),
        ("m.tf", CALL % ("5.0", "enable_a = false"), CALL % ("5.0", "")),
        ("m.tf", CALL % ("5.0", "permissions_boundary = 1"), "# nothing\n"),
        ("m.tf", 'module "p" {\n  source = "./p"\n}\n', 'module "p" {\n  source = "${a}/p"\n}\n'),
        ("m.tf.json", *(json.dumps({"module": {"p": {"source": path}}}) for path in ("a", "b"))),
        ("terragrunt.hcl", TERRAGRUNT % ("git::a?ref=1", "a"), TERRAGRUNT % ("git::a?ref=2", "a")),
        ("terragrunt.hcl", TERRAGRUNT % ("git::a", "a"), TERRAGRUNT % ("git::a", "b")),
        ("a.sh", "true\n", f"{ATTACH % ADMIN}\n"),
        ("a.sh", f"{ATTACH % READ_ONLY}\n", f"{ATTACH % ADMIN}\n"),
        ("a.sh", "true\n", "aws iam delete-role-permissions-boundary --role-name r\n"),
        ("a.sh", "true\n", "aws iam put-role-policy --policy-document file://a.json\n"),
        ("a.sh", "true\n", "aws organizations \\\n  detach-policy --policy-id p-1\n"),
        ("a.sh", "true\n", "aws iam --region eu-west-1 'attach-role-policy' --role-name r\n"),
        ("a.sh", *(f"A={arn}\n{ATTACH % '$A'}\n" for arn in (READ_ONLY, ADMIN))),
        ("a.sh", *(f"for a in {arn}; do\n  B=$a\n  {ATTACH % '${B}'}\ndone\n" for arn in "ab")),
        ("a.sh", f"{ATTACH % 'a'}\n", f"{ATTACH % 'a'}\n{ATTACH % 'b'}\n"),
        *(("a.sh", "true\n", f"aws {command} --a b\n") for command in DECIDING),
        ("a.ps1", "Get-Date\n", f"Register-IAMRolePolicy -RoleName r -PolicyArn {ADMIN}\n"),
        ("a.ps1", "Get-Date\n", "New-IAMAccessKey -UserName u\n"),
        ("a.sh", *(f"vault write aws/roles/r policy_arns={arn}\n" for arn in (READ_ONLY, ADMIN))),
        ("a.yaml", "a: b\n", upbound("iam", "AccessKey", "user: u")),
        ("a.yaml", *(upbound("s3", "BucketACL", f"acl: {acl}") for acl in ("private", "public"))),
        ("a.yaml", *(upbound("s3", BLOCK, f"blockPublicAcls: {on}") for on in ("true", "false"))),
        ("a.yaml", "a: b\n", "k: {type: 'aws:iam:AccessKey', properties: {user: u}}\n"),
        ("a.yaml", *(f"iamIdentityMappings: [{{groups: [{group}]}}]\n" for group in "ab")),
        ("a.yaml", *(f"- amazon.aws.iam_group: {{name: g, users: [{user}]}}\n" for user in "ab")),
        ("a.yaml", f"- iam_role: {{managed_policies: [], boundary: '{READ_ONLY}'}}\n",
         "- iam_role: {managed_policies: []}\n"),
        ("m.tf", *(VAULT % arn for arn in (READ_ONLY, ADMIN))),
        ("m.tf", *(AUTH % group for group in "ab")),
        ("m.tf", *(MANIFEST % group for group in "ab")),
        ("m.tf", *(EXEC % arn for arn in (READ_ONLY, ADMIN))),
        ("m.tf", *(SAML % file for file in "ab")),
        ("Makefile", "a:\n\ttrue\n", f"a:\n\t{ATTACH % ADMIN}\n"),
        ("ci.yml", "args: []\n", "args: [iam, attach-role-policy, --policy-arn, a]\n"),
        ("ci.yml", "run: true\n", f"run: |\n  {ATTACH % ADMIN}\n"),
        ("m.tf", 'locals {\n  a = "x"\n}\n', f'locals {{\n  a = "{ATTACH % ADMIN}"\n}}\n'),
        ("ci.yml", *(f"run: |\n  {PUT % policy}\n" for policy in BOTH)),
        ("ci.yml", *(f"run: |\n  {PUT % policy}\n".replace("{", "{\n  ") for policy in BOTH)),
        ("a.yaml", *(resources("A::B::C", UserData=PUT % policy) for policy in BOTH)),
        ("m.tf", *(f"locals {{\n  a = {json.dumps(PUT % policy)}\n}}\n" for policy in BOTH)),
        ("a.yaml", crossplane(READ_ONLY), crossplane(ADMIN)),
        ("a.yaml", "a: b\n", crossplane(ADMIN)),
        ("a.yaml", *(f"{crossplane(arn)}---\n{crossplane(ADMIN)}" for arn in (READ_ONLY, ADMIN))),
        ("a.yaml", *(f"iam: {{wellKnownPolicies: {{a: {on}}}}}\n" for on in ("false", "true"))),
        ("a.yaml", pulumi(READ_ONLY), pulumi(ADMIN)),
        ("a.yaml", "a: b\n", TASK % ("1.0", "a")),
        ("a.yaml", TASK % ("1.0", "a"), TASK % ("1.1", "a")),
        ("a.yaml", TASK % ("1.0", "a"), TASK % ("1.0", "b")),
        ("a.yaml", *(TASK.replace("Parameters", CONTEXT) % ("1", name) for name in "ab")),
        ("a.yaml", *(TASK.replace(REMOTE, "./s/%s/") % ("1", name) for name in "ab")),
        ("t.json", connector("Read"), connector("Read", "Write")),
        ("t.json", resources("A::B::C::MODULE"), resources("A::B::C::MODULE", Policy="a")),
        ("t.json", api("1"), api("2")),
        ("t.json", *(resources("Custom::Attach", Arn=arn) for arn in (READ_ONLY, ADMIN))),
    ],
)  # fmt: skip
def test_what_decides_elsewhere(
    name: str, old: str, new: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code({name: old}, {name: new}) == 1
    out = capsys.readouterr().out
    assert "could not be compared" in out


@pytest.mark.parametrize(
    "argument",
    [
        "cidr = %s",
        'values = ["replicas: %s\\nimage: x"]',
        'values = [yamlencode({ replicas = %s, image = "x" })]',
        'groups = { a = { min = %s, role = "r" } }',
        'subnet_tags = { a = "x%s" }',
        'endpoints = { s3 = { type = "Gateway", tags = { a = "x%s" } } }',
        'package = "app-1.%s.0.zip"',
        'package = "${var.repository}/app:v1.%s-${var.kind}"',
        'image_uri = "${var.repository}:build%s"',
        'user_data = "#!/bin/sh\\nmake build-%s-of ${var.app}"',
        'script = "#!/bin/sh\\nmake build-%s-of ${var.app}"',
        'container_definitions = jsonencode([{ command = ["run-%s-it"], name = "app" }])',
        'environment = { STAGE = "s%s" }',
        "subnet_ids = [var.subnet_%s]",
        'ingress_rules = [{ description = "a", referenced_security_group_id = var.a%s }]',
    ],
)
def test_a_module_that_is_not_read_is_noted(
    capsys: pytest.CaptureFixture[str], argument: str
) -> None:
    old, new = (CALL % ("5.0", argument % number) for number in (1, 2))
    assert code({"m.tf": old}, {"m.tf": new}) == 0
    note = "note: :.: module.p has changed; its module is not read\n"
    assert capsys.readouterr().err == note


def test_an_argument_that_is_a_number_stays_one() -> None:
    given = ("count_of_tasks = 1", "count_of_tasks = var.n", "count_of_tasks = true")
    number, unknown, other = ({"m.tf": CALL % ("5.0", text)} for text in given)
    assert code(number, unknown) == 0
    assert code(unknown, other) == 1


@pytest.mark.parametrize(
    "argument",
    [
        'bucket = "${var.name}%s"',
        'topic = "app%s"',
        'policy = "arn:aws:iam::aws:policy/v1.%s/a"',
        'image = "arn:aws:iam::aws:policy/a%s"',
        'roles = ["a%s"]',
        'user_data = "#!/bin/sh\\nattach arn:aws:iam::aws:policy/a%s"',
    ],
)
def test_a_module_that_is_not_read_may_give_an_argument_access(argument: str) -> None:
    old, new = (CALL % ("5.0", argument % number) for number in (1, 2))
    assert code({"m.tf": old}, {"m.tf": new}) == 1


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("m.tf", CALL % ("5.0", "tags = {}"), CALL % ("5.0", 'tags = {\n    role = "a"\n  }')),
        ("m.tf", CALL % ("5.0", ""), "# nothing\n"),
        ("terragrunt.hcl", TERRAGRUNT % ("git::a", "a"), f"# a\n{TERRAGRUNT % ('git::a', 'a')}"),
        ("a.sh", f"{ATTACH % ADMIN}\n", f"# a\n{ATTACH % ADMIN}  # b\n"),
        ("a.sh", f"P=a\n{ATTACH % '$P'}\n", "export P=a\n" + ATTACH % '"$P"' + "\n"),
        ("a.sh", "true\n", f"# {ATTACH % ADMIN}\n"),
        ("a.sh", *(f"{PUT % policy}\n" for policy in (WIDE, NARROW))),
        ("ci.yml", *(f"{name}: |\n  {PUT % NARROW}\n" for name in "ab")),
        ("a.sh", "true\n", "aws iam list-role-policies --role-name r\n"),
        ("a.yaml", "a: b\n", TASK.replace(REMOTE, "./s/%s/") % ("1", "a")),
        ("a.yaml", *(TASK.replace(REMOTE, "./s/%s/") % ("1", number) for number in (7, 14))),
    ],
)
def test_what_decides_nothing(name: str, old: str, new: str) -> None:
    assert code({name: old}, {name: new}) == 0


def object_of_ack(service: str, kind: str, spec: str) -> str:
    api = f"{service}.services.k8s.aws/v1alpha1"
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {{{spec}}}\n"


@pytest.mark.parametrize(
    ("service", "kind", "old", "new"),
    [
        ("s3", "Bucket", "acl: private", "acl: public-read"),
        ("s3", "Bucket", "publicAccessBlock: {blockPublicPolicy: true}", "name: b"),
        ("lambda", "FunctionURLConfig", "authType: AWS_IAM", "authType: NONE"),
        ("lambda", "Function", "permissions: []", "permissions: [{principal: '*'}]"),
        ("iam", "OpenIDConnectProvider", "clientIDs: [a]", "clientIDs: [b]"),
        ("iam", "InstanceProfile", "role: a", "role: b"),
    ],
)
def test_what_objects_of_ack_decide(service: str, kind: str, old: str, new: str) -> None:
    before, after = (object_of_ack(service, kind, f"k: 1, {spec}") for spec in (old, new))
    assert code({"a.yaml": before}, {"a.yaml": after}) == 1
    assert code({"a.yaml": after}, {"a.yaml": after.replace("k: 1", "k: 2")}) == 0


PART = "B: {Type: 'AWS::S3::Bucket', Properties: {PublicAccessBlockConfiguration: %s}}\n"


GROUPS = f"groups: [{{policies: [{READ_ONLY}, {ADMIN}]}}]\n"


def attachment(policy: str, more: str = "") -> str:
    return crossplane(f"{policy}\n  role: app\n  {more}")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (ack(READ_ONLY), ack(ADMIN), "15,179 new permissions for spec"),
        (attachment(READ_ONLY), attachment(ADMIN), "new permissions for app"),
        (attachment(ADMIN), attachment(ADMIN) + "---\na: b\n", ""),
        (attachment(ADMIN), attachment(ADMIN, "deletionPolicy: Orphan"), ""),
        (attachment(ADMIN), attachment(READ_ONLY), ""),
        (attachment(ADMIN, "providerConfigRef: {name: a}"), attachment(ADMIN), "another provider"),
        ("a: b\n", "iam: {permissions_boundary: a}\n", ""),
        (PART % "{BlockPublicPolicy: true}", PART % "{}", "not blocked any more"),
        (PART % "{BlockPublicPolicy: true}", "B: {Type: 'AWS::S3::Bucket'}\n", "not blocked"),
        ("iam: {permissions_boundary: a}\n", "iam: {b: c}\n", "not restricted any more"),
        (f"managed_policies: [{READ_ONLY}]\n", "managed_policies: [ReadOnlyAccess]\n", ""),
        ("managed_policies: []\n", "managed_policies: [AdministratorAccess]\n", "new permissions"),
        (f"groups: [{{policies: [{READ_ONLY}]}}]\n", GROUPS, "new permissions for groups/0"),
        (GROUPS, f"groups: [{{policies: [{READ_ONLY}]}}]\n", ""),
        ("policies: [lint]\n", "policies: [lint, AdministratorAccess]\n", ""),
    ],
)
def test_attached_policies_are_what_they_say(
    old: str, new: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code({"a.yaml": old}, {"a.yaml": new}) == bool(expected)
    assert expected in capsys.readouterr().out


def managed(name: str, action: str) -> str:
    document = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    text = json.dumps({"Version": "2012-10-17", **document})
    return (
        "apiVersion: iam.aws.upbound.io/v1beta1\nkind: Policy\n"
        f"metadata: {{name: {name}}}\nspec: {{forProvider: {{policy: '{text}'}}}}\n---\n"
    )


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (managed("b", "s3:*") + managed("a", "s3:GetObject"), 0),
        (managed("b", "s3:GetObject") + managed("a", "s3:*"), 1),
        (managed("b", "s3:*") + managed("c", "s3:Get*") + managed("a", "s3:GetObject"), 1),
        (managed("b", "s3:*"), 0),
    ],
)
def test_documents_are_compared_by_their_names(new: str, expected: int) -> None:
    old = managed("a", "s3:GetObject") + managed("b", "s3:*")
    assert code({"a.yaml": old}, {"a.yaml": new}) == expected


@pytest.mark.parametrize(
    ("options", "new", "expected"),
    [
        ([], {"n.tf": "# nothing\n"}, 0),
        ([], {"n.tf": CALL.replace('"p"', '"q"') % ("5.0", "")}, 1),
        (["--allow-new-files"], {"n.tf": CALL.replace('"p"', '"q"') % ("5.0", "")}, 0),
        ([], {"m.tf": None, "n.tf": CALL % ("5.0", "") + f"# {'moved ' * 100}\n"}, 0),
    ],
)
def test_calls_of_modules_in_other_files(options: list[str], new: Files, expected: int) -> None:
    assert code({"m.tf": CALL % ("5.0", "")}, new, None, *options) == expected


FOLDED, SPREAD = (
    json.dumps(json.loads(NARROW), indent=indent, separators=(",", ": ")) for indent in (None, 2)
)
WRITTEN_ON = FOLDED.replace(',"', ',\n"')
IN_FILES = {
    "a.sh": "%s",
    "ci.yml": "run: |\n  %s\n",
    "m.tf": 'resource "null_resource" "n" {\n  provisioner "local-exec" {\n'
    "    command = <<E\n%s\nE\n  }\n}\n",
}


@pytest.mark.parametrize("name", IN_FILES)
@pytest.mark.parametrize("written", [SPREAD, WRITTEN_ON])
def test_the_spelling_of_a_document_in_a_command(name: str, written: str) -> None:
    def text(policy: str, more: str = "") -> Files:
        indent = "\n  " if name == "ci.yml" else "\n"
        return {name: IN_FILES[name] % (PUT % policy + more).replace("\n", indent)}

    assert code(text(FOLDED), text(written)) == 0
    assert code(text(written), text(WIDE)) == 1


@pytest.mark.parametrize("policy", [FOLDED, WRITTEN_ON])
def test_what_follows_a_document_in_a_command(policy: str) -> None:
    old, new = (f"{PUT % policy} --profile {profile}\n" for profile in "ab")
    assert code({"a.sh": old}, {"a.sh": new}) == 1


def service(path: str, custom: str) -> str:
    arn = f"arn:aws:dynamodb:*:*:table/${{self:custom.{path}}}"
    statement = f"{{Effect: Allow, Action: 'dynamodb:GetItem', Resource: \"{arn}\"}}"
    role = f"iam: {{role: {{statements: [{statement}]}}}}"
    return f"service: a\nprovider:\n  name: aws\n  {role}\ncustom: {custom}\n"


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("a.b", "{a: {b: x}}", "{a: {b: x, c: y}}", 0),
        ("a.b", "{a: {b: x, c: y}}", "{a: {b: x, c: z}}", 0),
        ("a.b", "{a: {b: x}}", "{a: {b: y}}", 1),
        ("a.b", "{a: {b: x}}", "{a: x}", 1),
        ("a", "{a: {b: x}}", "{a: {b: y}}", 1),
        ("a.0", "{a: [x, y]}", "{a: [z, y]}", 1),
        ("a.${opt:b}", "{a: {b: x}}", "{a: {b: x, c: y}}", 1),
        ("a.b, 'x'", "{a: {c: x}}", "{a: {b: y}}", 1),
        ("a.b", "{a: '${self:custom.d}', d: {b: x}}", "{a: '${self:custom.d}', d: {b: y}}", 1),
        (
            "a.b",
            "{a: {b: '${self:custom.d.e}'}, d: {e: x, f: 1}}",
            "{a: {b: '${self:custom.d.e}'}, d: {e: x, f: 2}}",
            0,
        ),
    ],
)
def test_a_path_of_the_serverless_framework(path: str, old: str, new: str, expected: int) -> None:
    name = "serverless.yml"
    assert code({name: service(path, old)}, {name: service(path, new)}) == expected


LZA = "roleSets:\n  - roles:\n      - name: a\n        %s\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("policies: {awsManaged: []}", "policies: {awsManaged: [AdministratorAccess]}", 1),
        ("policies: {customerManaged: [a]}", "policies: {customerManaged: [a, b]}", 1),
        ("policies: {customerManaged: [a, b]}", "policies: {customerManaged: [b, a]}", 0),
        ("assumedBy: []", "assumedBy: [{type: account, principal: '111122223333'}]", 1),
        ("boundaryPolicy: a", "instanceProfile: false", 1),
    ],
)
def test_roles_of_the_landing_zone_accelerator(old: str, new: str, expected: int) -> None:
    assert code({"iam-config.yaml": LZA % old}, {"iam-config.yaml": LZA % new}) == expected


def test_a_file_that_cannot_be_read_stops(capsys: pytest.CaptureFixture[str]) -> None:
    old = {"broken.json": NARROW, "p.json": WIDE}
    assert code(old, {"broken.json": NARROW[:-2], "p.json": NARROW}) == 2
    assert capsys.readouterr().out.startswith("stopped: 1 file that could not be read")


STACK = """Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [%s]
      Policies: [}
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      DelaySeconds: %s
"""


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("a.json", '{"Statement": [{"Effect" "a"}]}', '{"Statement": [\n{"Effect" "a"}]}', 0),
        ("a.json", '{"Statement": [{"Effect" "a"}]}', '{"Statement": [{"Effect" "b"}]}', 2),
        ("a.json", '{"Statement": [{"Effect": "a"}]}', '{"Statement": [{"Effect" "a"}]}', 2),
        ("a.yaml", STACK % ("a", 1), STACK % ("a", 2), 0),
        ("a.yaml", STACK % ("a", 1), STACK % ("b", 1), 2),
    ],
)
def test_a_file_that_could_not_be_read_before(name: str, old: str, new: str, expected: int) -> None:
    assert code({name: old}, {name: new}) == expected


@pytest.mark.parametrize("name", ["tsconfig.json", "a.code-workspace", ".eslintrc"])
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"rules": ["ForInStatement", %s],', 0),
        ('"path": "packages/capabilityStatement", "a": %s', 0),
        ('"Statement": [%s],', 2),
        ('"RoleStatements": [{"Effect": "Allow", "Action": "a", "n": %s}],', 2),
        ('"P": {"Version": "2012-10-17", "PStatement": %s},', 2),
    ],
)
def test_a_configuration_with_comments(name: str, written: str, expected: int) -> None:
    one, other = ({name: f"{{\n  // a comment\n  {written % n}\n}}\n"} for n in (1, 2))
    assert code(one, other) == expected


HERE = """#!/bin/sh
A=%s
B=%s
cat <<EOF >p.json
{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "$A", "Resource": "*"}]}
EOF
"""


@pytest.mark.parametrize("name", ["a.sh", "run", "ci.yml"])
def test_what_a_script_gives_the_variables_of_a_policy(name: str) -> None:
    text = f"run: |\n  {HERE.replace(chr(10), chr(10) + '  ')}" if name == "ci.yml" else HERE
    assert code({name: text % ("s3:GetObject", 1)}, {name: text % ("s3:GetObject", 2)}) == 0
    assert code({}, {name: (text % ("s3:GetObject", 2)).replace('"$A"', '"${A}"')}) == 0
    assert code({name: text % ("$B", 1)}, {name: text % ("$B", 2)}) == 1
    assert code({name: text % ("s3:GetObject", 1)}, {name: text % ("'*'", 1)}) == 1


def test_inline_policies_in_what_the_aws_cli_prints() -> None:
    def dump(role: str, *policies: str) -> Files:
        found = [
            {"PolicyName": f"p{number}", "PolicyDocument": json.loads(policy)}
            for number, policy in enumerate(policies)
        ]
        roles = [
            {"RoleName": name, "Arn": f"arn:aws:iam::111122223333:role/{name}",
             "RolePolicyList": found if name == role else []}
            for name in ("a", "b")
        ]  # fmt: skip
        return {"d.json": {"RoleDetailList": roles}}

    assert code(dump("a", NARROW, WIDE), dump("a", WIDE, NARROW)) == 0
    assert code(dump("a", NARROW), dump("b", NARROW)) == 1


def patch(*policies: str, at: str = "attachPolicyARNs/-", op: str = "add") -> str:
    """A patch of a cluster of eksctl, and of something else before that."""
    operation = {"op": op, "path": f"/nodeGroups/0/iam/{at}"}
    return json.dumps(
        [{"op": "remove", "path": "/x"}, *({**operation, "value": p} for p in policies)]
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(patch(READ_ONLY), patch(ADMIN), 1, id="another one"),
        pytest.param(patch(), patch(READ_ONLY), 1, id="a first one"),
        pytest.param(patch(READ_ONLY), patch(READ_ONLY, ADMIN), 1, id="one more"),
        pytest.param(patch(READ_ONLY, ADMIN), patch(READ_ONLY), 0, id="one less"),
        pytest.param(patch(ADMIN), patch(ADMIN, op="replace"), 0, id="the same"),
        pytest.param(patch("a", at="tags"), patch("b", at="tags"), 0, id="something else"),
    ],
)
@pytest.mark.parametrize("name", ["patch.yaml", "patch.json"])
def test_patches(name: str, old: str, new: str, expected: int) -> None:
    assert code({name: old}, {name: new}) == expected


PUT_TO = "aws s3 cp build s3://b/x"
PUBLIC, OWNER = "--acl public-read", "--acl bucket-owner-full-control"
GRANTS = "--grants read=uri=http://acs.amazonaws.com/groups/global/AllUsers"
EXECUTED = """resource "null_resource" "n" {
  provisioner "local-exec" {
    command = <<E
      %s
    E
  }
}
"""
CREATE = "aws s3api create-bucket --bucket b"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("true", f"{PUT_TO} {PUBLIC}", 1, id="public"),
        pytest.param(PUT_TO, f"{PUT_TO} {OWNER}", 1, id="for the owner of the bucket"),
        pytest.param(PUT_TO, f"{PUT_TO} {GRANTS}", 1, id="grants"),
        pytest.param("true", f"{PUT_TO} --acl private", 0, id="private"),
        pytest.param("true", PUT_TO, 0, id="private by default"),
        pytest.param(f"{PUT_TO} {PUBLIC}", PUT_TO, 0, id="not public any more"),
        pytest.param(f"{PUT_TO} {PUBLIC}", "true", 0, id="gone"),
        pytest.param(
            f"{PUT_TO} {PUBLIC}",
            f"aws s3 sync dist s3://b/x/ --delete \\\n  {PUBLIC} --no-progress",
            0,
            id="the same otherwise",
        ),
        pytest.param(
            f"{PUT_TO} {PUBLIC}", f"{PUT_TO} {PUBLIC}".replace("x", "y"), 1, id="elsewhere"
        ),
        pytest.param(
            f"B=a\naws s3 mv f $B {PUBLIC}", f"B=b\naws s3 mv f $B {PUBLIC}", 1, id="a variable"
        ),
        pytest.param(
            "true", f"aws s3api put-object --bucket b --key k {PUBLIC}", 1, id="an object"
        ),
        pytest.param(CREATE, f"{CREATE} --grant-read uri=x", 1, id="a bucket"),
        pytest.param(CREATE, f"{CREATE} --region eu-west-1", 0, id="a private bucket"),
        pytest.param("true", f"# {PUT_TO} {PUBLIC}", 0, id="a comment"),
    ],
)
@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a.sh", "%s\n"),
        ("ci.yml", "run: |\n  %s\n"),
        ("page.md", "```sh\n%s\n```\n"),
        (
            "t.yaml",
            "Resources:\n  R:\n    Type: A::B::C\n    Properties:\n      UserData: |\n        %s\n",
        ),
        ("m.tf", EXECUTED),
    ],
)
def test_commands_that_put_what_others_may_use(
    name: str, written: str, old: str, new: str, expected: int
) -> None:
    one, other = ({name: written % side.replace("\n", "\n        ")} for side in (old, new))
    assert code(one, other) == expected


WRITE = "Write-S3Object -BucketName b -File f -Key k"
READ_BY_ALL = "-CannedACLName public-read"
CREATE_BUCKET = "New-S3Bucket -BucketName b"
COPY = "Copy-S3Object -DestinationBucket b -DestinationKey k -BucketName"
SET = "Set-S3ACL -BucketName b"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(WRITE, f"{WRITE} {READ_BY_ALL}", 1, id="public"),
        pytest.param(WRITE, f"{WRITE} -PublicReadWrite -Force", 1, id="public by a switch"),
        pytest.param(
            WRITE, WRITE.replace("-File", f"`\n  {READ_BY_ALL} `\n  -File"), 1, id="lines"
        ),
        pytest.param(f"{SET} `\n  -Force", f"{SET} `\n  -PublicReadOnly", 1, id="lines of another"),
        pytest.param(f"{SET} `\n  -PublicReadOnly", f"{SET} -PublicReadOnly", 0, id="one line"),
        pytest.param(f"{COPY} a {READ_BY_ALL}", f"{COPY} c {READ_BY_ALL}", 0, id="a source"),
        pytest.param(
            f"{COPY} a {READ_BY_ALL}",
            f"{COPY} a {READ_BY_ALL}".replace(" b ", " c "),
            1,
            id="elsewhere",
        ),
        pytest.param(
            f"$a = 'private'\n{WRITE} -CannedACLName $a",
            f"$a = 'public-read'\n{WRITE} -CannedACLName $a",
            1,
            id="a variable",
        ),
        pytest.param(CREATE_BUCKET, f"{CREATE_BUCKET} -PublicReadOnly", 1, id="a bucket"),
        pytest.param(CREATE_BUCKET, f"{CREATE_BUCKET} -CannedACLName Private", 0, id="private"),
        pytest.param("Get-Date", f"{WRITE} -CannedACLName 'private'", 0, id="a private object"),
        pytest.param("Get-Date", WRITE, 0, id="private by default"),
        pytest.param(f"{WRITE} {READ_BY_ALL}", WRITE, 0, id="not public any more"),
        pytest.param(
            f"{WRITE} {READ_BY_ALL}",
            'Write-S3Object -Key "k" -BucketName b -PublicReadOnly -File g',
            0,
            id="the same otherwise",
        ),
        pytest.param("Get-Date", f"# {WRITE} {READ_BY_ALL}", 0, id="a comment"),
        pytest.param(
            f"{WRITE} -PublicReadOnly; {WRITE.replace('k', 'l')}",
            f"{WRITE}; {WRITE.replace('k', 'l')} -PublicReadOnly",
            1,
            id="another one of a line",
        ),
    ],
)
def test_commands_of_powershell_that_put_what_others_may_use(
    old: str, new: str, expected: int
) -> None:
    one, other = ({"a.ps1": f"{side}\n"} for side in (old, new))
    assert code(one, other) == expected


CREATE_POLICY = "aws iam create-policy --policy-name p --policy-document file://%s"
FETCHED = "https://example.com/%s/policy.json"


@pytest.mark.parametrize(
    ("script", "is_it"),
    [
        pytest.param(f"curl -o p.json {FETCHED}\n{CREATE_POLICY % 'p.json'}", True, id="a file"),
        pytest.param(f"curl -O {FETCHED}\n{CREATE_POLICY % './policy.json'}", True, id="its name"),
        pytest.param(f"wget {FETCHED}?x=y\n{CREATE_POLICY % 'policy.json'}", True, id="wget"),
        pytest.param(
            f"P=$(mktemp)\ncurl -s {FETCHED} | envsubst > ${{P}}\n{CREATE_POLICY % '${P}'}",
            True,
            id="a variable",
        ),
        pytest.param(
            f'V=%s\ncurl "{FETCHED % "$V"}" >a/p.json\n{CREATE_POLICY % "a/p.json"}',
            True,
            id="a version",
        ),
        pytest.param(
            f"aws s3 cp s3://b/%s/p.json .\n{CREATE_POLICY % 'p.json'}", True, id="a bucket"
        ),
        pytest.param(
            f"Invoke-WebRequest {FETCHED} -OutFile p.json\n{CREATE_POLICY % 'p.json'}",
            True,
            id="PowerShell",
        ),
        pytest.param(f"curl -o q.json {FETCHED}\n{CREATE_POLICY % 'p.json'}", False, id="another"),
        pytest.param(
            f"# curl -o p.json {FETCHED}\n{CREATE_POLICY % 'p.json'}", False, id="a comment"
        ),
        pytest.param(f"curl -o p.json {FETCHED}\n{ATTACH % 'p'}", False, id="no file is given"),
    ],
)
@pytest.mark.parametrize(("name", "written"), [("a.sh", "%s\n"), ("page.md", "```sh\n%s\n```\n")])
def test_policies_that_are_fetched(name: str, written: str, script: str, *, is_it: bool) -> None:
    one, other = ({name: written % (script % version)} for version in ("v1", "v2"))
    assert code(one, other) == int(is_it)


def test_a_command_that_a_page_has_twice() -> None:
    block = f"```sh\nP=%s\n{ATTACH % '$P'}\n```\n"
    one, other = ({"page.md": block % arn + block % READ_ONLY} for arn in (READ_ONLY, ADMIN))
    assert code(one, other) == 1
    assert code(other, other) == 0


RETENTION = "aws logs put-retention-policy --log-group-name g --retention-in-days %s"
BLOCK_ALL = (
    "aws s3api put-public-access-block --bucket b --public-access-block-configuration "
    "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("true", RETENTION % 30, 0, id="how long logs are kept"),
        pytest.param(RETENTION % 30, RETENTION % 60, 0, id="how long in another way"),
        pytest.param(RETENTION % 30, "true", 0, id="not kept any more"),
        pytest.param("true", "aws ecr put-lifecycle-policy --a b", 0, id="lifecycle"),
        pytest.param("true", "aws ecr delete-registry-policy --a b", 1, id="a registry"),
        pytest.param("true", "aws serverlessrepo put-application-policy --a b", 1, id="statements"),
        pytest.param(
            "true", f"{RETENTION % 30}; aws ecr set-repository-policy --a b", 1, id="and another"
        ),
        pytest.param("true", BLOCK_ALL, 0, id="all is blocked"),
        pytest.param("true", BLOCK_ALL.replace("s=true", "s=false"), 1, id="not all"),
        pytest.param(BLOCK_ALL.replace("s=true", "s=false"), BLOCK_ALL, 1, id="instead of some"),
        pytest.param(BLOCK_ALL, "true", 1, id="nothing is blocked any more"),
        pytest.param(
            "true", f"{BLOCK_ALL} && aws s3api put-bucket-acl --bucket b", 1, id="and an ACL"
        ),
    ],
)
@pytest.mark.parametrize(("name", "written"), [("a.sh", "%s\n"), ("ci.yml", "run: |\n  %s\n")])
def test_commands_that_give_nobody_access(
    name: str, written: str, old: str, new: str, expected: int
) -> None:
    assert code({name: written % old}, {name: written % new}) == expected


SCEPTRE = """template:
  %s
stack_name: a
stack_tags: {Owner: %s}
parameters:
  GrantAccess: [%s]
  Size: %s
"""
OF_URL, OF_PATH = "{type: http, url: 'https://example.com/%s/a.j2'}", "{path: a.yaml}"
ARN = "arn:aws:iam::111122223333:user/%s"
STACK_A = SCEPTRE % (OF_URL % "v1", "a", ARN % "a", 1)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (STACK_A, SCEPTRE % (OF_URL % "v1", "b", ARN % "a", 2), 0),
        (STACK_A, SCEPTRE % (OF_URL % "v1", "a", ARN % "b", 1), 1),
        (STACK_A, SCEPTRE % (OF_URL % "v2", "a", ARN % "a", 1), 1),
        ("a: b\n", STACK_A, 1),
        (STACK_A, "a: b\n", 0),
        ("a: b\n", SCEPTRE % (OF_PATH, "a", ARN % "a", 1), 0),
        (SCEPTRE % (OF_PATH, "a", ARN % "a", 1), SCEPTRE % (OF_PATH, "b", ARN % "a", 1), 0),
        (SCEPTRE % (OF_PATH, "a", ARN % "a", 1), SCEPTRE % (OF_PATH, "a", ARN % "b", 1), 1),
        ("template: {spec: {a: 1}}\n", "template: {spec: {a: 2}}\nparameters: {b: c}\n", 0),
        ("template: {type: a}\nb: aws:c\n", "template: {type: b}\nb: aws:c\n", 0),
    ],
)
def test_a_stack_of_sceptre(old: str, new: str, expected: int) -> None:
    assert code({"config/a.yaml": old}, {"config/a.yaml": new}) == expected


RUNNING = """apiVersion: v1
kind: ServiceAccount
metadata:
  name: a
  annotations:
    %s
"""
IRSA, OF_PODS = (
    f"{key}: arn:aws:iam::111122223333:role/%s"
    for key in ("eks.amazonaws.com/role-arn", "iam.amazonaws.com/role")
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        *((RUNNING % key % "a", RUNNING % key % "b", 1) for key in (IRSA, OF_PODS)),
        (
            RUNNING % IRSA % "a",
            (RUNNING % IRSA % "a").replace("name: a", "name: a\n  labels: {}"),
            0,
        ),
        ("a: b\n", RUNNING % IRSA % "a", 0),
        (RUNNING % "a: b", RUNNING % IRSA % "a", 0),
        (RUNNING % IRSA % "a", RUNNING % "a: b", 0),
    ],
)
@pytest.mark.parametrize("name", ["a.yaml", "values.yaml"])
def test_a_service_account_with_another_role(name: str, old: str, new: str, expected: int) -> None:
    assert code({name: old}, {name: new}) == expected
