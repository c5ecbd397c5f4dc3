"""Ask programs that share no code with us whether rewrites keep access. See README.md."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import corpus
from corpus import BUILD

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.rewrite.expand import expand
from multitool_lint.rewrite.fix import fix
from multitool_lint.rewrite.shrink import shrink
from multitool_lint.rewrite.shrink.patterns import Limits
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGES = ("@cloud-copilot/iam-expand@0.11.44", "@cloud-copilot/iam-simulate@0.1.173")
"""Installed for this check only; nothing of them is shipped."""

CHANGES: dict[str, Callable[[Source], str]] = {
    "fix": lambda source: fix(source).text,
    "expand": lambda source: expand(source).text,
    "shrink": lambda source: shrink(source).text,
    "shrink --whole-words": lambda source: shrink(source, limits=Limits(whole_words=True)).text,
}
ACTIONS, CONTEXTS, RESOURCES = 6, 2, 3
"""Of each policy whose statements change, the requests are made of so many of these."""


def main() -> None:
    """Rewrite the policies in each way, and let the packages compare before and after."""
    parser = argparse.ArgumentParser(description=__doc__)
    corpus.add_arguments(parser)
    parser.add_argument("--packages", type=Path, default=BUILD / "outside", help="where they are")
    parser.add_argument("--every", type=int, default=1, help="take each policy of so many")
    arguments = parser.parse_args()
    if not (node := shutil.which("node")):
        sys.exit("node is needed")
    install(arguments.packages)
    shutil.copy(Path(__file__).with_suffix(".mjs"), arguments.packages)
    path = arguments.packages / "cases.jsonl"
    documents = list(_documents(arguments))[:: arguments.every]
    with path.open("w", encoding="utf-8") as file:
        catalog = bundled()
        file.write(json.dumps(list(catalog.names(catalog.all_actions()))) + "\n")
        for name, document in documents:
            for case in _cases(name, document):
                file.write(json.dumps(case) + "\n")
    command = [node, "outside.mjs", path.name]
    sys.exit(subprocess.run(command, cwd=arguments.packages, check=False).returncode)


def install(folder: Path) -> None:
    """Install the packages in a folder, unless they are there."""
    if not (folder / "node_modules").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        npm = shutil.which("npm")
        if npm is None:
            sys.exit("npm is needed")
        subprocess.run(
            [npm, "install", "--silent", "--prefix", ".", *PACKAGES], cwd=folder, check=True
        )


def _documents(arguments: argparse.Namespace) -> Iterator[tuple[str, dict[str, Any]]]:
    if arguments.corpus:
        for entry in corpus.entries(arguments.corpus):
            if "document" in entry:
                yield entry["id"], entry["document"]
        return
    yield from sorted(corpus.managed(arguments.policies), key=itemgetter(0))


def _cases(name: str, document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    source = Source("policy.json", json.dumps(document, indent=2))
    for change, rewrite in CHANGES.items():
        text = rewrite(source)
        if text != source.text:
            after = json.loads(text)
            requests = list(_requests(document, random.Random(name)))  # noqa: S311 - no secret
            yield {
                "name": name,
                "change": change,
                "before": document,
                "after": after,
                "requests": requests,
            }


def _requests(document: dict[str, Any], chance: random.Random) -> Iterator[dict[str, Any]]:
    """Requests for what the policy names, and for what it does not."""
    catalog = bundled()
    statements = _listed(document["Statement"])
    texts = _texts(statements, "Action")
    names = sorted({name for text in texts for name in catalog.names(catalog.match(text))})
    chosen = chance.sample(names, min(len(names), ACTIONS))
    chosen += chance.sample(list(catalog.names(catalog.all_actions())), 2)
    patterns = _texts(statements, "Resource")
    patterns = chance.sample(patterns, min(len(patterns), RESOURCES))
    resources = [pattern.replace("*", "some").replace("?", "a") for pattern in patterns]
    resources.append("arn:aws:s3:::some-other-bucket/key")
    contexts: list[dict[str, Any]] = [{}]
    for statement in statements:
        context = {}
        for keys in statement.get("Condition", {}).values():
            for key, values in keys.items():
                context[key] = str(_listed(values)[0]).replace("*", "some") if values else ""
        if context:
            contexts.append(context)
    for action in chosen:
        for resource in resources:
            for context in chance.sample(contexts, min(len(contexts), CONTEXTS)):
                yield {"action": action, "resource": resource, "context": context}


def _texts(statements: list[Any], element: str) -> list[str]:
    """The strings of an element; a template may have others."""
    values = {
        str(text): text for statement in statements for text in _listed(statement.get(element, []))
    }
    return sorted(text for text in values.values() if isinstance(text, str))


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON as it comes
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    main()
