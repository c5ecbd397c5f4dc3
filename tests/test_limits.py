"""Every limit is in one module, with what it protects."""

import ast
import re
from pathlib import Path

from multitool_lint import limits

ROOT = Path(__file__).parents[1]


def test_every_limit_says_what_it_protects() -> None:
    tree = ast.parse(Path(limits.__file__).read_text(encoding="utf-8"))
    names = [name for node in tree.body if isinstance(node, ast.Assign) for name in node.targets]
    docs = [node for node in tree.body[1:] if isinstance(node, ast.Expr)]
    assert len(docs) == len(names)


def test_no_other_module_has_a_limit() -> None:
    pattern = re.compile(r"^\s*_?(?:MAX_\w+|\w+_AT_MOST)\b.*= ", re.MULTILINE)
    others = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "multitool_lint").rglob("*.py")
        if path.name != "limits.py" and pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert others == []
