"""Make the pictures in docs/images: the text output as SVG, the HTML report as a browser shows it.

    python scripts/pictures.py

The browser is chromium; without it only the SVG is made, which the tests compare with the output.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
COMMAND = "multitool-lint --select privilege-escalation,redundant-action fixtures/multitool.json"

_CHARACTER, _LINE, _MARGIN = 8.4, 20, 16
_COLOURS = {
    "31": "#ff7b72",
    "32": "#7ee787",
    "33": "#e3b341",
    "34": "#79c0ff",
    "35": "#d2a8ff",
    "36": "#76e3ea",
}
_PAINTED = re.compile("\033\\[([0-9;]+)m(.*?)\033\\[0m")


def output(arguments: str, *options: str) -> str:
    """What a command prints, in colour."""
    return subprocess.run(
        [sys.executable, "-m", *shlex.split(arguments.replace("-", "_", 1)), *options],
        cwd=ROOT,
        env={**os.environ, "FORCE_COLOR": "1", "NO_COLOR": "", "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    ).stdout


def text_svg(command: str) -> str:
    """A terminal with a command and its output."""
    lines = [f"$ {command}", *output(command, "--no-config", "--no-cache").splitlines()]
    rows = "".join(_row(line, number) for number, line in enumerate(lines))
    width = round(_CHARACTER * max(len(_PAINTED.sub(r"\2", line)) for line in lines)) + 2 * _MARGIN
    height = _LINE * len(lines) + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="#c9d1d9">\n'
        f"<title>{escape(command)}</title>\n"
        f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>\n{rows}</svg>\n'
    )


def _row(line: str, number: int) -> str:
    """A line of the output; each part of a colour is put in its column, whatever the font."""
    column = 0
    parts = []
    pieces = _PAINTED.split(line)
    for plain, codes, painted in zip(
        pieces[::3], ["", *pieces[1::3]], ["", *pieces[2::3]], strict=True
    ):
        for text, style in ((painted, codes), (plain, "")):
            if text.strip():
                parts.append(_part(text, column, style.split(";")))
            column += len(text)
    y = _MARGIN + _LINE * (number + 1) - 5
    return f'<text y="{y}" xml:space="preserve">{"".join(parts)}</text>\n' if parts else ""


def _part(text: str, column: int, codes: list[str]) -> str:
    bold = ' font-weight="bold"' if "1" in codes else ""
    colour = next((f' fill="{_COLOURS[code]}"' for code in codes if code in _COLOURS), "")
    indent = len(text) - len(text.lstrip())
    x = _MARGIN + _CHARACTER * (column + indent)
    words = text.strip()
    return (
        f'<tspan x="{x:.1f}" textLength="{_CHARACTER * len(words):.1f}"{bold}{colour}>'
        f"{escape(words)}</tspan>"
    )


def main() -> None:
    """Run the script."""
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / "text.svg").write_text(text_svg(COMMAND), encoding="utf-8")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        page.write_text(
            output("multitool-lint --format html fixtures/multitool.json", "--no-config"),
            encoding="utf-8",
        )
        size, picture = "--window-size=1200,900", f"--screenshot={IMAGES / 'report.png'}"
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        subprocess.run(
            [browser, *options, size, picture, page.as_uri()],
            check=True,
            stderr=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    main()
