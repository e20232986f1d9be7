"""A text as the words by which it is compared, with what is known of each word where two texts differ."""

import re
import unicodedata
from functools import cached_property

from semsearch.text import normalised

READ_CHARACTERS = 1_000_000
"""How many characters of a text are read, from its beginning; a longer one is an archive and not an article."""

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u3040-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Characters of scripts without spaces between words, as ranges of a regular expression."""

_LETTER = rf"(?:[^\W_{UNSPACED}]|[\u0300-\u036f\u0900-\u0963\u0966-\u0dff])"  # or a digit
_WORD = re.compile(  # a character of an unspaced script; letters and digits with their marks, and marks within a number
    rf"[{UNSPACED}]|{_LETTER}++(?:(?<=\d)[.,:/-](?=\d){_LETTER}++)*+"
)
_ASCII_WORD = re.compile(r"[^\W_]++(?:(?<=\d)[.,:/-](?=\d)[^\W_]++)*+", re.ASCII)
"""The same for a text that has only ASCII letters, in less time."""
_OTHER_LETTER = re.compile(r"[^\W\x00-\x7f]|[\u0300-\u036f\u0900-\u0963\u0966-\u0dff]")

_UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
_APOSTROPHES = "'’‘ʼ`"
_CHINESE_NUMERALS = frozenset("〇零一二三四五六七八九十百千万亿两")
_NUMBERS = """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
    eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn
    neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert tausend
    million millionen milliarde milliarden billion billionen
    deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante cinquante
    soixante cent mille million millions milliard milliards
    dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho
    diecinueve veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa cien mil millón millones
    due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette
    diciotto diciannove venti trenta quaranta cinquanta milione milioni miliardo miliardi
    dois três quatro oito dez quinze dezesseis vinte trinta quarenta cinquenta milhão milhões bilhão bilhões
    twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien twintig dertig miljoen miljard
"""
_COUNTED = frozenset(_NUMBERS.split())
"""Numbers in letters, in languages of which there is much news."""

_CALENDAR = """
    monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
    januar februar märz april mai juni juli oktober dezember
    lundi mardi mercredi jeudi vendredi samedi dimanche
    janvier février mars avril juin juillet août septembre octobre novembre décembre
    lunes martes miércoles jueves viernes sábado domingo
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    lunedì martedì mercoledì giovedì venerdì sabato domenica
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
    segunda terça quarta quinta sexta janeiro fevereiro março maio junho julho setembro outubro dezembro
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag januari februari maart mei augustus
    понедельник вторник среду четверг пятницу субботу воскресенье
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
"""
_DAYS_AND_MONTHS = frozenset(_CALENDAR.split())

_ROMAN = re.compile(r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})")
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
_LINE = re.compile(r"[^\n]+")
_SENTENCE_BEGINS = re.compile(r"""[.!?…:\n"“”«»„‹›()\[\]*•–—-]""")

_DATE_LINE = re.compile(  # VELLMAR, May 3 (Agency) - …; 某某社北京5月3日电（记者 …）…; 本报讯（…）…
    r"[^\n.!?]{0,100}?\s(?:--?|–|—)\s"
    r"|[^\n。！？，,]{0,40}?\d{1,2}日(?:电|讯|消息|报道)[\s:：]*(?:[（(][^）)\n]{0,40}[）)])?"
    r"|[^\n。！？，,]{0,16}?讯[\s:：]*(?:[（(][^）)\n]{0,40}[）)])"
)
_BYLINE = re.compile(
    r"(?:by|von|par|por|di|door|av|reporting|editing|text|photo|foto)\b.{0,80}"
    r"|[（(\[【].{0,80}[)）\]】]"
    r"|(?:记者|作者|编辑|责任编辑|责编|来源|文|校对|审核)\s*[:：/丨|].{0,40}",
    re.IGNORECASE,
)
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\d+年|\d+月\d+日")
_DATE_WORDS = 7
"""Words and numbers that a line with nothing but a date has at most."""

_FRAMED_WORDS = 40
"""In a text of this many words a line may be nothing but the text's date."""

_OUTER_LINES = 3
"""Lines at either end of a text that may be a byline or a date."""


