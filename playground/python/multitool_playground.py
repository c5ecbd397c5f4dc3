"""What the page of the playground asks for: thin over the language server and the commands.

Each function takes and returns what JSON has. It runs in the browser, and in the tests also here.
"""

from __future__ import annotations

import contextlib
import enum
import io
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multitool_lint.api.configuration import Configuration
from multitool_lint.api.lint import fix as fixed_by
from multitool_lint.api.lint import read_settings
from multitool_lint.api.rewrite import tighten as tightened_by
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.config.model import Config
from multitool_lint.reporters.json import as_dict
from multitool_lint.reporters.summary import Summary, closing
from multitool_lint.server.analysis import Analysis, analysis_of
from multitool_lint.server.texts import OpenDocument
from multitool_lint.server.workspace import EditorOptions
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.unsaved import release_all

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path("policy").absolute()
"""A folder with nothing but the policy: files of Terraform in one folder belong together."""

KINDS = ("type=", "resource_type=")


def _kind(written: str) -> dict[str, Any]:
    """What a policy is said to be, as rules' pages write it: "type=trust", "resource_type=..."."""
    return dict(option.split("=", 1) for option in written.split() if option.startswith(KINDS))


@lru_cache(maxsize=16)
def _configuration(kind: str) -> Configuration:
    """The rules that are on by default, and those that are written, as in "enable=missing-sid"."""
    listed = [option[7:].split(",") for option in kind.split() if option.startswith("enable=")]
    return Configuration(Config(extend_select=tuple(name for names in listed for name in names)))


