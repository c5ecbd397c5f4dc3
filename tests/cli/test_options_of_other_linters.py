"""An option of another linter does what it does there, or the message names what does it here."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from support.cli_folder import ONE

from multitool_lint.cli import main
from multitool_lint.diagnostics.rule import DIRECTORY

pytestmark = pytest.mark.usefixtures("samples")


class TestOptionsOfOtherLinters:
    @pytest.mark.parametrize("option", ["-f", "--format", "--output-format"])
    def test_the_format(self, option: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["bad.json", ONE, option, "json"]) == 1
        assert json.loads(capsys.readouterr().out)["version"] == 1

    def test_the_output(self, samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["bad.json", ONE, "-f", "json", "-o", "report.json"]) == 1
        assert capsys.readouterr().out == ""
        report = json.loads((samples / "report.json").read_text(encoding="utf-8"))
        assert len(report["findings"]) == 1

    @pytest.mark.parametrize("option", ["-q", "--quiet"])
    def test_quiet(self, option: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["bad.json", "missing.json", ONE, option]) == 2
        captured = capsys.readouterr()
        assert "--> bad.json:1:84" in captured.out
        assert " of 1 file" not in captured.out
        assert captured.err == "error: missing.json: no such file or directory\n"
        assert main(["good.json", ONE, option]) == 0
        assert capsys.readouterr() == ("", "")

    def test_statistics(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["bad.json", "good.json", "--statistics"]) == 1
        counts = capsys.readouterr().out.splitlines()
        assert counts[-1].startswith("3 suggestions in 2 policies of 2 files")
        assert "1  suggestion  redundant-action" in counts
        assert main(["bad.json", ONE, "--statistics", "-f", "json"]) == 1
        captured = capsys.readouterr()
        report = json.loads(captured.out)
        schema = (Path(DIRECTORY) / "schemas" / "output.json").read_text(encoding="utf-8")
        jsonschema.validate(report, json.loads(schema))
        assert report["statistics"] == [
            {"rule": "redundant-action", "severity": "suggestion", "count": 1}
        ]
        assert captured.err.startswith("1 suggestion in 1 policy")

    def test_no_finding_fails(self) -> None:
        assert main(["bad.json", ONE, "--fail-on=never"]) == 0
        assert main(["bad.json", "missing.json", ONE, "--fail-on=never"]) == 2

    def test_show_files(self, samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (samples / "other.json").write_text("{}", encoding="utf-8")
        assert main(["--show-files", "--exclude", "good.json"]) == 0
        assert capsys.readouterr() == ("bad.json\nbroken.json\n", "")
        assert main(["--show-files", "--verbose", ".", "missing.json"]) == 2
        captured = capsys.readouterr()
        assert captured.out == "bad.json\nbroken.json\ngood.json\n"
        assert "other.json: skipped: no policy\n" in captured.err
        assert "error: missing.json: no such file or directory\n" in captured.err

    def test_help(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["help"]) == main(["--help"]) == 0
        out = capsys.readouterr().out
        assert out[: len(out) // 2] == out[len(out) // 2 :]
        assert main(["help", "fix"]) == 0
        assert capsys.readouterr().out.startswith("usage: multitool-lint fix ")

    def test_init(self, samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["init"]) == 0
        path = samples / "multitool-lint.toml"
        written = path.read_text(encoding="utf-8")
        assert main(["good.json", ONE]) == 0
        assert main(["init"]) == 2
        assert capsys.readouterr().err.endswith("error: multitool-lint.toml already exists\n")
        assert path.read_text(encoding="utf-8") == written
        settings = re.sub(r'^# (?=[\w"*/-]+ = |\[|\]|  )', "", written, flags=re.MULTILINE)
        assert settings.count("\n#") < written.count("\n#")
        path.write_text(settings, encoding="utf-8")
        assert main(["config", "good.json"]) == 0, "every example is a valid setting"
        assert main(["init", "--pre-commit"]) == 0
        assert "      - id: multitool-lint\n" in capsys.readouterr().out
