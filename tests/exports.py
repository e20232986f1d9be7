"""Makes exports as press archives write them, and says which documents must come out. The texts are invented."""

# ruff: noqa: E501, SIM905

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

_WORDS = (
    "harbour crane council library bridge ferry winter market teacher village museum river engine paper window garden "
    "morning station theatre bakery orchard lantern valley compass shelter"
).split()
_HOSTILE = (
    "3 of 50 DOCUMENTS were lost in the flood, the archivist said, and nobody has copied them since.",
    "LENGTH: that was the question which divided the committee for the better part of an hour.",
    "He typed End of Document and went home.",
    "Document 3 of 50 lay on the table when the lights went out.",
    "LANGUAGE: never stop learning new ones, says a poster in the hall of the school by the river.",
    "On May 3, 2019 the same bridge had been closed for a week, and the ferry carried everybody.",
    "Full text: that is what the council had asked for, and what it was not given.",
    "Copyright 2012 stands on the back of the photograph, which nobody can explain.",
    "The report has 61 words on the matter.",
    "Classification of the paintings will take another year, the museum says.",
)

HARDER = (
    "3 of 50 DOCUMENTS", "2 of 20 DOCUMENTS", "End of Document", "Body", "Classification", "LENGTH: 300 words", "61 words",
    "Full text: something else was said", "_" * 60, "-" * 40, "Document 3 of 50", "Title: a thing of beauty", "20 May 2021",
    "Дата: вчера", "【見出し】何か", "No.5", "Source: a friend of the family", "Load-Date: May 3, 2020", "IN", "HD",
    "00005　2024年05月01日　朝刊", "Spring 2024", "Date: May 3, 2019", "Word count: 5", "Not available.", "Section: News; Pg. 5",
)  # fmt: skip
"""Paragraphs that are nothing but a mark."""


@dataclass(frozen=True)
class Expected:
    """What one document of an export says."""

    title: str
    outlet: str
    day: date | None
    byline: str
    section: str
    page: str
    paragraphs: tuple[str, ...]


def documents(chance: random.Random, count: int, sentences: Sequence[str] = _HOSTILE) -> list[Expected]:
    """Invent documents: some without a date or a byline, some of one title, some with lines that look like marks."""
    made: list[Expected] = []
    for number in range(count):
        title = " ".join(chance.choices(_WORDS, k=chance.randint(3, 9))).capitalize()
        if made and chance.random() < 0.1:
            title = made[-1].title
        paragraphs = [
            f"{' '.join(chance.choices(_WORDS, k=chance.randint(12, 60))).capitalize()}."
            for _ in range(chance.randint(1, 6))
        ]
        if chance.random() < 0.5:
            paragraphs.insert(chance.randint(0, len(paragraphs)), chance.choice(sentences))
            paragraphs.append(f"{' '.join(chance.choices(_WORDS, k=15)).capitalize()}.")
        paragraphs.append(f"So it ends, said witness number {number + 1} of that day.")
        made.append(
            Expected(
                title,
                chance.choice(("The Quay Courier", "Hill Herald", "Valley Tribune (London)")),
                date(2024, chance.randint(1, 12), chance.randint(1, 28)) if chance.random() < 0.9 else None,
                chance.choice(("Ada Fennimore", "Bo Lindqvist", "")),
                chance.choice(("LOCAL", "News")),
                str(chance.randint(1, 40)),
                tuple(paragraphs),
            )
        )
    return made


_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}
_WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "pt": "Segunda-feira Terça-feira Quarta-feira Quinta-feira Sexta-feira Sábado Domingo",
    "ru": "понедельник вторник среда четверг пятница суббота воскресенье",
}


def _day(day: date | None, language: str) -> str:
    if day is None:
        return ""
    month = _MONTHS[language].split()[day.month - 1]
    weekday = _WEEKDAYS[language].split()[day.weekday()]
    written = {
        "en": f"{month} {day.day}, {day.year} {weekday}",
        "de": f"{day.day}. {month} {day.year} {weekday}",
        "fr": f"{weekday} {day.day} {month} {day.year}",
        "es": f"{day.day} de {month} de {day.year} {weekday}",
        "it": f"{day.day} {month} {day.year} {weekday}",
        "nl": f"{day.day} {month} {day.year} {weekday} 9:50 PM GMT+1",
        "pt": f"{day.day} de {month} de {day.year} {weekday}",
        "ru": f"{day.day} {month} {day.year} г.",
    }
    return written[language]


