"""The picture of the text output shows what the command prints."""

import re

import pictures

PICTURE = pictures.IMAGES / "text.svg"


def test_the_picture_is_current(update: bool) -> None:  # noqa: FBT001 - a fixture
    drawn = pictures.text_svg(pictures.COMMAND)
    assert not re.search("\033|&lt;stdin", drawn)
    assert drawn.count("<text ") > 20
    if update:
        PICTURE.write_text(drawn, encoding="utf-8")
    assert PICTURE.read_text(encoding="utf-8") == drawn
