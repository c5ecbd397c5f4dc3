"""Quick tests for the words of policies, which spare parsing most other files."""

from __future__ import annotations

import re
from collections.abc import Callable

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.escapes import may_hide_words, may_hide_words_in_urls, unescaped

VERSIONS = frozenset({"2012-10-17", "2008-10-17"})

PERMISSION = '_permission"'
"""How the types of Terraform's resources end that are one statement of a policy."""

DOCUMENT_TYPE = "aws_iam_policy_document"
"""The type of the data source of Terraform that is a policy."""

_RESOURCES_KEY = r"""(?:^|[{,]\s*+)["']?Resources["']?\s*+:"""
_EFFECT = lazy_pattern(r"""effect\\?"?\s*+[=:]\s*+\\?"(?:Allow|Deny)""")
_LISTED_ACTION = lazy_pattern(r"""actions?\\?"?\s*+[=:]\s*+\[?\s*+\\?"[\w-]++:""")

_SAMPLE_MARKS = ("<", "%", "@", "#", "~", "!", "((", "&lt;", "\u00ab", "\u2039", "\\u")
LOCAL_SOURCE = lazy_pattern(r'\bsource["\s]*[=:]\s*"(\.\.?/[^"]*)')
"""The source of a local module in a call, in HCL or JSON."""

ASKS_CALLERS = lazy_pattern(r'path\.(?:root|cwd)\b|file\w*\(\s*(?:var\.|\\?")')
"""What may name a file from the folder of a module that calls the one of the text."""

_ACCESS = r'"(?:\*|[a-z0-9-]+:[A-Z*]|arn:)'
_VALUE = lazy_pattern(rf"[=:\[,]\s*{_ACCESS}")
_DEFAULT = lazy_pattern(rf'\bdefault["\s]*[=:][^=]*?{_ACCESS}')
"""The default of a variable with an action or ARN in it, or followed by one."""

_IDENTITY = lazy_pattern(
    r"\baws_iam_(?:group|role|user)|\baws_iam_policy_attachment|\baws_ssoadmin_"
)
"""The types of resources that are identities, or give them policies."""

_SAMPLE_WORDS = ("your", "Your", "YOUR", "XXX", "xxx")
_SAMPLE_UNDERSCORES = ("__", '"_', ":_", "._", "-_", "/_")
# Each begins with a character, which is how they are found fast.
_SAMPLE_SIGNS = {
    "$": lazy_pattern(r"\$[$\w(]"),
    "{": lazy_pattern(r"\{(?!(?<=\$\{)[\w-]+:(?!:))\s*[\w{}](?<![#]\{.)"),
    "[": lazy_pattern(r"\[[^\W\d_\[]"),
}

_EFFECT_OF_MODULES = lazy_pattern(r"""\beffect["']?: *+["']?(?:Allow|Deny)\b""")

_WORDS_OF_CODE = (DOCUMENT_TYPE, "_permission", "AWS::", "etPolicyDocument", "et_policy_document")
"""Of Terraform, and of resources in which policies may have no element."""

MANAGED_BY_AWS = ":aws:policy/"
"""What the ARN of a managed policy of AWS has, whatever its partition and the colons before it."""

_OF_ACCELERATOR = ("roleSets:", "groupSets:", "userSets:", "identityCenterPermissionSets:")
"""What a configuration of the Landing Zone Accelerator has that defines identities."""

_BY_ACCELERATOR = "awsManaged"
_LOOKING_UP = "list-policies"
"""The command that prints the ARN of the policy of a name."""
_POLICIES_BY_NAME = ("AWS::Serverless::", '"aws_iam_policy"', _BY_ACCELERATOR, _LOOKING_UP)
"""What names managed policies without an ARN."""

_SHORTEST_TEXT = 20
"""The length of a text that may have a statement and something else."""

_IN_A_NAME = lazy_pattern(r"(?<=[A-Za-z])Statement")
"""A word that is a part of another one, as in `ForInStatement`."""
_COMMAND = lazy_pattern(r"(?:add|put|version|profile)-permission\b|resource-policy-statement\b")


def may_have_references(text: str) -> bool:
    """Whether a text has to be read to know if it refers to managed policies of AWS."""
    return _or_escaped(_has_references, text)


