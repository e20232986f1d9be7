import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from semsearch.words import Terms, analyse, analyser_of, contains, occurrences, phrase, query_words, terms, words
from semsearch.words.compounds import compounds
from semsearch.words.joins import joined_words
from semsearch.words.pairs import pairs
from semsearch.words.stretches import stretches, typed
from tests.examples import PARTS
from tests.oracle import begins

ANALYSERS = ("", "en", "de", "fr", "es", "pt", "it", "nl", "sv", "ru", "ar", "tr", "el", "hi", "fi", "sr", "ta", "yi")
MIXED = (
    "The council’s U.S.-led plan, AT&T’s C++ team: 1,200.50 dollars on 31.12.2024. L’école d’Orsay e\u0301tait là. "
    "Die Straßen Łódź ÆRØ. Совет её ЁЛКИ. أَحْمَد كتــاب ٢٠٢٤. 北京大学 火 ｶﾞｽ ソフト 서울에서 น้ำไทย ខ្មែរ "
    "कि\u093cताब İstanbul’da soft\u00adware 🙂"
)

anything = st.text(
    st.characters(exclude_categories=()) | st.sampled_from("aBs.1,'’&+# \u0301\u200d火の가ไé\ud800\x00\u00ad"),
    max_size=60,
)
# Letters that have one of each case, so that str.upper does not respell a word.
one_case = st.characters(categories=("L", "Nd", "Mn", "Zs", "Po"), exclude_characters="ıİſKŉ").filter(
    lambda char: len(char.upper()) == 1 and char.upper().lower() == char and char.casefold() == char
)
PIECES = [
    "Council", "council's", "O’Brien", "U.S.", "u.n.", "AT&T", "C++", "R&D's", "1,200", "3.5", "COVID-19", "l'homme",
    "Qu’il", "dell'Aquila", "she'll", "été", "e\u0301te\u0301", "Straße", "ёлка", "йод", "м'ята", "北京大学", "火",
    "ガス",
    "서울에서", "น้ำ", "ខ្មែរ", "किताब", "كتــاب",
    "soft\u00adware", "@mayor", "#vote", "₂", "½", "—", "…", "🙂", "\ud800",
    "\u0301",
]  # fmt: skip
pieced = st.lists(
    st.tuples(st.sampled_from(PIECES), st.sampled_from([" ", ", ", "\n\n", " — ", ". "])), max_size=12
).map(lambda pairs: "".join(piece + gap for piece, gap in pairs))