def _wrapped(text: str, columns: int = 76) -> str:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > columns:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


_NEXIS = {
    "en": ("{} of {} DOCUMENTS", "BYLINE", "SECTION", "Pg.", "LENGTH", "words", "LOAD-DATE", "LANGUAGE", "ENGLISH"),
    "de": ("Dokument {} von {}", "AUTOR", "RUBRIK", "S.", "LÄNGE", "Wörter", "UPDATE", "SPRACHE", "ENGLISCH"),
    "fr": ("Document {} de {}", "AUTEUR", "RUBRIQUE", "Pg.", "LONGUEUR", "mots", "DATE-CHARGEMENT", "LANGUE", "ANGLAIS"),
    "es": ("Documento {} de {}", "AUTOR", "SECCIÓN", "Pág.", "LONGITUD", "palabras", "FECHA-DE-CARGA", "IDIOMA", "INGLÉS"),
    "it": ("{} di {} DOCUMENTI", "AUTORE", "SEZIONE", "Pag.", "LUNGHEZZA", "parole", "DATA-CARICAMENTO", "LINGUA", "INGLESE"),
    "nl": ("{} van {} DOCUMENTEN", "AUTEUR", "SECTIE", "Blz.", "LENGTE", "woorden", "LAAD-DATUM", "TAAL", "ENGELS"),
    "pt": ("{} de {} DOCUMENTOS", "AUTOR", "SEÇÃO", "Pág.", "EXTENSÃO", "palavras", "DATA-CARREGAMENTO", "IDIOMA", "INGLÊS"),
}  # fmt: skip


def nexis(expected: Sequence[Expected], language: str = "en", *, cover: bool = True, breaks: bool = False) -> str:
    """Write an export of LexisNexis as text."""
    number, byline, section, page, length, words, load, tongue, english = _NEXIS[language]
    pieces = []
    if cover:
        pieces.append(
            "\n\n\nDownload Request: Selected Items: 1-10\nTime Of Request: Friday, March 20, 2018  16:51:31\n\n"
            "Send To:\n\nA LIBRARY\nHILL STREET\n\nTerms: (DATE(>=2009-12-01) and (harbour))\n\nProject ID: None\n\n\n"
        )
    for at, one in enumerate(expected, 1):
        head = [f"{number.format(at, len(expected)):>48}", f"{one.outlet:^76}".rstrip()]
        day = _day(one.day, language)
        head += [f"{day:^76}".rstrip() + f"\n{'First Edition':^76}".rstrip()] if day else []
        head += [_wrapped(one.title)]
        head += [f"{byline}: {one.byline}"] if one.byline else []
        head += [f"{section}: {one.section}; {page} {one.page}", f"{length}: 61 {words}"]
        tail = [f"{load}: May 21, 2024", f"{tongue}: {english}", "PUBLICATION-TYPE: Newspaper"]
        rights = f"{'Copyright 2024 ' + one.outlet:^76}\n{'All Rights Reserved':^76}"
        pieces.append("\n\n".join([*head, *map(_wrapped, one.paragraphs), *tail, rights]))
    return ("\n\n\f" if breaks else "\n\n").join(pieces) + "\n"


def nexis_old(expected: Sequence[Expected]) -> str:
    """Write an export of LexisNexis as it was: rights above, the headline and the text below labels of their own."""
    pieces = []
    for at, one in enumerate(expected, 1):
        head = [f"{at} of {len(expected)} DOCUMENTS".rjust(48)]
        head += [f"{'Copyright 2003 ' + one.outlet + ' Company':^76}\n{one.outlet:^76}".rstrip()]
        head += [f"{_day(one.day, 'en') + '  Late Edition - Final':^76}".rstrip()] if one.day else []
        head += [
            f"SECTION: {one.section}; Page {one.page}; Column 3",
            "LENGTH: 61 words",
            f"HEADLINE: {_wrapped(one.title, 40)}",
        ]
        head += [f"BYLINE:  By {one.byline}"] if one.byline else []
        first, *others = (f"   {_wrapped(text)}" for text in one.paragraphs)
        tail = ["GRAPHIC: Photo: crane", "LOAD-DATE: May 20, 2003"]
        pieces.append("\n\n".join([*head, f"BODY:\n{first}", *others, *tail]))
    return "\n\n".join(pieces) + "\n"


