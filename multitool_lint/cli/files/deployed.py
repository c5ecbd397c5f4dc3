"""What the files deploy that a command is given."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from multitool_lint.ask.deployed import Deployed, NotOneIdentityError
from multitool_lint.cli.files.discover import discover
from multitool_lint.config import ConfigError
from multitool_lint.diagnostics.finding import enumerate_briefly
from multitool_lint.diagnostics.suggestion import suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multitool_lint.ask.identities import DeployedIdentity
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.cli.options.settings import Settings

_NO_OPTIONS = {
    "stdin_filename": None,
    "changed_since": None,
    "discovered": False,
    "no_respect_gitignore": False,
    "exclude": (),
}


def deployed_by(files: Sequence[str], settings: Settings, catalog: Catalog) -> Deployed:
    """What files deploy, and those in folders.

    Raises:
        ConfigError: a file that is named cannot be read.
    """
    found = [*discover(Namespace(files=[*files], **_NO_OPTIONS), settings)]
    for file in found:
        if file.error:
            raise ConfigError(f"{file.path}: {file.error}")
    paths = [file.path for file in found if not (file.skipped or file.outside)]
    deployed = Deployed(paths, catalog)
    named = {file.path for file in found if file.named}
    for place, why in deployed.unread:
        if place in named:
            raise ConfigError(f"{place}: {why}")
    return deployed


def identity_named(name: str, deployed: Deployed) -> DeployedIdentity:
    """The identity of a name.

    Raises:
        ConfigError: there is none, or more than one.
    """
    try:
        return deployed.named(name)
    except NotOneIdentityError as error:
        listed = enumerate_briefly([f"{one.address} ({one.path})" for one in error.candidates])
        if error.is_known:
            raise ConfigError(f'"{name}" may be each of {listed}; use an address or ARN') from None
        names = [known for one in error.candidates for known in (one.name, one.address) if known]
        hint = suggestion(name, names) or (f"; there are {listed}" if listed else "")
        raise ConfigError(f'no identity of these files is called "{name}"{hint}') from None
