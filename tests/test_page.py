import hashlib
import json
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.identity import text_digest
from semsearch.ports import Place
from semsearch.sources.dumps.page import looks_like_page, page_article
from semsearch.text import normalise_text, paragraph_spans
from semsearch.types import Article, Skipped
from tests.examples import PARTS

PAGES = Path(__file__).parent / "golden" / "pages"
PLACE = Place("page.txt", "page.txt")

MENU = ["Home", "News", "Sport", "Weather", "Culture", "Jobs", "Menu", "Search", "Log in"]
BODY = [
    "The little bakery on Mill Street has baked its last loaf by wood fire, after a hundred and four years of smoke.",
    "From Monday its ovens run on electricity from the weir, which the owners rebuilt by hand in two long winters.",
    "Customers who tasted both loaves could not tell them apart, and most asked for a second slice, to be quite sure.",
    "Only the oldest of them missed the smoke. She missed it in the street, she said, and not at all in the bread.",
]
FOOTER = ["Related articles", "Mill Street to close", "Weir opens", "Most read", "Contact us", "© The Mill Gazette"]


def article(text: str) -> Article:
    found = page_article(text, PLACE)
    assert isinstance(found, Article)
    return found


def paragraphs(text: str) -> list[str]:
    return [text[start:end] for start, end in paragraph_spans(text)]


def page_with(head: list[str], body: Sequence[str] = BODY) -> str:
    return "\n".join([*MENU, "Bakery gives up its wood fire", *head, *body, *FOOTER])


@pytest.mark.parametrize("name", sorted(path.stem for path in PAGES.glob("*.txt")))
def test_the_article_of_a_page_is_found_with_its_title_date_and_byline(name: str) -> None:
    text = (PAGES / f"{name}.txt").read_text(encoding="utf-8")
    expected = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    assert looks_like_page(text)
    found = article(text)
    metadata = found.metadata
    assert metadata.title == expected["title"]
    assert paragraphs(found.text) == expected["paragraphs"]
    assert (metadata.published and metadata.published.text) == expected["published"]
    assert (metadata.updated and metadata.updated.text) == expected["updated"]
    assert list(metadata.authors) == expected["authors"]
    assert metadata.sha256 == text_digest(found.text)
    assert found.origin == PLACE.origin


@pytest.mark.parametrize("name", sorted(path.stem for path in PAGES.glob("*.json")))
def test_an_article_alone_is_no_page_and_loses_nothing(name: str) -> None:
    expected = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    text = "\n\n".join([expected["title"], *expected["paragraphs"]])
    assert not looks_like_page(text)
    found = article(text)
    assert found.metadata.title == expected["title"]
    assert paragraphs(found.text) == expected["paragraphs"]


@pytest.mark.corpora
def test_the_article_of_a_real_portal_page_is_found_and_nothing_else() -> None:
    folder = os.environ.get("SEMSEARCH_CORPORA")
    if not folder:
        pytest.skip("SEMSEARCH_CORPORA names no folder of real text")
    [path] = (Path(folder) / "pages").glob("*.txt")
    text = path.read_text(encoding="utf-8")
    assert looks_like_page(text)
    found = article(text)

    def digest(part: str) -> str:
        return hashlib.sha256(part.encode()).hexdigest()[:16]

    parts = paragraphs(found.text)
    assert digest(found.metadata.title) == "53af6eacb81af892"
    assert (len(parts), sum(not part.endswith((".", '"')) for part in parts)) == (19, 3)  # three are headings
    assert (digest(parts[0]), digest(parts[-1])) == ("8439bbdad2f63e7d", "b0db909eb75d02d1")
    assert not re.search(r"[\u3000-\u9fff]", found.text)
    assert found.metadata.published is None
    assert found.metadata.updated is None


