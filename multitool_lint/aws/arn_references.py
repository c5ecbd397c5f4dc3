"""The formats of the ARNs that references to resources in templates come to."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.tables import BUNDLED, parses, read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

REF = "Ref"
"""What stands for an attribute where CloudFormation's function `Ref` returns the ARN."""


@lru_cache(maxsize=1)
@parses("reference_arns.tsv")
def arn_formats() -> Mapping[tuple[str, ...], str]:
    """The formats by the type of the resource, in any kind of template, and the attribute."""
    return MappingProxyType(
        {
            (type_, attribute): format_
            for format_, *pairs in read_rows(BUNDLED, "reference_arns.tsv")
            for type_, attributes in zip(pairs[::2], pairs[1::2], strict=True)
            for attribute in attributes.split()
        }
    )
