"""Why something is not a policy, was not read, or was skipped. `reporters` makes words of it.

Imports nothing, so that every package can give a reason and compare it.
"""

from __future__ import annotations

from enum import Enum

from multitool_lint.named_tuple import NamedTuple


class Reason(Enum):
    """A reason; its value is what a record has for it."""

    # A policy that can be read, and is not linted.
    COPY_OF_TEMPLATE = "copy-of-template"
    COPY_OF_TRUST_POLICY = "copy-of-trust-policy"
    MANAGED_BY_AWS = "managed-by-aws"
    NOT_AWS = "not-aws"
    NOT_DEFAULT_VERSION = "not-default-version"
    NOT_DEPLOYED = "not-deployed"
    OTHER_LANGUAGE = "other-language"

    # A text or value that is not a policy.
    BARE_STATEMENT = "bare-statement"
    EMPTY_TEXT = "empty-text"
    EXCERPT = "excerpt"
    NOTHING = "nothing"
    NO_BLOCK = "no-block"
    NO_CODE_BLOCK = "no-code-block"
    NO_STATEMENT = "no-statement"
    NOT_JSON = "not-json"
    NOT_OBJECT = "not-object"
    NOT_YAML = "not-yaml"
    OBJECT_WITHOUT_STATEMENT = "object-without-statement"
    OTHER_KEY = "other-key"
    PLACEHOLDER = "placeholder"
    POLICY_WITHOUT_STATEMENT = "policy-without-statement"
    REPEATED_KEY = "repeated-key"
    STATEMENTS_LEFT_OUT = "statements-left-out"

    # A value that something else fills in.
    AFTER_APPLY = "after-apply"
    ELSEWHERE = "elsewhere"
    FILLED_IN = "filled-in"
    INCOMPLETE_COMMAND = "incomplete-command"
    MERGED_IN_BROKEN_BLOCK = "merged-in-broken-block"
    MERGED_NOT_IN_FOLDER = "merged-not-in-folder"
    MERGED_TEXT = "merged-text"
    MERGED_UNRESOLVED = "merged-unresolved"
    MERGED_VALUE = "merged-value"
    NOT_IN_FOLDER = "not-in-folder"
    OTHER_FORM = "other-form"
    PUT_TOGETHER = "put-together"
    UNRESOLVED_FUNCTION = "unresolved-function"
    UNRESOLVED_KEYS = "unresolved-keys"
    UNRESOLVED_POLICY = "unresolved-policy"
    UNRESOLVED_STATEMENT = "unresolved-statement"
    UNRESOLVED_STATEMENTS = "unresolved-statements"

    # Macros, and what AWS expands.
    EXPANDED = "expanded"
    EXPANDED_IN_POLICY = "expanded-in-policy"
    EXPANDED_IN_RESOURCE = "expanded-in-resource"
    MACRO = "macro"
    MACRO_WITH_POLICIES = "macro-with-policies"
    SAM_CONNECTOR = "sam-connector"
    SAM_TEMPLATE = "sam-template"

    # Templates and code that cannot be parsed, or not in full.
    BROKEN_BLOCK = "broken-block"
    BROKEN_CASE = "broken-case"
    BROKEN_DOCUMENT = "broken-document"
    BROKEN_TEMPLATE = "broken-template"
    BROKEN_TEXT = "broken-text"
    CODE = "code"
    DEEP_TEMPLATE = "deep-template"
    IN_BROKEN_BLOCK = "in-broken-block"
    NOT_OF_FORMAT = "not-of-format"
    STATEMENT_IN_STRING = "statement-in-string"
    TAGGED_CODE = "tagged-code"
    TEMPLATE_ACTIONS = "template-actions"
    TEMPLATE_TAGS = "template-tags"
    TERRAFORM_TAGS = "terraform-tags"
    TOO_MANY_CASES = "too-many-cases"
    UNREADABLE = "unreadable"
    UNREAD_EXPRESSION = "unread-expression"
    UNREAD_POLICY_EXPRESSION = "unread-policy-expression"

    # A policy or template in another file.
    EMPTY_FILE = "empty-file"
    FILE_MISSING = "file-missing"
    FILE_OUTSIDE = "file-outside"
    FILE_TO_NAME = "file-to-name"
    IN_FILE = "in-file"
    IN_MODULE = "in-module"
    IN_LFS = "in-lfs"
    LEADS_OUT = "leads-out"
    NESTED_STACK = "nested-stack"
    STACK_IN_FILE = "stack-in-file"
    STACK_TO_NAME = "stack-to-name"

    # A file that is skipped.
    BINARY = "binary"
    BROKEN_LINK = "broken-link"
    EXCLUDED = "excluded"
    IGNORED = "ignored"
    IGNORED_TEMPLATES = "ignored-templates"
    NOT_REGULAR = "not-regular"
    NOT_UTF8 = "not-utf8"
    NO_POLICY = "no-policy"
    SUBMODULE = "submodule"
    UNCHANGED = "unchanged"

    @property
    def is_left_out(self) -> bool:
        """Whether a policy can be read, and is not linted."""
        return self in _LEFT_OUT

    @property
    def is_stack(self) -> bool:
        """Whether it is about a nested stack."""
        return self in (Reason.NESTED_STACK, Reason.STACK_IN_FILE, Reason.STACK_TO_NAME)


_LEFT_OUT = frozenset(
    {
        Reason.COPY_OF_TEMPLATE,
        Reason.COPY_OF_TRUST_POLICY,
        Reason.MANAGED_BY_AWS,
        Reason.NOT_AWS,
        Reason.NOT_DEFAULT_VERSION,
        Reason.NOT_DEPLOYED,
        Reason.OTHER_LANGUAGE,
    }
)


class Why(NamedTuple):
    """A reason with its details, such as a name, or another one that it adds to."""

    reason: Reason
    details: tuple[str | Why, ...] = ()
