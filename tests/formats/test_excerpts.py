"""JSON of documentation is read as its readers understand it, each finding at its place."""

import json
from pathlib import Path

import pytest

from multitool_lint.formats import ReadResult, read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

STATEMENT = '{"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "arn:aws:s3:::b/*"}'


def block(statements: str, before: str = "", tag: str = "json", after: str = "") -> str:
    policy = f'{{\n"Version": "2012-10-17",\n"Statement": {statements}\n}}{after}'
    return f"> ```{tag}\n> " + f"{before}{policy}".replace("\n", "\n> ") + "\n> ```\n"


def read(text: str, path: str = "page.md") -> ReadResult:
    return read_source(Source(path, text))


def findings(text: str, path: str = "page.md") -> list[tuple[str, int]]:
    source = Source(path, text)
    found = lint_source(source).findings
    return [(finding.rule, source.position(finding.span.start)[0]) for finding in found]


COMMENTS = [
    f"[ // the first\n{STATEMENT}]",
    f"[ # the first\n{STATEMENT}]",
    f"[ /* the\nfirst */ {STATEMENT}]",
    f"[ <!-- the\nfirst --> {STATEMENT}]",
    f'[{STATEMENT} // see https://example.com/"a\n]',
]


@pytest.mark.parametrize("tag", ["json", "jsonc", "json5", ""])
@pytest.mark.parametrize("statements", COMMENTS)
def test_comments_explain(statements: str, tag: str) -> None:
    text = block(statements, "// policy.json\n", tag)
    ((rule, line),) = findings(text)
    assert rule == "unknown-action"
    assert "GetObjekt" in text.splitlines()[line - 1]


def test_an_untagged_block_that_begins_with_a_comment_is_read() -> None:
    assert findings(block(f"[{STATEMENT}]", "# policy.json\n", "")) == [("unknown-action", 5)]


@pytest.mark.parametrize("note", ["* arn:aws:s3:::bucket/key", "Then create the role."])
def test_a_note_may_follow_the_json_of_an_untagged_block(note: str) -> None:
    assert findings(block(f"[{STATEMENT}]", tag="", after=f"\n{note}")) == [("unknown-action", 4)]
    broken = [("json-syntax-error", 6)]
    assert findings(block(f"[{STATEMENT}]", after=f"\n{note}")) == broken
    assert findings(block(f"[{STATEMENT}]", tag="", after="\n}")) == broken
    assert findings(block(f"[{STATEMENT}]", tag="", after="\n* a policy " + STATEMENT)) == broken


@pytest.mark.parametrize("tag", ["json", ""])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("cat > policy.json << EOF\n", "\nEOF"),
        ("$ cat <<'END' > policy.json\n", "\nEND\naws iam create-policy --policy-name p"),
        ("tee policy.json <<-EOF\n", "\n  EOF\n"),
    ],
)
def test_a_file_that_a_command_writes_is_read(before: str, after: str, tag: str) -> None:
    text = block(f"[{STATEMENT}]", before, tag, after)
    assert findings(text) == [("unknown-action", 5)]


@pytest.mark.parametrize("after", ["\nOEF", "\nEOF\ncat <<EOF\n{}\nEOF"])
def test_commands_that_do_not_end_or_are_several_are_read(after: str) -> None:
    text = block(f"[{STATEMENT}]", "cat <<EOF\n", after=after)
    assert findings(text) == [("unknown-action", 5)]


def test_comments_in_a_file_are_a_mistake() -> None:
    text = f'{{"Version": "2012-10-17", // why\n"Statement": [{STATEMENT}]}}'
    assert findings(text, "policy.json") == [("json-syntax-error", 1), ("unknown-action", 2)]


def test_what_looks_like_a_comment_in_a_string_is_its_text() -> None:
    statement = STATEMENT.replace("b/*", "b//x/*#y/*")
    (entry,) = read(block(f"[{statement}]")).policies
    assert entry.policy.statements[0].resource_names == ("arn:aws:s3:::b//x/*#y/*",)


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (f"[ // why\n{STATEMENT},\n]", "The last element is followed by a comma"),
        (f"[ // why\n{STATEMENT}, // all\n]", "The last element is followed by a comma"),
        (f"[{STATEMENT}\n// why\n{STATEMENT}]", "A comma is missing here"),
        (f"[...\n{STATEMENT}\n{STATEMENT}]", "A comma is missing here"),
        ("[{Effect: Allow} // why\n]", "Key `Effect` is not in double quotes"),
        (f"[{STATEMENT} /* why\n]", "JSON has no comments"),
        (f"[{STATEMENT} <!-- why\n]", "Expected a comma or a closing bracket, found `<`"),
    ],
)
def test_other_mistakes_stay(statements: str, message: str) -> None:
    text = block(statements)
    (problem,) = read(text).problems
    assert problem.message == message
    assert text[problem.span.start] in ",{E/<"


