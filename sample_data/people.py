"""The people of the sample data, the same in every system: agents, and customers by number. None of them exists."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from sample_data.draws import HOUR, SECOND, Arrays, Dice, Ints
from sample_data.files import listed

AGENTS = (
    "Zoë Lindqvist", "André Moreau", "Noémie Castel", "Iñaki Ferrán", "Søren Østby", "Łucja Dąbek",
    "Bruna Leitão", "Tomáš Vrbka", "Aoife Ní Bhriain", "Çağla Erdin", "Jürgen Altweg", "Màrius Pugés",
    "Renée Dubost", "Ngozi Adébáyò", "Priya Ramanan", "Kenji Morikawa", "Leilani Kahale", "Dmitri Volkonin",
    "Ama Serwaah", "Malik Farouqi", "Hannah Oakridge", "Rosa Quiñonera", "Gérard Thibaux", "Þóra Einarsdal",
    "Tuğba Korhan",
)  # fmt: skip
FIRST_NAMES = (
    "Amara", "Björn", "Chiara", "Dylan", "Elif", "Fatou", "Gustavo", "Hiroko", "Imani", "Jasper", "Katja", "Lorenzo",
    "Maëlle", "Nikhil", "Oisín", "Paloma", "Quentin", "Ruta", "Soledad", "Tariq", "Ulla", "Vikram", "Wanda", "Xiomara",
    "Yusuf", "Zdeněk", "Anouk", "Bashir", "Clementine", "Diego", "Esperanza", "Farah", "Gwen", "Håkon", "Ines", "João",
    "Kiri", "Lamar", "Mireille", "Nadia", "Orla", "Piotr", "Rashida", "Sanjay", "Tove", "Ugo", "Violeta", "Winston",
)  # fmt: skip
LAST_NAMES = (
    "Abernethy-Voss", "Balogh", "Carrasquel", "D'Orsel", "Eskelund", "Fennimore", "Goshima", "Haverland", "Ibarrola",
    "Jankovar", "Kettleby", "Lindgaard", "Mbalenhle", "Norrland", "O'Shaunty", "Pellworth", "Quillane", "Ravensteyn",
    "Sokolenko", "Tanagawa", "Umbridge-Hall", "Valderrey", "Wrenfield", "Xanthaki", "Yarborne", "Zielnik", "Ashgrove",
    "Bellamont", "Corvane", "Dellacroix", "Everhart", "Falkenrath", "Greyling", "Hollowell", "Isenmark", "Juhlin",
    "Kowaltzik", "Larkspur", "Montclair-Reyes", "Nightwell", "Oyelade", "Pemberlyn", "Quastel", "Rothmere", "Sarkanyi",
    "Thistledown", "Ullestad", "Vantongeren", "Winterbourne", "Yilmazer", "Zamboura", "Arkwell", "Brightwater",
    "Castellane", "Dovrefjell", "Elmsworth", "Fairbairne", "Gildemeester", "Harrowgate", "Inverlochy", "Jessamyne",
)  # fmt: skip


def people(contacts: int) -> int:
    """Return how many customers stand behind that many Gladly contacts."""
    return 1 + contacts * 7 // 10


def customers(contacts: int, dice: Dice) -> Ints:
    """Draw customers so that few of them have many contacts and most have one."""
    share = dice.unit()
    return (share * np.sqrt(share) * people(contacts)).astype(np.int64)


def merged_customers(contacts: int, end: date, remainders: Sequence[int] = (1, 2, 4)) -> Arrays:
    """Return the customers that turn out to be one in the last 30 days: those with these remainders by five.

    Two into one, then that one into zero: some of them are merged on.
    """
    merged = np.array([n for n in range(_merged_below(contacts)) if n % 5 in remainders])
    days_before, moment = np.where(merged % 5 == 2, 30, 15), merged * 7_919 % (14 * 86_400)
    merged_at = np.datetime64(end, "s") - days_before * 24 * HOUR + moment * SECOND
    return {"merged_customer_id": merged, "customer_id": merged - 1, "merged_at": merged_at}


def _merged_below(contacts: int) -> int:
    return contacts // 80 + 3


def name_sql(customer: str, contacts: int) -> str:
    """Return SQL for the name of a customer; those who are merged later have one name, as they are one person."""
    before = listed((0, 1, 2, 0, 1))
    person = f"({customer} - if({customer} < {_merged_below(contacts)}, {before}[{customer} % 5 + 1], 0))"
    first = f"{listed(FIRST_NAMES)}[{person} * 31 % {len(FIRST_NAMES)} + 1]"
    last = f"{listed(LAST_NAMES)}[{person} * 17 % {len(LAST_NAMES)} + 1]"
    return (
        f"case when {person} % 53 = 7 then {first} || ' 🌻' when {person} % 61 = 9 then {last} || ', ' || {first}"
        f" when {person} % 97 = 11 then {first} || ' \"' || left({first}, 3) || '\" ' || {last}"
        f" else {first} || ' ' || {last} end"
    )
