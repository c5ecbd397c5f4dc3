"""`diff` compares the files that a template or Terraform names together with it."""

import shutil
from pathlib import Path

import pytest
from support.compared_files import DATED, READ, STATEMENT, code, encoded, resource

Output = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("s3:GetObject", "s3:GetObject", 0),
        ("s3:*", "s3:GetObject", 0),
        ("s3:GetObject", "s3:PutObject", 1),
        ("s3:GetObject", None, 1),
        (None, None, 1),
        (None, "s3:GetObject", 1),
    ],
)
@pytest.mark.parametrize("kind", ["main.tf", "template.yaml", "serverless.yml"])
def test_files_that_are_named_are_compared(
    kind: str, old: str | None, new: str | None, expected: int, capsys: Output
) -> None:
    """Each version of a file with the version of the file that it names."""
    name, text, other = NAMING[kind]
    for folder, action in (("old", old), ("new", new)):
        Path(folder).mkdir()
        if action:
            Path(folder, name).write_text(other.replace("ACTION", action), encoding="utf-8")
    if old is new:
        expected = 0  # what is not known, and is equal, is equal
    assert code(kind, text, text) == expected
    if expected and None in (old, new):
        assert capsys.readouterr().out.startswith("stopped: 1 ")


STACK = "Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: NAME}"
MANAGED = f"Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {DATED}}}"
NAMING = {
    "main.tf": ("own.json", resource('file("own.json")', "b"), DATED),
    "template.yaml": (
        "own.yaml",
        f"Resources: {{S: {{{STACK.replace('NAME', 'own.yaml')}}}}}",
        f"Resources: {{P: {{{MANAGED}}}}}",
    ),
    "serverless.yml": (
        "own.json",
        "service: a\nprovider: {name: aws, iamRoleStatements: ['${file(own.json)}']}\n",
        STATEMENT,
    ),
}
"""By the name of a file: the file that it names, and their texts."""


def stack(properties: str, more: str = "") -> str:
    return (
        "Parameters: {Who: {Type: String}}\nConditions: {C: !Equals [!Ref Who, a]}\nResources:\n"
        f"  S: {{Type: AWS::CloudFormation::Stack, Properties: {{{properties}}}{more}}}\n"
    )


def test_what_decides_about_a_nested_stack_is_compared(capsys: Output) -> None:
    child = f"Parameters: {{P: {{Type: String}}}}\nResources: {{P: {{{MANAGED}}}}}"
    child = child.replace('"Resource": "*"', '"Resource": !Ref P').replace("ACTION", "s3:*")
    for folder in ("old", "new"):
        Path(folder).mkdir()
        Path(folder, "a.yaml").write_text(child, encoding="utf-8")
        Path(folder, "b.yaml").write_text(child.replace("s3:*", "s3:Get*"), encoding="utf-8")

    def of(name: str, value: str = '"arn:aws:s3:::b/*"') -> str:
        return f"TemplateURL: {name}, Parameters: {{P: {value}}}"

    base = stack(of("b.yaml"))
    for old, new, expected in (
        (base, base, 0),
        (base, stack(of("a.yaml")), 1),
        (stack(of("a.yaml")), base, 0),
        (base, stack(of("b.yaml", '"*"')), 1),
        (base, stack(of("b.yaml", "!Ref Who")), 1),
        (stack(of("b.yaml", "!Ref Who")), stack(of("b.yaml", "!Ref Who")), 0),
        (base, stack(of("b.yaml"), ", Condition: C"), 0),
        (stack(of("b.yaml"), ", Condition: C"), base, 1),
    ):
        assert code("t.yaml", old, new) == expected, new
    capsys.readouterr()