@pytest.mark.parametrize(
    ("head", "published", "updated"),
    [
        ([], None, None),
        (["3 May 2024"], "2024-05-03", None),
        (["By Ada Miller", "May 3, 2024 at 9:15 a.m. EDT"], "2024-05-03T09:15-04:00", None),
        (["Published: 2024-05-03 | Updated: 2024-05-04"], "2024-05-03", "2024-05-04"),
        (["Updated 4 May 2024, 10:00"], None, "2024-05-04T10:00"),
        (["Stand:", "24.05.2024, 10:00 Uhr", "Lesezeit: 3 Min."], None, "2024-05-24T10:00"),
        (["发布时间：2024-05-03 08:00:01 来源：磨坊报"], "2024-05-03T08:00:01", None),
        (["3 hours ago"], None, None),
        (["A deck stands between title and date here.", "3 May 2024", "Share"], "2024-05-03", None),
        (["The oven was built on 3 May 1920 by the baker's great-grandfather and a friend."], None, None),
    ],
)
def test_a_date_is_taken_only_from_between_the_title_and_the_first_paragraph(
    head: list[str], published: str | None, updated: str | None
) -> None:
    metadata = article(page_with(head)).metadata
    assert metadata.title == "Bakery gives up its wood fire"
    assert (metadata.published and metadata.published.text) == published
    assert (metadata.updated and metadata.updated.text) == updated


def test_no_date_is_taken_from_the_clock_of_the_page_or_from_what_it_recommends() -> None:
    text = "\n".join(
        ["Friday, 10 May 2024", *MENU, "Bakery gives up its wood fire", *BODY, "Related articles"]
        + [line for day in range(1, 9) for line in (f"Another headline, number {day}", f"2024-04-{day:02} 10:00:00")]
        + FOOTER
    )
    metadata = article(text).metadata
    assert metadata.title == "Bakery gives up its wood fire"
    assert metadata.published is None


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("By Ada Miller", ("Ada Miller",)),
        ("By Ada Miller, Jo Baker and Lu van Dam", ("Ada Miller", "Jo Baker", "Lu van Dam")),
        ("Von Änne Müller | 3. Mai 2024", ("Änne Müller",)),
        ("By Ada Miller, science correspondent", ("Ada Miller",)),
        ("作者：王小米", ("王小米",)),
        ("By our own reporter in the valley", ()),
        ("By the river", ()),
    ],
)
def test_a_byline_is_taken_where_it_holds_names_and_nothing_is_guessed(byline: str, authors: tuple[str, ...]) -> None:
    assert article(page_with([byline])).metadata.authors == authors


def test_sentences_that_a_dump_tore_at_their_links_are_whole_again() -> None:
    torn = [
        "The little bakery on ",
        "Mill Street",
        " has baked its last loaf by",
        "wood fire",
        BODY[0][BODY[0].index(", after") :],
    ]
    assert paragraphs(article(page_with([], [*torn, "", *BODY[1:]])).text) == BODY


def test_boxes_and_buttons_between_paragraphs_are_left_out_and_headings_stay() -> None:
    first, second, third = " ".join(BODY[:2]), " ".join(BODY[1:3]), " ".join(BODY[2:])
    box = ["Ten loaves to try this summer", "Why salt is late this year", "The miller who cannot swim"]
    lines = [first, "Advertisement", "Smoke no more", second, *box, third]
    assert paragraphs(article(page_with([], lines)).text) == [first, "Smoke no more", second, third]


def _sliced(text: str) -> list[str]:
    return text.split("|")


