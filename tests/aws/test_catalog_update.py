"""The update of the catalog, against a server on loopback that speaks as AWS's does."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.reference_server import Handler, ReferenceServer, document, serve

from multitool_lint import lint
from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.locate import is_update, newest
from multitool_lint.aws.catalog.update import write as writing
from multitool_lint.aws.catalog.update.fetch import FetchLimits
from multitool_lint.aws.catalog.update.merge import CatalogSource, Merged, merge, of_catalog
from multitool_lint.aws.catalog.update.update import UpdateError, UpdateRequest, update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
HURRY = FetchLimits(request=5, overall=20, pause=0, tries=2, document=500_000, total=2_000_000)
FEW = ("s3", "sqs", "sts")


@pytest.fixture
def server() -> Iterator[ReferenceServer]:
    yield from serve()


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """A catalog of a few services, against which the number of what comes is measured."""
    directory = tmp_path_factory.mktemp("few")
    everything = of_catalog(bundled())
    services = {prefix: everything.services[prefix] for prefix in FEW}
    source = CatalogSource(everything.provenance, services)
    writing.write_services(directory, merge([source]), writing.source_rows([source]))
    return Catalog(str(directory))


def documents() -> dict[str, Any]:
    return {prefix: document(bundled(), prefix) for prefix in FEW}


def run(
    server: ReferenceServer,
    folder: Path,
    few: Catalog,
    limits: FetchLimits = HURRY,
    *,
    now: datetime = NOW,
    url: str = "",
) -> Catalog:
    request = UpdateRequest(now, "multitool-lint/test", url or server.url, limits)
    return update(folder, request, few, lambda _done, _all: None)


def test_a_good_set(server: ReferenceServer, tmp_path: Path, few: Catalog) -> None:
    offered = documents()
    actions = offered["sqs"]["Actions"]
    gone = next(action for action in actions if action["Name"] == "PurgeQueue")
    actions.remove(gone)
    actions.append(gone | {"Name": "DrainQueue", "Resources": [{"Name": "queue"}]})
    offered["sqs"]["Operations"] = [
        {"Name": "SendMessage", "AuthorizedActions": [{"Name": "SendMessage", "Service": "sqs"}]},
        {
            "Name": "DrainQueueAsync",
            "AuthorizedActions": [
                {"Name": "Decrypt", "Service": "kms"},
                {"Name": "DrainQueue", "Service": "sqs", "Context": {"a:b": ["c"]}},
                {"Name": "DrainQueue", "Service": "sqs"},
            ],
            "SDK": [{"Name": "sqs", "Method": "drain_queue_async", "Package": "Boto3"}],
        },
        {"Name": "NewOperation"},
    ]
    offered["brandnew"] = {
        "Name": "brandnew",
        "Actions": [gone | {"Name": "Begin", "Resources": [], "ActionConditionKeys": ["a:b"]}],
    }
    server.offer(offered)
    catalog = run(server, tmp_path, few)
    assert catalog.date == "2027-01-02"
    assert [source.source for source in catalog.sources][:2] == [
        "AWS service reference 2027-01-02 from 127.0.0.1",
        bundled().sources[0].source,
    ]
    assert catalog.match("brandnew:*")
    assert catalog.service("brandnew") is not None
    drain = catalog.action("sqs:DrainQueue")
    assert drain is not None
    assert drain.retired is None
    purge = catalog.action("sqs:PurgeQueue")
    assert purge is not None
    assert purge.retired == bundled().sources[0].source
    assert not catalog.match("sqs:Purge*")
    kms = catalog.service("kms")
    assert kms is not None
    assert kms.retired == bundled().sources[0].source
    assert catalog.authorising("sqs:DrainQueueAsync") == ("sqs:DrainQueue",)
    assert catalog.authorising("sqs:SendMessageBatch") == ("sqs:SendMessage",)
    assert catalog.is_operation("sqs:NewOperation")
    assert not catalog.is_operation("sqs:SendMessage")
    assert newest(str(tmp_path)) is catalog
    assert [path.name for path in tmp_path.iterdir()] == [Path(catalog.directory).name]


@pytest.mark.slow
def test_what_the_reference_does_not_state_is_kept(
    server: ReferenceServer, tmp_path: Path, few: Catalog
) -> None:
    server.offer(documents())
    catalog = run(server, tmp_path, few)
    for prefix in FEW:
        service, before = catalog.service(prefix), bundled().service(prefix)
        assert service is not None
        assert before is not None
        assert service.actions == before.actions
        assert service.resource_types == before.resource_types
        assert service.condition_keys == before.condition_keys
        assert service.name == before.name


@pytest.mark.slow
def test_global_condition_keys_that_only_the_documents_name(
    server: ReferenceServer, tmp_path: Path, few: Catalog
) -> None:
    offered = documents()
    offered["sqs"]["ConditionKeys"] += [
        {"Name": "aws:NewGlobal/${TagKey}", "Types": ["ArrayOfString"]},
        {"Name": "aws:NewNumber", "Types": ["Numeric"]},
        {"Name": "aws:sourceip", "Types": ["IPAddress"]},
    ]
    server.offer(offered)
    catalog = run(server, tmp_path, few)
    number, template = catalog.extra_key("AWS:newnumber"), catalog.extra_key("aws:NewGlobal/team")
    assert number is not None
    assert number.types == ("Numeric",)
    assert template is not None
    assert template.multivalued
    assert catalog.extra_key("aws:SourceIp") is None
    assert bundled().extra_key("aws:NewNumber") is None
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::reports/${aws:NewNumber}",
            "Condition": {
                "NumericEquals": {"aws:NewNumber": "1"},
                "ForAnyValue:StringEquals": {"aws:NewGlobal/team": "a"},
            },
        },
    }
    text = json.dumps(policy)
    found = {finding.rule for finding in lint(text)} - {
        finding.rule for finding in lint(text, catalog=catalog)
    }
    assert found == {"unsupported-condition-key", "unresolvable-variable"}
    again = run(server, tmp_path, few)
    assert again.extra_key("aws:NewNumber") == number


def redirect(to: str) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def status(code: int) -> Callable[[Handler], None]:
    return lambda handler: handler.send_error(code)


def cut_off(handler: Handler) -> None:
    handler.body(b'{"Name": "sqs", "Actions": [', length=1000)
    handler.close_connection = True


def slow(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" ")
        time.sleep(0.05)


def mute(_handler: Handler) -> None:
    time.sleep(10)


def hang_up(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    value = document(bundled(), "sqs")
    change(value)
    return json.dumps(value).encode()


SQS = "/v1/sqs/sqs.json"
LIST = json.dumps([{"service": prefix, "url": f"/v1/{prefix}/{prefix}.json"} for prefix in FEW])
IN_TIME = FetchLimits(request=0.3, overall=20, pause=0, tries=1)


@pytest.mark.parametrize(
    "case",
    [
        (SQS, b'{"Name": "sqs",', "no JSON", HURRY),
        (SQS, b"\xff\xfe", "no JSON", HURRY),
        (SQS, b"[" * 100_000, "no JSON", HURRY),
        (SQS, cut_off, "cut off after 28 of 1000 bytes", HURRY),
        (SQS, b" " * 500_001, "larger than 500,000 bytes", HURRY),
        (SQS, slow, "no answer in time", IN_TIME),
        (SQS, mute, "no answer in time", IN_TIME),
        (SQS, mute, "not done within 0.5 seconds", FetchLimits(request=5, overall=0.5, tries=1)),
        (SQS, status(404), "404", HURRY),
        (SQS, status(500), "500", HURRY),
        (SQS, hang_up, "", HURRY),
        (SQS, redirect("http://localhost:1/x"), "redirected to http://localhost:1/x", HURRY),
        (SQS, redirect("http://127.0.0.1:1/x"), "redirected to http://127.0.0.1:1/x", HURRY),
        (SQS, redirect("ftp://127.0.0.1/x"), "redirected to ftp://127.0.0.1/x", HURRY),
        (SQS, redirect("/x"), "404", HURRY),
        (SQS, redirect(SQS), "redirect", HURRY),
        (SQS, changed(lambda it: it.update(Name="s3")), 'about the service "s3", not', HURRY),
        (SQS, b"[]", "no document of a service", HURRY),
        (SQS, changed(lambda it: it.update(Version="v2.0")), "version v2.0", HURRY),
        (SQS, changed(lambda it: it.update(Actions={})), '"Actions" is not a list of', HURRY),
        (SQS, changed(lambda it: it.update(Actions=[1])), '"Actions" is not a list of', HURRY),
        (
            SQS,
            changed(lambda it: it["Actions"][0].update(Name="A\tB")),
            "\"Name\" is 'A\\tB'",
            HURRY,
        ),
        (SQS, changed(lambda it: it["Actions"][0].pop("Name")), "\"Name\" is 'None'", HURRY),
        (SQS, changed(lambda it: it["Actions"][0].pop("Annotations")), "no access level", HURRY),
        (
            SQS,
            changed(lambda it: it["Actions"][0].update(ActionConditionKeys=["a b"])),
            "has the odd value 'a b'",
            HURRY,
        ),
        (
            SQS,
            changed(lambda it: it["Actions"][0].update(ActionConditionKeys=[1])),
            "is not a list of strings",
            HURRY,
        ),
        (SQS, changed(lambda it: it["Resources"][0].update(Name="a,b")), '"Name" is', HURRY),
        ("/", b"{}", "no list of services", HURRY),
        ("/", b"[]", "no list of services", HURRY),
        ("/", b"[1]", "is not an object", HURRY),
        ("/", LIST.replace("sqs", "../sqs", 1).encode(), "\"service\" is '../sqs'", HURRY),
        ("/", LIST.replace('"s3"', '"sqs"', 1).encode(), '"sqs" is in it twice', HURRY),
        ("/", LIST.replace("/v1", "//localhost/v1", 1).encode(), "to another host", HURRY),
        ("/", LIST.replace("/v1", "file:///etc/v1", 1).encode(), "to another host", HURRY),
        ("/", b'[{"service": "sqs", "url": "/v1/sqs/sqs.json"}]', "it has 1 services", HURRY),
        ("/", status(403), "403", HURRY),
        ("/nothing", b"", "all together larger than 1,000 bytes", FetchLimits(total=1000)),
        (
            "/v1/s3/s3.json",
            json.dumps({"Name": "s3", "Actions": []}).encode(),
            "actions, where ",
            HURRY,
        ),
    ],
)
def test_a_failed_update_leaves_the_old_one_in_use(
    server: ReferenceServer,
    tmp_path: Path,
    few: Catalog,
    case: tuple[str, Any, str, FetchLimits],
) -> None:
    path, answer, message, limits = case
    server.offer(documents())
    old = tmp_path / "2027-01-01T000000Z-00000000"
    shutil.copytree(few.directory, old)
    server.answers[path] = answer
    with pytest.raises(UpdateError) as caught:
        run(server, tmp_path, few, limits)
    assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == [old]
    assert newest(str(tmp_path)).directory == str(old)


@pytest.mark.slow
def test_what_may_pass_is_tried_again(
    server: ReferenceServer, tmp_path: Path, few: Catalog
) -> None:
    server.offer(documents())
    good = server.answers[SQS]

    def at_first(handler: Handler) -> None:
        server.answers[SQS] = good
        handler.send_error(503)

    server.answers[SQS] = at_first
    assert run(server, tmp_path, few).match("sqs:*")
    assert server.asked.count(SQS) == 2


@pytest.mark.slow
def test_a_redirect_within_the_host(server: ReferenceServer, tmp_path: Path, few: Catalog) -> None:
    server.offer(documents())
    server.answers["/elsewhere"] = server.answers[SQS]
    server.answers[SQS] = redirect("/elsewhere")
    assert run(server, tmp_path, few).match("sqs:*")


@pytest.mark.slow
def test_a_mirror_below_a_path(server: ReferenceServer, tmp_path: Path, few: Catalog) -> None:
    server.offer(documents())
    server.answers = {f"/mirror{path}": answer for path, answer in server.answers.items()}
    catalog = run(server, tmp_path, few, url=f"{server.url}mirror")
    assert catalog.match("sqs:*")
    assert set(server.asked) == {
        "/mirror/",
        *(f"/mirror/v1/{prefix}/{prefix}.json" for prefix in FEW),
    }


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "ftp://localhost/", "mirror", "https:"])
def test_no_address(server: ReferenceServer, tmp_path: Path, few: Catalog, url: str) -> None:
    with pytest.raises(UpdateError, match="is not an address such as https://"):
        update(tmp_path, UpdateRequest(NOW, "test", url), few, lambda _done, _all: None)
    assert not server.asked


def test_nobody_there(server: ReferenceServer, tmp_path: Path, few: Catalog) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(UpdateError, match="connection refused"):
        run(server, tmp_path, few, url=f"http://127.0.0.1:{port}/")
    with pytest.raises(UpdateError, match=r"no\.such\.host\.invalid"):
        run(server, tmp_path, few, url="http://no.such.host.invalid/")


def test_a_clock_that_is_slow(server: ReferenceServer, tmp_path: Path, few: Catalog) -> None:
    with pytest.raises(UpdateError, match="takes today for 2020-01-02, before 20"):
        run(server, tmp_path, few, now=NOW.replace(year=2020))
    assert not server.asked


def test_a_folder_that_cannot_be_written(
    server: ReferenceServer, tmp_path: Path, few: Catalog
) -> None:
    server.offer(documents())
    (tmp_path / "file").touch()
    with pytest.raises(UpdateError, match="not written: not a directory"):
        run(server, tmp_path / "file" / "catalog", few)


def test_what_was_not_written_as_it_should_be(
    server: ReferenceServer, tmp_path: Path, few: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.offer(documents())
    original = Merged.text
    monkeypatch.setattr(Merged, "text", lambda self: original(self).removesuffix("[keys]\n"))
    with pytest.raises(UpdateError, match="not written as it should be: "):
        run(server, tmp_path, few)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_two_updates_at_once(server: ReferenceServer, tmp_path: Path, few: Catalog) -> None:
    server.offer(documents())
    both = threading.Barrier(2)
    listed = server.answers["/"]
    assert isinstance(listed, bytes)

    def wait_for_the_other(handler: Handler) -> None:
        both.wait(10)
        handler.body(listed)

    server.answers["/"] = wait_for_the_other
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _: run(server, tmp_path, few), range(2)))
    assert {path.name for path in tmp_path.iterdir()} == {
        Path(catalog.directory).name for catalog in made
    }
    assert newest(str(tmp_path)) in made


@pytest.mark.exhaustive
def test_old_updates_go(server: ReferenceServer, tmp_path: Path, few: Catalog) -> None:
    server.offer(documents())
    interrupted = tmp_path / ".new-2026-10-01T000000Z-00000000"
    (interrupted / "services").mkdir(parents=True)
    under_way = tmp_path / ".new-2027-01-02T030405Z-00000000"
    under_way.mkdir()
    os.utime(interrupted, (1, 1))
    made = [run(server, tmp_path, few, now=NOW.replace(day=day)) for day in (2, 3, 4)]
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {under_way.name, *(Path(catalog.directory).name for catalog in made[1:])}
    assert newest(str(tmp_path)) is made[2]


KILLED = """
import os
from datetime import UTC, datetime
from pathlib import Path
from multitool_lint.aws.catalog.update import write as writing
from multitool_lint.aws.catalog.update.update import UpdateRequest, update
from multitool_lint.aws.catalog.catalog import Catalog

