"""Arguments of a module that is not in the tree: which changes may be new access."""

import pytest
from support.modules import has_new_access

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
    ],
)
def test_what_has_no_access(old: dict[str, str], new: dict[str, str]) -> None:
    assert not has_new_access(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(called('"info"'), called('"admin"'), id="a word"),
        pytest.param(called("false"), called("true"), id="a switch"),
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
