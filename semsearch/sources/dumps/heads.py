"""Reads from the lines around a title when the article was published and changed, and who wrote it."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from semsearch.dates import parse_date
from semsearch.text import display_width
from semsearch.types import Date

_HEAD_COLUMNS = 120
"""A longer line is not a date."""

_BESIDE_A_DATE = 45
"""Most columns of other words in the line of a date without a label."""

_LABEL_LENGTH = 25
"""Characters; a shorter line may be the label of a date in the next line."""

_LONGEST_BYLINE = 300
"""Characters; a longer line is a sentence that begins with "By"."""

_DATE_WORDS = 9
"""Words of a date with weekday, time and time zone."""

_BEFORE_A_DATE = re.compile(r"(?<=[^\W\d_])\s*[:：]\s*(?=\d)|(?<=[^\W\d_])(?=(?:19|20)\d\d[-/.年])")
_UPDATED = re.compile(
    r"updated|modified|\bstand\b|aktualisiert|geändert|mis à jour|modifié|actualizado|aggiornato|atualizado|"
    r"обновлено|更新|修改|업데이트|수정",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"published|posted|\bdate\b|veröffentlicht|erstellt|\bdatum\b|publié|publicado|pubblicato|опубликовано|"
    r"发布|發布|发表|时间|時間|日期|公開|配信|掲載|입력|등록",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:(?:by|von|par|por|di|door)\b|(?:text|autor|author|автор|作者|记者|文)\s*[:：/｜|])\s*", re.IGNORECASE
)
_BYLINE_END = re.compile(
    r"[^\W\d_]{3,9}\.? \d{1,2},? \d{4}|\b(?:Twitter|Facebook|Staff|Reporter|Correspondent|Korrespondent|Redakt)|"
    r"\s[|·•–—-]|\d|[(;/]|,(?!.*(?:\band\b|\bund\b|\bet\b|\by\b|&))"
)
_GLUED = re.compile(r"[a-zß-ÿ]{3}[A-ZÀ-Þ]")
_BETWEEN_NAMES = re.compile(r"\s+(?:and|und|et|y|e|en|&)\s+|,\s+|、")
_NAME = re.compile(
    r"(?:[^\W\d_a-zß-ÿ][^\W\d_]*[\w.'’-]*|von|van|de|der|den|la|le|el|al|bin|da|dos|di)"
    r"(?: (?:[^\W\d_a-zß-ÿ][^\W\d_]*[\w.'’-]*|von|van|de|der|den|la|le|el|al|bin|da|dos|di)){1,4}|"
    r"[\u3400-\u9fff·]{2,8}"
)


class Head(NamedTuple):
    """Facts about an article that its page has beside the title."""

    published: Date | None = None
    updated: Date | None = None
    authors: tuple[str, ...] = ()


def read_head(lines: Sequence[str], above: Sequence[str] = ()) -> Head:
    """Return the dates and authors in the short lines between a title and its article.

    Args:
        above: the lines right above the title; only dates with a label count there.
    """
    dates = list(_dates(lines)) + [date for date in _dates(above) if date[0] is not None]
    published = [date for label, date in dates if label is _PUBLISHED] or [date for label, date in dates if not label]
    updated = [date for label, date in dates if label is _UPDATED]
    return Head(next(iter(published), None), next(iter(updated), None), _authors(lines))


_LabelledDate = tuple[re.Pattern[str] | None, Date]


def _dates(lines: Sequence[str]) -> Iterator[_LabelledDate]:
    """Yield the dates in lines, each with its label: _PUBLISHED, _UPDATED or None."""
    pending = ""
    for line in lines:
        yield from _dates_of_line(line, pending)
        pending = f"{line} " if len(line) < _LABEL_LENGTH else ""


def _dates_of_line(line: str, pending: str) -> Iterator[_LabelledDate]:
    words = _BEFORE_A_DATE.sub(" ", line).split() if display_width(line) <= _HEAD_COLUMNS else []
    start = label_start = 0
    while start < len(words):
        end, date = _date_from(words, start)
        if date:
            text_before = pending + " ".join(words[label_start:start])
            label = next((label for label in (_UPDATED, _PUBLISHED) if label.search(text_before)), None)
            if label or display_width(line) - display_width(" ".join(words[start:end])) <= _BESIDE_A_DATE:
                yield label, date
            label_start, pending = end, ""
        start = end


def _date_from(words: Sequence[str], start: int) -> tuple[int, Date | None]:
    """Return the index after the longest date that begins at a word, and the date; or the next index and None."""
    for end in range(min(len(words), start + _DATE_WORDS), start, -1):
        text = " ".join(words[start:end]).strip(" ,;|·•()[]–—-")
        date = parse_date(text) if not text.isdigit() else None
        if date and len(date.text) >= len("2024-05-03"):
            return end, date
    return start + 1, None


def _authors(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the names in the first byline that has nothing but names, or none."""
    for index, line in enumerate(lines):
        byline = _BYLINE.match(line)
        if not byline:
            continue
        names_text = line[byline.end() :] or (lines[index + 1] if index + 1 < len(lines) else "")
        if len(names_text) > _LONGEST_BYLINE:
            continue
        ending = _BYLINE_END.search(names_text)
        names = _BETWEEN_NAMES.split(names_text[: ending.start()].strip() if ending else names_text.strip())
        if not _GLUED.search(names_text) and all(_NAME.fullmatch(name.strip(" .")) for name in names):
            return tuple(dict.fromkeys(name.strip(" .") for name in names))
    return ()
