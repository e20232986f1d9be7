"""The encoding of a text that declares none: detected where the text shows it, and otherwise left in doubt."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import read
from semsearch.sources.charsets import codec, detected, surely_detected
from semsearch.sources.web.charset import decode_page
from semsearch.types import Article, Unreadable
from tests.exports import Expected, nexis
from tests.pages import page

STORIES = {
    "es": "El ayuntamiento aprobó mañana y noche, según el señor Núñez, un plan para los niños de la ciudad. ¿Quién lo "
    "pagará? La oposición pidió más explicaciones y anunció que votará en contra el próximo año.",
    "fr": "Le conseil municipal a adopté hier le projet de réaménagement des quais. « C'est une étape décisive », a "
    "déclaré la maire, qui espère que les travaux s'achèveront à l'été. L'opposition dénonce un coût trop élevé.",
    "pt": "A câmara aprovou a construção da ponte, que ficará pronta em três anos. Não há ainda decisão sobre as "
    "portagens, disse o vereador, mas a população já pediu explicações sobre a situação.",
    "it": "Il consiglio comunale ha approvato ieri il nuovo piano. La città avrà più alberi e perciò più ombra, ha "
    "detto l'assessore, che però non ha indicato quando partiranno i lavori né quanto costerà l'intervento.",
    "de": "Der Stadtrat hat am Montag den Umbau des Hafens beschlossen. Über zweihundert Schiffe können künftig "
    "täglich anlegen, sagte die Bürgermeisterin; die Kosten trägt größtenteils das Land.",
    "nl": "De gemeenteraad heeft maandag besloten dat de haven wordt verbouwd. Volgens de wethouder kost het plan twee "
    "miljoen euro, maar de coördinatie met de provincie is nog niet geregeld. „Dat komt goed”, zei zij.",
    "sv": "Kommunfullmäktige beslutade på måndagen att bygga om hamnen. Över tvåhundra fartyg kan lägga till varje "
    "dag, sade borgmästaren, som också lovade att färjorna ska gå oftare under våren.",
    "da": "Byrådet besluttede mandag at bygge havnen om. Fremover kan mere end tohundrede skibe lægge til hver dag, "
    "sagde borgmesteren, der også lovede, at færgerne skal sejle oftere på øen.",
    "fi": "Kaupunginvaltuusto päätti maanantaina sataman uudistamisesta. Pormestarin mukaan työt kestävät kolme "
    "vuotta, eikä lauttaliikenne keskeydy niiden ajaksi. Oppositio äänesti hanketta vastaan.",
    "pl": "Rada miasta zdecydowała w poniedziałek o przebudowie portu. Według burmistrza prace potrwają trzy lata, a "
    "koszty pokryje państwo. Opozycja żąda wyjaśnień i zapowiada, że będzie głosować przeciw.",
    "cs": "Zastupitelstvo města v pondělí schválilo přestavbu přístavu. Podle starostky budou práce trvat tři roky a "
    "většinu nákladů zaplatí stát. Opozice žádá vysvětlení a chce hlasovat proti.",
    "hu": "A városi tanács hétfőn döntött a kikötő átépítéséről. A polgármester szerint a munkák három évig tartanak, "
    "és a költségeket az állam fizeti. Az ellenzék magyarázatot kér, és a javaslat ellen fog szavazni.",
    "tr": "Belediye meclisi pazartesi günü limanın yenilenmesine karar verdi. Başkana göre çalışmalar üç yıl sürecek "
    "ve masrafları devlet ödeyecek. Muhalefet ise açıklama istiyor ve bu karara karşı çıkacağını söylüyor.",
    "lt": "Miesto taryba pirmadienį nusprendė rekonstruoti uostą. Merės teigimu, darbai truks trejus metus, o išlaidas "
    "padengs valstybė. Opozicija reikalauja paaiškinimų ir žada balsuoti prieš šį sprendimą.",
    "et": "Linnavolikogu otsustas esmaspäeval sadama ümber ehitada. Linnapea sõnul kestavad tööd kolm aastat ja "
    "suurema osa kuludest katab riik. Opositsioon nõuab selgitusi ning lubab hääletada otsuse vastu.",
    "ru": "Городской совет в понедельник решил перестроить порт. По словам мэра, работы продлятся три года.",
    "el": "Το δημοτικό συμβούλιο αποφάσισε τη Δευτέρα την ανακατασκευή του λιμανιού. Θα διαρκέσει τρία χρόνια.",
    "ar": "قرر مجلس المدينة يوم الاثنين إعادة بناء الميناء. وقال رئيس البلدية إن الأعمال ستستمر ثلاث سنوات.",
    "he": "מועצת העיר החליטה ביום שני לשפץ את הנמל. לדברי ראש העיר העבודות יימשכו שלוש שנים והמדינה תממן אותן.",
    "ja": "市議会は月曜日、港の改修を決定した。市長によると工事は三年かかり、費用の大部分は国が負担する。",
    "zh": "市议会周一决定改建港口。市长表示，工程将持续三年，大部分费用由国家承担，反对派要求解释。",
    "ko": "시의회는 월요일 항구를 개축하기로 결정했다. 시장에 따르면 공사는 삼 년이 걸리고 비용은 국가가 부담한다.",
}
WRITTEN = [
    *((language, "cp1252") for language in ("es", "fr", "pt", "it", "de", "nl", "sv", "da", "fi")),
    *((language, "latin-1") for language in ("es", "pt", "it", "de", "sv", "da", "fi")),
    *((language, "cp1250") for language in ("pl", "cs", "hu")),
    *((language, "iso8859-2") for language in ("pl", "cs", "hu")),
    ("tr", "cp1254"), ("lt", "cp1257"), ("et", "cp1257"), ("ru", "cp1251"), ("ru", "koi8-r"), ("ru", "cp866"),
    ("el", "cp1253"), ("ar", "cp1256"), ("he", "cp1255"), ("ja", "cp932"), ("ja", "euc_jp"), ("zh", "gb18030"),
    ("ko", "cp949"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "charset"), WRITTEN)
def test_a_text_is_read_in_the_encoding_that_its_letters_show(tmp_path: Path, language: str, charset: str) -> None:
    story = STORIES[language]
    raw = f"{story}\n\n{story}\n".encode(charset)
    assert raw.decode(surely_detected(raw) or "ascii") == raw.decode(charset)
    assert raw.decode(detected(raw)) == raw.decode(charset)
    (tmp_path / "story.txt").write_bytes(raw)
    (tmp_path / "story.csv").write_bytes(f'title;text;date\nA;"{story}";2024-05-03\n'.encode(charset))
    one, other = (piece for piece in read(tmp_path) if isinstance(piece, Article))
    assert one.text == story
    assert other.text.startswith(story)
    assert story in decode_page(page(f"<p>{story}</p>").encode(charset), None).text


def test_a_page_in_a_language_that_is_not_certain_is_still_read_as_is_likeliest() -> None:
    story = (
        "Gradsko vijeće odlučilo je u ponedjeljak o obnovi luke. Prema riječima gradonačelnice radovi će trajati tri "
        "godine, a troškove će platiti država. Oporba traži objašnjenje i najavljuje da će glasovati protiv."
    )
    raw = page(f"<p>{story}</p>").encode("cp1250")
    assert surely_detected(story.encode("cp1250")) is None
    assert story in decode_page(raw, None).text


@pytest.mark.parametrize("language", ["fr", "de", "it"])
def test_an_export_in_the_encoding_of_its_archive_is_as_many_articles(tmp_path: Path, language: str) -> None:
    story = STORIES[language]
    documents = [
        Expected(f"{story.split(',')[0]} {number}", "Il Giornale", date(2024, 5, number), "", "", "", (story, story))
        for number in range(1, 6)
    ]
    export = nexis(documents, language)
    (tmp_path / "export.txt").write_text(export, encoding="utf-8")
    expected = [(piece.metadata.title, piece.text) for piece in read(tmp_path) if isinstance(piece, Article)]
    (tmp_path / "export.txt").write_bytes(export.encode("cp1252"))
    found = [(piece.metadata.title, piece.text) for piece in read(tmp_path) if isinstance(piece, Article)]
    assert found == expected
    assert len(found) == 5


@pytest.mark.parametrize(
    "raw",
    [
        b"caf\xe9 story",
        b"\xfc\xfd\xfe",
        "Brzęczyszczykiewicz".encode("cp1250"),
        ("A ship, a quay, a crane.\n" * 9).encode() + bytes(range(128, 256)) * 2,
    ],
)
def test_what_is_in_doubt_is_refused_with_advice(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "story.txt").write_bytes(raw)
    [refused] = read(tmp_path)
    assert isinstance(refused, Unreadable)
    assert refused.reason.startswith("not UTF-8: byte 0x")
    assert "iconv" in refused.reason


@given(raw=st.binary(max_size=400))
def test_any_bytes_have_a_codec_and_always_the_same(raw: bytes) -> None:
    found = surely_detected(raw)
    assert found == surely_detected(raw)
    assert found is None or codec(found)
    assert isinstance(raw.decode(detected(raw), "replace"), str)


@given(story=st.sampled_from(sorted(STORIES.values())), begin=st.integers(0, 60), end=st.integers(60, 400))
def test_a_piece_of_a_text_in_windows_1252_is_read_as_written_or_left_in_doubt(
    story: str, begin: int, end: int
) -> None:
    piece = story[begin:end].encode("cp1252", "ignore")
    if not piece.isascii() and len(piece) > len(story[begin:end]) * 0.9:
        found = surely_detected(piece)
        assert found is None or piece.decode(found) == piece.decode("cp1252")
