"""parliament itself: what its command line reports of a policy, by its own data and settings.

Here it is imported as any program imports it. Its finding types are rules whose origin it is.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType, ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import yaml

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import covers
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly
from multitool_lint.diagnostics.rule import ALL_TYPES, PARLIAMENT, Rule, Severity, rules
from multitool_lint.engines.parliament import workload
from multitool_lint.engines.parliament.engine import as_jsoncfg
from multitool_lint.engines.parliament.finding_types import AUDITORS
from multitool_lint.limits import MAX_PARLIAMENT_ITSELF_MICROSECONDS
from multitool_lint.policy import pointer as pointers
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.placeholders import has_expression, has_placeholder
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Object, scalars

_SEVERITIES = {
    "CRITICAL": Severity.ERROR,
    "HIGH": Severity.ERROR,
    "MEDIUM": Severity.WARNING,
    "LOW": Severity.SUGGESTION,
}
"""The severities that its command line shows by default, and ours for them."""

_WHATEVER_IS_UNKNOWN = frozenset({"DUPLICATE_SID", "MALFORMED", "NO_VERSION"})
"""The finding types that no unknown value elsewhere in the policy can make false."""

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[^\s,\]}]|')
_LOCK = threading.Lock()


class FindingType(NamedTuple):
    """What its settings say of a finding type."""

    title: str
    severity: str
    description: str = ""


class ReportedIssue(NamedTuple):
    """What it reports: a finding type, the reasons, and the location of the value."""

    type: str
    notes: tuple[str, ...]
    location: Mapping[str, Any]


class TooLongError(RuntimeError):
    """A policy for which parliament could take hours."""


@lru_cache(maxsize=1)
def _module() -> ModuleType:
    """The installed parliament, as it is.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    installed = importlib.util.find_spec(PARLIAMENT)
    if installed is None or installed.origin is None:
        raise ModuleNotFoundError("No module named 'parliament'", name=PARLIAMENT)
    folder = Path(installed.origin).parent
    # Gone from setuptools 82; it only says where the package is.
    stand_in: Any = SimpleNamespace(resource_filename=lambda _, name: str(folder / name))
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # compiled for the first time, its "\\d"
        others = sys.modules.get("pkg_resources")
        sys.modules["pkg_resources"] = others or stand_in
        try:
            return importlib.import_module(PARLIAMENT)
        finally:
            if others is None:
                del sys.modules["pkg_resources"]


@lru_cache(maxsize=1)
def _types() -> Mapping[str, FindingType]:
    """The finding types by its settings, and by those of its community auditors."""
    folder = Path(str(_module().__file__)).parent
    found = {}
    for name in ("config.yaml", "community_auditors/config_override.yaml"):
        settings = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
        for id_, entry in settings.items():
            title, description = entry["title"].strip(), entry.get("description", "")
            found[id_] = FindingType(title, entry["severity"], description)
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def finding_rules() -> Mapping[str, Rule]:
    """The finding types as rules; those of the community auditors are off by default."""
    return MappingProxyType({id_: _rule(id_, type_) for id_, type_ in sorted(_types().items())})


def _rule(id_: str, type_: FindingType) -> Rule:
    answers = [f"`{rule}`" for rule, ours in rules().items() if id_ in ours.parliament]
    runs = "if it is selected" if id_ in AUDITORS else "unless it is ignored"
    page = [
        f"# `{id_}`",
        f"{type_.title}: {type_.description}" if type_.description else type_.title,
        f"`--engine parliament` reports it {runs}. Its severity in parliament is {type_.severity}.",
        f"Rules of multitool-lint about the same: {', '.join(answers) or 'none'}.",
    ]
    return Rule(
        id=id_,
        summary=type_.title,
        severity=_SEVERITIES.get(type_.severity, Severity.SUGGESTION),
        types=ALL_TYPES,
        fix=None,
        default=type_.severity in _SEVERITIES and id_ not in AUDITORS,
        since="",
        access_analyzer=(),
        parliament=(),
        references=("https://pypi.org/project/parliament/",),
        origin=PARLIAMENT,
        text="\n\n".join(page) + "\n",
    )


