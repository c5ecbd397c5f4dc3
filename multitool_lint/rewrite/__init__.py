"""Rewriting policies in place: every byte outside the changed values stays as it is."""

from multitool_lint.rewrite.actions import expand, tighten
from multitool_lint.rewrite.draft import Remark, Rewrite
from multitool_lint.rewrite.fixes import Applied, Fixed, fix

__all__ = ["Applied", "Fixed", "Remark", "Rewrite", "expand", "fix", "tighten"]