_UNI = {
    "en": ("Section", "Length", "words", "Byline", "Body", "Classification", "Language", "ENGLISH", "End of Document", "Page"),
    "de": ("Rubrik", "Länge", "Wörter", "Autor", "Hauptteil", "Klassifizierung", "Sprache", "ENGLISCH", "Ende des Dokuments", "S."),
    "fr": ("Rubrique", "Longueur", "mots", "Auteur", "Corps", "Classification", "Langue", "ANGLAIS", "Fin du document", "p."),
    "es": ("Sección", "Longitud", "palabras", "Autor", "Cuerpo", "Clasificación", "Idioma", "INGLÉS", "Fin del documento", "Pág."),
    "it": ("Sezione", "Lunghezza", "parole", "Autore", "Corpo", "Classificazione", "Lingua", "INGLESE", "Fine del documento", "Pag."),
    "nl": ("Sectie", "Lengte", "woorden", "Auteur", "Tekst", "Classificatie", "Taal", "ENGELS", "Einde van document", "Blz."),
    "pt": ("Seção", "Extensão", "palavras", "Autor", "Corpo", "Classificação", "Idioma", "INGLÊS", "Fim do documento", "Pág."),
}  # fmt: skip


def nexis_uni(expected: Sequence[Expected], language: str = "en", *, cover: bool = True) -> str:
    """Write an export of Nexis Uni, a paragraph a line."""
    section, length, words, byline, body, below, tongue, english, end, page = _UNI[language]
    lines: list[str] = []
    if cover:
        lines += [
            "User Name: = Reader",
            "Date and Time: = Tuesday, May 21, 2024 10:15:00 AM EDT",
            "Job Number: = 12345",
        ]
        lines += [f"Documents ({len(expected)})"]
        for at, one in enumerate(expected, 1):
            lines += [f"{at}. {one.title}", "Client/Matter: -None-", "Search Terms: harbour", "Search Type: Natural"]
            lines += ["Narrowed by: Content Type    Narrowed by", "News    -None-"]
    for one in expected:
        lines += [one.title, one.outlet]
        lines += [_day(one.day, language), "First Edition"] if one.day else []
        lines += [
            "",
            f"Copyright 2024 {one.outlet} All Rights Reserved",
            "",
            f"{section}: {one.section}; {page} {one.page}",
        ]
        lines += [f"{length}: 61 {words}"] + ([f"{byline}: {one.byline}"] if one.byline else [])
        lines += [body, "", *(line for text in one.paragraphs for line in (text, ""))]
        lines += [
            below,
            "",
            f"{tongue}: {english}",
            "Publication-Type: Newspaper",
            "Load-Date: May 21, 2024",
            "",
            end,
            "",
        ]
    return "\n".join(lines)


_FACTIVA = {"en": ("words", "Document", "English"), "de": ("Wörter", "Dokument", "Englisch"), "fr": ("mots", "Document", "Anglais"), "es": ("palabras", "Documento", "Inglés"), "it": ("parole", "Documento", "Inglese"), "nl": ("woorden", "Document", "Engels"), "pt": ("palavras", "Documento", "Inglês")}  # fmt: skip


def _accession(at: int) -> str:
    return f"QUAYCO0020240520ek5k{at:05}"


def _plain_day(day: date | None, language: str) -> str:
    return f"{day.day} {_MONTHS[language].split()[day.month - 1]} {day.year}" if day else ""


def factiva(expected: Sequence[Expected], language: str = "en") -> str:
    """Write an export of Factiva without codes."""
    words, document, english = _FACTIVA[language]
    lines: list[str] = []
    for at, one in enumerate(expected, 1):
        lines += [one.section, one.title] + ([f"By {one.byline}"] if one.byline else []) + [f"1,061 {words}"]
        lines += [_plain_day(one.day, language), "10:15"] if one.day else []
        lines += [one.outlet, "QUAYCO", "First", one.page, english, f"© 2024 {one.outlet}", ""]
        lines += [line for text in one.paragraphs for line in (text, "")]
        lines += [f"{document} {_accession(at)}", "", "Page 2 of 9 © 2024 Factiva, Inc. All rights reserved.", ""]
    return "\n".join([*lines, "Search Summary", "Text", "harbour and crane", "Date", "All Dates"])


