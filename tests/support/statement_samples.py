"""Policies of statements that say only what matters, and what a fix makes of a policy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from multitool_lint.syntax.source import apply_edits

if TYPE_CHECKING:
    from multitool_lint.diagnostics.finding import Finding


def statements(*parts: dict[str, Any]) -> dict[str, Any]:
    """A policy with statements about reading objects, each but for what is given."""
    defaults = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [defaults | part for part in parts]}


def after(finding: Finding) -> dict[str, Any]:
    """The policy of a finding after its first fix."""
    document: dict[str, Any] = json.loads(apply_edits(finding.source.text, finding.fixes[0].edits))
    return document
