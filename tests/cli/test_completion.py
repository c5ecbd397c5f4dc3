"""The completion scripts, in the shells that they are for."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from multitool_lint.cli import COMMANDS, command_parser
from multitool_lint.cli.commands.completion import SHELLS, _completable, script
from multitool_lint.diagnostics.rule import TOPICS, rules

pytest.importorskip("shtab")
if os.name == "nt":
    pytest.skip("there are no such shells", allow_module_level=True)

FREE = {
    "REASON",
    "ACTION",
    "ARN",
    "DATE",
    "KEY",
    "ACCOUNT",
    "KEY=VALUE",
    "N",
    "NAMES",
    "PATTERN",
    "PREFIX",
    "REV",
    "REVISION",
    "SECONDS",
    "URL",
}
READY = "ready> "
PROGRAM = "multitool-lint() { printf '%s\\0' \"$@\" >>arguments; echo >>arguments; }\n"
START = {
    "bash": (["bash", "--noprofile", "--rcfile", ".start", "-i"], "source ./_multitool-lint\n"),
    "zsh": (
        ["zsh", "--no-global-rcs", "-i"],
        "fpath=($PWD $fpath); autoload -Uz compinit; compinit -D -u\n",
    ),
}
TYPED = [
    ("comp", ["completion"]),
    ("check --sel", ["check", "--select"]),
    ("--sel", ["--select"]),
    ("--vers", ["--version"]),
    ("check --select redundant-st", ["check", "--select", "redundant-statement"]),
    ("--ignore redundant-st", ["--ignore", "redundant-statement"]),
    (
        "--select duplicate-key,full-admin-access,redundant-st",
        ["--select", "duplicate-key,full-admin-access,redundant-statement"],
    ),
    ("fix --select=redundant-st", ["fix", "--select=redundant-statement"]),
    ("explain redundant-st", ["explain", "redundant-statement"]),
    ("check --format acc", ["check", "--format", "access-analyzer"]),
    ("--format=acc", ["--format=access-analyzer"]),
    ("--type=rc", ["--type=rcp"]),
    ("--fail-on nev", ["--fail-on", "never"]),
    ("--output poli", ["--output", "policies.json"]),
    ("diff poli", ["diff", "policies.json"]),
    (
        "tighten --access-level read,perm",
        ["tighten", "--access-level", "read,permissions-management"],
    ),
    ("query --format js", ["query", "--format", "json"]),
    ("completion fi", ["completion", "fish"]),
    ("check poli", ["check", "policies.json"]),
    ("poli", ["policies.json"]),
    ("policies.json --sel", ["policies.json", "--select"]),
    ("policies.json folder/an", ["policies.json", "folder/another.json"]),
    ("fix folder/an", ["fix", "folder/another.json"]),
    ("--config poli", ["--config", "policies.json"]),
]


def available(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")


def fill(folder: Path) -> Path:
    for name in ("policies.json", "folder/another.json", "a name (with spaces).json"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fill(tmp_path)


@pytest.fixture(scope="module", params=["bash", "zsh"])
def answers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """The arguments after typing each text in one session of a shell."""
    available(request.param)
    texts = [text for text, _ in TYPED]
    arguments = typed(request.param, fill(tmp_path_factory.mktemp(request.param)), *texts)
    return dict(zip(texts, arguments, strict=True))


def typed(shell: str, folder: Path, *texts: str) -> list[list[str]]:
    """The arguments of the command after typing each text, a tab and Enter in a terminal."""
    command, start = START[shell]
    (folder / "_multitool-lint").write_text(script(shell), encoding="utf-8")
    for name in (".start", ".zshrc"):
        (folder / name).write_text(f"PS1='{READY}'\n{PROGRAM}{start}", encoding="utf-8")
    front, back = pty.openpty()
    with subprocess.Popen(
        command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb"},
        stdin=back,
        stdout=back,
        stderr=back,
        start_new_session=True,
    ) as process:
        os.close(back)
        try:
            for line in (*(f"multitool-lint {text}\t\n" for text in texts), "exit\n"):
                wait_for(READY, front)
                os.write(front, line.encode())
            wait_for(None, front)
        finally:
            process.kill()
            os.close(front)
    lines = (folder / "arguments").read_text(encoding="utf-8").splitlines()
    return [line.split("\0")[:-1] for line in lines]


def wait_for(prompt: str | None, terminal: int) -> None:
    """Read what the terminal shows up to a prompt, or to its end."""
    shown, end = "", time.monotonic() + 10
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            read = os.read(terminal, 4096).decode(errors="replace")
        except OSError:
            read = ""  # how Linux reports that the other end is closed
        shown += read
        if not read or (prompt and prompt in shown):
            return
    raise TimeoutError(shown)


@pytest.mark.parametrize(("text", "arguments"), TYPED, ids=[text for text, _ in TYPED])
def test_a_tab_completes(answers: dict[str, list[str]], text: str, arguments: list[str]) -> None:
    assert answers[text] == arguments


def fish(folder: Path, text: str) -> list[str]:
    (folder / "multitool-lint.fish").write_text(script("fish"), encoding="utf-8")
    done = subprocess.run(
        ["fish", "--no-config", "-c", "source multitool-lint.fish; complete -C $argv[1]", text],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr
    return [line.partition("\t")[0] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("text", "arguments"), TYPED, ids=[text for text, _ in TYPED])
def test_fish_completes(folder: Path, text: str, arguments: list[str]) -> None:
    available("fish")
    offered = fish(folder, f"multitool-lint {text}")  # what has the word within comes last
    assert [word for word in offered if word.startswith(text.rpartition(" ")[2])] == arguments[-1:]


def test_names_with_spaces_are_completed(folder: Path) -> None:
    for shell in ("bash", "zsh"):
        available(shell)
        assert typed(shell, folder, r"check a\ na") == [["check", "a name (with spaces).json"]]
        (folder / "arguments").unlink()


def bash(folder: Path, *words: str) -> list[str]:
    """What the completion function offers for the last of these words."""
    (folder / "completion.bash").write_text(script("bash"), encoding="utf-8")
    program = (
        "set -eu; source ./completion.bash; "
        'COMP_WORDS=(multitool-lint "$@") COMP_CWORD=$#; _multitool_lint; '
        '((${#COMPREPLY[@]} == 0)) || printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", program, "bash", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_every_command_is_offered(command: str, folder: Path) -> None:
    actions = command_parser(command)._actions  # noqa: SLF001 - argparse has no other way
    options = [option for action in actions for option in action.option_strings]
    available("bash")
    assert sorted(bash(folder, command, "--")) == sorted(o for o in options if o.startswith("--"))
    available("fish")
    assert set(fish(folder, f"multitool-lint {command} --")) >= {
        option for option in options if option.startswith("--")
    }


def test_all_commands_and_rules_are_offered(folder: Path) -> None:
    available("bash")
    assert bash(folder, "") == list(COMMANDS)
    assert bash(folder, "explain", "") == list(rules())
    assert bash(folder, "--select", "=", "") == ["ALL", *TOPICS, *rules()]
    assert bash(folder, "check", "--format", "=", "x") == []


def test_every_value_is_completed_unless_it_is_free() -> None:
    for command in COMMANDS:
        for action in command_parser(command)._actions:  # noqa: SLF001 - as above
            if action.nargs != 0 and not action.choices and action.metavar not in FREE:
                free = action.option_strings == ["--resource-type"]
                assert hasattr(_completable(action), "complete") != free, (command, action)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_the_script(
    shell: str, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    result = run("completion", shell)
    assert result.returncode == 0, result.stderr
    assert result.stdout == script(shell)


def test_another_shell_is_recognised(
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    result = run("completion", "csh")
    assert result.returncode == 2
    assert '"csh" is not a valid shell' in result.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_the_scripts_are_free_of_syntax_errors(shell: str, tmp_path: Path) -> None:
    available(shell)
    (tmp_path / "script").write_text(script(shell), encoding="utf-8")
    done = subprocess.run(
        [shell, "-n", tmp_path / "script"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_other_commands_do_without_shtab() -> None:
    program = (
        "import sys; sys.modules['shtab'] = None\n"
        "from multitool_lint.cli import main\n"
        "raise SystemExit(main(['rules']))"
    )
    subprocess.run([sys.executable, "-c", program], stdout=subprocess.DEVNULL, check=True)


def test_the_version_is_printed_without_what_linting_needs() -> None:
    program = (
        "import sys\n"
        "from multitool_lint.cli import main\n"
        "code = main(['--version'])\n"
        "slow = {'argparse', 'jsonschema', 'parliament', 'policy_sentry', 'markdown_it'}\n"
        "raise SystemExit(code or ', '.join(slow & sys.modules.keys()) or 0)"
    )
    subprocess.run([sys.executable, "-c", program], stdout=subprocess.DEVNULL, check=True)
