"""Two versions of a file, and what `diff` makes of them."""

from __future__ import annotations

from pathlib import Path

from multitool_lint.cli import main

NEW_ACCESS = "--fail-on-new-access"


def code(name: str, old: str, new: str, *arguments: str) -> int:
    """The exit code of `diff` for two versions, which are written in the current folder."""
    Path("old").mkdir(exist_ok=True)
    Path("new").mkdir(exist_ok=True)
    Path("old", name).write_text(old, encoding="utf-8")
    Path("new", name).write_text(new, encoding="utf-8")
    return main(["diff", f"old/{name}", f"new/{name}", *(arguments or (NEW_ACCESS,))])


def resource(policy: str, name: str = "a", type_: str = "aws_iam_policy", more: str = "") -> str:
    """A resource of Terraform with a policy."""
    return f'resource "{type_}" "{name}" {{\n  policy = {policy}\n{more}\n}}\n'
