"""What in the texts of findings is code, and what leads somewhere."""

import pytest

from multitool_lint.diagnostics.rule import page_url
from multitool_lint.reporters.html.text import prose
from multitool_lint.reporters.prose import Piece, pieces

PATH = "https://pathfinding.cloud/paths/lambda-001"
AWS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/x.html#y"
OTHER = "https://example.com/x?y=1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("nothing but words", [Piece("nothing but words")]),
        ('"s3:*" is wide', [Piece('"s3:*"', is_code=True), Piece(" is wide")]),
        ("use `Bool`", [Piece("use "), Piece("Bool", is_code=True)]),
        (
            "or run: multitool-lint tighten 'a b.json'",
            [Piece("or run: "), Piece("multitool-lint tighten 'a b.json'", is_code=True)],
        ),
        ("paths lambda-001.", [Piece("paths "), Piece("lambda-001", url=PATH), Piece(".")]),
        (f"path: lambda-001 ({PATH})", [Piece("path: "), Piece("lambda-001", url=PATH)]),
        (
            f"path: lambda-001 ({AWS})",
            [
                Piece("path: "),
                Piece("lambda-001", url=PATH),
                Piece(" ("),
                Piece(AWS, url=AWS),
                Piece(")"),
            ],
        ),
        (
            "[public-access]",
            [Piece("["), Piece("public-access", url=page_url("public-access")), Piece("]")],
        ),
        ("a service-linked role", [Piece("a service-linked role")]),
        ("role/public-access/x", [Piece("role/public-access/x")]),
        (f"see {AWS}.", [Piece("see "), Piece(AWS, url=AWS), Piece(".")]),
        (f"see {OTHER})", [Piece("see "), Piece(OTHER, is_code=True, url=OTHER), Piece(")")]),
        (f'"{OTHER}"', [Piece(f'"{OTHER}"', is_code=True)]),
        ("s3://bucket/x", [Piece("s3://bucket/x", is_code=True)]),
        (
            "javascript://x%0aalert(1)",
            [Piece("javascript://x%0aalert(1", is_code=True), Piece(")")],
        ),
    ],
)
def test_the_pieces_of_a_text(text: str, expected: list[Piece]) -> None:
    assert list(pieces(text)) == expected


def test_on_a_page_every_address_is_a_link_and_nothing_is_markup() -> None:
    assert prose(f'{AWS}, {OTHER}&z=" <b> "a&b"') == (
        f'<a href="{AWS}" rel="noreferrer">{AWS}</a>, '
        f'<a href="{OTHER}&amp;z=" rel="noreferrer"><code>{OTHER}&amp;z=</code></a>'
        "<code>&#34; &lt;b&gt; &#34;</code>a&amp;b&#34;"
    )
