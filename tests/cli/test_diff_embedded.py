"""Access that is in texts: manifests and values in Terraform, blocks of pages, maps of clusters."""

import pytest
from support.git_repository import NARROW, WIDE
from support.staged_files import code

pytestmark = pytest.mark.usefixtures("repository")
MANIFEST = "kind: Policy\nmetadata: {name: a}\nspec: {forProvider: {policy: '%s'}}\n"
VALUES = "role:\n  policy:\n    Statement:\n    - {Effect: Allow, Action: '%s', Resource: '*'}\n"
AUTH = "kind: ConfigMap\nmetadata: {name: aws-auth}\ndata:\n  mapRoles: |\n    - groups: [%s]\n"
SERVERLESS = "service: a\nprovider: {name: aws}\nresources:\n  Resources:\n    A:\n      Type: %s\n"


def attribute(type_: str, name: str, text: str) -> str:
    return f'resource "{type_}" "a" {{\n  {name} = <<EOT\n{text}EOT\n}}\n'


def page(*policies: str) -> str:
    return "".join(f"# Title\n\n```json\n{policy}\n```\n" for policy in policies)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (
            "m.tf",
            *(attribute("kubectl_manifest", "yaml_body", MANIFEST % p) for p in (NARROW, WIDE)),
        ),
        ("m.tf", *(attribute("helm_release", "values", VALUES % a) for a in ("s3:GetObject", "*"))),
        ("auth.yaml", AUTH % "dev", AUTH % "system:masters"),
        (
            "serverless.yml",
            SERVERLESS % "AWS::SQS::Queue",
            SERVERLESS % "AWS::RAM::ResourceShare\n      Properties: {Principals: [a]}",
        ),
        ("page.md", page(NARROW), page(NARROW, WIDE)),
        (
            "users.json",
            *({"UserDetailList": [{"GroupList": [group]}]} for group in ("dev", "admin")),
        ),
    ],
)
def test_new_access_stops(name: str, old: object, new: object) -> None:
    assert code({name: old}, {name: new}) == 1


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (
            "m.tf",
            attribute("kubectl_manifest", "yaml_body", MANIFEST % WIDE),
            attribute("kubectl_manifest", "yaml_body", "# a\n" + MANIFEST % WIDE),
        ),
        ("page.md", page(NARROW, WIDE), page(WIDE, NARROW)),
        ("page.md", page(NARROW, WIDE), page("{}", WIDE, NARROW)),
        ("page.md", page(NARROW, WIDE), page(WIDE)),
        ("auth.yaml", AUTH % "dev", "# a\n" + AUTH % "dev"),
    ],
)
def test_harmless_changes_pass(name: str, old: str, new: str) -> None:
    assert code({name: old}, {name: new}) == 0
