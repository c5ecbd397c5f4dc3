"""Rules as SARIF describes them, with their pages as help."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from multitool_lint.diagnostics.rule import Rule, Severity, is_preview, page_url, rules
from multitool_lint.limits import MAX_SARIF_DESCRIPTION

_NONE: Mapping[str, Rule] = MappingProxyType({})

LEVELS = {
    Severity.ERROR: "error",
    Severity.SECURITY: "error",
    Severity.WARNING: "warning",
    Severity.SUGGESTION: "note",
}


# GitHub calls a score from 7.0 to 8.9 high. Which finding is critical, the policy alone does not
# show: that depends on what the account contains.
_SECURITY_SCORE = "8.0"
_PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation"}


def descriptor(id_: str, others: Mapping[str, Rule] = _NONE) -> dict[str, Any]:
    """A rule, as `reportingDescriptor` has it; others than ours are described if they are given."""
    rule = rules().get(id_) or others.get(id_)
    if rule is None:
        texts = ("shortDescription", "fullDescription", "help")
        return {"id": id_} | {text: {"text": id_} for text in texts}
    page = rule.page
    why = page.partition("\n## Why it matters\n")[2].partition("\n## ")[0].strip()
    first, _, _ = why.partition("\n\n")
    return {
        "id": rule.id,
        **({"deprecatedIds": list(rule.aliases)} if rule.aliases else {}),
        "shortDescription": {"text": _plain(rule.summary)},
        "fullDescription": {"text": _cut(_plain(f"{rule.summary} {first}").strip())},
        "help": {"text": _help(rule, why), "markdown": _without_settings(page)},
        **({"helpUri": url} if (url := page_url(rule.id) or "".join(rule.references[:1])) else {}),
        "defaultConfiguration": {"level": level(rule.id, rule.severity)},
        "properties": _properties(rule),
    }


def level(id_: str, severity: Severity) -> str:
    """The level of findings; GitHub fails a pull request for those that a run does not fail for."""
    return "note" if is_preview(id_) else LEVELS[severity]


def _properties(rule: Rule) -> dict[str, Any]:
    """What GitHub sorts and filters by."""
    # A finding that is false on a policy that works is a mistake of ours, for every rule.
    properties: dict[str, Any] = {"precision": "high", "tags": ["aws", "iam", *rule.topics]}
    if rule.severity is Severity.SECURITY and not rule.preview:
        properties["security-severity"] = _SECURITY_SCORE
        properties["tags"].append("security")
    else:
        properties["problem.severity"] = _PROBLEMS[level(rule.id, rule.severity)]
    if rule.access_analyzer:
        properties["accessAnalyzer"] = list(rule.access_analyzer)
    return properties


def _without_settings(page: str) -> str:
    """The page without the settings, which are for the linter, and without the id as heading."""
    return re.sub(r"\A# .*\n\n```toml\n(?:.*\n)*?```\n\n", "", page)


def _help(rule: Rule, why: str) -> str:
    parts = (_plain(rule.summary), _plain(why), "\n".join(rule.references))
    return "\n\n".join(part for part in parts if part) + "\n"


def _plain(markdown: str) -> str:
    """The text without the marks of code spans, each paragraph on one line."""
    paragraphs = markdown.replace("`", "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _cut(description: str) -> str:
    if len(description) <= MAX_SARIF_DESCRIPTION:
        return description
    return description[: MAX_SARIF_DESCRIPTION - 1] + "\N{HORIZONTAL ELLIPSIS}"
