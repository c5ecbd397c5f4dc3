"""List the policy templates of the Serverless Application Model (SAM).

    python scripts/build_sam.py

reads the definitions that SAM's translator ships (PyPI `aws-sam-translator`) and writes
`multitool_lint/aws/catalog/data/sam_policies.tsv`.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import samtranslator

SOURCE = Path(samtranslator.__file__).parent / "policy_templates_data" / "policy_templates.json"
TARGET = (
    Path(__file__).parent.parent
    / "multitool_lint"
    / "aws"
    / "catalog"
    / "data"
    / "sam_policies.tsv"
)


def main() -> None:
    """Write the table, and print what it comes to."""
    templates = json.loads(SOURCE.read_text(encoding="utf-8"))["Templates"]
    lines = [
        "# Policy templates of SAM: name, statements as JSON; functions refer to the parameters.",
        f"# Made by scripts/build_sam.py of aws-sam-translator {version('aws-sam-translator')}.",
    ]
    for name, template in sorted(templates.items()):
        statements = template["Definition"]["Statement"]
        lines.append(f"{name}\t{json.dumps(statements, separators=(',', ':'))}")
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(templates)} templates")


if __name__ == "__main__":
    main()
