"""Restores objects whose entries became columns of their own, as pandas writes them: `headline.main`."""

import re
from collections.abc import Mapping

from semsearch.sources.facts.fields import FIELDS, WRAPPERS, fold

_PATH = re.compile(r"(?P<object>[A-Za-z_]\w{0,60})\.(?P<entry>[A-Za-z_]\w{0,60})")
"""A number behind the dot, as in `title.1`, counts columns of one name."""

_KNOWN = frozenset(name for names in FIELDS.values() for name in names)


def with_objects(record: Mapping[str, object]) -> Mapping[str, object]:
    """Return a record with the objects of which it has entries, if their names are known and those of the columns not.

    Columns whose object has a column of its own stay as they are.
    """
    paths = {name: path for name in record if (path := _path(name)) and path["object"] not in record}
    if not paths:
        return record
    objects: dict[str, dict[str, object]] = {}
    for name, path in paths.items():
        if record[name] is not None:
            objects.setdefault(path["object"], {})[path["entry"]] = record[name]
    return {**{name: value for name, value in record.items() if name not in paths}, **objects}


def _path(name: str) -> re.Match[str] | None:
    path = _PATH.fullmatch(name)
    if not path or fold(name) in _KNOWN:
        return None
    return path if path["object"] in WRAPPERS or fold(path["object"]) in _KNOWN else None
