"""The text of a page: its paragraphs, headings and lists, and nothing that stands around them."""

import json
import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement

from semsearch.sources.web.body import locate, with_gaps
from semsearch.sources.web.clutter import is_clutter
from semsearch.sources.web.lines import PageLine, lines_of
from semsearch.sources.web.rules import main_run
from semsearch.sources.web.tree import parse
from tests.pages import BODY, LONG_BODY, SENTENCES, article, linked, meta, page

WHOLE = "\n\n".join(SENTENCES)


def framed(inner: str) -> str:
    return page(f"<main><article><h1>Ferry runs late</h1>{inner}</article></main>", "<title>Ferry runs late</title>")


@pytest.mark.parametrize(
    "around",
    [
        '<nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav>',
        '<aside class="related"><h3>More</h3><p><a href="/x">Another story about the pier</a></p></aside>',
        '<div class="newsletter-box"><p>Our newsletter tells you what happens on the bay, for free.</p></div>',
        '<figure><img src="a.jpg"><figcaption>The ferry at the pier. Photo: Ada Fox</figcaption></figure>',
        '<p><a href="/y">Read more: the pier and its lemons, a history</a></p>',
        "<p>© 2024 Bay Post</p>",
        "<p>Advertisement</p>",
        '<ul><li><a href="/a">A story of the north pier</a></li><li><a href="/b">One of the south pier</a></li></ul>',
        "<script>var p = '<p>no text</p>';</script><style>p { color: red }</style>",
    ],
)
def test_what_stands_within_an_article_and_is_not_its_own_is_left_out(around: str) -> None:
    paragraphs = BODY.replace("</p>", "</p>\n").splitlines()
    assert article(framed("".join([*paragraphs[:3], around, *paragraphs[3:]]))).text == WHOLE
    assert article(framed(BODY + around)).text == WHOLE


@pytest.mark.parametrize(
    ("line", "clutter"),
    [
        ("Reporting by Ada Fox in Rome; Editing by Ben Hill", True),
        ("Reporting by Ada Fox", True),
        ("Reporting by two local papers has shown that the pier was never inspected.", False),
        ("This article is available exclusively to paying subscribers", True),
        ("The series streams exclusively to its subscribers, the company said.", False),
        ("Damit können personenbezogene Daten an Drittanbieter gelangen.", True),
        ("Damit werden personenbezogene Daten von Bürgern geschützt, sagte sie.", False),
    ],
)
def test_a_sentence_that_begins_like_a_label_is_none(line: str, clutter: bool) -> None:
    assert is_clutter(line) == clutter


def test_title_byline_and_date_are_not_repeated_in_the_text() -> None:
    head = "<p>Ferry runs late</p><p>By Ada Fox</p><p>3 May 2024, 09:15</p><p>4 min read</p>"
    assert article(framed(head + BODY)).text == WHOLE


@pytest.mark.parametrize("above", [0, 1, 3])
@pytest.mark.parametrize(
    "sentence",
    [
        "Monday came.",
        "Thursday’s gale kept the boats in port, and the baker on the island closed at noon.",
        "By Tuesday evening the lemons were gone.",
        "Von Kolmar aus fuhr der Dampfer an drei Inseln vorbei, ohne einmal zu halten.",
        "Von da an war Ruhe.",
        "Updated rules apply to all boats from June.",
        "Posted sentries saw nothing.",
        "5 min was all they had.",
        "12:30 Uhr war zu spät.",
        "Mittwoch war es vorbei.",
        "2024年に新しい港が完成した。",
        "3 من القوارب غادرت الميناء في الصباح.",
    ],
)
def test_a_short_sentence_that_begins_like_a_label_is_text(sentence: str, above: int) -> None:
    paragraphs = [*SENTENCES[:above], sentence, *SENTENCES[above:]]
    found = article(framed("".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)))
    assert found.text.split("\n\n") == paragraphs
    assert found.metadata.authors == ()


