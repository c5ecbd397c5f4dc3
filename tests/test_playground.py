"""The playground: the linter without the modules that browsers lack, and the page in a browser.

What the page loads is built by scripts/playground.py, which needs the network. The test of the page
runs where PLAYGROUND is the folder of a site with it.
"""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import playground
import pytest
from support.browser import chromium, needs_browser

ROOT = Path(__file__).parent.parent
# What an installation has, and the playground has not.
ABSENT = (
    *(
        "boto3",
        "botocore",
        "bs4",
        "click",
        "dateutil",
        "ijson",
        "jinja2",
        "markdown_it",
        "markupsafe",
    ),
    *("mdurl", "orjson", "requests", "s3transfer", "schema", "shtab"),
    *("tree_sitter", "tree_sitter_hcl", "tree_sitter_toml"),
)
PROGRAM = """
import sys
sys.modules.update(dict.fromkeys({absent}))
from multitool_lint.cli import main
sys.exit(main(["--no-cache", "--format=json", *sys.argv[1:]]))
"""
JSON = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Alow", "Action": "s3:GetObject", "Resource": "*"},
  {"Effect": "Allow", "Action": ["iam:PassRole", "s3:PutObjects", "lambda:*"], "Resource": "*"}]}
"""
YAML = """Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Action: "*", Resource: !Sub "*"}
"""


def run(folder: Path, absent: tuple[str, ...], name: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(absent=absent), name],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.exhaustive
@pytest.mark.parametrize(("name", "text"), [("policy.json", JSON), ("policy.yaml", YAML)])
def test_reports_are_the_same_without_what_browsers_lack(
    name: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    done = run(tmp_path, ABSENT, name)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["findings"]
    assert done.stdout == run(tmp_path, (), name).stdout


def test_what_browsers_cannot_read_fails(tmp_path: Path) -> None:
    (tmp_path / "policy.tf").write_text('resource "aws_iam_policy" "x" {}\n', encoding="utf-8")
    done = run(tmp_path, ABSENT, "policy.tf")
    assert done.returncode == 2
    (error,) = json.loads(done.stdout)["summary"]["errors"]
    assert error["message"] == 'needs the module "tree_sitter", which is not installed'


def test_a_download_has_the_digest_that_is_expected(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    assert playground.download(path.as_uri(), digest) == b"content"
    path.write_bytes(b"other content")
    with pytest.raises(ValueError, match=f"does not have the SHA-256 {digest}"):
        playground.download(path.as_uri(), digest)


def test_packages_bring_what_they_depend_on() -> None:
    packages: dict[str, Any] = {
        "a": {"depends": ["b_c"]},
        "b-c": {"depends": ["a", "d"]},
        "d": {"depends": []},
        "e": {"depends": ["d"]},
    }
    assert set(playground.with_dependencies(("a",), packages)) == {"a", "b-c", "d"}


def test_only_pure_wheels_are_served(tmp_path: Path) -> None:
    wheel = tmp_path / "json_cfg-0.4.2-py2.py3-none-any.whl"
    wheel.write_bytes(b"content")
    entry = playground.lock_entry(wheel, ["a"])
    assert (entry["name"], entry["version"], entry["depends"]) == ("json-cfg", "0.4.2", ["a"])
    assert entry["sha256"] == hashlib.sha256(b"content").hexdigest()
    with pytest.raises(ValueError, match="is not a pure wheel"):
        playground.lock_entry(tmp_path / "a-1-cp314-cp314-manylinux_2_17_x86_64.whl", [])


class Handler(SimpleHTTPRequestHandler):
    """Serves the site without the files whose names begin so."""

    missing = "no file"

    def do_GET(self) -> None:
        if self.path.rpartition("/")[2].startswith(self.missing):
            self.send_error(404)
        else:
            super().do_GET()


@pytest.fixture
def address() -> Iterator[str]:
    """The address of the page, served with what it loads."""
    folder = os.environ.get("PLAYGROUND") or pytest.skip("PLAYGROUND is not set")
    handler = partial(Handler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/playground.html"
        server.shutdown()
        thread.join()


class Page:
    """The page in a browser."""

    def __init__(self, browser: Any) -> None:  # noqa: ANN401 - a webdriver.Chrome
        self.browser = browser
        browser.set_script_timeout(180)

    def lint(self, text: str | None = None) -> str:
        """Lint a text, or that of the page, and return the status and the results."""
        if text is not None:
            self.browser.execute_script(
                "document.querySelector('#policy').value = arguments[0]", text
            )
        return self.click("Lint")

    def click(self, label: str) -> str:
        """Click a button, wait until the page is ready, and return the status and the results."""
        self.browser.find_element("xpath", f"//button[.='{label}']").click()
        self.browser.execute_async_script(
            "const [done] = arguments, button = document.querySelector('[name=lint]');"
            "const wait = () => button.disabled ? setTimeout(wait, 100) : done(); wait()"
        )
        parts = [f".playground-{name}" for name in ("status", "results")]
        return "\n".join(self.browser.find_element("css selector", part).text for part in parts)

    @property
    def selected(self) -> str:
        return str(
            self.browser.execute_script(
                "const {value, selectionStart, selectionEnd} = document.querySelector('#policy');"
                "return value.slice(selectionStart, selectionEnd)"
            )
        )


@needs_browser
def test_the_page_lints_in_the_browser(address: str) -> None:
    with chromium() as browser:
        browser.get(address)
        page = Page(browser)

        assert page.lint().startswith("1 error, 1 security, 1 suggestion in 1 policy of 1 file")
        page.click("line 6, column 50")
        assert page.selected == '"s3:PutObjects"'
        assert "redundant-action" not in page.click("Apply the safe fixes")
        assert '"Action": ["s3:GetObject", "s3:PutObjects"]' in browser.execute_script(
            "return document.querySelector('#policy').value"
        )

        assert '"Alow" is not a valid "Effect"; did you mean "Allow"?' in page.lint(JSON)
        assert " in 1 policy of 1 file" in page.lint(YAML)
        terraform = page.lint('resource "aws_iam_policy" "x" {}')
        assert "Not everything could be checked" in terraform
        assert 'needs the module "tree_sitter"' in terraform
        page.lint(
            '{"Statement": {"Sid": "\N{GRINNING FACE}", "Effect": "<img src=x onerror=alert(1)>"}}'
        )
        assert not browser.find_elements("css selector", ".playground-results img")
        assert "Nothing was checked. The linter failed" in page.lint("[" * 100_000)
        assert "redundant-action" in page.lint(JSON.replace('"s3:PutObjects"', '"iam:PassRole"'))

        events = [
            json.loads(entry["message"])["message"] for entry in browser.get_log("performance")
        ]
        fetched = [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]
        site = address.removesuffix("playground.html")
        assert f"{site}playground/worker.mjs" in fetched
        assert not [url for url in fetched if not url.startswith((site, "data:"))]


@needs_browser
@pytest.mark.parametrize("missing", ["pyodide.mjs", "jsonschema-4"])
def test_the_page_says_what_it_cannot_load(
    missing: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Handler, "missing", missing)
    with chromium() as browser:
        browser.get(address)
        assert Page(browser).lint().startswith("Nothing was checked. The linter failed: ")
