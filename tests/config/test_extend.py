"""Configurations that extend others, name a baseline, or come of the environment."""

import json
from pathlib import Path

import pytest

from multitool_lint.cli import main
from multitool_lint.config import ConfigError, ConfigFinder, read_config
from multitool_lint.diagnostics.rule import Severity

POLICY = '{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", '
POLICY += '"Resource": "*"}}\n'
WIDE = "multitool-lint.toml"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "team").mkdir()


def write(name: str, text: str) -> None:
    Path(name).write_text(text, encoding="utf-8")


def test_the_nearest_wins_and_lists_add() -> None:
    write("org.toml", 'fail-on = "error"\nignore = ["missing-sid"]\nexclude = ["a/"]\n')
    write("base.toml", 'select = ["old-version"]\n[severity]\nold-version = "error"\n')
    write(
        "team/multitool-lint.toml",
        'extend = ["../base.toml", "../org.toml"]\nfail-on = "security"\nignore = ["old-version"]\n'
        'exclude = ["b/"]\n[severity]\nmissing-version = "warning"\n',
    )
    config = ConfigFinder().nearest("team/policy.json")
    assert config.fail_on == "security"
    assert config.select == ("old-version",)
    assert config.ignore == ("missing-sid", "old-version")
    assert config.exclude == ("a/", "b/")
    assert dict(config.severities) == {
        "old-version": Severity.ERROR,
        "missing-version": Severity.WARNING,
    }
    assert config.folder == str(Path("team").resolve())
    assert main(["config", "team/policy.json"]) == 0


@pytest.mark.parametrize(
    ("extended", "message"),
    [
        ("../a.toml", '"a.toml" extends itself'),
        ("../gone.toml", "gone.toml: no such file or directory"),
        ("../../elsewhere.toml", '"../../elsewhere.toml" is outside of the repository'),
        ("/etc/elsewhere.toml", "is outside of the repository"),
        ("no-such-distribution", 'distribution "no-such-distribution" is not installed'),
        ("pytest", 'the distribution "pytest" has no multitool-lint.toml'),
        ("../wrong.toml", 'wrong.toml:1: unknown key "slect"'),
        ("../link.toml", "is outside of the repository"),
    ],
)
def test_what_cannot_be_extended(extended: str, message: str, tmp_path: Path) -> None:
    write("a.toml", 'extend = "b.toml"\n')
    write("b.toml", 'extend = "a.toml"\n')
    write("wrong.toml", "slect = []\n")
    other = tmp_path.parent / f"{tmp_path.name}.toml"
    other.write_text("", encoding="utf-8")
    Path("link.toml").symlink_to(other)
    write("team/multitool-lint.toml", f'extend = "{extended}"\n')
    with pytest.raises(ConfigError) as raised:
        read_config("team/multitool-lint.toml")
    assert message in str(raised.value)
    assert str(raised.value).startswith("team/multitool-lint.toml:1: extend: ")


def test_a_chain_of_files_has_an_end() -> None:
    for number in range(20):
        write(f"{number}.toml", f'extend = "{number + 1}.toml"\n')
    with pytest.raises(ConfigError, match="more than 10 files extend each other"):
        read_config("0.toml")


def test_a_baseline_of_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--select=old-version", "--format=json", "--no-cache"]

    def rules(*arguments: str) -> list[str]:
        main([*arguments, *options])
        return [finding["rule"] for finding in json.loads(capsys.readouterr().out)["findings"]]

    write("policy.json", POLICY)
    write("team/policy.json", POLICY)
    write(WIDE, 'baseline = "known.json"\n')
    assert main(["."]) == 2
    assert "--write-baseline known.json creates it" in capsys.readouterr().err
    assert main(["policy.json", "--write-baseline", "known.json", *options[:1]]) == 0
    capsys.readouterr()
    assert rules("policy.json") == []
    assert rules(".") == ["old-version"]
    assert rules(".", "--show-suppressed") == ["old-version"] * 2
    assert rules(".", "--no-config") == ["old-version"] * 2
    write("team/multitool-lint.toml", 'baseline = "../known.json"\n')
    assert rules(".") == ["old-version"], "its own paths"
    write(WIDE, 'baseline = "../known.json"\n')
    assert main(["policy.json"]) == 2
    assert '"../known.json" is outside of the repository' in capsys.readouterr().err


def test_the_configuration_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("policy.json", POLICY)
    write("org.toml", 'select = ["old-version"]\n')
    write(WIDE, "select = []\n")
    monkeypatch.setenv("MULTITOOL_LINT_CONFIG", "org.toml")
    assert main(["policy.json"]) == 1
    assert main(["policy.json", f"--config={WIDE}"]) == 0
    monkeypatch.setenv("MULTITOOL_LINT_CONFIG", "gone.toml")
    assert main(["policy.json"]) == 2
    assert "gone.toml: no such file" in capsys.readouterr().err
    assert main(["policy.json", "--no-config", "--select=missing-sid"]) == 1


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("t.yaml", "Resources:\n  B:\n    Type: AWS::S3::Bucket\n", 0),
        ("m.tf", 'resource "aws_s3_bucket" "b" {}\n', 0),
        ("v.yaml", "kind: Service\n", 2),
        ("e.json", "{}", 2),
    ],
)
def test_a_named_template_need_not_have_a_policy(name: str, text: str, code: int) -> None:
    write(name, text)
    assert main([name]) == code
