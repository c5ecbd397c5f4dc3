"""The page of the playground in a browser, which is given nothing but the built files."""

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from support.browser import chromium, needs_browser
from support.interop import interop
from support.playground import BUILT, needs_playground

pytestmark = [needs_playground, needs_browser]
FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
BUCKET = """{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::b/*"
  }
}
"""


class Handler(SimpleHTTPRequestHandler):
    """Serves the built files but one that is missing."""

    missing = "no file"

    def do_GET(self) -> None:
        if self.path.endswith(self.missing):
            self.send_error(404)
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


class Page:
    """The page in a browser."""

    def __init__(self, browser: Any, address: str) -> None:  # noqa: ANN401 - a webdriver.Chrome
        self.browser = browser
        self.address = address

    def open(self, fragment: str = "") -> None:
        self.browser.get("about:blank")
        self.browser.get(f"{self.address}{fragment}")

    def until(self, holds: Callable[[], bool]) -> None:
        waiting = interop("selenium.webdriver.support.ui").WebDriverWait(self.browser, 30, 0.05)
        waiting.until(lambda _: holds())

    def text(self, selector: str) -> str:
        return str(self.browser.find_element("css selector", selector).get_property("textContent"))

    def wait(self, selector: str, words: str) -> None:
        self.until(lambda: words in self.text(selector))

    def click(self, label: str) -> None:
        found = f"//*[self::button or self::summary][contains(., '{label}')]"
        self.until(
            lambda: any(b.is_displayed() for b in self.browser.find_elements("xpath", found))
        )
        next(b for b in self.browser.find_elements("xpath", found) if b.is_displayed()).click()

    def type(self, *keys: str) -> None:
        """Type where the focus is."""
        self.browser.switch_to.active_element.send_keys(*keys)

    def paste(self, text: str) -> None:
        """Replace the text of the editor, as by pasting."""
        keys = interop("selenium.webdriver").Keys
        content = self.browser.find_element("css selector", ".editor .cm-content")
        content.send_keys(keys.CONTROL, "a")
        self.browser.execute_script(
            "const data = new DataTransfer(); data.setData('text/plain', arguments[1]);"
            "const settings = {clipboardData: data, bubbles: true, cancelable: true};"
            "arguments[0].dispatchEvent(new ClipboardEvent('paste', settings))",
            content,
            text,
        )


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    handler = partial(Handler, directory=str(BUILT.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def page(server: ThreadingHTTPServer) -> Iterator[Page]:
    with chromium() as browser:
        yield Page(browser, f"http://127.0.0.1:{server.server_port}/playground/index.html")


def test_a_policy_is_linted_fixed_compared_and_shared(page: Page) -> None:
    page.open()
    page.wait(".status", "2 security, 2 warnings, 1 suggestion in 1 policy of 1 file")
    page.wait("#findings", '"apigateway:*" makes 13 actions in this statement redundant')
    page.click("Fixes…")
    page.click('Remove the 13 redundant actions and keep "apigateway:*"')
    page.wait(".status", "2 security, 1 warning, 1 suggestion in 1 policy of 1 file")
    assert "apigateway:DELETE" not in page.text(".editor")

    page.click("Compare")
    page.wait("#compare .answer", "access unchanged")
    page.click("Tighten")
    page.browser.find_element("name", "levels").send_keys("list, read")
    page.wait("#tighten .answer", "dropped")
    page.click("Apply these changes")
    page.click("Compare")
    page.wait("#compare .answer", "for example: apigateway:")
    page.click("Grants")
    page.wait("#grants .answer", "lambda-001")
    page.wait("#grants .answer", "12 actions")
    page.click("Can it?")
    page.browser.find_element("name", "action").send_keys("iam:PassRole\n")
    page.wait("#can .answer", "The request is allowed by the identity-based policy.")

    page.click("Copy a link")
    page.until(lambda: "#policy=" in page.browser.current_url)
    page.open(page.browser.current_url[len(page.address) :])
    page.wait(".status", "2 security, 1 warning, 1 suggestion in 1 policy of 1 file")


@pytest.mark.exhaustive
def test_what_is_pasted_is_read_in_its_format(page: Page) -> None:
    page.open()
    for name, words in (
        ("terraform.tf", "s3:PutObject does not act on any resource"),
        ("multitool.md", "permissions-management actions"),
        ("cloudformation.yaml", "AWSLambdaBasicExecutionRole"),
    ):
        page.paste((FIXTURES / name).read_text("utf-8"))
        page.wait("#findings .answer", words)
        chosen = page.browser.find_element("name", "format").get_property("value")
        assert chosen == name.rpartition(".")[2]
    page.paste(BUCKET.replace("Principal", "a<img src=x>b<i>"))
    page.wait("#findings .answer", "a<img src=x>b<i>")
    assert not page.browser.find_elements("css selector", "#findings img")
    page.paste("[" * 100_000)
    page.wait("#findings .answer", "The linter failed")  # and is started anew
    page.paste(BUCKET)
    page.wait("#findings .answer", "Anyone can access this resource")


@pytest.mark.exhaustive
@pytest.mark.parametrize("missing", ["pyodide.mjs", "linter.bin"])
def test_the_page_says_what_it_cannot_load(
    missing: str, server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Handler, "missing", missing)
    with chromium() as browser:
        page = Page(browser, f"http://127.0.0.1:{server.server_port}/playground/index.html")
        page.open()
        page.wait(".status", "Nothing was checked.")
        page.wait("#findings .answer", "The linter failed: ")


@pytest.mark.exhaustive
def test_an_example_of_a_rule_is_opened_by_its_link(page: Page) -> None:
    link = interop("docs_playground").link("json", "resource_type=AWS::S3::Bucket", BUCKET)
    page.open(link[link.index("#") :])
    page.wait("#findings .answer", "Anyone can access this resource")
    kind = page.browser.find_element("name", "kind").get_property("value")
    assert kind == "resource_type=AWS::S3::Bucket"


@pytest.mark.exhaustive
def test_everything_is_reached_by_keys(page: Page) -> None:
    keys = interop("selenium.webdriver").Keys
    page.open()
    page.wait(".status", "1 suggestion")
    page.paste(BUCKET.replace("s3:GetObject", "s3:GetObjectTaging"))
    page.wait("#findings .answer", "s3:GetObjectTagging")
    page.type(keys.CONTROL, keys.HOME)
    page.type(keys.F8, keys.F8)  # the second finding
    page.type(keys.CONTROL, ".")
    page.wait("dialog .content", "Replace with")
    page.type(keys.ENTER)
    page.until(lambda: '"s3:GetObjectTagging"' in page.text(".editor"))
    page.type(keys.F1)
    page.wait("dialog .content", "access level: Read")
    page.type(keys.ESCAPE)
    page.browser.find_element("id", "tab-findings").send_keys(keys.ARROW_RIGHT, keys.ARROW_RIGHT)
    assert page.browser.switch_to.active_element.get_property("id") == "tab-tighten"
    page.wait("#tighten .answer", "Nothing to change")


@pytest.mark.exhaustive
def test_it_works_without_a_network_after_the_first_visit(
    page: Page, server: ThreadingHTTPServer
) -> None:
    page.open()
    page.wait(".status", "1 suggestion")
    page.browser.execute_async_script("navigator.serviceWorker.ready.then(arguments[0])")
    server.shutdown()
    server.socket.close()
    page.open("?again")
    page.wait(".status", "1 suggestion")
    page.paste((FIXTURES / "terraform.tf").read_text("utf-8"))
    page.wait("#findings .answer", "s3:PutObject does not act on any resource")


def test_nothing_is_asked_of_other_sites(page: Page) -> None:
    events = [
        json.loads(entry["message"])["message"] for entry in page.browser.get_log("performance")
    ]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    site = page.address.removesuffix("index.html")
    assert f"{site}page.mjs" in asked
    assert not [url for url in asked if not url.startswith((site, "data:", "about:"))]
