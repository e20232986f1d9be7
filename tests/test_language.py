import pytest

from semsearch.language import guess_language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "The council said on Tuesday that it would rebuild the bridge that was closed after the flood.",
        ),
        (
            "de",
            "Der Stadtrat hat am Dienstag beschlossen, die Brücke wieder aufzubauen, die gesperrt war.",
        ),
        (
            "fr",
            "Le conseil a décidé mardi de reconstruire le pont, qui est fermé depuis les inondations.",
        ),
        (
            "es",
            "El ayuntamiento decidió el martes reconstruir el puente, que está cerrado desde la crecida.",
        ),
        ("zh", "市议会星期二决定重建去年洪水后一直关闭的那座大桥，预计工程将持续两年。"),
        ("ja", "市議会は火曜日、昨年の洪水の後に閉鎖されている橋を再建することを決めた。"),
        ("ru", "Городской совет решил во вторник восстановить мост, закрытый после прошлогоднего наводнения."),
        ("ar", "قرر مجلس المدينة يوم الثلاثاء إعادة بناء الجسر المغلق منذ فيضانات العام الماضي."),
    ],
)
def test_a_paragraph_is_enough(language: str, text: str) -> None:
    assert guess_language(text) == language


@pytest.mark.parametrize("text", ["", "12 34", "Alpha Beta", "Net 12.4 mln vs 11.1 mln Revs 291.8 mln vs 151.1 mln"])
def test_nothing_is_guessed_from_too_little(text: str) -> None:
    assert guess_language(text) is None
