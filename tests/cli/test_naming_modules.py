"""Which modules of Terraform may read a file that has changed, by the name that they have of it."""

from pathlib import Path

import pytest
from support.git_repository import git

from multitool_lint.cli.files.git import Repository
from multitool_lint.cli.files.module_calls import ModuleCalls, naming_modules
from multitool_lint.cli.files.revision_tree import revision_tree

pytestmark = pytest.mark.usefixtures("repository")

READS = "locals {{\n  values = jsondecode({})\n}}\n"
OWN = READS.format('file("${path.module}/v.json")')


def found(files: dict[str, str]) -> set[str]:
    """The folders of the modules that may read the file `a/v.json`."""
    for name, text in {"a/v.json": "{}", "a/main.tf": OWN, **files}.items():
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "first")
    repository = Repository(str(Path.cwd()))
    side = repository.object("HEAD", "commit")
    assert side is not None
    tree = revision_tree(repository, side)
    calls = ModuleCalls(repository, lambda _: tree)
    return naming_modules(repository, side, tree, ["a/v.json"], calls)


@pytest.mark.parametrize(
    "value",
    [
        'file("${path.module}/v.json")',
        'file("./v.json")',
        'fileexists("v.json") ? file( "${path.root}/data/v.json") : "{}"',
        'templatefile("v.json", {})',
    ],
)
def test_a_file_of_the_same_name_in_the_own_folder(value: str) -> None:
    assert found({"b/main.tf": READS.format(value), "b/v.json": "{}"}) == {"a"}


@pytest.mark.parametrize(
    "value",
    [
        'file("../a/v.json")',
        'file("${var.folder}/v.json")',
        'file(join("/", [var.folder, "v.json"]))',
        'file("./v.json"), file(format("%s/v.json", var.folder))',
        'file(local.name)\n  name = "v.json"',
    ],
)
def test_a_name_that_may_lead_elsewhere(value: str) -> None:
    assert found({"b/main.tf": READS.format(value)}) == {"a", "b"}


def test_a_module_that_is_called_reads_files_of_its_callers() -> None:
    call = 'module "b" {\n  source = "../b"\n}\n'
    assert found({"b/main.tf": OWN, "c/main.tf": call}) == {"a", "b"}


def test_a_unit_of_terragrunt_copies_its_files() -> None:
    assert found({"b/main.tf": OWN, "c/terragrunt.hcl": ""}) == {"a", "b"}


def test_a_link_leads_to_the_file() -> None:
    Path("b").mkdir()
    Path("b/v.json").symlink_to("../a/v.json")
    assert found({"b/main.tf": OWN}) == {"a", "b"}
