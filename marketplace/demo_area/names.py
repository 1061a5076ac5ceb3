"""Names for places, schools and trusts that don't exist, but might in the north of England."""

from collections.abc import Iterator
from itertools import cycle
from random import Random

_BEGINNINGS = [
    "Alder",
    "Amber",
    "Ashen",
    "Birken",
    "Bracken",
    "Brier",
    "Calver",
    "Cinder",
    "Crow",
    "Dunnel",
    "Eller",
    "Fenner",
    "Garr",
    "Gorse",
    "Grimmel",
    "Hagg",
    "Hallow",
    "Hazel",
    "Hebbler",
    "Hollin",
    "Kettle",
    "Lark",
    "Linger",
    "Mallow",
    "Mickle",
    "Nettle",
    "Oaken",
    "Otter",
    "Pender",
    "Quarrel",
    "Raven",
    "Rowan",
    "Rusher",
    "Sallow",
    "Scarth",
    "Shepper",
    "Skeller",
    "Sorrel",
    "Stain",
    "Tansy",
    "Thistle",
    "Todder",
    "Twissel",
    "Wether",
    "Whinner",
    "Withen",
    "Yarrow",
]
_ENDINGS = [
    "royd",
    "shaw",
    "thwaite",
    "bridge",
    "clough",
    "worth",
    "firth",
    "bank",
    "stall",
    "wick",
    "garth",
    "holme",
    "ley",
    "den",
    "rigg",
    "scar",
    "gill",
    "moor",
    "mere",
    "bourne",
    "stead",
    "ford",
    "beck",
]
_WAYS = [
    "Lane",
    "Road",
    "Hill Road",
    "Bank",
    "Mill Lane",
    "Green",
    "Church Lane",
    "Moor Road",
    "Street",
    "Park Avenue",
    "Top Road",
    "Cross Street",
]
_NEAR = ["", "Lane", "Hill", "Park", "Green", "Mill", "Grange", "Cross", "Fold", "Wood"]
_SAINTS = [
    "St Bega",
    "St Hild",
    "St Everilda",
    "St Wilfrid",
    "St Oswin",
    "St Paulinus",
    "St Ebba",
    "St Alkelda",
    "St Trinian",
    "St Cedd",
]
_VIRTUES = [
    "Beckside",
    "Pennine Way",
    "Bright Weir",
    "Packhorse",
    "Millstone",
    "Lantern",
    "Skylark",
    "Three Valleys",
    "Drystone",
    "Waymark",
]
_TRUST_WORDS = ["Learning Trust", "Academy Trust", "Education Trust", "Schools Partnership"]

FIRST_BOROUGH = "Calderbeck"


def borough_name(index: int) -> str:
    """The name of the fictional borough with this number; the first is Calderbeck. No two share one."""
    if index == 0:
        return FIRST_BOROUGH
    names = list(place_names(Random("boroughs")))
    return names[index - 1]


def place_names(rng: Random) -> Iterator[str]:
    """Over a thousand places in random order, each once."""
    names = [begin + end for begin in _BEGINNINGS for end in _ENDINGS if begin[-1] != end[0]]
    rng.shuffle(names)
    return iter(names)


def street(rng: Random, place: str) -> str:
    """A street with a house number now and then."""
    number = f"{rng.randint(1, 240)} " if rng.random() < 0.3 else ""
    return f"{number}{place} {rng.choice(_WAYS)}"


def school_stem(rng: Random, place: str) -> str:
    """What comes before "Primary School": the place, or something near it."""
    return f"{place} {rng.choice(_NEAR)}".strip()


def saint(rng: Random) -> str:
    """A saint's name in the genitive, as schools are called after."""
    return f"{rng.choice(_SAINTS)}’s"


def trust_names(rng: Random, places: Iterator[str]) -> Iterator[str]:
    """Trusts of academies, in capitals as the register has them, no word for their spirit twice before all have been used."""
    virtues = rng.sample(_VIRTUES, len(_VIRTUES))
    for virtue in cycle(virtues):
        stem = rng.choice((virtue, f"{next(places)} {virtue}"))
        yield f"{stem} {rng.choice(_TRUST_WORDS)}".upper()
