"""Names and texts that a stranger wrote: no terminal and no runner of GitHub obeys any of them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from multitool_lint.cli import main
from multitool_lint.reporters.formats import FORMATS

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="other systems have no files of such names"
)

EVIL = "\x1b[2J\n::error::pwned\r##[add-mask]pwned##vso[task.x]\x9b\u202e\x07"
NAMES = {
    "policy": f"a{EVIL}\udcff.json",
    "command": "::error::pwned.json",
    "blanks": "  ::error::pwned.json",
    "page": f"b{EVIL}\udcff.md",
    "template": f"c{EVIL}\udcff.yaml",
    "broken": f"d{EVIL}\udcff.json",
    "terraform": f"e{EVIL}\udcff.tf",
}
ACTIONS = ["s3:Get*", "s3:GetObject", f"iam:{EVIL}\ud800", "nope:\ud800", "ec2:*"]
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Id": f"{EVIL}\ud800",
        "Statement": [
            {
                "Sid": f"One{EVIL}\ud800",
                "Effect": "Allow",
                "Action": ACTIONS,
                "Resource": ["*", f"arn:aws:s3:::{EVIL}\ud800", "arn:aws:s3:::##[add-mask]x"],
                "Condition": {f"String{EVIL}": {f"aws:{EVIL}\ud800": f"{EVIL}\ud800"}},
                f"Element{EVIL}\ud800": 1,
            },
            {
                "Sid": "Two",
                "Effect": "Allow",
                "Action": ["s3:Get*", "s3:GetObject"],
                "Resource": "*",
            },
        ],
    },
    indent=1,
)
PLAIN = (
    '{"Version": "2012-10-17", "Statement": [{"Sid": "\\u001b\\n::error::x\\ud800", "Effect": '
    '"Allow",\n"Action": ["s3:Get*",\n"s3:GetObject",\n"iam:PassRole"],\n"Resource": "*"}]}\n'
)
PAGE = f"##[add-mask]pwned\n ::error::pwned\n```json\n{PLAIN}```\n::error::pwned\n"
TEMPLATE = f"""\
Resources:
  "Role\\e[2J\\n::error::pwned":
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: # ##[add-mask]pwned
        {json.dumps(json.loads(PLAIN.replace("ud800", "u009b")))}