def factiva_coded(expected: Sequence[Expected], language: str = "en", *, between: str = "   ") -> str:
    """Write an export of Factiva with its codes."""
    words, document, english = _FACTIVA[language]
    lines: list[str] = []
    for at, one in enumerate(expected, 1):
        said = {
            "SE": one.section, "HD": one.title, "BY": f"By {one.byline}" if one.byline else "", "WC": f"61 {words}",
            "PD": _plain_day(one.day, language), "SN": one.outlet, "SC": "QUAYCO", "PG": one.page, "VOL": "12", "LA": english,
            "CY": f"© 2024 {one.outlet}",
        }  # fmt: skip
        lines += [f"{code}{between}{value}" for code, value in said.items() if value]
        lines += ["", f"LP{between}{one.paragraphs[0]}", ""]
        if one.paragraphs[1:]:
            lines += ["TD", *(line for text in one.paragraphs[1:] for line in (text, ""))]
        lines += [
            f"NS{between}gcat : Political/General News | gcom : Society",
            f"AN{between}{document} {_accession(at)}",
            "",
        ]
    return "\n".join(lines)


def factiva_own_lines(expected: Sequence[Expected]) -> str:
    """Write an export of Factiva with each code on a line of its own."""
    lines: list[str] = []
    for at, one in enumerate(expected, 1):
        said = {
            "SE": [one.section], "HD": [one.title], "BY": [f"By {one.byline}"] if one.byline else [], "WC": ["61 words"],
            "PD": [_plain_day(one.day, "en")] if one.day else [], "SN": [one.outlet], "SC": ["QUAYCO"], "PG": [one.page],
            "LA": ["English"], "CY": ["(c) 2024 Quay"], "LP": one.paragraphs[:1], "TD": one.paragraphs[1:],
            "NS": ["gcat : Political/General News"], "RE": ["uk : United Kingdom"], "PUB": ["Quay Media Ltd."],
            "AN": [f"Document {_accession(at)}"],
        }  # fmt: skip
        lines += [
            line
            for code, values in said.items()
            if values
            for line in (code, "", *(x for v in values for x in (v, "")))
        ]
    return "\n".join(lines)


def factiva_rtf(expected: Sequence[Expected]) -> str:
    """Write an export of Factiva as RTF with its codes in tables."""
    rows: list[str] = []
    for at, one in enumerate(expected, 1):
        said = {
            "SE": one.section, "HD": one.title, "BY": f"By {one.byline}" if one.byline else "", "WC": "61 words",
            "PD": _plain_day(one.day, "en"), "SN": one.outlet, "SC": "QUAYCO", "PG": one.page, "LA": "English",
            "CY": "(c) 2024 Quay", "LP": one.paragraphs[0], "TD": "\\par ".join(one.paragraphs[1:]),
            "NS": "gcat : Political/General News", "AN": f"Document {_accession(at)}",
        }  # fmt: skip
        for code, value in said.items():
            ascii_value = "".join(char if char.isascii() else f"\\u{ord(char)}?" for char in value)
            cells = f"{{\\b {code}}}\\cell\\pard\\intbl {ascii_value}\\cell"
            rows += [f"\\trowd\\cellx800\\cellx9000\\pard\\intbl {cells}\\row"] if value else []
        rows.append("\\pard\\par")
    return "{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Arial;}}\n" + "\n".join(rows) + "}"


def factiva_html(expected: Sequence[Expected], language: str = "en") -> str:
    """Write an export of Factiva as a page."""
    words, document, english = _FACTIVA[language]
    pieces = []
    for at, one in enumerate(expected, 1):
        said = [f"1,061 {words}", _plain_day(one.day, language), one.outlet, "QUAYCO", one.page, english, "© 2024 Quay"]
        pieces.append(
            f'<div class="article {language}Article"><div>{one.section}</div><div id="hd"><span class="{language}Headline">{one.title}</span>'
            "</div>"
            + (f'<div class="author">{one.byline}</div>' if one.byline else "")
            + "".join(f"<div>{line}</div>" for line in said if line)
            + "".join(f'<p class="articleParagraph {language}articleParagraph">{text}</p>' for text in one.paragraphs)
            + f"<p>{document} {_accession(at)}</p></div><br/>"
        )
    return f'<html><head><meta charset="utf-8"><title>Factiva</title></head><body>{"".join(pieces)}</body></html>'


