"""AWS's pages on the API operations that are actions, by which AWS documents an action."""

from __future__ import annotations

from multitool_lint.aws.catalog.tables import Rows, bundled_table

PAGES = "operation_pages.tsv"
SITE = "https://docs.aws.amazon.com/"


def operation_page(action: str) -> str:
    """The address of AWS's page on the API operation of a current action, spelled as AWS does.

    "" where AWS's service authorization reference links the action to no such page.
    """
    prefix, _, name = action.partition(":")
    for form, listed in _pages().get(prefix, ()):
        names = listed.split()
        renamed = next((item for item in names if item.startswith(f"{name}=")), "")
        if renamed or name in names or (names[0] == "*" and f"!{name}" not in names):
            return SITE + form.format(renamed.partition("=")[2] or name)
    return ""


@bundled_table(PAGES)
def _pages(rows: Rows) -> dict[str, list[tuple[str, str]]]:
    pages: dict[str, list[tuple[str, str]]] = {}
    for prefix, form, *listed in rows:
        pages.setdefault(prefix, []).append((form, "".join(listed)))
    return pages
