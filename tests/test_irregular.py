"""Forms that no rule brings together are one word, and words that only look alike are not."""

import pytest

from semsearch.words import terms

ONE_WORD = {
    "en": (
        "woman women, man men, child children, crisis crises, bus buses, lens lenses, quiz quizzes, win won, "
        "sell sold, pay paid, hold held, free freed, agree agreed, sue sued, colour color, harbours harbors, "
        "organise organize, organisations organizations, realised realized, analysed analyzed, centre center, "
        "centres centers, defence defense, licences licenses, travelled traveled, cancelling canceling, grey gray, "
        "programmes programs, dialogue dialog"
    ),
    "es": "mujer mujeres, ciudad ciudades, joven jóvenes, imagen imágenes, juez jueces, luz luces, elección elecciones",
    "fr": "loi lois, emploi emplois, ami amis, enjeu enjeux, conflit conflits, travail travaux, français française",
    "pt": "eleição eleições, jornal jornais, jovem jovens, imagem imagens, papel papéis, acao acoes",
    "hu": "Budapest Budapesten, párt pártok, diák diákok",
    "tr": "seçim seçimler, bakan bakanlar, gazete gazeteler",
    "ar": "شركة شركات, قرار قرارات",
    "ro": "femeie femei",
}
DIFFERENT = {
    "en": "important import, customs custom, media medium, left leave, hour hor, four for, fed feed, league leag",
    "fr": "mois moi, fois foi, cas ca, avis avi, pays paix",
    "es": "enlaces enlazar",
    "pt": "mais mal, lei lua",
}


def pairs(table: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(analyser, *pair.split()) for analyser, row in table.items() for pair in row.split(", ")]  # type: ignore[misc]


@pytest.mark.parametrize(("analyser", "one", "other"), pairs(ONE_WORD))
def test_irregular_forms_and_spellings_are_one_word(analyser: str, one: str, other: str) -> None:
    assert terms(one, analyser) == terms(other, analyser)


@pytest.mark.parametrize(("analyser", "one", "other"), pairs(DIFFERENT))
def test_words_that_look_alike_are_two(analyser: str, one: str, other: str) -> None:
    assert terms(one, analyser) != terms(other, analyser)


@pytest.mark.parametrize(
    "pair",
    [
        "高橋 髙橋",
        "山崎 山﨑",
        "渡辺 渡邊",
        "渡辺 渡邉",
        "斎藤 齋藤",
        "沢村 澤村",
        "広瀬 廣瀬",
        "龍馬 竜馬",
        "国会 國會",
    ],
)
def test_old_and_new_forms_of_characters_are_one_name(pair: str) -> None:
    one, other = pair.split()
    assert terms(one, "") == terms(other, "")