def factiva_table(expected: Sequence[Expected], language: str = "en") -> str:
    """Write an export of Factiva as a page with its codes in tables."""
    words, document, english = _FACTIVA[language]
    pieces = []
    for at, one in enumerate(expected, 1):
        said = {
            "SE": one.section, "HD": f'<span class="{language}Headline">{one.title}</span>',
            "BY": f"By {one.byline}" if one.byline else "", "WC": f"61 {words}", "PD": _plain_day(one.day, language),
            "SN": one.outlet, "SC": "QUAYCO", "PG": one.page, "LA": english, "CY": "© 2024 Quay Media",
            "LP": f'<p class="articleParagraph">{one.paragraphs[0]}</p>',
            "TD": "".join(f'<p class="articleParagraph">{text}</p>' for text in one.paragraphs[1:]),
            "NS": "gcat : Political/General News", "AN": f"{document} {_accession(at)}",
        }  # fmt: skip
        rows = "".join(
            f'<tr><td class="index"><b>{code}</b>&nbsp;</td><td>{value}</td></tr>'
            for code, value in said.items()
            if value
        )
        pieces.append(f'<div class="article {language}Article"><table>{rows}</table></div><br/>')
    return f'<html><head><meta charset="utf-8"></head><body>{"".join(pieces)}</body></html>'


_PROQUEST = {
    "en": ("Full text", "Title", "Author", "Publication title", "Pages", "Publication date", "Section", "ProQuest document ID"),
    "de": ("Volltext", "Titel", "Autor", "Titel der Publikation", "Seiten", "Erscheinungsdatum der Publikation", "Rubrik", "ProQuest-Dokument-ID"),
    "fr": ("Texte intégral", "Titre", "Auteur", "Titre de la publication", "Pages", "Date de publication", "Rubrique", "ID du document ProQuest"),
    "it": ("Testo completo", "Titolo", "Autore", "Titolo pubblicazione", "Pagine", "Data di pubblicazione", "Sezione", "ID documento ProQuest"),
    "pt": ("Texto completo", "Título", "Autor", "Título da publicação", "Páginas", "Data de publicação", "Seção", "ID do documento ProQuest"),
}  # fmt: skip


def proquest(expected: Sequence[Expected], language: str = "en", *, numbered: bool = False) -> str:
    """Write an export of ProQuest; in other languages with one address of the archive in all documents."""
    full, title, author, outlet, pages, published, section, number = _PROQUEST[language]
    url = "Document URL" if language == "en" else "Link"
    rule = "_" * 60
    pieces = ["Report Information from ProQuest\nMay 21 2024 10:15\n"]
    for at, one in enumerate(expected, 1):
        day = _day(one.day, "en").rpartition(" ")[0] if language == "en" else _plain_day(one.day, language)
        given, _, family = one.byline.partition(" ")
        said = {
            "Subject": "Harbours; Cranes", title: one.title, author: f"{family}, {given}" if family else "", outlet: one.outlet,
            pages: one.page, "Publication year": "2024", published: day, section: one.section,
            "Publisher": "Quay Media", "Place of publication": "Quay", "Source type": "Newspapers",
            "Language of publication": "English", "Document type": "News", number: f"3{at:09}",
            url: f"https://www.proquest.com/newspapers/x/docview/3{at:09}/se-2?accountid=1" if language == "en" else "https://example.org/x",
            "Copyright": "Copyright Quay Media", "Last updated": "2024-05-22", "Database": "Global Newsstream",
        }  # fmt: skip
        head = [f"Document {at} of {len(expected)}"] if numbered else []
        head += [one.title, f"{author}: {family}, {given}"] if one.byline else [one.title]
        body = [f"{full}: {one.paragraphs[0]}", *one.paragraphs[1:]]
        labels = [f"{name}: {value}" for name, value in said.items() if value]
        pieces.append("\n\n".join([*head, "Abstract: What it is about.", *body, *labels]))
    return f"\n{rule}\n\n".join([*pieces, "Contact us at: somewhere Copyright © 2024 ProQuest LLC"]) + "\n"


def proquest_more(text: str) -> str:
    """Return an export of ProQuest with labels of which nothing is known, and with what it says in a page's place."""
    for known in ("Publication year: 2024", "Database: Global Newsstream"):
        text = text.replace(
            known, f"{known}\n\ne-ISSN: 1\n\nJournal subject: General Interest--United States\n\nWord count: 50"
        )
    return text.replace("Full text: ", "Full text:\n\nEnlarge this image.\n\n").replace(
        "\n\nPages:", "; Quay, ST\n\nPages:"
    )


