"""Arguments of a module that is not in the tree: which changes may be new access."""

import pytest
from support.modules import gained, has_new_access, reasons

ADMIN = '"arn:aws:iam::aws:policy/AdministratorAccess"'
READER = '"arn:aws:iam::aws:policy/ReadOnlyAccess"'
AMI = '"al2023-ami-2023.%d.*-kernel-6.1-x86_64"'


def called(argument: str, default: str = "{}") -> dict[str, str]:
    """A module that is called with an argument, which may be about a variable with a default."""
    text = f'module "m" {{\n source = "example/app/aws"\n x = {argument}\n}}\n'
    return {"main.tf": f'{text}variable "v" {{\n default = {default}\n}}\nvariable "w" {{}}\n'}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(called('"30s"'), called('"60s"'), id="a duration"),
        pytest.param(called('"512Mi"'), called('"1Gi"'), id="a size"),
        pytest.param(called('"rate(5 minutes)"'), called('"rate(10 minutes)"'), id="a rate"),
        pytest.param(called('"sun:10:00-sun:10:30"'), called('"mon:01:00-mon:02:00"'), id="when"),
        pytest.param(called('"cron(0 3 * * ? *)"'), called('"cron(0 4 ? * MON *)"'), id="cron"),
        pytest.param(called('"0 3 * * *"'), called('"*/5 3 * * MON"'), id="cron of Unix"),
        pytest.param(called('["10.0.0.0/16"]'), called('["::/0", "2001:db8::/32"]'), id="IPv6"),
        pytest.param(called("80"), called('"8000-9000"'), id="ports"),
        pytest.param(called('"90s"'), called('"1h30m"'), id="another duration"),
        pytest.param(called('"db.t3.small"'), called('"db.r6g.2xlarge"'), id="a machine"),
        pytest.param(
            called('{ a = "t3.small" }'), called('{ a = "c7gn.16xlarge" }'), id="in a map"
        ),
        pytest.param(
            called('"1.dkr.ecr.eu-west-1.amazonaws.com/a/b:1f2e"'),
            called('"public.ecr.aws/a/b@sha256:0a1b"'),
            id="an image",
        ),
        pytest.param(called("var.v", "1"), called("var.v", "2"), id="a default"),
        pytest.param(
            called("{ name = [var.v] }", AMI % 7), called("{ name = [var.v] }", AMI % 8), id="inner"
        ),
        pytest.param(
            called('merge({ version = "1.0" }, var.w)'),
            called('merge({ version = "1.1" }, var.w)'),
            id="a part of what is merged",
        ),
        pytest.param(called("var.w ? 1 : 2"), called("var.w ? 1 : 3"), id="in one case"),
        pytest.param(called("null"), called('{ chart_version = "v1.4.8" }'), id="settings"),
        pytest.param(called("{ min = 1, max_size = 2 }"), called("null"), id="no settings"),
    ],
)
def test_what_has_no_access(old: dict[str, str], new: dict[str, str]) -> None:
    assert not has_new_access(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(called('"info"'), called('"admin"'), id="a word"),
        pytest.param(called("false"), called("true"), id="a switch"),
        pytest.param(called("null"), called("{ min = 1, on = true }"), id="a switch in settings"),
        pytest.param(called("null"), called('{ min = 1, role = "a" }'), id="a role in settings"),
        pytest.param(called("null"), called("{}"), id="an object"),
        pytest.param(called("null"), called("{ a = { min = 1 } }"), id="what is made"),
        pytest.param(called("null"), called("[{ min = 1 }]"), id="one more of a list"),
        pytest.param(called('"t3.small"'), called('"t3.admin"'), id="a name like a machine"),
        pytest.param(
            called('"repo:a/b:ref:refs/heads/main"'),
            called('"repo:a/b:ref:refs/heads/x"'),
            id="a subject",
        ),
        pytest.param(called('"a.example.com/b"'), called('"a.example.com/c"'), id="an issuer"),
        pytest.param(called('"ec2.amazonaws.com"'), called('"s3.amazonaws.com"'), id="a service"),
        pytest.param(
            called('"oidc.eks.eu-west-1.amazonaws.com/id/A:sub"'),
            called('"oidc.eks.eu-west-1.amazonaws.com/id/B:sub"'),
            id="a condition key",
        ),
        pytest.param(called('"a:b"'), called('"a:c"'), id="an action"),
        pytest.param(called('"eu-west-1"'), called('"us-east-1"'), id="a region"),
        pytest.param(called('"*"'), called('"* *"'), id="a pattern"),
        pytest.param(called('"5m"'), called('"admin"'), id="a word for a duration"),
        pytest.param(called('"(123456789012)"'), called('"(123456789013)"'), id="an account"),
        pytest.param(called("var.v", READER), called("var.v", ADMIN), id="a policy by default"),
        pytest.param(called("var.v", "false"), called("var.v", "true"), id="a switch by default"),
        pytest.param(called("var.v"), called("var.w"), id="another variable"),
        pytest.param(
            called(f"merge({{ p = {READER} }}, var.w)"),
            called(f"merge({{ p = {ADMIN} }}, var.w)"),
            id="a policy in what is merged",
        ),
        pytest.param(called("var.w[0]"), called("var.w[1]"), id="another item"),
        pytest.param(
            called(f"var.w > 1 ? {ADMIN} : null"),
            called(f"var.w > 0 ? {ADMIN} : null"),
            id="in another case",
        ),
    ],
)
def test_what_may_have_access(old: dict[str, str], new: dict[str, str]) -> None:
    assert has_new_access(old, new)