@pytest.mark.parametrize(
    "label",
    [
        "By Ada Fox, Transport Correspondent",
        "By Ada Fox and Ludwig van Kolmar.",
        "Von Ada Fox, dpa.",
        "Updated 3 May 2024 at 10:15",
        "Posted by Ada Fox on May 3, 2024 at 10:15 p.m.",
        "Friday, 3 May 2024, 9 a.m.",
        "3 mai 2024.",
        "4 min read.",
        "更新日：2024年5月3日。",
        "3分で読めます。",
        "3 พ.ค. 2567 10:15 น.",
        "입력 2024.05.03 오전 10:15",
        "كتب: أحمد علي",
        "מאת: עדה פוקס",
    ],
)
def test_a_label_is_no_text_even_with_a_full_stop(label: str) -> None:
    assert article(framed(f"<p>{label}</p>{BODY}")).text == WHOLE


@pytest.mark.parametrize("above", [0, 2, 5])
@pytest.mark.parametrize(
    "markup",
    [
        '<a href="/r">The notice</a> was <a href="/s">pinned up on Monday</a>.',
        'The <a href="/x">skipper</a>, <a href="/y">Ole Dahl</a>, and the <a href="/z">baker</a> agreed on the plan.',
        'Die <a href="/x">Inselbewohner</a> und der <a href="/y">Kapitän der Fähre</a> waren zufrieden.',
        'She was born on <time datetime="1950-07-01">1 July 1950</time> in Kolmar.',
    ],
)
def test_a_short_sentence_with_links_or_a_time_is_text_wherever_it_is(markup: str, above: int) -> None:
    paragraphs = [*SENTENCES[:above], markup, *SENTENCES[above:]]
    found = article(framed("".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)))
    sentence = re.sub("<[^>]+>", "", markup)
    assert found.text.split("\n\n") == [*SENTENCES[:above], sentence, *SENTENCES[above:]]


@pytest.mark.parametrize(
    "link",
    [
        '<p><a href="/x">The ferry has been late for years.</a></p>',
        '<p>Read also: <a href="/x">The ferry has been late for years</a>.</p>',
        '<p>Updated <time datetime="2024-05-04">4 May 2024</time></p>',
    ],
)
def test_a_link_or_a_time_with_a_label_is_no_sentence(link: str) -> None:
    assert article(framed(link + BODY)).text == article(framed(BODY + link)).text == WHOLE


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        (
            "The fare is <del>4</del> <ins>40</ins> crowns, the skipper said.",
            "The fare is 40 crowns, the skipper said.",
        ),
        ("The boat is <s>twelve</s> thirty years old.", "The boat is thirty years old."),
        ("<del>The ferry is on time.</del> <ins>It is late.</ins>", "It is late."),
        ("<strike>The ferry is on time, as it has been for years.</strike>",) * 2,
        ("It is late. <s>The ferry is on time, as it has been for years.",) * 2,
    ],
)
def test_struck_words_that_others_replace_are_no_text(markup: str, shown: str) -> None:
    first, *rest = SENTENCES
    raw = framed("".join(f"<p>{paragraph}</p>" for paragraph in (first, markup, *rest)))
    assert article(raw).text == "\n\n".join([first, re.sub("<[^>]+>", "", shown), *rest])


def test_headings_stay_before_their_paragraphs() -> None:
    first, *rest = (f"<p>{sentence}</p>" for sentence in SENTENCES)
    found = article(framed(first + "<h2>Two new engines</h2>" + "".join(rest))).text
    assert found == WHOLE.replace(SENTENCES[1], f"Two new engines\n\n{SENTENCES[1]}")


def test_short_items_stand_one_under_the_other_and_long_ones_apart() -> None:
    short = "<ul><li>lemons</li><li>two crates of rope</li><li>a goat</li></ul>"
    assert "lemons\ntwo crates of rope\na goat" in article(framed(BODY + short + BODY[: BODY.index("</p>")])).text
    long = "".join(f"<li>{sentence}</li>" for sentence in SENTENCES)
    assert article(framed(f"{BODY[: BODY.index('</p>')]} Even so.</p><ul>{long}</ul>")).text.endswith(WHOLE)