def findings(policy: Policy, catalog: Catalog, enabled: Mapping[str, Rule]) -> Iterator[Finding]:
    """What it reports of a policy under those of its finding types that are enabled.

    Of a file of JSON that is a policy, what it reports of the file. Of others, what it reports of
    the policy as AWS receives it, other than what an unknown value could make false.

    Raises:
        Exception: it fails, as on odd values, or would take too long.
    """
    if workload.microseconds(policy, catalog) > MAX_PARLIAMENT_ITSELF_MICROSECONDS:
        raise TooLongError("it would take too long")
    audits = not AUDITORS.isdisjoint(enabled)
    is_file = _is_file(policy)
    if is_file:
        issues = _issues_of_text(policy.source.text, audits=audits)
    else:
        issues = _issues_of_policy(policy, audits=audits)
    by_start = {node.span.start: node for node in _nodes(policy.root)} if is_file else {}
    for issue in issues:
        rule = enabled.get(issue.type)
        if rule is None:
            continue
        if is_file:
            node = by_start.get(_offset(policy.source, issue.location), policy.root)
        else:
            found = pointers.resolve(policy, str(issue.location.get("line", "")))
            node = found.node if found else policy.root
        if is_file or not _may_be_false(issue.type, node):
            place = _granting(policy, issue) or node
            yield Context(rule, policy, catalog).finding(place, rule.summary, notes=issue.notes)


def text_findings(source: Source, enabled: Mapping[str, Rule]) -> Iterator[Finding]:
    """What it reports of a file of JSON that we cannot read: it accepts more, such as comments."""
    for issue in _issues_of_text(source.text, audits=not AUDITORS.isdisjoint(enabled)):
        if rule := enabled.get(issue.type):
            start = _offset(source, issue.location)
            token = _TOKEN.match(source.text, start)
            span = Span(start, token.end() if token else start)
            found = (rule.id, rule.severity, source, span, "", rule.summary)
            yield Finding(*found, notes=issue.notes)


def _issues_of_text(text: str, *, audits: bool) -> list[ReportedIssue]:
    # Auditors that others have put into its folder would be programs that run unasked.
    analyzed = _module().analyze_policy_string(
        text, ignore_private_auditors=True, include_community_auditors=audits
    )
    return list(map(_issue, analyzed.findings))


def _issues_of_policy(policy: Policy, *, audits: bool) -> list[ReportedIssue]:
    module = _module()
    analyzed = module.Policy(as_jsoncfg(policy.root, module.jsoncfg.config_classes))
    analyzed.analyze(ignore_private_auditors=True, include_community_auditors=audits)
    return list(map(_issue, analyzed.findings))


def _issue(finding: Any) -> ReportedIssue:  # noqa: ANN401 - parliament has no types
    location = {"line": finding.location.get("lineno", ""), **finding.location}
    type_ = _types().get(finding.issue)
    notes = [*_reasons(finding.detail), *_reasons(location.get("actions"))]
    if type_:
        notes += [type_.description, f"severity in parliament: {type_.severity}"]
    return ReportedIssue(finding.issue, tuple(filter(None, notes)), location)


def _reasons(detail: object) -> Iterator[str]:
    """The reasons in what it calls a detail, which is a text, or a list of actions or objects."""
    if isinstance(detail, list):
        texts = [
            " needs ".join(map(str, item.values())) if isinstance(item, dict) else str(item)
            for item in detail
        ]
        yield enumerate_briefly(texts)
    elif detail:
        yield str(detail)


def _is_file(policy: Policy) -> bool:
    """Whether a policy is all that a text of JSON contains, without what a template fills in."""
    text, span = policy.source.text, policy.root.span
    return not has_expression(text) and not (text[: span.start] + text[span.end :]).strip(
        "\ufeff \t\r\n"
    )


def _offset(source: Source, location: Mapping[str, Any]) -> int:
    """The offset of a line and a column, both from 1; of no line, the beginning."""
    line, column = location.get("line"), location.get("column")
    if not isinstance(line, int) or not isinstance(column, int):
        return 0
    start = 0
    for _ in range(line - 1):
        start = source.text.find("\n", start) + 1
    return min(start + max(column - 1, 0), len(source.text))


def _nodes(node: Node) -> Iterator[Node]:
    """A value and all values in it, the inner ones first: what begins alike is the outer one."""
    if isinstance(node.value, Object):
        for member in node.value:
            yield from _nodes(member.value)
    elif isinstance(node.value, Array):
        for item in node.value:
            yield from _nodes(item)
    yield node


def _may_be_false(type_: str, node: Node) -> bool:
    """Whether a finding at a value may be false for some value of what is unknown in it."""
    if type_ in _WHATEVER_IS_UNKNOWN and isinstance(node.value, Object):
        return False
    return any(
        inner.value is UNKNOWN or (isinstance(inner.value, str) and has_placeholder(inner.value))
        for inner in scalars(node)
    )


def _granting(policy: Policy, issue: ReportedIssue) -> Node | None:
    """The first action in the policy that matches one of those that an auditor lists."""
    names = issue.location.get("actions") or ()
    for statement in policy.statements:
        for node, text in statement.action_texts if statement.allows else ():
            if any(covers(text.lower(), name) for name in names):
                return node
    return None
