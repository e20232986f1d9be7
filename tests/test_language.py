"""In which language a text is: a guess to warn by, and a judgement that is stored only where it is nearly certain."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.language import contradicts, detect_language, guess_language

PARAGRAPHS = {
    "en": "The council said on Tuesday that it would rebuild the bridge that was closed after the flood.",
    "de": "Der Stadtrat hat am Dienstag beschlossen, die Brücke wieder aufzubauen, die gesperrt war.",
    "fr": "Le conseil a décidé mardi de reconstruire le pont, qui est fermé depuis les inondations.",
    "es": "El ayuntamiento decidió el martes reconstruir el puente, que está cerrado desde la crecida.",
    "zh": "市议会星期二决定重建去年洪水后一直关闭的那座大桥，预计工程将持续两年。",
    "ja": "市議会は火曜日、昨年の洪水の後に閉鎖されている橋を再建することを決めた。",
    "ru": "Городской совет решил во вторник восстановить мост, закрытый после прошлогоднего наводнения.",
    "ar": "قرر مجلس المدينة يوم الثلاثاء إعادة بناء الجسر المغلق منذ فيضانات العام الماضي.",
}
"""One sentence in each."""

OTHERS = {
    "uk": "Міська рада вирішила у вівторок відбудувати міст, який закрили після торішньої повені.",
    "bg": "Общинският съвет реши във вторник да възстанови моста, който беше затворен след наводнението.",
    "fa": "شورای شهر روز سه‌شنبه تصمیم گرفت پلی را که پس از سیل سال گذشته بسته شده بود بازسازی کند.",
    "no": "Kommunestyret vedtok tirsdag å bygge opp igjen broen som har vært stengt siden flommen i fjor.",
    "fi": "Kaupunginvaltuusto päätti tiistaina rakentaa uudelleen sillan, joka suljettiin viime vuoden tulvan jälkeen.",
    "cs": "Zastupitelstvo v úterý rozhodlo, že obnoví most, který je od loňské povodně uzavřený.",
    "hu": "A városi közgyűlés kedden úgy döntött, hogy újjáépíti a tavalyi árvíz után lezárt hidat.",
    "vi": "Hội đồng thành phố hôm thứ Ba quyết định xây lại cây cầu đã đóng cửa sau trận lũ năm ngoái.",
    "tr": "Belediye meclisi salı günü, geçen yılki selden sonra kapatılan köprünün yeniden yapılmasına karar verdi.",
    "ko": "시의회는 화요일 지난해 홍수 이후 폐쇄된 다리를 다시 짓기로 결정했다고 밝혔다.",
    "el": "Το δημοτικό συμβούλιο αποφάσισε την Τρίτη να ξαναχτίσει τη γέφυρα που έκλεισε μετά την πλημμύρα.",
    "hi": "नगर परिषद ने मंगलवार को पिछले साल की बाढ़ के बाद बंद पड़े पुल को फिर से बनाने का फैसला किया।",
}
"""One sentence in each of some languages that only the detector tells apart."""


@pytest.mark.parametrize(("language", "text"), PARAGRAPHS.items())
def test_a_paragraph_is_enough(language: str, text: str) -> None:
    assert guess_language(text) == language


def test_names_of_another_language_do_not_decide() -> None:
    text = (
        "The league has clubs from Los Altos, Los Gatos and Las Cruces: the Los Altos Eagles, the Los Gatos Owls, the "
        "Las Cruces Herons, La Paz Rovers and La Mesa Rangers, Los Alamos Wolves, Los Banos Hawks."
    )
    assert guess_language(text) == "en"


def test_a_chinese_text_may_have_more_letters_of_names_than_of_its_own() -> None:
    text = "Harbour Networks与Northline合作，建立名为Quay Backbone的新网络，由五所大学共同运营，预计明年开放。"
    assert guess_language(text) == "zh"


@pytest.mark.parametrize("text", ["", "12 34", "Alpha Beta", "Net 12.4 mln vs 11.1 mln Revs 291.8 mln vs 151.1 mln"])
def test_nothing_is_guessed_from_too_little(text: str) -> None:
    assert guess_language(text) is None


@pytest.mark.parametrize(("language", "text"), [*PARAGRAPHS.items(), *OTHERS.items()])
def test_a_sentence_is_enough_to_be_sure(language: str, text: str) -> None:
    assert detect_language(text) == language
    assert detect_language(f"{text}\n\n" * 40) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12 34",
        "Ada Fox",
        "人民",
        "Net 12.4 mln vs 11.1 mln Revs 291.8 mln vs 151.1 mln",
        "Ada Fox, Ben Hill, Carla Dorn, Dimitri Lund",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt.",
        "1 2 3 4 5 6 7 8 9 - 10:30 - 11:45 - 12:00 https://example.org/a/b/c",
    ],
)
def test_nothing_is_detected_in_too_little(text: str) -> None:
    assert detect_language(text) is None


@pytest.mark.parametrize("other", ["de", "zh", "ru", "es"])
@pytest.mark.parametrize("times", [2, 10])
def test_a_text_in_two_languages_is_in_neither(other: str, times: int) -> None:
    halves = [f"{PARAGRAPHS['en']} " * times, f"{PARAGRAPHS[other]} " * times]
    assert detect_language("\n\n".join(halves)) is None
    assert detect_language("\n\n".join(reversed(halves))) is None


@given(st.text(max_size=1_000))
def test_any_text_has_two_letters_or_none(text: str) -> None:
    found = detect_language(text)
    assert found is None or (len(found) == 2 and found.islower() and found.isascii())


def test_threads_detect_what_one_does() -> None:
    texts = [*PARAGRAPHS.values(), *OTHERS.values()] * 5
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(detect_language, texts)) == [detect_language(text) for text in texts]


@pytest.mark.parametrize(
    ("tag", "written", "contradicted"),
    [
        ("en", "zh", True),
        ("zh", "en", True),
        ("en", "ru", True),
        ("ru", "de", True),
        ("ja", "zh", False),  # a headline may have no kana
        ("zh", "ja", False),  # half of it is Chinese characters
        ("en", "de", False),  # the same letters: the source knows better
        ("ru", "uk", False),
        ("sr", "en", False),  # is written in two scripts
        ("ha", "ar", False),  # nothing is known of it
    ],
)
def test_only_a_script_that_a_language_is_never_written_in_contradicts_it(
    tag: str, written: str, contradicted: bool
) -> None:
    assert contradicts((PARAGRAPHS | OTHERS)[written], tag) == contradicted


def test_a_quotation_contradicts_nothing() -> None:
    assert not contradicts(f"{PARAGRAPHS['en']} {PARAGRAPHS['zh']}", "en")
    assert not contradicts(f"{PARAGRAPHS['en']} {PARAGRAPHS['zh']}", "zh")
    assert not contradicts("中国", "en")


def test_a_guess_loads_no_model() -> None:
    """A query guesses, too."""
    program = (
        "import sys; from semsearch.language import contradicts, guess_language; guess_language('so ' * 50); "
        "contradicts('so ' * 50, 'zh'); sys.exit('py3langid' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.corpora
@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "ru", "zh"])
def test_of_paragraphs_hardly_one_is_taken_for_another_language(language: str, corpora: Path) -> None:
    subjects = json.loads((corpora / "xquad" / f"xquad.{language}.json").read_text())["data"]
    found = [detect_language(one["context"]) for subject in subjects for one in subject["paragraphs"]]
    assert set(found) <= {language, None}
    assert found.count(language) >= 0.9 * len(found)
