"""Rules of the configuration in a run: findings, settings and mistakes like all others."""

import json
import pickle
import re
import sys
from pathlib import Path

import pytest

from multitool_lint.cli import command_parser, main
from multitool_lint.cli.options.settings import Settings
from multitool_lint.linter.settings import FileSettings

CONFIG = """\
extra-actions = ["myservice:DoIt"]

[[rules]]
id = "no-public-write"
message = \"\"\"
buckets are written by the deployment role only;
see https://wiki.example.com/s3.\"\"\"
severity = "security"
paths = ["policies/**"]
forbid = { actions = ["s3:Put*", "myservice:DoIt"], resources = ["arn:aws:s3:::prod-*"] }
unless = [
  { conditions = { "aws:PrincipalOrgID" = "*" } },
]

[[rules]]
id = "no-keys"
message = "people sign in through the identity provider"
forbid.actions = "iam:CreateAccessKey"
"""
POLICY = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Keys", "Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*"},
    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::prod-x/*"}
  ]
}
"""
KEYS = "policies/a.json:4:50: error[no-keys] people sign in through the identity provider"
WRITE = (
    "policies/a.json:5:35: security[no-public-write] buckets are written by the deployment role "
    "only; see https://wiki.example.com/s3."
)
OWN = "no-keys,no-public-write"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "a.json").write_text(POLICY, encoding="utf-8")
    (tmp_path / "other.json").write_text(POLICY, encoding="utf-8")
    (tmp_path / "multitool-lint.toml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> "Command":
    return Command(capsys)


class Command:
    """Runs the command, and answers its code, and the lines that it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, list[str]]:
        self._capsys.readouterr()
        code = main([*arguments])
        output = self._capsys.readouterr()
        return code, (output.out or output.err).splitlines()


def lines(command: Command, *arguments: str) -> list[str]:
    return command("--format", "lines", *arguments)[1][:-1]


def add(text: str) -> None:
    path = Path("multitool-lint.toml")
    path.write_text(text + path.read_text(encoding="utf-8"), encoding="utf-8")


def test_they_run_by_default_with_ours(command: Command) -> None:
    found = lines(command, "policies/a.json")
    assert {KEYS, WRITE} <= set(found)
    assert len(found) > 2


def test_an_action_that_only_the_configuration_knows_is_one(command: Command) -> None:
    policy = POLICY.replace("s3:PutObject", "myservice:D*")
    Path("policies/a.json").write_text(policy, encoding="utf-8")
    _, printed = command("--format", "text", "--select", "no-public-write", "policies/a.json")
    assert '"myservice:D*" grants myservice:DoIt on "arn:aws:s3:::prod-x/*"' in " ".join(printed)


def test_their_paths_are_below_the_configuration(command: Command) -> None:
    found = lines(command, "--select", OWN, ".")
    assert found == [KEYS.replace("policies/a", "other"), KEYS, WRITE]


def test_they_are_selected_and_ignored_by_their_ids(command: Command) -> None:
    assert lines(command, "--select", "no-keys", "policies/a.json") == [KEYS]
    assert lines(command, "--select", OWN, "--ignore", "no-keys", "policies/a.json") == [WRITE]
    assert WRITE in lines(command, "--ignore", "no-keys", "policies/a.json")
    add('select = ["old-version"]\n')
    assert lines(command, "policies/a.json") == []
    assert lines(command, "--extend-select", "no-keys", "policies/a.json") == [KEYS]


def test_an_id_that_no_configuration_has_is_a_mistake(command: Command) -> None:
    for option in ("--select", "--ignore", "--extend-select"):
        code, output = command(option, "no-key", "policies/a.json")
        assert code == 2
        assert output == ['error: unknown rule "no-key"; did you mean "no-keys"?']
    code, output = command("--no-config", "--select", "no-keys", "policies/a.json")
    assert (code, output[0].partition(";")[0]) == (2, 'error: unknown rule "no-keys"')


def test_an_entry_does_not_suppress_a_wildcard_that_grants_the_same(command: Command) -> None:
    entry = '[[ignore]]\nrule = "no-keys"\naction = "iam:CreateAccessKey"\nreason = "known"\n'
    Path("multitool-lint.toml").write_text(f"{CONFIG}{entry}", encoding="utf-8")
    assert lines(command, "--select", "no-keys", "other.json") == []
    action = '"iam:CreateAccessKey"'
    wider = POLICY.replace(action, f'[{action}, "iam:Create*"]')
    Path("other.json").write_text(wider, encoding="utf-8")
    [found] = lines(command, "--select", "no-keys", "other.json")
    assert found.startswith("other.json:4:51: error[no-keys] ")


def test_severities_and_ignores_hold_for_them(command: Command) -> None:
    add('select = ["no-keys", "no-public-write"]\n')
    with Path("multitool-lint.toml").open("a", encoding="utf-8") as file:
        file.write(
            '[severity]\nno-keys = "warning"\n'
            '[per-path-ignores]\n"other.json" = ["no-keys"]\n'
            '[[ignore]]\nrule = "no-public-write"\nresource = "arn:aws:s3:::prod-x/*"\n'
            'reason = "the deployment role"\n'
        )
    assert lines(command, ".") == [KEYS.replace("error", "warning")]
    assert lines(command, "--show-suppressed", ".") == [KEYS.replace("error", "warning"), WRITE]


def test_a_comment_suppresses_them(command: Command) -> None:
    comment = "<!-- multitool-lint: ignore[no-keys] rotated by hand -->"
    page = Path("page.md")
    page.write_text(f"{comment}\n```json\n{POLICY}```\n", encoding="utf-8")
    assert lines(command, "--select", f"{OWN},invalid-ignore-comment", "page.md") == []
    assert lines(command, "--select", "invalid-ignore-comment", "page.md") == []
    page.write_text(page.read_text(encoding="utf-8").replace("no-keys", "no-key"), encoding="utf-8")
    (line,) = lines(command, "--select", "invalid-ignore-comment", "page.md")
    assert '"no-key" is not a rule; did you mean "no-keys"?' in line


def test_a_baseline_knows_them_until_they_are_gone(command: Command) -> None:
    assert main(["--select", OWN, "--write-baseline", "base.json", "policies"]) == 0
    assert lines(command, "--select", OWN, "--baseline", "base.json", "policies") == []
    prune = ["--write-baseline", "base.json", "policies"]
    main(["--select", "old-version", *prune])
    assert Path("base.json").read_text(encoding="utf-8").count("no-keys") == 1
    path = Path("policies/a.json")
    path.write_text(POLICY.replace("CreateAccessKey", "GetRole"), encoding="utf-8")
    main(["--select", OWN, *prune])
    assert [
        finding["rule"] for finding in json.loads(Path("base.json").read_text("utf-8"))["findings"]
    ] == ["no-public-write"]


def test_reports_describe_them(command: Command) -> None:
    _, output = command("--select", OWN, "--format", "sarif", "policies/a.json")
    run = json.loads("\n".join(output))["runs"][0]
    described = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert [result["ruleId"] for result in run["results"]] == ["no-keys", "no-public-write"]
    assert described["no-public-write"]["helpUri"] == "https://wiki.example.com/s3"
    assert "helpUri" not in described["no-keys"]
    help_ = described["no-keys"]["help"]
    assert help_["text"] == "people sign in through the identity provider\n"
    assert 'forbid = { actions = "iam:CreateAccessKey" }' in help_["markdown"]
    _, output = command("--select", OWN, "--format", "html", "policies/a.json")
    assert 'id="rule-no-public-write"' in "\n".join(output)


def test_they_are_listed_and_explained(command: Command) -> None:
    code, output = command("rules")
    assert code == 0
    assert " ".join(output[-1].split()) == (
        "no-keys error people sign in through the identity provider (multitool-lint.toml:15)"
    )
    assert "no-keys" not in "\n".join(command("rules", "--no-config")[1])
    _, output = command("rules", "--format", "json")
    assert json.loads("\n".join(output))[-1]["origin"] == "multitool-lint.toml:15"
    code, output = command("explain", "no-public-write")
    assert code == 0
    written = "\n".join(output)
    assert "Written in multitool-lint.toml:3:" in written
    assert 'unless = [{ conditions = { "aws:PrincipalOrgID" = "*" } }]' in written
    assert command("explain", "no-key")[1][0].endswith('did you mean "no-keys"?')
    assert command("explain", "no-keys", "--no-config")[0] == 2


def test_a_broken_configuration_does_not_keep_ours_from_being_explained(command: Command) -> None:
    Path("multitool-lint.toml").write_text("rules = 1\n", encoding="utf-8")
    assert command("explain", "old-version")[0] == 0
    assert command("explain", "no-keys")[0] == 2
    assert command("rules")[0] == 2
    assert command("rules", "--no-config")[0] == 0


def test_config_shows_which_of_them_are_for_a_file(command: Command) -> None:
    found = "\n".join(command("config", "policies/a.json")[1])
    assert (
        "  rule: no-public-write: security: buckets are written by the deployment role only; "
        in found
    )
    answer = json.loads("\n".join(command("config", "--format", "json", "other.json")[1]))
    extra = [setting for setting in answer["files"][0]["settings"] if setting["name"] == "rule"]
    assert [setting["value"].partition(":")[0] for setting in extra] == ["no-keys"]
    assert extra[0]["source"] == "multitool-lint.toml:15"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('actions = "s3:PutObjct"', '"s3:PutObjct" matches no action; did you mean "s3:PutObject"'),
        ('actions = "s3:ListObjectsV2"', 'did you mean "s3:ListBucket"?'),
        ('actions = "s4:Get*"', '"s4:Get*" matches no action; unknown service "s4"'),
        ('actions = "PutObject"', "expected service:action, such as s3:GetObject"),
        (
            'actions = ["s3:*",\n "s3:Zzzzzz*"]',
            "extra-actions adds actions that AWS does not document",
        ),
        ('conditions = { "aws:SourceVpc" = "*" }', ""),
        ('conditions = { "aws:SourceVpcEE" = "*" }', 'did you mean "aws:SourceVpce"?'),
        ('conditions = { "aws:RequestTag/" = "*" }', "has no tag key"),
        (
            'resources = ["*",\n "reports"]',
            '"reports" is not an ARN; expected one such as arn:aws:s3:::',
        ),
        (
            'principals = "bob"',
            '"bob" is not a principal; expected an account id, an ARN, or a service',
        ),
        ('principals = ["111122223333", "*.amazonaws.com", "arn:aws:iam::*:role/a"]', ""),
    ],
)
def test_what_is_about_nothing_is_a_mistake_with_its_line(
    written: str, message: str, command: Command
) -> None:
    Path("multitool-lint.toml").write_text(
        f'[[rules]]\nid = "own"\nmessage = "no"\n\n[rules.forbid]\n{written}\n', encoding="utf-8"
    )
    code, output = command("policies/a.json")
    if message:
        line = 7 if "\n" in written else 6
        assert (code, len(output)) == (2, 1)
        assert output[0].startswith(f"error: multitool-lint.toml:{line}: ")
        assert message in output[0]
    else:
        assert code == 1


def test_every_mistake_of_a_rule_is_reported_with_its_line(command: Command) -> None:
    Path("multitool-lint.toml").write_text(
        '[[rules]]\nid = "no keys"\nmesage = "no"\nforbid = {action = "iam:CreateUser"}\n'
        '[[rules]]\nid = "a"\nmessage = "no"\nseverity = "bad"\nforbid = {written = "NotActon"}\n'
        '[[rules]]\nid = "a"\nmessage = "no"\nrequire = {}\n',
        encoding="utf-8",
    )
    code, output = command("policies/a.json")
    assert code == 2
    numbers = [int(line.split(":")[2]) for line in output]
    assert sorted(numbers) == [1, 2, 3, 4, 8, 9, 10, 11, 13]
    assert any(
        'unknown key "mesage" in rules; did you mean "message"?' in message for message in output
    )
    assert any(
        'unknown key "action" in forbid; did you mean "actions"?' in message for message in output
    )
    assert any('did you mean "NotAction"?' in message for message in output)


def settings(path: str) -> FileSettings:
    parser = command_parser("check")
    return Settings(parser.parse_args([path])).of(path)


def test_settings_go_to_other_processes_and_distinguish_rules(folder: Path) -> None:
    here = settings("policies/a.json")
    there = pickle.loads(pickle.dumps(here))  # noqa: S301 - our own
    assert there == here
    assert repr(there) == repr(here)
    assert there.enabled["no-keys"] == here.enabled["no-keys"]
    before = repr(settings("other.json"))
    config = folder / "multitool-lint.toml"
    text = config.read_text(encoding="utf-8")
    for old, new in (
        ("CreateAccessKey", "CreateUser"),
        ("people", "persons"),
        ("forbid.actions", 'types = "trust"\nforbid.actions'),
        ("forbid.actions", 'severity = "warning"\nforbid.actions'),
    ):
        config.write_text(text.replace(old, new), encoding="utf-8")
        assert repr(settings("other.json")) != before
    config.write_text(f"# moved\n{text}", encoding="utf-8")
    assert repr(settings("other.json")) == before


def test_processes_and_the_cache_say_the_same(folder: Path, command: Command) -> None:
    for number in range(30):
        (folder / "policies" / f"p{number}.json").write_text(POLICY, encoding="utf-8")
    base = ["--format", "lines", "--select", OWN, "--cache-dir", "cache", "policies"]
    alone = command(*base, "--no-cache", "--jobs", "1")
    assert len(alone[1]) == 2 * 31 + 1
    for arguments in (["--jobs", "2", "--no-cache"], ["--jobs", "2"], [], []):
        assert command(*base, *arguments) == alone
    config = folder / "multitool-lint.toml"
    config.write_text(CONFIG.replace("people", "all"), encoding="utf-8")
    assert "all sign in through" in command(*base)[1][0]


def test_the_rules_in_the_documentation_are_accepted(command: Command) -> None:
    docs = Path(__file__).parents[2] / "docs"
    page = (docs / "organisation-rules.md").read_text(encoding="utf-8")
    example = docs / "examples" / "organisation-rules" / "multitool-lint.toml"
    blocks = re.findall(r"^```toml\n(\[\[rules\]\]\n.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert blocks
    for text in (*blocks, example.read_text(encoding="utf-8")):
        Path("multitool-lint.toml").write_text(text, encoding="utf-8")
        code, output = command("config", "policies/a.json")
        assert code == 0, output


def test_without_such_rules_nothing_of_them_is_imported(folder: Path) -> None:
    (folder / "multitool-lint.toml").write_text('ignore = ["style"]\n', encoding="utf-8")
    import subprocess

    code = (
        "import sys; from multitool_lint.cli import main; main(sys.argv[1:]); "
        "print([name for name in sys.modules if 'org_rules' in name or 'extra_rules' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "policies/a.json"],
        cwd=folder,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("[]\n")