class Workspace:
    """One file with a configuration that is in no file."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def settings(self, path: str) -> Any:
        """What holds for the file."""
        return read_settings(_configuration(self._kind), **_kind(self._kind)).of(path)

    def concerns(self, _source: Source) -> bool:
        """It is what is asked about."""
        return True

    def looked_up(self, name: str, catalog: Any) -> str:
        """What `query` prints."""
        from multitool_lint.cli.commands import query_output
        from multitool_lint.cli.commands.query_answers import ActionQuery, ask

        answer = ask(catalog, ActionQuery((name,)))
        return query_output.text(catalog, answer) if answer.actions else ""

    def with_ignore(self, finding: Any, report: Any, reason: str) -> None:
        """There is no configuration."""


def _workspace(kind: str) -> Any:
    """What is asked as the workspace of the language server, which has more."""
    return Workspace(kind)


def _path(name: str) -> str:
    return str(FOLDER / name)


@lru_cache(maxsize=2)
def _analysis(name: str, text: str, kind: str) -> Analysis:
    release_all()
    document = OpenDocument(f"file://{_path(name)}", text, None)
    document.hold()
    return analysis_of(document, _workspace(kind), EditorOptions())


def version() -> str:
    """What the page runs, and how old its catalog is."""
    from multitool_lint._version import __version__

    return f"multitool-lint {__version__}, catalog of {bundled().date}"


def lint(name: str, text: str, kind: str) -> dict[str, Any]:
    """The findings, for the editor and as the command reports them in JSON."""
    analysis = _analysis(name, text, kind)
    found: dict[str, Any] = {"diagnostics": [*map(_diagnostic, analysis.diagnostics)]}
    report, summary = analysis.report, Summary()
    if report is None:
        return {
            **found,
            "findings": [],
            "notes": [],
            "unread": [],
            "summary": "Nothing was checked.",
        }
    summary.add_file(report)
    unread = [f"line {place.line}: policy not read: {place.reason}" for place in summary.unread]
    unread += [f"line {place.line}: {place.element} unresolved" for place in summary.unresolved]
    return {
        **found,
        "findings": [_finding(analysis, finding) for finding in report.findings],
        "notes": [_finding(analysis, note) for note in report.notes],
        "unread": unread,
        "summary": closing(summary).partition(";")[0],  # what follows are options of the command
    }


def _finding(analysis: Analysis, finding: Any) -> dict[str, Any]:
    """A finding as the command reports it in JSON, with a range as the editor counts."""
    return {**as_dict(finding), "range": _range(analysis.text.range(finding.span))}


def _range(found: Any) -> list[int]:
    start, end = found.start, found.end
    return [start.line, start.character, end.line, end.character]


def _diagnostic(found: Any) -> dict[str, Any]:
    return {
        "range": _range(found.range),
        "severity": found.severity,
        "message": found.message,
        "code": found.code,
        "unnecessary": 1 in (found.tags or ()),
    }


def actions(name: str, text: str, kind: str, start: int, end: int) -> Any:
    """The code actions at a span."""
    from multitool_lint.server.actions import actions_at

    analysis = _analysis(name, text, kind)
    return plain(actions_at(analysis, _span(analysis, start, end), _workspace(kind)))


def _span(analysis: Analysis, start: int, end: int) -> Span:
    """A span of offsets in UTF-16."""
    text = analysis.text.source.text
    if text.isascii():
        return Span(start, end)
    data = text.encode("utf-16-le", "surrogatepass")
    return Span(*(len(data[: 2 * at].decode("utf-16-le", "ignore")) for at in (start, end)))


def hover(name: str, text: str, kind: str, offset: int) -> Any:
    """What is known about what is at an offset: HTML and a range."""
    from multitool_lint.server.hover import hover as hover_at

    analysis = _analysis(name, text, kind)
    found = hover_at(analysis, _span(analysis, offset, offset).start, Workspace(kind).looked_up)
    return found and {"html": html(found.contents.value), "range": plain(found.range)}


def complete(name: str, text: str, offset: int) -> Any:
    """What can be written at an offset."""
    from multitool_lint.server.completion import completions

    document = OpenDocument(f"file://{_path(name)}", text, None)
    found = Analysis(document)
    return plain(completions(document, _span(found, offset, offset).start, bundled()))


def describe(item: dict[str, Any]) -> str:
    """What is known about a completion, as HTML."""
    from types import SimpleNamespace

    from multitool_lint.server.completion import with_description

    item_ = SimpleNamespace(label=item["label"], data=item["data"], documentation=None)
    found = with_description(item_, bundled(), Workspace("").looked_up).documentation
    return html(found.value) if found else ""


def html(markdown: str) -> str:
    """Markdown as HTML; HTML in it is text."""
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"html": False}).render(markdown))


def fix(name: str, text: str, kind: str, options: dict[str, Any]) -> dict[str, Any]:
    """The text with fixes."""
    release_all()
    source = Source(_path(name), text)
    return {"text": fixed_by(source, config=_configuration(kind), **_kind(kind), **options)}


def tighten(name: str, text: str, kind: str, options: dict[str, Any]) -> dict[str, Any]:
    """The text with less access, and what to know about that."""
    release_all()
    source = Source(_path(name), text)
    result = tightened_by(source, type=_kind(kind).get("type"), **options)
    notes = {key: list(getattr(result, key)) for key in ("applied", "notes", "problems")}
    return {"text": result.policy, **notes}


def grants(name: str, text: str, kind: str) -> Any:
    """What the policies grant, as the HTML report describes it."""
    from multitool_lint.reporters.html.access_table import LEVELS
    from multitool_lint.reporters.html.policies import describe as description

    analysis = _analysis(name, text, kind)
    policies = analysis.report.policies if analysis.report else ()
    return {
        "levels": LEVELS,
        "policies": [plain(description(policy, analysis.catalog)) for policy in policies],
    }


def compare(old: list[str], new: list[str], kind: str) -> dict[str, str]:
    """How access differs, in the words of `diff`: a name and a text each."""
    sides = [_write(side, *parts) for side, parts in (("before", old), ("after", new))]
    printed, problem = _command("diff", *_options(kind), "--no-config", *sides)
    for side in sides:
        printed, problem = (
            text.replace(side, Path(side).parent.name) for text in (printed, problem)
        )
    return {"text": printed, "summary": problem}


def can(name: str, text: str, kind: str, question: dict[str, Any]) -> dict[str, Any]:
    """Whether the policies allow an action."""
    words = [
        _write(FOLDER.name, name, text),
        question["action"],
        *filter(None, [question["resource"]]),
    ]
    options = [*_options(kind), *(f"--context={value}" for value in question["context"])]
    if question["principal"]:
        options.append(f"--principal={question['principal']}")
    printed, problem = _command("can", *options, "--no-config", "--format", "json", "--", *words)
    problem = problem.replace(words[0], name)
    return {"answer": json.loads(printed) if printed else None, "problem": problem}


def _options(kind: str) -> Iterator[str]:
    for option, value in _kind(kind).items():
        yield f"--{option.replace('_', '-')}={value}"


def _write(side: str, name: str, text: str) -> str:
    release_all()
    folder = Path(side)
    folder.mkdir(exist_ok=True)
    for other in folder.iterdir():
        other.unlink()
    path = folder / name
    path.write_text(text, "utf-8", "surrogatepass")
    return str(path)


def _command(*words: str) -> tuple[str, str]:
    from multitool_lint.cli import main

    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", "surrogatepass") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        main(list(words))
        return _printed(out), _printed(err)


def _printed(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    fields = getattr(value, "_fields", None) or [
        field.name for field in getattr(value, "__attrs_attrs__", ())
    ]
    if fields:
        return {name: plain(getattr(value, name)) for name in fields}
    return [*map(plain, value)] if isinstance(value, (list, tuple)) else value


def ask(question: str) -> str:
    """The answer to a question: the name of a function here and its arguments, in JSON."""
    name, *arguments = json.loads(question)
    try:
        answer = {"answer": globals()[name](*arguments)}
    except ValueError as error:  # of what is written there
        answer = {"problem": str(error)}
    return json.dumps(answer).replace(f"{FOLDER}/", "")  # which is nowhere but here
