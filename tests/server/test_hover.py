from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

types = pytest.importorskip("lsprotocol.types")

if TYPE_CHECKING:
    from support.editor import Editor

POLICY = """\
{"Version": "2012-10-17", "Statement": [
  {"Sid": "Read", "Effect": "Allow", "Action": ["s3:Get*", "iam:PassRole", "ecs:RunTask"],
   "Resource": ["arn:aws:s3:::logs/*"],
   "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:CalledVia": "x"}}}
]}
"""
ROLE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
      AssumeRolePolicyDocument:
        Statement:
        - Effect: Allow
          Principal: {AWS: "arn:aws:iam::111122223333:role/deploy", Service: ec2.amazonaws.com}
          Action: sts:AssumeRole
"""
HOVERS = {
    "s3:Get*": "*Read*: `s3:GetAccelerateConfiguration`",
    "iam:PassRole": "access level: Write (AWS), Permissions management (policy-sentry)",
    "ecs:RunTask": "needs as well:\n    iam:PassRole",
    "RunTask": "[API operation](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html)",
    "arn:aws:s3": "s3 object: arn:${Partition}:s3:::${BucketName}/${ObjectName}",
    "ForAnyValue": "At least one value of the request must match.",
    "aws:CalledVia": "a request can have several values",
    "Effect": "A Deny wins over every Allow.",
    "Allow": "Allows what no other statement denies.",
    "Condition": "all operators and keys must match",
    "policy/AmazonS3": "version v",
    "Principal": "Who is allowed or denied",
    "Service": "AWS services, by service principals",
    "role/deploy": "The role deploy in the account 111122223333.",
    "ec2.amazonaws": "A service principal of AWS.",
}


def hover(editor: Editor, name: str, text: str, what: str) -> str:
    before = text[: text.index(what) + 1]
    at = types.Position(before.count("\n"), len(before) - before.rfind("\n") - 1)
    found = editor.ask("textDocument/hover", types.HoverParams(editor.document(name), at))
    return found.contents.value if found else ""


@pytest.mark.parametrize("what", HOVERS)
def test_what_is_known_appears(editor: Editor, what: str) -> None:
    name, text = ("hover.json", POLICY) if what in POLICY else ("hover.yaml", ROLE)
    editor.open(name, text)
    assert HOVERS[what] in hover(editor, name, text, what)


def test_arguments_of_terraform_have_hovers(editor: Editor) -> None:
    text = 'data "aws_iam_policy_document" "a" {\n statement {\n condition {\n test = "Bool"\n}}}\n'
    editor.open("hover.tf", text)
    assert "The condition operator." in hover(editor, "hover.tf", text, "test =")


def test_a_text_that_does_not_parse_has_hovers(editor: Editor) -> None:
    text = POLICY.replace("}}}\n]}", "")
    editor.open("broken.json", text)
    assert "needs as well" in hover(editor, "broken.json", text, "ecs:RunTask")


def test_wildcards_have_hints(editor: Editor) -> None:
    editor.open("hints.json", POLICY)
    range_ = types.Range(types.Position(0, 0), types.Position(9, 0))
    params = types.InlayHintParams(editor.document("hints.json"), range_)
    [hint] = editor.ask("textDocument/inlayHint", params)
    assert hint.label.endswith("actions (63 Read)")
    assert hint.position == types.Position(1, 57)


def test_statements_have_lenses(editor: Editor) -> None:
    editor.open("lens.json", POLICY)
    params = types.CodeLensParams(editor.document("lens.json"))
    titles = [lens.command.title for lens in editor.ask("textDocument/codeLens", params)]
    assert "grants 65 actions in 3 services" in titles


def test_links_lead_to_pages_of_aws(editor: Editor) -> None:
    editor.open("links.yaml", ROLE)
    params = types.DocumentLinkParams(editor.document("links.yaml"))
    pages = [link.target for link in editor.ask("textDocument/documentLink", params)]
    start = "https://docs.aws.amazon.com/"
    reference = f"{start}service-authorization/latest/reference/list_awssecuritytokenservice.html"
    assert pages == [
        f"{reference}#awssecuritytokenservice-AssumeRole",
        f"{start}aws-managed-policy/latest/reference/AmazonS3ReadOnlyAccess.html",
    ]


def test_policies_and_statements_are_symbols(editor: Editor) -> None:
    editor.open("symbols.json", POLICY)
    params = types.DocumentSymbolParams(editor.document("symbols.json"))
    [policy] = editor.ask("textDocument/documentSymbol", params)
    assert [statement.name for statement in policy.children] == ["Read"]
    assert policy.children[0].detail == "Allow s3:Get*, iam:PassRole"


def test_completions_are_described_when_asked(editor: Editor) -> None:
    item = types.CompletionItem("s3:GetObject", data={"kind": "ACTION", "about": ""})
    assert "access level: Read" in editor.ask("completionItem/resolve", item).documentation.value


def test_an_edit_that_adds_access_has_a_hint(editor: Editor) -> None:
    editor.open("committed.json", POLICY)
    after = POLICY.replace("arn:aws:s3:::logs/*", "*")
    found = editor.change("committed.json", after)
    assert "new-access" not in [one.code for one in found]
    hints = [one for one in editor.next("committed.json") if one.code == "new-access"]
    assert any("This edit adds iam:PassRole, " in hint.message for hint in hints)
    assert all(" on * if " in hint.message and hint.range.start.line == 1 for hint in hints)
