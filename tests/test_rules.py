"""Every rule page is run: what "Examples" shows comes out to the letter, the rest is silent."""

import importlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.features import features
from multitool_lint.diagnostics.finding import Context, Finding, Safety
from multitool_lint.diagnostics.rule import (
    ACCESS_ANALYZER,
    ALL_TYPES,
    DIRECTORY,
    INDEX,
    TOPICS,
    Rule,
    read_page,
    rule_of,
    rules,
)
from multitool_lint.formats import read_source
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.settings import FileSettings
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reporters.text import render
from multitool_lint.syntax.source import Edit, Source, apply_edits

PAGES = sorted(path for path in Path(DIRECTORY).glob("*.md") if path.name != "README.md")
NO_EXAMPLE = {"internal-error"}  # fires where the tool is at fault
HEADINGS = [
    "What it finds",
    "Why it matters",
    "Examples",
    "No findings",
    "How to fix",
    "Suppress or configure",
    "References",
]
REQUIRED = {"What it finds", "Why it matters", "Examples", "No findings", "References"}
CHECKS = Path(__file__).parent.parent / "multitool_lint" / "checks"
FENCE = re.compile(
    r"^(?P<ticks>`{3,})(?P<info>[^\n]*)\n(?P<body>.*?)^(?P=ticks)$", re.DOTALL | re.MULTILINE
)
PATHS = {"json": "policy.json", "yaml": "policy.yaml", "hcl": "policy.tf", "markdown": "policy.md"}


@dataclass
class Example:
    """A policy on a page.

    Its info string may say `type=scp` or `resource_type=AWS::S3::Bucket`, name a second rule that
    is to run, `enable=old-version`, and the issue codes of the findings, `codes=INVALID_ACTION`, or
    that they have none, `codes=none`.
    """

    text: str
    settings: dict[str, str]
    end: int


def section(page: str, heading: str) -> tuple[int, str]:
    start = page.find(f"\n## {heading}\n")
    if start < 0:
        return 0, ""
    end = page.find("\n## ", start + 1)
    return start, page[start : end if end >= 0 else None]


def examples(page: str, heading: str) -> list[Example]:
    start, text = section(page, heading)
    found = []
    for fence in FENCE.finditer(text):
        words = fence["info"].split()
        if words and words[0] in PATHS and "fixed" not in words:
            settings = dict(word.split("=", 1) for word in words[1:])
            settings["path"] = PATHS[words[0]]
            found.append(Example(fence["body"], settings, start + fence.end()))
    return found


def run(rule: Rule, text: str, settings: dict[str, str]) -> tuple[Finding, ...]:
    policy_type = settings.get("type")
    enabled = {id_: rules()[id_] for id_ in settings.get("enable", "").split(",") if id_}
    return lint_with_settings(
        Source(settings["path"], text),
        FileSettings(
            {**enabled, rule.id: rule},
            PolicyType(policy_type) if policy_type else None,
            settings.get("resource_type"),
        ),
    ).findings


def fixed(text: str, findings: tuple[Finding, ...]) -> str | None:
    """The text after the safe fixes, None if there are none."""
    edits: tuple[Edit, ...] = ()
    for finding in findings:
        safe = [fix for fix in finding.fixes if fix.safety is Safety.SAFE]
        edits += safe[0].edits if safe else ()
    return apply_edits(text, edits) if edits else None


def expected_after(rule: Rule, example: Example) -> str:
    """The fences that follow an example under "Examples"."""
    findings = run(rule, example.text, example.settings)
    output = "\n\n".join(render(finding) for finding in findings)
    fences = f"\n\n```findings\n{output}\n```"
    after = fixed(example.text, findings)
    return fences if after is None else f"{fences}\n\n```json fixed\n{after}```"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_shows_the_real_output(path: Path, update: bool) -> None:  # noqa: FBT001 - a fixture
    rule = rule_of(read_page(path))
    page = path.read_text(encoding="utf-8")
    fired = examples(page, "Examples")
    assert fired or path.stem in NO_EXAMPLE
    rewritten = page
    for example in reversed(fired):
        found = run(rule, example.text, example.settings)
        assert found, f"silent on:\n{example.text}"
        codes = {code for finding in found for code in finding.issue_codes} or {"none"}
        assert codes == set(example.settings.get("codes", ",".join(codes)).split(",")), example.text
        rest = rewritten[example.end :]
        old = re.match(
            r"(\n\n```(?:findings|json fixed)\n.*?^```$)*", rest, re.DOTALL | re.MULTILINE
        )
        assert old
        rewritten = rewritten[: example.end] + expected_after(rule, example) + rest[old.end() :]
    if update:
        path.write_text(rewritten, encoding="utf-8")
    assert rewritten == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_is_silent_on_the_near_misses(path: Path) -> None:
    rule = rule_of(read_page(path))
    for example in examples(path.read_text(encoding="utf-8"), "No findings"):
        findings = run(rule, example.text, example.settings)
        assert not findings, "\n".join(render(finding) for finding in findings)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_fix_ends_its_finding(path: Path) -> None:
    rule = rule_of(read_page(path))
    best = set()
    for example in examples(path.read_text(encoding="utf-8"), "Examples"):
        findings = run(rule, example.text, example.settings)
        titles = [finding.title for finding in findings]
        for finding in findings:
            for fix in finding.fixes:
                best.add(fix.safety.value)
                after = apply_edits(example.text, fix.edits)
                if example.text.startswith("{"):
                    json.loads(after)
                left = run(rule, after, example.settings)
                after_it = [other.title for other in left]
                assert after_it.count(finding.title) < titles.count(finding.title)
    assert rule.fix == ("safe" if "safe" in best else "unsafe" if best else None)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_headings_of_a_page_are_in_order(path: Path) -> None:
    found = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert found == [heading for heading in HEADINGS if heading in found]
    left_out = {"Examples", "No findings"} if path.stem in NO_EXAMPLE else set()
    assert REQUIRED - left_out <= set(found)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_nothing_is_left_to_fill_in(path: Path) -> None:
    module = CHECKS / f"{path.stem.replace('-', '_')}.py"
    for file in (path, module):
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        left = [f"{file.name}:{number}" for number, line in enumerate(lines, 1) if "TODO" in line]
        assert not left