@pytest.mark.parametrize("tag", ["p", "div", "h2"])
def test_a_standfirst_that_the_page_shows_comes_first(tag: str) -> None:
    lead = "A burst crate of lemons has upset the whole timetable of the bay."
    raw = page(
        f"<header><h1>Ferry runs late</h1><{tag}>{lead}</{tag}></header><article>{BODY}</article>",
        meta(og__title="Ferry runs late", og__description=lead),
    )
    assert article(raw).text == f"{lead}\n\n{WHOLE}"


def test_a_description_that_the_page_does_not_show_is_no_part_of_the_text() -> None:
    hidden = "All about the bay, its boats and its people, every day and every night."
    assert hidden not in article(page(head=meta(og__description=hidden))).text


def test_a_dateline_may_come_before_the_standfirst_and_the_headline_may_stand_twice() -> None:
    lead = "A burst crate of lemons has upset the whole timetable of the bay."
    raw = page(
        f"<div><h1>Ferry runs late</h1><h2>Was it the lemons, the skipper or the wind that upset the bay?</h2>"
        f"<div>Port Ellis. {lead}</div><p>By Ada Fox</p></div><h1>Ferry runs late</h1><article>{BODY}</article>",
        meta(og__title="Ferry runs late", og__description=lead),
    )
    assert article(raw).text == f"Port Ellis. {lead}\n\n{WHOLE}"
    assert article(raw.replace("og:description", "other")).text == f"Port Ellis. {lead}\n\n{WHOLE}"


@pytest.mark.parametrize(
    ("figure", "shown"),
    [
        ('<div class="x1"><div><img src="a.jpg"></div><p>Ada Fox greets the ferry at the pier.</p></div>', False),
        ('<section><picture><img src="a.jpg"></picture><div><span>The pier at dawn.</span></div></section>', False),
        ('<div><img src="a.jpg"><blockquote>Lemons are the least of my troubles.</blockquote></div>', True),
        ('<p><img src="a.jpg"> The pier is older than the town.</p>', True),
        (f'<div><img src="a.jpg"><p>{" ".join(SENTENCES[:3])} So it was last year.</p></div>', True),
    ],
)
def test_a_few_words_with_a_picture_are_its_caption_whatever_the_block_is_called(figure: str, shown: bool) -> None:
    root = parse(page(f"<article>{BODY}{figure}{BODY}</article>"))
    assert root is not None
    (line,) = [line for line in lines_of(root) if line.text not in SENTENCES]
    assert ("figure" not in line.asides) == shown
    whole = article(framed(f"{LONG_BODY}{figure}{BODY.replace('ferry', 'boat')}")).text
    assert (line.text in whole) == shown


def test_items_that_are_a_label_and_a_link_lead_elsewhere() -> None:
    items = "".join(
        f'<li>{label}: <a href="/{label}">{headline}</a></li>'
        for label, headline in (
            ("Weather in the bay", "Storms reach the southern islands on Monday"),
            ("Comment", "Why the council should buy the engines now"),
        )
    )
    first, *rest = BODY.replace("</p>", "</p>\n").splitlines()
    assert article(framed(f"{first}<ul>{items}</ul>{''.join(rest)}")).text == WHOLE


def test_a_list_between_two_paragraphs_belongs_to_them() -> None:
    root = parse(page(f"{BODY}<ul><li>lemons</li><li>two crates of rope</li></ul>{BODY}"))
    assert root is not None
    lines = lines_of(root)
    found = [at for at, line in enumerate(lines) if line.tag == "p"]
    assert with_gaps(found, lines, frozenset(), frozenset(found)) == list(range(len(lines)))


def test_a_body_ends_where_the_page_says_that_it_ends() -> None:
    notice = "Shares and funds may lose their value, and nobody here advises anybody to buy any of them."
    raw = framed(f"{LONG_BODY}<p>{notice}</p>")
    claimed = LONG_BODY.replace("<p>", "").replace("</p>", " ")
    assert notice in article(raw).text
    assert notice not in article(raw.replace("<head>", f"<head>{linked(articleBody=claimed)}")).text