FRENCH = _sliced(
    "Le moulin de la rue Basse rouvre samedi, après onze ans de travaux menés par une poignée de voisins obstinés.|"
    "La roue, refaite en chêne, tourne de nouveau, et le meunier promet la première farine avant la fin du mois.|"
    "Les plus âgés se souviennent du bruit de l’eau; les enfants, eux, n’avaient jamais entendu tourner la roue.|"
    "La commune n’a rien payé : une fête, un bal et une tombola ont couvert le prix du bois et celui des clous."
)
SPANISH = _sliced(
    "El molino de la calle Baja vuelve a abrir el sábado, tras once años de obras de un puñado de vecinos tercos.|"
    "La rueda, rehecha en roble, gira otra vez, y el molinero promete la primera harina antes de que acabe el mes.|"
    "Los mayores recuerdan el ruido del agua; los niños, en cambio, nunca habían oído girar la rueda del molino.|"
    "El municipio no pagó nada: una fiesta, un baile y una rifa cubrieron el precio de la madera y de los clavos."
)
AFRIKAANS = _sliced(
    "Die meul in Onderstraat maak Saterdag weer oop, ná elf jaar se werk deur 'n handjie vol hardkoppige bure.|"
    "Die wiel, van nuuts af uit eikehout gebou, draai weer, en die meulenaar belowe meel voor die einde van Mei.|"
    "Die oudstes onthou hoe die water klink; die kinders het nog nooit gehoor hoe die groot wiel van hout draai nie.|"
    "Die dorp het niks betaal nie: 'n fees, 'n dans en 'n lotery het vir die hout en vir al die spykers betaal."
)


@pytest.mark.parametrize(
    ("title", "head", "body", "separator", "foot"),
    [
        (
            "Le moulin de la rue Basse tourne à nouveau",
            ["Accueil", "Politique", "Sports", "Culture", "Météo", "Se connecter"],
            FRENCH,
            "Contenu de l’article",
            ["À lire aussi", "Le pont fermé en juin", "Une école sans cloche", "Nous joindre", "© Le Moulin"],
        ),
        (
            "El molino de la calle Baja vuelve a girar",
            ["Portada", "Nacional", "Deportes", "Cultura", "Opinión", "Iniciar sesión"],
            SPANISH,
            "Más vídeos",
            ["Te puede interesar", "El puente cierra en junio", "Una escuela sin campana", "Contacto", "© El Molino"],
        ),
        (
            "Meul in Onderstraat draai weer",
            ["Tuis", "Nuus", "Sport", "Kultuur", "Weer", "Teken in"],
            AFRIKAANS,
            "Storie gaan voort",
            ["Verwante stories", "Brug sluit in Junie", "'n Skool sonder klok", "Kontak ons", "© Die Meul"],
        ),
    ],
    ids=["French", "Spanish", "Afrikaans"],
)
def test_what_stands_between_all_paragraphs_is_none_of_the_article_in_languages_that_were_not_learnt(
    title: str, head: list[str], body: list[str], separator: str, foot: list[str]
) -> None:
    between = [line for paragraph in body for line in (paragraph, separator)]
    found = article("\n".join([*head, title, separator, *between, *foot]))
    assert found.metadata.title == title
    assert paragraphs(found.text) == body


def test_what_a_site_offers_between_paragraphs_is_none_of_the_article() -> None:
    offer = [
        "Subscribe now to read all the news of your valley.",
        "Exclusive reports by the writers of the mill.",
        "Unlimited access to the paper on every device.",
        "Register to unlock more articles.",
    ]
    lines = [line for paragraph in BODY for line in (paragraph, "Article content")]
    text = page_with(["Article content"], [*lines[:4], *offer, "Article content", *lines[4:]])
    found = article(text)
    assert found.metadata.title == "Bakery gives up its wood fire"
    assert paragraphs(found.text) == BODY


def test_of_a_page_with_very_many_lines_the_article_is_found_as_in_a_short_one() -> None:
    listed = [f"Headline without an article {number}" for number in range(30_000)]
    assert paragraphs(article("\n".join([*listed, page_with([])])).text) == BODY


@pytest.mark.parametrize(
    "lines",
    [
        [*MENU, *(f"Headline without an article {at}" for at in range(40)), *FOOTER],
        [f"* [Headline {at}](/{at}.html)" for at in range(40)],
        [*MENU, *(line for at in range(40) for line in (f"第{at}条没有正文的新闻标题", "2024-05-01 10:00")), *FOOTER],
        [*MENU, *MENU, "The Mill Gazette is written and printed by the people of three small valleys.", *FOOTER],
    ],
)
def test_a_page_without_an_article_is_skipped_with_its_reason(lines: list[str]) -> None:
    skipped = page_article("\n".join(lines), PLACE)
    assert isinstance(skipped, Skipped)
    assert "without an article" in skipped.reason
    assert skipped.origin == PLACE.origin


