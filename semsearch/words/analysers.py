"""The analysers: which language's stemmer an article is read with."""

import re
from typing import Final

import Stemmer

from semsearch.language import contradicts, guess_language, guess_script

Analyser = str
"""A primary tag of BCP 47 that has a stemmer, or "" for words as they are."""

_STEMMERS: Final = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "st": "sesotho", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_AVAILABLE: Final = frozenset(Stemmer.algorithms())
_SAME_STEMS: Final = {"nb": "no", "nn": "no", "bs": "sr", "hr": "sr", "sh": "sr", "in": "id", "ji": "yi", "mo": "ro"}
_UNSTATED: Final = frozenset({"", "und", "mul", "mis", "zxx"})

_SCRIPTS: Final = {
    "ru": "ru be bg kk ky mk mn sr tg tt uk uz", "ar": "ar az ckb fa ks ku pa ps sd ug ur", "he": "he iw ji yi",
    "hi": "hi mr ne sa", "el": "el", "hy": "hy", "ta": "ta", "zh": "zh yue ja", "ja": "ja", "ko": "ko",
    "th": "th", "bn": "bn as", "ka": "ka",
}  # fmt: skip
"""By the language that a guess names a script by: the languages written in it. Any other guess stands for Latin."""
_IN_SCRIPT: Final = {guess: frozenset(tags.split()) for guess, tags in _SCRIPTS.items()}
_NEVER_LATIN: Final = frozenset().union(*_IN_SCRIPT.values()) - {"az", "ku", "sr", "uz", "kk", "tt"}


def analyser_of(language: str | None, text: str) -> Analyser:
    """Return the analyser for an article, "" where its language has no stemmer.

    The stated language wins over the guess, unless the text is in a script that it is not written in. A text that
    states nothing and is too short or mixed to guess is taken for English.
    """
    stated = re.split(r"[-_]", (language or "").strip().lower(), maxsplit=1)[0]
    is_believed = stated not in _UNSTATED and _fits_script(stated, text)
    tag = stated if is_believed else guess_language(text) or "en"
    tag = _SAME_STEMS.get(tag, tag)
    return tag if _STEMMERS.get(tag) in _AVAILABLE else ""


def _fits_script(tag: str, text: str) -> bool:
    """Tell whether a language may be written in the letters of a text."""
    script = "" if text.isascii() else guess_script(text)
    if script is None:
        return True
    if not script:
        return tag not in _NEVER_LATIN or guess_language(text) is None
    # A tag in no list may be of any script; a tag that has a stemmer and is not written in this script is Latin.
    return tag in _IN_SCRIPT[script] or (tag not in _STEMMERS and tag not in _SAME_STEMS and tag not in _NEVER_LATIN)


def may_be_written_in(text: str, analyser: Analyser) -> bool:
    """Tell whether a text's letters allow it to be in an analyser's language; a few letters prove nothing."""
    return not contradicts(text, analyser)


def stemmer_of(analyser: Analyser) -> Stemmer.Stemmer | None:
    """Return a new stemmer, for one thread; None for words as they are.

    Raises:
        ValueError: there is no such analyser here.
    """
    if not analyser:
        return None
    if _STEMMERS.get(analyser) not in _AVAILABLE:
        available = ", ".join(sorted(tag for tag, name in _STEMMERS.items() if name in _AVAILABLE))
        raise ValueError(f"no analyser {analyser!r}: PyStemmer {Stemmer.version()} offers {available}")
    return Stemmer.Stemmer(_STEMMERS[analyser], 0)  # 0: no cache beside ours
