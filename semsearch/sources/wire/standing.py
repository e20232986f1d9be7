"""What a sender says of whether an item may be used, and what kind of item it is -> why it is no article."""

_WITHDRAWN = frozenset(("canceled", "cancelled", "withheld", "killed"))

_NO_TEXT = {
    "picture": "a picture", "photo": "a picture", "graphic": "a graphic", "video": "a video", "audio": "a sound",
    "animation": "an animation", "event": "an event", "planning": "a plan of coverage",
    "newscoverage": "a plan of coverage",
    "component": "a part of an item", "package": "a package of other items", "concept": "a concept",
    "composite": "a package of other items",
}  # fmt: skip


def withdrawn(status: str) -> str | None:
    """Return why an item of a status is no article, or None where it may be one."""
    name = bare(status)
    return f"withdrawn by its source ({name})" if name in _WITHDRAWN else None


def other_kind(kind: str) -> str | None:
    """Return what an item is that has no text of its own, or None for a text."""
    return _NO_TEXT.get(bare(kind))


def bare(code: str) -> str:
    """Return "usable" for "stat:usable" and "http://cv.iptc.org/newscodes/pubstatusg2/usable"."""
    return code.strip().rpartition("/")[2].rpartition(":")[2].casefold()
