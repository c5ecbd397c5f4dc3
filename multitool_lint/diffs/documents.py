"""The files that are deployments by themselves: templates, services, plans, files of modules."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from multitool_lint.deployments.cloudformation.access import TemplateDeployment
from multitool_lint.deployments.cloudformation.resources import roots_of
from multitool_lint.deployments.cloudformation.snapshots import SnapshotDeployment, templates_in
from multitool_lint.deployments.cloudformation.tagged import TaggedDeployment, is_tagged
from multitool_lint.deployments.serverless.access import ServiceDeployment
from multitool_lint.deployments.serverless.configuration import root_of
from multitool_lint.deployments.terraform.access import ModuleDeployment
from multitool_lint.deployments.terraform.plan import PlanDeployment
from multitool_lint.formats.endings import SNAPSHOT_ENDINGS, format_name
from multitool_lint.formats.serverless import SERVICE_PROGRAMS
from multitool_lint.formats.terraform.plan import is_output
from multitool_lint.syntax.tree_of_files import OneModuleFile, Tree
from multitool_lint.values.terraform.file_names import is_terragrunt_call
from multitool_lint.values.terraform.shared import Deployer

if TYPE_CHECKING:
    from multitool_lint.deployments.deployment import Deployment

    Reader = Callable[[Tree, str], Deployment]


_STATES = (".tfstate", ".tfstate.backup")


def reader_of(path: str, text: str) -> Reader | None:
    """What reads the deployment that a text is; None if it is none."""
    if format_name(path).endswith(SNAPSHOT_ENDINGS):
        return SnapshotDeployment if templates_in(text) else None
    if is_output(text) or format_name(path).endswith(_STATES):
        return PlanDeployment
    is_program = posixpath.basename(path) in SERVICE_PROGRAMS and "provider" in text
    if is_program or root_of(path, text) is not None:
        return ServiceDeployment
    if is_tagged(path, text):
        return TaggedDeployment
    return TemplateDeployment if roots_of(path, text) else None


def joint_reader(readers: set[Reader | None]) -> Reader | None:
    """What reads all versions of a file; None if one of them is of another kind.

    A template of which one has tags is compared with these.
    """
    if readers == {TemplateDeployment, TaggedDeployment}:
        return TaggedDeployment
    return next(iter(readers)) if len(readers) == 1 else None


def of_module_file(tree: Tree, path: str) -> ModuleDeployment:
    """What a file of a module deploys by itself.

    Raises:
        TooMuchError: it takes more work than any real one.
    """
    folder = posixpath.dirname(path)
    deployer = Deployer(terragrunt=is_terragrunt_call(path))
    return ModuleDeployment(OneModuleFile(tree, path), folder, deployer=deployer)
