"""Reads the labels that press archives write before values, in many languages."""

import re
from functools import lru_cache
from typing import NamedTuple

_NAMES = {
    "title": "headline; title; titel; schlagzeile; titre; título; titulo; titular; titolo; kop; 見出し; タイトル; "
    "題名; заголовок; название; заглавие; ^зг",
    "subtitle": "subtitle; highlight; sous-titre; untertitel; subtítulo; 副見出し; подзаголовок",
    "byline": "byline; author; authors; autor; autoren; verfasser; auteur; auteurs; autore; autores; 著者; 筆者; "
    "執筆者; автор; авторы; ^ав",
    "section": "section; rubrik; ressort; rubrique; sección; seccion; sezione; seção; secção; rubriek; sectie; "
    "katern; 面名; 欄名; 掲載面; рубрика; раздел; ^рб",
    "outlet": "publication; source; newspaper; quelle; zeitung; "
    "publikationstitel; journal; fuente; fonte; bron; "
    "紙名; 新聞名; 媒体名; 媒体; 掲載紙; 掲載誌; 発行元; источник; сми; издание; название сми; ^ис",
    "date": "date; datum; erscheinungsdatum; publikationsdatum; publicatiedatum; fecha; data; "
    "発行日; 掲載日; 日付; 発行年月日; 掲載年月日; 掲載日付; "
    "дата; дата публикации; дата выхода; дата выпуска; дата издания; дата материала; ^дт",
    "length": "length; länge; longueur; longitud; lunghezza; lengte; extensão; 文字数; объем; объём",
    "text": "full text; body; text; volltext; texte intégral; texte; texto completo; texto; testo completo; "
    "volledige tekst; hauptteil; corps; cuerpo; 本文; 記事本文; 記事; текст; полный текст",
    "page": "page; pages; first page; seite; seiten; página; páginas; pagina; pagine; ページ; 頁; 掲載ページ; "
    "полоса; страница",
    "language": "language; sprache; publikationssprache; langue; idioma; lingua; taal; 言語; язык",
    "url": "url; document url; url des dokuments; link; ссылка; адрес",
    "source_id": "記事番号; 記事id; номер документа",
    "topics": "subject; subjects; sujet; thema; schlagwörter; tema; materia; soggetto; assunto; "
    "キーワード; ключевые слова; тема",
    "edition": "edition; ausgabe; édition; edición; 版; 朝夕刊; 発行区分; выпуск; номер; номер выпуска; ^нр",
    "abstract": "abstract; résumé; zusammenfassung; resumen; resumo; samenvatting; 要約; аннотация",
    "dateline": "dateline; ort; lieu",
}
_NOUNS = {
    name.strip(): noun for noun, names in _NAMES.items() for name in names.replace("\n", " ").split(";") if name.strip()
}

_IGNORED_LABELS = frozenset(
    name.strip()
    for name in """
    load-date; update; ladedatum; date-chargement; fecha-de-carga; fecha de carga; publication-type; publikationstyp;
    type-publication; tipo-de-publicación; document-type; document type; journal-code; acc-no; graphic; grafik;
    graphique; gráfico; correction; correction-date; series; type; company; organization; ticker; industry; person;
    people; geographic; country; state; city; name; publisher; place of publication; country of publication;
    publication year; publication subject; publication info; source type; copyright; last updated; database; issn;
    business indexing term; location; company / organization; company/organization; identifier / keyword;
    identifier/keyword; classification; credit; links; proquest document link; full text availability; dateline;
    document feature; volume; issue; notes; illustration; publication-id; rights; pub-type; societe; insert; encart;
    symbole-boursier; stock-symbol; localisation-geo; secteur-activite; 備考; 写真; 図表; 分類; 記事種別;
    город; страна; регион
    """.replace("\n", " ").split(";")
)
"""Labels whose value is not a fact about an article."""

_PUBLICATION = re.compile(r"publi[ck]|pubblic")
_OF_PUBLICATION = {"title": "outlet", "date": "date", "language": "language"}
"""What a word of a label says together with one for "publication": "Titre de la publication"."""

_IDENTIFIER = re.compile(r"\b(?:id|identif\w+)\b.*proquest|proquest.*\bid\b")

_LINE = re.compile(r"\s*(?P<label>\^?[^\W\d_][^:：\n]{0,38}[^\W_]|[^\W\d_]{1,2})\s?[:：]\s*(?P<value>.*)")
_BRACKETED = re.compile(r"\s*[【［\[〔<＜](?P<label>[^】］\]〕>＞:：]{1,20})[】］\]〕>＞]\s*[:：]?\s*(?P<value>.*)")


class LabelledLine(NamedTuple):
    """A line that begins with a label."""

    label: str  # in lower case
    noun: str | None  # a field of Document, or "text", "length", "subtitle", "abstract"; None for other labels
    value: str


def read_label(line: str) -> LabelledLine | None:
    """Return a line's label and value, None where it does not begin with a label of an archive."""
    match = _BRACKETED.match(line) or _LINE.match(line)
    if not match:
        return None
    label = " ".join(match["label"].casefold().split())
    noun = _NOUNS.get(label) or _noun_of_words(label)
    return LabelledLine(label, noun, match["value"].strip()) if noun or label in _IGNORED_LABELS else None


def labels_of(noun: str) -> frozenset[str]:
    """Return the labels, in lower case, that introduce one fact."""
    return frozenset(name for name, its_noun in _NOUNS.items() if its_noun == noun)


@lru_cache(maxsize=512)
def _noun_of_words(label: str) -> str | None:
    """Return what a label of several words says, in any language of an interface."""
    if _IDENTIFIER.search(label):
        return "source_id"
    nouns = (_NOUNS.get(word) for word in label.split()) if _PUBLICATION.search(label) else ()
    return next((_OF_PUBLICATION[noun] for noun in nouns if noun in _OF_PUBLICATION), None)
