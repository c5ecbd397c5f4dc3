"""The options by which fixes are shown and applied."""

from pathlib import Path

import pytest
from support.cli_folder import CLEAN, ONE, POLICY, REPEATED

from multitool_lint.cli import main

pytestmark = pytest.mark.usefixtures("samples")


class TestFixes:
    @pytest.fixture(autouse=True)
    def repeated(self, samples: Path) -> None:
        (samples / "bad.json").write_text(REPEATED, encoding="utf-8")

    def test_what_remains_is_reported(
        self, samples: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["bad.json", ONE, "--fix"]) == 0
        assert capsys.readouterr().out == "No findings in 1 policy of 1 file; 1 fixed.\n"
        fixed = (samples / "bad.json").read_text(encoding="utf-8")
        assert fixed == CLEAN
        assert main(["bad.json", ONE, "--fix"]) == 0
        assert capsys.readouterr().out == "No findings in 1 policy of 1 file.\n"

    def test_a_diff_writes_nothing(self, samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["bad.json", "good.json", ONE, "--diff"]) == 1
        captured = capsys.readouterr()
        assert captured.out.startswith("--- bad.json\n+++ bad.json\n@@ ")
        assert captured.err.endswith(
            "No findings in 2 policies of 2 files; 1 fixable with --fix.\n"
        )
        assert (samples / "bad.json").read_text(encoding="utf-8") == REPEATED

    def test_what_hides_a_wildcard_is_fixed_on_request(
        self, samples: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (samples / "bad.json").write_text(POLICY, encoding="utf-8")
        for command in (["check", "--fix"], ["fix", "--write"]):
            main([*command, "bad.json", ONE])
            assert (samples / "bad.json").read_text(encoding="utf-8") == POLICY
        main(["check", "--diff", "--keep-wildcards", "bad.json", ONE])
        assert '-{"Version"' in capsys.readouterr().out
        assert main(["fix", "--write", "--keep-wildcards", "bad.json", ONE]) == 0
        kept = POLICY.replace(', "s3:GetObject"', "")
        assert (samples / "bad.json").read_text(encoding="utf-8") == kept
        (samples / "bad.json").write_text(POLICY, encoding="utf-8")
        assert main(["check", "--fix", "--unsafe-fixes", "bad.json", ONE]) == 0
        assert (samples / "bad.json").read_text(encoding="utf-8") == kept

    def test_unsafe_fixes(self, samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
        policy = CLEAN.replace("s3:GetObject", "s3:ListAllMyBuckts")
        (samples / "typo.json").write_text(policy, encoding="utf-8")
        options = ["typo.json", "--select=unknown-action", "--fix"]
        assert main(options) == 1
        assert capsys.readouterr().out.endswith(
            "1 error in 1 policy of 1 file; 1 fixable with --fix --unsafe-fixes.\n"
        )
        assert main([*options, "--unsafe-fixes"]) == 0
        assert (samples / "typo.json").read_text(encoding="utf-8") == policy.replace("kts", "kets")

    def test_a_file_that_cannot_be_written(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        from multitool_lint.cli.files import write as writing

        def fail(*_: object) -> None:
            raise writing.WriteError("not written: no space left on device")

        monkeypatch.setattr(writing, "write", fail)
        assert main(["bad.json", ONE, "--fix"]) == 2
        captured = capsys.readouterr()
        assert captured.err == "error: bad.json: not written: no space left on device\n"

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--unsafe-fixes", "bad.json"], "--unsafe-fixes needs --fix or --diff"),
            (["--fix", "-"], "--fix writes files; for standard input use"),
        ],
    )
    def test_options_that_do_not_go_together(
        self, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(options) == 2
        assert message in capsys.readouterr().err