def europresse(expected: Sequence[Expected]) -> str:
    """Write an export of Europresse."""
    pieces = []
    for at, one in enumerate(expected, 1):
        day = f", {_day(one.day, 'fr')}" if one.day else ""
        pieces.append(
            '<article><header><div class="rdp__DocPublicationName"><span class="DocPublicationName">'
            f"{one.outlet}, no. {4000 + at}</span></div>"
            f'<span class="DocHeader">{one.section}{day} 734 mots, p. {one.page}</span>'
            f'<div class="titreArticle"><p class="titreArticleVisu rdp__articletitle">{one.title}</p></div>'
            + (f'<p class="sm-margin-bottomNews">{one.byline}</p>' if one.byline else "")
            + "</header><section><div class='docOcurrContainer'>"
            + "".join(f"<p>{text}</p>" for text in one.paragraphs)
            + f"</div></section><footer><div class='publiC-lblNodoc'>news·20240520·QC·{at:04}</div></footer></article>"
        )
    return f'<html><head><meta charset="utf-8"></head><body>{"".join(pieces)}</body></html>'


def europresse_old(expected: Sequence[Expected]) -> str:
    """Write an export of Europresse as it was: tables, bylines without a class, and a certificate below each text."""
    pieces = []
    for at, one in enumerate(expected, 1):
        number = f"news·20240520·QC·{at:06}"
        heads = (f"{one.section}, ", _day(one.day, "fr") if one.day else "", f", p. {one.page}")
        pieces.append(
            f'<table align="center"><tr><td><span class="DocPublicationName">{one.outlet}</span><br>'
            + "".join(f'<span class="DocHeader">{head}</span>' for head in heads if head)
            + f'<br><br><span class="TitreArticleVisu">{one.title}</span><br><br>'
            + (f"{one.byline}<br><p></p>" if one.byline else "")
            + "<p></p>".join(one.paragraphs)
            + f"<p></p><b><i>© 2012 {one.outlet}. Tous droits réservés.</i></b><p></p>Numéro de document : {number}<br><br>"
            f"<table><tr><td>{number}</td></tr><tr><td>Ce certificat est émis à <b>University</b>.</td></tr></table></td></tr></table>"
        )
    return f'<html><head><meta charset="utf-8"></head><body>{"<br>".join(pieces)}</body></html>'


def japanese_table(expected: Sequence[Expected], *, titled: bool = False) -> str:
    """Write a page saved from an archive that has the facts of each document in a row of a table."""
    pieces = []
    for at, one in enumerate(expected, 1):
        day = one.day or date(2024, 1, 1)
        if titled:
            cells = (str(at), f"{day:%Y.%m.%d}", one.title, "東京朝刊", one.section, f"{one.page}頁", "927字", "04段")
            pieces.append(
                f'<table class="contentsTable"><tr>{"".join(f"<th>{cell}</th>" for cell in cells)}</tr></table>'
            )
            pieces.append("<table><tr><th>選択部分をキーワードとして：</th><td>を検索</td></tr></table>")
        else:
            names = ("No.", "発行日", "朝夕刊", "面名", "ページ", "文字数")
            cells = (
                f"{at:05}",
                f"<nobr>{day.year}年</nobr>{day:%m}月{day:%d}日",
                "朝刊",
                one.section,
                f"{int(one.page):03}",
                "01028文字",
            )
            td = '<td class="topic-list">'
            rows = (f"<tr>{td}{f'</td>{td}'.join(row)}</td></tr>" for row in (names, cells))
            pieces.append(f"<hr><table>{''.join(rows)}</table><span>{one.title}</span>")
        pieces.append(f"<div>{'<br>'.join(f'　{text}' for text in one.paragraphs)}</div>")
        pieces += [] if titled else ["<p>このページのＴＯＰへ</p>"]
    return f'<html><head><meta charset="utf-8"></head><body>{"".join(pieces)}</body></html>'