def with_arguments(*arguments: str) -> dict[str, str]:
    """A module that is called with some arguments."""
    given = "\n".join(arguments)
    text = f'module "m" {{\n source = "example/app/aws"\n {given}\n}}\n'
    return {"main.tf": f'{text}variable "v" {{}}\nvariable "w" {{}}\n'}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('runtime = "python3.9"', 'runtime = "nodejs20.x"', id="a runtime"),
        pytest.param('handler = "a.b"', "", id="a handler that is gone"),
        pytest.param("", "lambda_layers = [var.v]", id="layers"),
        pytest.param(
            'compatible_runtimes = ["python3.9"]',
            'compatible_runtimes = ["python3.9", "go1.x"]',
            id="more runtimes",
        ),
        pytest.param('source_path = "a"', 'source_path = "${path.module}/b"', id="its code"),
        pytest.param('buildspec = "a.yml"', "buildspec = var.v", id="a build"),
        pytest.param("memory_size = 128", "memory_size = var.v", id="memory"),
        pytest.param("env_vars = { A = null }", "env_vars = { A = var.v }", id="environment"),
        pytest.param("", "environment_variables = { A = aws_iam_role.r.arn }", id="an address"),
        pytest.param('instance_type = "t3.small"', 'instance_type = "t3.large"', id="a machine"),
        pytest.param("instance_types = [var.v]", 'instance_types = ["m5.large"]', id="machines"),
        pytest.param(
            'worker_groups = [{ instance_type = "a", asg_max_size = 3, name = "n" }]',
            'worker_groups = [{ instance_type = "b", asg_max_size = 4, name = "n" }]',
            id="workers",
        ),
        pytest.param(
            'node_groups = { a = { labels = { x = "y" }, disk_size = 20 } }',
            "node_groups = { a = { taints = [var.v], disk_size = var.w } }",
            id="labels and disks of nodes",
        ),
        pytest.param("", 'policy_name_prefix = "${var.v}-irsa-"', id="how names begin"),
        pytest.param("enable_nat_gateway = true", "enable_nat_gateway = var.v", id="a gateway"),
        pytest.param("single_nat_gateway = false", "", id="one gateway"),
        pytest.param("", "vpc_config = { subnet_ids = var.v }", id="a network"),
        pytest.param(
            "network_interfaces = [{ associate_public_ip_address = false }]",
            "network_interfaces = [{ associate_public_ip_address = var.v }]",
            id="an interface",
        ),
        pytest.param('engine_version = "12."', 'engine_version = "12.5"', id="a version"),
        pytest.param("storage_encrypted = true", "storage_encrypted = false", id="encryption"),
        pytest.param(
            'maintenance_window = "sun:10:00-sun:10:30"',
            'maintenance_window = "sun:01:00-sun:01:30"',
            id="a time",
        ),
        pytest.param("", "enable_bucket_random_suffix = true", id="a part of its name"),
        pytest.param(
            "deletion_protection = true", "deletion_protection_enabled = false", id="kept"
        ),
        pytest.param(
            "alb_ingress_sg_rules = var.v",
            'alb_ingress_sg_rules = [{ description = "a", protocol = "tcp" }]',
            id="rules of a network",
        ),
        pytest.param('engine = "mysql"', 'engine = "postgres"', id="an engine"),
        pytest.param("schedule = var.v", "schedule = var.w", id="when"),
        pytest.param("", "count = var.v ? 1 : 0", id="fewer cases"),
        pytest.param("count = 1", "count = var.v", id="fewer cases than one"),
        pytest.param("x = var.v ? [1] : null", "x = var.v ? [1] : []", id="nothing"),
        pytest.param("", f"environment_variables = {{ A = {ADMIN} }}", id="what one names"),
        pytest.param('key_owners = [""]', "key_owners = []", id="nothing in a list"),
        pytest.param('principals = ""', "principals = []", id="nothing as a text"),
        pytest.param("dependence_x = var.v", "dependence_x = var.w", id="an order"),
    ],
)
def test_arguments_without_access(old: str, new: str) -> None:
    assert not has_new_access(with_arguments(old), with_arguments(new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('policy = "a"', 'policy = "b"', id="a policy"),
        pytest.param("policy_arns = [var.v]", "policy_arns = [var.w]", id="policies"),
        pytest.param("tag_access = var.v", "tag_access = var.w", id="whom a tag gives access"),
        pytest.param("role_arn = var.v", "role_arn = var.w", id="a role"),
        pytest.param("principals = [var.v]", "principals = [var.v, var.w]", id="principals"),
        pytest.param('actions = ["a:B"]', 'actions = ["a:C"]', id="actions"),
        pytest.param('permissions = "read"', 'permissions = "write"', id="permissions"),
        pytest.param("", "grants = var.v", id="grants"),
        pytest.param("", "trusted_accounts = [var.v]", id="trust"),
        pytest.param("", "publicly_accessible = true", id="public"),
        pytest.param('acl = "private"', 'acl = "public-read"', id="an ACL"),
        pytest.param("", "iam_role_additional_policies = var.v", id="more policies"),
        pytest.param('role_name = "a"', 'role_name = "b"', id="a role by name"),
        pytest.param("", 'node_iam_role_name = "nodes"', id="a role of nodes that may be there"),
        pytest.param("", 'bucket_name_prefix = "a"', id="a part of an ARN"),
        pytest.param("", 'policy_name_prefix = "*"', id="a pattern"),
        pytest.param("", "role_environment = var.v", id="words of both"),
        pytest.param(
            'user_arns = { image = "a" }', 'user_arns = { image = "b" }', id="a key in a map"
        ),
        pytest.param(
            'nodes = { a = { iam = { image = "a" } } }',
            'nodes = { a = { iam = { image = "b" } } }',
            id="a key in a map that is in another",
        ),
        pytest.param(
            'node_groups = { a = { iam_role_arn = "a" } }',
            'node_groups = { a = { iam_role_arn = "b" } }',
            id="a role of nodes",
        ),
        pytest.param("", f"environment = {{ A = {ADMIN} }}", id="a policy in what may be any"),
        pytest.param("", f"role_env_vars = {{ A = {ADMIN} }}", id="variables of a role"),
        pytest.param("", "lifecycle_policy = var.v", id="a policy of any kind"),
        pytest.param("", "ingress_role_rules_arn = var.v", id="a role of an ingress"),
        pytest.param("admin_schedule = var.v", "admin_schedule = var.w", id="of an administrator"),
        pytest.param('policy_arn = ""', "", id="a default for nothing"),
        pytest.param('policy_arn = ""', "policy_arn = null", id="null for nothing"),
        pytest.param('principals = [""]', 'principals = ["*"]', id="something for nothing"),
        pytest.param("trusted_vpc_id = var.v", "trusted_vpc_id = var.w", id="a network as source"),
        pytest.param("count = var.v ? 1 : 0", "", id="more cases"),
        pytest.param("count = 0", "count = 1", id="a module that is there now"),
        pytest.param("count = var.v ? 1 : 0", "count = 1", id="always"),
        pytest.param("count = var.v ? 1 : 0", "count = var.w ? 1 : 0", id="other cases"),
    ],
)
def test_arguments_that_may_have_access(old: str, new: str) -> None:
    assert has_new_access(with_arguments(old), with_arguments(new))