@pytest.mark.parametrize(
    ("language", "article", "query"),
    [
        (
            "en",
            "Firefighters were rescuing families from the flooded houses.",
            "family rescued flood house firefighter",
        ),
        ("en", "Her résumé, the café and São Paulo", "resume cafe sao paulo"),
        ("de", "Die Brücken über die Flüsse werden in Häusern geplant, groß.", "brucke fluss haus gross"),
        ("de", "Müller fährt durch Köln", "Mueller Koeln"),
        (
            "fr",
            "Les élections présidentielles de l’été : l’homme qu’elle écoutait",
            "election presidentielle homme ecouter",
        ),
        ("es", "Las canciones y las elecciones de los niños", "cancion eleccion nino"),
        ("pt", "As eleições e as decisões do governo", "eleiçoes decisoes governos"),
        ("it", "I giornali dell’università e l’elezione dei sindaci", "giornale universita elezioni sindaco"),
        ("nl", "De gemeentes herstellen de bruggen", "gemeente herstel brug"),
        ("sv", "Flickorna såg städerna och broarna", "flicka stad stader broarna"),
        ("no", "Kommunene bygger broene ved København", "kommune bygge kobenhavn"),
        ("da", "Broerne over åen i København lukkes", "broerne aen kobenhavn lukke"),
        ("fi", "Kaupungissa rakennettiin talossa", "kaupungista talosta"),
        ("hu", "A házakban és a hidakon", "házak hidak"),
        ("ro", "Orașele și podurile țării", "oraşul podurilor tarii"),
        ("ru", "Новые мосты построены у чёрных рек", "мост мостов черный река"),
        ("ar", "أعلنت الحكومة عن بناء الجِسْر في مدينة", "الحكومه بناء جسر مدينه اعلنت"),
        ("tr", "İstanbul’da köprüler açıldı, IŞIKLAR", "istanbul kopru ışık"),
        ("el", "Οι εκλογές στην Αθήνα ΑΘΗΝΑ", "εκλογες αθηνα"),
        ("ca", "La col·lecció de l’Ajuntament i les ciutats", "col·leccions ajuntament ciutat"),
        ("hi", "लड़कों की किताबें", "लड़का किताब"),
        ("pl", "W miastach Łodzi", "miasta lodzi"),
        ("sr", "Мостови у Београду", "beograd београд"),
        ("zh", "昨天夜里北京大学发生火灾", "北京大学 火灾"),
        ("ja", "市議会は橋の再建を決めた。ｿﾌﾄ", "橋の再建 ソフト"),
        ("ko", "서울에서 다리를 다시 짓는다", "서울 다리"),
        ("th", "รัฐบาลสร้างสะพานใหม่", "สะพาน รัฐบาล"),
    ],
)
def test_every_word_of_the_query_is_a_term_of_the_article(language: str, article: str, query: str) -> None:
    analyser = analyser_of(language, article)
    assert not set(terms(query, analyser)) - set(terms(article, analyser))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("U.S. and U.S and US and u.s.-led", "us and us and us and us led"),
        ("The U.N.’s J.R.R. Tolkien, 5 a.m.", "the un jrr tolkien 5 am"),
        ("U.S.government", "us government"),
        ("AT&T’s R&D, S&P 500, black&white", "at&t r&d s&p 500 black white"),
        ("C++, C# and G7; COVID-19", "c++ c# and g7 covid 19"),
        ("@mayor #vote snake_case", "mayor vote snake case"),
        ("O’Brien, O'Brien and OBrien", "obrien obrien and obrien"),
        ("the children’s, the children's, the dogs'", "the children the children the dogs"),
        ("she’ll sell; they’re here; I’d; can’t", "she sell they here i cant"),
        ("l’homme, dell’arte, qu’il, aujourd’hui, d'aujourd'hui", "l homme dell arte qu il aujourdhui d aujourdhui"),
        ("1,200 1.200 1200 1,200.50 1.200,50 3.5 3,5 0.125", "1200 1200 1200 1200.50 1200.50 3.5 3.5 0.125"),
        ("31.12.2024, v1.2.3, 1,2,3", "31 12 2024 v1 2 3 1 2 3"),
        ("$3.5m; ٢٠٢٤; ２０２４; 6½; m²", "3.5m 2024 2024 6 m2"),
        ("soft\u00adware zero\u200bwidth می\u200cخواهم", "software zerowidth مي خواهم"),
        ("STRASSE Straße ﬁn Ærø Łódź", "strasse strasse fin aero lodz"),
        ("ёлка й ї", "елка й ї"),
        ("أَحْمَد احمد كتــاب مدرسة مدرسه", "احمد احمد كتاب مدرسه مدرسه"),
        ("北京 ｶﾞｽ 서울 น้ำ", "北 京 ガ ス 서 울 น้ ํา"),
        ("", ""),
        ("\ud800 \x00 🙂 \u0301 — ½ ''", ""),
    ],
)
def test_words_are_folded_and_not_stemmed(text: str, expected: str) -> None:
    assert [word for word, _ in words(text)] == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("北京大学", Terms(["北 京", "京 大", "大 学"], ["学"])),
        ("火", Terms(["火"], [])),
        ("火 灾", Terms(["火", "灾"], [])),
        ("iPhone手机", Terms(["iphon", "手 机"], ["机"])),
        ("น้ำดี", Terms(["น้ ํา", "ํา ดี"], ["ดี"])),
    ],
)
def test_runs_become_pairs_of_characters_and_each_character_begins_a_term(text: str, expected: Terms) -> None:
    assert analyse(text, "en") == expected


