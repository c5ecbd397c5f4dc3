"""What the README shows is what the commands print."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from multitool_lint.aws.catalog.catalog import bundled

README = Path(__file__).parent.parent / "README.md"
CONSOLE = re.compile(
    r"^```console\n\$ multitool-lint (?P<arguments>.*)\n(?P<output>(?:.*\n)*?)```$", re.MULTILINE
)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINES_AT_MOST = 24


def shown(result: CompletedProcess[str]) -> str:
    """The output as the README shows it: long lines and long outputs are cut."""
    lines = (result.stdout + result.stderr).splitlines()
    if len(lines) > LINES_AT_MOST:
        lines[LINES_AT_MOST - 3 : -2] = ["..."]
    return "".join(f"{line}\n" for line in lines)


def test_the_outputs_are_real(
    update: bool,  # noqa: FBT001 - a fixture
    run: Callable[..., CompletedProcess[str]],
) -> None:
    text = README.read_text(encoding="utf-8")
    rewritten = CONSOLE.sub(
        lambda block: (
            f"```console\n$ multitool-lint {block['arguments']}\n"
            f"{shown(run(*shlex.split(block['arguments'])))}```"
        ),
        text,
    )
    if update:
        README.write_text(rewritten, encoding="utf-8")
    assert len(CONSOLE.findall(rewritten)) == 6
    assert rewritten == README.read_text(encoding="utf-8")


def test_the_tightened_policy_is_what_the_command_makes_of_the_fixture() -> None:
    text = README.read_text(encoding="utf-8")
    before, after = (
        json.loads((README.parent / "fixtures" / name).read_text(encoding="utf-8"))
        for name in ("multitool.json", "multitool-cloudtrail.json.out")
    )
    (policy,) = re.findall(r'^```json\n(\{"Version": .*?)^```$', text, re.DOTALL | re.MULTILINE)
    assert json.loads(policy) == after
    items, kept = (policy["Statement"][0]["Action"] for policy in (before, after))
    catalog = bundled()
    names = {name for item in items for name in catalog.names(catalog.match(item))}
    assert f"names {len(items)} items and grants {len(names)} actions" in text
    assert f"leaves the {len(kept)} that" in text


def test_the_library_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = PYTHON.findall(README.read_text("utf-8"))
    policy = README.parent / "fixtures" / "multitool.json"
    (tmp_path / "policy.json").write_bytes(policy.read_bytes())
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - our own example
    assert "`iam:PassRole` with 2 other actions" in capsys.readouterr().out
