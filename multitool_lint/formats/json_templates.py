"""CloudFormation templates in JSON, as the CDK writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats.cloudformation.template import Template, is_template
from multitool_lint.formats.result import Loaded, Problem
from multitool_lint.syntax.json import parser as json_text
from multitool_lint.syntax.json.errors import MistakeError

if TYPE_CHECKING:
    from multitool_lint.policy.document import PolicyType
    from multitool_lint.syntax.source import Source


def load(
    source: Source, *, type: PolicyType | None = None, resource_type: str | None = None
) -> Loaded | None:
    """Read the policies of a template; None if the text is none."""
    try:
        root = json_text.parse(source.text, literal=True)
    except MistakeError as mistake:
        if '"AWS::' not in source.text or '"Properties"' not in source.text:
            return None
        return Loaded(problems=(Problem(mistake.span, mistake.message),))
    if not is_template(root):
        return None
    return Template(source, root, is_yaml=False, type=type, resource_type=resource_type).read()