LEFT_OUT = [
    "...",
    "\u2026",
    "....",
    '"..."',
    "// ...",
    "# ...",
    "/* ... */",
    "... more of the same ...",
    "\u2026 (and so on)",
    "// ... other statements",
    "// other statements ...",
    "/* other statements\u2026 */",
    "<!-- ... -->",
    "<other statements>",
    "{OTHER_STATEMENT}",
    "{{ statements | tojson }}",
    "${STATEMENTS}",
]


@pytest.mark.parametrize("mark", LEFT_OUT)
@pytest.mark.parametrize(
    "statements", ["[%\n]", "[%\n,%s]", "[%s, %\n]", "[%s %\n]", "[%\n%s, %\n]", "[%s,\n%\n]"]
)
def test_left_out_statements_are_unknown(mark: str, statements: str) -> None:
    text = block(statements.replace("%s", STATEMENT).replace("%", mark))
    loaded = read(text)
    assert not loaded.problems
    assert {skipped.why.in_words() for skipped in loaded.skipped} == {"an unresolved statement"}
    assert {rule for rule, _ in findings(text)} == (
        {"unknown-action"} if "%s" in statements else set()
    )


@pytest.mark.parametrize("mark", LEFT_OUT)
@pytest.mark.parametrize(
    "statement",
    [
        '{"Effect": "Allow", %\n}',
        '{%\n"Effect": "Allow"}',
        '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": %\n}',
        '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": [%\n"arn:aws:s3:::b/*"]}',
        '{"Effect": "Allow", "Action": ["s3:GetObject", %\n], "Resource": "arn:aws:s3:::b/*"}',
        '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {%\n}}',
        '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", %\n}',
    ],
)
def test_left_out_parts_of_a_statement_are_unknown(mark: str, statement: str) -> None:
    text = block(f"[{statement.replace('%', mark)}]")
    assert not read(text).problems
    assert findings(text) == []


def test_the_account_of_an_arn_may_be_left_out_in_documentation() -> None:
    statement = STATEMENT.replace("s3:GetObjekt", "sqs:SendMessage")
    left_out = block(f"[{statement.replace('s3:::b/*', 'sqs:...:...:queue')}]")
    assert findings(left_out) == []


def test_a_policy_with_keys_left_out_is_listed() -> None:
    loaded = read(f'```json\n{{\n...\n"Statement": [{STATEMENT}]}}\n```\n')
    assert [skipped.why.in_words() for skipped in loaded.skipped] == [
        "a policy with unresolved keys"
    ]


def test_dots_around_a_policy_are_not_part_of_it() -> None:
    assert findings(f'```json\n...\n{{"Statement": [{STATEMENT}]}}\n...\n```\n')[0][1] == 3


@pytest.mark.parametrize("escaped", [r"arn\:aws\:s3\:\:\:b/\*", r"arn:aws:s3:::b/\*"])
def test_escapes_of_a_generator_are_not_part_of_a_string(escaped: str) -> None:
    text = block(f"[{STATEMENT}]".replace("arn:aws:s3:::b/*", escaped))
    ((_, line),) = findings(text)
    assert "GetObjekt" in text.splitlines()[line - 1]
    (written,) = read(text).policies
    assert written.policy.statements[0].resource_names == ("arn:aws:s3:::b/*",)


@pytest.mark.parametrize("escape", [r"\d", r"\.", r"\'"])
def test_other_escapes_are_mistakes(escape: str) -> None:
    (problem,) = read(block(f"[{STATEMENT}]".replace("b/*", f"b/{escape}"))).problems
    assert "is not a valid escape in JSON" in problem.message


def test_a_block_that_is_not_json_is_not_changed(tmp_path: Path) -> None:
    from multitool_lint.cli import main

    policy = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"},
    }
    text = json.dumps(policy, indent=1)
    for name, block in (("a.md", text), ("b.md", text.replace("[", "[ // why\n"))):
        (tmp_path / name).write_text(f"```json\n{block}\n```\n", encoding="utf-8")
    before = (tmp_path / "b.md").read_bytes()
    main(["fix", "--write", "--keep-wildcards", "--select", "redundant-action", str(tmp_path)])
    assert '"s3:GetObject"' not in (tmp_path / "a.md").read_text(encoding="utf-8")
    assert (tmp_path / "b.md").read_bytes() == before


def test_a_template_in_a_block_with_comments_is_read() -> None:
    document = {"Version": "2012-10-17", "Statement": [json.loads(STATEMENT)]}
    properties = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
    text = json.dumps({"Resources": {"P": properties}}, indent=1).replace("[", "[ // why")
    assert findings(f"```json\n{text}\n```\n") == [("unknown-action", 12)]


@pytest.mark.slow
def test_hostile_blocks_are_an_answer() -> None:
    for part in (
        "/*",
        "<!--",
        "<a",
        "{a",
        "{{a",
        "...",
        '"',
        '"..."',
        "// ...\n",
        "// a",
        "... ",
        "\\:",
        "[...",
    ):
        read(f"```json\n{{'Statement'\n{part * 20_000}\n```\n")


def test_mdx_is_markdown() -> None:
    assert findings(block(f"[{STATEMENT}]"), "docs/iam.mdx") == [("unknown-action", 4)]
