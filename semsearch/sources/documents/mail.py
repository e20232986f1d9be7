"""Opens mail: each message is an article, each attachment a file; a message of a saved web page is that page."""

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
"""Share of the HTML part's words that a plain part must have; a shorter one only says that HTML is not shown."""

_MESSAGE = "message/rfc822"
_UNNAMED = {_MESSAGE: "message.eml", "application/pdf": "attachment.pdf"}
"""Media types of attachments without a name -> names by which they are recognised."""

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
"""Errors that the standard library's mail parser raises, whatever the bytes."""

_SAVED = re.compile(r"\W{0,3}saved by ", re.IGNORECASE)
"""Sender of a page that a browser saved."""

_FROM_LINE = re.compile(rb"From \S.{0,200}\d{4}\s*$")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)

Contents = Iterator[Member | Article | Skipped]


def open_message(stream: BinaryIO, place: Place) -> Contents:
    """Yield a message's text as an article, and its attachments; of a saved page only the page."""
    yield from _read_message(stream.read(MOST_MESSAGE_BYTES + 1), place)


def open_mailbox(stream: BinaryIO, place: Place) -> Contents:
    """Yield the messages of an mbox, each with its attachments, while reading the stream."""
    for number, raw in enumerate(_split_mailbox(stream), 1):
        yield from _read_message(raw, place, f"message {number}")


def _split_mailbox(stream: BinaryIO) -> Iterator[bytes]:
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


def _read_message(raw: bytes, place: Place, number: str = "") -> Contents:
    origin = f"{place.origin}, {number}" if number else place.origin
    if len(raw) > MOST_MESSAGE_BYTES:
        yield Skipped(origin, f"a message of more than {MOST_MESSAGE_BYTES // 2**20} MiB")
        return
    if not raw.strip():
        return
    try:
        yield from _contents(message_from_bytes(raw), place, number, origin)
    except _BROKEN as error:
        yield Skipped(origin, f"a damaged message ({type(error).__name__})")


def _contents(message: Message, place: Place, number: str, origin: str) -> list[Member | Article | Skipped]:
    """Return the contents of a message: the page that was saved in it, or its article and attachments."""
    parts = _leaf_parts(message)
    if (page := _saved_page(message, parts, place)) is not None:
        return [page]
    article = _message_article(message, parts, place, origin)
    attached_parts = [part for part in parts if _is_attached(part)]
    names = Counter[str]()
    attachments = [_attachment(part, names, place, number, origin) for part in attached_parts]
    of_messages = bool(attached_parts) and all(part.get_content_type() == _MESSAGE for part in attached_parts)
    is_cover = of_messages and not _text(parts).strip()  # of a digest, or of messages forwarded without a word
    if is_cover or (attachments and isinstance(article, Skipped)):
        return [*attachments]
    return [article, *attachments]


def _attachment(part: Message, names: Counter[str], place: Place, number: str, origin: str) -> Member:
    """Return an attachment under a name that is unique among those counted in `names`."""
    default = _UNNAMED.get(part.get_content_type(), "attachment")
    name = normalise_line(_decode_header(part.get_filename() or "")) or default
    names[name] += 1
    unique_name = name if names[name] == 1 else f"{name} ({names[name]})"
    member_place = replace(
        place,
        origin=f"{origin}/{unique_name}",
        within=", ".join(filter(None, (place.within, number, f"attachment {unique_name}"))),
        namespace="/".join(filter(None, (place.namespace, number, unique_name))),
        file=place.file or place.origin,
    )
    return Member(name, BytesIO(_part_bytes(part)), member_place)


def _leaf_parts(message: Message) -> list[Message]:
    """Return the parts without parts of their own; attached messages are not opened."""
    leaves: list[Message] = []
    waiting = [message]
    while waiting and len(leaves) < _MOST_PARTS:
        part = waiting.pop()
        content = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(content, list):
            waiting += reversed([child for child in content if isinstance(child, Message)])
        else:
            leaves.append(part)
    return leaves


