"""The JSON Schema of the configuration, which editors use, says what our reader says."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.interop import interop

from multitool_lint.config import ConfigError, read_config
from multitool_lint.config.reader import ENTRY_KEYS, KEYS
from multitool_lint.config.rule_entries import FORBID_KEYS, REQUIRE_KEYS, UNLESS_KEYS
from multitool_lint.config.rule_entries import KEYS as RULE_KEYS
from multitool_lint.diagnostics.rule import (
    DIRECTORY,
    TOPICS,
    UNCHECKED,
    former_ids,
    parliament_types,
    rules,
)
from multitool_lint.org_rules import WRITTEN

SCHEMA = Path(DIRECTORY) / "schemas" / "config.json"
VALID = {
    "empty": "",
    "lists": 'select = ["ALL"]\n'
    'extend-select = ["scp-action-wildcard"]\nignore = ["old-version"]\n',
    "nothing-selected": "select = []\nextend-select = []\nignore = []\n",
    "severity": 'fail-on = "never"\n'
    '[severity]\nold-version = "error"\n"invalid-arn" = "suggestion"\n',
    "exclude": 'exclude = ["build/", "!keep.json", "/a/**/b", "\\\\#x"]\n',
    "policies": '[[policies]]\npath = "./scps/"\ntype = "scp"\n'
    '[[policies]]\npath = "a"\ntype = "permission-set"\n'
    '[[policies]]\npath = "**/b[0-9]*.json"\nresource-type = "AWS::S3::Bucket"\n',
    "per-path": '[per-path-ignores]\n"a..b/**" = ["old-version"]\n"*.json" = []\n',
    "catalog": 'catalog = "bundled"\naccess-levels = "aws"\nextra-actions = ["my-service:DoIt"]\n'
    'extra-services = ["hidden"]\nextra-condition-keys = ["my:Key/${x}"]\n',
    "entries": '[[ignore]]\nrule = "old-version"\nreason = "known"\n'
    '[[ignore]]\nrule = "unknown-action"\npath = "a/**"\nsid = ""\naction = "s3:Get*"\n'
    'resource = ["*"]\nprincipal = ["*"]\nreason = "known"\nexpires = 2027-01-31\n',
    "engine": 'engine = "parliament"\nignore = ["RESOURCE_STAR"]\n'
    '[severity]\nINVALID_ARN = "error"\n',
    "topics": 'select = ["conditions", "trust"]\nextend-select = ["style"]\n'
    'ignore = ["redundancy"]\n[per-path-ignores]\n"a/**" = ["exposure"]\n',
    "rules": 'select = ["ALL", "no-keys"]\nextend-select = ["no-keys"]\n'
    '[severity]\nno-keys = "warning"\n[per-path-ignores]\n"a/**" = ["no-keys"]\n'
    '[[ignore]]\nrule = "no-keys"\nreason = "known"\n'
    '[[rules]]\nid = "no-keys"\nmessage = "no"\nseverity = "security"\ntypes = "identity"\n'
    'paths = ["a/**", "b/*.json"]\nforbid = {actions = "iam:CreateAccessKey", resources = ["*"], '
    'principals = "111122223333", conditions = {"aws:MultiFactorAuthAge" = [1, "2", true]}, '
    'written = ["wildcard"]}\nunless = [{principals = ["*"]}, {resources = "*", '
    'conditions = {"aws:PrincipalOrgID" = "o-1"}}]\n',
    "rules-any": '[[rules]]\nid = "a"\nmessage = "b"\nforbid = {}\n'
    'unless = {principals = "111122223333"}\n',
    "rules-require": '[[rules]]\nid = "a"\nmessage = "b"\ntypes = ["scp", "rcp"]\n'
    'require = [{deny = "*"}, {deny = ["a:b"], resources = "*", conditions = {x = "y"}}]\n',
    "both": 'ignore = ["old-version", '
    '{rule = "unknown-action", reason = "x", expires = "2027-01-31"}]\n',
}
RULE = '[[rules]]\nid = "no-keys"\nmessage = "no"\n'
# What the reader says of each, and whether a schema can say so too.
INVALID = {
    "key": ('selct = ["ALL"]\n', "unknown key", True),
    "select-type": ('select = "ALL"\n', "must be a list", True),
    "select-item": ("select = [1]\n", "select[0] must be a string", True),
    "select-rule": ('select = ["old-versin"]\n', "unknown rule", True),
    "extend-rule": ('extend-select = ["all"]\n', "unknown rule", True),
    "ignore-all": ('ignore = ["ALL"]\n', "unknown rule", True),
    "ignore-unchecked": ('ignore = ["internal-error"]\n', "fails the run", True),
    "severity-type": ('severity = "error"\n', "must be a table", True),
    "severity-rule": ('[severity]\nold-versin = "error"\n', "unknown rule", True),
    "severity-all": ('[severity]\nALL = "error"\n', "unknown rule", True),
    "severity-unchecked": ('[severity]\njson-syntax-error = "warning"\n', "fails the run", True),
    "severity-value": ('[severity]\nold-version = "fatal"\n', "unknown severity", True),
    "severity-number": ("[severity]\nold-version = 1\n", "must be a string", True),
    "fail-on": ('fail-on = "none"\n', "unknown severity", True),
    "exclude-type": ('exclude = "a"\n', "must be a list", True),
    "exclude-item": ("exclude = [1]\n", "exclude[0] must be a string", True),
    "exclude-blank": ('exclude = [" "]\n', "not a valid pattern", True),
    "exclude-comment": ('exclude = ["#a"]\n', "not a valid pattern", True),
    "exclude-above": ('exclude = ["../a"]\n', "leads out of", True),
    "policies-type": ("policies = 1\n", "must be a list", True),
    "policies-path": ('[[policies]]\ntype = "scp"\n', "needs a path", True),
    "policies-types": ('[[policies]]\npath = "a"\n', "needs a path", True),
    "policies-key": ('[[policies]]\npath = "a"\ntype = "scp"\nx = 1\n', "unknown key", True),
    "policies-type-name": ('[[policies]]\npath = "a"\ntype = "SCP"\n', "policy type", True),
    "policies-attached": (
        '[[policies]]\npath = "a"\ntype = "vpc-endpoint"\nresource-type = "AWS::S3::Bucket"\n',
        "a type for AWS::EC2::VPCEndpoint",
        False,
    ),
    "resource-type": ('[[policies]]\npath = "a"\nresource-type = "S3"\n', "resource type", True),
    "path-root": ('[[policies]]\npath = "/a"\ntype = "scp"\n', "not a path below", True),
    "path-above": ('[[policies]]\npath = "a/../b"\ntype = "scp"\n', "not a path below", True),
    "path-backslash": ("[[policies]]\npath = 'a\\b'\ntype = \"scp\"\n", "not a path below", True),
    "path-double": ('[[policies]]\npath = "a//b"\ntype = "scp"\n', "not a path below", True),
    "path-empty": ('[[policies]]\npath = ""\ntype = "scp"\n', "not a path below", True),
    "path-here": ('[[policies]]\npath = "a/./b"\ntype = "scp"\n', "not a path below", True),
    "path-range": ('[[policies]]\npath = "[z-a]"\ntype = "scp"\n', "not a valid pattern", False),
    "per-path-glob": ('[per-path-ignores]\n"/a" = []\n', "not a path below", True),
    "per-path-type": ('[per-path-ignores]\n"a" = "old-version"\n', "must be a list", True),
    "per-path-rule": ('[per-path-ignores]\n"a" = ["x"]\n', "unknown rule", True),
    "catalog": ("catalog = 1\n", "path of a folder", True),
    "engine": ('engine = "cfn-lint"\n', "unknown engine", True),
    "access-levels": ('access-levels = "ours"\n', "is not one of", True),
    "extra-actions": ('extra-actions = ["DoIt"]\n', "is not a valid action", True),
    "extra-services": ('extra-services = ["a:b"]\n', "is not a valid service", True),
    "extra-condition-keys": (
        'extra-condition-keys = ["a"]\n',
        "is not a valid condition key",
        True,
    ),
    "rules-type": ("rules = 1\n", "list of tables", True),
    "rules-entry": ("rules = [1]\n", "must be a table", True),
    "rules-key": (RULE + 'forbid = {actions = "a:b"}\nx = 1\n', "unknown key", True),
    "rules-id": ('[[rules]]\nid = "A b"\nmessage = "b"\nforbid = {actions = "a:b"}\n', "id", True),
    "rules-no-id": ('[[rules]]\nmessage = "b"\nforbid = {actions = "a:b"}\n', "needs an id", True),
    "rules-ours": (
        '[[rules]]\nid = "old-version"\nmessage = "b"\nforbid = {actions = "a:b"}\n',
        "a built-in rule",
        False,
    ),
    "rules-topic": (
        '[[rules]]\nid = "trust"\nmessage = "b"\nforbid = {actions = "a:b"}\n',
        "the name of a topic",
        False,
    ),
    "rules-message": ('[[rules]]\nid = "a"\nforbid = {actions = "a:b"}\n', "a message", True),
    "rules-blank": (
        '[[rules]]\nid = "a"\nmessage = " "\nforbid = {actions = "a:b"}\n',
        "a message",
        True,
    ),
    "rules-severity": (RULE + 'severity = "x"\nforbid = {actions = "a:b"}\n', "severity", True),
    "rules-severity-list": (
        RULE + 'severity = ["error"]\nforbid = {actions = "a:b"}\n',
        "must be a string",
        True,
    ),
    "rules-types": (RULE + 'types = ["SCP"]\nforbid = {actions = "a:b"}\n', "policy type", True),
    "rules-paths": (RULE + 'paths = "../a"\nforbid = {actions = "a:b"}\n', "not a path", True),
    "rules-neither": (RULE, "either forbid or require", True),
    "rules-both": (
        RULE + 'types = "scp"\nforbid = {actions = "a:b"}\nrequire = {deny = "a:b"}\n',
        "either forbid or require",
        True,
    ),
    "forbid-type": (RULE + 'forbid = "a:b"\n', "must be a table", True),
    "forbid-key": (RULE + 'forbid = {action = "a:b"}\n', "unknown key", True),
    "forbid-nothing": (RULE + "forbid = {}\n", "needs an unless", True),
    "forbid-empty": (RULE + "forbid = {actions = []}\n", "a list of strings", True),
    "forbid-blank": (RULE + 'forbid = {actions = ""}\n', "a list of strings", True),
    "forbid-number": (RULE + "forbid = {resources = [1]}\n", "resources[0] must be a string", True),
    "forbid-written": (RULE + 'forbid = {written = "Not"}\n', "in written", True),
    "forbid-conditions": (
        RULE + 'forbid = {conditions = "a"}\n',
        "a table of condition keys",
        True,
    ),
    "forbid-condition": (RULE + "forbid = {conditions = {a = []}}\n", "a list of strings", True),
    "unless-key": (RULE + 'forbid = {}\nunless = {actions = "a:b"}\n', "unknown key", True),
    "unless-empty": (RULE + 'forbid = {actions = "a:b"}\nunless = {}\n', "needs one of", True),
    "require-for": (RULE + 'require = {deny = "a:b"}\n', "types or paths", True),
    "require-deny": (
        RULE + 'types = "scp"\nrequire = {resources = "*"}\n',
        "needs deny",
        True,
    ),
    "require-none": (RULE + 'types = "scp"\nrequire = []\n', "needs deny", True),
    "require-unless": (
        RULE + 'types = "scp"\nrequire = {deny = "a:b"}\nunless = {resources = "*"}\n',
        "unless needs forbid",
        True,
    ),
    "select-own": (
        'select = ["no-key"]\n' + RULE + 'forbid = {actions = "a:b"}\n',
        "unknown rule",
        False,
    ),
    "plugins-type": ('plugins = "a"\n', "list of names", True),
    "plugins-item": ("plugins = [1]\n", "plugins[0] must be a string", True),
    "plugins-unknown": ('plugins = ["not-there"]\n', "not installed", False),
    "severity-topic": ('[severity]\nstyle = "error"\n', "unknown rule", True),
    "entry-topic": ('[[ignore]]\nrule = "style"\nreason = "x"\n', "unknown rule", True),
    "entry-reason": ('[[ignore]]\nrule = "old-version"\n', "needs a reason", True),
    "entry-blank": ('[[ignore]]\nrule = "old-version"\nreason = " "\n', "needs a reason", True),
    "entry-rule": ('[[ignore]]\nrule = "x"\nreason = "x"\n', "unknown rule", True),
    "entry-key": ('[[ignore]]\nrule = "old-version"\nreason = "x"\ny = 1\n', "unknown key", True),
    "entry-sid": ('[[ignore]]\nrule = "old-version"\nreason = "x"\nsid = 1\n', "a string", True),
    "entry-action": (
        '[[ignore]]\nrule = "old-version"\nreason = "x"\naction = []\n',
        "a list of strings",
        True,
    ),
    "entry-date": (
        '[[ignore]]\nrule = "old-version"\nreason = "x"\nexpires = "2027-02-31"\n',
        "must be a date",
        True,
    ),
    "entry-time": (
        '[[ignore]]\nrule = "old-version"\nreason = "x"\nexpires = 2027-01-31T00:00:00\n',
        "must be a date",
        True,
    ),
}


def with_rules(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with the rules that there are; `x-taplo` is what editors of TOML show of them."""
    topics = {name: f"Rules about {what}." for name, what in TOPICS.items()}
    for name, more, left_out in (
        ("selected", {"ALL": "All rules.", **topics}, frozenset[str]()),
        ("notRun", topics, UNCHECKED),
        ("ignorable", {}, UNCHECKED),
    ):
        known = {id_: rule.summary for id_, rule in rules().items() if id_ not in left_out}
        known |= {
            former: f"Now called {id_}." for former, id_ in former_ids().items() if id_ in known
        }
        theirs = 'A finding type of parliament, for engine = "parliament".'
        known |= dict.fromkeys(sorted(parliament_types()), theirs)
        known |= more
        schema["$defs"][name] |= {
            "enum": list(known),
            "x-taplo": {"docs": {"enumValues": list(known.values())}},
        }
    return schema


