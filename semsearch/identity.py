"""Which records are the same article: canonical URLs, ids and digests. A changed rule raises VERSION."""

import hashlib
import json
import re
from dataclasses import replace
from functools import cache
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

from semsearch.addresses import parts
from semsearch.types import Article, Metadata

VERSION = 2
"""Version of the rules in this module. An index made with another version cannot be written to."""

ID_DIGITS = 20
"""Hexadecimal digits. They are 80 bits: among 10^9 articles a collision has a chance of 4 in 10^7."""

_MOST_ROUNDS = 8
"""Rounds of simplification. The AMP cache's copy of a page in the Web Archive takes four."""

# Parameters that tell where a reader came from, never what is read. Some are not listed because they choose the article
# on some sites: id, p, page, story, article, v, q, s, t, cid, sid, tid, mod, ncid, from, source, partner, feature.
_TRACKING = (
    r"utm_\w+|(?:hsa|itm|matomo|mtm)_\w+|(?:ga|ns|piwik|pk)_(?:campaign|cid|content|fee|keyword|kwd|linkname|mchannel|medium|"
    r"place|placement|source|term)|at_(?:medium|campaign|custom\d|link_\w+|format|ptr_name|bbc_team)|"
    r"_ga|_gac|_gl|gclsrc|gad_(?:source|campaignid)|[gd]clid|fbclid|[gw]braid|srsltid|msclkid|y[cms]clid|_openstat|twclid|"
    r"ttclid|tblci|dicbo|oborigurl|li_fat_id|trk|epik|rdt_cid|fb_(?:action_ids|action_types|source|ref)|mibextid|sfnsn|igsh|"
    r"igshid|_branch_(?:match_id|referrer)|scm|spm|spm_id_from|vd_source|share_?(?:from|medium|plat|session_id|source|tag|"
    r"token)|isappinstalled|mc_[ce]id|mkt_tok|_hs(?:enc|mi)|__hs(?:tc|sc|fp)|hsctatracking|_kx|vero_(?:id|conv)|"
    r"oly_(?:enc|anon)_id|elq\w*|dm_i|ml_subscriber(?:_hash)?|s_cid|s_kwcid|ef_id|wickedid|mkwid|pcrid|"
    r"sc_(?:campaign|channel|cmp|content|country|eh|geo|lid|llid|medium|outcome|publisher|src|uid)|ocid|cvid|d?cmp|cmpid|icid|"
    r"intcid|intcmp|int_cmp|itid|ito|smid|smprod|smtyp|sref|srnd|ref|ref_src|ref_url|referrer|reflink|soc_(?:src|trk)|"
    r"guccounter|guce_referrer(?:_sig)?|\.?tsrc|xtor|xtref|wt[._]z?mc(?:_\w+)?|ftag|ftcamp|wpisrc|wpmk|wpmm|feedname|feedtype|"
    r"taid|searchresultposition|unlocked_article_code|giftcopy|embedded-checkout|replytocom|phpsessid|jsessionid|"
    r"aspsessionid\w*|amp_(?:gsa|js_v|latest_update_time|r|tf)|ampshare|aoh|usqp"
)
_PERHAPS_A_CHOICE = frozenset(("ref", "trk"))
"""A number as the value of these may choose the article."""

_ANOTHER_FORM = {
    **dict.fromkeys(("amp", "print", "printable", "printer"), frozenset(("", "1", "true", "yes"))),
    **dict.fromkeys(("format", "output", "outputtype", "view"), frozenset(("amp", "amp-type", "print"))),
}
"""Parameters that ask for another form of the same article, with one of these values and with no other."""

_SCHEMES = ("http", "https")
_DEFAULT_PORTS = (None, 80, 443)

_OTHER_HOSTS = re.compile(r"(?:(?:amp|m|mobil|mobile|touch|wap|www)\.)+")
_NOBODYS = re.compile(r"[a-z0-9-]+|(?:ac|co|com|edu|gen|go|gob|gov|ltd|ne|net|nic|nom|or|org|plc|sch)\.[a-z]{2}")
"""Hosts that belong to no site, such as "com" and "co.uk"."""

_WRAPPER = re.compile(
    r"(?:(?:web\.)?archive\.org/web/[0-9]{1,14}(?:[a-z]{2}_)?|(?:[a-z0-9-]+\.)?cdn\.ampproject\.org/(?:c|v|wp)(?:/s)?|"
    r"google(?:\.com?)?\.[a-z]{2,3}/amp(?:/s)?)/(?:https?:/)?(?=[^/:]+\.[^/])",
    re.IGNORECASE,
)
_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;]*", re.IGNORECASE)
_INDEX = re.compile(r"(?:index|default)\.(?:html?|php|aspx?|jsp|shtml|cfm)|", re.IGNORECASE)
_AMP = frozenset(("amp", "amphtml"))
_FORMS = frozenset((*_AMP, "amp.html", "print"))
_AMP_ENDING = re.compile(r"(?<=[^/])\.amp(?=(?:\.html?)?$)", re.IGNORECASE)