@pytest.mark.parametrize(
    ("language", "text", "analyser"),
    [
        ("en-GB", "", "en"),
        ("pt_BR", "Alpha", "pt"),
        ("nb", "Alpha", "no"),
        ("nn", "Alpha", "no"),
        ("hr", "Alpha", "sr"),
        ("da", "Staden och broarna är stängda och det är inte klart för alla som bor i den.", "da"),
        (None, "Der Stadtrat hat beschlossen, die Brücke wieder aufzubauen, die gesperrt war.", "de"),
        (None, "Alpha Beta", "en"),
        ("und", "", "en"),
        ("", "市议会星期二决定重建去年洪水后一直关闭的那座大桥", ""),
        ("en", "市议会星期二决定重建去年洪水后一直关闭的那座大桥", ""),
        ("en", "Городской совет решил во вторник восстановить мост", "ru"),
        ("zh", "The council said that it would rebuild the bridge that was closed after the flood.", "en"),
        ("uk", "Міська рада вирішила у вівторок відбудувати міст після повені", ""),
        ("sr", "Градско веће је одлучило да обнови мост после поплаве", "sr"),
        ("sr", "The council said that it would rebuild the bridge that was closed.", "sr"),
        ("fa", "شورای شهر تصمیم گرفت پل را پس از سیل بازسازی کند", "fa"),
        ("ja", "市議会議員選挙投票率過去最低記録更新二年連続減少", ""),
        ("sw", "Baraza la mji liliamua kujenga upya daraja", ""),
    ],
)
def test_the_stated_language_names_the_analyser_unless_the_script_says_otherwise(
    language: str | None, text: str, analyser: str
) -> None:
    assert analyser_of(language, text) == analyser


@pytest.mark.parametrize("analyser", ANALYSERS)
def test_acronyms_and_numbers_have_one_term_however_they_are_written(analyser: str) -> None:
    assert len(set(terms("U.S. U.S US u.s. U.S.’s", analyser))) == 1
    assert len(set(terms("1,200 1.200 1200 １２００ ١٬٢٠٠", analyser))) == 1


def test_an_unknown_analyser_is_named() -> None:
    with pytest.raises(ValueError, match="no analyser 'xx'"):
        terms("text", "xx")


@given(anything)
@example("\u0301" * 5 + "a’" * 9)
@example("1.1,1.000.1٫5")
def test_any_string_has_words_in_order_inside_it_and_terms_under_every_analyser(text: str) -> None:
    found = words(text)
    assert all(0 <= start < end <= len(text) for _, (start, end) in found)
    assert all(earlier[1] <= later[0] for (_, earlier), (_, later) in pairwise(found))
    assert all(word and " " not in word for word, _ in found)
    assert phrase(text) == tuple(word for word, _ in found)
    for analyser in ANALYSERS:
        assert all(terms(text, analyser))


@given(st.text(st.characters(categories=("L", "M", "Nd", "Zs")) | st.sampled_from("'’.,&ёйї\u0306\u0308"), max_size=60))
@example(MIXED)
def test_folding_a_folded_word_changes_nothing(text: str) -> None:
    for word in phrase(text):
        assert "".join(phrase(word)) == word or not word[:1].isalnum()


@given(pieced, st.data())
def test_a_text_contains_every_piece_of_itself_that_begins_and_ends_with_words(text: str, data: st.DataObject) -> None:
    found = words(text)
    if found:
        first = data.draw(st.integers(0, len(found) - 1))
        last = data.draw(st.integers(first, len(found) - 1))
        quoted = text[found[first][1][0] : found[last][1][1]]
        assert phrase(quoted) == tuple(word for word, _ in found[first : last + 1])
        assert contains(text, quoted, "en")


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=3))
def test_contains_is_what_comparing_at_every_place_says(stands: Sequence[str], quoted: Sequence[str]) -> None:
    slices = [stands[at : at + len(quoted)] for at in range(len(stands) - len(quoted) + 1)]
    assert contains(" ".join(stands), " ".join(quoted), "") == (list(quoted) in slices)


APART = (
    "wi fi wifi Wi-Fi e mail email 5 bn 5bn MH 370 MH370 covid 19 covid19 Covid-19 U. N. UN Ph.D. PhD the a Ü "
    "תל בתל תל-אביב בתל-אביב הממשלה ממשלה مجلس لمجلس الأمن والأمن عبد الله عبدالله وعبدالله"
)
in_pieces = st.lists(
    st.tuples(st.sampled_from(APART.split()), st.sampled_from([" ", " ", " ", ", ", ". ", "-"])), max_size=7
).map(lambda pairs: "".join(piece + gap for piece, gap in pairs))


@given(in_pieces, in_pieces)
@example("The new Wi Fi and e-mail.", "new wifi and e mail")
def test_a_phrase_stands_where_trying_every_way_of_writing_finds_it(text: str, quoted: str) -> None:
    for analyser in ("en", "it", "ar", ""):
        found = occurrences(text, quoted, analyser)
        assert found == sorted(begins(text, quoted, analyser))
        assert contains(text, quoted, analyser) == (bool(found) or not phrase(quoted))


