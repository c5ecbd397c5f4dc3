"""Named texts that are in no file, such as those in an editor."""

import json
from pathlib import Path

from multitool_lint import Decision, Source, diff, evaluate, expand, fix, lint, lint_many, tighten

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["sqs:Send*"], "Resource": "*"}],
    }
)
ROLE_POLICY = """\
resource "aws_iam_role_policy" "app" {{
  role   = "app"
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "{}", Resource = "*" }}]
  }})
}}
"""
MODULE = """\
variable "actions" {}
resource "aws_iam_role_policy" "this" {
  role   = "app"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = var.actions, Resource = "*" }]
  })
}
"""
CALL = ROLE_POLICY.format("sqs:SendMessage").replace("{", "{{").replace("}", "}}") + (
    'module "app" {{\n  source  = "./app"\n  actions = ["{}"]\n}}\n'
)


def test_a_text_is_treated_as_the_file_of_its_path() -> None:
    source = Source("main.tf", ROLE_POLICY.format("s3:*"))
    [finding] = lint(source, select=["full-service-access"])
    assert finding.source == source
    [linted] = lint_many([source], select=["full-service-access"])
    assert (linted.policy, linted.findings) == (source, [finding])
    typo = Source("main.tf", ROLE_POLICY.format("sqs:SendMessge"))
    fixed = fix(typo, select=["unknown-action"], unsafe=True)
    assert fixed == typo.text.replace("Messge", "Message")


def test_texts_are_rewritten_and_compared() -> None:
    one, two = (Source("main.tf", ROLE_POLICY.format(text)) for text in ("sqs:Send*", "sqs:*"))
    assert expand(one).policy == one.text.replace("Send*", "SendMessage")
    assert tighten(two, used=["sqs:SendMessage"]).policy == two.text.replace("*", "SendMessage", 1)
    assert not diff(one, one)
    [gained] = diff(one, two).gained
    assert "sqs:DeleteQueue" in gained.action_names
    policy = Source("policy.json", POLICY)
    assert evaluate("sqs:SendMessage", identity=policy).decision is Decision.ALLOWED
    assert evaluate("sqs:DeleteQueue", identity=[policy]).decision is Decision.IMPLICITLY_DENIED


def test_a_text_counts_before_the_file_and_other_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.tf").write_text(MODULE, encoding="utf-8")
    path = tmp_path / "main.tf"
    path.write_text(CALL.format("s3:GetObject"), encoding="utf-8")
    select = ["full-service-access"]
    assert lint(path, select=select) == []
    for place in (path, tmp_path / "new.tf"):
        [finding] = lint(Source(str(place), CALL.format("s3:*")), select=select)
        assert finding.source.part(finding.span) == '"s3:*"'
    assert lint(path, select=select) == []
    path.write_text(CALL.format("s3:*"), encoding="utf-8")
    assert lint(Source(str(path), CALL.format("s3:GetObject")), select=select) == []
    assert len(lint(path, select=select)) == 1