def may_attach_in_commands(text: str) -> bool:
    """Whether a text may have commands that attach managed policies of AWS."""
    return (MANAGED_BY_AWS in text or _LOOKING_UP in text) and " " in text.strip()


def may_name_policies(text: str) -> bool:
    """Whether a YAML text may define identities with policies in files that it names."""
    return any(word in text for word in _OF_ACCELERATOR)


def may_be_policy(text: str) -> bool:
    """Whether a text has to be parsed with places to know; a quick no for most other files."""
    return _or_escaped(_has_statement, text, or_in_urls=True)


def may_be_yaml_policies(text: str) -> bool:
    """Whether a YAML text has a Statement, statements of some tool, or resources."""
    # A tag may say that a text is base64, which has no words, and may be written in several ways.
    may_be_base64 = ("!!" in text or "!<" in text or "%TAG" in text) and (
        "binary" in text or "%" in text
    )
    return may_be_base64 or _or_escaped(_has_yaml_words, text)


def may_be_terraform_policies(text: str) -> bool:
    """Whether a text in Terraform's language has to be parsed to know."""
    return _or_escaped(_speaks_of_policies, text) or calls_local_module(text)


def calls_local_module(text: str) -> bool:
    """Whether a text of Terraform calls a module of the same repository."""
    may_call = "source" in text and ('"./' in text or '"../' in text)
    return may_call and LOCAL_SOURCE.search(text) is not None


def may_fill_templates(text: str) -> bool:
    """Whether a text of Terraform may give values to a template in another file."""
    return "templatefile" in text or "template_file" in text


def may_have_defaults(text: str) -> bool:
    """Whether a text of Terraform may have variables with an action or ARN as their default."""
    return "variable" in text and _DEFAULT.search(text) is not None


def may_give_values(text: str) -> bool:
    """Whether a text of Terraform may give variables an action or ARN."""
    return _VALUE.search(text) is not None


def may_give_policies(text: str) -> bool:
    """Whether a text of Terraform may define a user, group or role, or give one a policy."""
    may_give = "aws_iam_" in text or "aws_ssoadmin_" in text
    return may_give and _IDENTITY.search(text) is not None


def may_have_given_policies(text: str) -> bool:
    """Whether a text of Terraform may define a policy that is given to identities elsewhere."""
    return "aws_iam_policy" in text


def may_be_code_with_policies(text: str) -> bool:
    """Whether documentation or a script may have policies, in any format."""
    return _or_escaped(_has_words_of_code, text, or_in_urls=True)


def may_be_text_with_policies(text: str) -> bool:
    """Whether a text in another document may have policies, as a file or script of its own."""
    return len(text) >= _SHORTEST_TEXT and may_be_code_with_policies(text)


def may_add_permission(text: str) -> bool:
    """Whether a script may have a command of the AWS CLI that adds a statement to a policy."""
    may_add = "-permission" in text or "e-resource-policy-statement" in text
    return may_add and _COMMAND.search(text) is not None


def may_be_json_policies(text: str) -> bool:
    """Whether a text of JSON may have policies, as such or as a template."""
    return _or_escaped(_has_statement_or_resource, text, or_in_urls=True)


def may_be_broken_json_policies(text: str) -> bool:
    """Whether a text of JSON that cannot be parsed may have policies.

    It need not be JSON at all, such as a configuration with comments and names of programs in it.
    """
    return may_be_json_policies(_IN_A_NAME.sub("", text))


def may_be_plan(text: str) -> bool:
    """Whether a JSON text may be a plan of Terraform with policies that are not known yet."""
    return '"after_unknown"' in text and '"terraform_version"' in text and "polic" in text


def may_be_json_template(text: str) -> bool:
    """Whether a JSON text may be a template of CloudFormation."""
    return _or_escaped(_has_resources, text)


def may_be_template(text: str) -> bool:
    """Whether a text of JSON or YAML may be a template of CloudFormation, also a broken one."""
    return _or_escaped(_has_template_keys, text)


