"""The settings that apply to a file, as text for people."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from multitool_lint.cli.output import streams
from multitool_lint.reporters.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    Json = dict[str, Any]

_FINDING = ("path", "sid", "action", "resource", "principal")


def text(facts: Json) -> str:
    """The settings of a file, or of the files in a folder."""
    return "".join(f"{line}\n" for line in _lines(facts))


def _lines(facts: Json) -> Iterator[str]:
    path = printable(facts["path"])
    yield f"the files in {path}" if facts["folder"] else path
    yield f"  configuration: {printable(facts['configuration'] or 'none')}"
    if facts["excluded"]["value"]:
        yield f"  excluded where a folder is searched{_where(facts['excluded'])}"
    if not facts["folder"]:
        for key in ("type", "resource_type"):
            value = facts[key]["value"] or "as the shape of a policy tells"
            yield f"  {key.replace('_', ' ')}: {value}{_where(facts[key])}"
    yield f"  fail-on: {facts['fail_on']['value']}{_where(facts['fail_on'])}"
    yield from _catalog(facts["catalog"])
    yield from _rules("rules that run", facts["rules"], runs=True)
    yield from _rules("rules that do not run", facts["rules"], runs=False)
    yield from _list("rules of your own", facts["own_rules"], "{id}: {severity}: {message}")
    yield from _list(
        "severities that are changed",
        facts["severities"],
        "{rule}: {severity} instead of {instead_of}",
    )
    yield from _list("policies", map(_policy, facts.get("policies", ())), "{path}: {types}")
    yield from _list(
        "per-path-ignores", map(_ignored, facts.get("per_path_ignores", ())), "{path}: {rules}"
    )
    yield from _list("findings that are ignored", map(_entry, facts["ignores"]), "{what}: {reason}")
    yield from _list("exclude", facts["exclude"], "{pattern}")


def _catalog(facts: Json) -> Iterator[str]:
    directory = printable(facts["directory"])
    yield f"  catalog: of {facts['date']}, {directory}{_where(facts)}"
    for key in ("extra_actions", "extra_services", "extra_condition_keys"):
        if facts[key]:
            yield from _wrapped(f"{key.replace('_', '-')}: {printable(', '.join(facts[key]))}", 4)


def _rules(title: str, rules: list[Json], *, runs: bool) -> Iterator[str]:
    """The rules that run, or that do not, together where one setting decides about them."""
    reasons: dict[str, list[str]] = {}
    for rule in rules:
        if rule["runs"] is runs:
            reasons.setdefault(_reason(rule), []).append(rule["id"])
    if reasons:
        yield f"  {title}: {sum(map(len, reasons.values()))}"
    for reason, ids in reasons.items():
        yield from _wrapped(f"{reason}: {', '.join(ids)}", 4)


def _reason(rule: Json) -> str:
    if rule["by"] == "always":
        return "always, as what was not judged is no pass"
    if rule["by"] == "default":
        return "by default" if rule["runs"] else "off by default"
    if rule["from"]["option"]:
        reason = str(rule["from"]["option"])
    else:
        reason = f"{rule['by']}{_where(rule)}"
    return reason if rule["runs"] or rule["by"] != "select" else f"not in {reason}"


def _list(title: str, items: Iterator[Json] | list[Json], form: str) -> Iterator[str]:
    lines = [f"{form.format_map(item)}{_where(item)}" for item in items]
    if lines:
        yield f"  {title}:"
    for line in lines:
        yield from _wrapped(printable(line), 4)


def _policy(entry: Json) -> Json:
    types = ", ".join(filter(None, (entry["type"], entry["resource_type"])))
    return {**entry, "types": types}


def _ignored(entry: Json) -> Json:
    return {**entry, "rules": ", ".join(entry["rules"])}


def _entry(entry: Json) -> Json:
    """An entry of `[[ignore]]`, with the finding that it is about in words."""
    words = [entry["rule"]]
    for key in _FINDING:
        value = entry[key]
        if value:
            words.append(f"{key} {value if isinstance(value, str) else ', '.join(value)}")
    if entry["expires"]:
        words.append(f"{'expired on' if entry['expired'] else 'until'} {entry['expires']}")
    return {**entry, "what": ", ".join(words)}


def _where(item: Json) -> str:
    """Where a setting is from, in brackets; nothing for a default."""
    option, path, line = (item["from"][key] for key in ("option", "path", "line"))
    if option:
        return f" ({option})"
    if path is None:
        return ""
    return f" ({printable(path)})" if line is None else f" ({printable(path)}:{line})"


def _wrapped(line: str, indent: int) -> list[str]:
    return wrap(
        line,
        max(streams.width() - 2, 40),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
