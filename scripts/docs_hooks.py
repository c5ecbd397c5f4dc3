"""Pages of the documentation that are made when it is built, so that they cannot grow old.

The pages of the rules come from `rules/`, the reference of the commands from the parsers of the
commands, the tables of the configuration from its JSON Schema, and the tables of the codes of other
tools from the settings of the rules.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File, Files
from mkdocs.utils.yaml import yaml_load

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import editor_schemas  # noqa: E402 - of this checkout
from docs_commands import command_page, commands_index, escaped  # noqa: E402 - of this checkout
from docs_playground import link, playground_files  # noqa: E402 - of this checkout

from multitool_lint.cli import COMMANDS  # noqa: E402
from multitool_lint.diagnostics.rule import (  # noqa: E402
    ALL_TYPES,
    DIRECTORY,
    TOPICS,
    Rule,
    Severity,
    rules,
)
from multitool_lint.formats.cloudformation.properties import properties  # noqa: E402
from multitool_lint.formats.terraform.attributes import holders  # noqa: E402

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

MEANINGS = {
    Severity.ERROR: "AWS rejects the policy, or it can never work.",
    Severity.SECURITY: "Access wider than it should be.",
    Severity.WARNING: "Probably not what was intended.",
    Severity.SUGGESTION: "Better otherwise, with the same access.",
}
KINDS = {
    "organizations": "as its type says",
    "other": "in another language, not read",
    "sam": "a list of SAM's",
    "statements": "statements of a resource policy",
}
"""What the tables of properties and attributes have besides the types of policies."""
SCHEMAS = (
    "accepted.json",
    "access-diff.json",
    "baseline.json",
    "config.json",
    "iamtest.json",
    "output.json",
)
FENCE = re.compile(r"^(```+)(\w+) ?([^\n]*)\n(.*?)^\1$", re.DOTALL | re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    pages = {
        "changelog.md": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        "rules/index.md": rules_index(),
        **{f"rules/{rule.id}.md": rule_page(rule) for rule in rules().values()},
        "commands/index.md": commands_index(),
        **{f"commands/{name}.md": command_page(name) for name in COMMANDS},
    }
    for path, content in pages.items():
        files.append(File.generated(config, path, content=content))
    for name in SCHEMAS:
        place = str(Path(DIRECTORY) / "schemas" / name)
        files.append(File.generated(config, f"schemas/{name}", abs_src_path=place))
    for name, schema in editor_schemas.schemas().items():
        files.append(File.generated(config, f"schemas/{name}", content=json.dumps(schema)))
    for file in playground_files(config):
        files.append(file)
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Fill in the tables that a page asks for, with a comment such as `<!-- keys: policies -->`."""
    markdown = markdown.replace("<!-- inputs -->", inputs_table())
    markdown = markdown.replace("<!-- policy properties -->", properties_table())
    markdown = markdown.replace("<!-- policy attributes -->", attributes_table())
    markdown = re.sub(r"<!-- codes: (\w+) -->", lambda asked: codes_table(asked[1]), markdown)
    return re.sub(r"<!-- keys(?:: (\w+))? -->", lambda asked: keys_table(asked[1]), markdown)


def properties_table() -> str:
    """The properties of CloudFormation resources in which policies are read."""
    rows = [
        (type_, ".".join(property_.path).replace(".*", "[]"), property_.kind)
        for type_, known in sorted(properties().items())
        for property_ in known
    ]
    return places_table("property", rows)


def attributes_table() -> str:
    """The attributes of Terraform resources in which policies are read."""
    rows = [
        (type_, path, attribute.type)
        for type_, known in sorted(holders().items())
        for path, attribute in known.items()
    ]
    return places_table("attribute", rows)


def places_table(heading: str, rows: list[tuple[str, str, str]]) -> str:
    """A table of where policies are, with the types of these."""
    lines = [f"| resource | {heading} | policy |", "|---|---|---|"]
    lines += [f"| `{type_}` | `{path}` | {KINDS.get(kind, kind)} |" for type_, path, kind in rows]
    return "\n".join(lines)


def rules_index() -> str:
    """The page with the table of all rules, which `docs/filter.js` filters."""
    counts = Counter(rule.severity for rule in rules().values())
    parts = [
        "# Rules\n",
        f"{len(rules())} rules. `multitool-lint explain RULE` prints the page of one.",
        "[Severities](#severities) and [topics](#topics) are explained after the table.\n",
        '<div class="rules" markdown>\n',
        "| rule | what it finds | severity | fix | policy types | topics |",
        "|---|---|---|---|---|---|",
        *map(index_row, rules().values()),
        "\n</div>\n",
        "## Severities\n",
        "| severity | rules | meaning |\n|---|---|---|",
        *(
            f"| [{severity.value}](?severity={severity.value}) | {counts[severity]} | "
            f"{MEANINGS[severity]} |"
            for severity in Severity
        ),
        "\n## Topics\n",
        "`--select`, `--extend-select` and `--ignore` accept the name of a topic or of a rule.\n",
        "| topic | rules about |\n|---|---|",
        *(f"| [{topic}](?topic={topic}) | {about} |" for topic, about in TOPICS.items()),
    ]
    return "\n".join(parts)


