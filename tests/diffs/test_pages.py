"""Commands in the blocks of code of pages are compared, too."""

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diffs.sources import changes_of_sources
from multitool_lint.syntax.source import Source

ATTACH = "aws iam attach-role-policy --role-name r --policy-arn arn:aws:iam::aws:policy/%s"
READ, ADMIN = (ATTACH % f"{name}Access" for name in ("ReadOnly", "Administrator"))
BOUND = "aws iam put-role-permissions-boundary --role-name r --permissions-boundary arn:b"
POLICY = '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'


def page(command: str, tag: str = "sh") -> str:
    return f"# Set up\n\n```json\n{POLICY}\n```\n\n```{tag}\n{command}\n```\n"


@pytest.mark.parametrize(
    ("old", "new", "is_more"),
    [
        (page(READ), page(ADMIN), True),
        (page("ls"), page(READ), True),
        (page("ls", ""), page(READ, ""), True),
        (page(READ), page(f"ls\n{READ}  # a comment"), False),
        (page(READ), page("ls"), False),
        (page(ATTACH % "AWSDenyAll"), page("ls"), True),
        (page(BOUND), page("ls"), True),
        (page("ls", "python"), page(f"# {READ}", "python"), False),
        (page("ls"), page("ls") + f"\nRun `{READ}`.\n", False),
    ],
)
def test_commands_of_pages(old: str, new: str, *, is_more: bool) -> None:
    changes = changes_of_sources([Source("README.md", text) for text in (old, new)], bundled())
    assert any(change.gained or change.unknown for _, change in changes) is is_more