@pytest.mark.parametrize(
    "address",
    [
        "${Who}own.yaml",
        "https://${Who}.s3.amazonaws.com/stacks/own.yaml",
        "https://bucket.s3.amazonaws.com/v1/stacks/own.yaml",
    ],
)
def test_a_nested_stack_of_which_the_end_of_the_address_is_a_file(
    address: str, capsys: Output
) -> None:
    child = f"Parameters: {{P: {{Type: String}}}}\nResources: {{P: {{{MANAGED}}}}}"
    child = child.replace('"Resource": "*"', '"Resource": !Ref P').replace("ACTION", "s3:*")
    name = "stacks/own.yaml" if "stacks" in address else "own.yaml"
    for folder in ("old", "new"):
        Path(folder, "stacks").mkdir(parents=True)
        Path(folder, name).write_text(child, encoding="utf-8")
    named = f'TemplateURL: !Sub "{address}", Parameters: {{P: VALUE}}'
    narrow, wide = (stack(named.replace("VALUE", value)) for value in ('"arn:aws:s3:::b/*"', '"*"'))
    for old, new, expected in ((narrow, narrow, 0), (narrow, wide, 1), (wide, narrow, 0)):
        assert code("t.yaml", old, new) == expected, new
        out = capsys.readouterr().out
        assert not expected or "S.P" in out


def test_a_file_of_another_policy_is_compared() -> None:
    for folder in ("old", "new"):
        Path(folder).mkdir()
        for name, action in (("a.json", "s3:*"), ("b.json", "s3:GetObject")):
            text = DATED.replace("ACTION", action)
            Path(folder, name).write_text(text, encoding="utf-8")
    both = [resource(f'file("{name}.json")', name) for name in "ab"]
    swapped = [resource(f'file("{name}.json")', other) for name, other in ("ba", "ab")]
    assert code("main.tf", "".join(both), "".join(both)) == 0
    assert code("main.tf", "".join(both), "".join(swapped)) == 1
    inline = resource(encoded(READ), "a")
    assert code("main.tf", inline, resource('file("b.json")')) == 0
    assert code("main.tf", inline, resource('file("a.json")')) == 1
    for other in ('templatefile("b.json", {})', 'var.x ? file("b.json") : file("a.json")'):
        assert code("main.tf", resource(other), resource(other)) == 0


def test_another_stack_of_the_same_file_is_new() -> None:
    stacks = [f"{name}: {{{STACK.replace('NAME', 'own.yaml')}}}" for name in "ST"]
    child = f"Resources: {{P: {{{MANAGED}}}}}".replace("ACTION", "s3:*")
    for folder in ("old", "new"):
        Path(folder).mkdir()
        Path(folder, "own.yaml").write_text(child, encoding="utf-8")
    both = f"Resources: {{{', '.join(stacks)}}}"
    assert code("t.yaml", both, both) == 0
    assert code("t.yaml", f"Resources: {{{stacks[0]}}}", both) == 1


def test_files_that_name_each_other_are_read_once() -> None:
    text = f"Resources: {{S: {{{STACK}}}, P: {{{MANAGED}}}}}"
    for folder, action in (("old", "s3:GetObject"), ("new", "s3:*")):
        Path(folder).mkdir()
        inner = text.replace("NAME", "a.yaml").replace("ACTION", action)
        Path(folder, "b.yaml").write_text(inner, encoding="utf-8")
    both = [text.replace("NAME", "b.yaml").replace("ACTION", "s3:GetObject")] * 2
    assert code("a.yaml", *both) == 1
    shutil.copy("old/b.yaml", "new/b.yaml")
    assert code("a.yaml", *both) == 0


def test_the_lines_and_documents_of_a_file_are_known_by_content() -> None:
    one, two = (DATED.replace("ACTION", action) for action in ("s3:GetObject", "sqs:*"))
    assert code("a.jsonl", f"{one}\n{two}\n", f"{two}\n{one}\n") == 0
    assert code("a.jsonl", f"{one}\n", f"{two}\n{one}\n") == 1
    assert code("a.yaml", f"{one}\n---\n{two}\n", f"{two}\n---\n{one}\n") == 0
