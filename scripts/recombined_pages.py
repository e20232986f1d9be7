"""Pages made of others: the article of one within the furniture of another, so that no outlet's layout is learnt.

Separators and boxes fall between the paragraphs, heads stand in other orders, footers are cut off. The same pages give
the same pages.
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
    own: Sequence[int]


@dataclass(frozen=True, slots=True)
class Recombined:
    """A page that was put together: its lines, and which are the article's."""

    truth: Page
    lines: Sequence[DumpLine]
    own: Sequence[int]


def recombined(sources: Sequence[Source], seed: str) -> Recombined:
    """Return one more page, of two or three of the sources."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    article, around, boxes = (dice.choice(sources) for _ in range(3))
    head = _head(article, around, dice)
    body = _with_insets(_paragraphs(article, sources, dice), boxes, dice)
    foot = list(around.lines[around.own[-1] + 1 :])
    if dice.random() < 0.4:
        foot = foot[: dice.choice((0, 1, 3, 8, 20))]
    whole = [*((line, False) for line in head), *body, *((line, False) for line in foot)]
    if dice.random() < 0.3:
        whole = [(line._replace(level=0, item=False), own) for line, own in whole]
    return Recombined(article.truth, [line for line, _ in whole], [at for at, (_, own) in enumerate(whole) if own])


def _head(article: Source, around: Source, dice: random.Random) -> list[DumpLine]:
    """Return what stands above the text, with the title of the article in the place of the other."""
    shouted = dice.random() < 0.15
    title = article.truth.title.upper() if shouted else article.truth.title
    other = around.truth.title
    head, last = [], -1
    for line in around.lines[: around.own[0]]:
        if title_right(line.text, around.truth):
            last = len(head)
            head.append(_reworded(line, title))
        elif other and other in line.text:
            head.append(_reworded(line, line.text.replace(other, title)))
        else:
            head.append(line)
    if last < 0:
        last = len(head)
        head.append(_reworded(DumpLine("x", 1, Look.PHRASE, False, dice.choice((0, 1, 2)), False, False), title))
    below = head[last + 1 :]
    if dice.random() < 0.3:
        dice.shuffle(below)
    elif dice.random() < 0.2:
        below = below[: dice.randint(0, 3)]
    above = head[: last + 1]
    if dice.random() < 0.2:
        above = above[-dice.randint(1, 30) :]
    return above + below


def _reworded(line: DumpLine, text: str) -> DumpLine:
    columns = display_width(text[:MEASURED])
    stopped = text[-1:] in ".!?。！？"
    look = Look.PHRASE if line.linked else look_of(text, columns, stopped)
    return line._replace(text=text, columns=columns, stopped=stopped, look=look)


def _paragraphs(article: Source, sources: Sequence[Source], dice: random.Random) -> list[tuple[DumpLine, bool]]:
    """Return the lines from an article's first to its last, each with whether it is the article's."""
    own = frozenset(article.own)
    first, last = article.own[0], article.own[-1]
    lines = [(article.lines[at], at in own) for at in range(first, last + 1)]
    if dice.random() < 0.3:
        lines = [(line, true) for line, true in lines if true]
    chance = dice.random()
    if chance < 0.3:
        ends = [number for number, (line, true) in enumerate(lines) if true and line.look is Look.PROSE]
        kept = ends[: dice.randint(*_SHORTENED)]
        lines = lines[: kept[-1] + 1] if kept else lines
    elif chance < 0.45:
        more = dice.choice(sources)
        lines += [(more.lines[at], True) for at in more.own]
    return lines


def _with_insets(
    lines: Sequence[tuple[DumpLine, bool]], boxes: Source, dice: random.Random
) -> list[tuple[DumpLine, bool]]:
    separator = _plain(dice.choice(_SEPARATORS)) if dice.random() < 0.4 else None
    every = dice.choice((1, 1, 2, 3))
    furniture = [*boxes.lines[: boxes.own[0]], *boxes.lines[boxes.own[-1] + 1 :]]
    box_chance = dice.choice((0, 0, 0.05, 0.15, 0.3))
    found: list[tuple[DumpLine, bool]] = []
    for number, (line, own) in enumerate(lines):
        found.append((line, own))
        if number + 1 == len(lines) or not own or line.look is not Look.PROSE:
            continue
        if separator and number % every == 0:
            found.append((separator, False))
        if furniture and dice.random() < box_chance:
            length = min(dice.choice((1, 1, 2, 3, 4, 6, 9, _LONGEST_BOX)), len(furniture))
            start = dice.randint(0, len(furniture) - length)
            found += [(one, False) for one in furniture[start : start + length]]
    return found


def _plain(text: str) -> DumpLine:
    columns = display_width(text)
    return DumpLine(text, columns, look_of(text, columns, False), False, 0, False, False)