def _saved_page(message: Message, parts: list[Message], place: Place) -> Member | None:
    """Return the page that a browser saved as a message, None where it is an ordinary message."""
    page = next((part for part in parts if part.get_content_type() in ("text/html", "application/xhtml+xml")), None)
    if page is None:
        return None
    snapshot = message.get("Snapshot-Content-Location")
    address = str(page.get("Content-Location") or snapshot or "")
    is_bundle = message.get_content_type() == "multipart/related" and address.startswith("http")
    if not (snapshot or is_bundle or _SAVED.match(str(message.get("From", "")))):
        return None
    date = parse_date(_sent_date(message))
    page_place = replace(
        place,
        address=address if address.startswith(("http://", "https://")) else None,
        charset=page.get_content_charset(),
        fetched=date.latest if date else place.fetched,
    )
    return Member("page.html", BytesIO(_part_bytes(page)), page_place, "text/html")


def _message_article(message: Message, parts: list[Message], place: Place, origin: str) -> Article | Skipped:
    people = getaddresses([_header(message, "From")[:_MOST_ADDRESS]])
    name, address = people[0] if people else ("", "")
    date = _sent_date(message)
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
    """Return a message's text: of its plain part, unless the HTML part has much more."""
    shown_parts = [part for part in parts if not _is_attached(part)]
    plain = "\n\n".join(_plain_text(part) for part in shown_parts if part.get_content_type() == "text/plain").strip()
    page = "\n".join(_part_text(part)[:_MOST_HTML] for part in shown_parts if part.get_content_type() == "text/html")
    if page:
        flat = strip_html(page)
        if len(plain.split()) < _PLAIN_SHARE * len(flat.split()):
            return flat
    return plain


def _is_attached(part: Message) -> bool:
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    is_text = part.get_content_type() in ("text/plain", "text/html")
    return (
        disposition.startswith("attachment")
        or (bool(part.get_filename()) and not is_text)
        or part.get_content_type() == _MESSAGE
    )


def _part_bytes(part: Message) -> bytes:
    content = part.get_payload()
    if isinstance(content, list):  # a message within
        return content[0].as_bytes() if content and isinstance(content[0], Message) else b""
    try:
        decoded = part.get_payload(decode=True)
    except _BROKEN:
        decoded = None
    return decoded if isinstance(decoded, bytes) else str(content).encode("utf-8", "replace")


def _part_text(part: Message) -> str:
    """Return the text of a part, decoded as it declares, else as UTF-8, else as its bytes suggest."""
    raw = _part_bytes(part)
    try:
        declared = codec(part.get_content_charset())
    except _BROKEN:
        declared = None
    for charset in filter(None, (declared, "utf-8")):
        with suppress(UnicodeDecodeError):
            return raw.decode(charset)
    return raw.decode(detected(raw), "replace")


def _plain_text(part: Message) -> str:
    """Return the text of a plain part; lines that were broken for sending are rejoined (RFC 3676)."""
    text = _part_text(part)
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    end = -1 if str(part.get_param("delsp", "")).lower() == "yes" else None
    lines: list[list[str]] = []
    depth = None  # of quotation, of a line that is continued
    for line in text.splitlines():
        marks = len(line) - len(line.lstrip(">"))
        body = line[marks:].removeprefix(" ")
        is_continued = body.endswith(" ") and body != _SIGNATURE
        shown = body[:end] if is_continued else body
        if depth == marks and body != _SIGNATURE:
            lines[-1].append(shown)
        else:
            lines.append([f"{'>' * marks} {shown}" if marks else shown])
        depth = marks if is_continued else None
    return "\n".join(map("".join, lines))


def _header(message: Message, name: str) -> str:
    """Return a header; forbidden bytes beyond ASCII are read as UTF-8, else in the charset of the text or by guess."""
    header = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")[:_MOST_HEADER]
    raw = header.encode("utf-8", "surrogateescape")
    try:
        header = raw.decode()
    except UnicodeDecodeError:
        declared = (codec(part.get_content_charset()) for part in _leaf_parts(message))
        charset = next((name for name in declared if name not in (None, "utf-8")), None)
        header = raw.decode(charset or detected(raw), "replace")
    return _decode_header(header)


def _decode_header(header: str) -> str:
    """Return a header with its encoded words decoded, or as it is where they are broken."""
    try:
        return normalise_line(str(make_header(decode_header(header))))
    except _BROKEN:
        return normalise_line(header)


def _sent_date(message: Message) -> str:
    """Return the date of a message, as ISO 8601 where it can be read."""
    header = _header(message, "Date")
    try:
        return parsedate_to_datetime(header).isoformat()
    except _BROKEN:
        return header
