"""A server on loopback that serves documents in the form of AWS's service reference."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.aws.catalog.catalog import Action, Catalog

AWS = "https://servicereference.us-east-1.amazonaws.com"

Answer = bytes | Callable[["Handler"], None]
"""What is served: a body, or something that writes the answer itself."""


def document(catalog: Catalog, prefix: str) -> dict[str, Any]:
    """The document that AWS would serve if the catalog were what it knows."""
    service = catalog.service(prefix)
    assert service is not None
    return {
        "Name": prefix,
        "Actions": [_action(action) for action in service.actions if not action.retired],
        "ConditionKeys": [
            {"Name": key.name, "Types": list(key.types)} for key in service.condition_keys
        ],
        "Resources": [
            {
                "Name": resource.name,
                "ARNFormats": list(resource.arn_formats),
                "ConditionKeys": list(resource.condition_keys),
            }
            for resource in service.resource_types.values()
        ],
        "Version": "v1.4",
    }


def _action(action: Action) -> dict[str, Any]:
    of_resources = {
        key for resource_type in action.resource_types for key in resource_type.condition_keys
    }
    return {
        "Name": action.name.partition(":")[2],
        "ActionConditionKeys": sorted({*action.condition_keys, *of_resources}),
        "Annotations": {
            "Properties": {
                "IsList": "List" in action.access_levels,
                "IsPermissionManagement": "Permissions management" in action.access_levels,
                "IsTaggingOnly": "Tagging" in action.access_levels,
                "IsWrite": "Write" in action.access_levels,
            }
        },
        "Resources": [{"Name": resource_type.name} for resource_type in action.resource_types],
        "SupportedBy": {"IAM Action Last Accessed": True},
    }


class Handler(BaseHTTPRequestHandler):
    """Answers as the server was set up to."""

    server: ReferenceServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        answer = self.server.answers.get(self.path)
        if answer is None:
            self.send_error(404)
        elif isinstance(answer, bytes):
            self.body(answer)
        else:
            answer(self)

    def body(self, body: bytes, length: int | None = None) -> None:
        """Send a body, and the length that it has or is said to have."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class ReferenceServer(ThreadingHTTPServer):
    """The answers by path, and the paths that were asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def offer(self, documents: dict[str, Any]) -> None:
        """Serve documents, and the list of them just as AWS has it, with its own addresses."""
        paths = {prefix: f"/v1/{prefix}/{prefix}.json" for prefix in documents}
        for prefix, value in documents.items():
            self.answers[paths[prefix]] = json.dumps(value).encode()
        listed = [{"service": prefix, "url": AWS + path} for prefix, path in paths.items()]
        self.answers["/"] = json.dumps(listed).encode()

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients go away in the middle, as they should."""


def serve() -> Iterator[ReferenceServer]:
    """A running server."""
    with ReferenceServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
