"""Blocks of code in documentation and scripts, and the format of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from multitool_lint.formats import quick_tests, recognize
from multitool_lint.formats.names import Around
from multitool_lint.syntax.decoded_text import DecodedText, Decoder
from multitool_lint.syntax.source import Span

NOT_JSON: Final = "the code block has comments, escapes or parts left out, which JSON does not have"

FORMATS = {
    tag: format_
    for format_, tags in {
        "json": "json jsonc json5",
        "yaml": "yaml yml cloudformation cfn sam serverless",
        "terraform": "terraform hcl tf tofu opentofu terragrunt",
        "shell": "sh bash shell zsh ksh console terminal session shell-session shellsession "
        "bash-session powershell pwsh ps1 cmd bat",
    }.items()
    for tag in tags.split()
}
"""What blocks are read as, by their tags."""

_LINE = re.compile(r"([^\r\n]*+)(?:\r\n|\n|\r|\Z)")
_NOT_JSON = re.compile(r"\s*+[$A-Za-z]")
_BEGINS_AS_JSON = re.compile(r"(?:\s|(?://|#)[^\n]*\n|/\*.*?\*/|<!--.*?-->)*+[{\[]", re.DOTALL)
_HCL_HEAD = (
    r"(?:resource|data|module|locals|variable|output|provider|terraform|source|build|statement)"
    r"\b[^\n:=]*\{"
    r"|inputs\s*=\s*\{"
)
_HCL = re.compile(rf"^(?:{_HCL_HEAD})", re.MULTILINE)
_BEGINS_AS_HCL = re.compile(rf"(?:\s|(?://|#)[^\n]*\n|/\*.*?\*/)*+(?:{_HCL_HEAD})", re.DOTALL)
_JSON_OF_TERRAFORM = re.compile(
    r"\s*+\{\s*+\"(?:resource|data|module|locals|variable|output|provider|terraform)\"\s*+:\s*+\{"
)
_YAML_KEY = re.compile(r"(?:\s|---|#[^\n]*\n)*+(?:-\s+)?[\"']?[A-Za-z][\w.-]*[\"']?\s*:(?:\s|$)")


_WRITES_FILE = re.compile(r"(?:\s|#[^\n]*\n)*+(?:cat|tee)\b[^\n]*<<-?[ \t]*[\\'\"]?\w")
_CONSTRUCT = re.compile(
    r"\bPolicyStatement(?:\.Builder\b|\s*+\(|Props\s*+[{(])"
    r"|\b[gG]et_?[pP]olicy_?[dD]ocument(?:_?[oO]utput)?(?:Plain|\.Invoke)?\s*+\("
)
"""A statement in the words of the CDK, or a document in those of Pulumi, in any language."""


class CodeBlock(NamedTuple):
    """A block: its text without what the lines of the file have before it, and its tag.

    `unchanged` is the reason why it is not changed in the file, if there is one. `around` is what
    the page says above it.
    """

    text: DecodedText
    whole: Span
    tag: str = ""
    unchanged: str = ""
    around: Around = Around()

    @property
    def format(self) -> str:
        """The format of the code, empty for one that is not read."""
        text = self.text.text
        tagged = FORMATS.get(self.tag)
        # Commands and what they print are often tagged as JSON, or as the file that they write.
        if tagged and tagged != "json":
            return "shell" if _WRITES_FILE.match(text) else tagged
        if (tagged and not _NOT_JSON.match(text)) or _BEGINS_AS_JSON.match(text):
            return "terraform" if _JSON_OF_TERRAFORM.match(text) else "json"
        if _BEGINS_AS_HCL.match(text):
            return "terraform"
        if not (seems_to_have_policy(text) or quick_tests.may_add_permission(text)):
            return "terraform" if _HCL.search(text) else ""
        return "yaml" if begins_as_yaml(text) else "shell"


def seems_to_have_policy(text: str) -> bool:
    """Whether code seems to have a policy, which may be written in a language of programs."""
    is_construct = _CONSTRUCT.search(text) is not None and "ctions" in text
    return is_construct or recognize.seems_to_have_policy(text)


def begins_as_terraform(text: str) -> bool:
    """Whether a text begins with a block of Terraform, or comments and then one."""
    return _BEGINS_AS_HCL.match(text) is not None


def begins_as_yaml(text: str) -> bool:
    """Whether a text begins with a key, as an object in YAML does."""
    return _YAML_KEY.match(text) is not None


def lines_of(text: str) -> list[Span]:
    """The lines of a text, without their endings."""
    return [Span._make(match.span(1)) for match in _LINE.finditer(text)]


def of_lines(
    text: str, lines: Sequence[Span], tag: str, code_of: Callable[[str], str] = str
) -> CodeBlock:
    """The block of some lines, without the indent of all of them; `code_of` cuts the end of one."""
    written = [text[slice(*line)] for line in lines]
    indent = min((len(line) - len(line.lstrip()) for line in written if line.strip()), default=0)
    whole = Span(lines[0].start, lines[-1].end) if lines else Span(0, 0)
    decoder = Decoder(text, *whole)
    unchanged = ""
    for line, shown in zip(lines, written, strict=True):
        decoder.copy(line.start)
        decoder.put("", min(line.start + indent, line.end))
        code = code_of(shown)
        if len(code) < len(shown):
            decoder.copy(max(line.start + len(code), decoder.at))
            decoder.put("", line.end)
            unchanged = NOT_JSON
    return CodeBlock(decoder.decoded(), whole, tag, unchanged)
