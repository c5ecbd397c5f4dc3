"""Run a server of the Model Context Protocol for assistants, on standard input and output.

It needs the extra "mcp": pip install "multitool-lint[mcp]". Its tools check, fix and compare texts
that the assistant gives, and look up actions; they read no files. docs/assistants.md has the
settings of clients.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.config import ConfigError
from multitool_lint.mcp_server.answers import ToolAnswer, ToolRequest
from multitool_lint.syntax.printable import printable
from multitool_lint.syntax.source import position_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from multitool_lint.ask.can import Question
    from multitool_lint.cli.output.compared import Compared
    from multitool_lint.formats.local_files import SourceInTree
    from multitool_lint.linter.report import Report
    from multitool_lint.rewrite.fix import Fixed


def add_arguments(parser: ArgumentParser) -> None:
    """Add no arguments: a client passes what it asks with each call."""
    parser.epilog = "exit codes: 0 the client has ended the server, 2 not started"


def run(_: Namespace) -> int:
    """Serve until the client is done.

    Raises:
        ConfigError: the extra is missing.
    """
    try:
        from multitool_lint.mcp_server.program import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"mcp", "pydantic"}:
            raise
        needed = 'pip install "multitool-lint[mcp]"'
        raise ConfigError(f"the server for assistants needs {error.name}: {needed}") from error
    return serve(TextAnswers(), forget)


class TextAnswers:
    """What the commands answer, with the settings that hold without a configuration."""

    def check(self, source: SourceInTree, type: str | None) -> ToolAnswer:
        """The findings in a text.

        Raises:
            ValueError: it has no policy.
        """
        from multitool_lint.api.lint import read_settings, require_policy
        from multitool_lint.linter.lint import lint_with_settings

        report = lint_with_settings(source, read_settings(type=type).of(source.path))
        require_policy(report)
        return ToolAnswer(_rendered(report, "text"), _as_json(report))

    def fix(
        self, source: SourceInTree, type: str | None, *, unsafe: bool, keep_wildcards: bool
    ) -> ToolAnswer:
        """The text with fixes, and the findings that are left.

        Raises:
            ValueError: it has no policy.
        """
        from multitool_lint.api.lint import read_settings, require_policy
        from multitool_lint.linter.lint import lint_with_settings
        from multitool_lint.rewrite.fix import fix

        settings = read_settings(type=type).of(source.path)
        lint = partial(lint_with_settings, settings=settings, confirms=False)
        fixed = fix(
            source,
            lint=lint,
            unsafe=unsafe,
            keep_wildcards=keep_wildcards,
            catalog=settings.catalog,
        )
        require_policy(fixed.remaining)
        data = {
            "version": 1,
            "text": fixed.text,
            "applied": [
                {"rule": one.finding.rule, "title": one.fix.title} for one in fixed.applied
            ],
            "refused": [
                {"rule": one.finding.rule, "title": one.fix.title, "reason": one.reason}
                for one in fixed.refused
            ],
            "remaining": _as_json(fixed.remaining),
        }
        return ToolAnswer("".join(_fixed_lines(fixed)), data)

    def diff(self, old: SourceInTree, new: SourceInTree) -> ToolAnswer:
        """How the access differs that two texts grant.

        Raises:
            ValueError: one of them has no policy, or cannot be read.
        """
        import json

        from multitool_lint.cli.output import diff_reports
        from multitool_lint.cli.output.compared import RunOutcome

        outcome = RunOutcome([*_compared(old, new)])
        data = json.loads(diff_reports.as_json(outcome))
        return ToolAnswer("".join(diff_reports.text(outcome, verbose=True)), data)

    def can(
        self, sources: Sequence[SourceInTree], identity: str | None, asked: ToolRequest
    ) -> ToolAnswer:
        """Whether an identity of texts may do something; without one, which of several may.

        Raises:
            ValueError: there is no such identity, or the question is not valid.
        """
        from multitool_lint.ask import can, who_can
        from multitool_lint.ask.deployed import Deployed
        from multitool_lint.cli.files.deployed import identity_named
        from multitool_lint.cli.output import answers

        question = _question(asked)
        deployed = Deployed(sources, bundled())
        if not (deployed.identities or deployed.unread):
            raise ValueError("the files have no identity and no identity-based policy")
        unread = [place._asdict() for place in deployed.unread]
        head = {"version": 1, "action": asked.action, "resource": asked.resource}
        if identity or len(deployed.identities) == 1:
            [first, *_] = deployed.identities
            named = identity_named(identity, deployed) if identity else first
            facts = answers.answer_facts(can.answer(named, question, deployed))
            data = {**head, **facts, "unread": unread}
            lines = [*answers.answer_lines(facts, asked.resource)]
        else:
            found = [*map(answers.access_facts, who_can.who_can(question, deployed))]
            missing = [place._asdict() for place in deployed.missing]
            data = {**head, "identities": found, "unread": unread, "missing": missing}
            lines = [line for facts in found for line in answers.access_lines(facts)]
            lines += answers.summary(len(found), deployed)
        lines += (f"depends: {place}: {why}\n" for place, why in deployed.unread)
        return ToolAnswer("".join(lines), data)

    def needs(self, source: SourceInTree, operations: Sequence[str]) -> ToolAnswer:
        """The actions that applying a plan, a template or a change set takes.

        Raises:
            ValueError: it is something else, or not in its format.
        """
        from multitool_lint.cli.output.needs import needs_facts, needs_lines, remarks
        from multitool_lint.needed.needs import needs_of
        from multitool_lint.syntax.json.errors import MistakeError

        try:
            needs = needs_of(source, bundled(), tuple(operations))
        except MistakeError as mistake:
            raise ValueError(f"{position_of(source, mistake.span)}: {mistake.message}") from mistake
        return ToolAnswer(_with_remarks(needs_lines(needs), remarks(needs)), needs_facts(needs))

    def query(self, names: Sequence[str]) -> ToolAnswer:
        """What the catalog has on actions, services and managed policies."""
        from multitool_lint.cli.commands import query_output
        from multitool_lint.cli.commands.query import remarks
        from multitool_lint.cli.commands.query_answers import ActionQuery, ask

        catalog = bundled()
        answer = ask(catalog, ActionQuery(tuple(names)))
        text = _with_remarks([query_output.text(catalog, answer)], remarks(catalog, answer))
        return ToolAnswer(text, query_output.facts(catalog, answer))


def forget() -> None:
    """Free the memory of what is kept to answer quickly."""
    bundled().forget()


def _question(asked: ToolRequest) -> Question:
    """What is asked about an action.

    Raises:
        ConfigError: it is not a question.
    """
    from multitool_lint.api.evaluate import values_of
    from multitool_lint.ask.can import Question
    from multitool_lint.cli.options.question import check_account, check_action

    check_action(asked.action, bundled())
    check_account(asked.resource_account, "resource_account")
    if asked.resource != "*" and not asked.resource.startswith("arn:"):
        raise ConfigError(f'resource: "{asked.resource}" is not the ARN of a resource or "*"')
    context = {key.lower(): values_of(value) for key, value in asked.context.items()}
    complete, account = asked.complete_context, asked.resource_account
    return Question(asked.action, asked.resource, context, bundled(), complete, account)


def _with_remarks(lines: Iterable[str], remarks: Iterable[str]) -> str:
    return "".join([*lines, *(f"{remark}\n" for remark in remarks)])


def _rendered(report: Report, format: str) -> str:
    from multitool_lint.api.many import Linted
    from multitool_lint.api.reports import render

    return render([Linted(report.source, report)], format)


def _as_json(report: Report) -> dict[str, object]:
    import json

    found: dict[str, object] = json.loads(_rendered(report, "json"))
    return found


def _fixed_lines(fixed: Fixed) -> Iterator[str]:
    """The fixed text after what was done, and before what is left."""
    for applied in fixed.applied:
        yield f"fixed: {printable(applied.fix.title)} [{applied.finding.rule}]\n"
    for refused in fixed.refused:
        yield f"{printable(refused.message)}\n"
    if not fixed.applied:
        yield "nothing to fix\n"
    yield f"\n{fixed.text}\n" if fixed.applied else ""
    yield _rendered(fixed.remaining, "text")


def _compared(old: SourceInTree, new: SourceInTree) -> Iterator[Compared]:
    """What two texts deploy, compared; or the policies in them."""
    from multitool_lint.cli.files.version import Version
    from multitool_lint.cli.output.compared import Compared
    from multitool_lint.diffs.sources import changes_of_sources
    from multitool_lint.policy.changes import Changes

    found = changes_of_sources((old, new), bundled())
    for title, changes in found or [(None, Changes((), ()))]:
        yield Compared(Version(old.path), Version(new.path), title, changes, (), bundled())
