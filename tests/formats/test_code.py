"""Policies in the code of documentation and scripts are read at their places in the file."""

import json

import pytest
from support.example_findings import lint, summary
from support.yaml_writing import (
    FILLED_IN_BY_OTHERS,
    Example,
    as_block,
    as_json,
    in_template,
    with_every_example,
)

from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import ReadResult, read_source
from multitool_lint.formats.endings import may_hold_policies
from multitool_lint.formats.normalized import write
from multitool_lint.formats.recognize import has_elements
from multitool_lint.formats.samples import with_unknown_parts
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.settings import FileSettings
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reasons import Reason, Why
from multitool_lint.reporters.text import render
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source

STATEMENT = '{"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "arn:aws:s3:::b/*"}'
POLICY = f'{{"Version": "2012-10-17", "Statement": [{STATEMENT}]}}'
BLOCK_OF_HCL = """data "aws_iam_policy_document" "x" {
  statement {
    actions   = ["s3:GetObjekt"]
    resources = ["arn:aws:s3:::b/*"]
  }
}"""
BLOCK_OF_YAML = """Statement:
- Effect: Allow
  Action: s3:GetObjekt
  Resource: arn:aws:s3:::b/*"""
OTHERS = (f'{{"data": {{"a": {{"b": {POLICY}}}}}}}', f'{{"resource": {POLICY}, "output": {{}}}}')
STATEMENTS_OF_YAML = BLOCK_OF_YAML.removeprefix("Statement:\n")
FOUND = [("unknown-action", "s3:GetObjekt")]


def read(text: str, path: str) -> ReadResult:
    return read_source(Source(path, text))


def errors(text: str, path: str) -> list[tuple[str, str]]:
    """The rules of the errors in a file, each with the text that it is about."""
    found = lint_source(Source(path, text)).findings
    return [
        (finding.rule, text[slice(*finding.span)].strip("\\\"'"))
        for finding in found
        if finding.severity.value == "error"
    ]


def fenced(tag: str, code: str) -> str:
    lines = "\n".join(f"> {line}" for line in code.splitlines())
    return f"Text\n\n> ```{tag}\n{lines}\n> ```\n"


def in_rst(tag: str, code: str) -> str:
    lines = "\n".join(f"     {line}" for line in code.splitlines())
    return f"Text\n\n  .. code-block:: {tag}\n     :linenos:\n\n{lines}\n\nText\n"


def in_asciidoc(tag: str, code: str) -> str:
    return f"Text\n\n[source,{tag}]\n.title\n----\n{code}\n----\n\nText\n"


WRITERS = {"page.md": fenced, "page.rst": in_rst, "page.adoc": in_asciidoc}


@pytest.mark.parametrize("path", WRITERS)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("json", POLICY),
        ("js", POLICY),
        ("console", f"$ cat policy.json\n{POLICY}\n$ ls"),
        ("hcl", BLOCK_OF_HCL),
        ("terraform", BLOCK_OF_HCL),
        ("yaml", BLOCK_OF_YAML),
        ("yaml", STATEMENTS_OF_YAML),
        ("json", STATEMENT),
        ("json", f"[{STATEMENT}]"),
        ("json", f"{STATEMENT},\n{STATEMENT.replace('GetObjekt', 'GetObject')}"),
        ("json", f'"Statement": [{STATEMENT}],'),
        ("json", STATEMENT.strip("{}")),
        ("sh", f"cat > p.json <<EOF\n{POLICY}\nEOF"),
        ("sh", f"cat > main.tf <<'EOF'\n{BLOCK_OF_HCL}\nEOF"),
        ("sh", f"cat > t.yaml <<EOF\n{BLOCK_OF_YAML}\nEOF"),
        ("bash", f"aws iam put-role-policy --policy-document '{POLICY}' --role-name r"),
        ("bash", f"aws iam put-role-policy --policy-document={json.dumps(POLICY)}"),
    ],
)
def test_a_policy_in_code_of_any_format(path: str, tag: str, code: str, ending: str) -> None:
    text = WRITERS[path](tag, code).replace("\n", ending)
    assert errors(text, path) == FOUND


