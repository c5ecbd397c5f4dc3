"""Rules that an organisation writes in its configuration, without code.

They mean what IAM means: a statement grants an action however it is written, unless the policy
denies it everywhere and always, and reaches a resource if some ARN fits both. What is not known, as
in a template, matches nothing.
"""

from multitool_lint.org_rules.forbid import Forbid
from multitool_lint.org_rules.model import WRITTEN, Limit, Matcher
from multitool_lint.org_rules.require import RequireDeny

__all__ = ["WRITTEN", "Forbid", "Limit", "Matcher", "RequireDeny"]
