"""Names and codes of languages -> BCP 47 primary tags."""

import re

_KNOWN = """
    en eng english anglais englisch inglés
    zh zho chi cmn chinese mandarin 中文 汉语 漢語
    es spa spanish español espanol castellano
    fr fra fre french français francais
    de deu ger german deutsch
    pt por portuguese português portugues
    it ita italian italiano
    nl nld dut dutch nederlands
    ru rus russian русский
    uk ukr ukrainian українська
    pl pol polish polski
    cs ces cze czech čeština
    sk slk slo slovak slovenčina
    hu hun hungarian magyar
    ro ron rum romanian română
    bg bul bulgarian български
    el ell gre greek ελληνικά
    sr srp serbian српски
    hr hrv croatian hrvatski
    sl slv slovenian slovenščina
    sv swe swedish svenska
    da dan danish dansk
    no nb nn nor nob nno norwegian norsk bokmål nynorsk
    fi fin finnish suomi
    et est estonian eesti
    lv lav latvian latviešu
    lt lit lithuanian lietuvių
    tr tur turkish türkçe
    ar ara arabic العربية
    he heb hebrew עברית
    fa fas per persian farsi فارسی
    ur urd urdu اردو
    hi hin hindi हिन्दी
    bn ben bengali bangla বাংলা
    ta tam tamil தமிழ்
    te tel telugu తెలుగు
    ja jpn japanese 日本語
    ko kor korean 한국어
    vi vie vietnamese
    th tha thai ไทย
    id ind indonesian
    ms msa may malay
    sw swa swahili kiswahili
    af afr afrikaans
    ca cat catalan català
    xh xho xhosa isixhosa
    zu zul zulu isizulu
"""
_TAGS = {name: names.split()[0] for names in _KNOWN.strip().splitlines() for name in names.split()}
"""Folded name, ISO 639-2 or 639-3 code -> the tag: two letters where there are two."""

_UNSAID = frozenset(("un", "und", "mul", "zxx", "mis", "na", "nan", "xx", "xxx", "utf", "iso"))
_CODE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{1,8})*", re.IGNORECASE)


def primary_tag(name: str) -> str | None:
    """Return "en" for "en", "en-GB", "en_US", "eng" and "English"; None where a name says nothing."""
    folded = name.strip().casefold()
    if folded in _TAGS:
        return _TAGS[folded]
    code = _CODE.fullmatch(folded)
    if code is None or code[1] in _UNSAID:
        return None
    return _TAGS.get(code[1], code[1])
