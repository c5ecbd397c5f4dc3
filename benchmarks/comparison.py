"""Ask other linters about the policies that users complain of, and compare what they find.

The table is in comparison.md. See README.md.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import comparison_tools as tools

ROWS = tools.ROOT / "tests" / "data" / "needs.json"
MATTERS = Path(__file__).parent / "comparison_matters.toml"
PAGE = Path(__file__).with_suffix(".md")
BEGIN, END = "<!-- who finds what: begin -->\n", "<!-- who finds what: end -->\n"
TITLES = {"valid": "valid", "wrong": "wrong", "crash": "unusual", "contested": "contested"}
AS_IT_SHOULD_BE = ("clean", "found")

Row = dict[str, Any]


def main() -> None:
    """Set up, ask, and write the table into the page and the answers next to the environments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=Path, help="answers of before, instead of asking")
    arguments = parser.parse_args()
    rows = json.loads(ROWS.read_text(encoding="utf-8"))
    if arguments.answers:
        answers = json.loads(arguments.answers.read_text(encoding="utf-8"))
    else:
        tools.BUILD.mkdir(parents=True, exist_ok=True)
        tools.install()
        answers = _ask(rows)
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(before + BEGIN + _table(rows, answers) + END + after, encoding="utf-8")


def _ask(rows: list[Row]) -> dict[str, Any]:
    collected = {
        "date": f"{datetime.now(tz=UTC):%Y-%m-%d}",
        "versions": [needs[0].replace("==", " ") for needs in tools.NEEDS.values()],
        "rows": {
            row["id"]: {
                tool: [tools.run(tool, case) for case in row["cases"]] for tool in tools.TOOLS
            }
            for row in rows
        },
    }
    path = tools.BUILD / "comparison-answers.json"
    path.write_text(json.dumps(collected, indent=1), encoding="utf-8")
    return collected


def _table(rows: list[Row], answers: dict[str, Any]) -> str:
    matters = tomllib.loads(MATTERS.read_text(encoding="utf-8"))
    counts = dict.fromkeys(tools.TOOLS, 0)
    versions = ", ".join(answers["versions"])
    lines = [f"Asked on {answers['date']}: {versions}, and multitool-lint of that day."]
    for kind, title in TITLES.items():
        lines += ["", f"| {title} | {' | '.join(tools.TOOLS)} |"]
        lines += ["|---|" + "---|" * len(tools.TOOLS)]
        for row in rows:
            if row["kind"] == kind:
                matter = re.compile(matters[kind][row["id"]], re.IGNORECASE)
                collected = answers["rows"][row["id"]]
                verdicts = [_verdict(kind, matter, collected[tool]) for tool in tools.TOOLS]
                lines.append(f"| {row['what'].replace('*', '`*`')} | {' | '.join(verdicts)} |")
                for tool, verdict in zip(tools.TOOLS, verdicts, strict=True):
                    counts[tool] += verdict in AS_IT_SHOULD_BE
    total = ", ".join(f"{tool} {count}" for tool, count in counts.items())
    return "\n".join([*lines, "", f"Rows as they should be, of {len(rows)}: {total}.", ""])


def _verdict(kind: str, matter: re.Pattern[str], answers: list[tools.Answer]) -> str:
    crashed = sum(bool(crashed) for _, crashed in answers)
    spoke = sum(any(map(matter.search, found)) for found, crashed in answers if not crashed)
    if crashed:
        return "crash"
    if kind in ("valid", "crash"):
        return "false alarm" if spoke else "clean"
    if spoke in (0, len(answers)):
        return "found" if spoke else "silent"
    return f"found {spoke} of {len(answers)}"


if __name__ == "__main__":
    main()
