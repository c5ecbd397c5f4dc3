"""The Markdown loader finds the policies in code blocks, at their places in the file."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plain_values import plain

from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import ReadResult, read_source
from multitool_lint.formats.dialects import OF_DATA_PROTECTION
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Array, Node, Object

POLICY = (
    '{"Version": "2012-10-17", "Statement":'
    ' [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'
)
NO_POLICY = ["no code block with a policy"]


def load_text(text: str) -> ReadResult:
    return read_source(Source("README.md", text))


def reasons(text: str) -> list[str]:
    loaded = load_text(text)
    assert not loaded.policies
    assert not loaded.problems
    return [skipped.why.in_words() for skipped in loaded.skipped]


def walk(node: Node) -> Iterator[Node]:
    yield node
    children = node.value if isinstance(node.value, Array) else ()
    if isinstance(node.value, Object):
        children = Array(member.value for member in node.value)
    for child in children:
        yield from walk(child)


def cut(text: str, span: Span) -> str:
    return text[span.start : span.end]


@pytest.mark.parametrize(
    "markdown",
    [
        f"```json\n{POLICY}\n```\n",
        f"~~~json\n{POLICY}\n~~~~~\n",
        f"`````json\n{POLICY}\n```\n`````\n".replace("```\n`", "`"),
        f'```JSON title="policy.json"\n{POLICY}\n```\n',
        f"``` {{.json .numberLines}}\n{POLICY}\n```\n",
        f"```json,linenos\n{POLICY}\n```\n",
        f"```json:policy.json\n{POLICY}\n```\n",
        f"```jsonc\n{POLICY}\n```\n",
        f"```json5\n{POLICY}\n```\n",
        f"```\n{POLICY}\n```\n",
        f"   ```json\n {POLICY}\n   ```\n",
        f"   ```json\n      {POLICY}\n   ```\n",
        f"- a\n\n  ```json\n  {POLICY}\n  ```\n",
        f"- ```json\n\t{POLICY}\n  ```\n",
        f"-\t```json\n \t{POLICY}\n\t```\n",
        f"1. a\n   - b\n\n     ```json\n     {POLICY}\n     ```\n",
        f"> ```json\n> {POLICY}\n> ```\n",
        f">```json\n>{POLICY}\n>```\n",
        f">\t```json\n>\t{POLICY}\n>\t```\n",
        f"> > - a\n> >\n> >   ```json\n> >   {POLICY}\n> >   ```\n",
        f"- > ```json\n  > {POLICY}\n  > ```\n",
        f"```json\n\n{POLICY}\n\n```\n",
        f"a paragraph\n```json\n{POLICY}\n```\nanother\n",
        f"<details>\n\n```json\n{POLICY}\n```\n\n</details>\n",
        f"```json\n{POLICY}\n",
        f"```json\n{POLICY}",
        f"> ```json\n> {POLICY}\nan unquoted paragraph\n",
        f"\ufeff```json\n{POLICY}\n```\n",
        f"---\ntitle: x\n---\n\n```json\n{POLICY}\n```\n",
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_policy_in_a_code_block(markdown: str, ending: str) -> None:
    text = markdown.replace("\n", ending)
    loaded = load_text(text)
    (policy,) = loaded.json_policies
    assert cut(text, policy.root.span) == POLICY
    assert (policy.name, policy.type) == (None, PolicyType.IDENTITY)
    assert not loaded.problems
    assert not loaded.skipped


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_tag_after_the_fence_that_ends_a_block(ending: str) -> None:
    block = f"```json\n{POLICY}\n```"
    text = f"<details>\n\n{block}</details>\n\n{block}\n".replace("\n", ending)
    loaded = load_text(text)
    assert [cut(text, policy.root.span) for policy in loaded.json_policies] == [POLICY, POLICY]
    assert not loaded.problems


@pytest.mark.parametrize(
    "markdown",
    [
        f"`{POLICY}`\n",
        f"{POLICY}\n",
        f"<!--\n```json\n{POLICY}\n```\n-->\n",
        "```\nStatement:\n  - Effect\n```\n",
        "```python\nprint('Statement')\n```\n",
        "no Statement\n",
        "```json\n{}\n```\n",
        "",
    ],
)
def test_what_is_not_a_block_with_a_policy(markdown: str) -> None:
    assert reasons(markdown) == NO_POLICY


@pytest.mark.parametrize(
    "markdown",
    [
        f"```js\n{POLICY}\n```\n",
        f"```json-schema\n{POLICY}\n```\n",
        f"    {POLICY}\n",
        f"!!! note\n    Text\n\n    ```json\n    {POLICY}\n    ```\n",
        f"!!! note\n    ```json\n    {POLICY}\n    ```\n",
        f'=== "A"\n\n    ??? faq "B"\n\n        ```json\n        {POLICY}\n        ```\n',
        f"- a\n\n    !!! tip\n\n        ```\n        {POLICY}\n        ```\n",
        f"<pre>\n{POLICY}\n</pre>\n",
        f"???- note\n    ```json\n    {POLICY}\n    ```\n",
        f"!!! note\n\n\t```json\n\t{POLICY}\n\t```\n",
        f"{{% highlight json %}}\n{{% raw %}}\n{POLICY}\n{{% endraw %}}\n{{% endhighlight %}}\n",
        f'{{{{< highlight json "linenos=table" >}}}}\n{POLICY}\n{{{{< /highlight >}}}}\n',
        f":::code{{showCopyAction=true language=json }}\n{POLICY}\n:::\n",
        f"::::code\n{POLICY}\n::::\n",
        f"::::tab{{x}}\n:::code{{language='json'}}\n{POLICY}\n:::\n::::\n",
        f":::{{code-block}} json\n{POLICY}\n:::\n",
        f":::code\nnever ended\n\n:::code{{a}}\n{POLICY}\n:::\n",
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_policy_in_a_block_with_another_tag_or_indent(markdown: str, ending: str) -> None:
    text = markdown.replace("\n", ending)
    found = load_text(text)
    (span,) = (policy.span for policy in found.policies)
    assert cut(text, span) == POLICY


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ('{"name": "package"}', "an object without a Statement"),
        ('{"Effect": "Allow"', "not JSON"),
        ("[1]", "not an object with a Statement"),
        ("// settings\n{}", "an object without a Statement"),
        ("", "not JSON"),
        ('"Statement": [{"Effect": "Allow"}]', "an excerpt that begins with a key"),
        (
            '{"Statement": [{% if x %}{"Effect": "Allow"}{% endif %}]}',
            "a template with `{%` tags; lint what it is rendered to",
        ),
    ],
)
def test_a_json_block_without_a_policy_is_counted(block: str, reason: str) -> None:
    text = f"The Statement:\n\n```json\n{block}\n```\n\nand\n"
    assert reasons(text) == [reason]
    assert cut(text, load_text(text).skipped[0].span) == f"```json\n{block}\n```"


@pytest.mark.parametrize("tag", ["hcl", "terraform", "yaml", "bash"])
def test_a_block_that_writes_a_file_is_of_a_shell_whatever_its_tag(tag: str) -> None:
    script = f"cat <<'EOF' >> ~/main.tf\n\nlocals {{\n  p = <<EOT\n{POLICY}\nEOT\n}}\nEOF\n"
    text = f":::code{{language={tag}}}\n# The role\n{script}:::\n"
    (policy,) = load_text(text).policies
    assert cut(text, policy.span) == POLICY


@pytest.mark.parametrize("tag", ["hcl", "terraform", ""])
def test_blocks_of_statements_alone_are_a_part_of_a_policy(tag: str) -> None:
    statement = 'statement {\n  actions = ["s3:GetObjekt"]\n  resources = [var.x, "*"]\n}\n'
    text = f"# A\n\n```{tag}\n# why\n{statement}\n{statement}```\n"
    report = lint_source(Source("README.md", text))
    assert (report.policy_count, report.skipped) == (1, ())
    found = [(f.rule, cut(text, f.span), f.fixes) for f in report.findings]
    assert ("unknown-action", '"s3:GetObjekt"', ()) in found
    assert not any(fixes for _, _, fixes in found)
    assert {f.rule for f in report.findings} <= {
        *("unknown-action", "redundant-resource", "redundant-statement"),
    }


def test_many_directives_without_an_end_take_no_time() -> None:
    assert not load_text(":::code\n" * 20_000 + f"```\n{POLICY}\n```\n").problems


def test_blocks_of_all_kinds_in_one_file() -> None:
    broken = POLICY[:-1] + ",}"
    blocks = [POLICY, '{"a": 1}', broken, POLICY]
    loaded = load_text("\n".join(f"```json\n{block}\n```" for block in blocks))
    assert [policy.name for policy in loaded.json_policies] == ["policy 1", "policy 2"]
    assert [problem.message for problem in loaded.problems] == [
        "The last element is followed by a comma"
    ]
    assert len(loaded.skipped) == 1


@pytest.mark.parametrize("tag", ["jsonc", "json5"])
def test_a_mistake_in_a_tolerant_dialect_says_why_it_is_one(tag: str) -> None:
    text = f"> ```{tag} title=x\n> {POLICY[:-1]},}}\n> ```\n"
    (problem,) = load_text(text).problems
    assert cut(text, problem.span) == ","
    assert problem.message == (
        "The last element is followed by a comma "
        f"(the block is tagged {tag}, but AWS reads only JSON)"
    )


@pytest.mark.parametrize("tag", ["", "json"])
def test_a_mistake_is_placed_in_the_file(tag: str) -> None:
    text = f'1. a\n\n   ```{tag}\n   {{\n     "Statement": [{{"Effect": Allow}}]\n   }}\n   ```\n'
    source = Source("README.md", text)
    (problem,) = read_source(source).problems
    assert source.position(problem.span.start) == (5, 31)
    assert cut(text, problem.span) == "Allow"


def test_a_mistake_over_several_lines_begins_and_ends_in_the_file() -> None:
    text = f"> ```json\n> {{'a\n> b': {POLICY}}}\n> ```\n"
    (problem,) = load_text(text).problems
    assert cut(text, problem.span) == "'a"


def test_what_is_never_closed_begins_in_the_file() -> None:
    text = f"- ```json\n  {POLICY[:-1]}\n\n"
    (problem,) = load_text(text).problems
    assert problem.span == (text.index("{"), text.index("{") + 1)


def test_the_types_that_the_user_says_count_for_every_block() -> None:
    text = f"```json\n{POLICY}\n```\n" * 2
    source = Source("README.markdown", text)
    assert {policy.type for policy in read_source(source, type=PolicyType.SCP).json_policies} == {
        PolicyType.SCP
    }


def test_a_file_without_the_word_statement_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "markdown_it", None)
    assert reasons("# Title\n\n```json\n{}\n```\n") == NO_POLICY


@pytest.mark.slow
def test_hostile_files_are_an_answer() -> None:
    for part in ("> ", "- ", "```json\n", "[a]: ", "<!-- ", "\t", "{", "* a\n  ", "````"):
        load_text("Statement\n\n" + part * 20_000)


LEADS = st.sampled_from(["", "> ", ">", "  ", "- ", "1. ", "> - ", "- > ", "> > ", "1.  > * "])
WORDS = st.text() | st.sampled_from(["s3:*", "\t", "```", "> "])
STATEMENTS = st.dictionaries(
    WORDS.filter(
        lambda key: (
            not any(sign in key for sign in ("Ref", "Fn:", "{", "<", "%", "@", "...", "…"))
            # Which are other languages.
            and key not in OF_DATA_PROTECTION
            and not key.endswith("Statement")
        )
    ),
    # Braces, tags and dots mean other text in documentation.
    WORDS.filter(lambda text: not any(sign in text for sign in ("{", "<", "...", "…")))
    | st.lists(st.integers()),
)


@given(
    st.lists(STATEMENTS),
    LEADS,
    st.fixed_dictionaries(
        {"indent": st.sampled_from([None, 0, 2, "\t"]), "ensure_ascii": st.booleans()}
    ),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
@pytest.mark.slow
def test_every_value_is_where_the_file_has_it(
    statements: list[Any], lead: str, style: dict[str, Any], ending: str
) -> None:
    document = {"Statement": statements}
    block = json.dumps(document, **style)
    if "\0" in block or "\r" in block:
        return
    rest = "".join(" " if character in "-*1." else character for character in lead)
    lines = ["```json", *block.split("\n"), "```"]
    text = ending.join((rest if number else lead) + line for number, line in enumerate(lines))
    (policy,) = load_text(text).json_policies
    assert plain(policy.root) == document
    for node in walk(policy.root):
        shown = cut(text, node.span).replace(ending + rest, "\n")
        assert json.loads(shown) == plain(node)


@pytest.mark.parametrize("path", ["README.md.backup", "design.md_bk", "notes.md.20251103"])
def test_a_copy_of_a_page_under_another_name_is_not_yaml(path: str) -> None:
    """Its list with a bold first word would be an alias of YAML."""
    page = f"# Design\n\n**Users**:\n- one\n\n```yaml\nStatement:\n```\n\n```json\n{POLICY}\n```\n"
    loaded = read_source(Source(path, page))
    assert not loaded.problems
    assert len(loaded.policies) == 1


def test_json_without_its_braces_is_not_changed_as_yaml() -> None:
    statement = '"Statement": [\n  {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}\n]'
    for tag, quote, changed in (("", '"', False), ("yaml", "'", True)):
        page = f"```{tag}\n{statement.replace(chr(34), quote)}\n```\n"
        enabled = {"missing-version": rules()["missing-version"]}
        found = lint_source(Source("a.md", page), enabled=enabled)
        assert [bool(finding.fixes) for finding in found.findings] == [changed]
