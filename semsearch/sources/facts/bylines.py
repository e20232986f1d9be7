"""Divides bylines into names. What is not surely a list of names stays whole."""

import re
from collections.abc import Iterable

BY = re.compile(
    r"^(?:(?:written |reported |story |words |text |analysis |opinion |review |ein gastbeitrag |ein kommentar )?"
    r"(?:by|(?:von|par|por|di|door)(?=:|\s+(?-i:[^\W\d_a-zà-öø-ÿ])[^\s,]*\s+\S))(?::\s*|\s+)|"
    r"(?:quelle|source|text|texte|texto|autore?|author|auteur):\s*|"
    r"(?:文|記者|记者|作者|编辑|責任編輯|责任编辑|本报记者)[:：/]\s*|(?:本报)?(?:記者|记者)\s+|"
    r"(?:كتبت?|تحرير)\s?:\s*|(?:بقلم|מאת)(?:\s?:\s*|\s+))(?=\S)",
    re.IGNORECASE,
)
"""What stands before a name. Words that may also begin one, as in "Von Miller", "Di Zhang", "von der Leyen" and
"Di Maio, Luigi", must be followed by two words, the first with a capital letter."""

BETWEEN = re.compile(
    r"\s*[;|/·•、]\s*|,?\s+(?:and|und|with|mit|&)\s+(?=\w)|(?<=\S)\s+(?:et|y|e)\s+(?=\w\S*\s+(?!et\s|y\s|e\s)\w)|,\s*(?=[^\W\d_])",
    re.IGNORECASE,
)
"""What stands between two names. Words that may also be part of one ("Ortega y Gasset") separate two names only before
a name of two words."""

_LONGEST_BYLINE = 500
"""Characters; what is longer is no byline, and not divided."""

_SURELY_BETWEEN = re.compile(r"[;|、]")
_MAILBOX = re.compile(r"[^\s@]+@\S+ \((.+)\)")
_CONTACT = re.compile(
    r"[<(\[]?(?:(?:https?://|www\.)[^\s<>()\[\],;|]+"
    r"|(?<![^\s@<>()\[\],;|])[^\s@<>()\[\],;|]++@[^\s@<>()\[\],;|]+\.[^\W\d_]{2,})[>)\]]?"
)
"""An address of a person: one of the web, or of mail, also in brackets as behind the name of a mailbox."""

_PERSON = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){1,3}")
_SMALL_WORD = re.compile(r"\b(?:of|for|the|in|on|für|zur|zum|im|pour|para|per|sur|dans)\b")
"""Words that names of institutions have, and those of people do not."""

_AFFILIATION = re.compile(
    r"\b(?:reuters?|associated press|ap|afp|upi|bloomberg|press|news|agency|staff|editor|reporter|correspondent|writer|"
    r"columnist|contributor)\b",
    re.IGNORECASE,
)


def names_in(byline: str) -> list[str]:
    """Return the names in a byline, without addresses: two for "By Ada Fox and Ben Hill, Reuters"."""
    if len(byline) > _LONGEST_BYLINE:
        return [" ".join(byline.split())]
    if mailbox := _MAILBOX.fullmatch(byline):
        byline = mailbox[1]
    byline = _CONTACT.sub("", byline).strip()
    if not any(char.isalpha() for char in byline):
        return []
    lines = [BY.sub("", " ".join(line.split()), count=1) for line in byline.splitlines()]
    if len(lines) > 1 and (names := _people_in(lines)):
        return names
    parts = _SURELY_BETWEEN.split(BY.sub("", " ".join(byline.split()), count=1))
    names = [name for part in parts for name in _people_in(map(str.strip, BETWEEN.split(part))) or [part.strip(" ,")]]
    return [name for name in names if name]


def _people_in(pieces: Iterable[str]) -> list[str]:
    """Return the pieces that are names, without affiliations; nothing unless all of them surely are names of people."""
    names = [piece for piece in pieces if piece and not _AFFILIATION.search(piece)]
    in_small_letters = all(name.islower() for name in names)
    are_people = all(_is_person(name) and (in_small_letters or not name.islower()) for name in names)
    return names if are_people else []


def _is_person(name: str) -> bool:
    return bool(_PERSON.fullmatch(name)) and not _SMALL_WORD.search(name)
