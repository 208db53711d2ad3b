"""The persons by whom messages are elicited: synthetic, always the same, with numbers that can belong to nobody.

Their CPR numbers fail mod 11 and none of them is born on 1 January; no population of a test holds them on purpose.
"""

from __future__ import annotations

from datetime import date

from epjgate.model.person import Address, Person, Sex

INGER = Person(
    cpr="1205482028",
    given_names=("Inger", "Marie"),
    family_name="Østergård",
    sex=Sex.FEMALE,
    birth_date=date(1948, 5, 12),
    address=Address("Søndergade 12, 2. tv.", "8000", "Aarhus C"),
)
BO = Person(
    cpr="0311901007",
    given_names=("Bo",),
    family_name="Skov",
    sex=Sex.MALE,
    birth_date=date(1990, 11, 3),
    address=Address("Havnevej 3", "6700", "Esbjerg"),
)
ASTA = Person(
    cpr="2308114194",
    given_names=("Asta",),
    family_name="Lund",
    sex=Sex.FEMALE,
    birth_date=date(2011, 8, 23),
    address=Address("Kirkestræde 7", "4000", "Roskilde"),
)
VIGGO = Person(
    cpr="1402753003",
    given_names=("Viggo", "Åge"),
    family_name="Bæk",
    sex=Sex.MALE,
    birth_date=date(1975, 2, 14),
    address=Address("Møllebakken 41", "9000", "Aalborg"),
)
EVERYBODY = (INGER, BO, ASTA, VIGGO)
