"""What in the texts of findings is code, and what leads somewhere."""

import pytest

from multitool_lint.diagnostics.rule import page_url
from multitool_lint.reporters.html.text import prose
from multitool_lint.reporters.prose import ProsePiece, pieces

PATH = "https://pathfinding.cloud/paths/lambda-001"
AWS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/x.html#y"
OTHER = "https://example.com/x?y=1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("nothing but words", [ProsePiece("nothing but words")]),
        ('"s3:*" is wide', [ProsePiece('"s3:*"', is_code=True), ProsePiece(" is wide")]),
        ("use `Bool`", [ProsePiece("use "), ProsePiece("Bool", is_code=True)]),
        (
            "or run: multitool-lint tighten 'a b.json'",
            [ProsePiece("or run: "), ProsePiece("multitool-lint tighten 'a b.json'", is_code=True)],
        ),
        (
            "paths lambda-001.",
            [ProsePiece("paths "), ProsePiece("lambda-001", url=PATH), ProsePiece(".")],
        ),
        (f"path: lambda-001 ({PATH})", [ProsePiece("path: "), ProsePiece("lambda-001", url=PATH)]),
        (
            f"path: lambda-001 ({AWS})",
            [
                ProsePiece("path: "),
                ProsePiece("lambda-001", url=PATH),
                ProsePiece(" ("),
                ProsePiece(AWS, url=AWS),
                ProsePiece(")"),
            ],
        ),
        (
            "[public-access]",
            [
                ProsePiece("["),
                ProsePiece("public-access", url=page_url("public-access")),
                ProsePiece("]"),
            ],
        ),
        ("a service-linked role", [ProsePiece("a service-linked role")]),
        ("role/public-access/x", [ProsePiece("role/public-access/x")]),
        (f"see {AWS}.", [ProsePiece("see "), ProsePiece(AWS, url=AWS), ProsePiece(".")]),
        (
            f"see {OTHER})",
            [ProsePiece("see "), ProsePiece(OTHER, is_code=True, url=OTHER), ProsePiece(")")],
        ),
        (f'"{OTHER}"', [ProsePiece(f'"{OTHER}"', is_code=True)]),
        ("s3://bucket/x", [ProsePiece("s3://bucket/x", is_code=True)]),
        (
            "javascript://x%0aalert(1)",
            [ProsePiece("javascript://x%0aalert(1", is_code=True), ProsePiece(")")],
        ),
    ],
)
def test_the_pieces_of_a_text(text: str, expected: list[ProsePiece]) -> None:
    assert list(pieces(text)) == expected


def test_on_a_page_every_address_is_a_link_and_nothing_is_markup() -> None:
    assert prose(f'{AWS}, {OTHER}&z=" <b> "a&b"') == (
        f'<a href="{AWS}" rel="noreferrer">{AWS}</a>, '
        f'<a href="{OTHER}&amp;z=" rel="noreferrer"><code>{OTHER}&amp;z=</code></a>'
        "<code>&#34; &lt;b&gt; &#34;</code>a&amp;b&#34;"
    )
