"""The rules as their pages define them: the only module that knows where `rules/` is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGE = Path(__file__).parent
DIRECTORY = _PACKAGE / "rules" if (_PACKAGE / "rules").is_dir() else _PACKAGE.parent / "rules"
"""Where the pages and schemas are: inside an installed package, beside it in a checkout."""

INDEX = DIRECTORY / "index.json"
"""The settings of all pages in one file: reading the pages takes longer than linting a policy."""


UNJUDGED = frozenset({"internal-error", "json-syntax-error"})
"""The rules whose findings mean that something was not judged: no selection leaves them out."""


class Severity(Enum):
    """The finding types of IAM Access Analyzer.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
    """

    ERROR = "error"
    SECURITY = "security"
    WARNING = "warning"
    SUGGESTION = "suggestion"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, parsed from its page.

    `types` are the policy types that it applies to, `fix` is the best safety that its fixes have,
    `access_analyzer` and `parliament` name the checks of theirs that it answers.
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

    @property
    def page(self) -> str:
        """The Markdown text of the rule's page."""
        return (DIRECTORY / f"{self.id}.md").read_text(encoding="utf-8")


ALL_TYPES = ("identity", "resource", "trust", "scp", "rcp")


@lru_cache(maxsize=1)
def rules() -> Mapping[str, Rule]:
    """All rules by id, in alphabetical order."""
    entries = json.loads(INDEX.read_text(encoding="utf-8"))
    return MappingProxyType({entry["id"]: _rule(entry) for entry in entries})


def _rule(entry: Mapping[str, Any]) -> Rule:
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
    )


def read_page(path: Path) -> dict[str, Any]:
    """The entry of a page in the index.

    Raises:
        ValueError: the heading is not the rule's id, or a part of the page is missing.
    """
    import re
    import tomllib

    text = path.read_text(encoding="utf-8")
    head = re.match(
        r"# `(?P<id>[a-z0-9-]+)`\n\n(?P<summary>.+?)\n\n```toml\n(?P<settings>.*?)```\n",
        text,
        re.DOTALL,
    )
    if head is None or head["id"] != path.stem:
        raise ValueError(
            f"{path.name}: expected the id as heading, a summary and a toml fence with the settings"
        )
    references = re.findall(r"<(https://[^>]+)>", text.partition("\n## References\n")[2])
    if not references:
        raise ValueError(f"{path.name}: no reference under `## References`")
    return {
        "id": head["id"],
        "summary": " ".join(head["summary"].split()),
        **tomllib.loads(head["settings"]),
        "references": references,
    }
