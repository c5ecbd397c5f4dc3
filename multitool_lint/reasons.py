"""Why something is not a policy, was not read, or was skipped."""

from __future__ import annotations

from enum import Enum

from multitool_lint.named_tuple import NamedTuple

_RENDERED = "lint what it is rendered to"


class Reason(Enum):
    """A reason; its value is the words for it, with a place for each detail."""

    # A policy that can be read, and is not linted.
    COPY_OF_TEMPLATE = "a copy of what a template of the CDK has"
    COPY_OF_TRUST_POLICY = "a copy of the trust policy of a role"
    MANAGED_BY_AWS = "managed by AWS"
    NOT_AWS = "not an AWS policy"
    NOT_DEFAULT_VERSION = "not the default version"
    NOT_DEPLOYED = "a policy of a test that deploys nothing"
    OTHER_LANGUAGE = "a policy in another language than IAM's"

    # A text or value that is not a policy.
    BARE_STATEMENT = "a statement without a policy around it"
    EMPTY_TEXT = "an empty string"
    EXCERPT = "an excerpt that begins with a key"
    NOTHING = "nothing that could be {}"
    NO_BLOCK = "no block or attribute with a policy"
    NO_CODE_BLOCK = "no code block with a policy"
    NO_STATEMENT = "nothing with a Statement"
    NOT_JSON = "not JSON"
    NOT_OBJECT = "not an object with a Statement"
    NOT_YAML = "not YAML"
    OBJECT_WITHOUT_STATEMENT = "an object without a Statement"
    OTHER_KEY = '"{}" may be "{}"'
    PLACEHOLDER = "a template placeholder"
    POLICY_WITHOUT_STATEMENT = "a policy without a Statement"
    REPEATED_KEY = '"{}" occurs more than once'
    STATEMENTS_LEFT_OUT = "a policy whose statements are left out"

    # A value that something else fills in.
    AFTER_APPLY = "a policy that is known after apply"
    ELSEWHERE = "a policy that is not in these files: {}"
    FILLED_BY_TAG = "what the template fills in by `{}`"
    FILLED_IN = f"a policy whose elements a template fills in; {_RENDERED}"
    INCOMPLETE_COMMAND = "a command without the action and the principal of its statement"
    MERGED_IN_BROKEN_BLOCK = "merged into a policy: {}, in a block that could not be read"
    MERGED_NOT_IN_FOLDER = "merged into a policy: {}, not in this folder"
    MERGED_TEXT = "merged into a policy, a text that is not a policy"
    MERGED_UNRESOLVED = "merged into a policy, unresolved: {}"
    MERGED_VALUE = "merged with an unresolved value"
    NOT_IN_FOLDER = "a policy that is not in this folder: {}"
    OTHER_FORM = (
        "version and statements in another form than that of a policy, which is made elsewhere"
    )
    PUT_TOGETHER = "JSON that a command puts together"
    UNRESOLVED_FUNCTION = "unresolved: {}"
    UNRESOLVED_KEYS = "a policy with unresolved keys"
    UNRESOLVED_POLICY = "an unresolved policy: {}"
    UNRESOLVED_STATEMENT = "an unresolved statement"
    UNRESOLVED_STATEMENTS = "unresolved statements"

    # Macros, and what AWS expands.
    EXPANDED = "{}, which AWS expands"
    EXPANDED_IN_POLICY = "{} in a policy, which AWS expands"
    EXPANDED_IN_RESOURCE = "{} in a resource, which AWS expands"
    MACRO = "{}, a macro: lint the output of the macro"
    MACRO_WITH_POLICIES = "{} in a resource with policies"
    SAM_CONNECTOR = "policies that SAM makes of a connector"
    SAM_TEMPLATE = "a policy template of SAM that is not known"

    # Templates and code that cannot be parsed, or not in full.
    BROKEN_BLOCK = "not JSON in a block tagged {}: {}"
    BROKEN_CASE = "a case of the template that is not {}: {}"
    BROKEN_DOCUMENT = "policies, perhaps: {}"
    BROKEN_TEMPLATE = "a template that is not {}: {}"
    BROKEN_TEXT = "a template that is broken: {}"
    CODE = "a policy in code"
    DEEP_TEMPLATE = "a template in too many texts"
    IN_BROKEN_BLOCK = "a policy in a block that could not be read: {}"
    NOT_OF_FORMAT = "not {}"
    STATEMENT_IN_STRING = "a statement in a string"
    TAGGED_CODE = "a policy in code tagged {}"
    TEMPLATE_ACTIONS = "a template with actions (`{{{{`); " + _RENDERED
    TEMPLATE_TAGS = "a template with `{}` tags; " + _RENDERED
    TERRAFORM_TAGS = "a template with `%{{` tags"
    TOO_MANY_CASES = "more cases of its conditions than are checked"
    UNREADABLE = "{}"
    UNREAD_EXPRESSION = "an expression that could not be read"
    UNREAD_POLICY_EXPRESSION = "a policy in an expression that could not be read"

    # A policy or template in another file.
    EMPTY_FILE = "{}, in which no policy was found"
    FILE_MISSING = 'a policy in a file that is not here: "{}"'
    FILE_OUTSIDE = 'a policy in a file outside of the repository: "{}"'
    FILE_TO_NAME = 'a policy in a file that has to be named: lint "{}"'
    IN_FILE = 'a policy in a file of its own: "{}"'
    IN_MODULE = 'a policy in a module: "{}"'
    IN_LFS = "a file in Git LFS, of which only the pointer is here: {}"
    LEADS_OUT = "{}, outside of this folder: it has to be named"
    NESTED_STACK = "a nested stack: lint its template"
    STACK_IN_FILE = 'a nested stack in a file of its own: "{}"'
    STACK_TO_NAME = 'a nested stack in a file that has to be named: "{}"'

    # A file that is skipped.
    BINARY = "binary"
    BROKEN_LINK = "broken symbolic link"
    EXCLUDED = "excluded"
    IGNORED = "ignored by git"
    IGNORED_TEMPLATES = "ignored by git; `multitool-lint {}` lints them"
    NOT_REGULAR = "not a regular file"
    NOT_UTF8 = "not text in UTF-8"
    NO_POLICY = "no policy"
    SUBMODULE = "changed submodule that is not checked out"
    UNCHANGED = "unchanged since {}"

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

    def in_words(self) -> str:
        """The words for the reason and its details."""
        details = (
            detail if isinstance(detail, str) else detail.in_words() for detail in self.details
        )
        return self.reason.value.format(*details)
