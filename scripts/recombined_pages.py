"""Makes pages of others: the article of one within the furniture of another, so that no outlet's layout is learnt.

Separators and boxes come between the paragraphs, heads are reordered, footers cut off. The same pages always give the
same results.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from page_truth import Page, title_right

from semsearch.sources.dumps.lines import DumpLine
from semsearch.sources.dumps.looks import MEASURED, Look, look_of
from semsearch.text import display_width

_SEPARATORS = (
    "Advertisement", "Article content", "Story continues below", "Share", "Publicité", "Anzeige", "Read more",
    "Publicidad", "Advertensie", "AD", "More", "広告", "广告", "Copy link", "Back to video",
    "Text size", "Show caption", "1 of 3",
)  # fmt: skip
_LONGEST_BOX = 14
_SHORTENED = (3, 6)


@dataclass(frozen=True, slots=True)
class Source:
    """A page to take parts from."""

    truth: Page
    lines: Sequence[DumpLine]
    article_places: Sequence[int]


@dataclass(frozen=True, slots=True)
class Recombined:
    """A page that was put together: its lines, and the places of the article's."""

    truth: Page
    lines: Sequence[DumpLine]
    article_places: Sequence[int]


def recombined(sources: Sequence[Source], seed: str) -> Recombined:
    """Return one more page, of two or three of the sources."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    article, around, boxes = (dice.choice(sources) for _ in range(3))
    head = _head(article, around, dice)
    body = _with_insets(_paragraphs(article, sources, dice), boxes, dice)
    foot = list(around.lines[around.article_places[-1] + 1 :])
    if dice.random() < 0.4:
        foot = foot[: dice.choice((0, 1, 3, 8, 20))]
    labelled = [*((line, False) for line in head), *body, *((line, False) for line in foot)]
    if dice.random() < 0.3:
        labelled = [(line._replace(level=0, item=False), is_article) for line, is_article in labelled]
    return Recombined(
        article.truth,
        [line for line, _ in labelled],
        [place for place, (_, is_article) in enumerate(labelled) if is_article],
    )


def _head(article: Source, around: Source, dice: random.Random) -> list[DumpLine]:
    """Return the lines above the text, with the title of the article in place of the other page's."""
    in_capitals = dice.random() < 0.15
    title = article.truth.title.upper() if in_capitals else article.truth.title
    replaced_title = around.truth.title
    head, title_place = [], -1
    for line in around.lines[: around.article_places[0]]:
        if title_right(line.text, around.truth):
            title_place = len(head)
            head.append(_reworded(line, title))
        elif replaced_title and replaced_title in line.text:
            head.append(_reworded(line, line.text.replace(replaced_title, title)))
        else:
            head.append(line)
    if title_place < 0:
        title_place = len(head)
        head.append(_reworded(DumpLine("x", 1, Look.PHRASE, False, dice.choice((0, 1, 2)), False, False), title))
    below = head[title_place + 1 :]
    if dice.random() < 0.3:
        dice.shuffle(below)
    elif dice.random() < 0.2:
        below = below[: dice.randint(0, 3)]
    above = head[: title_place + 1]
    if dice.random() < 0.2:
        above = above[-dice.randint(1, 30) :]
    return above + below


def _reworded(line: DumpLine, text: str) -> DumpLine:
    columns = display_width(text[:MEASURED])
    stopped = text[-1:] in ".!?。！？"
    look = Look.PHRASE if line.linked else look_of(text, columns, stopped)
    return line._replace(text=text, columns=columns, stopped=stopped, look=look)


def _paragraphs(article: Source, sources: Sequence[Source], dice: random.Random) -> list[tuple[DumpLine, bool]]:
    """Return the lines from an article's first to its last, each with whether it belongs to the article."""
    article_places = frozenset(article.article_places)
    first, last = article.article_places[0], article.article_places[-1]
    lines = [(article.lines[place], place in article_places) for place in range(first, last + 1)]
    if dice.random() < 0.3:
        lines = [(line, is_article) for line, is_article in lines if is_article]
    chance = dice.random()
    if chance < 0.3:
        ends = [number for number, (line, is_article) in enumerate(lines) if is_article and line.look is Look.PROSE]
        possible_ends = ends[: dice.randint(*_SHORTENED)]
        lines = lines[: possible_ends[-1] + 1] if possible_ends else lines
    elif chance < 0.45:
        second_article = dice.choice(sources)
        lines += [(second_article.lines[place], True) for place in second_article.article_places]
    return lines


def _with_insets(
    lines: Sequence[tuple[DumpLine, bool]], boxes: Source, dice: random.Random
) -> list[tuple[DumpLine, bool]]:
    separator = _plain(dice.choice(_SEPARATORS)) if dice.random() < 0.4 else None
    every = dice.choice((1, 1, 2, 3))
    furniture = [*boxes.lines[: boxes.article_places[0]], *boxes.lines[boxes.article_places[-1] + 1 :]]
    box_chance = dice.choice((0, 0, 0.05, 0.15, 0.3))
    result: list[tuple[DumpLine, bool]] = []
    for number, (line, is_article) in enumerate(lines):
        result.append((line, is_article))
        if number + 1 == len(lines) or not is_article or line.look is not Look.PROSE:
            continue
        if separator and number % every == 0:
            result.append((separator, False))
        if furniture and dice.random() < box_chance:
            length = min(dice.choice((1, 1, 2, 3, 4, 6, 9, _LONGEST_BOX)), len(furniture))
            start = dice.randint(0, len(furniture) - length)
            result += [(box_line, False) for box_line in furniture[start : start + length]]
    return result


def _plain(text: str) -> DumpLine:
    columns = display_width(text)
    return DumpLine(text, columns, look_of(text, columns, False), False, 0, False, False)
