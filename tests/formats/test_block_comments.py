"""Comments in scripts and documentation that suppress the findings of the block after them."""

import pytest

from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.report import Report
from multitool_lint.linter.settings import FileSettings
from multitool_lint.syntax.source import Source

POLICY = (
    '{"Version": "2012-10-17", "Statement": '
    '[{"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "arn:aws:s3:::b/*"}]}'
)
IGNORE = "multitool-lint: ignore[unknown-action] shown"
HERE = f"cat > p.json <<'EOF'\n{POLICY}\nEOF\n"
ARGUMENT = f"aws iam put-role-policy --policy-document '{POLICY}'\n"
LINES = f"aws iam put-role-policy \\\n  --role-name r \\\n  --policy-document '{POLICY}'\n"
COMMAND = (
    "aws lambda add-permission --action lambda:InvokeFunktion \\\n  --principal 123456789012\n"
)
ASCIIDOC = f"[source,json]\n----\n{POLICY}\n----\n"
RST = f".. code-block:: json\n   :linenos:\n\n   {POLICY}\n\n"
RST_IN_ITEM = RST.replace("\n", "\n  ")


def lint(path: str, text: str) -> Report:
    return lint_with_settings(Source(path, text), FileSettings(enabled=rules()))


def outcome(report: Report) -> tuple[list[str], list[str]]:
    rules_ = ("unknown-action", "unused-ignore", "invalid-ignore-comment")
    return (
        [finding.rule for finding in report.findings if finding.rule in rules_],
        [hidden.finding.rule for hidden in report.suppressed],
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.sh", f"# {IGNORE}\n{HERE}"),
        ("a.sh", f"# {IGNORE}\n{ARGUMENT}"),
        ("a.sh", f"  # {IGNORE}\n\n# another comment\n{LINES}"),
        ("a.sh", f"# {IGNORE}\n{COMMAND}"),
        ("a.sh", f"{LINES.replace('Objekt', 'Object')}# {IGNORE}\n{COMMAND}"),
        ("a.sh", HERE.replace("'EOF'", f"'EOF' # {IGNORE}", 1)),
        ("a.sh", ARGUMENT.replace("\n", f" # {IGNORE}\n")),
        ("a.sh", LINES.replace("\n", "\r\n").replace("aws", f"# {IGNORE}\r\naws", 1)),
        ("a.adoc", f"// {IGNORE}\n{ASCIIDOC}"),
        ("a.adoc", f"text\n\n//{IGNORE}\n\n.A title\n{ASCIIDOC}"),
        ("a.adoc", f"[source,sh]\n----\n# {IGNORE}\n{ARGUMENT}----\n"),
        ("a.rst", f".. {IGNORE}\n\n{RST}"),
        ("a.rst", f".. {IGNORE}\n\nFor example::\n\n   {POLICY}\n"),
        ("a.rst", f"* item\n\n  .. {IGNORE}\n\n  {RST_IN_ITEM}"),
        ("a.md", f"```console\n# {IGNORE}\n{COMMAND}```\n"),
        ("a.md", f"1. item\n\n   ```sh\n   # {IGNORE}\n   {ARGUMENT}   ```\n"),
    ],
)
def test_a_comment_suppresses_the_findings_of_its_block(path: str, text: str) -> None:
    assert outcome(lint(path, text)) == ([], ["unknown-action"])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.sh", f"# {IGNORE}\necho\n{ARGUMENT}"),
        ("a.sh", f"# {IGNORE}\necho\n{COMMAND}"),
        ("a.sh", f"{ARGUMENT}# {IGNORE}\n"),
        ("a.adoc", f"// {IGNORE}\n\ntext\n\n{ASCIIDOC}"),
        ("a.rst", f".. {IGNORE}\n\ntext\n\n{RST}"),
    ],
)
def test_a_comment_that_is_not_right_before_a_block_is_unused(path: str, text: str) -> None:
    assert sorted(outcome(lint(path, text))[0]) == ["unknown-action", "unused-ignore"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.sh", f"# {IGNORE}\n{HERE}"),
        ("a.adoc", f"// {IGNORE}\n{ASCIIDOC}"),
        ("a.rst", f".. {IGNORE}\n\n{RST}"),
    ],
)
def test_a_comment_without_effect_is_reported(path: str, text: str) -> None:
    right = text.replace("GetObjekt", "GetObject")
    assert outcome(lint(path, right)) == (["unused-ignore"], [])
    without_reason = text.replace(" shown", "")
    found = sorted(outcome(lint(path, without_reason))[0])
    assert found == ["invalid-ignore-comment", "unknown-action"]


def test_comments_in_a_row_cover_the_same_block_and_no_other() -> None:
    other = IGNORE.replace("unknown-action", "unscoped-resource")
    text = f"# {IGNORE}\n# {other}\n{HERE}{ARGUMENT}"
    assert outcome(lint("a.sh", text)) == (
        ["unused-ignore", "unknown-action"],
        ["unknown-action"],
    )


def test_what_is_in_a_block_is_not_a_comment_of_the_script() -> None:
    text = HERE.replace("{", f"# {IGNORE}\n{{", 1)
    assert outcome(lint("a.sh", text))[1] == []
