"""Maps the names that other tools give to the fields of an article, and looks up a record's entries by them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from difflib import get_close_matches
from functools import lru_cache
from typing import TypeVar

from semsearch.errors import UsageError
from semsearch.language_names import is_code, primary_tag
from semsearch.sources.facts.standing import is_placeholder

Value = TypeVar("Value")

_NAMES = {
    "title": """
        title headline headlines hed article_title post_title headline_text web_title og_title title_page title_rss
        heading news_title news_headline article_headline name
        titel schlagzeile überschrift titre título titulo titular titolo kop
        overskrift tytuł titulek otsikko başlık cím judul tiêu_đề τίτλος заголовок название название_статьи
        العنوان عنوان כותרת शीर्षक 标题 新闻标题 文章标题 標題 新聞標題 タイトル 見出し 記事見出し 題名 제목 기사제목
    """,
    "markdown": "body_markdown content_markdown markdown body_md content_md text_markdown",
    "text": """
        maintext article_body body full_text fulltext full_content main_content body_text content_text text_content
        text txt content contents content_elements post_content plain_text article_text main_text article story raw_text
        document blocks lexical mobiledoc paragraphs cleaned_text
        article_content news_content news_text news_body news_article full_article full_story story_text
        inhalt volltext texte texto testo contenu contenido contenuto conteúdo tekst
        brödtext brødtekst treść obsah teksti metin haber_metni szöveg isi_berita nội_dung κείμενο текст полный_текст
        текст_статьи النص المحتوى متن תוכן טקסט सामग्री
        正文 内容 新闻内容 文章内容 內文 內容 新聞內容 本文 記事本文 본문 내용 기사내용
    """,
    "html": "body_html content_html body_xhtml html_body article_html text_html content_encoded html",
    "standfirst": "standfirst deck dek subtitle sub_title subhead subheadline subheadlines sub_headline subheading",
    "summary": """
        summary description abstract abstract_note excerpt teaser lead lede lead_paragraph intro trail_text
        short_description post_excerpt opening_text snippet description_text meta_description og_description
        llm_summary highlights
        zusammenfassung vorspann anriss résumé resumen riassunto resumo chapô
    """,
    "published": """
        date_published published_at publish_date published_date publication_date publishing_date date_publish
        publish_time published_time publication_time published_on published pub_date date_time_pub
        article_published_time web_publication_date time_published provider_publish_time
        first_published first_published_at first_publish_date first_created display_date post_date posted_at date_posted
        date_gmt
        date datetime date_time date_issued issued release_date created_at created date_created time
        pub_dt publish_dt published_dt publication_dt pub_time pub_ts published_ts published_timestamp
        datum veröffentlicht veröffentlicht_am veröffentlichung veröffentlichungsdatum
        erschienen erschienen_am erschienen_im erscheinungsdatum erscheinungstag publikationsdatum publiziert_am
        fecha fecha_de_publicación fecha_publicación publicado publicado_el
        date_de_publication date_publication publié publié_le date_parution date_de_parution paru_le
        pubblicato pubblicato_il data_pubblicazione data_di_pubblicazione
        data_de_publicação data_publicação publicado_em
        publicatiedatum gepubliceerd gepubliceerd_op
        news_date article_date date_of_publication data_publikacji
        dato publiceringsdatum datum_vydání päivämäärä tarih dátum tanggal ngày ngày_đăng ημερομηνία
        дата дата_публикации дата_выхода дата_публікації التاريخ تاریخ תאריך दिनांक तारीख
        发布时间 发布日期 日期 时间 發布時間 發布日期 時間 日付 掲載日 発行日 掲載年月日 公開日
        일자 날짜 게재일 발행일 작성일
        data
    """,
    "updated": """
        date_modified modified_at modified_time modified_date modified_gmt modified date_modify article_modified_time
        updated_at update_date updated_date date_updated updated last_updated last_modified lastmod version_created
        post_modified
    """,
    "publisher": """
        publisher publisher_name outlet outlet_name media_name newspaper publication publication_name publication_title
        site_name og_site_name meta_site_name source_name name_source source_hostname source
        provider provider_name feed_title site website
        name_of_newspaper source_title extra_source_attributes_name
        zeitung medium periódico medio testata giornale jornal krant quelle fuente fonte bron
        medie tidning kilde källa gazeta źródło zdroj lähde kaynak gazete forrás sumber nguồn πηγή
        источник сми издание джерело المصدر الصحيفة منبع מקור स्रोत
        来源 媒体 报纸 來源 媒體 報紙 新聞名 紙名 掲載紙 媒体名 언론사 매체 매체명 신문사
    """,
    "domain": "source_domain publisher_domain domain hostname host site_full clean_url domain_url",
    "authors": """
        authors author author_name author_names byline authors_byline creator creators written_by writer writers by
        credits reporter reporters journalist extra_author_attributes_name
        autor autoren autorin verfasser auteur auteurs autore autori autores
        forfatter författare kirjoittaja yazar szerző penulis tác_giả συγγραφέας
        автор авторы الكاتب نویسنده מחבר लेखक 作者 记者 記者 著者 筆者 執筆者 기자 기자명 기고자 작성자
    """,
    "url": """
        url canonical_url canonical_link canonical permalink web_url article_url page_url news_url link
        html_url requested_url responded_url url_used main_entity_of_page article_link news_link
        ссылка посилання الرابط لینک קישור 链接 网址 原文链接 連結 網址 リンク 링크
    """,
    "language": """
        language lang in_language language_code article_language meta_lang locale
        sprache langue idioma lingua taal språk sprog język dil язык мова اللغة 语言 語言 言語 언어
    """,
    "section": """
        section article_section section_name primary_section news_desk desk department rubric ressort
        primary_category category_name headline_category category categories
        rubrik rubrique sección seccion sezione seção rubriek
        рубрика раздел القسم 栏目 版块 分类 欄目 分類 面名 掲載面 분류 카테고리
    """,
    "topics": """
        topics topic tags tag keywords keyword news_keywords meta_keywords subjects subject labels
        schlagwörter schlagworte mots_clés etiquetas ключевые_слова 关键词 關鍵詞 キーワード 키워드
    """,
    "source_id": """
        id _id guid uid uuid doc_id document_id doc_no article_id news_id story_id post_id pid uri path
    """,
    "slug": "slug",
}
"""Noun -> names, the surest first. Case and separators do not count, nor do the prefixes in `_PREFIX`.