@pytest.mark.parametrize("code", [BLOCK_OF_HCL, BLOCK_OF_YAML, f"x: <<E\n{POLICY}\nE", STATEMENT])
def test_a_block_without_a_tag_is_read_by_what_is_in_it(code: str) -> None:
    assert errors(fenced("", code), "page.md") == FOUND


@pytest.mark.parametrize(
    "text",
    [
        f"[,json]\n----\n{POLICY}\n----\n",
        f"[source%linenums,json]\n--\n{POLICY}\n--\n",
        f"[source,json]\n{POLICY}\n\nText\n",
        f"....\n{POLICY}\n....\n",
        f"```json\n{POLICY}\n```\n",
        f"[source,json]\n----\n{POLICY.replace(', ', ', // <1>' + chr(10), 1)} <2>\n----\n<1> a\n",
    ],
)
def test_blocks_of_asciidoc(text: str) -> None:
    assert errors(text, "page.adoc") == FOUND


@pytest.mark.parametrize(
    "text",
    [
        f"Text::\n\n  {POLICY}\n\nText\n",
        f"* a\n\n  .. code::\n\n    {POLICY}\n",
        f".. sourcecode:: json\n   :caption: a\n\n   {POLICY}\n",
    ],
)
def test_blocks_of_restructured_text(text: str) -> None:
    assert errors(text, "page.rst") == FOUND


@pytest.mark.parametrize(
    "script",
    [
        f"cat <<'EOF' > p.json\n{POLICY}\nEOF\n",
        f"cat <<-EOF | tee p.json\n\t{POLICY}\n\tEOF\n",
        f"cat <<\\EOF > p.json\n{POLICY}\nEOF\n",
        f"# don't\nPOLICY='{POLICY}'\n",
        f"P=$(cat <<EOF\n{POLICY}\nEOF\n)\n",
        f"cat <<EOF\ncat <<E > p\n{POLICY}\nE\nEOF\n",
        f"f() {{\n  aws iam create-policy --policy-document \\\n    '{POLICY}'\n}}\n",
    ],
)
def test_policies_of_scripts(script: str) -> None:
    assert errors(script, "deploy.sh") == FOUND


@pytest.mark.parametrize(
    ("written", "resource"),
    [
        ("'{}'", "arn:aws:s3:::'\"$BUCKET\"'/*"),
        ("'{}'", "arn:aws:s3:::'$BUCKET'/*"),
        ("<<EOF\n{}\nEOF", "arn:aws:sqs:$(aws configure get region):${ACCOUNT_ID}:$1"),
        ("<<EOF\n{}\nEOF", "arn:aws:sqs:`aws configure get region`:${ACCOUNT:-x}:q"),
    ],
)
def test_what_the_shell_expands_is_unknown(written: str, resource: str) -> None:
    action = "s3:GetObjekt" if ":s3:" in resource else "sqs:SendMessage"
    document = POLICY.replace("arn:aws:s3:::b/*", resource).replace("s3:GetObjekt", action)
    script = f"aws iam create-policy {written.replace('{}', document)}\n"
    assert errors(script, "deploy.sh") == (FOUND if ":s3:" in resource else [])


def test_a_list_of_statements_that_the_shell_puts_in_is_not_read() -> None:
    script = 'cat <<EOF\n{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} $REST]}\nEOF\n'
    (skipped,) = read(script, "a.sh").skipped
    assert (skipped.why, skipped.unread) == (Why(Reason.FILLED_IN), True)


