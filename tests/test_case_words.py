"""A word is found however it is written, and what excludes it excludes no other: searched as a person does."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from semsearch import Index, Query
from semsearch.ports import Encoder
from semsearch.sources import read
from semsearch.types import Answer, Article, Mode, Verdict
from semsearch.words.korean import noun_length
from tests.making import article

CASES = Path(__file__).parent / "cases"

Ask = Callable[[str], Answer]


def asker(articles: list[Article], folder: Path, encoder: Encoder) -> Ask:
    index = Index.build(articles, folder, encoder=encoder)
    return lambda typed: index.search(Query.parse(typed, mode=Mode.LEXICAL))


@pytest.fixture(scope="session")
def ask(tmp_path_factory: pytest.TempPathFactory, hashing: Encoder) -> Callable[[str], Ask]:
    """Open a case's articles to be asked by words alone; a case's index is made once."""
    made: dict[str, Ask] = {}

    def of(case: str) -> Ask:
        if case not in made:
            articles = [one for one in read([CASES / case]) if isinstance(one, Article)]
            made[case] = asker(articles, tmp_path_factory.mktemp("case") / "index", hashing)
        return made[case]

    return of


def titles(answer: Answer) -> list[str]:
    return [hit.article.title for hit in answer.hits]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("猫", ["猫の島で観光客が増える"]),
        ('"猫"', ["猫の島で観光客が増える"]),
        ("光", ["猫の島で観光客が増える"]),
        ("쌀", ["쌀값이 크게 올랐다"]),
        ('"쌀"', ["쌀값이 크게 올랐다"]),
        ("島 -猫", []),
        ('島 -"猫"', []),
        ("島 -観光", []),
        ("쌀값 -쌀", []),
        ("観光客 -犬", ["猫の島で観光客が増える"]),
        ("台灣 -鐵", []),
    ],
)
def test_one_character_is_a_word(ask: Callable[[str], Ask], typed: str, found: list[str]) -> None:
    answer = ask("01-exclude-one-character/ml.jsonl")(typed)
    assert titles(answer) == found
    assert not [notice for notice in answer.notices if "exact words" in notice]


@pytest.mark.parametrize("typed", ["臺灣地震", "台湾地震", '"臺灣"', '"台湾"', "鐵路", "铁路", "灣", "湾"])
def test_traditional_and_simplified_characters_are_one(ask: Callable[[str], Ask], typed: str) -> None:
    assert set(titles(ask("01-exclude-one-character/ml.jsonl")(typed))) == {"臺灣地震後重建鐵路", "台湾地震后重建铁路"}


TOGETHER_OR_APART = [
    ("Ministry moves all staff to a new email service", "e-mail email E-Mail e‑mail"),
    ("Town hall offers free Wi-Fi in every square", "wifi Wi-Fi WIFI Wi–Fi"),
    ("Pilots report trouble with the F-35 fleet", "F35 F-35 f35"),
    ("Ministers of the G20 meet on debt relief", "G-20 G20"),
    ("Vaccination against Covid-19 starts again in homes for the elderly", "covid19 COVID-19"),
    ("Co-operative dairy closes two plants", "cooperative co-operative"),
    ("Start-up builds a cheaper heat pump", "startup start-up"),
    ("City budget shows a gap of 1,500,000 crowns", "1500000 1,500,000 1.500.000 15,00,000"),
]


@pytest.mark.parametrize(
    ("title", "typed"), [(title, one) for title, spellings in TOGETHER_OR_APART for one in spellings.split()]
)
def test_what_is_written_together_or_apart_is_found_quoted_and_excluded(
    ask: Callable[[str], Ask], title: str, typed: str
) -> None:
    of = ask("en.jsonl")
    assert titles(of(typed))[0] == title
    assert titles(of(f'"{typed}"')) == [title]
    assert title not in titles(of(f'of in a the -"{typed}"'))
    if typed[0].isalpha():
        assert title not in titles(of(f"of in a the -{typed}"))


@pytest.mark.parametrize(
    "typed", ["1 500 000", "1\u00a0500\u00a0000", "1\u202f500\u202f000", '"1 500 000"', "F 35", '"F 35"']
)
def test_numbers_in_groups_and_a_letter_before_a_number_are_one_word(ask: Callable[[str], Ask], typed: str) -> None:
    title = (
        "Pilots report trouble with the F-35 fleet" if "F" in typed else "City budget shows a gap of 1,500,000 crowns"
    )
    assert titles(ask("en.jsonl")(typed))[0] == title


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Juergen Groesse", {"Thomas Müller buys the old brewery"}),
        ("Jürgen Größe", {"Thomas Müller buys the old brewery"}),
        ('"Juergen Groesse"', {"Thomas Müller buys the old brewery"}),
        ("Mueller", {"Thomas Müller buys the old brewery", "Mueller report on the dyke published"}),
        ("Müller", {"Thomas Müller buys the old brewery", "Mueller report on the dyke published"}),
        ("Muller", {"Thomas Müller buys the old brewery"}),
        ("Aakesson", {"Åkesson wins the regatta off Aarhus"}),
        ("Århus", {"Åkesson wins the regatta off Aarhus"}),
        ("council -Müller", {"Council debates parking"}),
        ("council -Mueller", {"Council debates parking"}),
    ],
)
def test_umlauts_are_found_as_two_letters(ask: Callable[[str], Ask], typed: str, found: set[str]) -> None:
    assert set(titles(ask("mu.jsonl")(typed))) == found


@pytest.mark.parametrize("typed", ["गाँव", "गांव", "मांगी", "माँगी", "जमीन", "ज़मीन", "कागज", '"गांव डूब गए"', "बांटे"])
def test_hindi_has_one_spelling(ask: Callable[[str], Ask], typed: str) -> None:
    title = "किसान मेला शुरू" if typed == "बांटे" else "बाढ़ से गाँव डूबे"
    answer = ask("17-hindi-spellings/hi.jsonl")(typed)
    assert titles(answer) == [title]
    assert answer.notices == ()


@pytest.mark.parametrize(
    ("typed", "out"),
    [
        ("donors -organization", {"World trade organization meets in Port Alder"}),
        ("donors -organ", {"Hospital counts more organ donors"}),
        ("donors -organs", {"Hospital counts more organ donors"}),
        ("donors -organized", set()),
        ("the -universe", {"Telescope maps the early universe"}),
        ("the -universities", {"University raises fees"}),
        ("the -customs", {"Customs officers find a ton of tea"}),
        ("the -custom", {"An old custom returns"}),
        ("the -customer", set()),
        ("the -candles", {"An old custom returns"}),
        ("the -lights", {"An old custom returns"}),
        ("the -transplant", {"Hospital counts more organ donors"}),
    ],
)
def test_an_exclusion_is_of_a_word_in_its_forms_and_not_of_what_is_akin(
    ask: Callable[[str], Ask], typed: str, out: set[str]
) -> None:
    of = ask("35-over-stemming/org.jsonl")
    assert set(titles(of(typed.partition(" -")[0]))) - set(titles(of(typed))) == out


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("הילדים שבו והבית נסגר", "בית"),
        ("בבית הספר", "הבית"),
        ("قالت والحكومة لم تعلق", "حكومة"),
        ("قدم الطلب لحكومة جديدة", "الحكومة"),
        ("हिन्दी सम्मेलन", "हिंदी संमेलन"),
        ("पञ्चायत", "पंचायत"),
        ("The anti-Covid-19 rules", "covid19"),
        ("A gap of 2 500 000 zlotys", "2,500,000"),
        ("A gap of 1'500'000 francs", "1500000"),
        ("An X ray of the F 16", "F-16"),
        ("The COVID–19 rules", "covid19"),
        ("Bjørn from Tromsø", "Bjoern Tromsoe"),
        ("Bjoern", "Bjørn"),
        ("貓與龍", "龙"),
    ],
)
def test_other_ways_to_write_a_word(tmp_path: Path, hashing: Encoder, text: str, typed: str) -> None:
    language = "ar" if "ل" in text else None  # too short to be known for it
    articles = [article("a", text, title="News", language=language), article("b", "Else.", title="Other")]
    of = asker(articles, tmp_path / "index", hashing)
    assert titles(of(typed)) == ["News"]
    assert not of(typed).notices


NEIGHBOURS = [
    ("Every square has Wi Fi now", "wifi; Wi-Fi; wi fi; WIFI; has wifi now"),
    ("Every ship has wifi now", "wifi; Wi-Fi; Wi Fi; wi fi; has Wi Fi now"),
    ("Staff got an e mail yesterday", "email; e-mail; e mail; an email yesterday"),
    ("Clerks got one email yesterday", "e mail; e-mail; E Mail; one e mail yesterday"),
    ("Flight MH370 left the radar", "MH 370; MH-370; mh370; flight mh 370 left"),
    ("Flight QZ 8501 left the radar", "QZ8501; QZ-8501; qz8501; flight QZ8501 left"),
    ("The Covid 18 rules end", "covid18; Covid-18; the covid18 rules"),
    ("The Covid19 rules began", "Covid 19; covid-19; the covid 19 rules"),
    ("She took her Ph.D. in law", "PhD; Ph.D; Ph. D.; ph.d.; her PhD in law"),
    ("He took his PhD in law", "Ph.D.; Ph. D.; Ph D; his Ph.D. in law"),
    ("Envoys of the U. N. agreed", "UN; U.N.; U. N.; the UN agreed"),
    ("Envoys of the UNO agreed", "U. N. O.; U.N.O.; U N O; the U. N. O. agreed"),
    ("A novel of J. R. R. Marlow", "J.R.R.; JRR; J R R; JRR Marlow"),
    ("An F 35 crashed in the fog", "F35; F-35; F 35; an F35 crashed"),
    ("An F36 crashed in the fog", "F 36; F-36; an F-36 crashed"),
    ("Дорога обошлась в 5млн рублей", "5 млн; 5млн; обошлась в 5 млн"),
    ("A line of 500 Mbps for each house", "500 Mbps; 500Mbps; 500mbps"),
    ("The bridge cost $5bn in all", "5bn; $5bn; 5 bn; $5 bn; cost 5 bn in all"),
    ("The tunnel cost 6 bn in all", "6bn; $6bn; cost $6bn in all"),
    ("Doors shut at 7 pm on weekdays", "7pm; at 7pm on"),
    ("Gusts reached 130km/h at the coast", "130 km; 130km; reached 130 km"),
    ("The town tests a 5 G mast", "5G; 5-G; a 5G mast"),
    ("Her T shirt was wet, his X ray clear", "tshirt; T-shirt; xray; X-ray; her T-shirt was wet, his xray"),
]


@pytest.fixture(scope="session")
def neighbours(tmp_path_factory: pytest.TempPathFactory, hashing: Encoder) -> Ask:
    articles = [article(f"n{at}", text, title="News") for at, (text, _) in enumerate(NEIGHBOURS)]
    return asker(articles, tmp_path_factory.mktemp("neighbours") / "index", hashing)


@pytest.mark.parametrize(("text", "typed"), [(text, one) for text, all_ in NEIGHBOURS for one in all_.split("; ")])
def test_a_word_is_found_whether_its_parts_stand_together_or_apart(neighbours: Ask, text: str, typed: str) -> None:
    assert text in [hit.passage.text for hit in neighbours(typed).hits if hit.verdict is not Verdict.NONE][:2]
    quoted = [hit.passage.text for hit in neighbours(f'"{typed}"').hits]
    assert text in quoted
    assert len(quoted) <= 2
    assert text not in [hit.passage.text for hit in neighbours(f'"news" -"{typed}"').hits]


def test_function_words_are_no_parts_of_other_words(tmp_path: Path, hashing: Encoder) -> None:
    texts = [
        ("en", "We walked a long way in 2024 and saw no one in to wn"),
        ("it", "Il libro e mail della posta"),
        ("ru", "Выборы в 2024 году"),
        ("fr", "Il y a 5 ans, elle a dit non"),
    ]
    articles = [article(f"f{at}", text, title="News", language=tag) for at, (tag, text) in enumerate(texts)]
    ask = asker(articles, tmp_path / "index", hashing)
    for typed in ("along", "in2024", "into", "email", "в2024", "a5", "ya"):
        assert titles(ask(typed)) == []
    assert ask("выборы 2024").hits[0].passage.text == "Выборы в 2024 году"


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("서울은 비가 온다", "서울; 서울에서; 서울을; 비"),
        ("대통령이 국회에서 말했다", "대통령; 대통령은; 국회; 국회는; 대통령의 국회로"),
        ("학교를 다시 연다", "학교; 학교가; 학교에서는"),
    ],
)
def test_korean_nouns_are_found_whatever_is_written_onto_them(
    tmp_path: Path, hashing: Encoder, text: str, typed: str
) -> None:
    other = article("b", "고양시의 시장은 도로를 고친다", title="다른", language="ko")
    ask = asker([article("a", text, title="소식", language="ko"), other], tmp_path / "index", hashing)
    for one in typed.split("; "):
        [best, *_] = ask(one).hits
        assert (best.passage.text, best.verdict is not Verdict.NONE) == (text, True)


@pytest.mark.parametrize(
    ("word", "noun"),
    [
        ("서울에서", "서울"),
        ("부산으로", "부산"),
        ("고양이", "고양이"),
        ("고속도로", "고속도로"),
        ("전문가", "전문가"),
        ("국가", "국가"),
    ],
)
def test_a_syllable_that_ends_a_noun_is_no_particle(word: str, noun: str) -> None:
    assert word[: noun_length(word)] == noun


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("In 2024 500 people came", "2024500"),
        ("They won 3-2", "32"),
        ("A 10-year plan", "10year"),
        ("שלום", "ום"),
        ("The poet", "pot"),
        ("Muller", "Mueller"),
        ("El niño", "nino2"),
    ],
)
def test_what_is_no_way_to_write_a_word(tmp_path: Path, hashing: Encoder, text: str, typed: str) -> None:
    assert titles(asker([article("a", text, title="News")], tmp_path / "index", hashing)(typed)) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("goverment ministry", None),  # a near word is not there
        ("minsitry", "ministry"),
        ("vacination round", "vaccination"),
        ("electi", "elections"),
        ("brewary", None),
        ("Norlund", "norland"),
        ("this", None),
        ("emial", "email"),
        ("e-mail", None),
        ("wifi", None),
        ("covid18", None),
        ("12345", None),
        ("ministries", None),
    ],
)
def test_the_nearest_word_is_suggested_for_one_that_nothing_has(
    ask: Callable[[str], Ask], typed: str, meant: str | None
) -> None:
    told = [notice for notice in ask("en.jsonl")(typed).notices if "did you mean" in notice]
    assert told == ([f"no article has the word “{typed.split()[0]}”; did you mean “{meant}”?"] if meant else [])


def test_suggestions_are_in_any_script_of_what_is_alive_and_survive_merging(tmp_path: Path, hashing: Encoder) -> None:
    articles = [article("a", "Городской совет обсудил парковку.", title="Новости"), article("b", "The zeppelins flew.")]
    with Index.build(articles, tmp_path / "index", encoder=hashing) as index:
        for _ in range(2):
            assert "did you mean “парковку”?" in index.search(Query("порковку", mode=Mode.LEXICAL)).notices[0]
            assert "did you mean “zeppelins”?" in index.search(Query("zepelins", mode=Mode.LEXICAL)).notices[0]
            index.compact()
        index.delete([articles[1].metadata.article_id])
        assert index.search(Query("zepelins", mode=Mode.LEXICAL)).notices == ("no article has the word “zepelins”",)
        index.compact()
        everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert b"zeppelins" not in everything
        assert "парковку".encode() in everything


def test_a_suggestion_is_part_of_every_output(ask: Callable[[str], Ask]) -> None:
    found = ask("en.jsonl")("minsitry").to_dict()
    assert "did you mean “ministry”?" in json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize(
    ("typed", "notices"),
    [
        ("strike zzqxv", ("no article has the word “zzqxv”",)),
        ("strike (Zzqxv)?", ("no article has the word “Zzqxv”",)),
        ("zzqxv nodejs", ("no article has the words “zzqxv” and “nodejs”",)),
        ("zzqxv vqqxz kjjkw wkkwj xppxq", ("no article has the words “zzqxv”, “vqqxz”, “kjjkw” and 2 more",)),
        ("who is this about", ()),
        ("wo ist der Streik", ()),  # another language, which a model may read
        ("der strike zzqxv", ("no article has the word “zzqxv”",)),
        ("strike in 北京大学", ()),
        ("strike 서울에서", ()),
        ("strike www.zzqxv.example https://zzqxv.example/vqqxz", ()),
        ("strike -zzqxv", ()),
        ('strike -"zzqxv vqqxz"', ()),
        ("x strike", ()),
        ("harbor", ()),  # as it is written elsewhere
    ],
)
def test_words_that_no_article_has_are_told_in_one_notice(
    tmp_path: Path, hashing: Encoder, typed: str, notices: tuple[str, ...]
) -> None:
    with Index.build([article("a", "The strike ended at the harbour.")], tmp_path / "i", encoder=hashing) as index:
        assert index.search(Query.parse(typed)).notices == notices
        assert index.search(Query.parse(typed, mode=Mode.DENSE)).notices == ()
        assert not index.similar(next(index.articles()).article_id).notices


def test_a_quoted_word_that_no_article_has_is_told_once(tmp_path: Path, hashing: Encoder) -> None:
    with Index.build([article("a", "The strike ended at the harbour.")], tmp_path / "i", encoder=hashing) as index:
        [notice] = index.search(Query.parse('strike "zzqxv"')).notices
    assert "“zzqxv”" in notice


def test_a_long_text_gets_few_notices(tmp_path: Path, hashing: Encoder) -> None:
    known = " ".join(f"{letter * 3}zzqxv" for letter in "abcdefghijk")
    with Index.build([article("a", known)], tmp_path / "i", encoder=hashing) as index:
        pasted = " ".join(f"{word}w {word[::-1]}" for word in known.split())
        notices = index.search(pasted).notices
    assert len(notices) == 4
    assert "and 8 more" in notices[-1]


def test_what_other_tools_take_for_an_operator_gets_its_notice_and_no_suggestion(
    tmp_path: Path, hashing: Encoder
) -> None:
    text = "The strike ended at a harbour nearby."
    index = Index.build([article("a", text)], tmp_path / "index", encoder=hashing)
    assert index.search("near").notices == ("no article has the word “near”; did you mean “nearby”?",)
    for operator in ("NEAR/5", "near/3"):
        [notice] = index.search(Query.parse(f"harbour {operator} strike")).notices
        assert notice.startswith(f"{operator} is searched as a word")


ONE_SPELLING_EACH = {
    "fr": (
        "L’Humanité publie une enquête sur l’ancien président.",
        """ "HUMANITE" | humanite | "L'HUMANITE" | "ancien president" """,
    ),
    "ro": ("Primarul din București a deschis ședința.", '"Bucuresti" | bucuresti | "sedinta"'),
    "tr": ("Muğla'dan gelen kadınlar Iğdır'a gitti.", "mugla | Muğla | kadinlar | igdir | IĞDIR"),
    "fa": (
        "رئیس‌جمهور درباره‌ی کتاب‌های تازه سخن گفت.",
        '"رئیس جمهور" | رئیس‌جمهور | رئیسجمهور | درباره | "کتاب های" | کتابهای',
    ),
    "he": ('דובר צה"ל מסר הודעה.', '"צה״ל" | צהל | צה"ל | "דובר צה״ל"'),
    "uk": ("На ґанку стоїть Ґалаґан.", "ганку | Галаган | галаган"),
    "en": (
        "F-35s and MiG-29s cost Rs1,200 or EUR3.5m; PM2.5 falls and the show starts at 5 p.m. on Friday.",
        'F-35 | F35s | MiG-29 | MiG29 | "Rs 1,200" | "1,200" | "EUR 3.5m" | "PM 2.5" | PM-2.5 | "5pm" | "5 pm"',
    ),
}


@pytest.mark.parametrize("language", ONE_SPELLING_EACH)
def test_an_article_is_found_and_excluded_by_each_spelling(language: str, tmp_path: Path, hashing: Encoder) -> None:
    text, spellings = ONE_SPELLING_EACH[language]
    named = article("one", text, title="Erste", language=language)
    other = article("two", "Wind and rain over the hills in 1999.", title="Zweite", language="en")
    ask = asker([named, other], tmp_path / "index", hashing)
    for typed in map(str.strip, spellings.split("|")):
        answer = ask(typed)
        assert titles(answer) == ["Erste"], typed
        assert not answer.notices
        assert answer.verdict is not Verdict.NONE, typed
        assert titles(ask(f"wind -{typed}")) == ["Zweite"], typed


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("L'Oréal", "loreal"),
        ("L’Oréal", "l'oreal"),
        ("D'Angelo", "dangelo"),
        ("N'Golo Kanté", "ngolo kante"),
        ("M'Bappé", '"mbappe"'),
        ("Sant'Angelo", "santangelo"),
        ("L'Aquila", "L’Aquila"),
    ],
)
def test_a_name_with_an_elided_word_is_found_typed_as_one(
    tmp_path: Path, hashing: Encoder, name: str, typed: str
) -> None:
    articles = [article("named", f"The story of {name} was told in Kolmar."), article("other", "Bread is dear.")]
    ask = asker(articles, tmp_path / "index", hashing)
    assert titles(ask(typed)) == [articles[0].metadata.title]
    assert ask(typed).hits[0].verdict is not Verdict.NONE
    assert titles(ask(f"story -{typed}")) == []


@pytest.mark.parametrize(
    ("written", "quoted"),
    [
        ("Johnson & Johnson", "Johnson and Johnson"),
        ("Johnson and Johnson", "Johnson & Johnson"),
        ("Marks & Spencer", "marks and spencer"),
        ("Müller & Sohn", "Müller und Sohn"),
    ],
)
def test_a_phrase_is_found_with_the_sign_for_and(tmp_path: Path, hashing: Encoder, written: str, quoted: str) -> None:
    articles = [
        article("named", f"The shop of {written} was sold."),
        article("other", "Johnson met Spencer and a son."),
    ]
    answer = asker(articles, tmp_path / "index", hashing)(f'"{quoted}"')
    assert titles(answer) == [articles[0].metadata.title]
    assert answer.notices == ()


WITH_PREFIXES = {
    "תל אביב": "הוא גר בתל אביב | הדרך לתל אביב חסומה | רכבת מתל אביב איחרה | ירושלים ותל אביב ביקשו תקציב",
    "בת ים": "הוא גר בבת ים | הדרך לבת ים חסומה",
    "ראש הממשלה": "הנשיא וראש הממשלה נפגשו | מכתב לראש הממשלה נשלח | הודעה מראש הממשלה פורסמה",
    "משרד הביטחון": "פקיד במשרד הביטחון אמר | מכתב למשרד הביטחון נשלח",
    "الأمم المتحدة": "قال مسؤول للأمم المتحدة | المجلس والأمم المتحدة | قرار بالأمم المتحدة حول المياه",
    "مجلس الأمن": "قرار لمجلس الأمن صدر أمس | اجتمع بمجلس الأمن سفراء | صوت ومجلس الأمن منقسم",
}


@pytest.mark.parametrize("typed", ["عبد الله", "عبدالله", '"عبد الله"', '"عبدالله"', '"عبدالله الثاني"'])
def test_an_arabic_name_is_found_with_and_without_a_space(tmp_path: Path, hashing: Encoder, typed: str) -> None:
    texts = [
        "قال الملك عبد الله الثاني أمس",
        "التقى الملك عبدالله الثاني سفيرا",
        "سافر الأمير وعبدالله الثاني إلى لندن",
    ]
    articles = [article(f"a{n}", text, title=f"Item {n}", language="ar") for n, text in enumerate(texts)]
    other = article("other", "يستعبد المال الناس", title="Other", language="ar")
    ask = asker([*articles, other], tmp_path / "index", hashing)
    assert {hit.article.title for hit in ask(typed).hits if hit.verdict is not Verdict.NONE} == {
        one.metadata.title for one in articles
    }


@pytest.mark.parametrize("name", WITH_PREFIXES)
def test_a_name_is_found_with_the_words_that_are_written_onto_it(tmp_path: Path, hashing: Encoder, name: str) -> None:
    language = "he" if "א" <= name[0] <= "ת" else "ar"
    texts = WITH_PREFIXES[name].split(" | ")
    articles = [article(f"a{n}", text, title=f"Item {n}", language=language) for n, text in enumerate(texts)]
    other = article("other", "Bread is dear.", title="Other", language="en")
    ask = asker([*articles, other], tmp_path / "index", hashing)
    for typed in (name, f'"{name}"'):
        answer = ask(typed)
        assert {hit.article.title for hit in answer.hits if hit.verdict is not Verdict.NONE} == {
            one.metadata.title for one in articles
        }
        assert not answer.notices
    assert titles(ask(f'bread -"{name}"')) == ["Other"]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("הראש שלה כואב", "ראש הממשלה"),  # "her head": שלה is no part of the word government
        ("כלב טוב בבית", "לב טוב"),  # a dog, and a heart
        ("ארוחה של בשר האוצר", "שר האוצר"),  # meat, and a minister
    ],
)
def test_letters_that_are_no_prefix_stay(tmp_path: Path, hashing: Encoder, text: str, quoted: str) -> None:
    articles = [article("one", text, language="he"), article("other", "Bread is dear.", language="en")]
    assert asker(articles, tmp_path / "index", hashing)(f'"{quoted}"').notices
