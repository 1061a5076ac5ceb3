"""Names of people who do not exist: given names one hears in a northern borough, family names nobody bears."""

from collections.abc import Iterator
from itertools import count
from random import Random

_GIVEN = """
    Aaliyah Abel Ada Adeel Agnes Aidan Alina Amara Amir Ana Anders Anita Anwen Arjun Astrid Ayesha Beatrix Ben Bilal Bronwen
    Callum Carmen Cerys Chidi Clara Dalia Damian Daniyal Delia Demelza Dev Dilys Ebony Edith Elif Emeka Esme Ewan Farah Felix
    Fenella Fergus Freya Gareth Georgia Gita Grace Hamza Hana Hari Hazel Heidi Idris Imani Imogen Ines Isaac Ivy Jamal Jasper
    Jia Joanna Jonah Kamal Karim Keira Kofi Kwame Lakshmi Leo Lena Lorna Lucian Maeve Malik Marcus Mei Milo Miriam Musa Nadia
    Naomi Niamh Nikhil Nina Noor Olive Omar Orla Oscar Owen Parveen Petra Priya Rafael Rashid Rhian Rosa Rowena Ruben Sabina
    Samir Saoirse Seren Shanice Silas Simran Sofia Stefan Sunita Tamsin Tariq Tess Theo Tomasz Uma Usman Verity Viktor Wanda
    Wilf Xanthe Yasmin Yusuf Zainab Zara Zofia
"""
_BEGINNINGS = """
    Alder Amble Arken Barrow Beck Birk Brack Brind Calver Cinder Clough Crake Dent Drift Eller Fenn Fother Garth Gimmer
    Gorse Grimmel Hagger Hawk Heather Hollin Kelder Kettle Lark Linger Mallow Merrow Mickle Nether Oaken Otter Pender
    Quarrel Raven Rimmer Rowan Sallow Scar Shepper Skell Sorrel Stain Tarn Thistle Thorn Todder Twiss Under Wether Whinner
    Winter Withen Yarrow
"""
_ENDINGS = """
    combe dale feather fold gate gill hay heath holt hurst lea low mead mire rake sike side stone thorpe vane wath well
"""


def full_names(rng: Random) -> Iterator[str]:
    """Names without end, none twice among the first hundred thousand."""
    families = [
        begin + end for begin in _BEGINNINGS.split() for end in _ENDINGS.split() if begin[-1] != end[0]
    ]
    given = _GIVEN.split()
    rng.shuffle(families)
    rng.shuffle(given)
    for turn in count():
        # Each time round the given names, the families have moved on by one.
        yield f"{given[turn % len(given)]} {families[(turn + turn // len(given)) % len(families)]}"
