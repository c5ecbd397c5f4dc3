"""The build of the catalog."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multitool_lint.iam import facts
from multitool_lint.iam.catalog import bundled
from multitool_lint.iam.tables import read_text

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

import catalog_sources as sources
from catalog_merge import merge

if TYPE_CHECKING:
    import pytest

# Two actions, a resource type and two condition keys of AWS's own document on Amazon S3.
S3: dict[str, Any] = {
    "Name": "s3",
    "Actions": [
        {
            "Name": "AbortMultipartUpload",
            "ActionConditionKeys": ["s3:TlsVersion", "s3:authType"],
            "Annotations": {
                "Properties": {
                    "IsList": False,
                    "IsPermissionManagement": False,
                    "IsTaggingOnly": False,
                    "IsWrite": True,
                }
            },
            "Resources": [{"Name": "object"}],
        },
        {
            "Name": "GetBucketAcl",
            "Annotations": {
                "Properties": {
                    "IsList": False,
                    "IsPermissionManagement": False,
                    "IsTaggingOnly": False,
                    "IsWrite": False,
                }
            },
        },
    ],
    "ConditionKeys": [
        {"Name": "s3:TlsVersion", "Types": ["Numeric"]},
        {"Name": "s3:authType", "Types": ["String"]},
    ],
    "Resources": [
        {
            "Name": "object",
            "ARNFormats": ["arn:${Partition}:s3:::${BucketName}/${ObjectName}"],
            "ConditionKeys": ["s3:BucketTag/${TagKey}"],
        }
    ],
    "Version": "v1.3",
}


def source(date: str, *actions: facts.Action, complete: bool = True) -> sources.Source:
    services: dict[str, sources.ServiceFacts] = {}
    for action in actions:
        service = services.setdefault(action.prefix, sources.ServiceFacts(action.prefix.upper()))
        service.actions[action.name.partition(":")[2].lower()] = action
    return sources.Source(facts.Provenance(f"source of {date}", date), services, complete)


def action(name: str, **stated: Any) -> facts.Action:  # noqa: ANN401
    return facts.Action(name, name.partition(":")[0], frozenset({"Write"}), **stated)


def test_every_file_is_written_as_it_is_read() -> None:
    catalog = bundled()
    for prefix in catalog.prefixes:
        service = catalog.service(prefix)
        assert service is not None
        head = [prefix, service.name, *service.provenance]
        current, gone = service.actions[: service.current], service.actions[service.current :]
        lines = [
            "\t".join([*head, service.retired] if service.retired else head),
            facts.ACTIONS.rstrip(),
            *map(facts.write_action, current),
            facts.RETIRED.rstrip(),
            *map(facts.write_action, gone),
            facts.RESOURCES.rstrip(),
            *map(facts.write_resource_type, service.resource_types.values()),
            facts.KEYS.rstrip(),
            *map(facts.write_condition_key, service.condition_keys),
        ]
        assert read_text(catalog.directory, f"services/{prefix}.tsv").splitlines() == lines


def test_a_document_of_the_service_reference(tmp_path: Path) -> None:
    (tmp_path / "s3.json").write_text(json.dumps(S3), encoding="utf-8")
    read = sources.service_reference(tmp_path, "2026-10-01").services["s3"]
    assert read.actions["abortmultipartupload"] == facts.Action(
        "s3:AbortMultipartUpload",
        "s3",
        frozenset({"Write"}),
        (facts.ActionResource("object", required=False),),
        ("s3:TlsVersion", "s3:authType"),
    )
    assert read.actions["getbucketacl"].access_levels == {"Read"}
    assert read.resource_types["object"].condition_keys == ("s3:BucketTag/${TagKey}",)
    assert read.condition_keys["s3:tlsversion"].types == ("Numeric",)


def test_the_newest_source_wins() -> None:
    new = action("s3:GetObject", condition_keys=("s3:new",))
    old = action("s3:getobject", condition_keys=("s3:old",), dependent_actions=("kms:Decrypt",))
    [service] = merge([source("2026-02-02", new), source("2026-01-01", old)])
    assert service.current == [new._replace(dependent_actions=("kms:Decrypt",))]
    assert service.provenance.date == "2026-02-02"
    assert service.gone == []


def test_what_only_older_sources_have_is_retired() -> None:
    newest = source("2026-03-03", action("s3:A"))
    older = source("2026-02-02", action("s3:A"), action("s3:B"))
    oldest = source("2026-01-01", action("s3:B"), action("s3:C"), action("gone:D"))
    gone, s3 = merge([newest, older, oldest])
    assert [each.name for each in s3.current] == ["s3:A"]
    assert [(each.name, each.retired) for each in s3.gone] == [
        ("s3:B", "source of 2026-02-02"),
        ("s3:C", "source of 2026-01-01"),
    ]
    assert gone.retired
    assert gone.current == []


def test_a_source_of_some_services_retires_no_others() -> None:
    newest = source("2026-03-03", action("s3:A"), complete=False)
    complete = source("2026-02-02", action("sqs:B"), action("s3:A"))
    s3, sqs = merge([newest, complete])
    assert not s3.retired
    assert not sqs.retired


def test_the_service_reference_is_completed_from_other_sources() -> None:
    object_ = facts.ActionResource("object", required=True, condition_keys=("s3:a", "s3:gone"))
    old = action("s3:A", resource_types=(object_,), condition_keys=("s3:b",))
    bare = (facts.ActionResource("object", required=False),)
    new = action("s3:A", resource_types=bare, condition_keys=("s3:a", "s3:b", "s3:c"))
    [service] = merge([source("2026-02-02", new, complete=False), source("2026-01-01", old)])
    [merged] = service.current
    assert merged.resource_types == (facts.ActionResource("object", True, ("s3:a",)),)  # noqa: FBT003
    assert merged.condition_keys == ("s3:b", "s3:c")


def test_a_service_of_the_catalog_has_one_file(pytestconfig: pytest.Config) -> None:
    folder = pytestconfig.rootpath / "multitool_lint" / "iam" / "data" / "services"
    assert sorted(path.stem for path in folder.iterdir()) == list(bundled().prefixes)
