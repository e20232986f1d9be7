"""A page's title -> its headline: the outlet's name beside it is left out, and nothing else."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from semsearch.text import normalised

_SEPARATOR = re.compile(
    r" [-‐‑–—―•·»›~/:]{1,2} | ?(?:\|{1,2}|｜|::|－|：|_{1,2}|——) ?|(?<=[\u3040-\u30ff\u3400-\u9fff！？”』」）])[-—] ?"
)
_COLON = re.compile(r": ")

_MOST_CUTS = 3
"""Names are repeated: "Headline - Herald | The Coast Herald"."""

_LONGEST = 60
"""Characters of an outlet's name."""

_MOST_WORDS = 8

_ARTICLES = frozenset(("the", "der", "die", "das", "le", "la", "les", "el", "los", "il", "lo", "de", "het", "o", "a"))
_ADDED_WORDS = """
    news online com net org www uk us usa tv radio media digital live sport sports international newspaper website
    zeitung nachrichten actualités noticias notizie nieuws nyheter
"""
_ADDED = frozenset(_ADDED_WORDS.split())
"""What an outlet's name has or has not: "BBC", "BBC News"."""

_ADDED_CJK = re.compile(
    r"(?<=..)(?:新闻网|新聞網|新闻|新聞|网站|網站|在线|网|網|ニュース|オンライン|デジタル|電子版|뉴스)$"
)
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[a-z]{2,12}", re.IGNORECASE)
_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"))
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

_LEAST_INITIALS = 3
"""Letters: of two, too many other words are made."""


def without_outlet(title: str, names: Iterable[str | None]) -> str:
    """Return a title, on one line, without the outlet's name before or after it.

    Args:
        names: the publisher, its domain, the address's host, as far as they are known. What is cut is one of them or
            is written like it: without "The" or "News", by its initials, as its domain. Nothing else is cut, and never
            everything.
    """
    known = [name for name in names if name]
    for _ in range(_MOST_CUTS if known else 0):
        shorter = _without_one(title, known)
        if shorter == title:
            break
        title = shorter
    return title


def _without_one(title: str, names: Sequence[str]) -> str:
    separators = [found.span() for found in _SEPARATOR.finditer(title)]
    for start, end in reversed(separators[-2:]):  # a name may have a separator of its own
        if _is_named(title[end:], names) and _says_something(title[:start]):
            return title[:start].rstrip()
    for start, end in separators[:1]:
        if _is_named(title[:start], names) and _says_something(title[end:]):
            return title[end:].lstrip()
    colon = _COLON.search(title, 0, _LONGEST)
    # Before a colon stands who speaks, too: only the name itself is the outlet there, and no initials.
    if colon and _says_something(title[colon.end() :]):
        before = [words for form in _forms(title[: colon.start()]) if (words := _words(form))]
        if any(_words(form) in before for name in names for form in _forms(name)):
            return title[colon.end() :].lstrip()
    return title


def _says_something(rest: str) -> bool:
    return any(char.isalpha() for char in rest)


def _is_named(candidate: str, names: Sequence[str]) -> bool:
    return len(candidate) <= _LONGEST and any(
        _alike(candidate, own, other) for own in _forms(candidate) for name in names for other in _forms(name)
    )


def _alike(written: str, own: str, other: str) -> bool:
    """Whether what is written, in one of its forms, is the name in one of its own."""
    mine, yours = _words(own), _words(other)
    least = 2 if _DOMAIN.fullmatch(written) else _LEAST_INITIALS
    abbreviated = written.isupper() and written.isalpha() and _LEAST_INITIALS <= len(written) < len(other)
    return bool(mine and yours) and (
        _spells("".join(yours), mine)
        or _spells("".join(mine), yours, least)
        or (abbreviated and len(yours) == 1 and yours[0].startswith(mine[0]))  # "NYT" of "nytimes"
    )


def _forms(name: str) -> list[str]:
    """Return how a name may be written: a domain by its label, "bbc" of "www.bbc.co.uk", and without what was added."""
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
    """Return a name's words in small letters, without what stands before them only sometimes."""
    words = re.findall(r"[^\W_]+", name.casefold().replace("'", "").replace("’", ""))
    return words[1:] if len(words) > 1 and words[0] in _ARTICLES else words


def _spells(short: str, words: Sequence[str], least_initials: int | None = None) -> bool:
    """Whether letters are made of these words in order, each whole or by its initial: "nytimes" of "New York Times".

    Words that a name may lack are left out where they have to be.

    Args:
        least_initials: so many initials are enough without any whole word; None: they never are.
    """
    if len(words) > _MOST_WORDS:
        return False
    ends = {(0, False)}  # letters of `short` that are used, and whether a whole word is among them
    for word in words:
        further = {end for end in ends if word in _ADDED}
        for at, whole in ends:
            for form in _spellings(word):
                further |= {(at + len(form), True)} if short.startswith(form, at) else set()
                further |= {(at + 1, whole)} if short.startswith(form[0], at) else set()
        ends = further
    initials = least_initials is not None and len(short) >= least_initials
    return (len(short), True) in ends or (initials and (len(short), False) in ends)


def _spellings(word: str) -> set[str]:
    bare = "".join(char for char in normalised("NFKD", word) if not unicodedata.combining(char))
    return {word, bare, word.translate(_GERMAN)}
