"""Texts that were to be an intrinsic function of CloudFormation, but are in quotes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

from multitool_lint.lazy_pattern import lazy_pattern

_NAMES = "Cidr|FindInMap|GetAtt|If|ImportValue|Join|Select|Split|Sub"
_FUNCTION = lazy_pattern(rf"\s*(?:!(?:Ref|{_NAMES})\s+[^\s!]|(?:Ref|Fn::(?:{_NAMES})):\s+\S)")


def is_quoted_function(text: str) -> bool:
    """Whether a text is a function as YAML has it, which it would be without the quotes."""
    return _FUNCTION.match(text) is not None
