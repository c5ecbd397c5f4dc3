"""Measure the language server: CPU from an edit to findings and to completions, and its memory.

See README.md.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import subprocess
import sys
import tempfile
import time
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
if __name__ == "__main__":
    sys.path[:] = [path for path in sys.path if path != str(ROOT / "benchmarks")]  # parliament.py

from lsprotocol import converters, types  # noqa: E402
from support.random_edits import asked, edits, files  # noqa: E402 - found in the folder of the tests

from multitool_lint.aws.catalog.catalog import bundled  # noqa: E402
from multitool_lint.aws.catalog.managed_policies import (  # noqa: E402
    managed_policies,
    newest_document,
)
from multitool_lint.server.analysis import analysis_of  # noqa: E402
from multitool_lint.server.completion import completions  # noqa: E402
from multitool_lint.server.texts import OpenDocument  # noqa: E402
from multitool_lint.server.workspace import EditorOptions  # noqa: E402
from multitool_lint.syntax.source import Span  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONVERTER = converters.get_converter()
BUDGETS = {"JSON": 10.0, "HCL": 20.0, "HCL in a module": 40.0, "completion": 20.0}
"""Milliseconds of CPU, of all but one edit in twenty."""
WARM = 4
"""Edits before those that are measured."""
MEMORY = 80
"""MiB after the policies were opened."""
LINES = range(100, 116)
"""How long the policies of AWS are that are edited, with a value a line."""


def json_texts() -> dict[str, str]:
    """Policies of AWS that are neither short nor long."""
    found = {}
    for name in sorted(managed_policies(bundled())):
        text = json.dumps(json.loads(newest_document(bundled(), name) or "{}"), indent=2)
        if text.count("\n") in LINES and ":" in text:
            found[f"{name}.json"] = f"{text}\n"
    return found


def hcl_text() -> str:
    """A configuration of 96 lines."""
    text = (ROOT / "docs/examples/terraform/main.tf").read_text("utf-8")
    return "".join(text.replace('" "', f'" "a{n}_') for n in range(3))


def module_texts() -> dict[str, str]:
    """The configuration as a part of a module of ten files, which calls another one."""
    text = hcl_text()
    call = 'module "a" {\n  source  = "./a"\n  actions = ["s3:GetObject"]\n}\n'
    others = {f"{n}.tf": re.sub(r'(" "|_document\.)(?=a\d_)', rf"\1b{n}", text) for n in range(8)}
    inner = text.replace('["s3:GetObject", "s3:PutObject"]', "var.actions", 1)
    return {"a.tf": text, "calls.tf": call, "a/a.tf": inner, **others}


def warm(texts: dict[str, str], rounds: int, edited: int | None = None) -> list[float]:
    """Milliseconds of CPU of each edit: the change, what is found, and the answer as bytes.

    Of the files, so many are edited, or all.
    """
    workspace = files()
    taken: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for name, text in list(texts.items())[:edited]:
            document = OpenDocument(Path(folder, name).as_uri(), text, 1)
            count = WARM + rounds // min(len(texts), edited or len(texts))
            typed = islice(_typed(document), count)
            times = [_cpu(partial(_edit, document, change, workspace)) for change in typed]
            taken += times[WARM:]
            document.release()
    return taken


def _typed(document: OpenDocument) -> Iterator[Any]:
    """Changes that write one action after another in the place of the first, letter by letter."""
    match = re.search(r'"([a-z0-9-]+):([A-Z*]\w*)', document.source.text)
    if match is None:
        return
    start, end = match.span(2)
    service = bundled().known(match[1])
    for at in cycle(range(service.current)):
        yield _change(document, start, end, "")
        end = start
        for letter in service.action_at(at).name.partition(":")[2]:
            yield _change(document, end, end, letter)
            end += 1


def _change(document: OpenDocument, start: int, end: int, text: str) -> Any:  # noqa: ANN401
    return types.TextDocumentContentChangePartial(document.range(Span(start, end)), text)


def _edit(document: OpenDocument, change: Any, workspace: Any) -> None:  # noqa: ANN401
    document.apply_change(change)
    document.hold()
    found = analysis_of(document.snapshot(), workspace, EditorOptions()).diagnostics
    params = types.PublishDiagnosticsParams(document.uri, found, 1)
    json.dumps(CONVERTER.unstructure(params))


def completing(text: str, rounds: int) -> list[float]:
    """Milliseconds of CPU of each completion of an action, in a text that does not parse."""
    place = text.index('"s3:') + 4
    document = OpenDocument("file:///a.tf", text[:place] + text[text.index("\n", place) :], 1)
    times = [
        _cpu(lambda: json.dumps(CONVERTER.unstructure(completions(document, place, bundled()))))
        for _ in range(WARM + rounds)
    ]
    return times[WARM:]


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def memory(count: int) -> float:
    """MiB of a server in which so many policies were opened, changed and closed."""
    names = sorted(managed_policies(bundled()))[:count]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "multitool_lint", "server"]
        server = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        client = _Client(server)
        client.ask("initialize", {"capabilities": {}, "initializationOptions": {"delay": 0}})
        client.tell("initialized", {})
        for name in names:
            text = newest_document(bundled(), name) or "{}"
            uri = Path(folder, f"{name}.json").as_uri()
            item = {"uri": uri, "languageId": "json", "version": 1, "text": text}
            client.tell("textDocument/didOpen", {"textDocument": item})
            client.wait(uri)
            client.tell("textDocument/didClose", {"textDocument": {"uri": uri}})
            client.wait(uri)
        status = Path(f"/proc/{server.pid}/status").read_text("utf-8")
        client.ask("shutdown", None)
        client.tell("exit", None)
        server.wait(30)
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


class _Client:
    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        self._server = server
        self._id = 0

    def tell(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: object) -> None:
        """Send a request, and read on to the answer."""
        self._id += 1
        self._send({"id": self._id, "method": method, "params": params})
        while self._read().get("id") != self._id:
            pass

    def wait(self, uri: str) -> None:
        """Read on to what is found in a document."""
        while self._read().get("params", {}).get("uri") != uri:
            pass

    def _send(self, message: dict[str, object]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._server.stdin  # noqa: S101 - a pipe
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self._server.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._server.stdout  # noqa: S101 - a pipe
        length = 0
        while line := self._server.stdout.readline().strip():
            if line.lower().startswith(b"content-length"):
                length = int(line.split()[1])
        message: dict[str, Any] = json.loads(self._server.stdout.read(length))
        return message


def typed(count: int) -> int:
    """How many random edits were answered."""
    workspace, texts = files(), {**dict(islice(json_texts().items(), 2)), "a.tf": hcl_text()}
    for number, text in enumerate(islice(edits(texts, 1), count)):
        asked(text, workspace, number)
    return count


def main() -> None:
    """Measure, print the table, and fail if a budget is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="edits that are measured")
    parser.add_argument("--policies", type=int, default=1_500, help="policies that are opened")
    parser.add_argument("--edits", type=int, default=0, help="random edits that are tried")
    arguments = parser.parse_args()
    gc.set_threshold(50_000)  # as the command does
    policies = json_texts()
    measured = {
        "JSON": warm(policies, arguments.rounds),
        "HCL": warm({"a.tf": hcl_text()}, arguments.rounds),
        "HCL in a module": warm(module_texts(), arguments.rounds, edited=1),
        "completion": completing(hcl_text(), arguments.rounds),
    }
    failed = False
    print("| warm | median, ms of CPU | p95 | budget |\n|---|---|---|---|")
    for name, times in measured.items():
        slow = sorted(times)[int(len(times) * 0.95)]
        failed |= slow > BUDGETS[name]
        print(f"| {name} | {median(times):.1f} | {slow:.1f} | {BUDGETS[name]:.0f} |")
    peak = memory(arguments.policies)
    failed |= peak > MEMORY
    print(f"\n{arguments.policies:,} policies: {peak:.0f} MiB at most (budget {MEMORY})")
    if arguments.edits:
        print(f"{typed(arguments.edits):,} random edits")
    sys.exit(failed)


if __name__ == "__main__":
    main()
