"""Write the latest versions of the AWS managed policies as a list of texts.

A process of its own: the file with all versions takes more memory than linting, and the peak of a
process counts as that of those that it starts.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

if __name__ == "__main__":
    policies = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    texts = [
        json.dumps(policy["versions"][policy["latestVersionId"]]["document"], indent=2)
        for policy in policies.values()
    ]
    Path(sys.argv[2]).write_text(json.dumps(texts), encoding="utf-8")
