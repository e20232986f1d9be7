"""Reads microformats, in which a page says by its classes what its entry's headline, author and date are.

See https://microformats.org/wiki/h-entry. Medium's exports and many personal sites have nothing else.
"""

from collections.abc import Iterator

from lxml.html import HtmlElement

_ENTRIES = "//*[contains(concat(' ', normalize-space(@class), ' '), ' h-entry ')]"
_MOST_ELEMENTS = 20_000
_ITEMS = frozenset(("h-entry", "h-card", "h-cite", "h-feed", "h-event", "h-review"))
_PROPERTIES = {
    "p-name": "headline", "p-author": "author", "dt-published": "datepublished", "dt-updated": "datemodified",
}  # fmt: skip
_ADDRESSES = frozenset(("p-canonical", "u-url"))


def entry_claims(root: HtmlElement) -> Iterator[tuple[str, HtmlElement]]:
    """Yield what the page's only entry has: microdata's name for it, or "canonical", and the element that says it."""
    entries = [entry for entry in root.xpath(_ENTRIES) if _item_around(entry) != "h-entry"]
    if len(entries) != 1:
        return
    for _, element in zip(range(_MOST_ELEMENTS), entries[0].iterdescendants(), strict=False):
        classes = set((element.get("class") or "").split())
        names = {_PROPERTIES[name] for name in classes & _PROPERTIES.keys()}
        if classes & _ADDRESSES and element.get("href") and not classes & _ITEMS:  # not its author's
            names.add("canonical")
        if names and _item_around(element) == "h-entry":
            yield from ((name, element) for name in names)


def _item_around(element: HtmlElement) -> str:
    """Return the kind of the item that an element belongs to, "" where it belongs to none."""
    for ancestor in element.iterancestors():
        if kinds := _ITEMS.intersection((ancestor.get("class") or "").split()):
            return min(kinds)
    return ""
