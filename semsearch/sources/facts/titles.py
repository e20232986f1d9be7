"""Cuts the outlet's name from the title of a page, and nothing else, so that the headline remains."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from semsearch.text import normalised

_SEPARATOR = re.compile(
    r" [-‐‑–—―•·»›~/:]{1,2} | ?(?:\|{1,2}|｜|::|－|：|_{1,2}|——) ?|(?<=[\u3040-\u30ff\u3400-\u9fff！？”』」）])[-—] ?"
)
_COLON = re.compile(r": ")

_MOST_CUTS = 3
"""Names may be repeated: "Headline - Herald | The Coast Herald"."""

_LONGEST = 60
"""Characters of an outlet's name."""

_MOST_WORDS = 8

_ARTICLES = frozenset(("the", "der", "die", "das", "le", "la", "les", "el", "los", "il", "lo", "de", "het", "o", "a"))
_ADDED_WORDS = """
    news online com net org www uk us usa tv radio media digital live sport sports international newspaper website
    zeitung nachrichten actualités noticias notizie nieuws nyheter
"""
_ADDED = frozenset(_ADDED_WORDS.split())
"""Words that an outlet's name may have or lack: "BBC", "BBC News"."""

_ADDED_CJK = re.compile(
    r"(?<=..)(?:新闻网|新聞網|新闻|新聞|网站|網站|在线|网|網|ニュース|オンライン|デジタル|電子版|뉴스)$"
)
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[a-z]{2,12}", re.IGNORECASE)
_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"))
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

_LEAST_INITIALS = 3
"""Letters of an abbreviation: two are the initials of too many other words."""


def without_outlet(title: str, names: Iterable[str | None]) -> str:
    """Return a title, on one line, without the outlet's name before or after it.

    Args:
        names: the publisher, its domain and the address's host, as far as they are known. Only one of them is cut, or
            a form of it: without "The" or "News", as initials, as its domain. Something of the title always remains.
    """
    known_names = [name for name in names if name]
    for _ in range(_MOST_CUTS if known_names else 0):
        shorter = _without_one_name(title, known_names)
        if shorter == title:
            break
        title = shorter
    return title


def _without_one_name(title: str, names: Sequence[str]) -> str:
    separators = [match.span() for match in _SEPARATOR.finditer(title)]
    for start, end in reversed(separators[-2:]):  # the name may contain a separator
        if _is_outlet(title[end:], names) and _says_something(title[:start]):
            return title[:start].rstrip()
    for start, end in separators[:1]:
        if _is_outlet(title[:start], names) and _says_something(title[end:]):
            return title[end:].lstrip()
    colon = _COLON.search(title, 0, _LONGEST)
    # Speakers stand before a colon, too: there only the full name is the outlet, not its initials.
    if colon and _says_something(title[colon.end() :]):
        speakers = [words for form in _forms(title[: colon.start()]) if (words := _words(form))]
        if any(_words(form) in speakers for name in names for form in _forms(name)):
            return title[colon.end() :].lstrip()
    return title


def _says_something(text: str) -> bool:
    return any(char.isalpha() for char in text)


def _is_outlet(candidate: str, names: Sequence[str]) -> bool:
    return len(candidate) <= _LONGEST and any(
        _names_same(candidate, form, name_form)
        for form in _forms(candidate)
        for name in names
        for name_form in _forms(name)
    )


def _names_same(candidate: str, form: str, name_form: str) -> bool:
    """Tell whether a candidate in one of its forms is the same as a name in one of the name's forms."""
    words, name_words = _words(form), _words(name_form)
    least_initials = 2 if _DOMAIN.fullmatch(candidate) else _LEAST_INITIALS
    abbreviated = candidate.isupper() and candidate.isalpha() and _LEAST_INITIALS <= len(candidate) < len(name_form)
    return bool(words and name_words) and (
        _spells("".join(name_words), words)
        or _spells("".join(words), name_words, least_initials)
        or (abbreviated and len(name_words) == 1 and name_words[0].startswith(words[0]))  # "NYT" of "nytimes"
    )


def _forms(name: str) -> list[str]:
    """Return the forms of a name: of a domain its label ("bbc" of "www.bbc.co.uk"), else the name without additions."""
    if _DOMAIN.fullmatch(name):
        labels = name.lower().split(".")[:-1]
        if len(labels) > 1 and labels[-1] in _SECOND_LEVEL:
            labels.pop()
        label = labels[-1].replace("-", " ")
        return [label, label.removeprefix("the")] if len(label) > len("the") + 2 else [label]
    forms = [name]
    while (shorter := _ADDED_CJK.sub("", forms[-1])) != forms[-1]:
        forms.append(shorter)
    return forms


def _words(name: str) -> list[str]:
    """Return the words of a name in small letters, without an article at its beginning."""
    words = re.findall(r"[^\W_]+", name.casefold().replace("'", "").replace("’", ""))
    return words[1:] if len(words) > 1 and words[0] in _ARTICLES else words


def _spells(short: str, words: Sequence[str], least_initials: int | None = None) -> bool:
    """Tell whether letters spell these words in order, in full or as initials: "nytimes" for "New York Times".

    Words that a name may lack are left out if necessary.

    Args:
        least_initials: this many initials are enough without any full word; None: they never are.
    """
    if len(words) > _MOST_WORDS:
        return False
    ends = {(0, False)}  # letters of `short` that are used, and whether a full word is among them
    for word in words:
        longer = {end for end in ends if word in _ADDED}
        for used, any_whole in ends:
            for form in _spellings(word):
                longer |= {(used + len(form), True)} if short.startswith(form, used) else set()
                longer |= {(used + 1, any_whole)} if short.startswith(form[0], used) else set()
        ends = longer
    initials = least_initials is not None and len(short) >= least_initials
    return (len(short), True) in ends or (initials and (len(short), False) in ends)


def _spellings(word: str) -> set[str]:
    bare = "".join(char for char in normalised("NFKD", word) if not unicodedata.combining(char))
    return {word, bare, word.translate(_GERMAN)}
