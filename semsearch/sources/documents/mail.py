"""Opens mail: each message is an article, and what is attached to it a file; a saved web page is a page."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from io import BytesIO
from typing import BinaryIO

from semsearch.dates import parse_date
from semsearch.ports import Member, Place
from semsearch.sources.charsets import codec, detected
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.markup.plain_text import strip_html
from semsearch.text import normalise_line
from semsearch.types import Article, Skipped

MOST_MESSAGE_BYTES = 64 * 2**20
_MOST_PARTS = 500
_MOST_HEADER = 10_000
_MOST_ADDRESS = 500
_MOST_HTML = 4 * 2**20
_SIGNATURE = "-- "
_PLAIN_SHARE = 0.5
"""Of the words of the part in HTML a plain part must have; shorter ones say that one's reader shows no HTML."""

_MESSAGE = "message/rfc822"
_UNNAMED = {_MESSAGE: "message.eml", "application/pdf": "attachment.pdf"}
"""What is attached without a name -> what it is called, so that it is known what it is."""

_BROKEN = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    RecursionError,
    OverflowError,
    MessageError,
)
"""What the standard library's parser of mail raises, whatever the bytes."""

_SAVED = re.compile(r"\W{0,3}saved by ", re.IGNORECASE)
"""The sender of a page that a browser saved."""

_FROM_LINE = re.compile(rb"From \S.{0,200}\d{4}\s*$")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)

Held = Iterator[Member | Article | Skipped]


def open_message(stream: BinaryIO, place: Place) -> Held:
    """Yield a message's text as an article, and what is attached to it; of a saved page the page."""
    yield from _message(stream.read(MOST_MESSAGE_BYTES + 1), place)


def open_mailbox(stream: BinaryIO, place: Place) -> Held:
    """Yield the messages of an mbox as they stream by, each with what is attached to it."""
    for number, raw in enumerate(_messages(stream), 1):
        yield from _message(raw, place, f"message {number}")


def _messages(stream: BinaryIO) -> Iterator[bytes]:
    lines: list[bytes] = []
    size = 0
    blank = True
    while line := stream.readline(MOST_MESSAGE_BYTES):
        if blank and line.startswith(b"From ") and _FROM_LINE.match(line[:300]):
            if size:
                yield _QUOTED_FROM.sub(rb"\1", b"".join(lines))
            lines, size = [], 0
        elif size <= MOST_MESSAGE_BYTES:
            lines.append(line)
            size += len(line)
        blank = not line.strip()
    if b"".join(lines).strip():
        yield _QUOTED_FROM.sub(rb"\1", b"".join(lines))


def _message(raw: bytes, place: Place, number: str = "") -> Held:
    origin = f"{place.origin}, {number}" if number else place.origin
    if len(raw) > MOST_MESSAGE_BYTES:
        yield Skipped(origin, f"a message of more than {MOST_MESSAGE_BYTES // 2**20} MiB")
        return
    if not raw.strip():
        return
    try:
        yield from _held(message_from_bytes(raw), place, number, origin)
    except _BROKEN as error:
        yield Skipped(origin, f"a damaged message ({type(error).__name__})")


def _held(message: Message, place: Place, number: str, origin: str) -> list[Member | Article | Skipped]:
    """Return what a message holds: the page that was saved in it, or its article and what is attached."""
    parts = _parts(message)
    if (page := _saved_page(message, parts, place)) is not None:
        return [page]
    article = _article(message, parts, place, origin)
    others = [part for part in parts if _is_attached(part)]
    names = Counter[str]()
    attached = [_attachment(part, names, place, number, origin) for part in others]
    of_messages = bool(others) and all(part.get_content_type() == _MESSAGE for part in others)
    is_cover = of_messages and not _text(parts).strip()  # of a digest, or of what was forwarded without a word
    return [*([article] if not is_cover and (isinstance(article, Article) or not attached) else []), *attached]


def _attachment(part: Message, names: Counter[str], place: Place, number: str, origin: str) -> Member:
    """Return what is attached, under a name of its own among those that were counted."""
    name = normalise_line(_decoded(part.get_filename() or "")) or _UNNAMED.get(part.get_content_type(), "attachment")
    names[name] += 1
    own = name if names[name] == 1 else f"{name} ({names[name]})"
    inner = replace(
        place,
        origin=f"{origin}/{own}",
        within=", ".join(filter(None, (place.within, number, f"attachment {own}"))),
        namespace="/".join(filter(None, (place.namespace, number, own))),
        file=place.file or place.origin,
    )
    return Member(name, BytesIO(_content(part)), inner)


def _parts(message: Message) -> list[Message]:
    """Return the parts that hold no others, without those of a message that is attached."""
    found: list[Message] = []
    waiting = [message]
    while waiting and len(found) < _MOST_PARTS:
        part = waiting.pop()
        content = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(content, list):
            waiting += reversed([one for one in content if isinstance(one, Message)])
        else:
            found.append(part)
    return found