CONSTRUCT = '{ actions: ["s3:*"] }'


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        (
            "page.md",
            fenced("python", 'x = {"Statement": [{\n"Effect": "Allow"}]}'),
            "a policy in code tagged python",
        ),
        ("a.sh", "jq '{Statement: [{Effect: \"Allow\"}]}'", None),
        ("a.sh", f"jq '.Statement += [{STATEMENT}]'", None),
        ("a.sh", 'untagged=("aws_kms_key_policy" "aws_lambda_permission" "aws_route")', ""),
        ("a.kt", 'p = resource("aws_lambda_permission", "p")', "a policy in code"),
        ("a.md", fenced("ts", f"statements.push({STATEMENT})"), "a policy in code tagged ts"),
        (
            "a.md",
            fenced("ts", f"new iam.PolicyStatement({CONSTRUCT})"),
            "a policy in code tagged ts",
        ),
        ("a.md", fenced("go", f"PolicyStatementProps{CONSTRUCT}"), "a policy in code tagged go"),
        (
            "a.k",
            f'"""\nGenerated\n"""\n\np = {{\n  Statement = [{STATEMENT}]\n}}',
            "a policy in code",
        ),
        ("a.md", fenced("hcl", '{\n  Effect = "Allow"\n  Action = "*"\n}'), "not Terraform"),
        ("a.md", fenced("yaml", f"{BLOCK_OF_YAML}\n  a: {{{{ b }}}}\n c: d"), None),
        ("page.md", fenced("hcl", 'resource "a" "b" {\n  ...\n  policy = "Statement"\n}'), ""),
    ],
)
def test_a_policy_that_is_recognised_and_not_read_is_listed(
    path: str, text: str, reason: str | None
) -> None:
    found = read(text, path)
    assert not found.problems
    reasons = [skipped.why.in_words() for skipped in found.skipped if skipped.unread]
    if reason:
        assert reasons == [reason]
    elif reason is None:
        assert reasons


@pytest.mark.parametrize(
    "block",
    [
        fenced(
            "hcl",
            'resource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.x.json\n}',
        ),
        fenced("ts", "import { PolicyStatement } from 'aws-cdk-lib/aws-iam';\nconst actions = [];"),
        "A PolicyStatement (with actions)\n",
    ],
)
def test_a_reference_in_documentation_is_not_a_policy(block: str) -> None:
    found = read(block, "page.md")
    assert [skipped.unread for skipped in found.skipped] == [False]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.md", fenced("hcl", BLOCK_OF_HCL.replace("actions", 'sid = "..."\n    actions'))),
        ("a.md", fenced("yaml", f"{BLOCK_OF_YAML}\n  Condition:\n    #...")),
        ("a.md", fenced("json", f"POLICY=$(cat <<EOF\n{POLICY}\nEOF\n)")),
        ("a.adoc", in_asciidoc("json", POLICY.replace('17", ', '17",{waiver}\n'))),
    ],
)
def test_what_documentation_leaves_out_is_unknown(path: str, text: str) -> None:
    assert errors(text, path) == FOUND


@pytest.mark.parametrize(
    ("path", "text", "unread"),
    [
        ("a.md", fenced("hcl", 'data "aws_iam_policy_document" "x" {\n  # here\n}'), False),
        ("a.md", fenced("", '[{"Statement": {"Not": {}}, "Action": {"Allow": {}}}]'), False),
        ("a.md", fenced("", f'{{"Policy": "{POLICY}"}}'), True),
        ("a.sh", "\n".join(f"# {line}" for line in POLICY.split(", ")), False),
        ("a.sh", """P=$(echo -n '{"Statement": [{"Effect": "'; echo 'Allow"}]}')""", True),
        (
            "a.rst",
            in_rst(
                "", '{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*"}]}'
            ),
            False,
        ),
    ],
)
def test_what_is_not_a_policy_or_not_json_is_not_a_mistake(
    path: str,
    text: str,
    unread: bool,  # noqa: FBT001
) -> None:
    found = read(text, path)
    assert not [*found.problems, *found.policies]
    assert any(skipped.unread for skipped in found.skipped) is unread


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("hcl", f"# multitool-lint: ignore[unknown-action] shown\n{BLOCK_OF_HCL}"),
        ("yaml", f"# multitool-lint: ignore[unknown-action] shown\n{BLOCK_OF_YAML}"),
    ],
)
def test_comments_of_the_code_ignore_findings(tag: str, code: str) -> None:
    source = Source("page.md", fenced(tag, code))
    report = lint_with_settings(source, FileSettings(enabled=rules()))
    assert [hidden.finding.rule for hidden in report.suppressed] == ["unknown-action"]
    assert "unknown-action" not in {finding.rule for finding in report.findings}