def test_what_is_written_alike_is_shown_as_what_it_comes_to() -> None:
    texts = (called("local.x[var.w]") for _ in "ab")
    sides = [
        {"main.tf": text["main.tf"] + f'locals {{\n x = {{ a = "{value}" }}\n}}\n'}
        for text, value in zip(texts, "yz", strict=True)
    ]
    assert ["y" in reason and "z" in reason for reason in reasons(*sides)] == [True]


def versioned(version: str, source: str = "git::https://example.com/m.git") -> dict[str, str]:
    """A module of a version, whose output a policy has."""
    statement = '{ Effect = "Allow", Action = "s3:*", Resource = module.m.arn }'
    policy = f"jsonencode({{ Statement = [{statement}] }})"
    role = f'resource "aws_iam_role_policy" "p" {{\n role = "r"\n policy = {policy}\n}}\n'
    return {"main.tf": f'module "m" {{\n source = "{source}{version}"\n}}\n{role}'}


def test_another_version_of_a_module_is_said_of_its_call_only() -> None:
    [reason] = reasons(versioned("?ref=v1"), versioned("?ref=v2"))
    assert reason.startswith("source: ")
    assert not gained(versioned("?ref=v1"), versioned("?ref=v2"))
    assert has_new_access(versioned("?ref=v1"), versioned("?ref=v1", "git::https://example.com/n"))


