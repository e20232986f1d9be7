"""Tells messages of Telegram's and Discord's exports apart from what else stands among them, and names their fields."""

from collections.abc import Mapping

_TELEGRAM = frozenset(("id", "type", "date", "text", "text_entities"))
_DISCORD = frozenset(("id", "type", "timestamp", "timestampEdited", "content", "author"))
_WRITTEN_BY_PEOPLE = ("Default", "Reply")
_TURN = frozenset(("role", "content"))
_ROLES = ("system", "user", "assistant", "tool", "developer")


def message(record: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return a message under the usual names of fields; None for any other record."""
    if record.keys() >= _TELEGRAM:
        rest = {name: value for name, value in record.items() if name not in ("text_entities", "from", "edited")}
        return {
            **rest,
            "text": _telegram_text(record["text"]),
            "author": record.get("from"),
            "updated": record.get("edited"),
        }
    if record.keys() >= _DISCORD:
        names = {"timestamp": "date", "timestampEdited": "updated"}
        return {names.get(name, name): value for name, value in record.items()}
    return None


def refusal(record: Mapping[str, object]) -> str | None:
    """Return why a record is a part of a conversation and no article; None if it may be one."""
    if record.keys() >= _TELEGRAM and record["type"] != "message":
        return f"a note about the chat itself ({record['type']}), no article"
    if record.keys() >= _DISCORD and record["type"] not in _WRITTEN_BY_PEOPLE:
        return f"a note about the chat itself ({record['type']}), no article"
    if record.keys() == _TURN and record["role"] in _ROLES:
        return f"what was said in a conversation ({record['role']}), no article"
    return None


def _telegram_text(text: object) -> object:
    """Return a text that is divided where its style changes as one."""
    if not isinstance(text, list):
        return text
    pieces = (piece.get("text") if isinstance(piece, Mapping) else piece for piece in text)
    return "".join(piece for piece in pieces if isinstance(piece, str))
