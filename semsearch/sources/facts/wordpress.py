"""Reads what WordPress's REST interface says in a way of its own."""

from collections.abc import Mapping

from semsearch.sources.facts.lists import items

_EMBEDDED = "_embedded"
_TAXONOMIES = {"categories": "category", "tags": "post_tag"}


def with_embedded_names(record: Mapping[str, object]) -> Mapping[str, object]:
    """Return a post with the names of its author, categories and tags, which it has beside their ids if asked for."""
    embedded = record.get(_EMBEDDED)
    if not isinstance(embedded, Mapping):
        return record
    terms = [term for term in items(embedded.get("wp:term")) if isinstance(term, Mapping)]
    names: dict[str, object] = {"author": embedded.get("author")}
    for name, taxonomy in _TAXONOMIES.items():
        names[name] = [term.get("name") for term in terms if term.get("taxonomy") == taxonomy]
    return {**record, **{name: value for name, value in names.items() if value}}


def asks_for_password(value: object) -> bool:
    """Tell whether a text is only the form that asks for the password of a protected post."""
    return isinstance(value, Mapping) and value.get("protected") is True and "<form" in str(value.get("rendered"))