def index_row(rule: Rule) -> str:
    """The row of a rule in the table of all rules."""
    types = "all" if rule.types == ALL_TYPES else ", ".join(rule.types)
    notes = f"{'' if rule.default else ' Off by default.'}{' Preview.' if rule.preview else ''}"
    return (
        f"| [`{rule.id}`]({rule.id}.md) | {rule.summary}{notes} | {rule.severity.value} | "
        f"{rule.fix or ''} | {types} | {', '.join(rule.topics)} |"
    )


def codes_table(tool: str) -> str:
    """The checks of another tool, each with the rules that answer it."""
    answers: dict[str, list[str]] = {}
    for rule in rules().values():
        note = "" if rule.default else " (off by default)"
        for code in getattr(rule, tool):
            answers.setdefault(code, []).append(f"[`{rule.id}`](rules/{rule.id}.md){note}")
    rows = [f"| `{code}` | {', '.join(answers[code])} |" for code in sorted(answers)]
    return "\n".join(["| code | rules |", "|---|---|", *rows])


def rule_page(rule: Rule) -> str:
    """The page of a rule, with its settings in words."""

    def fence(found: re.Match[str]) -> str:
        ticks, language, options, body = found.groups()
        if language == "toml" and found.start() < rule.page.find("\n## "):
            return settings_table(rule)
        language = {"findings": "text"}.get(language, language)
        if options == "fixed":
            return f"After the safe fix:\n\n{ticks}{language}\n{body}{ticks}"
        title = f' title="{options}"' if options else ""
        enabled = "" if rule.default else f"enable={rule.id}"
        address = link(language, f"{options} {enabled}", body)
        tried = f"\n\n[Try this]({address})" if address else ""
        return f"{ticks}{language}{title}\n{body}{ticks}{tried}"

    page = FENCE.sub(fence, rule.page)
    return page.replace("](README.md", "](index.md").replace("](schemas/", "](../schemas/")


def settings_table(rule: Rule) -> str:
    """What the page of a rule says in TOML, as a table."""
    facts = {
        "severity": rule.severity.value,
        "former ids": ", ".join(f"`{former}`" for former in rule.aliases),
        "fix": rule.fix,
        "topics": ", ".join(f"`{topic}`" for topic in rule.topics),
        "policy types": ", ".join(rule.types),
        "by default": "on" if rule.default else "off: select it, or extend the selection by it",
        "IAM Access Analyzer": ", ".join(f"`{code}`" for code in rule.access_analyzer),
        "parliament": ", ".join(f"`{code}`" for code in rule.parliament),
        "since": rule.since,
    }
    head, *rows = [f"| {name} | {fact} |" for name, fact in facts.items() if fact]
    return "\n".join([head, "|---|---|", *rows])


def inputs_table() -> str:
    """The inputs of the GitHub Action."""
    inputs = yaml_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    rows = [
        f"| `{name}` | {escaped(facts['description'])} | "
        f"{f'`{default}`' if (default := facts['default']) else ''} |"
        for name, facts in inputs.items()
    ]
    return "\n".join(["| input | meaning | default |", "|---|---|---|", *rows])


def keys_table(definition: str | None) -> str:
    """The keys of the configuration, or of a table in it, with what the schema says of them."""
    path = Path(DIRECTORY) / "schemas" / "config.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    place = schema["$defs"][definition] if definition else schema
    rows = ["| key | type | meaning |", "|---|---|---|"]
    for key, of_key in place["properties"].items():
        target = schema["$defs"][of_key["$ref"].rpartition("/")[2]] if "$ref" in of_key else of_key
        facts = target | of_key
        required = " (required)" if key in place.get("required", ()) else ""
        meaning = escaped(facts.get("description") or facts.get("title", ""))
        rows.append(f"| `{key}`{required} | {key_type(facts)} | {meaning} |")
    return "\n".join(rows)


def key_type(facts: dict[str, Any]) -> str:
    """The type of a key in words."""
    values = facts.get("enum", ())
    if values and len(values) <= len(COMMANDS):
        return ", ".join(f'`"{value}"`' for value in values)
    if "anyOf" in facts:
        return " or ".join(dict.fromkeys(key_type(alternative) for alternative in facts["anyOf"]))
    type_ = str(facts.get("format") or facts.get("type", "string"))
    return {"array": "list", "object": "table", "boolean": "true or false"}.get(type_, type_)


def on_config(config: MkDocsConfig) -> None:
    """Build the same pages wherever the build runs."""
    os.environ["COLUMNS"] = "80"
    config.watch.append(str(DIRECTORY))
