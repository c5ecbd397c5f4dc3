"""The settings on the page of a rule."""

import pytest

from multitool_lint.diagnostics.rule import read_text, rules

PAGE = rules()["old-version"].page
TOPICS = 'topics = ["style"]\n'


def test_the_settings_of_a_page_are_read() -> None:
    entry = read_text(PAGE, "old-version")
    assert (entry["id"], entry["topics"]) == ("old-version", ["style"])
    page = PAGE.replace(TOPICS, f'{TOPICS}needs = ["Condition"]\n')
    assert read_text(page, "old-version")["needs"] == ["Condition"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("", 'old-version.md: the setting "topics" is missing'),
        ("topics = []\n", 'old-version.md: the setting "topics" is missing'),
        ('topics = ["styles"]\n', 'old-version.md:LINE: "styles" is not allowed in "topics"; exp'),
        ('topics = "style"\n', 'old-version.md:LINE: "topics" must be a list'),
        (f'needs = ["condition"]\n{TOPICS}', 'old-version.md:LINE: "condition" is not allowed in'),
        ('topics=["styles"]\n', 'old-version.md:LINE: "styles" is not allowed in "topics"; exp'),
        (f'needz = ["Condition"]\n{TOPICS}', 'old-version.md:LINE: "needz" is not a setting of a'),
    ],
)
def test_a_mistake_in_a_setting_is_reported_with_its_line(settings: str, message: str) -> None:
    line = PAGE[: PAGE.index(TOPICS)].count("\n") + 1
    with pytest.raises(ValueError, match="old-version") as error:
        read_text(PAGE.replace(TOPICS, settings), "old-version")
    assert str(error.value).startswith(message.replace("LINE", str(line)))
