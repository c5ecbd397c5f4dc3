"""Every limit is in one module, and in the table of the documentation."""

import re
from pathlib import Path

from multitool_lint import limits

ROOT = Path(__file__).parents[1]


def test_the_documentation_lists_every_limit_with_its_value() -> None:
    page = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `(MAX_\w+)` \| ([\d,]+) \| \S", page, re.MULTILINE))
    values = {name: f"{value:,}" for name, value in vars(limits).items() if name.isupper()}
    assert documented == values


def test_no_other_module_has_a_limit() -> None:
    pattern = re.compile(r"^\s*_?(?:MAX_\w+|\w+_AT_MOST)\b.*= ", re.MULTILINE)
    others = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "multitool_lint").rglob("*.py")
        if path.name != "limits.py" and pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert others == []
