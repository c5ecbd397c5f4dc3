"""The tools of the server for assistants, called by the official client."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.interop import interop

if TYPE_CHECKING:
    from collections.abc import Iterator

mcp = interop("mcp")
anyio = interop("anyio")

from multitool_lint.cli.commands.mcp import TextAnswers, forget  # noqa: E402 - after the skip
from multitool_lint.mcp_server.program import server_of  # noqa: E402

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:GetObject", "S3:GetObject"], "Resource": "*"}
        ],
    }
)
ROLES = """\
locals {
  actions = ["s3:GetObject"]
}
"""
MAIN = """\
module "app" {
  source  = "./modules/role"
  actions = local.actions
}
"""
MODULE = """\
variable "actions" {}
resource "aws_iam_role" "this" {
  name               = "app"
  assume_role_policy = file("${path.module}/trust.json")
}
resource "aws_iam_role_policy" "this" {
  role   = aws_iam_role.this.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = var.actions, Resource = "*" }]
  })
}
"""
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
FILES = {
    "main.tf": MAIN,
    "locals.tf": ROLES,
    "modules/role/main.tf": MODULE,
    "modules/role/trust.json": TRUST,
}
TEMPLATE = "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n"


ASKED: list[tuple[str, dict[str, Any]]] = [
    ("check", {"text": POLICY}),
    ("fix", {"text": POLICY}),
    ("diff", {"old": POLICY, "new": POLICY}),
    ("can", {"files": [{"name": "p.json", "text": POLICY}], "action": "s3:GetObject"}),
    ("needs", {"text": TEMPLATE, "name": "t.yaml"}),
    ("query", {"names": ["s3:GetObject"]}),
]
"""A call of each tool, in the order in which the server lists them."""


def given(files: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "text": text} for name, text in files.items()]


def call(tool: str, **arguments: Any) -> Any:  # noqa: ANN401 - of the protocol
    async def ask() -> Any:  # noqa: ANN401
        async with mcp.Client(server_of(TextAnswers(), forget)) as client:
            return await client.call_tool(tool, arguments)

    return anyio.run(ask)


def answered(tool: str, **arguments: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401
    result = call(tool, **arguments)
    assert not result.is_error, result.content[0].text
    return result.content[0].text, result.structured_content


def refused(tool: str, **arguments: Any) -> str:  # noqa: ANN401
    result = call(tool, **arguments)
    assert result.is_error
    text: str = result.content[0].text
    assert "Traceback" not in text
    return text


def test_check_and_fix() -> None:
    text, data = answered("check", text=POLICY)
    assert "<policy>:1:" in text
    assert {"redundant-action", "data-exposure"} <= {f["rule"] for f in data["findings"]}
    text, data = answered("fix", text=POLICY, name="policies/app.json")
    assert json.loads(data["text"])["Statement"][0]["Action"] == ["s3:GetObject"]
    assert data["text"] in text
    assert [one["rule"] for one in data["applied"]] == ["redundant-action"]
    assert [f["rule"] for f in data["remaining"]["findings"]] == ["data-exposure"]


def test_diff() -> None:
    text, data = answered("diff", old=POLICY, new=POLICY.replace("S3:GetObject", "s3:PutObject"))
    assert "adds access" in text
    [compared] = data["comparisons"]
    assert compared["gained"][0]["actions"]["s3"] == {"Write": ["s3:PutObject"]}
    text, data = answered("diff", old=MODULE, new=MODULE.replace('"Allow"', '"Deny"'), name="a.tf")
    assert data["comparisons"][0]["policy"]
    text, _ = answered("diff", old=TEMPLATE, new=TEMPLATE, name="t.yaml")
    assert "unchanged" in text


def test_can() -> None:
    text, data = answered("can", files=given({"p.json": POLICY}), action="s3:GetObject")
    assert data["answer"] == "yes"
    assert "p.json:1:" in text
    asked = {"files": given(FILES), "identity": "app"}
    assert answered("can", action="s3:GetObject", **asked)[1]["answer"] == "yes"
    assert answered("can", action="s3:PutObject", **asked)[1]["answer"] == "no"
    _, data = answered("can", files=given({**FILES, "p.json": POLICY}), action="s3:GetObject")
    assert len(data["identities"]) == 2


def test_needs_and_query() -> None:
    text, data = answered("needs", text=TEMPLATE, name="t.yaml", operations=["delete"])
    assert "sqs:DeleteQueue" in text
    assert data["complete"]
    text, data = answered("query", names=["s3:GetObject", "s3:GetObjekt"])
    assert data["actions"][0]["access_level"] == "Read"
    assert "did you mean s3:GetObject" in text


@pytest.mark.parametrize(
    ("tool", "arguments", "why"),
    [
        ("check", {"text": "{}"}, "no policy"),
        ("check", {"text": POLICY, "name": "/etc/passwd"}, "not a relative path"),
        ("check", {"text": POLICY, "name": "../p.json"}, "not a relative path"),
        ("check", {"text": POLICY, "name": ""}, "not a relative path"),
        ("check", {"text": f"{POLICY}\0"}, "binary"),
        ("check", {"text": POLICY, "type": "x"}, "'identity'"),
        ("check", {}, "text"),
        ("check", {"text": POLICY, "others": given({"<policy>": ""})}, "two files"),
        ("check", {"text": POLICY, "others": given({f"{n}": "" for n in range(1001)})}, "at most"),
        ("diff", {"old": "{", "new": POLICY}, "not closed"),
        ("can", {"files": [], "action": "s3:GetObject"}, "files"),
        ("can", {"files": given({"p.json": POLICY}), "action": "s3:X"}, "not an action"),
        ("can", {"files": given(FILES), "action": "s3:GetObject", "identity": "x"}, "no identity"),
        ("needs", {"text": POLICY}, "not a plan"),
        ("needs", {"text": "{", "name": "plan.json"}, "not closed"),
        ("query", {"names": []}, "names"),
    ],
)
def test_what_cannot_be_answered_is_said(tool: str, arguments: dict[str, Any], why: str) -> None:
    assert why in refused(tool, **arguments)


OPENED: list[str] = []
_EVENTS = ("open", "os.listdir", "os.scandir")
_HOOKED: list[bool] = []


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    if _HOOKED[-1] and event in _EVENTS and isinstance(arguments[0], str | bytes | Path):
        OPENED.append(str(arguments[0]))


@contextmanager
def recorded() -> Iterator[list[str]]:
    """What is opened and listed, but for the files of Python and of this package."""
    if not _HOOKED:
        _HOOKED.append(False)
        sys.addaudithook(_record)
    OPENED.clear()
    own = (sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]))
    found: list[str] = []
    _HOOKED[-1] = True
    try:
        yield found
    finally:
        _HOOKED[-1] = False
        found += (path for path in OPENED if not path.startswith(own))


SECRET = json.dumps({"Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}})
BROKEN = 'resource "aws_iam_policy" "a" {\n  policy = file("secret.json")\n'
READING = {
    "main.tf": 'resource "aws_iam_policy" "a" {\n  policy = file("/etc/passwd")\n}\n'
    'resource "aws_iam_policy" "b" {\n  policy = file("../secret.json")\n}\n'
    'resource "aws_iam_policy" "c" {\n  policy = templatefile("secret.json", {})\n}\n'
    'resource "aws_iam_policy" "d" {\n  policy = data.aws_iam_policy_document.other.json\n}\n'
    'module "m" {\n  source = "../m"\n}\n%{ if x }%{ endif }',
    "main.tf.json": json.dumps(
        {"resource": {"aws_iam_policy": {"a": {"policy": '${file("secret.json")}'}}}}
    ),
    "policy.json.tftpl": '{"Statement": [${file("secret.json")} %{ if x },%{ endif }]}',
    "template.yaml": "Resources:\n  A:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
    "      TemplateURL: secret.json\n  P:\n    Type: AWS::IAM::Policy\n    Properties:\n"
    "      PolicyDocument: ${file(secret.json)}\n",
    "serverless.yml": "provider:\n  iam:\n    role:\n      statements: ${file(secret.json)}\n",
    "deploy.sh": "aws iam create-policy --policy-name a --policy-document file://secret.json\n",
    "README.md": f"```hcl\n{BROKEN}}}\n```\n",
    "broken.tf": BROKEN,
    "terragrunt.hcl": "include {\n  path = find_in_parent_folders()\n}\n"
    'terraform {\n  source = "../m"\n}\n',
}


@pytest.mark.parametrize("name", READING)
def test_no_file_of_the_machine_is_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    for place in (folder, tmp_path):
        (place / "secret.json").write_text(SECRET, encoding="utf-8")
        (place / "other.tf").write_text(
            'data "aws_iam_policy_document" "other" {\n  statement {\n    actions = ["iam:*"]\n'
            '    resources = ["*"]\n  }\n}\n',
            encoding="utf-8",
        )
    monkeypatch.chdir(folder)
    text = READING[name]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("check", {"text": text, "name": name}),
        ("fix", {"text": text, "name": name}),
        ("diff", {"old": text, "new": f"{text}\n", "name": name}),
        ("can", {"files": given({name: text}), "action": "iam:CreateUser"}),
        ("needs", {"text": text, "name": name}),
    ]
    for tool, arguments in calls:
        with recorded() as opened:
            result = call(tool, **arguments)
        assert opened == [], tool
        assert "iam:*" not in result.content[0].text
        assert "AttachUserPolicy" not in result.content[0].text


def test_the_documented_configuration_serves_on_standard_input_and_output() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "assistants.md").read_text(encoding="utf-8")
    configuration = json.loads(page.split('.mcp.json"\n')[1].split("```")[0])
    documented = configuration["mcpServers"]["multitool-lint"]
    assert documented["command"] == "multitool-lint"
    arguments = ["-m", "multitool_lint", *documented["args"]]

    async def ask() -> Any:  # noqa: ANN401 - of the protocol
        from mcp.client.stdio import StdioServerParameters, stdio_client

        command = StdioServerParameters(command=sys.executable, args=arguments)
        async with mcp.Client(stdio_client(command)) as client:
            tools = await client.list_tools()
            return tools.tools, [await client.call_tool(*asked) for asked in ASKED]

    tools, results = anyio.run(ask)
    assert [tool.name for tool in tools] == [name for name, _ in ASKED]
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools)
    for result in results:
        assert not result.is_error
        assert result.content[0].text
        assert result.structured_content["version"] == 1


def test_a_run_without_it_imports_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(POLICY, encoding="utf-8")
    code = (
        "import sys; from multitool_lint.cli import main; main(['p.json']); "
        "sys.exit(any(n.partition('.')[0] in ('mcp', 'pydantic', 'anyio') for n in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=False, capture_output=True
    )
    assert done.returncode == 0
