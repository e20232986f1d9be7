"""Forms of words that no stemmer brings together: irregular ones, and those of British and American English.

Left out is what is also a form of another common word: left, saw, found, rose, lives; cours, fils.
"""

import re
from typing import Final

from semsearch.words.analysers import Analyser

_IRREGULAR: Final = {
    "en": """
    man men, woman women, child children, foot feet, tooth teeth, goose geese, mouse mice, ox oxen, wife wives,
    knife knives, wolf wolves, shelf shelves, thief thieves, half halves, loaf loaves, calf calves, crisis crises,
    analysis analyses, diagnosis diagnoses, hypothesis hypotheses, thesis theses, oasis oases, phenomenon phenomena,
    criterion criteria, bacterium bacteria, curriculum curricula, memorandum memoranda, referendum referenda,
    stadium stadia, stimulus stimuli, nucleus nuclei, fungus fungi, cactus cacti, index indices, matrix matrices,
    appendix appendices, bus buses, gas gases, lens lenses, plus pluses, bonus bonuses, virus viruses, campus campuses,
    census censuses, quiz quizzes,
    win won, sell sold, pay paid, say said, go went gone, make made, buy bought, bring brought, think thought,
    tell told, lead led, hold held, keep kept, lose lost, build built, send sent, spend spent, catch caught,
    teach taught,
    seek sought, fight fought, sleep slept, weep wept, sweep swept, deal dealt, begin began begun, drink drank drunk,
    sing sang sung, swim swam swum, sink sank sunk, shrink shrank shrunk, ring rang rung, run ran, come came,
    become became, overcome overcame, give gave given, take took taken, mistake mistook mistaken, shake shook shaken,
    undertake undertook undertaken, write wrote written, drive drove driven, ride rode ridden, rise risen,
    arise arose arisen, choose chose chosen, speak spoke spoken, break broke broken, steal stole stolen,
    freeze froze frozen, wake woke woken, wear wore worn, tear tore torn, swear swore sworn, know knew known,
    grow grew grown, throw threw thrown, blow blew blown, fly flew flown, draw drew drawn, withdraw withdrew withdrawn,
    show shown, see seen, foresee foresaw foreseen, fall fallen, eat ate eaten, beat beaten, forget forgot forgotten,
    forgive forgave forgiven, hide hid hidden, bite bitten, strike struck stricken, stick stuck, hang hung, swing swung,
    cling clung, dig dug, stand stood, understand understood, withstand withstood, sit sat, meet met, breed bred,
    flee fled, slide slid, shoot shot, hear heard, mean meant, lend lent, bend bent, free freed, agree agreed,
    disagree disagreed, guarantee guaranteed, decree decreed, sue sued suing, dye dyed, die died dying, lie lying,
    tie tied tying, vie vied vying
""",
    "fr": """
    loi lois, roi rois, emploi emplois, tournoi tournois, convoi convois, envoi envois, paroi parois, ami amis,
    ennemi ennemis, défi défis, alibi alibis, essai essais, élu élus, menu menus, revenu revenus, individu individus,
    tribu tribus, contenu contenus, jeu jeux, enjeu enjeux, feu feux, lieu lieux, milieu milieux, cheveu cheveux,
    aveu aveux, neveu neveux, dieu dieux, vœu vœux voeux, voyou voyous, fou fous, trou trous, clou clous, œil oeil yeux,
    ciel cieux, travail travaux, bail baux, vitrail vitraux, corail coraux,
    conflit conflits
    """,
    "es": """
    juez jueces, luz luces, voz voces, vez veces, cruz cruces, raíz raíces, pez peces, paz paces, feliz felices,
    actriz actrices, capaz capaces, eficaz eficaces, lápiz lápices, nuez nueces, andaluz andaluces, ley leyes, rey reyes
    """,
}
"""By language: base forms, each with others."""

_BASES: Final = {
    (analyser, form): forms[0]
    for analyser, groups in _IRREGULAR.items()
    for forms in map(str.split, groups.replace("\n", " ").split(","))
    for form in forms[1:]
}

_PORTUGUESE: Final = (
    (re.compile(r"(?:õ|ã|(?<=[csç])o)es\Z"), "ão"),
    (re.compile(r"(?<=[eiou])ns\Z"), "m"),
    (re.compile(r"(?<=\w{3}a)is\Z"), "l"),
    (re.compile(r"éis\Z"), "el"),
    (re.compile(r"óis\Z"), "ol"),
)
"""Regular plurals, of which the stemmer takes only the end: eleições, jovens, jornais, papéis, espanhóis."""

_BRITISH: Final = (
    (
        re.compile(
            "((?:misdemean|endeav|neighb|splend|behavi|demean|harb|flav|fav|hon|lab|col|hum|rum|vap|arm|sav|tum|od|vig"
            "|val|rig|parl|clam|cand|glam)o)u(?=r)"
        ),
        r"\1",
    ),
    (
        re.compile(
            r"\A((?:amphi)?theat|(?:epi)?cent|(?:kilo|centi|milli)?met|lit|fib|calib|lust|somb|meag)re(?=[sd]?\Z)"
        ),
        r"\1er",
    ),
    (re.compile(r"(?<=\w{2}[iy])s(?=(?:e[drs]?|ers|ing|ations?)\Z)"), "z"),
    (re.compile(r"\A((?:de|of)fen|defen|preten|licen)c(?=es?\Z)"), r"\1s"),
    (re.compile(r"(?<=log)ue(?=s?\Z)"), ""),
    (
        re.compile(r"\A((?:trave|jewe|cance|fue|mode|labe|leve|channe|signa|equa|counse)l)l(?=(?:ed|ing|ers?|ors?)\Z)"),
        r"\1",
    ),
    (re.compile(r"\Agrey(?=s?\Z)"), "gray"),
    (re.compile(r"\Aprogramme(?=s?\Z)"), "program"),
)
"""What Americans write in another way, with how they write it."""


_REWRITTEN: Final = {"en": _BRITISH, "pt": _PORTUGUESE}


def base_form(word: str, analyser: Analyser) -> str:
    """Return the base form of an irregular form, in American spelling if it is English; other words as they are.

    Args:
        word: in lower case, with its accents; an English one without.
    """
    word = _BASES.get((analyser, word), word)
    for pattern, replacement in _REWRITTEN.get(analyser, ()):
        word = pattern.sub(replacement, word, count=1)
    return word
