"""Tells the tables of articles apart in what phpMyAdmin writes as JSON: a list of a header, databases and tables."""

from collections.abc import Mapping

from semsearch.sources.records.envelopes import looks_like_article

_TABLE = frozenset(("type", "name", "data"))


def refusal(record: Mapping[str, object]) -> str | None:
    """Return what a part of such a file is that holds no articles; None for a table of articles and other records."""
    if record.get("type") == "database" and record.keys() == {"type", "name"}:
        return f"the name of a database ({record['name']})"
    if not record.keys() >= _TABLE or record["type"] != "table" or not isinstance(record["data"], list):
        return None
    first_row = next(iter(record["data"]), None)
    if "comment" in str(record["name"]).lower():
        return f"a table of comments ({record['name']})"
    is_of_articles = isinstance(first_row, Mapping) and looks_like_article(first_row)
    return None if is_of_articles else f"a table without headlines and texts ({record['name']})"
