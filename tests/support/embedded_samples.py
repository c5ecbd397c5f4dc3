"""Policies to put into the outputs of AWS commands, and what is found in such outputs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from multitool_lint.formats import read_source
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from multitool_lint.formats import Problem, Skipped

POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}],
}
TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}


def found(value: object, **settings: Any) -> list[FoundPolicy | Problem | Skipped]:  # noqa: ANN401
    """The stream of a document, which is JSON or its text."""
    text = value if isinstance(value, str) else json.dumps(value)
    return list(read_source(Source("output.json", text), **settings).stream)


def only(value: object) -> FoundPolicy:
    """The one policy in a document."""
    (candidate,) = found(value)
    assert isinstance(candidate, FoundPolicy)
    return candidate
