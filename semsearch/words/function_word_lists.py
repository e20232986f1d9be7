"""The function words of each language, folded as words are."""

from functools import cache
from typing import Final

from semsearch.words.analysers import Analyser
from semsearch.words.normal_form import fold

FUNCTION_WORDS: Final = {
    "en": "the of and to in is was that for on with as by at from it has have he we you are be this an our they a "
    "or but if than then so its his her their my your them him she i me these those there here what which "
    "whom whose when where why how were been being am do does did done had having would should could into "
    "onto upon about over under between through during before after above below while because until against "
    "among also such not no nor too very each any some both either neither only just yet ever dont doesnt "
    "didnt isnt arent wasnt werent cant cannot couldnt wouldnt shouldnt havent hasnt hadnt",
    "de": "der die das und ist in den von zu mit sich des auf für nicht ein eine im dem als auch es an werden bei "
    "sind einer einen einem eines war wird hat haben oder aber wie nach aus um am zum zur durch vor bis über "
    "unter noch nur so wenn dann dass daß er sie wir ihr ich du was wer wo wann warum welche welcher welches "
    "diese dieser dieses kann können ihre seine sein hatte wurde wurden gegen zwischen ohne",
    "fr": "le la les de des et en un une du est que dans qui pour sur au par avec pas ce il sont aux ont été l d c "
    "j m n s t qu elle ils elles on nous vous je tu se sa ses leur leurs ou mais où comme plus ne cette ces "
    "cet être avoir a à était étaient quand quel quelle quels quelles quoi comment pourquoi si y sous entre "
    "sans lui",
    "es": "el la los las de que y en un una es por con del se para al su lo como más pero sus fue ha este entre o u "
    "e ni no si sí esta estos estas ese esa le les me te nos qué quién quiénes cuál cuáles cuándo dónde cómo "
    "por ser son está están era han hay sin sobre desde hasta cuando donde muy también",
    "pt": "o a os as de que e em um uma é por com da do na no para se dos das nos nas mais foi ao aos à às não pela "
    "pelo são como também seu sua ou mas quem qual quais quando onde porque por ser está estão era este esta "
    "isso sem sobre entre até desde muito já",
    "it": "il lo la i gli le di che e ed in un uno una è per con del della dei delle degli da dal dalla non al alla "
    "ai alle nel nella nei sul sulla si ha hanno anche come più ma o se chi quale quali quando dove perché "
    "sono era questo questa suo sua loro l d c n s dall dell nell sull all un",
    "ca": "el la els les de que i en un una és per amb del dels al als es se no com més però o si qui quin quina "
    "quan on ha són l d s n m t",
    "nl": "de het een en van in is op te dat die voor met zijn niet aan er om ook als bij door naar uit werd heeft "
    "of maar dan wat wie waar wanneer hoe waarom welke deze dit was waren worden wordt hebben had zich over "
    "tot onder nog geen ze hij zij wij ik je u",
    "sv": "och i att det som en på är av för med den till inte om ett har de var från sig men så kan vid efter "
    "eller vad vem när hur varför vilken vilka detta denna han hon vi jag du ni blev hade",
    "da": "og i at det som en på er af for med den til ikke om et har de var fra sig men så kan ved efter eller "
    "hvad hvem hvor hvornår hvordan hvorfor dette denne han hun vi jeg du blev havde",
    "no": "og i at det som en på er av for med den til ikke om et har de var fra seg men så kan ved etter eller hva "
    "hvem hvor når hvordan hvorfor dette denne han hun vi jeg du ble hadde",
    "fi": "ja on ei se että en ovat oli mutta tai kun kuin jos niin myös mikä mitä kuka missä milloin miten miksi "
    "tämä hän he me te",
    "pl": "i w na z się nie do to że jest o jak po co za od przez ale dla są przy oraz był która który tym a lub "
    "czy kto gdzie kiedy dlaczego ten ta te tego tej we ze być które było była już tylko",
    "cs": "a v na se je že z do s o k i to za po pro jako jak ale by od u ve ze si byl byla bylo jsou nebo kdo co "
    "kde kdy proč který která které tento tato toto také",
    "ro": "și de la în a cu o un una că nu pe din care se este al ai ale cel cea mai sau dar ce cine unde când cum "
    "sunt fost pentru prin",
    "hu": "a az és hogy nem is egy van volt de ha vagy mint csak már meg ki mi hol mikor miért hogyan ez azt ezt",
    "ru": "и в не на что с по как к у за от из о а но для это он она они мы вы я его её их был была было были быть "
    "же бы ли или то так до при во со об где когда кто почему который которая которое которые также",
    "sr": "i u na je da se za od sa su kao ne o iz po do ali ili koji koja koje kako kada gde ko što bi",
    "tr": "ve bir bu için ile olarak çok daha olan gibi en ne kadar sonra ancak var göre ise da de mi mı mu mü o şu "
    "ya veya kim nerede nasıl neden hangi",
    "el": "ο η το οι τα του της των τον την και να σε με για από που θα δεν είναι στο στη στην στον ένα μια ένας ως "
    "ή τι ποιος πού πότε πώς γιατί αν",
    "ar": "في من على إلى الى عن أن ان إن أو او ما لا هذا هذه التي الذي هو هي كان كانت قد مع بعد قبل بين كل هل كيف "
    "متى أين لماذا ثم لم لن و",
    "fa": "و در به از که این را با است برای آن یک تا بر هم نیز یا چه کی کجا چرا چگونه بود شد می ها های",
    "hi": "के का की में है और से को पर ने यह वह कि हैं था थे थी एक भी नहीं तो ही या लिए इस उस जो क्या कौन कब कहाँ "
    "क्यों कैसे",
    "id": "yang dan di ke dari untuk dengan pada adalah ini itu dalam tidak akan atau juga oleh sebagai apa siapa "
    "kapan bagaimana mengapa",
}  # fmt: skip
_SOMETIMES: Final = {
    "en": "may can will might must shall us who it all more most other others another own out off up down again one "
    "like said says",
    "de": "will alle mehr andere ersten uns man mal", "fr": "tout tous son ton car or fait est", "es": "todo todos fue",
    "it": "stato stati tutti", "nl": "alle meer andere", "sv": "man alla mot", "da": "man alle", "no": "man alle",
}  # fmt: skip
"""Words that are often function words and sometimes names or nouns (May, WHO, US): a query of them alone means them."""


def function_words(analyser: Analyser) -> frozenset[str]:
    """Return the function words of a language, folded; none if it has no list."""
    return _folded_list(FUNCTION_WORDS, analyser)


def sometimes_function_words(analyser: Analyser) -> frozenset[str]:
    """Return the words of a language, folded, that are often function words and sometimes names or nouns."""
    return _folded_list(_SOMETIMES, analyser)


@cache
def function_words_of_any_language() -> frozenset[str]:
    """Return the function words of all languages, folded, with those that are sometimes names or nouns."""
    return frozenset().union(*map(function_words, FUNCTION_WORDS), *map(sometimes_function_words, _SOMETIMES))


def _folded_list(table: dict[str, str], analyser: Analyser) -> frozenset[str]:
    return _folded_words(table.get(analyser, ""))


@cache
def _folded_words(words: str) -> frozenset[str]:
    return frozenset(map(fold, words.split()))