class Words:
    """The words of one text, in order: case, white space, punctuation and width are folded.

    A character of a script without spaces is a word, and so is a number with the marks inside it.
    """

    def __init__(self, text: str) -> None:
        text = text[:READ_CHARACTERS]
        if not text.isascii():
            text = _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), normalised("NFKC", text))
        for apostrophe in _APOSTROPHES:
            text = text.replace(apostrophe, "")
        self._text = text
        if text.isascii() or not _OTHER_LETTER.search("".join(set(text))):
            self._word = _ASCII_WORD
            self.words: list[str] = _ASCII_WORD.findall(text.lower())
        else:
            self._word = _WORD
            self.words = [word.casefold() for word in _WORD.findall(text)]

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def numbers(self) -> list[bool]:
        """Which words are numbers, perhaps with a unit; each Chinese numeral is one."""
        return [_is_number(word) if "0" <= word < ":" else word in _CHINESE_NUMERALS for word in self.words]

    def numbers_in(self, begin: int, end: int) -> list[str]:
        """Return those of the words [begin:end] that are numbers."""
        return [self.words[index] for index in range(begin, end) if self.numbers[index]]

    @cached_property
    def figures(self) -> frozenset[str]:
        """The different numbers that are written in digits alone."""
        with_digits = {word for word in self.words if "0" <= word < ":"}  # folding leaves no other digits
        return frozenset(word for word in with_digits if not any(map(str.isalpha, word)))

    @cached_property
    def unspaced(self) -> list[bool]:
        """Which words are characters of a script without spaces."""
        if not _UNSPACED_CHARACTER.search(self._text):
            return [False] * len(self.words)
        return [_UNSPACED_CHARACTER.match(word) is not None for word in self.words]

    def is_counted(self, index: int) -> bool:
        """Tell whether a word is a number, in digits or in letters."""
        return self.numbers[index] or self.words[index] in _COUNTED

    def is_of_few(self, index: int) -> bool:
        """Tell whether a word is of a small set (numbers, days, months, "VII"), whose likeness shows no damage."""
        return (
            self.is_counted(index)
            or self.words[index] in _DAYS_AND_MONTHS
            or _ROMAN.fullmatch(self._text[slice(*self._spans[index])]) is not None
        )

    def may_be_name(self, index: int) -> bool:
        """Tell whether a word may be a name: it is written as one, or its script does not tell."""
        first = self._text[self._spans[index][0]]
        if not first.isupper():
            return first.isalpha() and not first.islower()
        return self.words[index] not in self._in_lower_case or not self._begins_sentence(index)

    def is_framing(self, begin: int, end: int) -> bool:
        """Tell whether words [begin:end] belong to date lines and bylines, which say where, when and by whom."""
        return self._framing.issuperset(range(begin, end))

    def are_lines(self, begin: int, end: int) -> bool:
        """Tell whether words [begin:end], at least one, are whole lines."""
        starts = begin == 0 or "\n" in self._text[self._spans[begin - 1][1] : self._spans[begin][0]]
        return starts and (end == len(self.words) or "\n" in self._text[self._spans[end - 1][1] : self._spans[end][0]])

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return [match.span() for match in self._word.finditer(self._text)]

    @cached_property
    def _in_lower_case(self) -> frozenset[str]:
        return frozenset(word for word in self._word.findall(self._text) if word[0].islower())

    @cached_property
    def _framing(self) -> frozenset[int]:
        lines = [match.span() for match in _LINE.finditer(self._text)]
        first, last = (lines[:_OUTER_LINES], lines[-_OUTER_LINES:]) if len(lines) > 1 else ([], [])
        framing_spans = [span for span in {*first, *last} if _BYLINE.fullmatch(self._text[slice(*span)].strip())]
        if len(self.words) >= _FRAMED_WORDS:
            framing_spans += [span for span in first if _is_date(self._text[slice(*span)])]
        if date_line := _DATE_LINE.match(self._text):
            framing_spans.append(date_line.span())
        return frozenset(
            index
            for index, (begin, end) in enumerate(self._spans)
            if any(start <= begin and end <= stop for start, stop in framing_spans)
        )

    def _begins_sentence(self, index: int) -> bool:
        return (
            index == 0
            or _SENTENCE_BEGINS.search(self._text, self._spans[index - 1][1], self._spans[index][0]) is not None
        )


def _is_number(word: str) -> bool:
    """Tell whether a word that begins with a digit is a number, perhaps with a unit: "10pct", but not "7ine"."""
    return 2 * sum(map(str.isdecimal, word)) >= sum(map(str.isalpha, word))


def _is_date(line: str) -> bool:
    return _DATE.search(line) is not None and len(_WORD.findall(line)) <= _DATE_WORDS
