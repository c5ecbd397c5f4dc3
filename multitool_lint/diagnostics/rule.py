"""The rules as their pages define them: the only module that knows where `rules/` is."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

from multitool_lint.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

_PACKAGE = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120 - Path is slow to import
DIRECTORY = f"{_PACKAGE}/rules"
if not os.path.isdir(DIRECTORY):  # noqa: PTH112 - as above
    DIRECTORY = f"{os.path.dirname(_PACKAGE)}/rules"  # noqa: PTH120 - as above
"""Where the pages and schemas are: inside an installed package, next to it in a checkout."""

INDEX = f"{DIRECTORY}/index.json"
"""The settings of all pages in one file: reading the pages takes longer than linting a policy."""

DOCUMENTATION = "https://multitool-lint.github.io/multitool-lint/"
"""The address under which the documentation is published, as `pyproject.toml` has it."""

UNCHECKED = frozenset(
    {"hcl-syntax-error", "internal-error", "json-syntax-error", "yaml-syntax-error"}
)
"""The rules whose findings mean that something was not checked: no selection leaves them out."""


TOPICS = {
    "access": "access that is wider than it should be",
    "escalation": "ways to gain more access",
    "exposure": "access of other accounts, the public and services, and to data and credentials",
    "trust": "who may assume a role",
    "principals": "the principals that a statement lists",
    "actions": "the actions that a statement lists",
    "resources": "the resources that a statement lists",
    "conditions": "operators, keys and values of conditions, and the requests that they match",
    "control-policies": "service and resource control policies",
    "grammar": "mistakes in the form of a policy, which AWS rejects",
    "redundancy": "what could be removed without a change of access",
    "style": "how a policy is written, without a change of access",
    "linting": "what was not checked, and comments and settings for this tool",
    "access-analyzer": "what IAM Access Analyzer also reports",
}
"""The groups of rules by topic, which are selected and ignored by name as rules are by id."""

ACCESS_ANALYZER = "access-analyzer"
"""The topic of the rules with an issue code, which their pages do not repeat."""

_DISPUTED = frozenset({"scp-action-wildcard"})
"""Rules for checks that AWS's other pages contradict; an answer like AWS's does not need them."""


class Severity(Enum):
    """The finding types of IAM Access Analyzer.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
    """

    ERROR = "error"
    SECURITY = "security"
    WARNING = "warning"
    SUGGESTION = "suggestion"


POLICIES, REFERENCES, IDENTITIES, ROLES = "policies", "references", "identities", "roles"
"""What the check of a rule is asked about."""


class Rule(NamedTuple):
    """A rule, parsed from its page.

    `types` are the policy types that it applies to, `fix` is the best safety that its fixes have,
    `needs` are the features of a policy (see `features.py`) without which it finds nothing,
    `access_analyzer` and `parliament` name the checks of theirs that it answers. A rule that is not
    ours says where it comes from in `origin`, and brings the `text` of its page and its `check`,
    which must do for other processes and for the cache: it is pickled, and known by its `repr`.
    A rule that is `brief` finds only what is worth a note of a policy.
    Findings of a `preview` rule fail no run. `aliases` are the former ids, the oldest first. It is
    `about` policies, about references to managed policies, or about identities.
    """

    id: str
    summary: str
    severity: Severity
    types: tuple[str, ...]
    fix: str | None
    default: bool
    since: str
    access_analyzer: tuple[str, ...]
    parliament: tuple[str, ...]
    references: tuple[str, ...]
    topics: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    origin: str = ""
    text: str = ""
    check: Callable[..., Iterator[Any]] | None = None
    brief: bool = False
    preview: bool = False
    dated: bool = False
    aliases: tuple[str, ...] = ()
    about: str = POLICIES

    @property
    def name(self) -> str:
        """The id, of a rule that is not ours with where it comes from."""
        return f"{self.id} of {self.origin}" if self.origin else self.id

    @property
    def page(self) -> str:
        """The Markdown text of the rule's page."""
        if self.text:
            return self.text
        with open(f"{DIRECTORY}/{self.id}.md", encoding="utf-8") as file:  # noqa: PTH123 - as above
            return file.read()


ALL_TYPES = ("identity", "resource", "trust", "scp", "rcp", "boundary", "session")

PAGE_KEYS: Mapping[str, type] = MappingProxyType(
    {
        "severity": str,
        "types": list,
        "fix": str,
        "default": bool,
        "preview": bool,
        "dated": bool,
        "aliases": list,
        "since": str,
        "topics": list,
        "needs": list,
        "access_analyzer": list,
        "parliament": list,
        "about": str,
    }
)
"""The settings in the TOML of a page, with the types of their values."""


@lru_cache(maxsize=1)
def rules() -> Mapping[str, Rule]:
    """All rules by id, in alphabetical order."""
    with open(INDEX, encoding="utf-8") as file:  # noqa: PTH123 - as above
        entries = json.load(file)
    return MappingProxyType({entry["id"]: rule_of(entry) for entry in entries})


