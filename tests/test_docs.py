"""The documentation: it is built without a warning, says everything, and what it shows is real."""

import html
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support.browser import chromium, needs_browser
from support.interop import interop
from support.made_once import made_once

from multitool_lint.cli import COMMANDS, command_parser, main
from multitool_lint.diagnostics.rule import ALL_TYPES, DIRECTORY, rules
from multitool_lint.reporters.formats import FORMATS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
COMMAND = "$ multitool-lint "
CONSOLE = re.compile(r"^```console\n(\$ multitool-lint .*?)^```$", re.DOTALL | re.MULTILINE)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
YAML_FILE = re.compile(r'^```yaml title="([^"]+)"\n(.*?)^```$', re.DOTALL | re.MULTILINE)
LINES_AT_MOST = 24


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation, built as it is published."""
    interop("mkdocs")

    def build(folder: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
            cwd=ROOT,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "site", build)


def text_of(page: Path) -> str:
    """The words of a page as a reader sees them, each space once."""
    markup = page.read_text(encoding="utf-8")
    markup = markup[markup.index("<article") : markup.index("</article>")]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", markup)).split())


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.slow
def test_every_option_of_a_command_is_documented_with_its_help(command: str, site: Path) -> None:
    text = text_of(site / "commands" / f"{command}.html")
    parser = command_parser(command)
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way
        for option in action.option_strings:
            assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text), option
        for choice in action.choices or ():
            assert str(choice) in text
        help_ = " ".join((action.help or "").replace("`", "").replace("%%", "%").split())
        assert help_ in text, action.dest


@pytest.mark.slow
def test_every_command_and_the_options_of_the_program_are_documented(site: Path) -> None:
    text = text_of(site / "commands" / "index.html")
    for word in (*COMMANDS.values(), "--help", "--version"):
        assert word in text


@pytest.mark.slow
def test_every_rule_has_its_page_and_its_place_in_the_index(site: Path) -> None:
    index = text_of(site / "rules" / "index.html")
    for rule in rules().values():
        summary = rule.summary.replace("`", "")
        assert summary in index
        text = text_of(site / "rules" / f"{rule.id}.html")
        assert summary in text
        for part in (*rule.access_analyzer, *rule.parliament, f"severity {rule.severity.value}"):
            assert part in text


@pytest.mark.slow
def test_the_index_of_rules_has_what_it_is_filtered_by(site: Path) -> None:
    markup = (site / "rules" / "index.html").read_text(encoding="utf-8")
    table = markup[markup.index('<div class="rules">') : markup.index('<h2 id="severities"')]
    rows = [
        [html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<td>(.*?)</td>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]
    ]
    assert [[row[0], *row[2:]] for row in rows] == [
        [
            rule.id,
            rule.severity.value,
            rule.fix or "",
            "all" if len(rule.types) == len(ALL_TYPES) else ", ".join(rule.types),
            ", ".join(rule.topics),
        ]
        for rule in rules().values()
    ]


@pytest.mark.parametrize("tool", ["parliament", "access_analyzer"])
@pytest.mark.slow
def test_every_code_of_another_tool_leads_to_the_rules_that_answer_it(
    tool: str, site: Path
) -> None:
    markup = (site / "migrating.html").read_text(encoding="utf-8")
    listed = {
        code: re.findall(r'href="rules/([\w-]+)\.html"', cell)
        for code, cell in re.findall(r"<td><code>([A-Z_0-9]+)</code></td>\s*<td>(.*?)</td>", markup)
    }
    for rule in rules().values():
        for code in getattr(rule, tool):
            assert rule.id in listed[code]


@pytest.mark.slow
def test_every_rule_of_cfn_lint_about_policies_is_listed() -> None:
    folder = Path(interop("cfnlint.rules.resources.iam").__path__[0])
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    page = (DOCS / "migrating.md").read_text(encoding="utf-8")
    section = page[page.index("## cfn-lint") : page.index("## cloudsplaining")]
    ids = set(re.findall(r'^    id = "(\w+)"', source, re.MULTILINE))
    assert len(ids) > 5
    assert set(re.findall(r"`([EWI]\d{4})`", section)) == ids


def test_rules_for_other_linters_are_marked_where_they_are_off() -> None:
    page = (DOCS / "migrating.md").read_text(encoding="utf-8")
    links = re.findall(r"\[`([\w-]+)`\]\(rules/[\w-]+\.md\)(, off by default)?", page)
    assert links
    assert {id_: not off for id_, off in links} == {id_: rules()[id_].default for id_, _ in links}


def test_the_task_for_an_editor_reads_every_finding() -> None:
    page = (DOCS / "editors.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```json title.*?\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    (task,) = json.loads(example)["tasks"]

    (output,) = CONSOLE.findall(page)
    pattern = task["problemMatcher"]["pattern"]
    matches = [re.match(pattern["regexp"], line) for line in output.splitlines()[1:-1]]
    assert matches
    for match in matches:
        assert match
        assert match[pattern["file"]] == "policies/deploy.json"
        assert match[pattern["code"]] in rules()


@pytest.mark.slow
def test_the_changelog_is_in_the_documentation(site: Path) -> None:
    headings = re.findall(r"^### (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    text = text_of(site / "changelog.html")
    assert headings
    assert all(heading in text for heading in headings)


@pytest.mark.slow
def test_every_key_of_the_configuration_is_documented(site: Path) -> None:
    text = text_of(site / "configuration.html")
    schema = json.loads((Path(DIRECTORY) / "schemas" / "config.json").read_text(encoding="utf-8"))
    definitions = [schema["$defs"][name] for name in ("policies", "ignoredFinding")]
    for place in (schema, *definitions):
        for key, facts in place["properties"].items():
            assert re.search(rf"(?<![\w-]){key}(?![\w-])", text), key
            assert " ".join(facts.get("description", "").split()) in text


def test_every_format_is_documented() -> None:
    page = (DOCS / "reports.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE) == list(FORMATS)


@pytest.mark.slow
def test_every_input_of_the_action_is_documented(site: Path) -> None:
    text = text_of(site / "ci.html")
    inputs = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    for name, facts in inputs.items():
        assert f"{name} {facts['description']}".replace("`", "") in text


@pytest.mark.slow
def test_a_reader_needs_no_network(site: Path) -> None:
    fetched = re.compile(r"""<(?:script|img|iframe|link)\b[^>]*?(?:src|href)="(https?:[^"]+)""")
    pages = list(site.rglob("*.html"))
    assert len(pages) > len(rules())
    assert not [found for page in pages for found in fetched.findall(page.read_text("utf-8"))]
    sheets = list(site.rglob("*.css"))
    assert sheets
    imported = re.compile(r"""(?:url\(|@import\s)\s*["']?(?:https?:)?//""")
    assert not [sheet for sheet in sheets if imported.search(sheet.read_text("utf-8"))]


def run(folder: Path, arguments: list[str]) -> str:
    """What a command prints, long lines and long outputs cut as the pages show them."""
    done = subprocess.run(
        [sys.executable, "-m", "multitool_lint", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "```" not in done.stdout, "it would end the block"
    lines = (done.stdout + done.stderr).splitlines()
    if len(lines) > LINES_AT_MOST:
        lines[LINES_AT_MOST - 3 : -2] = ["..."]
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_outputs_are_real(
    page: Path,
    tmp_path: Path,
    update: bool,  # noqa: FBT001 - a fixture
) -> None:
    own = DOCS / "examples" / page.stem
    example = own if own.is_dir() else DOCS / "examples" / "repo"
    folder = shutil.copytree(example, tmp_path / "repo")
    author = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    for arguments in (["init"], ["add", "."], [*author, "commit", "--quiet", "--message=All"]):
        subprocess.run(["git", *arguments], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    text = page.read_text(encoding="utf-8")

    def shown(block: re.Match[str]) -> str:
        commands = [line for line in block[1].splitlines() if line.startswith(COMMAND)]
        outputs = [run(folder, shlex.split(line.removeprefix(COMMAND))) for line in commands]
        parts = [f"{line}\n{output}" for line, output in zip(commands, outputs, strict=True)]
        return f"```console\n{''.join(parts)}```"

    rewritten = CONSOLE.sub(shown, text)
    if update:
        page.write_text(rewritten, encoding="utf-8")
    assert rewritten == page.read_text(encoding="utf-8")


def test_the_comments_in_terraform_suppress_what_they_are_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (DOCS / "suppression.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```hcl\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    path = tmp_path / "main.tf"
    path.write_text(example, encoding="utf-8")
    assert main([str(path)]) == 0
    assert capsys.readouterr().out.endswith("; 3 suppressed.\n")


def test_the_library_examples_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(DOCS / "examples" / "repo")
    beginnings = ("13:17: `iam:PassRole` on all roles", '{\n"$schema"', "SendMessage")
    examples = PYTHON.findall((DOCS / "library.md").read_text(encoding="utf-8"))
    for example, beginning in zip(examples, beginnings, strict=True):
        exec(compile(example, "library.md", "exec"), {})  # noqa: S102 - our own example
        assert beginning in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        (".github/workflows/policies.yml", "vendor.github-workflows"),
        (".gitlab-ci.yml", "vendor.gitlab-ci"),
    ],
)
def test_the_jobs_follow_the_schemas_of_their_servers(
    file: str, schema: str, tmp_path: Path
) -> None:
    interop("check_jsonschema")
    files = dict(YAML_FILE.findall((DOCS / "ci.md").read_text(encoding="utf-8")))
    path = tmp_path / Path(file).name
    path.write_text(files[file], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_job_for_gitlab_writes_the_reports_that_it_names(tmp_path: Path) -> None:
    files = dict(YAML_FILE.findall((DOCS / "ci.md").read_text(encoding="utf-8")))
    job = yaml.safe_load(files[".gitlab-ci.yml"])["multitool-lint"]
    folder = shutil.copytree(DOCS / "examples" / "repo", tmp_path / "repo")
    (command,) = [line for line in job["script"] if line.startswith("multitool-lint ")]
    run(folder, shlex.split(command)[1:])
    reports = job["artifacts"]["reports"]
    assert len(json.loads((folder / reports["codequality"]).read_text(encoding="utf-8"))) == 4
    assert (folder / reports["junit"]).read_text(encoding="utf-8").startswith("<?xml")


def test_the_workflow_uses_inputs_that_the_action_has() -> None:
    files = dict(YAML_FILE.findall((DOCS / "ci.md").read_text(encoding="utf-8")))
    workflow = yaml.safe_load(files[".github/workflows/policies.yml"])
    (step,) = [
        step
        for step in workflow["jobs"]["lint"]["steps"]
        if step["uses"].startswith("multitool-lint/multitool-lint@")
    ]
    inputs = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    assert step["with"].keys() <= inputs.keys()


def test_the_configuration_of_hooks_is_one() -> None:
    files = dict(YAML_FILE.findall((DOCS / "ci.md").read_text(encoding="utf-8")))
    config = yaml.safe_load(files[".pre-commit-config.yaml"])
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    offered = {hook["id"] for hook in hooks}
    assert {hook["id"] for repo in config["repos"] for hook in repo["hooks"]} <= offered


@needs_browser
@pytest.mark.slow
def test_the_index_of_rules_can_be_filtered(site: Path) -> None:
    shown = "return [...document.querySelectorAll('.rules td a')]"
    shown += ".filter(a => a.offsetParent).map(a => a.textContent)"
    with chromium() as browser:
        index = (site / "rules" / "index.html").as_uri()
        browser.get(index)
        assert browser.execute_script(shown) == list(rules())
        browser.get(f"{index}?topic=trust&type=scp&topic=nonsense")
        trust = [rule for rule in rules().values() if "trust" in rule.topics]
        assert browser.execute_script(shown) == [rule.id for rule in trust if "scp" in rule.types]
        browser.get(index)
        browser.find_element("css selector", ".rule-filter [name=fix]").send_keys("none")
        assert browser.execute_script(shown) == [
            rule.id for rule in rules().values() if not rule.fix
        ]
        assert browser.current_url.endswith("?fix=none")