def test_a_word_about_the_author_is_left_out() -> None:
    raw = page(
        f"<article><h1>Ferry runs late</h1>{BODY}<p>Ada Fox is a reporter and keeps three goats.</p></article>",
        linked(author="Ada Fox"),
    )
    assert article(raw).text == WHOLE


def test_what_the_page_says_its_body_is_tells_rules_from_the_other_extractor() -> None:
    filler = "".join(f"<section><div><p>{sentence} {n}</p></div></section>" for n in range(4) for sentence in SENTENCES)
    claimed = " ".join(f"{sentence} {n}" for n in range(4) for sentence in SENTENCES)
    found = article(page(f"<h1>Ferry runs late</h1>{filler}", linked(headline="Ferry runs late", articleBody=claimed)))
    assert json.dumps(found.text).count("lemons had burst") == 4


def test_a_strict_reading_of_another_text_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    remarks = [
        f"Reader {n} has never been on the island, but has a view of lemons and of ferries alike." for n in range(4)
    ]
    paragraphs = [f"{sentence} So it was in year {n}." for n in range(5) for sentence in SENTENCES]
    readings = {True: remarks, False: [*paragraphs, *remarks]}
    monkeypatch.setattr("semsearch.sources.web.body.extract_pieces", lambda _, *, strict: readings[strict])
    below = "".join(f"<p>{remark}</p>" for remark in remarks)
    text = article(framed(f'{LONG_BODY}<div class="comments">{below}</div>')).text
    assert text.startswith("\n\n".join(paragraphs))


def test_a_page_gets_the_same_text_from_a_machine_that_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    def late_lines_of(root: HtmlElement) -> list[PageLine]:
        time.sleep(0.3)
        return lines_of(root)

    asked: list[bool] = []
    monkeypatch.setattr("semsearch.sources.web.page.DEADLINE", 0.25)
    monkeypatch.setattr("semsearch.sources.web.page.lines_of", late_lines_of)
    monkeypatch.setattr(
        "semsearch.sources.web.body.extract_pieces", lambda _, *, strict: asked.append(strict) or [*SENTENCES]
    )
    assert article(page()).text == WHOLE
    assert asked


def test_rules_alone_find_an_article_between_links() -> None:
    links = "".join(f'<li><a href="/{n}">A story that stands elsewhere, number {n}</a></li>' for n in range(30))
    root = parse(page(f"<ul>{links}</ul><div>{BODY}</div><ul>{links}</ul>"))
    assert root is not None
    lines = lines_of(root)
    assert [lines[at].text for at in main_run(lines)] == list(SENTENCES)


def test_lines_know_their_links_and_what_is_around_them() -> None:
    root = parse(page('<div class="promo"><p>Seven <a href="/x">letters</a></p></div><p>plain</p>'))
    assert root is not None
    first, second = lines_of(root)
    assert (first.text, first.tag, first.asides) == ("Seven letters", "p", ("promo",))
    assert first.linked == pytest.approx(7 / 12)
    assert (second.asides, second.linked) == ((), 0)


@pytest.mark.parametrize(
    "sentence",
    [
        "The newsletter of the guild has been printed in the same cellar since the war, and nobody reads it.",
        "Copyright holders may sue, said the judge, and some will.",
        "Anzeige gegen den Wirt erstattet",
        "Personenbezogene Daten der Gäste lagen offen auf dem Tresen, wie die Behörde mitteilte.",
        "Related costs rose, too, she said.",
        "Download speeds fell on the island.",
    ],
)
def test_sentences_with_words_of_labels_are_kept(sentence: str) -> None:
    assert sentence in article(framed(f"{BODY}<p>{sentence}</p>{BODY.replace('ferry', 'boat')}")).text


