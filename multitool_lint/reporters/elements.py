"""What the elements of policies mean, in words."""

from __future__ import annotations

from multitool_lint.aws.condition_operators import EXAMPLES, VALUES, operator

ELEMENTS = {
    "Version": "The version of the policy language. 2012-10-17 has policy variables.",
    "Id": "A name of the policy, which some services need.",
    "Statement": "What is allowed and denied: an object, or a list of objects.",
    "Sid": "A name of the statement, unique in the policy.",
    "Effect": "Whether the statement allows or denies. A Deny wins over every Allow.",
    "Principal": "Who is allowed or denied, in the policy of a resource or of a role's trust.",
    "NotPrincipal": "All principals but these are denied.",
    "Action": "The actions that are allowed or denied; `*` and `?` are wildcards.",
    "NotAction": "All actions but these, including those that AWS adds later.",
    "Resource": "The ARNs of the resources; `*` and `?` are wildcards.",
    "NotResource": "All resources but these.",
    "Condition": "When the statement applies: all operators and keys must match.",
}
EFFECTS = {
    "Allow": "Allows what no other statement denies.",
    "Deny": "Denies, whatever other policies allow.",
}
PRINCIPAL_TYPES = {
    "AWS": "Accounts, IAM users and roles, and their sessions, by ARN or account.",
    "Service": "AWS services, by service principals such as lambda.amazonaws.com.",
    "Federated": "Identity providers, for sessions by SAML, OIDC or web identity.",
    "CanonicalUser": "An account by its canonical user ID, for Amazon S3.",
    "*": "Anyone, also without credentials.",
}
ARGUMENTS = {
    "type": "The type of the principals, such as AWS or Service.",
    "identifiers": "The principals, such as ARNs of roles.",
    "test": "The condition operator.",
    "variable": "The condition key.",
    "values": "The values that the condition key is compared with.",
}
"""What the arguments in the blocks of Terraform's statements mean."""

_QUALIFIERS = {
    "ForAnyValue": "At least one value of the request must match.",
    "ForAllValues": "Each value of the request must match; also matches if there is none.",
}


def operator_text(text: str) -> str:
    """What a condition operator compares and when it matches; "" if there is no such operator."""
    found = operator(text)
    if found is None:
        return ""
    lines = [f"Compares {EXAMPLES.get(found.family) or VALUES[found.family]}."]
    if found.name == "Null":
        lines = ["Matches if the key is absent (true) or present (false)."]
    if found.family == "String" and not found.accepts_wildcards:
        same = "Upper and lower case are the same." if "IgnoreCase" in found.name else ""
        lines.append(same or "Upper and lower case are different.")
    if found.negated:
        lines.append("Matches if the values differ, and if the key is absent.")
    if found.accepts_wildcards:
        lines.append("`*` and `?` in values are wildcards.")
    if found.qualifier:
        lines.append(_QUALIFIERS[found.qualifier])
    if found.if_exists:
        lines.append("Also matches if the key is absent.")
    return "\n\n".join(lines)
