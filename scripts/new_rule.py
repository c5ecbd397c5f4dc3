"""Start a rule: write its page and its check module, with TODO where something must be filled in.

    python scripts/new_rule.py ID

A page or a module with a TODO left fails the tests.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from multitool_lint import __version__  # noqa: E402 - the checkout's own
from multitool_lint.diagnostics.rule import TOPICS  # noqa: E402
from multitool_lint.org_rules.plugins import ID  # noqa: E402

POLICY = """\
```json
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "TODO",
      "Resource": "*"
    }
  ]
}
```"""

PAGE = f"""\
# `RULE-ID`

```toml
severity = "TODO"
since = "{__version__}"
topics = ["TODO"]
needs = ["TODO"]
```

## What it finds

TODO: what the rule finds, in a sentence.

## Why it matters

TODO: what goes wrong in a policy that has a finding.

## Examples

{POLICY}

## No findings

{POLICY}

## How to fix

TODO: what to write instead.

## References

* <https://docs.aws.amazon.com/TODO>
"""

CHECK = '''\
"""TODO: what the rule finds."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """TODO: which findings there are."""
    for statement in policy.statements:
        if statement.allows and statement.action:
            yield context.finding(statement.action, "TODO: what is wrong", help="TODO: what to do")
'''


def write(id_: str, root: Path) -> list[Path]:
    """Write page and module of a rule, and return their paths.

    Raises:
        ValueError: the id has not the form of one, or is taken.
    """
    page = root / "rules" / f"{id_}.md"
    module = root / "multitool_lint" / "checks" / f"{id_.replace('-', '_')}.py"
    if not re.fullmatch(ID, id_):
        raise ValueError(f'"{id_}" is not an id such as duplicate-sid')
    if id_ in TOPICS or page.exists() or module.exists():
        raise ValueError(f'"{id_}" is taken')
    page.write_text(PAGE.replace("RULE-ID", id_), encoding="utf-8")
    module.write_text(CHECK, encoding="utf-8")
    return [page, module]


def main() -> None:
    """Run the script."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("id", help="kebab-case, names what is found, as in duplicate-sid")
    id_ = parser.parse_args().id
    try:
        paths = write(id_, ROOT)
    except ValueError as error:
        parser.error(str(error))
    for path in paths:
        print(path.relative_to(ROOT))
    print(f"Replace every TODO, then: python -m pytest --update --rule {id_}")


if __name__ == "__main__":
    main()