@cache
def policies_of_all_pages() -> list[tuple[Policy, frozenset[str]]]:
    """Every policy that a page shows as JSON, as each type, with its features."""
    fences = [
        fence["body"]
        for path in PAGES
        for fence in FENCE.finditer(path.read_text(encoding="utf-8"))
        if fence["info"].startswith("json")
    ]
    return [
        (policy, features(policy, bundled()))
        for text in fences
        for type_ in PolicyType
        for policy in read_source(Source("x.json", text), type=type_).json_policies
    ]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_check_finds_nothing_without_the_features_that_it_needs(path: Path) -> None:
    rule = rule_of(read_page(path))
    if not rule.needs:
        return
    module = importlib.import_module(f"multitool_lint.checks.{path.stem.replace('-', '_')}")
    for policy, found in policies_of_all_pages():
        if found.isdisjoint(rule.needs):
            assert not list(module.check(policy, Context(rule, policy, bundled())))


def test_pages_and_check_modules_correspond() -> None:
    ids = {path.stem for path in PAGES}
    checks = {
        path.stem.replace("_", "-") for path in CHECKS.glob("*.py") if path.stem != "__init__"
    }
    assert checks <= ids
    assert {rule.id for rule in rules().values() if rule.needs} <= checks


def test_topics_are_names_of_their_own_and_each_has_rules() -> None:
    ids = {path.stem for path in PAGES}
    former = [alias for rule in rules().values() for alias in rule.aliases]
    names = [*ids, *former, *TOPICS]
    assert len(names) == len(set(names))
    assert {topic for rule in rules().values() for topic in rule.topics} == set(TOPICS)


def test_the_index_is_current(update: bool) -> None:  # noqa: FBT001 - a fixture
    index = json.dumps([read_page(path) for path in PAGES], indent=1) + "\n"
    overview = overview_of_rules()
    if update:
        Path(INDEX).write_text(index, encoding="utf-8")
        (Path(DIRECTORY) / "README.md").write_text(overview, encoding="utf-8")
        rules.cache_clear()
    assert Path(INDEX).read_text(encoding="utf-8") == index
    assert (Path(DIRECTORY) / "README.md").read_text(encoding="utf-8") == overview


def overview_of_rules() -> str:
    pages = [rule_of(read_page(path)) for path in PAGES]
    lines = [
        "# Rules",
        "",
        "Generated from the pages by `pytest --update`. `multitool-lint explain RULE` prints one.",
        "",
        "| rule | severity | fix | policy types | what it finds |",
        "|---|---|---|---|---|",
    ]
    for rule in pages:
        types = "all" if rule.types == ALL_TYPES else ", ".join(rule.types)
        severity = rule.severity.value + ("" if rule.default else " (off by default)")
        cells = (severity, rule.fix or "", types, rule.summary.replace("|", "\\|"))
        lines.append(f"| [`{rule.id}`]({rule.id}.md) | {' | '.join(cells)} |")
    lines += [
        "",
        "## Topics",
        "",
        "`--select`, `--extend-select` and `--ignore` take a topic where they take a rule, and",
        "`multitool-lint rules --topic TOPIC` lists its rules.",
        "",
        "| topic | what its rules are about | rules |",
        "|---|---|---|",
    ]
    for topic, what in TOPICS.items():
        ids = ", ".join(f"[`{rule.id}`]({rule.id}.md)" for rule in pages if topic in rule.topics)
        ids = "those of the next section" if topic == ACCESS_ANALYZER else ids
        lines.append(f"| `{topic}` | {what} | {ids} |")
    lines += [
        "",
        "## The checks of IAM Access Analyzer",
        "",
        "What each of its issue codes is reported as. *In part* means that AWS decides more than",
        "can be decided offline; the page says what.",
        "",
        "| issue code | rule | decided |",
        "|---|---|---|",
    ]
    codes = [(code, rule) for rule in pages for code in rule.access_analyzer]
    for code, rule in sorted(codes, key=lambda pair: (pair[0], pair[1].id)):
        decided = f"[in part]({rule.id}.md#limits)" if "\n### Limits\n" in rule.page else "yes"
        lines.append(f"| `{code}` | [`{rule.id}`]({rule.id}.md) | {decided} |")
    return "\n".join(lines) + "\n"