def elsewhere(source: str, given: str) -> dict[str, str]:
    return {"main.tf": f'module "m" {{\n source = "{source}"\n users = {given}\n}}\n'}


@pytest.mark.parametrize(
    ("source", "may_be_of_aws"),
    [
        ("example/app/aws", True),
        ("example/google/aws", True),
        ("example/app/kubernetes", True),
        ("Azure/aks/azurerm", False),
        ("app.terraform.io/example/app/google//modules/one", False),
        ("tfr:///example/app/google?version=1.0.0", False),
        ("./example/app/google", True),
        ("git::https://example.com/terraform-azurerm-aks.git//one?ref=v1", False),
        ("git::https://example.com/terraform-aws-google.git", True),
    ],
)
def test_a_module_of_another_cloud_has_no_access(source: str, *, may_be_of_aws: bool) -> None:
    sides = (elsewhere(source, given) for given in ("[]", '["a"]'))
    assert has_new_access(*sides) is may_be_of_aws
    assert has_new_access({}, elsewhere(source, "[]")) is may_be_of_aws
    # What it is given may be for AWS after all.
    assert has_new_access({}, elsewhere(source, "[data.aws_iam_user.u.arn]"))
    assert has_new_access(elsewhere("Azure/aks/azurerm", "[]"), elsewhere("a/b/aws", "[]"))
