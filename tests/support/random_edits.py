"""Random edits of policies, as someone types them, and all that an editor asks after each."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from lsprotocol import converters, types

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.cli.commands.server import UserFiles
from multitool_lint.cli.options.parser import Parser
from multitool_lint.server.actions import actions_at
from multitool_lint.server.analysis import analysis_of, forget
from multitool_lint.server.annotations import hints, lenses, links, symbols
from multitool_lint.server.completion import completions
from multitool_lint.server.hover import hover
from multitool_lint.server.texts import OpenDocument
from multitool_lint.server.workspace import EditorOptions
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from multitool_lint.server.analysis import Analysis

PIECES = (
    *('"', "{", "}", "[", "]", ",", ":", "\n", " ", "  ", "*", "- ", "#", "'", "=", "<<EOF\n"),
    *("s3:", "iam:PassRole", "arn:aws:", "Statement", '"Effect": "Allow"', "${var.x}", "!Sub "),
    *("\N{PILE OF POO}", "\u2028", "\x0c", "\r\n", "\r", "\t", "statement {\n", "condition", "é"),
)
CONVERTER = converters.get_converter()


def files() -> UserFiles:
    """What the server knows of the files where nothing is configured."""
    from multitool_lint.cli.commands import server

    parser = Parser("server", None)
    server.add_arguments(parser)
    return UserFiles(parser.parse_words(["--no-config"]))


def edits(texts: Mapping[str, str], seed: int, folder: str = "") -> Iterator[OpenDocument]:
    """Documents after one more edit each; what an edit makes is compared with the plain text.

    Something is typed, deleted, pasted from a document, or an edit is undone.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    documents = {
        path: OpenDocument(f"file://{folder}/{path}", text, 1) for path, text in texts.items()
    }
    undone: dict[str, tuple[Span, str]] = {}
    while True:
        path = chance.choice(sorted(documents))
        document = documents[path]
        before = document.source.text
        if path in undone and chance.random() < 0.2:
            span, written = undone.pop(path)
        else:
            start = chance.randint(0, len(before))
            end = min(len(before), start + chance.choice((0, 0, 0, 1, 2, 9, 60)))
            span, written = Span(start, end), _written(texts, chance)
        start, end = span
        if before[start - 1 : start + 1] == "\r\n" or before[end - 1 : end + 1] == "\r\n":
            continue  # no position is between the two
        change = types.TextDocumentContentChangePartial(document.range(span), written)
        document.apply_change(change)
        assert document.source.text == before[:start] + written + before[end:]
        undone[path] = Span(start, start + len(written)), before[start:end]
        document.version = (document.version or 0) + 1
        document.hold()
        yield document.snapshot()
        if chance.random() < 0.05:
            begun = texts[path][: chance.choice((None, None, 0, 9))]
            documents[path] = OpenDocument(f"file://{folder}/{path}", begun, 1)
            undone.pop(path, None)


def _written(texts: Mapping[str, str], chance: random.Random) -> str:
    """What someone types or pastes."""
    if chance.random() < 0.3:
        return ""
    if chance.random() < 0.8:
        return chance.choice(PIECES)
    text = texts[chance.choice(sorted(texts))]
    start = chance.randrange(len(text))
    return text[start : start + chance.randint(1, 400)]


def fresh(text: OpenDocument, workspace: UserFiles) -> Analysis:
    """What is found in a document where nothing of its earlier versions is kept."""
    forget(bundled())
    return analysis_of(text, workspace, EditorOptions())


def asked(text: OpenDocument, workspace: UserFiles, seed: int) -> Analysis:
    """What is found in a document, after all that can be asked about it was answered."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    analysis = analysis_of(text, workspace, EditorOptions())
    offset = chance.randint(0, len(text.source.text))
    answers = [
        *analysis.diagnostics,
        completions(text, offset, analysis.catalog),
        *(hints(analysis, Span(0, len(text.source.text)))),
        *(lenses(analysis)),
        *(links(analysis)),
        *(symbols(analysis)),
        *(actions_at(analysis, Span(offset, offset), workspace)),
    ]
    if found := hover(analysis, offset, workspace.looked_up):
        answers.append(found)
    CONVERTER.unstructure(answers)
    return analysis