def test_policies_without_names_are_numbered_over_all_formats() -> None:
    text = (
        fenced("json", POLICY) + fenced("sh", f"cat <<E\n{POLICY}\nE") + fenced("hcl", BLOCK_OF_HCL)
    )
    found = read(text, "page.md")
    names = [entry.policy.name for entry in found.policies]
    assert names == ["policy 1", "policy 2", "data.aws_iam_policy_document.x"]


def test_other_statements_may_be_elsewhere_than_in_a_block() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:role/ci"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:SourceIdentity": "ann"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    for tag in ("json", "yaml"):
        for code, expected in ((policy, True), (statement, False)):
            source = Source("page.md", fenced(tag, json.dumps(code)))
            found = lint_source(source, enabled=rules())
            assert found.policy_count == 1
            assert any(f.rule == "missing-trust-action" for f in found.findings) is expected


def test_several_policies_in_a_block_are_linted_and_fixed() -> None:
    for code in (f"{POLICY}\n{POLICY}", f'{{"a": 1}}\n\n{POLICY}// shown\n{POLICY}\n'):
        source = Source("page.md", fenced("json", code))
        assert errors(source.text, source.path) == FOUND * 2
        assert [policy.name for policy in lint_source(source).policies] == ["policy 1", "policy 2"]
    text = fenced("json", f"{POLICY}\n{POLICY}")
    fixed = fix(Source("page.md", text), unsafe=True).text
    assert fixed == text.replace("GetObjekt", "GetObject")


def test_a_mistake_in_one_of_several_policies_is_reported_at_its_place() -> None:
    text = fenced("json", f"{POLICY}\n{POLICY.replace(']', '', 1)}")
    [problem] = read(text, "page.md").problems
    assert text[: problem.span.start].count("\n") > text[: text.index(POLICY)].count("\n")


def test_what_a_linter_quotes_is_not_code() -> None:
    source = Source("policy.json", POLICY.replace(", ", ",\n"))
    [finding, *_] = lint_source(source).findings
    for tag in ("findings", ""):
        found = read(fenced(tag, render(finding)), "page.md")
        assert not any(skipped.unread for skipped in found.skipped)
    numbered = "\n".join(
        f"{number} | {line}" for number, line in enumerate(source.text.split("\n"))
    )
    found = read(fenced("text", numbered), "page.md")
    assert any(skipped.unread for skipped in found.skipped)


def values(example: Example, *, prose: bool) -> str:
    """A policy as JSON, with a text for each value that is unknown."""
    root = with_unknown_parts(example.root, prose=prose)
    return write(
        Policy(Source("page.md", example.text), root, PolicyType.IDENTITY)
    ).policy.source.text


@with_every_example
def test_an_example_has_the_findings_of_its_json(example: Example) -> None:
    policies = read_source(Source("policy.json", example.text)).json_policies
    if not policies or not has_elements(example.root):
        pytest.skip("not certainly a policy")
    if FILLED_IN_BY_OTHERS.search(example.text):
        pytest.skip("what a script or template fills in")
    type_ = example.type or policies[0].type.value
    text = as_json(example.root)
    template = in_template(example.root, type_, example.resource_type)
    expected = summary(lint("policy.json", text, example, type_))
    quoted = text.replace("'", "'\\''")
    # In documentation, more is a placeholder.
    is_same = values(example, prose=True) == values(example, prose=False)
    for path, written in (
        ("page.md", fenced("json", text)),
        ("page.rst", in_rst("json", text)),
        ("page.adoc", in_asciidoc("json", text)),
        ("deploy.sh", f"publish --policy-document '{quoted}'\n"),
        ("deploy.sh", f"cat > policy.json <<'EOF'\n{text}\nEOF\n"),
        ("p.json.tpl", f"%{{ if x ~}}\n{text}\n%{{ endif ~}}\n"),
        ("p.j2", f"{{% set x = 1 %}}{text}"),
    ):
        if path.startswith("page.") and not is_same:
            continue
        if path.startswith("p.") and example.page.startswith("malformed-variable"):
            continue  # a variable that is not closed is a tag that is not
        assert summary(lint(path, written, example, type_)) == expected, path
    for whole, part in ((template, fenced), (as_block(example.root), in_rst)):
        path = {fenced: "page.md", in_rst: "page.rst"}[part]
        if not is_same:
            continue
        in_file = summary(lint("policy.yaml", whole, example, type_))
        assert summary(lint(path, part("yaml", whole), example, type_)) == in_file


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (
            "hcl",
            """\
resource "aws_lambda_permission" "p" {
  action        = "lambda:InvokeFunction"
  function_name = "reports"
  principal     = "s3.amazonaws.com"
}""",
        ),
        (
            "yaml",
            """\
Resources:
  P:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: r, Principal: s3.amazonaws.com}""",
        ),
    ],
)
def test_a_resource_that_is_a_statement_is_found_alone_in_a_page(tag: str, text: str) -> None:
    page = fenced(tag, text)
    assert may_hold_policies("page.md", page)
    found = lint_source(Source("page.md", page)).findings
    assert [finding.rule for finding in found] == ["unrestricted-service-principal"]