def canonical_url(url: str) -> str | None:
    """Return the one spelling of a web address that identity is based on, or None if it is not a web address.

    https for http; host in lower case, as IDNA, without `www.`, mobile host and default port; no user, anchor, session,
    tracking parameters, `index.html` or trailing slash; the page itself for its AMP or print version, and for the copy
    that the Web Archive or an AMP cache keeps of it; parameters in order of name; percent-encoding only where it is
    needed. A canonical address stays as it is.
    """
    spelling = url.strip()
    for _ in range(_MOST_ROUNDS):
        simpler = _simplified_url(spelling)
        if simpler is None or simpler == spelling:
            return simpler
        spelling = simpler  # one rule may have made room for another
    return None


def _simplified_url(url: str) -> str | None:
    try:
        address = parts(url)
        host, port = address.hostname, address.port
    except ValueError:
        return None
    if address.scheme.lower() not in _SCHEMES or not host or "." not in host.strip("."):
        return None
    try:
        host = _site_host(host.rstrip(".").encode("idna").decode("ascii"))
    except UnicodeError:
        return None
    if port not in _DEFAULT_PORTS:
        host = f"{host}:{port}"
    path = quote(unquote_to_bytes(address.path.encode("utf-8", "surrogatepass")), safe="/:@!$&'()*+,;=-._~")
    path = re.sub(r"/{2,}", "/", path)
    query = _query(address.query)
    fragment = _ascii(address.fragment).partition(":~:")[0]
    # Some sites name the article after the #; an anchor within an article is never written like this.
    anchor = f"#{fragment}" if fragment.startswith(("!", "/")) else ""
    if wrapper := _WRAPPER.match(host + path):
        return f"https://{(host + path)[wrapper.end() :]}{query}{anchor}"
    return f"https://{host}{_page_path(path)}{query}{anchor}"


def _site_host(host: str) -> str:
    """Return a host without labels that name another form of the same site, as long as a site's name remains."""
    prefix = _OTHER_HOSTS.match(host)
    while prefix and _NOBODYS.fullmatch(host, prefix.end()):
        prefix = _OTHER_HOSTS.match(host, 0, prefix.end() - 1)  # one label fewer
    return host[prefix.end() :] if prefix else host


def _page_path(path: str) -> str:
    """Return a path without the session, another form of the same page, or the index page of a folder."""
    steps = _SESSION.sub("", path).split("/")  # the first is empty
    while len(steps) > 1 and (_INDEX.fullmatch(steps[-1]) or (len(steps) > 2 and steps[-1].lower() in _FORMS)):
        steps.pop()
    steps[-1] = _AMP_ENDING.sub("", steps[-1])
    index = next((index for index, step in enumerate(steps[:-1]) if step.lower() in _AMP), 0)
    # A folder named "amp" may be about amplifiers: a number alone is not enough to identify the article.
    if index and ("-" in steps[-1] or (index == 1 and len(steps) > 3)):
        del steps[index]
    return "/".join(steps)


def _query(raw: str) -> str:
    parameters = sorted(
        (name, value)
        # Latin-1 carries any byte through unchanged, whatever encoding the site writes its addresses in.
        for name, value in parse_qsl(_ascii(raw).replace("&amp;", "&"), True, encoding="latin-1")
        if not _tracks(name, value) and value.lower() not in _ANOTHER_FORM.get(name.lower(), ())
    )
    return f"?{urlencode(parameters, encoding='latin-1')}" if parameters else ""


@cache
def _tracking() -> re.Pattern[str]:
    return re.compile(_TRACKING, re.IGNORECASE)


def _tracks(name: str, value: str) -> bool:
    chooses = name.lower() in _PERHAPS_A_CHOICE and value.isdigit()
    return not chooses and _tracking().fullmatch(name) is not None


def _ascii(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="%&=+;/?:@!$'()*,-._~")


def url_id(url: str) -> str | None:
    """Return the id of the article at an address, or None for anything but a web address, and for a whole site's."""
    canonical = canonical_url(url)
    if canonical is None or not re.search("[/?#]", canonical.removeprefix("https://")):
        return None
    return _id("url", canonical)


def article_id(*, url: str | None, namespace: str, source_id: str | None, title: str, date: str, text: str) -> str:
    """Return the id of a record: by its own address, else the source's id in its namespace, else its content.

    Args:
        url: the article's own address, never a link to another article.
        namespace: that `source_id` belongs to; if it is "", a bare source id proves nothing, and content decides.
        date: as written by the source; "" if there is none.
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
    """Return 32 bytes that are equal if two articles say the same, whenever and wherever they were read."""
    stated = replace(article.metadata, indexed=None).to_dict()
    metadata = {name: value for name, value in stated.items() if name not in ("origin", "place")}
    content = json.dumps([metadata, article.text], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).digest()


def seal(metadata: Metadata, text: str, origin: str = "") -> Article:
    """Return an article whose `sha256` is that of its text."""
    return Article(replace(metadata, sha256=text_digest(text)), text, origin)


def _id(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:ID_DIGITS]
