"""A cache that is broken, locked or of somebody else does no harm."""

import os
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from support.cached_runs import COUNT, Runs, policy

from multitool_lint.cli.run import cache


class TestBrokenCaches:
    @pytest.fixture
    def expected(self, runs: Runs) -> str:
        return runs.run()

    @pytest.mark.parametrize(
        "kind",
        [
            "garbage",
            *(
                pytest.param(kind, marks=pytest.mark.slow)
                for kind in ("empty", "cut", "overwritten", "foreign", "noise")
            ),
        ],
    )
    def test_do_no_harm(self, kind: str, runs: Runs, expected: str) -> None:
        data = runs.database.read_bytes()
        if kind == "foreign":
            runs.database.unlink()
            with sqlite3.connect(runs.database) as database:
                database.execute("CREATE TABLE reports (something)")
            database.close()
        elif kind == "noise":
            with sqlite3.connect(runs.database) as database:
                database.execute("UPDATE reports SET record = zeroblob(20)")
            database.close()
        else:
            damaged = {
                "garbage": b"no database" * 1000,
                "empty": b"",
                "cut": data[: len(data) // 2],
                "overwritten": data[:100] + b"\xff" * 5000 + data[5100:],
            }
            runs.database.write_bytes(damaged[kind])
        for _ in range(2):
            assert runs.run() == expected
            assert runs.err == ""
        assert runs.run() == expected
        assert kind == "foreign" or runs.linted == []

    @pytest.mark.slow
    def test_a_record_that_is_none_is_not_believed(self, runs: Runs, expected: str) -> None:
        import zlib

        for text in ("{}", "[1,2,3,4]", "[1,[],[[]],[],[]]", "[1,[],[],[], ", "null"):
            with sqlite3.connect(runs.database) as database:
                database.execute("UPDATE reports SET record = ?", (zlib.compress(text.encode()),))
            database.close()
            assert runs.run() == expected
            assert len(runs.linted) == COUNT

    def test_one_that_another_holds_is_not_waited_for(self, runs: Runs, expected: str) -> None:
        database = sqlite3.connect(runs.database, isolation_level=None)
        try:
            database.execute("BEGIN EXCLUSIVE")
            (runs.files / "03.json").write_text(policy(3, "s3:Put*"), encoding="utf-8")
            started = time.monotonic()
            assert runs.run() != expected
            assert time.monotonic() - started < 10
            assert runs.err == ""
        finally:
            database.close()

    def test_one_that_cannot_be_made_is_reported_if_it_was_asked_for(
        self, runs: Runs, expected: str, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("", encoding="utf-8")
        runs.cache = tmp_path / "file"
        assert runs.run() == expected
        assert runs.err.startswith(f"note: the cache is not used: {tmp_path / 'file'}: ")
        assert runs.err.count("\n") == 1

    @pytest.mark.slow
    @pytest.mark.skipif(os.name == "nt", reason="needs a shell with ulimit")
    def test_a_disk_that_is_full(self, runs: Runs, expected: str) -> None:
        shutil.rmtree(runs.cache)
        limited = ("sh", "-c", 'ulimit -f 16; exec "$0" "$@"')
        assert runs.run(prefix=limited) == expected
        assert runs.err in {"", f"note: the cache is not used: {runs.cache}: disk i/o error\n"}
        assert runs.run() == expected


@pytest.mark.skipif(os.name == "nt", reason="owners and modes of POSIX")
class TestForeignCaches:
    """A report that somebody else has put into the cache could hide a finding."""

    def check_unused(self, runs: Runs, reason: str) -> None:
        expected = runs.run("--no-cache", ".")
        assert runs.run() == expected
        assert len(runs.linted) == COUNT
        assert f"note: the cache is not used: {runs.cache}: {reason}\n" in runs.err
        assert runs.run() == expected
        assert len(runs.linted) == COUNT

    @pytest.mark.slow
    @pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
    def test_a_folder_that_others_can_write_to(self, mode: int, runs: Runs) -> None:
        runs.run()
        runs.cache.chmod(mode)
        self.check_unused(runs, "others can write to cache")
        assert runs.err.count("the cache is not used") == 1

    @pytest.mark.slow
    @pytest.mark.parametrize("mode", [0o606, 0o660])
    def test_a_file_that_others_can_write_to(self, mode: int, runs: Runs) -> None:
        runs.run()
        runs.database.chmod(mode)
        self.check_unused(runs, f"others can write to {cache.FILE}")

    def test_the_cache_of_the_user(
        self, runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        monkeypatch.setattr(cache, "VARIABLE", "NOTHING")
        runs.cache = tmp_path / "multitool-lint"
        runs.cache.mkdir()
        runs.cache.chmod(0o777)
        runs.run()
        assert "others can write to multitool-lint" in runs.err

    @pytest.mark.slow
    @pytest.mark.parametrize("name", ["cache", cache.FILE, f"{cache.FILE}-wal"])
    def test_one_of_another_owner(self, name: str, runs: Runs) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root can give files away")
        runs.run()
        place = runs.cache if name == "cache" else runs.cache / name
        place.touch()
        os.chown(place, 65534, 65534)
        self.check_unused(runs, f"{name} belongs to another user")

    @pytest.mark.slow
    def test_a_link_in_its_place(self, runs: Runs) -> None:
        runs.run()
        runs.database.rename(runs.cache / "other")
        runs.database.symlink_to("other")
        self.check_unused(runs, f"others can write to {cache.FILE}")

    def test_one_that_is_committed(self, runs: Runs) -> None:
        runs.cache = runs.files / ".cache"
        runs.run()
        for arguments in (["init", "-q"], ["add", "-f", ".cache"]):
            subprocess.run(["git", *arguments], cwd=runs.files, check=True)
        self.check_unused(runs, "the repository that it is in may contain files of it")

    @pytest.mark.slow
    def test_one_in_a_repository_that_does_not_contain_it(self, runs: Runs) -> None:
        runs.cache = runs.files / ".cache"
        subprocess.run(["git", "init", "-q"], cwd=runs.files, check=True)
        first = runs.run()
        assert runs.run() == first
        assert runs.linted == []


def test_a_fault_of_ours_is_not_kept(runs: Runs) -> None:
    runs.then('if "03" in source.path: raise ZeroDivisionError("a fault")')
    for _ in range(2):
        runs.run()
        assert "03.json: internal error: ZeroDivisionError" in runs.err
        assert "03.json" in runs.linted
    assert runs.linted == ["03.json"]
