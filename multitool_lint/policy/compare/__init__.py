"""Whether two policies grant the same, as far as that can be proved.

A request is granted if an Allow fits it and no Deny does. Actions are compared exactly, over the
catalog; resources by the languages of their patterns, with policy variables as characters;
conditions in a canonical form. "Yes" is a proof, "no" has an example; everything else is undecided,
and callers treat it as a difference.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from multitool_lint.policy.compare.gaps import Gap
from multitool_lint.policy.compare.policies import Answer, Comparison, covers, equivalent

__all__ = ["Answer", "Comparison", "Gap", "covers", "equivalent"]