def _saved_page(message: Message, parts: list[Message], place: Place) -> Member | None:
    """Return the page that a browser saved with all that belongs to it, None where it is a message."""
    saved = message.get("Snapshot-Content-Location") or _SAVED.match(str(message.get("From", "")))
    page = next((part for part in parts if part.get_content_type() in ("text/html", "application/xhtml+xml")), None)
    address = str(
        (page.get("Content-Location") if page is not None else None) or message.get("Snapshot-Content-Location") or ""
    )
    if page is None or not (
        saved or (message.get_content_type() == "multipart/related" and address.startswith("http"))
    ):
        return None
    written = parse_date(_date(message))
    inner = replace(
        place,
        address=address if address.startswith(("http://", "https://")) else None,
        charset=page.get_content_charset(),
        fetched=written.latest if written else place.fetched,
    )
    return Member("page.html", BytesIO(_content(page)), inner, "text/html")


def _article(message: Message, parts: list[Message], place: Place, origin: str) -> Article | Skipped:
    people = getaddresses([_header(message, "From")[:_MOST_ADDRESS]])
    name, address = people[0] if people else ("", "")
    date = _date(message)
    facts = Facts(
        title=_header(message, "Subject"),
        text=_text(parts),
        source_id=_header(message, "Message-ID").strip("<> ") or None,
        publisher=_header(message, "List-Id").partition("<")[0].strip(' "') or name or None,
        domain=address.rpartition("@")[2] or None,
        authors=(name,) if name and "@" not in name else (),
        published=parse_date(date) if date else None,
        written=date,
        tags={"from": (address,)} if address else {},
    )
    return article(facts, place, origin)


def _text(parts: list[Message]) -> str:
    """Return what a message says: its plain part, unless the one in HTML says much more."""
    shown = [part for part in parts if not _is_attached(part)]
    plain = "\n\n".join(_plain(part) for part in shown if part.get_content_type() == "text/plain").strip()
    page = "\n".join(_written(part)[:_MOST_HTML] for part in shown if part.get_content_type() == "text/html")
    if page:
        flat = strip_html(page)
        if len(plain.split()) < _PLAIN_SHARE * len(flat.split()):
            return flat
    return plain


def _is_attached(part: Message) -> bool:
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    own = part.get_content_type() in ("text/plain", "text/html")
    return (
        disposition.startswith("attachment")
        or (bool(part.get_filename()) and not own)
        or part.get_content_type() == _MESSAGE
    )


def _content(part: Message) -> bytes:
    content = part.get_payload()
    if isinstance(content, list):  # a message within
        return content[0].as_bytes() if content and isinstance(content[0], Message) else b""
    try:
        decoded = part.get_payload(decode=True)
    except _BROKEN:
        decoded = None
    return decoded if isinstance(decoded, bytes) else str(content).encode("utf-8", "replace")


def _written(part: Message) -> str:
    """Return the text of a part, in the charset that it names, else in UTF-8 or what its bytes look like."""
    raw = _content(part)
    try:
        named = codec(part.get_content_charset())
    except _BROKEN:
        named = None
    for charset in filter(None, (named, "utf-8")):
        with suppress(UnicodeDecodeError):
            return raw.decode(charset)
    return raw.decode(detected(raw), "replace")


def _plain(part: Message) -> str:
    """Return the text of a plain part, with the lines put together that were broken to be sent (RFC 3676)."""
    text = _written(part)
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    kept = -1 if str(part.get_param("delsp", "")).lower() == "yes" else None
    lines: list[list[str]] = []
    depth = None  # of quotation, of a line that goes on
    for line in text.splitlines():
        marks = len(line) - len(line.lstrip(">"))
        body = line[marks:].removeprefix(" ")
        goes_on = body.endswith(" ") and body != _SIGNATURE
        shown = body[:kept] if goes_on else body
        if depth == marks and body != _SIGNATURE:
            lines[-1].append(shown)
        else:
            lines.append([f"{'>' * marks} {shown}" if marks else shown])
        depth = marks if goes_on else None
    return "\n".join(map("".join, lines))


def _header(message: Message, name: str) -> str:
    """Return a header; one of bytes beyond ASCII, which are not allowed, in UTF-8, else as the text is, or seems."""
    written = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")[:_MOST_HEADER]
    raw = written.encode("utf-8", "surrogateescape")
    try:
        written = raw.decode()
    except UnicodeDecodeError:
        declared = (codec(part.get_content_charset()) for part in _parts(message))
        charset = next((name for name in declared if name not in (None, "utf-8")), None)
        written = raw.decode(charset or detected(raw), "replace")
    return _decoded(written)


def _decoded(written: str) -> str:
    """Return a header with its encoded words decoded; one that cannot be is left as it is written."""
    try:
        return normalise_line(str(make_header(decode_header(written))))
    except _BROKEN:
        return normalise_line(written)


def _date(message: Message) -> str:
    """Return when a message was sent, as ISO 8601 where it can be read."""
    written = _header(message, "Date")
    try:
        return parsedate_to_datetime(written).isoformat()
    except _BROKEN:
        return written
