"""A verdict is a promise: what has every word that carries meaning, or the quoted phrase, is never no match."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Index, Query
from semsearch.ports import Encoder
from semsearch.ranking.confidence import LEAST
from semsearch.sources import read
from semsearch.types import Answer, Article, GroupBy, Mode, Sort, Verdict
from tests.commands import Run, asking
from tests.examples import examples
from tests.making import article, day
from tests.stories import prose

CASES = Path(__file__).parent / "cases"
FEW = CASES / "03-few-articles-in-a-language"
GOOD = (Verdict.FAIR, Verdict.STRONG)
ENCODERS = ["hashing", pytest.param(None, marks=[pytest.mark.model, pytest.mark.slow])]

Ask = Callable[..., Run]
Of = Callable[[Path], Ask]


def confidences(index: Index, query: Query) -> dict[str, float]:
    """Return the confidence of every article, copies by themselves, by its id."""
    return {hit.article.article_id: hit.confidence for hit in index.search(query).hits}


def everything(text: str, mode: Mode, sort: Sort = Sort.RELEVANCE, least: float = 0.0) -> Query:
    return Query(text, 1_000, mode=mode, group_by=GroupBy.COPIES, sort=sort, min_confidence=least)


# Few articles in a language


@pytest.mark.parametrize("model", ENCODERS)
@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("أسعار القمح", "أسعار القمح ترتفع في الأسواق"),
        ("القمح", "أسعار القمح ترتفع في الأسواق"),
        ("बाढ़", "बाढ़ से गाँव डूबे"),
        ("Самолёт приземлился", "Самолёт приземлился в поле"),
        ("Łódź", "Łódź buduje metro"),
        ("İstanbul ışıklar", "İstanbul'da ışıklar söndü"),
    ],
)
def test_words_of_a_headline_are_found_in_the_only_article_of_a_language(
    asked: str, title: str, model: str | None, few: Callable[..., Path], of: Of
) -> None:
    ask = of(few(model, "few"))
    for least in ((), ("--min-score", "0.15"), ("--min-confidence", "0.15")):
        run = ask("query", asked, "-k", "1", "--json", *least)
        assert run.status == 0
        assert run.json["hits"][0]["article"]["title"] == title
        assert run.json["hits"][0]["verdict"] in GOOD
    assert ask("query", f'"{asked}"', "--json").json["verdict"] in GOOD


@pytest.mark.parametrize("model", ENCODERS)
@pytest.mark.parametrize(("topic", "word"), [("topic", "القمح"), ("topic_en", "wheat")])
def test_a_word_that_all_articles_of_a_language_have_is_found_in_each(
    topic: str, word: str, model: str | None, few: Callable[..., Path], of: Of
) -> None:
    ask = of(few(model, topic))
    for mode in Mode:
        for order in Sort:
            run = ask("query", word, "--sort", order, "--mode", mode, "--group-by", "copies", "--json")
            own = [hit for hit in run.json["hits"] if word in hit["article"]["title"].lower()]
            assert run.status == 0
            assert len(own) == 6
            assert {hit["verdict"] for hit in own} <= {Verdict.WEAK, *GOOD}
            assert run.json["verdict"] in GOOD


@pytest.fixture
def of(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Of:
    """Make what runs commands on an index."""
    return lambda place: asking(capsys, monkeypatch, place)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory, hashing: Encoder) -> Callable[..., Path]:
    """Make an index of the English articles and those of a file, once for each encoder."""
    made: dict[tuple[str | None, str], Path] = {}

    def index(model: str | None, name: str) -> Path:
        if (model, name) not in made:
            place = tmp_path_factory.mktemp("few") / "index"
            files = [*([] if name == "topic_en" else [CASES / "en.jsonl"]), FEW / f"{name}.jsonl"]
            articles = [one for file in files for one in read(file) if isinstance(one, Article)]
            Index.build(articles, place, encoder=hashing if model == "hashing" else None).close()
            made[model, name] = place
        return made[model, name]

    return index


# Names that a folder is full of


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("typed", ['"Northline"', "Northline", "northline", '"Northline shares"', "What is Northline?"])
def test_the_name_that_a_folder_is_about_is_a_match(typed: str, mode: Mode, northline: Index) -> None:
    answer = northline.search(Query.parse(typed, mode=mode, group_by=GroupBy.COPIES))
    verdicts = {hit.article.title: hit.verdict for hit in answer.hits}
    named = {title for title in verdicts if ("shares" in title or "shares" not in typed) and "Northline" in title}
    assert named
    assert answer.hits[0].article.title in named or mode is Mode.DENSE
    assert all(verdicts[title] is not Verdict.NONE for title in named)
    assert answer.verdict is not Verdict.NONE


@pytest.fixture
def northline(tmp_path: Path, hashing: Encoder) -> Index:
    """Six articles, four of them about one company."""
    texts = {
        "Northline shares fall": "Northline shares fell after the ferry firm cut its forecast.\n\nBuyers were few.",
        "Northline sells two ferries": "The ferry firm Northline sells two ships to a rival in the south.",
        "Northline names a new head": "Ida Lund leads Northline from May. She comes from a bank.",
        "Union calls strike at Northline": "Crews of Northline strike for a day. The firm regrets it.",
        "Opera opens season": "The opera opens its season with a new work.",
        "Rain ends drought": "Rain has ended the drought in the valley.",
    }
    return Index.build(
        [article(title, text, title=title) for title, text in texts.items()], tmp_path / "i", encoder=hashing
    )


@pytest.fixture(scope="module")
def government(tmp_path_factory: pytest.TempPathFactory, hashing: Encoder) -> Index:
    """A hundred and fifty lines, of which two thirds have one word."""
    lines = [
        article(f"n{at}", f"{prose(at)} The government {prose(at + 1)}" if at % 3 else prose(at), title=f"Line {at}")
        for at in range(150)
    ]
    return Index.build(lines, tmp_path_factory.mktemp("government") / "index", encoder=hashing)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("typed", ['"government"', "government"])
def test_a_word_that_two_thirds_of_the_lines_have_is_a_match_in_each(typed: str, mode: Mode, government: Index) -> None:
    answer = government.search(Query.parse(typed, k=300, mode=mode, group_by=GroupBy.COPIES))
    having = {hit.article.title for hit in answer.hits if hit.verdict is not Verdict.NONE}
    assert having >= {f"Line {at}" for at in range(150) if at % 3}


# Whatever the corpus


NOUNS = {
    "en": ["river", "rivers", "bridges", "Quay", "o'brien", "F35", "council"],
    "de": ["Fluss", "Brücken", "Straße", "Räte", "Kai"],
    "fr": ["rivière", "l'eau", "pont", "mairie"],
    "ar": ["القمح", "أسعار", "السفينة"],
    "zh": ["旧桥", "码头", "经济发展", "现在"],
    "vi": ["sông", "cầu", "bến"],
    None: ["qwerty", "zorblax", "river"],
}
SMALL = {"en": "the of and", "de": "die und von", "fr": "de la", "ar": "في من", "zh": "的", "vi": "và", None: ""}
languages = st.sampled_from(list(NOUNS))


@st.composite
def texts(draw: st.DrawFn) -> tuple[str | None, str, str, list[str]]:
    """A language, a headline, a text of some paragraphs, and the words that carry meaning in either."""
    language = draw(languages)
    joined = "" if language == "zh" else " "
    pool = st.sampled_from([*NOUNS[language], *SMALL[language].split()])
    parts = draw(st.lists(st.lists(pool, min_size=1, max_size=8), min_size=2, max_size=4))
    title, *paragraphs = [joined.join(part) for part in parts]
    nouns = [word for part in parts for word in part if word in NOUNS[language]]
    return language, title, "\n\n".join(paragraphs), nouns


@examples(25)
@given(corpus=st.lists(texts(), min_size=1, max_size=12), data=st.data(), mode=st.sampled_from(Mode))
def test_an_article_that_has_all_words_of_a_query_is_never_no_match(
    tmp_path_factory: pytest.TempPathFactory,
    hashing: Encoder,
    corpus: Sequence[tuple[str | None, str, str, list[str]]],
    data: st.DataObject,
    mode: Mode,
) -> None:
    made = [
        article(f"n{at}", text, title=title, language=language, published=day(at))
        for at, (language, title, text, _) in enumerate(corpus)
    ]
    with Index.build(made, tmp_path_factory.mktemp("any") / "index", encoder=hashing) as index:
        for one, (language, _, _, nouns) in zip(made, corpus, strict=True):
            if nouns:
                asked = data.draw(st.lists(st.sampled_from(nouns), min_size=1, max_size=4))
                small = data.draw(st.sampled_from(["", SMALL[language]]))
                text = " ".join([*asked, *small.split()])
                assert_promised(index, one, text, mode)


def assert_promised(index: Index, one: Article, text: str, mode: Mode) -> None:
    """Assert that an article is a match, by every way to leave out what is none."""
    article_id = one.metadata.article_id
    known = confidences(index, everything(text, mode))
    assert known[article_id] >= LEAST
    assert confidences(index, everything(text, mode, least=LEAST))[article_id] == known[article_id]
    assert article_id in confidences(index, everything(text, mode, Sort.DATE))
    assert article_id not in confidences(index, everything(text, mode, least=min(1.0, known[article_id] + 1e-9)))


@pytest.mark.parametrize("mode", Mode)
def test_function_words_alone_promise_nothing(mode: Mode, tmp_path: Path, hashing: Encoder) -> None:
    index = Index.build([article(f"n{at}", prose(at)) for at in range(20)], tmp_path / "index", encoder=hashing)
    assert index.search(Query("the of and", mode=mode)).verdict is Verdict.NONE


@pytest.mark.parametrize("mode", Mode)
def test_a_quoted_phrase_is_a_match_even_where_it_is_of_function_words(
    mode: Mode, tmp_path: Path, hashing: Encoder
) -> None:
    lines = [article("a", f"To be, or not to be. {prose(1)}"), *(article(f"n{at}", prose(at)) for at in range(20))]
    index = Index.build(lines, tmp_path / "index", encoder=hashing)
    answer = index.search(Query.parse('"to be or not to be"', mode=mode))
    assert [hit.article.title for hit in answer.hits] == ["Headline of a"]
    assert answer.verdict is not Verdict.NONE


def test_a_word_in_the_headline_and_the_text_is_surer_than_one_in_passing(tmp_path: Path, hashing: Encoder) -> None:
    about = article("about", "\n\n".join(f"Wheat {prose(at)}" for at in range(4)), title="Wheat prices rise")
    passing = article("passing", "\n\n".join([prose(9), f"{prose(8)} Wheat.", prose(7), prose(6)]), title="Ships wait")
    others = [article(f"n{at}", f"Wheat {prose(at)}" if at % 2 else prose(at)) for at in range(40)]
    index = Index.build([about, passing, *others], tmp_path / "index", encoder=hashing, passage_tokens=40)
    found: Answer = index.search(everything("wheat", Mode.LEXICAL))
    verdicts = {hit.article.title: hit.verdict for hit in found.hits}
    assert verdicts["Wheat prices rise"] in GOOD
    assert verdicts["Ships wait"] is Verdict.WEAK
