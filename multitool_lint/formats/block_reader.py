"""The policies of a block of code, which is read as a file of its format."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from multitool_lint.formats import (
    block_comments,
    excerpts,
    extract,
    policy_texts,
    quick_tests,
    recognize,
)
from multitool_lint.formats import json as json_
from multitool_lint.formats.code_blocks import FORMATS, NOT_JSON, CodeBlock, seems_to_have_policy
from multitool_lint.formats.found import (
    IN_A_STRING,
    IN_A_TEMPLATE,
    Code,
    FoundPolicy,
    InText,
    InValues,
)
from multitool_lint.formats.result import (
    Comment,
    Problem,
    ReadResult,
    Skipped,
    not_policy,
    not_read,
)
from multitool_lint.formats.shell import IN_A_FILE, IN_AN_ARGUMENT, IN_QUOTES
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.placeholders import has_expression
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from multitool_lint.formats.extract import Extractor, Found
    from multitool_lint.syntax.decoded_text import DecodedText

NOT_CHANGED: Final = "a policy within the code of a block"
NO_POLICY_AROUND: Final = "statements without a policy around them"
_CHANGED: Final = (IN_A_FILE, IN_QUOTES)
"""Where code is changed if the change has nothing that a shell expands."""
_FIRST_KEY: Final = re.compile(r"[\s\[{]*+[\"']?(?:Version|Statement|Id|Sid|Effect)\b")
_OBJECT: Final = re.compile(r"\A\s*\{(?=.*\bEffect\s*=)(?=.*\bAction\s*=)", re.DOTALL)
"""Statements of Terraform, without anything around them."""
_NOT_CODE: Final = re.compile(
    r"^\s*#.*$|^ *+-->.*:\d+:\d+.*\n(?:(?: *+\d++)?+ *+\|.*\n?|\.\.\.\n?)*+", re.MULTILINE
)
"""Comments, and what a linter quotes below the place of a finding."""


class BlockReader(NamedTuple):
    """Reads a block in its format."""

    extractor: Extractor
    block: CodeBlock

    def read(self) -> Iterator[Found | Comment]:
        """The policies of the block, what could not be read, and comments for us."""
        format_ = self.block.format
        if format_ == "json":
            yield from self._json()
        elif format_ == "shell":
            yield from self._shell()
        elif format_:
            yield from self._of_format(format_)

    def _json(self) -> Iterator[Found | Comment]:
        block = self.block
        text = excerpts.as_read(block.text) if self.extractor.prose else block.text
        if block.tag not in FORMATS and not recognize.seems_to_have_policy(text.text):
            return
        unchanged = "" if text is block.text else NOT_JSON
        found = extract.read(text, block.whole, extract.Certainty.KEY, unread=False)
        if isinstance(found, Node):
            yield self._policy(found, text, unchanged)
            return
        notes = not block.tag
        documents = excerpts.documents_in(text, notes=notes) if isinstance(found, Problem) else []
        if documents and documents[0].text != text.text.strip():
            for document in documents:
                whole = document.span(Span(0, len(document.text)))
                inner = CodeBlock(document, whole, block.tag, block.unchanged or unchanged)
                yield from BlockReader(self.extractor, inner).read()
            return
        statements = excerpts.statements_in(text)
        nested = self._nested(text) if isinstance(found, Skipped) else []
        if statements:
            yield self._policy(*statements, NO_POLICY_AROUND)
        elif nested:
            yield from nested
        elif isinstance(found, Problem):
            yield self._mistake(found, text.text)
        elif found and found.why.reason is Reason.NOT_JSON and text.text.lstrip().startswith('"'):
            yield not_policy(block.whole, Reason.EXCERPT)
        elif (
            found
            and found.why.reason is not Reason.UNRESOLVED_KEYS
            and policy_texts.is_json(text.text)
        ):
            yield found._replace(unread=False)  # it was searched for policies
        else:
            yield found

    def _mistake(self, problem: Problem, text: str) -> Problem | Skipped:
        """What is reported of a block that is not JSON, and seems to have a policy."""
        tag = self.block.tag
        if text.lstrip().startswith('"'):
            unread = recognize.seems_to_have_policy(text)
            return Skipped(self.block.whole, Why(Reason.EXCERPT), unread)
        if self.block.unchanged in (IN_AN_ARGUMENT, IN_QUOTES) or has_expression(text):
            return not_read(problem.span, Reason.PUT_TOGETHER)
        if recognize.may_be_of_others(text) or (not tag and _FIRST_KEY.match(text) is None):
            return policy_texts.perhaps(problem)
        if FORMATS.get(tag or "json") != "json":
            return not_read(problem.span, Reason.BROKEN_BLOCK, tag, problem.sentence)
        if tag not in ("", "json"):
            reason = f"the block is tagged {tag}, but AWS reads only JSON"
            return problem._replace(message=f"{problem.message} ({reason})")
        return problem

    def _policy(self, root: Node, text: DecodedText, unchanged: str) -> FoundPolicy:
        """The policy with this root, which is changed only where it is written as JSON."""
        is_fragment = unchanged == NO_POLICY_AROUND
        unchanged = self.block.unchanged or unchanged
        if not unchanged:
            return FoundPolicy.of_json(self.extractor.policy(root.moved(text.span)))
        inner = self.extractor.source.with_text(text.text)
        policy = self.extractor.policy(root, source=inner)
        policy = policy.with_root(policy.root, fragment=is_fragment)
        code = Code(text, expands=True) if unchanged in _CHANGED and not is_fragment else None
        return FoundPolicy(policy, InText(self.extractor.source, text, unchanged, code=code))

    def _nested(self, text: DecodedText) -> list[Found | Comment]:
        """What a block has that is JSON and not a policy, as in a file of its own."""
        if not (quick_tests.may_be_json_policies(text.text) and policy_texts.is_json(text.text)):
            return []
        found = self.read_as_file(text, json_.read_source)
        return found if any(map(_is_policy, found)) else []

    def _shell(self) -> Iterator[Found | Comment]:
        """The policies in the commands of a shell, or in what they print."""
        from multitool_lint.formats import aws_commands, shell

        text = self.block.text
        found = list(shell.blocks(text))
        yield from self._of_script(found)
        blocks = [block for _, block in found]
        source = self.extractor.source
        inner = source.with_text(text.text)
        argument = BlockReader(self.extractor, self.block._replace(unchanged=IN_AN_ARGUMENT))
        statements = aws_commands.policies(self.extractor._replace(source=inner))
        added = [argument.in_file(item, text) for item in statements]
        yield from added
        origins = (item.origin for item in added if isinstance(item, FoundPolicy))
        commands = (_whole(origin) for origin in origins if isinstance(origin, InValues))
        covered = sorted((*(block.whole for block in blocks), *commands))
        yield from block_comments.comments(
            source.text, self.block.whole, covered, block_comments.SHELL
        )
        if not (blocks or added) and seems_to_have_policy(_NOT_CODE.sub("", text.text)):
            # A script has no block with a tag, and what only resembles one is not one of a shell.
            is_file = self.block.whole == Span(0, len(source.text))
            tag = "" if is_file else self.block.tag
            why = Why(Reason.TAGGED_CODE, (tag,)) if tag else Why(Reason.CODE)
            yield Skipped(self.block.whole, why, unread=True)

    def _of_script(self, blocks: Sequence[tuple[Span, CodeBlock]]) -> Iterator[Found | Comment]:
        """The policies in the texts of a script, each as the commands use it."""
        if not blocks:
            return
        from multitool_lint.formats.command_policies import use_of

        script, page = self.block.text.text, self.extractor.source.text
        for place, block in blocks:
            attachment = use_of(place, script, page).attachment
            if attachment is None:
                yield not_policy(block.whole, Reason.OTHER_LANGUAGE)
            else:
                in_string = self.block.unchanged == IN_A_STRING
                inner = block._replace(unchanged=IN_A_STRING) if in_string else block
                extractor = self.extractor.used_as(attachment)
                if said := script[: place.start].rstrip().rpartition("\n")[2].strip():
                    extractor = extractor._replace(around=extractor.around._replace(text=said))
                yield from BlockReader(extractor, inner).read()

    def _of_format(self, format_: str) -> Iterator[Found | Comment]:
        """The policies of a block of YAML or Terraform; one may be an excerpt of a file."""
        if format_ == "yaml":
            from multitool_lint.formats.yaml import read_excerpt

            items = self.read_as_file(self.block.text, read_excerpt)
        else:
            items = self._terraform()
        is_read = any(isinstance(item, FoundPolicy) or _is_left_out(item) for item in items)
        if format_ == "yaml" and not (is_read or self.block.tag):
            yield from self._shell()  # commands, or what one prints
            return
        if self.block.text.text.lstrip().startswith("{") and not items:
            yield from self._json()  # another document with a key of Terraform's
            return
        language = "YAML" if format_ == "yaml" else "Terraform"
        for item in items:
            if isinstance(item, Problem):
                yield not_read(item.span, Reason.NOT_OF_FORMAT, language)
            elif isinstance(item, FoundPolicy) and not item.policy.statements:
                yield not_policy(item.span, Reason.STATEMENTS_LEFT_OUT)
            elif isinstance(item, FoundPolicy) and self.block.text.text.lstrip()[:1] == '"':
                yield item.from_values(syntax="other", unchanged=NOT_JSON)  # without its braces
            elif not isinstance(item, Skipped) or self._shows_policy(item):
                yield item

    def _terraform(self) -> list[Found | Comment]:
        from multitool_lint.formats import terraform
        from multitool_lint.formats.terraform.mistakes import seems_to_have_policy

        text = self.block.text.text
        if _OBJECT.search(text):
            items = self.read_as_file(self.block.text, terraform.read_source)
            is_read = any(isinstance(item, FoundPolicy) for item in items)
            return items if is_read else [Problem(self.block.whole, "statements alone")]
        if whole := excerpts.data_source_of(self.block.text):
            items = self.read_as_file(whole, terraform.read_source)
            return [_alone(item) if isinstance(item, FoundPolicy) else item for item in items]
        if not text.lstrip().startswith("{"):
            return self.read_as_file(self.block.text, terraform.read_source)
        items = self.read_as_file(self.block.text, terraform.read_json)
        return items if any(map(_is_policy, items)) and seems_to_have_policy(text) else []

    def _shows_policy(self, skipped: Skipped) -> bool:
        """Whether what was not read is written in the block, and not only referred to."""
        if skipped.why.reason in (Reason.TEMPLATE_ACTIONS, Reason.SAM_TEMPLATE):
            return skipped.unread
        if _is_left_out(skipped):
            return True
        text = self.extractor.source.text[slice(*skipped.span)]
        return skipped.unread and recognize.seems_to_have_policy(text)

    def read_as_file(
        self, text: DecodedText, read: Callable[[Extractor], ReadResult]
    ) -> list[Found | Comment]:
        """What a reader of files finds in the text of the block, at its place in the file."""
        source = self.extractor.source.with_text(text.text)
        found = read(self.extractor._replace(source=source))
        items = chain(found.policies, found.problems, found.skipped, found.stream, found.comments)
        return [self.in_file(item, text) for item in items]

    def _code(self, text: DecodedText, policy: FoundPolicy) -> Code | None:
        """The code that a policy is changed in; None for that of an argument or of an output."""
        if self.block.unchanged in (IN_AN_ARGUMENT, IN_A_STRING, IN_A_TEMPLATE):
            return None
        return Code(text, policy, expands=self.block.unchanged in _CHANGED)

    def in_file(self, item: Found | Comment, text: DecodedText) -> Found | Comment:
        """What was read in the block, at its place in the file, where it is not changed."""
        source, place = self.extractor.source, text.span
        if isinstance(item, FoundPolicy):
            policy, origin = item.policy, item.origin
            if item.is_json and not self.block.unchanged:
                return FoundPolicy.of_json(policy.with_root(policy.root.moved(place), source))
            code = None if item.is_json else self._code(text, item)
            unchanged = origin.unchanged if code else self.block.unchanged or NOT_CHANGED
            return item._replace(origin=origin.within(source, text, unchanged, code))
        if isinstance(item, Comment):
            covers = item.covers and place(item.covers)
            return item._replace(span=place(item.span), covers=covers)
        if isinstance(item, Problem):
            return item.moved(text)
        return item._replace(span=place(item.span)) if item else None


def _alone(statements: FoundPolicy) -> FoundPolicy:
    """The policy of statements that are shown without what they are a part of."""
    policy = statements.policy
    return statements._replace(
        policy=policy.with_root(policy.root, name="statement", fragment=True)
    ).from_values(syntax="other", unchanged=NO_POLICY_AROUND, code=None)


def _whole(command: InValues) -> Span:
    """From the first to the last word of a command that a statement was made of."""
    spans = command.places.values()
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def _is_policy(item: object) -> bool:
    """Whether something is a policy, or a reason why one is not read or not linted."""
    return not isinstance(item, Skipped) or item.unread or _is_left_out(item)


def _is_left_out(item: object) -> bool:
    return isinstance(item, Skipped) and item.why.reason.is_left_out