The time when an article was seen or fetched (GDELT's `seendate`, `date_download`, `indexed_date`, `crawled`) is not the
time of its publication: a crawler of an archive sees a year-old article today. Such a date stays a tag.
"""

_WRAPPER_NAMES = "_source metadata meta article attributes fields data thread row params extra taxonomies taxonomy node"
WRAPPERS = frozenset(_WRAPPER_NAMES.split())
"""Objects whose entries belong to the record itself: in Elasticsearch, Dolma, JSON:API, the Guardian, Webz, Hugging
Face's viewer, Hugo, Zola, Arc, GraphQL."""

_INNER_WRAPPERS = frozenset(("metadata", "meta"))
"""The same inside a wrapper, in Firecrawl."""

EMPTY: tuple[object, ...] = (None, "", [], {})

_INNER_KEY = "\x1f"
"""Begins the key of an entry inside an object; no folded name has this character."""

_PREFIX = re.compile(r"^(?:og|dc|dcterms|schema)[.:]", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """Return the form by which names are compared: `published_at`, `publishedAt` and `Published-At` are the same."""
    return _SEPARATORS.sub("", _PREFIX.sub("", name)).casefold()


FIELDS: Mapping[str, tuple[str, ...]] = {
    noun: tuple(dict.fromkeys(fold(name) for name in names.split())) for noun, names in _NAMES.items()
}
"""Noun -> folded names, the surest first."""


_TRANSLATED = frozenset(
    name for noun in ("title", "text", "html", "markdown", "standfirst", "summary") for name in FIELDS[noun]
)
"""Folded names of fields that may be there in several languages."""


_NEAR = 0.8
"""How alike a misspelt field and its name are at least, as difflib measures it."""


def parse_names(pairs: Iterable[str]) -> Mapping[str, str]:
    """Return "FIELD=COLUMN" pairs as a map from the source's own name to the field; `UsageError` for anything else."""
    names: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = (part.strip() for part in pair.partition("="))
        fault = "" if equals and field and column else f"{pair!r:.80} is not FIELD=COLUMN"
        if fault or field not in FIELDS:
            meant = next(iter(get_close_matches(field, FIELDS, 1, _NEAR)), "")
            if column in FIELDS and meant in ("", column):
                meant, column = column, field  # the two were swapped
            meant = meant or next((noun for noun in FIELDS if fold(field) in FIELDS[noun]), "")
            hint = f"did you mean --map {meant}={column}?" if meant and column else ""
            raise UsageError(
                f"{fault or f'unknown field {field!r:.80}'}; the fields are {', '.join(sorted(FIELDS))}",
                hint or "write the field first: --map title=Headline",
            )
        names[column] = field
    return names


class Entries:
    """A record's entries, looked up by noun; `unused` are those that no lookup has used."""

    def __init__(self, record: Mapping[str, object], names: Mapping[str, str] | None = None) -> None:
        """Take a record; `names` maps the source's own names to nouns, ahead of all known names."""
        self._entries: dict[str, tuple[str, object]] = {}
        self._names: set[str] = set()
        self._used: set[str] = set()
        levels = _levels(record)
        language = next((primary_tag(str(record[name])) for name in ("language", "lang") if record.get(name)), None)
        for level in levels:
            for name, value in level.items():
                folded = fold(name) or name
                self._names.add(folded)
                value = _translation(value, language) if folded in _TRANSLATED else value
                if value not in EMPTY and not is_placeholder(value):
                    self._entries.setdefault(folded, (name, value))
        self._mapped: dict[str, list[str]] = {}  # noun -> keys of entries
        self.names_met: set[str] = set()  # those of `names` that the record has
        for name, noun in (names or {}).items():
            self._map_name(record, name, noun)

    def _map_name(self, record: Mapping[str, object], name: str, noun: str) -> None:
        key = fold(name) or name
        if key not in self._names and "." in name:
            if (value := _within(record, name.split("."))) in EMPTY:
                return
            inner_key = fold(name.rpartition(".")[2])
            # If the object is a wrapper, its entry is among the record's own, and that is the one to use.
            entry = self._entries.get(inner_key)
            key = inner_key if entry and entry[1] is value else f"{_INNER_KEY}{name}"
            self._entries[key] = (name, value)
        if key in self._names or key in self._entries:
            self.names_met.add(name)
        self._mapped.setdefault(noun, []).append(key)

    def _keys(self, noun: str) -> Iterator[str]:
        """Yield the keys of a noun's entries, the surest first; a name that is mapped to one noun is no other's."""
        mapped = self._mapped.get(noun, [])
        elsewhere = {key for keys in self._mapped.values() for key in keys}
        yield from (key for key in mapped if key in self._entries)
        yield from (key for key in FIELDS[noun] if key in self._entries and key not in elsewhere)

    @property
    def folded_names(self) -> AbstractSet[str]:
        """Folded names of the entries that are not empty."""
        return self._entries.keys()

    def is_mapped(self, noun: str) -> bool:
        """Tell whether the record has an entry under a name that was mapped to the noun."""
        return any(key in self._entries for key in self._mapped.get(noun, ()))

    def pick(self, noun: str, read: Callable[[object], Value | None], *, use: bool = True) -> Value | None:
        """Return what `read` makes of the first entry that it can read, and use that entry up."""
        for key in self._keys(noun):
            if value := read(self._entries[key][1]):
                if use:
                    self._used.add(key)
                return value
        return None

    def pick_all(self, noun: str, read: Callable[[object], list[Value]]) -> list[Value]:
        """Return what `read` makes of every entry of a noun, and use up those it can read."""
        results: list[Value] = []
        for key in self._keys(noun):
            if values := read(self._entries[key][1]):
                self._used.add(key)
                results += values
        return results

    def has_name_of(self, noun: str) -> bool:
        """Tell whether the record has an entry of the noun, even an empty one."""
        return any(name in self._names for name in FIELDS[noun])

    def unused(self) -> Iterator[tuple[str, object]]:
        """Yield the name, as the record spells it, and the value of each entry that was not used."""
        return (entry for key, entry in self._entries.items() if key not in self._used)


def _levels(record: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return a record's own entries, and those of the objects that only wrap entries; outer ones come first."""
    own_entries, wrapped = _unwrapped(record, WRAPPERS)
    inner_levels = [_unwrapped(level, _INNER_WRAPPERS) for level in wrapped]
    return [
        own_entries,
        *(entries for entries, _ in inner_levels),
        *(level for _, inner in inner_levels for level in inner),
    ]


def _unwrapped(
    record: Mapping[str, object], wrappers: AbstractSet[str]
) -> tuple[Mapping[str, object], list[Mapping[str, object]]]:
    """Return a record's entries without its wrappers, and the wrappers."""
    wrapped = {
        name: value
        for name, value in record.items()
        if isinstance(value, Mapping) and (name in wrappers or _is_whole_article(name, value, record))
    }
    return {name: value for name, value in record.items() if name not in wrapped}, list(wrapped.values())


def _is_whole_article(name: str, value: Mapping[str, object], record: Mapping[str, object]) -> bool:
    """Tell whether an object `content` is not the text but the whole article, as in Yahoo's news."""
    return name == "content" and "title" in value and "title" not in record


def _translation(value: object, language: str | None) -> object:
    """Return the text in the record's language, else the first, of an object of texts by language; else the value."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) and is_code(name) for name in value):
        return value
    own_texts = (text for name, text in value.items() if primary_tag(name) == language and text not in EMPTY)
    return next(own_texts, None) or next((text for text in value.values() if text not in EMPTY), None)


def _within(record: Mapping[str, object], path: list[str]) -> object:
    """Return the value at a path of names; None if there is none."""
    value: object = record
    for step in path:
        if not isinstance(value, Mapping):
            return None
        folded = fold(step)
        value = next((inner for name, inner in value.items() if fold(name) == folded), None)
    return value
