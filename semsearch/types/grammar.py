"""The query language: reads phrases, exclusions, operators and plain words from what a person types."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from semsearch.text import without_invisible
from semsearch.types.filters import NAME_FILTERS

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_HEBREW_ABBREVIATION = re.compile('(?<=[א-ת])"(?=[א-ת](?![א-ת]))')
"""With a quotation mark in the place of the Hebrew sign ״, which keyboards lack."""

_UNSPACED = r"\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff"
_LETTER = rf"[^\W{_UNSPACED}]"
"""A letter of a script with spaces between words: a mark that touches one on the wrong side is part of it (5")."""

_MARKS = re.compile(r"[\"“”„«»「」『』]")
_OPENING = re.compile(r"[\"“„«「『]|[”»](?=\S)")  # at the beginning of a word; a lone » is an arrow
_CLOSING = {
    '"': re.compile(rf'”|"(?!{_LETTER})'),
    "“": re.compile(rf'”|["“](?!{_LETTER})'),
    "”": re.compile(rf'”|"(?!{_LETTER})'),  # Swedish and Finnish
    "„": re.compile(rf'”|["“](?!{_LETTER})'),
    "«": re.compile("»"),
    "»": re.compile("«"),  # Danish, and German books
    "「": re.compile("」"),
    "『": re.compile("』"),
}
_PLAIN_END = re.compile(rf"\s|(?<!{_LETTER})(?:\"(?=\S)|“)|[„«「『]")

_HEAD = re.compile(r"[(\[{]*")
_TAIL = re.compile(r"[^\w\s\"“”„«»「」『』(\[{]*")
"""What may follow a closing mark; without letters, so that it cannot become an operator."""

_WORD = re.compile(r"\S*")
_TAG_KEY = re.compile(r"[^\s=\"“”„«»「」『』]+=(?=[\"“”„«»「『])")

_FIELDS = {operator: by_name.field for by_name in NAME_FILTERS for operator in by_name.operators} | {
    name: name for name in ("tag", "since", "until")
}
"""Operator -> the condition that it sets."""

_OPERATOR = re.compile(f"({'|'.join(_FIELDS)})[:：]", re.ASCII | re.IGNORECASE)

_OPTION = re.compile(f"--({'|'.join(_FIELDS)})(?![^=])", re.ASCII)
"""An option of the command line, typed within the quotation marks of the query."""

_EQUALS = re.compile(f"({'|'.join(name for name in _FIELDS if name != 'tag')})=(?=\\w)", re.ASCII | re.IGNORECASE)
_IN_PROSE = ("source", "outlet")
"""Operators that also stand in prose, with a space behind the colon."""

_YEAR = r"(?:1[6-9]|20)\d\d"
_MONTH = r"(?!\w*day\b|now\b)[^\W\d_]{3,12}\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th|\.)?"
_DATE_OF_WORDS = re.compile(
    rf" ?(?:(?:{_DAY} (?:of )?)?{_MONTH},? {_YEAR}|{_MONTH} {_DAY},? {_YEAR}|(?:last|past|this) (?:week|month|year)"
    rf"|{_YEAR}-\d\d-\d\d \d\d:\d\d(?::\d\d)?)(?![\w-])",
    re.IGNORECASE,
)
"""A date that is clearly one although it has spaces, or one behind the colon."""
_DATE_BEHIND_A_SPACE = re.compile(rf" (?={_YEAR}\b|\d{{1,3}}[hdwmy]\b|(?:yester|to)day\b)", re.ASCII | re.IGNORECASE)

_AFTER_A_DATE = re.compile(r"[,;)\]}]*")

_CONDITIONS = "publisher:, author:, section:, language:, tag:KEY=VALUE, since: or until:"
_ELSEWHERE = {
    "before": "until:, which includes the day, month or year it names",
    "after": "since:, which begins with the day, month or year it names",
    **dict.fromkeys(("site", "domain", "pub", "publication", "newspaper"), "publisher:, which takes a domain too"),
    **dict.fromkeys(("by", "byline", "au", "from"), "author:, or publisher:"),
    **dict.fromkeys(("category", "topic", "desk", "rubric"), "section:, or tag:KEY=VALUE"),
    **dict.fromkeys(("origin", "file"), "the option --origin"),
    **dict.fromkeys(("in", "is", "has", "to", "type", "country", "company", "subject"), _CONDITIONS),
}
"""Other tools' operators. Their `before:` excludes the day that it names, so it cannot be read as `until:`."""
_FOREIGN = re.compile(rf"({'|'.join(_ELSEWHERE)}):(?=[\w\"“„«])", re.ASCII | re.IGNORECASE)
_DATES = ("date", "year", "pubdate")
_PART_OF_AN_ARTICLE = re.compile(
    r"((?:all)?in(?:title|text|url|body)|title|ti|headline|hd|hlead|lead|abstract|ab|body|text|content|url|link|filetype"
    rf"|atleast\d+|{'|'.join(_DATES)})(?:[:=](?=[\w\"“„«(\[{{])|(?=\((?:\w{{4}}|\w+\ |[\"“„«])))",
    re.ASCII | re.IGNORECASE,
)
"""Also in other tools' spelling: hd=word, TITLE(word); but not headline(s)."""
_SIGNS = re.compile(r"(?<=\w\w)(?:\*|(?<=[a-z]{3})\$|~\d?|\^\d+(?:\.\d+)?)++(?!\w)")
_WILDCARD = re.compile(r"[^\W\d]\*|\*[^\W\d]")
_ONE_LETTER = re.compile(r"[^\W\d]+\?[^\W\d]+")
_FIRST_SIGN = re.compile(r"[+!~](?=[^\W\d])")
_EITHER = re.compile(r"\w\|\w")
_EXPRESSION = re.compile(r"/\S*[*+?\\|\]]\S*/")
_YEARS = re.compile(r"\d{4}\.\.\d{4}")
_MINUS = "-\u2010\u2011\u2212\ufe63\uff0d"
"""The minus, and the signs that keyboards and word processors put in its place; a dash is not one of them."""
_DASHES = re.compile("[–—]|--")
_DASHED = re.compile(r"(?:[–—]|--)[^\W\d][^\s–—]*(?!\S)")
_BEFORE_A_WORD = re.compile(r"[#@](?=[^\W\d])")
_SINGLE_QUOTED = re.compile(r"['‘’]([^\W\d][^'‘’]*)['’]")
_NEAR = re.compile(
    r"(?:near|within|pre|w|n|p|adj)?/(?:\d{1,3}|[sp])|(?:ADJ|NEAR)\d*|(?:AROUND|NEAR)\(\d+\)", re.ASCII | re.IGNORECASE
)
_LONGEST_RANGE = 90
_RANGE = re.compile(r"[\[{][^\s\[{]{1,40} TO [^\s\]}]{1,40}[\]}]")
_SIGNED = {
    **dict.fromkeys("*?$", "no sign stands for letters, but a word is found in all of its forms"),
    "|": "any of the words is enough to be found",
    "/": "regular expressions are searched as words",
    "~": "words are searched as they are written; where nothing has one, the nearest is suggested",
    "^": "every word weighs as much as it is rare",
    "+": 'more of the words is better; write "word" for what every article must have',
    "!": "write -word for what no article may contain",
}
_CAPITALS = {
    "AND": "as it stands, more of the words is better",
    "&&": "as it stands, more of the words is better",
    "OR": "any of the words is enough to be found",
    "||": "any of the words is enough to be found",
    "NOT": "write -word for what no article may contain",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """The parts of a typed query. Values are on one line, without double quotation marks."""

    text: str  # what is searched by meaning and by words, with the words of phrases; "" if there is nothing to search
    phrases: tuple[str, ...] = ()  # that articles have to contain word for word, in the order of `text`
    excluded: tuple[str, ...] = ()  # words and phrases that articles must not contain
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # field of `Filters` -> names, none empty
    tags: tuple[tuple[str, str], ...] = ()
    since: str | None = None  # as written: bounds.py reads or refuses it
    until: str | None = None
    notices: tuple[str, ...] = ()  # one sentence for each kind of thing that was not read as typed


def parse(text: str) -> Typed:
    """Read a query. Every text is valid: what only looks like syntax is searched as plain words."""
    words = _HEBREW_ABBREVIATION.sub("״", without_invisible(_CONTROL.sub(" ", text))).split()
    source = " ".join(words)
    shouting = " ".join(word for word in words if word not in _CAPITALS).isupper()
    lone_dash = len(_DASHES.findall(source)) == 1
    reader = _QueryReader(source, shouting, lone_dash)
    while reader.position < len(source):
        reader.step()
    return reader.typed()


def unparse(typed: Typed) -> str:
    """Write a query in its canonical form, which `parse` reads as the same again, except for notices."""
    parts = [_quote_phrases(typed.text, typed.phrases)]
    parts += [f"-{_quoted_if_needed(words, safe=_is_plain_exclusion(words))}" for words in typed.excluded]
    for by_name in NAME_FILTERS:
        parts += [f"{by_name.singular}:{_quoted_if_needed(value)}" for value in typed.names.get(by_name.field, ())]
    parts += [f"tag:{_quoted_if_needed(f'{key}={value}')}" for key, value in typed.tags]
    parts += [f"since:{_quoted_if_needed(typed.since)}"] if typed.since is not None else []
    parts += [f"until:{_quoted_if_needed(typed.until)}"] if typed.until is not None else []
    return " ".join(part for part in parts if part)


@dataclass(slots=True)
class _QueryReader:
    """Reads a query in one pass from left to right."""

    source: str  # single spaces
    shouting: bool  # it is all in capitals, so that AND is a plain word
    lone_dash: bool  # there is one dash, perhaps meant as a minus; two dashes enclose something
    position: int = 0
    words: list[str] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)  # by condition, as in `_FIELDS`
    tags: list[tuple[str, str]] = field(default_factory=list)
    notices: dict[str, str] = field(default_factory=dict)  # by kind, so that each kind is reported once
    unpaired: set[str] = field(default_factory=set)  # opening marks that no later mark closes

    def step(self) -> None:
        """Read the next part. It begins where a word may begin: at the start, after a space, bracket or quotation."""
        if self.source[self.position] == " ":
            self.position += 1
            return
        start = _match_end(_HEAD, self.source, self.position)
        if not (self._read_exclusion(start) or self._read_operator(start) or self._read_phrase(start)):
            self._read_plain(start)

    def typed(self) -> Typed:
        """Return what was read so far."""
        text = " ".join(self.words)
        names = {
            by_name.field: tuple(dict.fromkeys(self.values[by_name.field]))
            for by_name in NAME_FILTERS
            if by_name.field in self.values
        }
        return Typed(
            text=text if _has_letters(text) else "",
            phrases=tuple(self.phrases),
            excluded=tuple(dict.fromkeys(self.excluded)),
            names=names,
            tags=tuple(dict.fromkeys(self.tags)),
            since=self._last_value("since"),
            until=self._last_value("until"),
            notices=tuple(self.notices.values()),
        )

    def _last_value(self, name: str) -> str | None:
        values = self.values.get(name)
        if not values:
            return None
        if len(values) > 1:
            self.notices[name] = f"{name}: is written more than once; only the last counts: {values[-1]}."
        return values[-1]

    def _read_exclusion(self, start: int) -> bool:
        """Read -word or -"phrase"; return whether that is what begins here. The same goes for the next two readers."""
        if self.source[start : start + 1] not in tuple(_MINUS):
            return False
        start = _match_end(_BEFORE_A_WORD, self.source, start + 1)
        if _OPENING.match(self.source, start):
            words = self._read_quotation(start) or ""
            if _has_letters(words):
                self.excluded.append(words)
            elif _has_pictures(words):
                self._notice_picture(words)
            return True
        if _has_pictures(self.source[start : start + 1]):
            self._notice_picture(self.source[start : _match_end(_WORD, self.source, start)])
        if self.source[start : start + 1] == "(":
            self.notices["-("] = '-( excludes nothing: write - before each word, or before "several words".'
        if match := _SINGLE_QUOTED.match(self.source, start):
            self.notices["-'"] = f"-'…' excludes nothing: write -\"{match[1]}\"."
        if self.source[start : start + 1].isdigit():
            self._notice_number(start)
            return False
        if not self.source[start : start + 1].isalpha():
            return False
        foreign = _PART_OF_AN_ARTICLE.match(self.source, start) or _FOREIGN.match(self.source, start)
        if named_value := self._read_named_value(start):
            self._notice_left_out(named_value[0])
            return True
        if foreign:
            self._notice_left_out(foreign[1].lower())
            if _OPENING.match(self.source, foreign.end()):
                self._read_quotation(foreign.end())
            else:
                self.position = _match_end(_WORD, self.source, start)
            return True
        self.position = _match_end(_WORD, self.source, start)
        word = _trimmed(self.source[start : self.position])
        if sign := _SIGNS.search(word):
            self._notice_sign(sign[0][0])
        if _is_like_option(word):
            self.notices.setdefault("option", f"-{word} excludes “{word}”; options stand outside the query.")
        self.excluded.append(_SIGNS.sub("", word))
        return True

    def _notice_left_out(self, name: str) -> None:
        self.notices["-" + name] = f"-{name}: was left out: only words and phrases can be excluded."

    def _notice_picture(self, pictures: str) -> None:
        self.notices["picture"] = f"-{pictures} excludes nothing: only words can be excluded."

    def _notice_number(self, start: int) -> None:
        if "number" not in self.notices:
            number = _trimmed(self.source[start : _match_end(_WORD, self.source, start)])
            self.notices["number"] = f'-{number} was taken for a number; write -"{number}" to exclude it.'

    def _read_operator(self, start: int) -> bool:
        named_value = self._read_named_value(start)
        if named_value is None:
            return False
        name, value = named_value
        if not _has_letters(value):
            self.notices[f"{name}:"] = f"{name}: was left out: no value follows it."
        elif name == "tag":
            self._add_tag(value)
        else:
            self.values.setdefault(_FIELDS[name], []).append(value)
        return True

    def _add_tag(self, pair: str) -> None:
        key, _, value = (part.strip() for part in pair.partition("="))
        if key and value:
            self.tags.append((key, value))
        else:
            self.notices.setdefault("tag", f"tag:{pair} was left out: a tag is written tag:KEY=VALUE.")

    def _read_named_value(self, start: int) -> tuple[str, str] | None:
        """Read NAME:VALUE and return both, the value "" if it is empty or not closed; None if there is no operator."""
        match = _OPERATOR.match(self.source, start)
        if not match:
            return None
        name, position = match[1].lower(), match.end()
        if name == "tag":
            position = _match_end(_TAG_KEY, self.source, position)
        elif name in ("since", "until"):
            if date := _DATE_OF_WORDS.match(self.source, position):
                self.position = _match_end(_AFTER_A_DATE, self.source, date.end())
                return name, date[0].strip()
            position = _match_end(_DATE_BEHIND_A_SPACE, self.source, position)
        if _OPENING.match(self.source, position):
            key = self.source[match.end() : position]
            return name, key + (self._read_quotation(position) or "")
        end = _match_end(_WORD, self.source, position)
        value = _trimmed(self.source[position:end])
        if not _has_letters(value):
            return None
        self.position = end
        return name, value

    def _read_phrase(self, start: int) -> bool:
        if not _OPENING.match(self.source, start):
            return False
        head = self.source[self.position : start]
        phrase = self._read_quotation(start, keep_tail=True)
        if phrase is not None:
            tail_start, self.position = self.position, _match_end(_TAIL, self.source, self.position)
            if _has_letters(phrase):
                self.phrases.append(phrase)
                tail = self.source[tail_start : self.position]
                self.words.append(head + phrase + tail)
                if tail == "~" and self.source[self.position : self.position + 1].isdigit():
                    self._notice_sign("~")
        return True

    def _read_quotation(self, opening: int, *, keep_tail: bool = False) -> str | None:
        """Read from an opening mark to its closing mark; without that, read only the opening mark and return None."""
        mark = self.source[opening]
        closing = None if mark in self.unpaired else _CLOSING[mark].search(self.source, opening + 1)
        if closing is None:
            self.unpaired.add(mark)
            self.position = opening + 1
            self.notices["unpaired"] = "A quotation mark without a partner was ignored; what follows it is no phrase."
            return None
        self.position = closing.end() if keep_tail else _match_end(_TAIL, self.source, closing.end())
        return _without_marks(self.source[opening + 1 : closing.start()])

    def _read_plain(self, start: int) -> None:
        stop = _PLAIN_END.search(self.source, start)
        end = stop.start() if stop else len(self.source)
        word = self.source[self.position : end]
        if word in _CAPITALS and self._reads_as_operator(word, end):
            self.notices.setdefault(word, f"{word} is searched as a word: {_CAPITALS[word]}.")
            if "(" in self.source:
                self.notices.setdefault("(", "Parentheses group nothing here: there is nothing to group.")
        elif match := _FOREIGN.match(word):
            name = match[1].lower()
            self.notices.setdefault(name, f"{name}: is searched as a word; write {_ELSEWHERE[name]}.")
        elif match := self._misplaced_operator(word, end):
            name = match[1].lower()
            self.notices.setdefault(name, f"{name} is searched as a word: write {name}:VALUE, without a space.")
        elif match := _OPTION.match(word):
            name = match[0]
            self.notices.setdefault(name, f"{name} is searched as a word: within a query write {match[1]}:.")
        else:
            word = self._without_foreign_signs(word, end)
        if word:
            self.words.append(word)
        self.position = end

    def _misplaced_operator(self, word: str, end: int) -> re.Match[str] | None:
        """Return the operator that a word looks like, with a space around its colon or with an equals sign."""
        if match := _EQUALS.match(word):
            return match
        if word.startswith(":") and _has_letters(word) and self.words:
            return _OPERATOR.fullmatch(f"{self.words[-1]}:")
        match = _OPERATOR.fullmatch(word)
        following = self.source[end + 1 : _match_end(_WORD, self.source, end + 1)]
        return match if match and _has_letters(following) and match[1].lower() not in _IN_PROSE else None

    def _without_foreign_signs(self, word: str, end: int) -> str:
        """Report other tools' operators, and return the plain word that is searched instead."""
        if asks_for_nearness(word) and self._reads_as_operator(word, end):
            self.notices.setdefault(
                "near", f'{word} is searched as a word: write "…" for words that stand one after the other.'
            )
            return word
        if ("[" in word or "{" in word) and _RANGE.search(self.source, self.position, end + _LONGEST_RANGE):
            self.notices.setdefault("range", "[… TO …] is searched as words; write since: and until: for dates.")
        plain = word
        if match := _PART_OF_AN_ARTICLE.match(self.source, self.position):
            name = match[1].lower()
            advice = "write since: and until:" if name in _DATES else "every word is looked for in headline and text"
            self.notices.setdefault(name, f"{name}: is no operator here: {advice}.")
            plain = plain[len(match[0]) :]
        if match := _FIRST_SIGN.match(plain):
            sign = match[0]
            self._notice_sign(sign)
            plain = plain[1:] if sign in "+~" else plain
        if self.lone_dash and _DASHED.fullmatch(plain):
            bare = plain.lstrip("–—-")
            self.notices.setdefault("–", f"{plain} was taken for a dash and a word; write -{bare} to exclude it.")
        if _YEARS.fullmatch(plain):
            self.notices.setdefault("range", f"{plain} is searched as words; write since: and until: for dates.")
        if _EXPRESSION.fullmatch(plain):
            self._notice_sign("/")
        elif _EITHER.search(plain):
            self._notice_sign("|")
        for match in _SIGNS.finditer(plain):
            self._notice_sign(match[0][0])
        if _WILDCARD.search(plain):
            self._notice_sign("*")
        elif _ONE_LETTER.fullmatch(plain):
            self._notice_sign("?")
        plain = _SIGNS.sub("", plain)
        # Without the signs, the word may read as one of our operators, which nobody typed.
        return plain if not plain or _reads_as_plain(plain) else word

    def _notice_sign(self, sign: str) -> None:
        self.notices.setdefault(sign, f"{sign} is no operator here: {_SIGNED[sign]}.")

    def _reads_as_operator(self, word: str, end: int) -> bool:
        between = end < len(self.source) and (word == "NOT" or bool(self.words))
        return between and not self.shouting


def _match_end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def asks_for_nearness(word: str) -> bool:
    """Tell whether a word is another tool's operator for words near each other, such as NEAR/5, w/3 or ADJ."""
    return _NEAR.fullmatch(word) is not None and ("/" in word or word.isupper())


def _reads_as_plain(word: str) -> bool:
    """Tell whether a word, typed by itself, is read as a plain word."""
    start = _match_end(_HEAD, word, 0)
    foreign = _PART_OF_AN_ARTICLE.match(word) or (_FIRST_SIGN.match(word) and word.startswith(("+", "~")))
    return not (word.startswith(tuple(_MINUS), start) or _OPERATOR.match(word, start) or _MARKS.search(word) or foreign)


def _is_plain_exclusion(words: str) -> bool:
    return words[0].isalpha() and not _OPERATOR.match(words) and not _is_like_option(words)


def _is_like_option(word: str) -> bool:
    return len(word) == 1 and word.isascii()


def _has_letters(text: str) -> bool:
    """Tell whether a text has a letter or a digit, and so something to search for."""
    return any(char.isalnum() for char in text)


def _has_pictures(text: str) -> bool:
    """Tell whether a text has an emoji or the like, which is not a word."""
    return any(unicodedata.category(char) == "So" for char in text)


def _without_marks(text: str) -> str:
    return " ".join(_MARKS.sub(" ", text).split())


def _trimmed(word: str) -> str:
    """Cut off the end that belongs to the sentence around a value: commas, semicolons, brackets opened before it."""
    word = _without_marks(word)
    unopened = {closing: word.count(closing) - word.count(opening) for opening, closing in ("()", "[]", "{}")}
    end = len(word)
    while end and (word[end - 1] in " ,;" or unopened.get(word[end - 1], 0) > 0):
        end -= 1
        if word[end] in unopened:
            unopened[word[end]] -= 1
    return word[:end]


def _quoted_if_needed(value: str, *, safe: bool = True) -> str:
    needs_none = safe and value[:1].isalnum() and " " not in value and _trimmed(value) == value
    return value if needs_none else f'"{value}"'


def _quote_phrases(text: str, phrases: tuple[str, ...]) -> str:
    """Put the quotation marks back, around the first place where each phrase may have been typed."""
    quoted_text, copied_to, position = "", 0, 0
    for phrase in phrases:
        while (start := text.find(phrase, position)) >= 0:
            word = text.rfind(" ", 0, start) + 1
            tail = start + len(phrase)
            end = _match_end(_TAIL, text, tail)
            if _match_end(_HEAD, text, word) >= start and text[end : end + 1] in ("", " "):
                quoted_text += f'{text[copied_to:start]}"{phrase}"{text[tail:end]}'
                copied_to = position = end
                break
            position = (text.find(" ", start) + 1) or len(text)
    return quoted_text + text[copied_to:]
