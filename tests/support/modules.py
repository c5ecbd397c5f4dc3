"""Terraform modules in folders that tests write."""

from collections.abc import Mapping
from pathlib import Path

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.diffs.deployments import DeploymentComparison
from multitool_lint.policy.changes import Changes, Difference
from multitool_lint.syntax.terms import Value
from multitool_lint.syntax.tree_of_files import FileTree, TreeOfTexts
from multitool_lint.values.terraform.definitions import local


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def deployment(folder: Path, files: Mapping[str, str], module: str = "") -> ModuleDeployment:
    """What the module of a folder deploys."""
    return ModuleDeployment(FileTree(str(write(folder, files))), module)


def value(folder: Path, expression: str, files: Mapping[str, str] | None = None) -> Value:
    """What an expression comes to in a module that has files besides."""
    main = f'variable "v" {{}}\nvariable "w" {{}}\nlocals {{\n  x = {expression}\n}}\n'
    return local(deployment(folder, {"main.tf": main, **(files or {})}).root, "x")


def has_new_access(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Whether a version of a module may have access that another one has not."""
    return any(changes.gained or changes.unknown for changes in _changes(old, new))


def reasons(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Why two versions of a module could not be compared."""
    return [unknown.reason for changes in _changes(old, new) for unknown in changes.unknown]


def gained(old: Mapping[str, str], new: Mapping[str, str]) -> list[Difference]:
    """What two versions of a module differ in that is new."""
    return [difference for changes in _changes(old, new) for difference in changes.gained]


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[Changes]:
    sides = [ModuleDeployment(TreeOfTexts(side), "") for side in (old, new)]
    found = DeploymentComparison(sides[0], sides[1], bundled()).changes()
    return [one.changes for one in found]