@pytest.mark.parametrize("document", OTHERS)
def test_a_document_with_a_key_of_terraform_need_not_be_terraform(document: str) -> None:
    assert errors(fenced("json", document), "a.md") == FOUND


@pytest.mark.parametrize("tag", ["", "yaml"])
def test_a_policy_of_another_provider_is_not_reported_as_unread(tag: str) -> None:
    minio = BLOCK_OF_YAML.replace("s3:GetObjekt", "admin:*").replace("b/*", "*")
    text = fenced(tag, "Version: '2012-10-17'\n" + minio)
    (skipped,) = read(text, "a.md").skipped
    assert (skipped.why, skipped.unread) == (Why(Reason.NOT_AWS), False)


@pytest.mark.parametrize("mark", ["EOF", "'EOF'"])
def test_words_that_a_script_replaces_are_unknown(mark: str) -> None:
    script = f"""\
cat > policy.json <<{mark}
{{"Statement": [{{"Effect": "Allow", "Principal": {{"AWS": ROLE_ARN}}, "Action": "s3:GetObject",
 "Resource": "arn:aws:s3:::BUCKET_NAME/*"}}]}}
EOF
sed -i "s|ROLE_ARN|${{ROLE_ARN}}|; s/BUCKET_NAME/$BUCKET_NAME/g" policy.json
"""
    found = read_source(Source("setup.sh", script))
    assert not found.problems
    [entry] = found.policies
    assert not entry.policy.statements[0].resource_names
    broken = read_source(Source("setup.sh", script.replace("|ROLE_ARN|", "|OTHER|")))
    assert broken.problems or broken.skipped


@pytest.mark.parametrize(
    ("first", "policies"),
    [
        ("Suppose:\n\nAccount A has a role.\n", 1),
        ("7. Lambda - a service trust\n", 1),
        ("Version: 2012-10-17\n", 0),
        ("policy =\n", 0),
        ("// the policy of the role, see the page\n", 0),
    ],
)
def test_notes_with_a_policy_are_read_whatever_their_ending_is(first: str, policies: int) -> None:
    found = read_source(Source("notes.json", f"{first}\n{POLICY}\n\nAnd that is all.\n"))
    assert len(found.policies) == policies
    assert bool(found.problems) == (not policies)


def test_notes_that_begin_as_yaml_are_read() -> None:
    notes = f"mode: fast\n\nThis is the policy of the domain:\n\n\n{POLICY}\n\nAnd that is all.\n"
    found = read_source(Source("notes.txt", notes))
    assert not found.problems
    assert len(found.policies) == 1
    broken = read_source(Source("policy", "Version: 2012-10-17\nStatement:\n  - Effect: [Allow\n"))
    assert broken.problems


def test_a_quoted_text_ends_where_an_argument_of_another_language_does() -> None:
    block = f"``` puppet\niam_policy {{ 'root':\n  document => '{POLICY}',\n}}\n```\n"
    found = read_source(Source("README.md", block))
    assert len(found.policies) == 1
    assert not found.skipped
