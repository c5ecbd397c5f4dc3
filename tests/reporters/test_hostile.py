"""Whatever text a file holds, and whatever its name, every format stays what it is."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support.report_samples import finding, report_of, written

from multitool_lint.limits import MAX_MARKDOWN_CHARACTERS
from multitool_lint.linter.report import Report, Suppressed
from multitool_lint.reporters import github, gitlab, junit, markdown, sarif
from multitool_lint.reporters import json as json_
from multitool_lint.reporters import text as text_reporter
from multitool_lint.syntax.source import Source, Span

MARKS = st.text(alphabet="`|*_[]()<>&#@:%,\\\r\n\0\x1b\u2028\ud800\uffff\U0001f600é a1")
TEXTS = st.one_of(st.text(st.characters(exclude_categories=[])), MARKS)


def reported(path: str, content: str, message: str) -> Report:
    """A report whose finding and suppressed finding are about all of a file."""
    source = Source(path, content)
    place = Span(0, len(content))
    fields = {"source": source, "span": place, "title": message, "policy_name": message}
    found = finding(**fields, related=(), fixes=(), pointer=f"/{message}")
    return report_of(found, suppressed=(Suppressed(found, "comment", message),))


def outcome(path: str, content: str, message: str) -> tuple[list[Report], tuple[tuple[str, str]]]:
    return [reported(path, content, message)], ((path, message),)


@given(TEXTS, TEXTS, TEXTS)
def test_json_and_sarif(path: str, content: str, message: str) -> None:
    reports, errors = outcome(path, content, message)
    for reporter in (json_.Reporter(), gitlab.Reporter(), sarif.Reporter()):
        text = written(reporter, *reports, errors=errors)
        assert all(line.isprintable() for line in text.split("\n"))
        # Text of UTF-8, which a loaded half of a surrogate pair is not.
        json.dumps(json.loads(text.encode()), ensure_ascii=False).encode()


@given(TEXTS, TEXTS, TEXTS)
def test_what_is_read_line_by_line(path: str, content: str, message: str) -> None:
    reports, errors = outcome(path, content, message)
    text = written(github.Reporter(), *reports, errors=errors)
    commands = re.split("\r\n|\r|\n", text.removesuffix("\n"))
    assert len(commands) == 4
    assert [line.split(" ")[0] for line in commands] == ["::notice", "::error", "1", "Not"]
    assert all(line.isprintable() for line in commands)
    assert len(written(text_reporter.LinesReporter(), *reports).splitlines()) == 2


@given(TEXTS, TEXTS, TEXTS)
def test_junit(path: str, content: str, message: str) -> None:
    reports, errors = outcome(path, content, message)
    text = written(junit.Reporter(), *reports, errors=errors)
    root = ET.fromstring(text.encode())  # noqa: S314 - it is ours
    assert [
        element.tag for element in root.iter() if element.tag not in {"testsuites", "testsuite"}
    ] == [
        *("testcase", "failure"),
        *("testcase", "skipped"),
        *("testcase", "error"),
    ]


@given(TEXTS, TEXTS, TEXTS)
def test_markdown(path: str, content: str, message: str) -> None:
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": False})

    def kinds(*texts: str) -> list[str]:
        reports, errors = outcome(*texts)
        text = written(markdown.Reporter(), *reports, errors=errors)
        assert len(text) <= MAX_MARKDOWN_CHARACTERS
        tokens = [(token, *(token.children or ())) for token in parser.parse(text)]
        types = (token.type for group in tokens for token in group)
        # Values in the message are code.
        return [type_ for type_ in types if type_ not in {"text", "text_special", "code_inline"}]

    # A file elsewhere has no link.
    elsewhere = "../a" if not path or path.startswith(("/", "../")) else "a"
    assert kinds(path, content, message) == kinds(elsewhere, content, "a")