"""
TERRAFORM = """\
resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      # ::error::pwned ##[add-mask]pwned
      Effect = "Allow", Action = ["s3:Get*", "s3:GetObject", "nope:##[add-mask]x"], Resource = "*"
    }]
  })
}
"""
CONFIG = f"""\
select = ["ALL"]
[[rules]]
id = "org-rule"
message = {json.dumps(EVIL)}
[rules.forbid]
action = "s3:GetObject"
"""


class Output:
    """What a run printed on a stream."""

    def __init__(self, printed: bytes) -> None:
        self.text = printed.decode()  # strictly
        self.lines = re.split("\r\n|\r|\n", self.text)

    def commands(self) -> list[str]:
        """The names of the commands that the runner of GitHub Actions obeys.

        https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs
        """
        found: list[str] = []
        token = ""
        for line in self.lines:
            command = re.match(r"\s*::([^:\s]+)[^:]*(?::[^:]+)*?::(.*)", line)
            if token:
                token = "" if line == f"::{token}::" else token
            elif command and command[1] == "stop-commands":
                token = command[2]
                assert re.fullmatch("[0-9a-f]{32}", token)
            else:
                found += [command[1]] if command else re.findall(r"##\w*\[[^\]]+\]", line)
        assert not token
        return found

    def is_shown(self, *, colour: bool = False) -> bool:
        """Whether a terminal shows all of it, and nothing steers it."""
        text = re.sub("\033\\[[0-9;]*m", "", self.text) if colour else self.text
        return all(line.isprintable() for line in text.split("\n"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    contents = {
        "policy": POLICY,
        "command": PLAIN,
        "blanks": PLAIN,
        "page": PAGE,
        "template": TEMPLATE,
        "broken": POLICY[:-5],
        "terraform": TERRAFORM,
    }
    folder = tmp_path / f"x{EVIL}"
    folder.mkdir()
    for name, text in contents.items():
        (folder / NAMES[name]).write_text(text, encoding="utf-8")
    (folder / NAMES["policy"].replace("a", "z", 1)).write_bytes(b"\xff\xfe\x00")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    return folder


def run(capture: pytest.CaptureFixture[bytes], *arguments: str) -> tuple[int, Output, Output]:
    try:
        code = main([*arguments])
    except SystemExit as error:  # of argparse
        code = int(str(error.code))
    out, err = capture.readouterr()
    return code, Output(out), Output(err)


def check_text(text: str, format_: str) -> None:
    """A report is what its format says."""
    if format_ in {"json", "sarif", "code-scanning", "gitlab", "access-analyzer"}:
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    elif format_ == "jsonl":
        for line in text.splitlines():
            json.dumps(json.loads(line), ensure_ascii=False).encode()
    elif format_ == "junit":
        ET.fromstring(text.encode())  # noqa: S314 - it is ours


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format(
    format_: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "report"
    arguments = ["--no-cache", f"--format={format_}", "--select=ALL"]
    code, out, err = run(
        capsysbinary, "check", *arguments, ".", *NAMES.values(), "gone\n::error::x"
    )
    assert code == 2
    check_text(out.text, format_)
    if format_ == "markdown":  # where ours keeps GitHub from linking what is not a link
        out.text = out.text.replace("\u200b", "")
    assert out.is_shown()
    assert err.is_shown()
    assert err.commands() == []
    assert len(err.text.splitlines()) == err.text.count("\n")
    allowed = {"error", "warning", "notice"} if format_ == "github" else set()
    assert set(out.commands()) == allowed
    assert all("title=" in line for line in out.lines if line.startswith("::"))
    run(capsysbinary, "check", *arguments, f"--output={file}", ".")
    check_text(file.read_text(encoding="utf-8"), format_)


REWRITES = [
    ("fix",),
    ("fix", "--unsafe-fixes"),
    ("expand",),
    ("shrink",),
    ("tighten", "--access-level=read", "--all-actions"),
    ("check", "--no-cache"),
]


@pytest.mark.parametrize("command", REWRITES, ids=" ".join)
@pytest.mark.parametrize("colour", ["always", "never"])
def test_every_rewriting_command(
    command: tuple[str, ...], colour: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    arguments = ["--diff", f"--color={colour}", "."]
    _, out, err = run(capsysbinary, *command, *arguments, "gone\n::error::x")
    assert out.commands() == err.commands() == []
    assert err.is_shown(colour=colour == "always")
    if colour == "always":
        assert out.is_shown(colour=True)
    lines = re.sub("\033\\[[0-9;]*m", "", out.text).split("\n")
    headers = [line for line in lines if re.match(r"(---|\+\+\+) \S*", line)]
    assert len(headers) >= 2 * 4
    assert all(line.isprintable() for line in headers)
    # Files, names of split policies among them, and what is done with them.
    _, out, err = run(capsysbinary, *command, "--fix" if command[0] == "check" else "--write", ".")
    assert out.commands() == err.commands() == []
    assert err.is_shown()


@pytest.mark.parametrize(
    ("program", "evil"),
    [
        (("git", "apply", "-p0", "--whitespace=nowarn"), EVIL),
        # It writes no file with a line feed in its name.
        (("patch", "-p0", "--binary", "-i"), EVIL.replace("\n", "\v")),
    ],
)
def test_other_programs_apply_a_diff_to_a_file_of_any_name(
    program: tuple[str, ...],
    evil: str,
    folder: Path,
    tmp_path: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    names = [f'"\\{evil}\udcff.json', f"{evil}.md", NAMES["command"], '"q".json', "a\\b.json"]
    for name in names:
        (folder / name).write_text(PAGE if name.endswith(".md") else PLAIN, encoding="utf-8")
    _, out, _ = run(capsysbinary, "fix", "--diff", "--color=never", *names)
    assert "::stop-commands::" in out.text
    patch = tmp_path / "fix.patch"
    patch.write_bytes(out.text.encode())
    done = subprocess.run([*program, patch], capture_output=True, check=False)
    assert done.returncode == 0, done
    after = [(folder / name).read_bytes() for name in names]
    for name in names:
        (folder / name).write_text(PAGE if name.endswith(".md") else PLAIN, encoding="utf-8")
    run(capsysbinary, "fix", "--write", *names)
    assert [(folder / name).read_bytes() for name in names] == after
    assert PLAIN.encode() not in after


def test_a_diff_is_printed_as_it_is_where_nothing_would_obey_it(
    folder: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = NAMES["page"]
    _, guarded, _ = run(capsysbinary, "fix", "--diff", name)
    monkeypatch.delenv("GITHUB_ACTIONS")
    _, plain, _ = run(capsysbinary, "fix", "--diff", name)
    assert guarded.text.split("\n")[1:-2] == plain.text.split("\n")[:-1]
    assert f" {PAGE.splitlines()[1]}\n" in plain.text
    monkeypatch.setenv("TF_BUILD", "True")  # Azure Pipelines
    assert run(capsysbinary, "fix", "--diff", name)[1].commands() == []
    monkeypatch.delenv("TF_BUILD")
    (folder / "a.json").write_text(PLAIN, encoding="utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert "stop-commands" not in run(capsysbinary, "fix", "--diff", "a.json")[1].text


@pytest.mark.parametrize("format_", ["text", "json", "markdown"])
def test_the_command_diff(format_: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    for old, new in (("policy", "page"), ("command", "policy"), ("broken", "policy")):
        # Without the folder, a name with a colon is also that of a version in git.
        names = [f"./{NAMES[name]}" for name in (old, new)]
        arguments = ["diff", f"--format={format_}", *names]
        _, out, err = run(capsysbinary, *arguments)
        assert out.commands() == err.commands() == []
        assert out.is_shown()
        assert err.is_shown()
        if format_ == "json":
            check_text(out.text, "json")


@pytest.mark.parametrize(
    "config",
    [
        CONFIG,
        f"{json.dumps(EVIL)} = 1\n",
        f"select = [{json.dumps(EVIL)}]\nplugins = [{json.dumps(EVIL)}]\n",
        f"catalog = {json.dumps(EVIL)}\n",
        f"exclude = [{json.dumps(EVIL)}]\n[severity]\n{json.dumps(EVIL)} = 'error'\n",
        "a = \x1b\n",
        "a = 1\r::error::pwned\n",
        f"[[ignore]]\nrule = 'unused-ignore'\nreason = {json.dumps(EVIL)}\npath = '*'\n",
    ],
)
def test_what_a_configuration_says(
    folder: Path, config: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (folder / "multitool-lint.toml").write_text(config, encoding="utf-8", newline="")
    (folder / "a.json").write_text(PLAIN, encoding="utf-8")
    for command in (
        ("check", "--no-cache", "--format=lines", "."),
        ("config",),
        ("config", "--format=json"),
        ("rules",),
        ("rules", "--format=json"),
        ("explain", "org-rule"),
        ("diff", "a.json", NAMES["policy"]),
    ):
        _, out, err = run(capsysbinary, *command)
        assert out.commands() == err.commands() == []
        assert out.is_shown()
        assert err.is_shown()


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", f"--{EVIL}\udcff"),
        ("check", "--format", f"{EVIL}\udcff", "."),
        ("check", "--select", f"{EVIL}\udcff", "."),
        ("check", "--config", f"{EVIL}\udcff", "."),
        ("check", "--output", f"{EVIL}={EVIL}/x", "."),
        ("check", "--output", f"{NAMES['policy']}/x", "."),
        ("check", "--baseline", f"{EVIL}\udcff", "."),
        ("check", "--changed-since", f"{EVIL}", "."),
        ("check", "--catalog", f"{EVIL}\udcff", "."),
        ("check", "--cache-dir", f"{NAMES['policy']}", "."),
        ("check", "--no-cache", "--write-baseline", f"{EVIL}\udcff", "."),
        ("diff", f"HEAD:{EVIL}", NAMES["policy"]),
        ("diff", "--staged", NAMES["policy"]),
        ("tighten", "--used", f"{EVIL}\udcff", NAMES["policy"]),
        ("tighten", "--used", NAMES["policy"], NAMES["policy"]),
        ("explain", EVIL),
        ("query", EVIL),
        (f"chekc{EVIL}",),
        (f"{EVIL}\udcff",),
    ],
    ids=lambda arguments: ascii(" ".join(arguments))[:40],
)
def test_what_a_command_line_says(
    arguments: tuple[str, ...], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    _, out, err = run(capsysbinary, *arguments)
    assert out.commands() == err.commands() == []
    assert out.is_shown()
    assert err.is_shown()
    assert "Traceback" not in err.text
