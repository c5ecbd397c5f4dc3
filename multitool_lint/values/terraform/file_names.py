"""What the names of the files of a Terraform module say."""

from __future__ import annotations

import posixpath
import re

OPENTOFU = (".tofu", ".tofu.json")
ENDINGS = (".tf", ".tf.json", *OPENTOFU)
VALUES = (".tfvars", ".tfvars.json")
DEFAULT_VALUES = ("terraform.tfvars", "terraform.tfvars.json")
AUTOMATIC = (".auto.tfvars", ".auto.tfvars.json")
UNIT = "terragrunt.hcl"
"""What Terragrunt reads in a folder that it deploys."""
_OVERRIDE = re.compile(r"(?:^|_)override\.(?:tf|tofu)(?:\.json)?$")


def is_of_module(path: str) -> bool:
    """Whether a file is a part of a module, values among them, or calls one as a unit."""
    return path.lower().endswith((*ENDINGS, *VALUES)) or is_terragrunt_call(path)


def is_terragrunt_call(path: str) -> bool:
    """Whether a file says what Terragrunt deploys in its folder."""
    return posixpath.basename(path) == UNIT


def has_blocks(path: str) -> bool:
    """Whether a file has blocks of a module, or calls one as a unit."""
    return path.endswith(ENDINGS) or is_terragrunt_call(path)


def is_of_terragrunt(path: str) -> bool:
    """Whether a file may be one of Terragrunt, which units may include."""
    return path.endswith(".hcl") and not path.endswith((".lock.hcl", ".pkr.hcl"))


def has_values(path: str) -> bool:
    """Whether a file gives variables of a module their values."""
    return path.lower().endswith(VALUES)


def overrides(path: str) -> bool:
    """Whether a file overrides blocks of others."""
    return _OVERRIDE.search(path) is not None


def is_read_by_itself(path: str) -> bool:
    """Whether a file of values is read for the module of its folder without being named."""
    return posixpath.basename(path) in DEFAULT_VALUES or path.endswith(AUTOMATIC)
