"""Telling policies from other documents, and one type of policy from another."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from multitool_lint.formats.quick_tests import DOCUMENT_TYPE, VERSIONS, may_be_policy
from multitool_lint.formats.result import Skipped, not_read
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reasons import Reason
from multitool_lint.syntax.escapes import unescaped
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Object, as_list, texts_of

MARKDOWN_ENDINGS = (".markdown", ".md", ".mdx", ".qmd", ".rmd")
MODULE_ENDINGS = (".tf", ".tofu")
"""The endings of the files of a folder that Terraform reads together."""
TERRAFORM_ENDINGS = (*MODULE_ENDINGS, ".hcl", ".tfvars")
TERRAFORM_JSON_ENDINGS = (".tf.json", ".tofu.json", ".tfvars.json")
FOLDER_ENDINGS = (*MODULE_ENDINGS, ".tfvars", *TERRAFORM_JSON_ENDINGS)
"""The endings of the files that define names for all of a folder."""
YAML_ENDINGS = (".yaml", ".yml")

FOR_EACH = "Fn::ForEach"
MACROS = ("Fn::Transform", FOR_EACH)
"""Functions that make up parts of a template, which only AWS or a macro of the account can read."""

NESTED_STACKS = frozenset(
    {"AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet", "AWS::Serverless::Application"}
)
"""The types of resources that are templates themselves."""

CONNECTOR = "AWS::Serverless::Connector"
"""The type of resources of which SAM makes policies for two others."""

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_STATEMENT_KEY = r"""["']?\bStatement\b["']?\s*+:"""
_ELEMENT_KEY = r"""["']?\b(?:Effect|(?:Not)?Action)\b["']?\s*+:"""
# As stacks and firewalls have them.
_OF_OTHERS = lazy_pattern(
    r"""["'](?:Update:[*A-Z]|LogicalResourceId/|[A-Z]\w+Statement["']\s*+:)"""
)
_STATEMENT_KEYS = (r"""["']Effect["']\s*+:""", r"""["'](?:Not)?Action["']\s*+:""")
# In a text about policies, something else follows.
_EFFECT = lazy_pattern(
    r"""\bEffect["']?\s*+[:=]>?\s*+["']?(?:Allow|Deny)\b["']?[ \t]*+(?:[,;}\])#/\\]|\r?$)""",
    re.MULTILINE,
)
_ACTION_KEY = lazy_pattern(r"""\b(?:Not)?Action["']?\s*+[:=]""")
_TYPE = lazy_pattern(
    r"""\bType["']?\s*+:\s*+["']?(AWS::\w++::\w++)"""
    r"""|\b(?:resource|data|type["']?\s*+:)[\s(]*+"(aws_\w++)"|"(aws_\w++)"\s*+:\s*+[\[{]"""
)
"""The type of a resource where one is declared, not where it is only named."""
_SAM, _POLICIES_OF_SAM = "AWS::Serverless::", lazy_pattern(r"""\bPolicies["']?\s*+:""")
_ELEMENTS = frozenset({"Effect", "Action", "NotAction"})
_ELEMENTS_OF_IAM = frozenset(
    {
        *("action", "condition", "effect", "principal", "resource"),
        *("notaction", "notprincipal", "notresource"),
    }
)
_ACTION = lazy_pattern(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_OF_RESPONSES = ("ResponseMetadata", "RevisionId")
_HEAD = 200
_PRINCIPALS = frozenset({"Principal", "NotPrincipal"})
_RESOURCES = frozenset({"Resource", "NotResource"})


def is_policy(root: Node) -> bool:
    """Whether a document should be a policy.

    A `Statement` makes it one. So does a `Version` with a date of IAM's policy language, which
    nothing else uses: without a `Statement`, it is a policy with a mistake (`"Statements"`, say).
    """
    for member in root.fields():
        value = member.value.value
        if member.key == "Statement" and (value is UNKNOWN or isinstance(value, (Array, Object))):
            return True
        if member.key.lower() == "version" and isinstance(value, str) and value in VERSIONS:
            return True
    return False


def is_bare_statement(root: Node) -> bool:
    """Whether a document is a statement alone, which is a mistake where AWS reads a policy."""
    return why_not(root) is Reason.BARE_STATEMENT


def is_response(root: Node) -> bool:
    """Whether a document is what AWS returns: the one statement that was added to a policy.

    The statement is JSON in a text, which some programs replace by what it says.
    https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
    https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html
    """
    statement = root.get("Statement")
    if statement is None:
        return False
    if statement.string is not None:
        return has_statement_keys(statement.string) and root.get("Version") is None
    return any(map(root.get, _OF_RESPONSES)) and has_elements(root)


def resembles_policy(text: str) -> bool:
    """Whether a text that cannot be parsed seems to be meant as a policy."""
    return _has_policy_keys(text) or _has_policy_keys(unescaped(text))


def may_be_of_others(text: str) -> bool:
    """Whether a text that cannot be parsed seems to have the words of another language."""
    return _OF_OTHERS.search(text) is not None and not any(map(text.__contains__, VERSIONS))


def seems_to_have_policy(text: str) -> bool:
    """Whether a text that is not parsed seems to have what is linted where it can be.

    This is a policy, a statement alone, or a resource that is one.
    """
    return has_statement_keys(text) or _has_policy(text) or _has_policy(unescaped(text))


def _has_policy(text: str) -> bool:
    return (
        _has_policy_keys(text)
        or ("Effect" in text and "Action" in text and _has_statement(text))
        or (("AWS::" in text or '"aws_' in text) and _declares_policy(text))
    )


def _has_statement(text: str) -> bool:
    return _EFFECT.search(text) is not None and _ACTION_KEY.search(text) is not None


def _declares_policy(text: str) -> bool:
    """Whether a text has a resource that is a policy without being written as one."""
    types = {name for match in _TYPE.finditer(text) for name in match.groups() if name}
    if not types:
        return False
    from multitool_lint.formats.permissions import permissions  # few texts have such types

    if DOCUMENT_TYPE in types or not types.isdisjoint(permissions()):
        return True
    return _SAM in text and _POLICIES_OF_SAM.search(text) is not None


def _has_policy_keys(text: str) -> bool:
    has_key = "Statement" in text and re.search(_STATEMENT_KEY, text) is not None
    is_dated = any(map(text.__contains__, VERSIONS))
    return has_key and (is_dated or re.search(_ELEMENT_KEY, text) is not None)


def is_policy_text(text: str, *, or_statements: bool = False) -> bool:
    """Whether a string in another document is a policy of its own, or a list of statements."""
    begin = text.lstrip()[:1]
    if begin == "{" or (begin == '"' and re.fullmatch(_STRING, text.strip())):
        return may_be_policy(text) and resembles_policy(text)
    if not (or_statements and begin == "["):
        return False
    text = unescaped(text)
    return re.match(r"\s*+\[\s*+\{", text) is not None and has_statement_keys(text)


def has_statement_keys(text: str) -> bool:
    """Whether a text has the keys of a statement, as JSON."""
    return all(re.search(key, text) for key in _STATEMENT_KEYS)


def are_statements(nodes: Sequence[Node]) -> bool:
    """Whether all of some values are statements, and there is one."""
    return bool(nodes) and all(
        node.get("Effect") is not None and (node.get("Action") or node.get("NotAction")) is not None
        for node in nodes
    )


def unresolved_statements(root: Node) -> list[Skipped]:
    """The statements of a policy that cannot be read."""
    return [
        not_read(node.span, Reason.UNRESOLVED_STATEMENT)
        for node in as_list(root.get("Statement"))
        if node.value is UNKNOWN
    ]


def has_elements(root: Node) -> bool:
    """Whether some statement has elements of IAM's language: nothing else may be meant."""
    return any(
        not _ELEMENTS.isdisjoint(member.key for member in statement.fields())
        for statement in statements_of(root)
    )


def is_unmistakable(root: Node) -> bool:
    """Whether a document with statements is certainly a policy, of which some words may be wrong.

    It has a date of IAM's language, or the effects of it with an action of a service.
    """
    version = root.get("Version")
    if version is not None and version.value in VERSIONS:
        return True
    statements = list(statements_of(root))
    effects = {effect.string for node in statements if (effect := node.get("Effect"))}
    actions = (
        text
        for node in statements
        for text in texts_of(node.get("Action") or node.get("NotAction"))
    )
    return effects <= {"Allow", "Deny", None} and any(map(_ACTION.fullmatch, actions))


def begins_as_policy(text: str) -> bool:
    """Whether the first key is one of a policy's: a quick yes to most policies."""
    _, key, _, value, _ = [*text[:_HEAD].split('"', 4), "", "", "", ""][:5]
    return key == "Statement" or (key == "Version" and value in VERSIONS)


def speaks_of_access(root: Node) -> bool:
    """Whether a policy is one of IAM's language, and not of data protection or a firewall, say.

    What others have as well is the Sid. In a policy of IAM's, not all elements are misspelled.
    https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements.html
    """
    version = root.get("Version")
    if version is not None and version.value in VERSIONS:
        return True
    statements = statements_of(root)
    keys = {member.key.lower() for statement in statements for member in statement.fields()}
    return not keys - {"sid"} or not keys.isdisjoint(_ELEMENTS_OF_IAM)


def why_not(root: Node) -> Reason:
    """Why a document is not a policy."""
    if root.value is UNKNOWN:
        return Reason.PLACEHOLDER
    if isinstance(root.value, Object):
        return why_no_policy({member.key for member in root.value})
    return why_no_policy(None)


def why_no_policy(keys: Container[str] | None) -> Reason:
    """Why a document with these keys, or with none because it is not an object, is not a policy."""
    if keys is None:
        return Reason.NOT_OBJECT
    if "Effect" in keys and ("Action" in keys or "NotAction" in keys):
        return Reason.BARE_STATEMENT
    return Reason.OBJECT_WITHOUT_STATEMENT


def type_of(root: Node, resource_type: str | None = None) -> PolicyType:
    """The type of a policy, by its shape and by what is known of its resource."""
    statements = list(statements_of(root))
    keys = [{member.key for member in statement.fields()} for statement in statements]
    if any(names & _PRINCIPALS for names in keys):
        # A trust policy has no Resource. With one it is a mistake, unless it is for everyone: so
        # begins the policy of a VPC endpoint for STS.
        has_resource = any(names & _RESOURCES for names in keys)
        is_open = any(map(_is_open, statements))
        acting = [node for node in statements if _has_action(node)]
        if acting:
            trust = all(map(_assumes_role, acting)) and not (has_resource and is_open)
        else:
            # It lacks less as a trust policy than as that of a resource.
            trust = not (has_resource or is_open)
        return PolicyType.TRUST if trust else PolicyType.RESOURCE
    return PolicyType.RESOURCE if resource_type else PolicyType.IDENTITY


def statements_of(root: Node) -> Iterator[Node]:
    """The statements of a policy that are objects."""
    for node in as_list(root.get("Statement")):
        if isinstance(node.value, Object):
            yield node


def _assumes_role(statement: Node) -> bool:
    names = texts_of(statement.get("Action"))
    return bool(names) and all(name.lower().startswith("sts:") for name in names)


def _has_action(statement: Node) -> bool:
    """Whether it says what it is about: one that forgets to does not change what the others are."""
    return any(as_list(statement.get("Action") or statement.get("NotAction")))


def _is_open(statement: Node) -> bool:
    """Whether the principal is everyone, or not known."""
    principal = statement.get("Principal")
    values = [principal] if principal else []
    if principal and isinstance(principal.value, Object):
        values = [node for member in principal.value for node in as_list(member.value)]
    return any(node.value in ("*", UNKNOWN) for node in values)
