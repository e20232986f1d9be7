"""Recognises, by their words, lines within an article that are not part of it: labels, legal notes, appeals."""

import re
from collections.abc import Sequence

from semsearch.sources.web.sentences import is_sentence

_CLUTTER = re.compile(
    r"""
    ^(?:©|\(c\)\s|copyright\s(?:©|\(c\)|[0-9]{4})|all\ rights\ reserved|alle\ rechte\ vorbehalten|tous\ droits\ rés)
    |^(?:quellen?|sources?|fuentes?|sendung|foto|photo|bild|image|credit|picture)\s?:.{0,100}$
    |^(?:related|recommended|trending|advertisement|anzeige|werbung|(?:also|see)\ read|(?:read|see)\ also)
     (?:\s\w+){0,2}\s?(?::.*)?$
    |^(?:externer?\ inhalt|empfohlener\ (?:redaktioneller|externer)\ inhalt)\b.{0,60}$
    |^ein\ klick\ für\ den\ datenschutz|^an\ dieser\ stelle\ finden\ sie\b.{0,100}\binhalt
    |privatsphäre-?einstellungen\ (?:verhindern|ändern)|externe\ inhalte?\ (?:angezeigt|anzeigen|aktivieren)
    |externer\ inhalt\ angezeigt|damit\ (?:können|werden)\ personenbezogene\ daten\ an\ dritt
    |^(?:lesen\ sie|lies)\s(?:hier|auch|dazu|mehr)\b.{0,200}$|^mehr\s(?:dazu|zum\ thema)\b.{0,100}$
    |^(?:read|see|watch)\s(?:more|next)\s?(?:[:>|].{0,200})?$|^(?:click|tap)\shere\b.{0,200}$
    |^(?:story|article)\ continues\ below
    |^(?:sign\ up|subscribe)\s(?:for|to|now|here|today)\b.{0,200}$|^(?:follow|join)\ us\ on\b.{0,100}$
    |^reporting\ by\ (?-i:[A-Z])(?:.{0,80}[^.]$|.*\b(?:editing|writing)\ by\b)
    |^(?:our\ standards:|dieses\ thema\ im\ programm\s?:|link\ zum\ [\w-]{2,20}-inhalt$)
    |^.{0,80}\b(?:sign\ up|subscribe|abonnier\w*|anmeld\w*|inbox|postfach)\b.{0,80}\bnewsletter\b.{0,80}$
    |^.{0,80}\bnewsletters?\b.{0,80}\b(?:sign\ up|subscribe|abonnier\w*|anmeld\w*|informiert\ sie|inbox|postfach)\b
     .{0,80}$
    |^.{0,60}\b(?:article|content|post|story)\b.{0,60}\bexclusively\ (?:to|for)\ .{0,40}subscribers
    |redaktionell\ nicht\ bearbeitet
    |^.{0,60}(?:会員限定|有料会員|有料記事|会員登録|ログイン|リンク先をご覧).{0,60}$
    |^関連(?:キーワード|記事)|^おすすめ(?:情報|記事)|^完了しました$|をフォローする$
    |^(?:相关(?:阅读|新闻|推荐)|延伸阅读|责任编辑|責任編輯|版权(?:所有|声明))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ELSEWHERE = re.compile(
    r"""
    ^(?:
        (?:more|mehr)\s(?:from|on|aus|von|zum|zu)\b.{0,40}|related(?:\s\w+){0,2}
        |you\ (?:may|might)\ (?:also\ )?like.{0,20}|recommended.{0,20}|(?:read|see)\ (?:next|also|more)
        |most\ (?:read|popular)|weitere\s(?:artikel|themen|nachrichten|beiträge).{0,30}
        |das\ könnte\ sie.{0,30}|auch\ interessant|meistgelesen
        |à\ lire\ aussi|lire\ aussi|関連記事|相关(?:阅读|新闻|推荐)|延伸阅读
    )\s?:?$
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LABEL = re.compile(
    r"^\W*(?:(?:von|by|par|por|text|autor|author|übersetzung)\b(?::|\s+(?-i:[^\W\d_a-zß-ÿ]))"
    r"|(?:zuletzt\s|last\s|first\s)?(?:veröffentlicht|aktualisiert|published|posted|updated)|stand:|公開日|更新日"
    r"|(?:기사)?(?:입력|등록|수정|승인)\s?:?\s?[0-9]|(?:كتبت?|تحرير)\s?:|(?:بقلم|מאת)\b|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|[0-9]+\s?(?:min|分)"
    r"|[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}|[0-9]{1,2}[.:][0-9]{2}\b|[0-9]{4}年|[0-9]{1,2}\.?\s[^\W\d_][^\s\d]{1,14}\s[0-9]{4}"
    r"|\w{3,9}\s[0-9]{1,2},\s[0-9]{4})",
    re.IGNORECASE,
)
_LABEL_CHARACTERS = 90


def is_clutter(text: str) -> bool:
    """Tell whether a line is not part of the article, wherever it is."""
    return len(text) < 600 and (bool(_CLUTTER.search(text)) or _is_twice(text))


def _is_twice(text: str) -> bool:
    """Tell whether a line repeats itself: a picture's description and the same words as another article's headline."""
    middle = len(text) // 2
    return len(text) > 40 and text[:middle].strip() == text[middle:].strip()


def leads_elsewhere(text: str) -> bool:
    """Tell whether a line is the heading of links to other articles."""
    return len(text) < 80 and bool(_ELSEWHERE.search(text))


def is_label(text: str, authors: Sequence[str]) -> bool:
    """Tell whether a line above an article is a byline, a date or a reading time."""
    if len(text) > _LABEL_CHARACTERS or is_sentence(text):
        return False
    if _LABEL.match(text):
        return True
    folded = text.casefold()
    name_letters = sum(len(name) for name in authors if name.casefold() in folded)
    return name_letters > 0.4 * len(text)