@given(in_pieces | pieced)
@example("Wi Fi, U. N., e\u0301 mail, कोविड 19")
@example("Council ₂ and CO ₂")
@example("AT&T C++ and T C#")
def test_an_index_has_every_word_that_neighbours_make(text: str) -> None:
    plain = typed(text)
    for analyser in ("ar", "en", "it", "hi", ""):
        own = [word for one in compounds(plain) for word in (one.whole, *dict(one.partial).values()) if word]
        own += (one.word for one in pairs(plain, analyser))
        assert sorted(joined_words(plain, stretches(plain), analyser)) == sorted(own)


def test_a_phrase_begins_and_ends_at_words() -> None:
    assert contains("The mayor’s “open-source” plan", "OPEN SOURCE plan", "en")
    assert not contains("reopen sources", "open source", "en")
    assert contains("昨天北京大学发生火灾", "大学", "en")
    assert contains("火灾", "火", "en")
    assert not contains("open data source", "open source", "en")


@given(pieced, st.sampled_from(ANALYSERS))
@example(MIXED, "en")
@example(MIXED, "fr")
@example(MIXED, "tr")
def test_terms_do_not_depend_on_the_form_of_characters_or_quotes(text: str, analyser: str) -> None:
    plain = terms(text, analyser)
    assert terms(unicodedata.normalize("NFD", text), analyser) == plain
    assert terms(unicodedata.normalize("NFC", text), analyser) == plain
    assert terms(text.replace("’", "'"), analyser) == plain
    assert terms(text.replace("'", "ʼ"), analyser) == plain


@given(st.text(one_case, max_size=40))
def test_words_do_not_depend_on_case(text: str) -> None:
    assert phrase(text.upper()) == phrase(text)
    for analyser in ("", "en", "de", "fr", "ru", "el"):
        assert terms(text.upper(), analyser) == terms(text, analyser)
        assert terms(text.title(), analyser) == terms(text, analyser)


accented = st.text(
    "abcdeghilmnorstuyıIéèêàçñáãõäöüßåøœşğčřžąęłőșțабвегийорстуыяёґأإآابةتدرسمنهوىي", min_size=1, max_size=12
)


@given(accented, st.sampled_from(ANALYSERS))
@example("humanité", "fr")
@example("président", "fr")
@example("kadınlar", "tr")
@example("KADIN", "tr")
@example("Muğla'dan", "tr")
@example("București", "ro")
@example("قرآن", "ar")
def test_a_word_is_found_without_its_accents_and_in_capitals(word: str, analyser: str) -> None:
    folded = "".join(one for one, _ in words(word))
    for typed_word in (folded, word.upper(), word.lower()):
        if "".join(one for one, _ in words(typed_word)) == folded:  # Turkish capitals have letters of their own
            assert all(asked.has_form_in(word, analyser) for asked in query_words(typed_word, analyser))
            assert all(asked.has_form_in(typed_word, analyser) for asked in query_words(word, analyser))


@given(st.text(st.characters(categories=("L", "M", "Nd", "P", "Zs")), max_size=40))
def test_words_do_not_depend_on_composition(text: str) -> None:
    assert phrase(unicodedata.normalize("NFD", text)) == phrase(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    "unit", ["a", "日", "'", "1,", "l'", "a’s", "a.", "a&", "a\u0301", "\u0301", "\u1100\u1161\u11a8", "🙂", "\ud800"]
)
@pytest.mark.parametrize("part", PARTS)
def test_a_long_text_of_one_thing_takes_time_in_proportion(unit: str, part: int) -> None:
    # A quadratic step would take hours here, so no clock is needed.
    text = unit * (100_000 // part // len(unit))
    assert all(0 < len(part) <= 64 for term in terms(text, "en") for part in term.split(" "))
    folded = phrase(text)
    assert contains(text, " ".join((*folded[: len(folded) // 2], "absent")), "en") is False


def test_terms_are_the_same_from_many_threads_at_once() -> None:
    texts = [f"{MIXED} running{number} children{number}s Brücken{number}en nations{number % 7}" for number in range(60)]
    jobs = [(text, analyser) for text in texts for analyser in ("en", "de", "fr", "tr")]
    expected = [terms(text, analyser) for text, analyser in jobs]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda job: terms(*job), jobs * 3)) == expected * 3


@pytest.mark.slow
def test_more_words_than_a_vocabulary_keeps_are_analysed_all_the_same() -> None:
    many = " ".join(f"word{number}s" for number in range(60_000))
    assert [term.partition(" ")[0] for term in terms(many, "en")] == [f"word{number}" for number in range(60_000)]