def may_have_placeholders(text: str, start: int, end: int) -> bool:
    """Whether a part of a text, a policy in JSON, has to be read for marked placeholders."""
    # Nearly no policy has one. Looking for a character takes a fraction of looking for more.
    find = text.find
    return (
        any(find(mark, start, end) >= 0 for mark in _SAMPLE_MARKS)
        or any(find(word, start, end) >= 0 for word in _SAMPLE_WORDS)
        or any(
            find(first, start, end) >= 0 and sign.search(text, start, end)
            for first, sign in _SAMPLE_SIGNS.items()
        )
        or (
            find("_", start, end) >= 0
            and any(find(u, start, end) >= 0 for u in _SAMPLE_UNDERSCORES)
        )
    )


def _has_references(text: str) -> bool:
    return MANAGED_BY_AWS in text or any(word in text for word in _POLICIES_BY_NAME)


def _has_template_keys(text: str) -> bool:
    return bool(re.search(_RESOURCES_KEY, text, re.MULTILINE)) and (
        "::" in text or "Transform" in text
    )


def _or_escaped(test: Callable[[str], bool], text: str, *, or_in_urls: bool = False) -> bool:
    """Whether a text passes a test as it is or once its escapes are resolved."""
    if test(text):
        return True
    hidden = may_hide_words(text) or (or_in_urls and may_hide_words_in_urls(text))
    return hidden and test(unescaped(text))


def _has_statement(text: str) -> bool:
    return "Statement" in text or "2012-10-17" in text or "2008-10-17" in text


def _has_resources(text: str) -> bool:
    return '"Resources"' in text and (
        ('"Type"' in text and "::" in text) or "Transform" in text or "Fn::ForEach" in text
    )


def _has_statement_or_resource(text: str) -> bool:
    quick = "AWS::" in text or PERMISSION in text or MANAGED_BY_AWS in text or _has_elements(text)
    has_statement = quick or _has_statement(text) or may_be_statements_in_data(text)
    return has_statement or _has_resources(text) or may_be_plan(text)


def _speaks_of_policies(text: str) -> bool:
    words = ("polic", "_permission", "tatement", "jsonencode", "Effect", "AWS::", "-permission")
    return any(word in text for word in words) or _has_statements_for_modules(text)


def may_be_statements_for_modules(text: str) -> bool:
    """Whether a text in Terraform's language may have statements, in a map of any name."""
    return _or_escaped(_has_statements_for_modules, text)


def _has_statements_for_modules(text: str) -> bool:
    if "ction" not in text:
        return False
    if ('"Allow' in text or '"Deny' in text) and _EFFECT.search(text):
        return True
    has_target = "esources" in text or "rincipal" in text
    return has_target and _LISTED_ACTION.search(text) is not None


def _has_words_of_code(text: str) -> bool:
    return (
        _has_statement(text)
        or _has_elements(text)
        or any(word in text for word in _WORDS_OF_CODE)
        or MANAGED_BY_AWS in text
        or _LOOKING_UP in text
        or may_add_permission(text)
        or _has_statements_for_modules(text)
    )


def _has_yaml_words(text: str) -> bool:
    return (
        "tatement" in text
        or "AWS::" in text
        or _has_elements(text)
        or MANAGED_BY_AWS in text
        or _BY_ACCELERATOR in text
        or may_name_policies(text)
        or any(date in text for date in VERSIONS)
        or may_be_statements_in_data(text)
        or ("Resources" in text and ("Transform" in text or "Fn::ForEach" in text))
        or may_add_permission(text)
        or "mapRoles" in text
    )


def may_be_statements_in_data(text: str) -> bool:
    """Whether JSON or YAML may have statements in the words of Terraform, as for a module."""
    return "effect" in text and "ction" in text and _EFFECT_OF_MODULES.search(text) is not None


def may_nest_policies(text: str) -> bool:
    """Whether a document may have policies in it, as objects or as texts."""
    return _or_escaped(_nests_policies, text, or_in_urls=True)


def _nests_policies(text: str) -> bool:
    has_some = "Effect" in text or "Action" in text
    has_template = "AWS::" in text and "Resources" in text
    has_statements = (has_some and _has_statement(text)) or may_be_statements_in_data(text)
    return has_template or _has_elements(text) or has_statements


def _has_elements(text: str) -> bool:
    """Whether a text may have statements alone, as some tools take them."""
    return "Effect" in text and "Action" in text
