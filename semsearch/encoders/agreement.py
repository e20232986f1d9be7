"""Do two encoders give the same vectors, and do their scores add up? With texts of many lengths and scripts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import NamedTuple

import numpy as np

from semsearch.errors import EncoderError
from semsearch.ports import Encoder, Matrix

SENTENCES = (
    "The mayor opened the new bridge over the river on Monday morning.",
    "Prices rose by 3.4 % in October, the bureau of statistics said.",
    "Who will pay for the repair of the harbour wall, and when?",
    "“We had no warning at all,” said a farmer whose barn stood in the water.",
    "Die Bürgermeisterin eröffnete am Montag die neue Brücke über den Fluß.",
    "La présidente a déclaré que l’accord serait signé dès lundi à Genève.",
    "El equipo ganó la final en los penaltis ante más de 60.000 espectadores.",
    "Het kabinet stelt de beslissing over de luchthaven opnieuw uit.",
    "Rząd zapowiedział budowę trzech szpitali do końca przyszłego roku.",
    "Depremin ardından bölgede okullar iki gün süreyle tatil edildi.",
    "Мэр города открыл новый мост через реку в понедельник утром.",
    "Ο δήμαρχος εγκαινίασε τη νέα γέφυρα το πρωί της Δευτέρας.",
    "افتتح رئيس البلدية الجسر الجديد فوق النهر صباح يوم الاثنين.",
    "ראש העיר חנך את הגשר החדש מעל הנהר ביום שני בבוקר.",
    "市长周一上午为横跨河流的新大桥剪彩。",
    "市長は月曜日の朝、川に架かる新しい橋の開通式に出席した。",
    "시장은 월요일 아침 강을 가로지르는 새 다리의 개통식에 참석했다.",
    "นายกเทศมนตรีเปิดสะพานใหม่ข้ามแม่น้ำในเช้าวันจันทร์",
    "महापौर ने सोमवार सुबह नदी पर बने नए पुल का उद्घाटन किया।",
    "🌋 Live: 10:45 UTC – M6.2, depth 10 km; https://example.org/quake?id=7&lang=en",
    "ﬁnal ½ price at №5, 25 °C, e\u0301lan, naïve co-op’s B2B/“AI” #1 @desk",
    "[CLS] [SEP] [MASK] <s> </s> <unk> are words of tokenizers.",
)
_LENGTHS = (1, 2, 3, 5, 9, 16, 33)
"""Sentences joined into one text; the longest is more than most models read."""

_SUM_WITHIN = 2e-3
"""How far the sum of the words' contributions may be from the cosine, in bfloat16."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How near two encoders' vectors are."""

    texts: int
    least: float  # cosine of the two vectors of a text, the worst of all texts
    mean: float
    furthest: float  # difference of one number of one vector, the largest of all


def agreement_texts() -> Iterator[str]:
    """Yield short and long texts, in one script each and in many."""
    yield from ("", "a", "7", "war", "open source strategy", "人工智能", "!?", "supercalifragilistic" * 12)
    yield from SENTENCES
    for start, _ in enumerate(SENTENCES):
        length = _LENGTHS[start % len(_LENGTHS)]
        yield "\n".join(islice(cycle(SENTENCES), start, start + length))
    for length in _LENGTHS:
        yield " ".join(islice(cycle(SENTENCES[:4]), length))


class Vectors(NamedTuple):
    """The vectors of an encoder: of texts as passages, and of SENTENCES, which are short, as queries."""

    texts: Sequence[str]
    passages: Matrix  # (texts, dimensions)
    queries: Matrix  # (sentences, dimensions); a long query would be read in pieces


def vectors_of(encoder: Encoder) -> Vectors:
    """Return an encoder's vectors of every text."""
    texts = list(agreement_texts())
    return Vectors(texts, encoder.encode_passages(texts), encoder.encode_queries(SENTENCES))


def one_by_one(encoder: Encoder) -> Vectors:
    """Return an encoder's vectors of short texts read one by one, so that nothing is padded."""
    passages = np.concatenate([encoder.encode_passages([text]) for text in SENTENCES])
    queries = np.concatenate([encoder.encode_queries([text]) for text in SENTENCES])
    return Vectors(SENTENCES, passages, queries)


def compare(expected: Vectors, encoder: Encoder) -> Agreement:
    """Return how near an encoder comes to expected vectors of the same texts."""
    pairs = [
        (expected.passages, encoder.encode_passages(expected.texts)),
        (expected.queries, encoder.encode_queries(SENTENCES)),
    ]
    cosines = np.concatenate([(left.astype(np.float64) * right).sum(axis=1) for left, right in pairs])
    furthest = max(float(np.abs(left - right).max()) for left, right in pairs)
    return Agreement(len(expected.texts), float(cosines.min()), float(cosines.mean()), furthest)


def adds_up(encoder: Encoder) -> bool:
    """Tell whether an encoder takes scores apart into words, and these add up to the score."""
    texts = list(islice(agreement_texts(), 0, None, 5))
    [query_vector] = encoder.encode_queries(SENTENCES[:1])
    for text in texts:
        try:
            words = encoder.contributions(text, query_vector)
        except EncoderError:
            return False
        [passage_vector] = encoder.encode_passages([text])  # in a batch, bfloat16 may move a vector as far as that
        cosine = float(passage_vector.astype(np.float64) @ query_vector)
        if words is None or abs(sum(word.value for word in words) - cosine) > _SUM_WITHIN:
            return False
    return True
