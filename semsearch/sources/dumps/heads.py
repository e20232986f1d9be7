"""What a page says beside its title: when its article was published and changed, and by whom."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from semsearch.dates import parse_date
from semsearch.text import display_width
from semsearch.types import Date

_HEAD_COLUMNS = 120
"""A longer line is no date."""

_BESIDE_A_DATE = 45
"""Columns of other words in the line of a date that has no label."""

_LABEL_LENGTH = 25
"""Characters. A line that is shorter may be the label of a date in the next."""

_LONGEST_BYLINE = 300
"""Characters. A sentence that begins with "By" may be longer."""

_DATE_WORDS = 9
"""As many as a date with weekday, time and zone has."""

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
    """What a page says of its article beside the title."""

    published: Date | None = None
    updated: Date | None = None
    authors: tuple[str, ...] = ()


def read_head(lines: Sequence[str], above: Sequence[str] = ()) -> Head:
    """Return what the short lines between a title and its article say.

    Args:
        above: the lines right above the title; of these only a date with a label counts.
    """
    found = list(_dates(lines)) + [date for date in _dates(above) if date[0] is not None]
    published = [date for label, date in found if label is _PUBLISHED] or [date for label, date in found if not label]
    updated = [date for label, date in found if label is _UPDATED]
    return Head(next(iter(published), None), next(iter(updated), None), _authors(lines))


_Labelled = tuple[re.Pattern[str] | None, Date]


def _dates(lines: Sequence[str]) -> Iterator[_Labelled]:
    """Yield the days that lines name, each with what labels it: _PUBLISHED, _UPDATED or nothing."""
    pending = ""
    for line in lines:
        yield from _dates_of_line(line, pending)
        pending = f"{line} " if len(line) < _LABEL_LENGTH else ""


def _dates_of_line(line: str, pending: str) -> Iterator[_Labelled]:
    words = _BEFORE_A_DATE.sub(" ", line).split() if display_width(line) <= _HEAD_COLUMNS else []
    at = said = 0
    while at < len(words):
        end, date = _date_at(words, at)
        if date:
            before = pending + " ".join(words[said:at])
            label = next((label for label in (_UPDATED, _PUBLISHED) if label.search(before)), None)
            if label or display_width(line) - display_width(" ".join(words[at:end])) <= _BESIDE_A_DATE:
                yield label, date
            said, pending = end, ""
        at = end


def _date_at(words: Sequence[str], at: int) -> tuple[int, Date | None]:
    """Return the longest day that begins at a word, and where the words go on."""
    for end in range(min(len(words), at + _DATE_WORDS), at, -1):
        written = " ".join(words[at:end]).strip(" ,;|·•()[]–—-")
        date = parse_date(written) if not written.isdigit() else None
        if date and len(date.text) >= len("2024-05-03"):
            return end, date
    return at + 1, None


def _authors(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the first byline, or none where it holds anything else."""
    for at, line in enumerate(lines):
        byline = _BYLINE.match(line)
        if not byline:
            continue
        written = line[byline.end() :] or (lines[at + 1] if at + 1 < len(lines) else "")
        if len(written) > _LONGEST_BYLINE:
            continue
        ending = _BYLINE_END.search(written)
        names = _BETWEEN_NAMES.split(written[: ending.start()].strip() if ending else written.strip())
        if not _GLUED.search(written) and all(_NAME.fullmatch(name.strip(" .")) for name in names):
            return tuple(dict.fromkeys(name.strip(" .") for name in names))
    return ()
