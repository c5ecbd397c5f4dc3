"""Which copy of the catalog counts, what a user adds to it, and the command `catalog`."""

from __future__ import annotations

import io
import json
import pickle
import re
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import pytest
from support.reference_server import ReferenceServer, document, serve

from multitool_lint import lint
from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.extensions import ExtendedCatalog
from multitool_lint.aws.catalog.locate import catalog_at, newest
from multitool_lint.aws.catalog.records import Extras
from multitool_lint.aws.catalog.service import Service
from multitool_lint.aws.catalog.tables import BUNDLED, CatalogError
from multitool_lint.aws.catalog.update import fetch as fetching
from multitool_lint.cli import main
from multitool_lint.cli.options import catalog as catalogs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NEW = "2027-01-01T000000Z-00000000"
POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["acme:Do*", "myservice:DoIt", "myservice:D*", "s3:NewThing"],
            "Resource": "arn:aws:s3:::bucket/*",
            "Condition": {
                "NumericEquals": {"s3:NewKey": "1"},
                "StringEquals": {"acme:Key": "a", "myservice:Tag/team": "a"},
            },
        },
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::bucket/*",
            "Condition": {"NumericEquals": {"s3:NewKey": "1"}},
        },
    ],
}
SETTINGS = """\
extra-actions = ["myservice:DoIt", "s3:NewThing"]
extra-services = ["acme"]
extra-condition-keys = ["s3:NewKey", "myservice:Tag/${TagKey}"]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for variable in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "data"))
    Path("policy.json").write_text(json.dumps(POLICY), encoding="utf-8")
    return tmp_path


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A catalog elsewhere, with sqs alone in it and an action that no other catalog has."""
    directory = tmp_path / "copy"
    (directory / "services").mkdir(parents=True)
    for name in ("foreign_keys.tsv", "operations.tsv", "renamed_prefixes.tsv"):
        shutil.copy(Path(BUNDLED, name), directory)
    head, sections = "sqs\tAmazon SQS\ttest\t2027-01-01\n", "[retired]\n[resources]\n[keys]\n"
    text = f"{head}[actions]\nOnlyHere\tR\n{sections}"
    (directory / "services" / "sq.tsv").write_text(text, encoding="utf-8")
    (directory / "index.tsv").write_text("sqs\t1\t0\n", encoding="utf-8")
    (directory / "names.tsv").write_text("sqs\tOnly:Here\n", encoding="utf-8")
    (directory / "sources.tsv").write_text("test\t2027-01-01\t1\n", encoding="utf-8")
    return directory


def installed(copy: Path, name: str = NEW) -> Path:
    """The catalog as an update of the user."""
    update = Path(str(catalogs.updates()), name)
    shutil.copytree(copy, update)
    return update


def test_the_package_has_the_newest_where_nobody_updated() -> None:
    assert newest("nowhere") is bundled()
    assert catalogs.newest() is bundled()


def test_an_update_counts_if_it_is_newer(copy: Path) -> None:
    update = installed(copy)
    installed(copy, "2026-12-31T235959Z-ffffffff")
    (update.parent / ".new-2028-01-01T000000Z-00000000").mkdir()
    (update.parent / "2029").mkdir()
    assert catalogs.newest().directory == str(update)
    shutil.rmtree(update.parent)
    installed(copy, "2020-01-01T000000Z-00000000")
    assert catalogs.newest() is bundled()


def test_the_command_line_uses_an_update(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    installed(copy)
    assert main(["--version"]) == 0
    assert "(catalog of 2027-01-01)" in capsys.readouterr().out
    assert main(["query", "sqs:*"]) == 0
    assert capsys.readouterr().out.startswith("sqs:OnlyHere\n")
    assert main(["query", "sqs:*", "--catalog", "bundled"]) == 0
    assert "OnlyHere" not in capsys.readouterr().out


def test_where_updates_are(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = platformdirs.user_data_path("multitool-lint", appauthor=False)
    assert Path(str(catalogs.updates())) == theirs / "catalog-1"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setattr(sys, "platform", "linux")
    assert catalogs.updates() == "/home/me/.local/share/multitool-lint/catalog-1"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert catalogs.updates() == "/home/me/.local/share/multitool-lint/catalog-1"
    monkeypatch.setattr(sys, "platform", "darwin")
    there = "/home/me/Library/Application Support/multitool-lint/catalog-1"
    assert catalogs.updates() == there
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "C:/Local")
    assert catalogs.updates() == "C:/Local/multitool-lint/catalog-1"
    monkeypatch.delenv("LOCALAPPDATA")
    assert catalogs.updates() == "/home/me/AppData/Local/multitool-lint/catalog-1"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("sources.tsv", None, "/sources.tsv: no such file or directory"),
        ("sources.tsv", "", "/sources.tsv: damaged, or of another version: empty"),
        ("sources.tsv", "# none\n", "/sources.tsv: damaged, or of another version: no source"),
        ("sources.tsv", "test\n", "/sources.tsv: damaged, or of another version: a line without"),
        ("sources.tsv", "test\tyesterday\n", "/sources.tsv: damaged, or of another version: a l"),
        ("sources.tsv", "test\tyesterday\t1\n", "/sources.tsv: damaged, or of another version: a "),
        ("index.tsv", "sqs\tone\t0\n", "/index.tsv: damaged, or of another version: invalid li"),
        ("index.tsv", "sqs\t1\n", "/index.tsv: damaged, or of another version: not enough values"),
        ("index.tsv", "sqs\t1\t0", "/index.tsv: damaged, or of another version: cut off"),
        ("index.tsv", "# none\n", "/index.tsv: damaged, or of another version: no service"),
        ("index.tsv", "sns\t1\t0\nsqs\t1\t0\n", ": no whole catalog: no services/sn.tsv"),
        ("services/sq.tsv", None, ": no whole catalog: no services/sq.tsv"),
    ],
)
def test_a_broken_update_is_skipped(
    copy: Path, capsys: pytest.CaptureFixture[str], name: str, text: str | None, message: str
) -> None:
    update = installed(copy)
    if text is None:
        (update / name).unlink()
    else:
        (update / name).write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=message):
        catalog_at(str(update))
    assert main(["check", "policy.json", "--select=unknown-service"]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"note: {update}{message}")
    assert err.count("the catalog in the package is used instead; `multitool-lint catalog up") == 1
    assert main(["check", "policy.json", "--catalog", str(update)]) == 2
    assert capsys.readouterr().err.startswith(f"error: {update}{message}")


def test_a_file_of_another_catalog_or_half_a_file(copy: Path) -> None:
    path = copy / "services" / "sq.tsv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[retired]", "More\tR\n[retired]"), encoding="utf-8")
    with pytest.raises(
        CatalogError, match=r"services/sq\.tsv: damaged, .*: it is not of this catalog"
    ):
        Catalog(str(copy)).service("sqs")
    path.write_text(text.removesuffix("[keys]\n"), encoding="utf-8")
    with pytest.raises(CatalogError, match="cut off, or not the file of a service"):
        Catalog(str(copy)).service("sqs")
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert list(Catalog(str(copy)).names(Catalog(str(copy)).match("sqs:*"))) == ["sqs:OnlyHere"]


def test_a_folder_that_is_named(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("sqs.json").write_text(json.dumps(POLICY).replace("acme:Do*", "sqs:*"), encoding="utf-8")
    assert main(["expand", "sqs.json", "--catalog", str(copy), "--diff"]) == 1
    assert "sqs:OnlyHere" in capsys.readouterr().out
    Path("multitool-lint.toml").write_text('catalog = "copy"\n', encoding="utf-8")
    assert main(["expand", "sqs.json", "--diff"]) == 1
    assert "sqs:OnlyHere" in capsys.readouterr().out
    assert main(["expand", "sqs.json", "--diff", "--catalog=bundled"]) == 1
    assert "sqs:OnlyHere" not in capsys.readouterr().out
    Path("multitool-lint.toml").write_text('catalog = "bundled"\n', encoding="utf-8")
    assert main(["catalog"]) == 0
    assert "in the package" in capsys.readouterr().out


def test_the_library_takes_a_catalog(copy: Path) -> None:
    policy = json.dumps(POLICY).replace("acme:Do*", "sqs:OnlyHere")
    one = ["unknown-action"]
    assert "OnlyHere" in lint(policy, select=one)[0].title
    assert not any(
        "OnlyHere" in finding.title for finding in lint(policy, select=one, catalog=copy)
    )
    assert lint(policy, select=one, catalog=str(copy)) == lint(
        policy, select=one, catalog=Catalog(str(copy))
    )
    with pytest.raises(CatalogError, match="nowhere: no catalog"):
        lint(policy, catalog="nowhere")


def rules_found(capsys: pytest.CaptureFixture[str], *options: str) -> set[str]:
    main(["check", "policy.json", "--format=json", *options])
    return {finding["rule"] for finding in json.loads(capsys.readouterr().out)["findings"]}


def test_what_a_configuration_adds_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    rules = {"unknown-action", "unknown-service", "unsupported-condition-key"}
    assert rules_found(capsys) >= rules
    Path("multitool-lint.toml").write_text(SETTINGS, encoding="utf-8")
    assert not rules_found(capsys) & {*rules, "mismatched-resource", "internal-error"}
    assert rules_found(capsys, "--select=ALL") <= rules_found(capsys, "--select=ALL", "--no-config")
    assert not rules_found(capsys, "--catalog=bundled") & rules


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("catalog = 1", 'catalog must be the path of a folder or "bundled"'),
        ('catalog = ""', 'catalog must be the path of a folder or "bundled"'),
        ('extra-actions = "a:B"', "extra-actions must be a list of strings"),
        ("extra-services = [1]", "extra-services[0] must be a string"),
        (
            'extra-actions = ["a:B*"]',
            'extra-actions: "a:B*" is not a valid action such as myservice:DoIt',
        ),
        ('extra-services = ["a:B"]', 'extra-services: "a:B" is not a valid service prefix such as'),
        ('extra-services = [""]', 'extra-services: "" is not a valid service prefix such as'),
        ('extra-condition-keys = ["a"]', 'extra-condition-keys: "a" is not a valid condition key'),
    ],
)
def test_a_mistake_in_the_configuration(
    capsys: pytest.CaptureFixture[str], folder: Path, settings: str, message: str
) -> None:
    (folder / "multitool-lint.toml").write_text(f"\n{settings}\n", encoding="utf-8")
    assert main(["check", "policy.json"]) == 2
    assert capsys.readouterr().err.startswith(f"error: multitool-lint.toml:2: {message}")


def test_a_catalog_with_extras() -> None:
    extras = Extras(
        ("S3:NewThing", "s3:getobject", "cloud9:ValidateEnvironmentName", "my:B", "my:a"),
        ("Acme", "deepracer"),
        ("my:Tag/${TagKey}",),
    )
    catalog = catalog_at(BUNDLED, extras)
    assert isinstance(catalog, ExtendedCatalog)
    new = catalog.action("s3:newthing")
    assert new is not None
    assert (new.name, new.documented) == ("s3:NewThing", False)
    assert list(catalog.names(catalog.match("my:*"))) == ["my:a", "my:B"]
    assert list(catalog.names(catalog.match("m?:A"))) == ["my:a"]
    assert len(catalog.all_actions()) == len(bundled().all_actions()) + 4
    revived = catalog.action("cloud9:ValidateEnvironmentName")
    assert revived is not None
    assert revived.retired is None
    assert catalog.match("cloud9:*") >= catalog.match("cloud9:ValidateEnvironmentName")
    assert catalog.match("s3:GetObject") == bundled().match("s3:GetObject")
    for prefix in ("acme", "deepracer"):
        service = catalog.service(prefix)
        assert service is not None
        assert service.named_only
        assert service.retired is None
    assert catalog.extra_key("acme:Anything") is not None
    assert catalog.extra_key("my:tag/a") is not None
    assert catalog.extra_key("s3:prefix") is None
    assert bundled().extra_key("my:tag/a") is None
    assert list(catalog.prefixes) == sorted(catalog.prefixes)
    again = pickle.loads(pickle.dumps(catalog))  # noqa: S301
    assert isinstance(again, ExtendedCatalog)
    assert again.match("my:*") == catalog.match("my:*")
    levels = catalog.at_levels(catalog.match("my:*") | catalog.match("s3:Put*"), ["Write"])
    assert levels.prefixes == {"s3"}


def test_the_command_prints_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"catalog of {bundled().date}, in the package: {BUNDLED}\n")
    assert re.search(r"\n  actions +22,091  and 346 retired\n", out)
    for source in bundled().sources:
        assert f"  {source.date}  {source.source}: " in out


DATED = f"the catalog of AWS actions is from {bundled().date}, more than 60 days ago"


@pytest.mark.parametrize(("days", "old"), [(60, False), (61, True)])
def test_the_last_line_of_text_says_that_a_catalog_is_old(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    old: bool,  # noqa: FBT001
) -> None:
    then = datetime.fromisoformat(f"{bundled().date}T12:00:00+00:00").timestamp()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(then) + days * 24 * 60 * 60))
    main(["catalog"])
    assert (DATED in capsys.readouterr().err) == old
    main(["policy.json", "--color=never"])
    output = capsys.readouterr()
    # Once: at the finding that a newer catalog may end.
    assert (output.out.count(DATED), output.err) == (int(old), "")
    assert not old or DATED in output.out.partition("[unknown-action]")[2].partition("\n\n")[0]
    main(["policy.json", "--select=redundant-action", "--color=never"])
    assert DATED not in capsys.readouterr().out
    for format_ in ("json", "sarif", "github", "access-analyzer"):
        main(["policy.json", f"--format={format_}"])
        assert not any(DATED in text for text in capsys.readouterr())


def test_the_time_may_be_given(copy: Path) -> None:
    date = Catalog(str(copy)).date
    new_year = datetime(2027, 1, 1, tzinfo=UTC).timestamp()
    assert date == "2027-01-01"
    assert catalogs.age_note(date, new_year) is None
    assert catalogs.age_note(date, new_year + 61 * 24 * 60 * 60) is not None


@pytest.mark.parametrize("epoch", ["", "soon", "-1", "9" * 30])
def test_an_odd_time_of_the_environment_does_not_count(
    monkeypatch: pytest.MonkeyPatch, epoch: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert catalogs.age_note("1999-01-01") is not None
    assert catalogs.age_note("2999-01-01") is None


def test_the_command_prints_json(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "--format", "json", "--catalog", str(copy)]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["origin"] == "folder"
    assert facts["path"] == str(copy)
    assert (facts["services"], facts["actions"], facts["retired_actions"]) == (1, 1, 0)
    assert facts["sources"] == [
        {"name": "test", "date": "2027-01-01", "actions": 1, "services_from_it": 1}
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--url", "https://example.com"], "the addresses and --timeout need update"),
        (["--timeout", "3"], "the addresses and --timeout need update"),
        (["--paths-url", "https://example.com"], "the addresses and --timeout need update"),
        (["--policies-url", "https://example.com"], "the addresses and --timeout need update"),
        (["update", "--catalog", "copy"], "cannot be used with --catalog"),
        (["update", "--timeout", "0"], "is not a number of seconds above 0"),
        (["update", "--timeout", "nan"], "is not a number of seconds above 0"),
        (["--catalog", "nowhere"], "nowhere: no catalog"),
    ],
)
def test_arguments_that_do_not_fit(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    try:
        assert main(["catalog", *arguments]) == 2
    except SystemExit as stop:
        assert stop.code == 2  # noqa: PT017 - either way ends with it
    assert message in capsys.readouterr().err


@pytest.fixture
def server() -> Iterator[ReferenceServer]:
    yield from serve()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def whole(server: ReferenceServer, monkeypatch: pytest.MonkeyPatch) -> ReferenceServer:
    """A server of a few services, which are as many as are wanted here."""
    monkeypatch.setattr(fetching, "_LEAST_SHARE", 0)
    server.offer({prefix: document(bundled(), prefix) for prefix in ("s3", "sqs")})
    return server


@pytest.mark.slow
def test_the_command_updates(
    whole: ReferenceServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole.offer({"brandnew": document(bundled(), "sqs") | {"Name": "brandnew"}})
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["catalog", "update", "--url", whole.url, "--timeout", "60"]) == 0
    assert "\r1 of 1 services" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\033[K")
    out = capsys.readouterr().out
    assert " 1 services, 20 actions, 20 of them new, 22,091 retired\n" in out
    assert "new services: brandnew\n" in out
    assert "retired services: a2c, a4b, " in out
    assert "and 446 more\n" in out
    update = catalogs.newest()
    assert f"in {update.directory}\n" in out
    assert main(["catalog"]) == 0
    assert capsys.readouterr().out.startswith(f"catalog of {update.date}, updated: ")


@pytest.mark.slow
def test_nothing_changed(whole: ReferenceServer, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["catalog", "update", "--url", whole.url]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-2].endswith(" 0 of them new, 0 retired")
    assert err == ""


def broken(server: ReferenceServer) -> str:
    server.answers["/v1/s3/s3.json"] = b"{"
    return server.url


@pytest.mark.parametrize(
    ("url", "message", "hint"),
    [
        (broken, "v1/s3/s3.json: no JSON", False),
        (lambda _: "http://127.0.0.1:1/", "http://127.0.0.1:1/: connection refused", True),
        (lambda _: "nonsense", '"nonsense" is not an address such as https://', False),
    ],
)
def test_the_command_says_why_it_did_not_update(
    whole: ReferenceServer,
    capsys: pytest.CaptureFixture[str],
    url: Callable[[ReferenceServer], str],
    message: str,
    hint: bool,  # noqa: FBT001
) -> None:
    assert main(["catalog", "update", "--url", url(whole)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert message in err
    assert ("note: check the network" in err) == hint
    assert err.endswith(f"note: the catalog of {bundled().date} is still used\n")
    assert catalogs.newest() is bundled()


def test_a_service_that_is_known_by_its_name_only() -> None:
    text = "acme\tacme\tconfiguration\t2027-01-01\n[actions]\n[retired]\n[resources]\n[keys]\n"
    assert Service(text, named_only=True).named_only
    assert not Service(text).named_only