def test_the_schema_knows_the_rules(update: bool) -> None:  # noqa: FBT001 - a fixture
    schema = with_rules(json.loads(SCHEMA.read_text(encoding="utf-8")))
    text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    if update:
        SCHEMA.write_text(text, encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == text


def test_the_schema_knows_the_keys() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert set(schema["properties"]) == set(KEYS)
    for name, keys in (
        ("ignoredFinding", ENTRY_KEYS),
        ("rules", RULE_KEYS),
        ("forbid", FORBID_KEYS),
        ("unless", UNLESS_KEYS),
        ("require", REQUIRE_KEYS),
    ):
        assert set(schema["$defs"][name]["properties"]) == set(keys)
        assert len(keys) <= 5 or name in {"ignoredFinding", "rules"}
    assert schema["$defs"]["written"]["enum"] == list(WRITTEN)


def test_editors_have_something_to_show_for_every_key() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert all({"title", "description"} <= set(entry) for entry in schema["properties"].values())


def checker(*arguments: str) -> subprocess.CompletedProcess[str]:
    interop("check_jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_schema_is_one() -> None:
    assert checker("--check-metaschema", str(SCHEMA)).returncode == 0


@pytest.mark.parametrize("name", VALID)
def test_the_reader_takes_what_is_right(name: str, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(VALID[name], encoding="utf-8")
    assert read_config(str(tmp_path / "x.toml")).folder == str(tmp_path.resolve())


@pytest.mark.parametrize("name", INVALID)
def test_the_reader_rejects_what_is_wrong(name: str, tmp_path: Path) -> None:
    content, message, _ = INVALID[name]
    (tmp_path / "x.toml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        read_config(str(tmp_path / "x.toml"))
    assert message in str(error.value)
    assert len(error.value.args) == 1


@pytest.mark.exhaustive
def test_a_checker_that_is_not_ours_says_what_the_reader_says(tmp_path: Path) -> None:
    for name, content in VALID.items():
        (tmp_path / f"{name}.toml").write_text(content, encoding="utf-8")
    for name, (content, _, _) in INVALID.items():
        (tmp_path / f"wrong-{name}.toml").write_text(content, encoding="utf-8")
    files = sorted(str(path) for path in tmp_path.iterdir())
    done = checker("--schemafile", str(SCHEMA), "--output-format", "json", *files)
    answer = json.loads(done.stdout)
    assert not answer["parse_errors"]
    rejected = {Path(error["filename"]).stem for error in answer["errors"]}
    assert rejected == {f"wrong-{name}" for name, (_, _, by_schema) in INVALID.items() if by_schema}
