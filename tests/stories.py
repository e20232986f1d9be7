"""Reports long enough to be copied, updated and reused, and corpora of any size, written by tests for tests."""

import random

STORY = [
    (
        "The ferry company of Lorn will take its oldest ship out of service in March, after inspectors had found "
        "cracks in two of the frames below the car deck."
    ),
    (
        "Passengers to the outer islands will travel by catamaran until a replacement is found, said Marit Holm, "
        "who runs the timetable. Lorries have to wait for the freight boat, which sails twice a week and not in "
        "heavy seas."
    ),
    (
        "The ship was launched in 1974 and has crossed the sound some ninety thousand times. A retired engineer "
        "who had looked after her engines for thirty years said that nobody had asked him about the frames."
    ),
    (
        "Shopkeepers on the islands fear for the summer, because the catamaran takes neither caravans nor horses. "
        "Their association wants the county to hire a second boat from the mainland before the season begins."
    ),
    (
        "A committee of the county council meets on Friday to hear what that would cost, and whether the old ship "
        "could be moored in the inner harbour as a hostel."
    ),
]
"""A report in five paragraphs."""

ANEW = (
    "No money was promised at the meeting on Friday evening, which ended early after a quarrel over who had known of "
    "the damage, and when they had been told."
)
"""A paragraph that an update might have in the place of another."""

ELSEWHERE = [
    (
        "Beekeepers on the western hills have lost fewer hives this winter than in any other since they began to "
        "count, and they put it down to the heather, which flowered until late in October."
    ),
    (
        "Their adviser, a botanist by training, is less sure. She has asked every second keeper to weigh the hives "
        "each week, and to write down when the first willow is open and what the bees carry home from it."
    ),
    (
        "The honey of the hills is sold at three markets and by a school that runs a stall of its own. Its pupils "
        "paint the labels and have been asked by a museum in the capital for one of each kind."
    ),
    (
        "Whether the count will go on is to be decided after the harvest, when the foundation that pays for the "
        "scales has read the notebooks and talked to those who wrote them."
    ),
]
"""Another report."""


def whole(*paragraphs: str) -> str:
    """Return the text of an article."""
    return "\n\n".join(paragraphs)


def tender(day: int) -> str:
    """A notice that is written to one pattern every day, with other figures."""
    figures = [3 * day + 17 * at for at in range(1, 9)]
    return (
        "The savings bank of the county lent its members {} thousand crowns for {} days at {} per mille, a clerk said. "
        "Bids had come to {} thousand. Overnight money was dealt at {} per mille after the tender, dealers said, "
        "against {} before it. The next tender will be held on day {} of the month, and {} thousand crowns will then "
        "fall due."
    ).format(*figures)


_WORDS = (
    "amber anchor arcade badger barley basin beacon birch border bracken brewer bricks bucket cabin candle canvas "
    "cargo cellar chapel cherry cliff clover cobalt comet copper corner cotton crater dairy delta desert donkey "
    "dragon easel ember engine falcon feather fiddle flint fossil fountain gallery garden ginger granite grocer "
    "hammer harvest hazel helmet hermit hollow iron island jacket juniper kettle kitchen ladder lantern lemon linen "
    "lobster magnet maple market meadow mirror mortar needle nettle notary oak oar orchard otter oven oyster paddle "
    "parcel pebble pepper pillar pigeon plaster plum porter potter quarry quilt rabbit radish raft ribbon river "
    "rope saddle saffron sailor salmon sandal sickle signal silver spade spindle stable steeple sugar swallow "
    "tailor tavern thimble timber tinker tower trout tunnel turnip valley velvet violin wagon walnut weaver whistle "
    "willow window winter woollen yarrow"
)


def prose(name: object, paragraphs: int = 2, words: int = 30) -> str:
    """Return a text of its own for each name: words in an order that follows from it."""
    vocabulary = _WORDS.split()
    chance = random.Random(f"{name}")  # noqa: S311  not a secret
    return whole(*(f"{' '.join(chance.choices(vocabulary, k=words)).capitalize()}." for _ in range(paragraphs)))