def rule_of(entry: Mapping[str, Any]) -> Rule:
    """The rule of an entry of the index."""
    topics = tuple(entry.get("topics", ()))
    if entry.get("access_analyzer") and entry["id"] not in _DISPUTED:
        topics = (*topics, ACCESS_ANALYZER)
    return Rule(
        id=entry["id"],
        summary=entry["summary"],
        severity=Severity(entry["severity"]),
        types=tuple(entry.get("types", ALL_TYPES)),
        fix=entry.get("fix"),
        default=entry.get("default", True),
        since=entry["since"],
        access_analyzer=tuple(entry.get("access_analyzer", ())),
        parliament=tuple(entry.get("parliament", ())),
        references=tuple(entry["references"]),
        topics=topics,
        needs=tuple(entry.get("needs", ())),
        preview=entry.get("preview", False),
        dated=entry.get("dated", False),
        aliases=tuple(entry.get("aliases", ())),
        about=entry.get("about", POLICIES),
    )


class FormerIdWarning(FutureWarning):
    """A rule is named by an id that it had before it was renamed."""


@lru_cache(maxsize=1)
def former_ids() -> Mapping[str, str]:
    """The ids that rules had before they were renamed, each with the id of today."""
    return MappingProxyType(
        {former: id_ for id_, rule in rules().items() for former in rule.aliases}
    )


def current_id(id_: str, where: str = "") -> str:
    """The id of today of the rule that an id names; any other text is returned as it is.

    Warns of a former id, and where it is used.
    """
    id_of_today = former_ids().get(id_)
    if id_of_today is None:
        return id_
    message = f'rule "{id_}" is now called "{id_of_today}"'
    warnings.warn(f"{where}: {message}" if where else message, FormerIdWarning, stacklevel=2)
    return id_of_today


PARLIAMENT = "parliament"
"""The engine whose finding types are the ids of rules that are not ours."""


@lru_cache(maxsize=1)
def parliament_types() -> frozenset[str]:
    """The finding types of parliament: those that our rules answer, and two that none can."""
    answered = {type_ for rule in rules().values() for type_ in rule.parliament}
    return frozenset(answered | {"EXCEPTION", "SENSITIVE_ACCESS"})


def page_url(id_: str) -> str:
    """The address of the page of a rule, empty for one that is not ours."""
    return f"{DOCUMENTATION}rules/{id_}.html" if id_ in rules() else ""


def is_preview(id_: str) -> bool:
    """Whether findings of a rule fail no run yet; never so of a rule that is not ours."""
    rule = rules().get(id_)
    return rule is not None and rule.preview


def is_dated(id_: str) -> bool:
    """Whether a newer catalog may end a finding of a rule."""
    rule = rules().get(id_)
    return rule is not None and rule.dated


def _mistake(key: str, value: object) -> str:
    """What is wrong with a setting of a page, "" where nothing is."""
    from multitool_lint.diagnostics.features import FEATURES

    if key not in PAGE_KEYS:
        return f'"{key}" is not a setting of a rule; expected one of {", ".join(PAGE_KEYS)}'
    if not isinstance(value, PAGE_KEYS[key]):
        return f'"{key}" must be a {PAGE_KEYS[key].__name__}'
    choices: Mapping[str, Collection[str]] = {
        "severity": [severity.value for severity in Severity],
        "types": ALL_TYPES,
        "fix": ("safe", "unsafe"),
        "topics": TOPICS,
        "needs": FEATURES,
        "about": (POLICIES, REFERENCES, IDENTITIES, ROLES),
    }
    for item in value if isinstance(value, list) else [value]:
        if key in choices and item not in choices[key]:
            expected = ", ".join(sorted(choices[key]))
            return f'"{item}" is not allowed in "{key}"; expected {expected}'
    return ""


def read_page(path: Path) -> dict[str, Any]:
    """The entry of a page in the index.

    Raises:
        ValueError: the heading is not the rule's id, a part of the page is missing, or a setting
            is unknown or has a value that is not allowed; with the line.
    """
    return read_text(path.read_text(encoding="utf-8"), path.stem)


def read_text(text: str, id_: str) -> dict[str, Any]:
    """The entry of the page of a rule.

    Raises:
        ValueError: as `read_page` says.
    """
    import re
    import tomllib

    head = re.match(
        r"# `(?P<id>[a-z0-9-]+)`\n\n```toml\n(?P<settings>.*?)```\n\n"
        r"## What it finds\n\n(?P<summary>.+?)\n\n",
        text,
        re.DOTALL,
    )
    if head is None or head["id"] != id_:
        raise ValueError(
            f"{id_}.md: expected the id as heading, a toml fence with the settings, and "
            "`## What it finds` with a summary"
        )
    references = re.findall(r"<(https://[^>]+)>", text.partition("\n## References\n")[2])
    if not references:
        raise ValueError(f"{id_}.md: no reference under `## References`")
    settings = tomllib.loads(head["settings"])
    for key, value in settings.items():
        if mistake := _mistake(key, value):
            before = re.split(rf"^{re.escape(key)}\b", head["settings"], flags=re.MULTILINE)[0]
            line = text.count("\n", 0, head.start("settings") + len(before)) + 1
            raise ValueError(f"{id_}.md:{line}: {mistake}")
    for key in ("severity", "since", "topics"):
        if not settings.get(key):
            raise ValueError(f'{id_}.md: the setting "{key}" is missing')
    return {
        "id": head["id"],
        "summary": " ".join(head["summary"].split()),
        **settings,
        "references": references,
    }
