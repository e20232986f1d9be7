"""BCP 47 primary tags for names and codes of languages."""

import re
from difflib import get_close_matches

from semsearch.text import name_key

_KNOWN = """
    aa aar afar
    ab abk abkhazian abkhaz
    ae ave avestan
    af afr afrikaans
    ak aka akan twi tw fat fante
    am amh amharic አማርኛ
    an arg aragonese
    ar ara arb arabic arabisch arabe árabe العربية
    as asm assamese অসমীয়া
    av ava avaric
    ay aym aymara
    az aze azj azerbaijani azeri azərbaycan
    ba bak bashkir
    be bel belarusian belarussian беларуская
    bg bul bulgarian bulgarisch български
    bi bis bislama
    bm bam bambara
    bn ben bengali bangla বাংলা
    bo bod tib tibetan བོད
    br bre breton brezhoneg
    bs bos bosnian bosanski
    ca cat catalan valencian katalanisch català
    ce che chechen
    ch cha chamorro
    co cos corsican corsu
    cr cre cree
    cs ces cze czech tschechisch čeština česky
    cu chu slavonic
    cv chv chuvash
    cy cym wel welsh walisisch cymraeg
    da dan danish dänisch dansk
    de deu ger german deutsch allemand alemán tedesco
    dv div dhivehi divehi maldivian
    dz dzo dzongkha
    ee ewe
    el ell gre greek griechisch ελληνικά
    en eng english anglais englisch inglés inglês inglese
    eo epo esperanto
    es spa spanish spanisch español espanol castellano castilian espagnol espanhol spagnolo
    et est ekk estonian estnisch eesti
    eu eus baq basque baskisch euskara
    fa fas per pes prs persian farsi dari persisch فارسی
    ff ful fulah fula
    fi fin finnish finnisch suomi
    fj fij fijian
    fo fao faroese føroyskt
    fr fra fre french französisch français francais francés francês francese
    fy fry frisian frysk
    ga gle irish irisch gaeilge
    gd gla gaelic gàidhlig
    gl glg galician galego
    gn grn guarani
    gu guj gujarati ગુજરાતી
    gv glv manx
    ha hau hausa
    he iw heb hebrew hebräisch עברית
    hi hin hindi हिन्दी
    ho hmo
    hr hrv croatian kroatisch hrvatski
    ht hat haitian creole kreyòl
    hu hun hungarian ungarisch magyar
    hy hye arm armenian armenisch հայերեն
    hz her herero
    ia ina interlingua
    id in ind indonesian indonesisch indonesia
    ie ile interlingue
    ig ibo igbo
    ii iii
    ik ipk inupiaq
    io ido
    is isl ice icelandic isländisch íslenska
    it ita italian italienisch italiano italien
    iu iku inuktitut
    ja jpn japanese japanisch japonais japonés 日本語 日语 日語
    jv jw jav javanese jawa
    ka kat geo georgian georgisch ქართული
    kg kon kongo
    ki kik kikuyu
    kj kua kuanyama
    kk kaz kazakh қазақ
    kl kal kalaallisut greenlandic
    km khm khmer cambodian ខ្មែរ
    kn kan kannada ಕನ್ನಡ
    ko kor korean koreanisch coréen coreano 한국어 韩语 韓語
    kr kau kanuri
    ks kas kashmiri
    ku kur kmr kurdish kurdisch kurdî kurmanji
    kv kom komi
    kw cor cornish
    ky kir kyrgyz kirghiz кыргызча
    la lat latin latein
    lb ltz luxembourgish lëtzebuergesch
    lg lug ganda luganda
    li lim limburgish
    ln lin lingala
    lo lao ລາວ
    lt lit lithuanian litauisch lietuvių
    lu lub
    lv lav lvs latvian lettisch latviešu
    mg mlg malagasy
    mh mah marshallese
    mi mri mao maori māori
    mk mkd mac macedonian mazedonisch македонски
    ml mal malayalam മലയാളം
    mn mon mongolian mongolisch монгол
    mr mar marathi मराठी
    ms msa may zsm malay melayu malaysian
    mt mlt maltese malti
    my mya bur burmese မြန်မာ
    na nau nauru nauruan
    nd nde
    ne nep npi nepali नेपाली
    ng ndo ndonga
    nl nld dut dutch flemish niederländisch nederlands néerlandais holandés
    no nb nn nor nob nno norwegian norwegisch norsk bokmål nynorsk
    nr nbl
    nv nav navajo
    ny nya chichewa nyanja chewa
    oc oci occitan
    oj oji ojibwa
    om orm oromo
    or ori ory odia oriya ଓଡ଼ିଆ
    os oss ossetian
    pa pan punjabi panjabi ਪੰਜਾਬੀ
    pi pli pali
    pl pol polish polnisch polski polonais
    ps pus pbt pashto pushto پښتو
    pt por portuguese portugiesisch português portugues portugais portugués
    qu que quechua
    rm roh romansh
    rn run rundi kirundi
    ro mo ron rum romanian moldovan moldavian rumänisch română
    ru rus russian russisch russe ruso русский
    rw kin kinyarwanda
    sa san sanskrit
    sc srd sardinian
    sd snd sindhi سنڌي
    se sme sámi
    sg sag sango
    si sin sinhala sinhalese සිංහල
    sk slk slo slovak slowakisch slovenčina
    sl slv slovenian slovene slowenisch slovenščina
    sm smo samoan
    sn sna shona
    so som somali soomaali
    sq sqi alb als albanian albanisch shqip
    sr srp serbian serbisch српски srpski
    ss ssw swati
    st sot sesotho sotho
    su sun sundanese
    sv swe swedish schwedisch svenska
    sw swa swh swahili kiswahili suaheli
    ta tam tamil தமிழ்
    te tel telugu తెలుగు
    tg tgk tajik тоҷикӣ
    th tha thai thailändisch ไทย
    ti tir tigrinya ትግርኛ
    tk tuk turkmen
    tl tgl fil tagalog filipino pilipino
    tn tsn tswana setswana
    to ton tongan
    tr tur turkish türkisch turc turco türkçe
    ts tso tsonga xitsonga
    tt tat tatar
    ty tah tahitian
    ug uig uyghur uighur ئۇيغۇرچە
    uk ukr ukrainian ukrainisch українська
    ur urd urdu اردو
    uz uzb uzn uzbek oʻzbek
    ve ven venda tshivenda
    vi vie vietnamese vietnamesisch
    vo vol volapük
    wa wln walloon
    wo wol wolof
    xh xho xhosa isixhosa
    yi ji yid yiddish ייִדיש
    yo yor yoruba
    za zha zhuang
    zh zho chi cmn chinese mandarin putonghua chinesisch chinois chino 中文 汉语 漢語 华语 華語 普通话 國語
    zu zul zulu isizulu
"""
_TAGS = {name: names.split()[0] for names in _KNOWN.strip().splitlines() for name in names.split()}
"""By folded name, and by ISO 639-1, 639-2 or 639-3 code: the tag, of two letters where there are two."""

