"""Rewriting policies in place: every byte outside the changed values stays as it is."""

from multitool_lint.rewrite.draft import Remark, Rewrite
from multitool_lint.rewrite.expansion import Expansion, expand
from multitool_lint.rewrite.fixes import Applied, Fixed, Refused, fix
from multitool_lint.rewrite.shrinking import shrink
from multitool_lint.rewrite.tightening import Tightening, tighten

__all__ = [
    "Applied",
    "Expansion",
    "Fixed",
    "Refused",
    "Remark",
    "Rewrite",
    "Tightening",
    "expand",
    "fix",
    "shrink",
    "tighten",
]
