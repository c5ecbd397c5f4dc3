"""The diffs of rewrites: as programs read them, short, in time, and in colour."""

import difflib
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitool_lint.cli import main
from multitool_lint.cli.files import write as writing

ROOT = Path(__file__).parents[2]
Output = pytest.CaptureFixture[str]


pytestmark = pytest.mark.usefixtures("rewritable")


TEXTS = st.lists(st.sampled_from(["a", "b\r", "\u2028", "\ufeff", "é\t", ""]), max_size=6).map(
    "\n".join
)


@given(TEXTS, TEXTS)
def test_patch_applies_a_diff(
    tmp_path_factory: pytest.TempPathFactory, before: str, after: str
) -> None:
    folder = tmp_path_factory.mktemp("patch")
    (folder / "file").write_bytes(before.encode())
    diff = writing.unified_diff("file", before, after, colour=False)
    if before == after:
        assert diff == ""
        return
    command = ["git", "apply", "--unidiff-zero", "-p0", "-"]
    subprocess.run(command, cwd=folder, input=diff.encode(), check=True)
    assert (folder / "file").read_bytes() == after.encode()


def test_a_diff_is_as_short_as_that_of_the_standard_library() -> None:
    policy = (ROOT / "fixtures" / "multitool.json").read_text(encoding="utf-8")
    for line in ('"apigateway:*",', '"iam:PassRole",', '"Version"'):
        for text in ("", "x", "x\n        y,\n        z", f"{line}\n{line}"):
            after = policy.replace(line, text)
            old, new = policy.splitlines(keepends=True), after.splitlines(keepends=True)
            expected = "".join(difflib.unified_diff(old, new, "a.json", "a.json"))
            assert writing.unified_diff("a.json", policy, after, colour=False) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "pieces"),
    [pytest.param(20_000, 1, marks=pytest.mark.exhaustive), (2_000, 2_000)],
)
def test_a_diff_of_many_places_takes_seconds(number: int, pieces: int) -> None:
    before = "".join(f"{{\n  {number}\n  wide\n  last\n}}\n" for number in range(number))
    after = before.replace("  wide\n", "  one\n  two\n")
    start = time.process_time()
    diff = writing.unified_diff("a.json", before, after, colour=False)
    assert diff.count("\n-") >= pieces
    assert diff.count("\n+") > 2 * pieces
    unlike = writing.unified_diff("a.json", before, "x\n" * 1000, colour=False)
    assert unlike.count("\n-") == 5 * number
    assert time.process_time() - start < 10


def test_a_coloured_diff_steers_no_terminal() -> None:
    before = '\t"\x1b[2J"\r\nsame\n"x"'
    diff = writing.unified_diff("a.json", before, before.replace("x", "y"), colour=True)
    assert diff == (
        "\033[1m--- a.json\033[0m\n\033[1m+++ a.json\033[0m\n\033[36m@@ -1,3 +1,3 @@\033[0m\n"
        '        "\\x1b[2J"\n same\n'
        '\033[31m-"x"\n\\ No newline at end of file\033[0m\n'
        '\033[32m+"y"\n\\ No newline at end of file\033[0m\n'
    )


def test_colour_is_asked_for(capsys: Output) -> None:
    assert main(["expand", "--color=always", "wide.json"]) == 1
    assert capsys.readouterr().out.startswith("\033[1m--- wide.json\033[0m\n")