def russian_page(expected: Sequence[Expected]) -> str:
    """Write a page saved from an archive with codes, below a list of the documents."""
    contents = "".join(
        f'{at}. <a href="#{at}">{one.title}</a> <small>{one.outlet}; 6;</small><br>'
        for at, one in enumerate(expected, 1)
    )
    pieces = []
    for one in expected:
        said = {
            "ИС": one.outlet,
            "РБ": one.section,
            "ДТ": f"{one.day:%d.%m.%Y}" if one.day else "",
            "АВ": one.byline,
            "ЗГ": one.title,
        }
        codes = "<br>".join(f"^{code}:\n    {value}\n" for code, value in said.items() if value or code == "ДТ")
        text = "\n".join(f"     {_wrapped(paragraph, 64)}" for paragraph in one.paragraphs)
        pieces.append(f"<div><table><tr><td>{codes}</td></tr></table><h3>{one.title}</h3><pre>\n{text}</pre></div>")
    return (
        f'<html><head><meta charset="utf-8"><title>Report</title></head><body>{contents}{"".join(pieces)}</body></html>'
    )


def japanese(expected: Sequence[Expected]) -> str:
    """Write an export that says of each document in one line when and where it stood."""
    lines: list[str] = []
    for one in expected:
        day = one.day or date(2024, 1, 1)
        lines += [
            f"■{one.title}",
            f"{day:%Y/%m/%d}　{one.outlet.replace(' ', '')}　朝刊　{one.page}ページ　1234文字",
            "",
        ]
        lines += [*(line for text in one.paragraphs for line in (text, "")), "-" * 40, ""]
    return "\n".join(lines)


def japanese_numbered(expected: Sequence[Expected]) -> str:
    """Write an export of numbered documents whose first lines are facts."""
    lines: list[str] = []
    for at, one in enumerate(expected, 1):
        day = one.day or date(2024, 1, 1)
        lines += [
            f"No.{at}",
            f"{day.year}年{day.month:02}月{day.day:02}日",
            "朝刊",
            "２社会",
            f"{int(one.page):03}ページ,1234文字",
        ]
        lines += [one.title, *one.paragraphs]
    return "\n".join(lines)


def japanese_labelled(expected: Sequence[Expected]) -> str:
    """Write an export with labels in brackets."""
    lines: list[str] = []
    for one in expected:
        day = [f"【発行日】{one.day.year}年{one.day.month}月{one.day.day}日"] if one.day else ["【発行日】不明"]
        lines += [*day, f"【紙名】{one.outlet}", f"【ページ】{one.page}", f"【見出し】{one.title}", "【本文】"]
        lines += [*one.paragraphs, "", "=" * 30]
    return "\n".join(lines)


def japanese_fronted(expected: Sequence[Expected]) -> str:
    """Write an export in which a line of facts with a number stands above each title."""
    lines: list[str] = []
    for at, one in enumerate(expected, 1):
        day = one.day or date(2024, 1, 1)
        lines += [
            f"{at:05}　{day.year}年{day.month:02}月{day.day:02}日　朝刊　2社会　{int(one.page):03}　01234文字　（その他）"
        ]
        lines += [one.title, "", *(line for text in one.paragraphs for line in (f"　{text}", ""))]
    return "\n".join(lines)


def japanese_regional(expected: Sequence[Expected]) -> str:
    """Write an export with labelled titles over lines of facts that name an edition of a region."""
    lines: list[str] = []
    for one in expected:
        day = one.day or date(2024, 1, 1)
        lines += [f"［見出し］{one.title}", f"{day:%Y.%m.%d}　東京朝刊　社会　{one.page}頁　（全1234字）", ""]
        lines += [*(line for text in one.paragraphs for line in (text, "")), "-" * 40, ""]
    return "\n".join(lines)


def japanese_newspaper_first(expected: Sequence[Expected]) -> str:
    """Write an export of numbered titles over lines of facts that begin with the newspaper."""
    lines: list[str] = []
    for at, one in enumerate(expected, 1):
        day = one.day or date(2024, 1, 1)
        lines += [
            f"{at}. {one.title}",
            f"港新聞 {day.year}.{day.month}.{day.day} 東京朝刊 {one.page}頁 社会面 （全1234字）",
            "",
        ]
        lines += [*(f"　{text}" for text in one.paragraphs), "", ""]
    return "\n".join(lines)


def russian(expected: Sequence[Expected]) -> str:
    """Write an export with labels."""
    lines: list[str] = []
    for one in expected:
        lines += [f"Источник: {one.outlet}", f"Дата: {one.day:%d.%m.%Y}" if one.day else "Дата: не указана"]
        lines += [f"Заголовок: {one.title}"] + ([f"Автор: {one.byline}"] if one.byline else []) + [""]
        lines += [line for text in one.paragraphs for line in (text, "")]
    return "\n".join(lines)


