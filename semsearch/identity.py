"""Which records are the same article: canonical URLs, ids and digests. Changing a rule here raises VERSION."""

import hashlib
import json
import re
from dataclasses import replace
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode, urlsplit

from semsearch.types import Article, Metadata

VERSION = 1
"""Of the rules in this module. An index made with another version is refused for writing."""

ID_DIGITS = 20
"""Hexadecimal. 80 bits: among 10^9 articles a collision has a chance of 4 in 10^7."""

# Parameters that say how a reader came, never what is read.
TRACKING = re.compile(
    r"(utm_\w+|at_(medium|campaign|custom\d|link_\w+|format|ptr_name|bbc_team)|mc_[ce]id|pk_\w+|ns_\w+|_ga|_gl|"
    r"fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mkt_tok|ocid|cmpid|cmp|ito|smid|smtyp|"
    r"ref|ref_src|ref_url|guccounter|xtor|wt_mc|spm)",
    re.IGNORECASE,
)
DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical_url(url: str) -> str | None:
    """Return the one spelling of a web address that identity is built on, or None if it is not one.

    https for http; host in lower case, as IDNA, without `www.` and default port; no user, anchor, tracking
    parameters or trailing slash; parameters in order of name; percent-encoding only where it is needed.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in DEFAULT_PORTS or not host or "." not in host.strip("."):
        return None
    try:
        host = host.rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return None
    host = host.removeprefix("www.")
    if port not in (None, DEFAULT_PORTS[parts.scheme.lower()]):
        host = f"{host}:{port}"
    path = quote(unquote_to_bytes(parts.path.encode("utf-8", "surrogatepass")), safe="/:@!$&'()*+,;=-._~")
    path = re.sub(r"/{2,}", "/", path).rstrip("/")
    kept = sorted(
        (name, value)
        # Latin-1 carries any byte through unchanged, whatever encoding the site writes its addresses in.
        for name, value in parse_qsl(_ascii(parts.query), True, encoding="latin-1")
        if not TRACKING.fullmatch(name)
    )
    query = f"?{urlencode(kept, encoding='latin-1')}" if kept else ""
    # Some sites name the article after the #; an anchor within one is never written like this.
    fragment = f"#{_ascii(parts.fragment)}" if parts.fragment.startswith(("!", "/")) else ""
    return f"https://{host}{path}{query}{fragment}"


def _ascii(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="%&=+;/?:@!$'()*,-._~")


def url_id(url: str) -> str | None:
    """Return the id of the article at an address, or None if it is not a web address."""
    canonical = canonical_url(url)
    return None if canonical is None else _id("url", canonical)


def article_id(*, url: str | None, namespace: str, source_id: str | None, title: str, date: str, text: str) -> str:
    """Return the id of a record: by its own address, else the source's id in its namespace, else its content.

    Args:
        url: the article's own address, never a link to somebody else's article.
        namespace: whose `source_id` it is; where it is empty a bare source id proves nothing, and content decides.
        date: as written by the source; "" where there is none.
    """
    by_url = url_id(url) if url else None
    if by_url:
        return by_url
    if source_id and namespace:
        return _id("source", namespace.casefold(), source_id)
    return _id("content", title, date, text)


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint(article: Article) -> bytes:
    """Return 32 bytes that are equal exactly where two articles differ in nothing but the time of indexing."""
    metadata = replace(article.metadata, indexed=None).to_dict()
    content = json.dumps([metadata, article.text], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).digest()


def seal(metadata: Metadata, text: str, origin: str = "") -> Article:
    """Make an article whose `sha256` is its text's."""
    return Article(replace(metadata, sha256=text_digest(text)), text, origin)


def _id(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:ID_DIGITS]