@pytest.mark.parametrize(
    "attributes", ["hidden", 'hidden=""', 'style="display:none"', 'style="color:red; VISIBILITY : hidden"']
)
@pytest.mark.parametrize("tag", ["p", "div", "section"])
def test_what_a_browser_does_not_show_is_no_text(tag: str, attributes: str) -> None:
    first, *rest = BODY.replace("</p>", "</p>\n").splitlines()
    unseen = f"<{tag} {attributes}>{'This sentence is in the page and no reader ever sees it. ' * 3}</{tag}>"
    assert article(framed("".join([first, unseen, *rest]))).text == WHOLE


def test_a_text_that_a_script_reveals_is_the_text() -> None:
    assert article(page(f'<p>Loading…</p><article style="display:none"><h1>Ferry</h1>{BODY}</article>')).text == WHOLE


def test_a_notice_for_browsers_without_scripts_is_no_text() -> None:
    assert article(framed(f"<noscript><p>Please turn on JavaScript to read on.</p></noscript>{BODY}")).text == WHOLE


def test_a_text_that_is_there_for_two_widths_of_screen_is_there_once() -> None:
    assert article(framed(f'<div class="mobile">{BODY}</div><div class="desktop">{BODY}</div>')).text == WHOLE
    refrain = f"<p>{SENTENCES[0]}</p>"
    assert article(framed(BODY + refrain)).text == f"{WHOLE}\n\n{SENTENCES[0]}"


def test_breaks_end_lines_and_two_of_them_paragraphs() -> None:
    long = [f"{one} {other}" for one, other in pairwise(SENTENCES)]
    assert article(framed(f"<div>{'<br><br>'.join(long)}</div>")).text == "\n\n".join(long)
    poem = "Round the cape<br>and home again<br>by the light of the moon"
    assert (
        "Round the cape\nand home again\nby the light" in article(framed(f"{BODY}<p>{poem}</p>{BODY[:200]}</p>")).text
    )


def test_lines_stand_in_the_order_of_the_page_whatever_another_extractor_says() -> None:
    lines = lines_of(parse(page(BODY)))  # type: ignore[arg-type]
    assert locate(SENTENCES[::-1], lines) == [0, 1, 2, 3, 4]


def test_pieces_are_found_glued_cut_and_repeated() -> None:
    lines = lines_of(parse(page(f"{BODY}<p>{SENTENCES[1]}</p>")))  # type: ignore[arg-type]
    assert locate(["".join(SENTENCES[1:3])], lines) == [1, 2]
    assert locate([SENTENCES[1], SENTENCES[1]], lines) == [1, 5]
    without_a_word = SENTENCES[2].replace("engines", "")
    assert locate([without_a_word], lines) == [2]
    assert locate(["nowhere on the page at all, not even in part"], lines) == []


@given(st.lists(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3), max_size=6))
def test_whatever_pieces_are_found_are_lines_of_the_page(pieces: list[list[str]]) -> None:
    lines = lines_of(parse(page(BODY + BODY)))  # type: ignore[arg-type]
    found = locate(["".join(piece) for piece in pieces], lines)
    assert found == sorted(set(found))
    assert all(0 <= at < len(lines) for at in found)
    assert bool(found) == bool(pieces)


def test_rows_are_lines_and_readings_of_characters_are_left_out() -> None:
    table = "<table><tr><td>Kolmar</td><td>3</td></tr><tr><td>Oosterplein</td><td>1</td></tr></table>"
    text = article(framed(f"{BODY}{table}{BODY[:200]}</p>")).text
    assert "Kolmar | 3" in text
    assert (
        "横浜の港"
        in article(framed(f"{BODY}<p><ruby>横浜<rp>(</rp><rt>よこはま</rt></ruby>の港{'で動いた。' * 20}</p>")).text
    )


def test_links_within_the_page_are_text() -> None:
    root = parse(page('<p>See <a href="#n1">the note</a> and <a href="/x">the page</a></p>'))
    assert root is not None
    (line,) = lines_of(root)
    assert line.linked == pytest.approx(len("thepage") / len(line.key))