_NAMES = {name: tag for name, tag in _TAGS.items() if len(name) > 3}
_ENGLISH_NAMES = {tag: name.capitalize() for name, tag in reversed(_NAMES.items())}

_REGIONAL = """
    american argentinian australian austrian belgian brazilian british canadian european indian international irish
    mexican scottish simplified swiss traditional uk us
"""
_QUALIFIERS = frozenset(_REGIONAL.split())
"""Words before a name that still mean the same language: "British English", but not "Old English"."""

_NO_LANGUAGE = frozenset(("un", "und", "mul", "zxx", "mis", "na", "nan", "xx", "xxx", "utf", "iso"))
_LONGEST_CODE = 7
_CODE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{1,8})*", re.IGNORECASE)
_LEFT_OUT = re.compile(r"\s*[(\[（][^)\]）]*[)\]）]$|[.@][\w-]+$")  # English (UK), 中文（简体）, en_GB.UTF-8


def language_key(name: str) -> str:
    """Return the key that a language is compared by; articles that come from Python may have any name for it."""
    return primary_tag(name) or name_key(name)


def primary_tag(name: str) -> str | None:
    """Return "en" for "en", "en-GB", "en_US", "eng", "English" and "British English"; None if a name says nothing.

    An unknown code is returned as it is.
    """
    folded = _LEFT_OUT.sub("", name.strip().casefold())
    if folded in _NO_LANGUAGE:
        return None
    if folded in _TAGS:
        return _TAGS[folded]
    *qualifiers, last = folded.split() or [""]
    if qualifiers and last in _NAMES and _QUALIFIERS.issuperset(qualifiers):
        return _TAGS[last]
    code = _CODE.fullmatch(folded)
    if code is None or code[1] in _NO_LANGUAGE:
        return None
    return _TAGS.get(code[1], code[1])


def is_code(name: str) -> bool:
    """Tell whether a name is the code of a known language, with or without a country: "en", "pt-BR"."""
    code = _CODE.fullmatch(name)
    return code is not None and len(name) <= _LONGEST_CODE and _TAGS.get(code[1].lower()) is not None


def nearest(name: str) -> list[str]:
    """Return up to three languages with names that are spelled nearly like this one, as "English (en)"."""
    close = get_close_matches(name.strip().casefold(), _NAMES, n=5, cutoff=0.7)
    return [f"{_ENGLISH_NAMES[tag]} ({tag})" for tag in dict.fromkeys(map(_NAMES.__getitem__, close))][:3]