def test_a_short_report_is_an_article_where_its_title_vouches_for_it() -> None:
    short = ["The bakery on Mill Street gives up its wood fire on Monday, its owners said in a short note at the door."]
    assert paragraphs(article(page_with([], short)).text) == short


@pytest.mark.parametrize("text", ["", " \n\t\n", "\u200b"])
def test_a_page_without_text_is_skipped(text: str) -> None:
    assert page_article(text, PLACE) == Skipped(PLACE.origin, "no text")


def test_the_same_page_is_the_same_article_and_the_named_source_is_its_publisher() -> None:
    text = page_with(["3 May 2024"])
    assert article(text) == article(text)
    assert article(text).metadata.publisher is None
    found = page_article(text, Place("page.txt", "page.txt", "The Mill Gazette"))
    assert isinstance(found, Article)
    assert found.metadata.publisher == "The Mill Gazette"


words = st.sampled_from(["river", "lamp", "Hafen", "Brücke", "señor", "山", "水", "reads", "opens", "2024", "seven"])
phrase = st.lists(words, min_size=1, max_size=6).map(" ".join)
sentence = st.lists(words, min_size=8, max_size=40).map(lambda chosen: " ".join(chosen) + ".")
furniture = st.sampled_from([*MENU, *FOOTER, "Advertisement", "10:15", "2024-05-03", "Read more"])
shapes = st.lists(st.one_of(phrase, sentence, furniture, st.just("")), max_size=60).map("\n".join)


def spelled(text: str) -> set[str]:
    return set(re.findall(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+", text))


@given(st.one_of(shapes, st.text(max_size=400), st.text(" \n\r\t.#*[]()!_>-\x02\x03\ud800aA1中。\u0301", max_size=200)))
def test_any_text_is_an_article_or_skipped_and_the_article_is_in_normal_form(text: str) -> None:
    looks_like_page(text)
    found = page_article(text, PLACE)
    if isinstance(found, Article):
        assert found.text
        assert normalise_text(found.text) == found.text
        assert "\n" not in found.metadata.title


@given(shapes)
def test_every_word_of_the_article_stands_on_the_page(text: str) -> None:
    found = page_article(text, PLACE)
    if isinstance(found, Article):
        for paragraph in [*paragraphs(found.text), found.metadata.title]:
            assert spelled(paragraph) <= spelled(text)


@given(phrase, st.lists(st.lists(st.one_of(sentence, phrase), min_size=1, max_size=4).map(" ".join), max_size=12))
def test_an_article_without_furniture_is_no_page_and_keeps_every_word_in_order(title: str, body: list[str]) -> None:
    for gap in ("\n", "\n\n"):
        text = gap.join([title, *body])
        assert not looks_like_page(text)
        found = article(text)
        # Without spaces: Chinese lines are joined without one.
        assert "".join(f"{found.metadata.title} {found.text}".split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("unit", "characters"),
    [
        ("qx jkl wv, brt\n", 1_000_000),
        ("abc def ghi\n\n", 1_000_000),
        ("[a](b", 500_000),
        ("](", 500_000),
        ("\\[\\](", 500_000),
        ("\n", 500_000),
        (" ", 500_000),
        ("> ", 500_000),
        ("_a", 500_000),
        ("1. http://a.example\n", 500_000),
        ("12.12.2024 ", 500_000),
    ],
)
@pytest.mark.parametrize("part", PARTS)
def test_time_grows_with_length_and_not_faster(unit: str, characters: int, part: int) -> None:
    began = time.process_time()
    page_article(unit * (characters // part // len(unit)), PLACE)
    assert time.process_time() - began < 10 / part  # seconds; a quadratic pattern would take minutes