def russian_numbered(expected: Sequence[Expected]) -> str:
    """Write an export of numbered documents."""
    pieces = []
    for at, one in enumerate(expected, 1):
        head = [f"Документ {at} из {len(expected)}", one.outlet, _day(one.day, "ru") or "", one.title]
        pieces.append("\n\n".join(part for part in [*head, *one.paragraphs] if part))
    return "\n\n\n".join(pieces)


def as_html(text: str) -> str:
    """Write lines of text as LexisNexis writes them as a page."""
    paragraphs = (" ".join(part.split()) for part in text.replace("\f", "").replace("\n___", "\n\n___").split("\n\n"))
    body = "".join(
        f'<br><div class="c0"><p class="c1"><span class="c2">{part}</span></p></div>\n' for part in paragraphs if part
    )
    return f'<html><head><meta charset="utf-8"></head><body><DOC NUMBER=1><DOCFULL>{body}</DOCFULL></DOC></body></html>'


Write = Callable[[Sequence[Expected]], str]

SHAPES: dict[str, tuple[str, Write]] = {
    **{f"nexis-{tongue}": (".txt", lambda them, tongue=tongue: nexis(them, tongue)) for tongue in _NEXIS},
    "nexis-old": (".txt", nexis_old),
    "nexis-breaks": (".txt", lambda them: nexis(them, cover=False, breaks=True)),
    "nexis-html": (".html", lambda them: as_html(nexis([replace(one) for one in them], cover=False))),
    **{f"uni-{tongue}": (".txt", lambda them, tongue=tongue: nexis_uni(them, tongue)) for tongue in _UNI},
    "uni-bare": (".txt", lambda them: nexis_uni(them, cover=False)),
    **{f"factiva-{tongue}": (".txt", lambda them, tongue=tongue: factiva(them, tongue)) for tongue in _FACTIVA},
    **{f"factiva-coded-{tongue}": (".txt", lambda them, tongue=tongue: factiva_coded(them, tongue)) for tongue in _FACTIVA},
    "factiva-coded-blank": (".txt", lambda them: factiva_coded(them, between=" ")),
    "factiva-coded-tabs": (".txt", lambda them: factiva_coded(them, between="\t")),
    **{f"factiva-html-{tongue}": (".html", lambda them, tongue=tongue: factiva_html(them, tongue)) for tongue in _FACTIVA},
    "factiva-table": (".html", factiva_table),
    "factiva-own-lines": (".txt", factiva_own_lines),
    "factiva-rtf": (".rtf", factiva_rtf),
    **{f"proquest-{tongue}": (".txt", lambda them, tongue=tongue: proquest(them, tongue, numbered=True)) for tongue in _PROQUEST if tongue != "en"},
    "europresse-old": (".HTML", europresse_old),
    "japanese-table": (".html", japanese_table),
    "japanese-rows": (".html", lambda them: japanese_table(them, titled=True)),
    "russian-page": (".html", russian_page),
    "proquest-html": (".html", lambda them: as_html(proquest(them, numbered=True))),
    "nexis-twice": (".txt", lambda them: nexis(them[:2]) + nexis(them[2:])),
    "nexis-mac": (".txt", lambda them: nexis(them).replace("\n", "\r")),
    "proquest": (".txt", proquest),
    "proquest-numbered": (".txt", lambda them: proquest(them, numbered=True)),
    "europresse": (".HTML", europresse),
    "japanese": (".txt", japanese),
    "japanese-numbered": (".txt", japanese_numbered),
    "japanese-labelled": (".txt", japanese_labelled),
    "japanese-fronted": (".txt", japanese_fronted),
    "japanese-regional": (".txt", japanese_regional),
    "japanese-newspaper-first": (".txt", japanese_newspaper_first),
    "russian-issues": (".txt", lambda them: russian(them).replace("Дата:", "Номер выпуска: 7\nДата выпуска:")),
    "proquest-more": (".txt", lambda them: proquest_more(proquest(them, numbered=True))),
    "nexis-pages": (".txt", lambda them: nexis([replace(one, page=f"{one.page}, 41") for one in them])),
    "russian": (".txt", russian),
    "russian-numbered": (".txt", russian_numbered),
}  # fmt: skip
"""Name -> the ending of its files, and how documents are written in it."""

UNDATED = frozenset(name for name in SHAPES if name.startswith("japanese") and name != "japanese-labelled")
"""Shapes in which every document has its date."""