def write(path, what, rows):
    if path.name == "names.tsv":
        os._exit(7)
    original(path, what, rows)

original, writing.write_rows = writing.write_rows, write
request = UpdateRequest(datetime.now(UTC), "test", {url!r})
update(Path({folder!r}), request, Catalog({few!r}), lambda *_: None)
"""


@pytest.mark.slow
def test_an_update_that_is_killed_while_it_writes(
    server: ReferenceServer, tmp_path: Path, few: Catalog
) -> None:
    server.offer(documents())
    program = KILLED.format(folder=str(tmp_path), few=few.directory, url=server.url)
    path = os.pathsep.join(sys.path)
    killed = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": path}, check=False
    )
    assert killed.returncode == 7
    [left] = tmp_path.iterdir()
    assert not is_update(left.name)
    assert newest(str(tmp_path)) is bundled()
    assert run(server, tmp_path, few) is newest(str(tmp_path))


@pytest.mark.exhaustive
@pytest.mark.slow
def test_the_whole_reference(server: ReferenceServer, tmp_path: Path) -> None:
    current = [prefix for prefix in bundled().prefixes if not bundled().service(prefix).retired]  # type: ignore[union-attr]
    server.offer({prefix: document(bundled(), prefix) for prefix in current})
    shown: list[tuple[int, int]] = []
    request = UpdateRequest(NOW, "test", server.url)
    catalog = update(tmp_path, request, bundled(), lambda *how_far: shown.append(how_far))
    assert shown == [(at, len(current)) for at in range(1, len(current) + 1)]
    assert list(catalog.names(catalog.all_actions())) == list(
        bundled().names(bundled().all_actions())
    )
    for prefix in bundled().prefixes:
        texts = [copy.text_of(prefix) for copy in (catalog, bundled())]
        heads, facts = zip(*(text.split("\n", 1) for text in texts), strict=True)
        assert facts[0] == facts[1]
        assert heads[0].split("\t")[:2] == heads[1].split("\t")[:2]
