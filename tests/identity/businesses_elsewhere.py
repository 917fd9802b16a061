"""Other made sets of businesses, on which nothing was tuned: other words, columns and damage.

`registers`: companies of six countries as a register, a tax office and a buyer know them. `high
street`: places to eat and shop under one name each, with chains, as guides and inspectors list
them. `scanned`: licences as a scanner, a narrow field and a careless clerk leave them.
"""

from collections.abc import Iterable
from random import Random

from businesses import Told
from corruption import Row

COUNTRIES = {
    "gb": (
        ("Limited", "Ltd", "LTD.", "Ltd"),
        ("Thornbury", "Ashdown", "Pemberton", "Whitlock", "Hargreaves", "Kestrel", "Oakhaven"),
        ("Plumbers", "Bookkeeping", "Scaffolding", "Care Homes", "Joinery", "Haulage", "Catering"),
        ("High Street", "Station Road", "Church Lane", "Mill Road"),
        (("Leeds", "LS1 4AP"), ("York", "YO1 7HH"), ("Hull", "HU1 2AA"), ("Derby", "DE1 1BT")),
    ),
    "de": (
        ("GmbH", "Gesellschaft mit beschränkter Haftung", "G.m.b.H.", "GmbH"),
        ("Müller", "Weiß", "Schröder", "Böhm", "Krüger", "Lindner", "Vogel", "Jäger"),
        (
            "Dachdeckerei",
            "Metallbau",
            "Druckerei",
            "Gartenbau",
            "Software",
            "Logistik",
            "Maschinenbau",
        ),
        ("Hauptstraße", "Bahnhofstraße", "Lindenallee", "Am Markt"),
        (("Köln", "50667"), ("Mainz", "55116"), ("Ulm", "89073"), ("Jena", "07743")),
    ),
    "fr": (
        ("SARL", "S.A.R.L.", "Société à responsabilité limitée", "SARL"),
        ("Lefèvre", "Moreau", "Garnier", "Rousseau", "Chevalier", "Dubois", "Mercier"),
        ("Plomberie", "Boulangerie", "Menuiserie", "Transports", "Conseil", "Peinture", "Traiteur"),
        ("rue de la Paix", "avenue Foch", "rue Victor Hugo", "place du Marché"),
        (("Lyon", "69002"), ("Nantes", "44000"), ("Dijon", "21000"), ("Lille", "59000")),
    ),
    "es": (
        ("S.L.", "SL", "Sociedad Limitada", "S. L."),
        ("Martínez", "Ibáñez", "Ortega", "Núñez", "Castaño", "Vidal", "Serrano"),
        ("Construcciones", "Talleres", "Panadería", "Transportes", "Reformas", "Muebles", "Viajes"),
        ("Calle Mayor", "Calle del Sol", "Avenida Real", "Plaza Nueva"),
        (("Sevilla", "41001"), ("Bilbao", "48001"), ("Murcia", "30001"), ("Oviedo", "33001")),
    ),
    "pl": (
        ("Sp. z o.o.", "sp. z o. o.", "Spółka z o.o.", "SP ZOO"),
        ("Wójcik", "Zieliński", "Dąbrowski", "Łukasik", "Szymański", "Pawlak", "Kaźmierczak"),
        ("Budownictwo", "Transport", "Stolarnia", "Piekarnia", "Usługi", "Elektronika", "Odzież"),
        ("ul. Długa", "ul. Polna", "ul. Leśna", "ul. Krótka"),
        (("Gdańsk", "80-831"), ("Łódź", "90-001"), ("Toruń", "87-100"), ("Opole", "45-018")),
    ),
    "it": (
        ("S.r.l.", "SRL", "Società a responsabilità limitata", "S.R.L."),
        ("Bianchi", "Esposito", "Ferrari", "Conti", "Galli", "Marchetti", "Fontana"),
        ("Costruzioni", "Impianti", "Panificio", "Autotrasporti", "Arredamenti", "Servizi", "Moda"),
        ("Via Roma", "Via Garibaldi", "Corso Italia", "Piazza Dante"),
        (("Parma", "43121"), ("Siena", "53100"), ("Trento", "38122"), ("Lecce", "73100")),
    ),
}
"""By country: its form as it is written, surnames, trades, streets, and towns with postcodes."""
OFFICERS = ("Anna", "Jean", "Luis", "Piotr", "Paolo", "Emma", "Karl", "Sofia", "Marek", "Chloe")
COMPANIES = 300
INVENTED = ("Nova", "Terra", "Vento", "Lumo", "Arka", "Solis", "Kanto", "Mira", "Delta", "Orbis")
ENDS = ("tec", "plan", "works", "line", "form", "media", "sol", "gen", "via", "dom")
PLAIN_LETTERS = str.maketrans("üöäßéèáíóñłąęśźżćń", "uoaseeaionlaeszzcn")
GERMAN = {"ü": "ue", "ö": "oe", "ä": "ae", "ß": "ss"}
KITCHENS = ("Thai", "Italian", "Greek", "Ramen", "Taco", "Curry", "Noodle", "Bagel", "Oyster")
SORTS = ("House", "Kitchen", "Cafe", "Bar & Grill", "Bistro", "Diner", "Express", "Palace")
CHAINS = ("Bean There", "Burger Ranch", "Golden Wok", "Sole Shoes", "Page One Books", "Pane Vino")
ROADS = ("Sunset Blvd.", "Melrose Ave.", "5th Ave.", "Peachtree St.", "Market St.", "Union Sq.")
CITIES = ("Los Angeles", "New York", "Atlanta", "San Francisco")
LOOKS_LIKE = {"O": "0", "I": "1", "S": "5", "L": "1", "B": "8", "E": "F", "C": "G", "M": "N"}
GREEK = ("Alpha", "Athena", "Blue", "Corner", "Daisy", "Ember", "Fig", "Harbor", "Ivy", "Jade")
SECOND = ("Lantern", "Moon", "Nest", "Orchid", "Pearl", "Quince", "River", "Stone", "Tulip", "Wren")


def registers(seed: int) -> list[Told]:
    """Companies of six countries, each name registered once; some have moved."""
    chance = Random(f"registers {seed}")
    found: list[Told] = []
    used: set[frozenset[str]] = set()
    while len(used) < COMPANIES:
        country = chance.choice(list(COUNTRIES))
        forms, surnames, trades, streets, towns = COUNTRIES[country]
        invented = chance.choice(INVENTED) + chance.choice(ENDS)
        name = chance.choice(
            (
                f"{chance.choice(surnames)} {chance.choice(trades)}",
                f"{chance.choice(surnames)} & {chance.choice(surnames)}",
                f"{invented} {chance.choice(trades)}",
                f"{invented}{chance.choice('aeiou')}",
            )
        )
        if frozenset(name.split()) in used:
            continue
        used.add(frozenset(name.split()))
        town, postcode = chance.choice(towns)
        street = _street(country, chance, streets)
        letters = "".join(filter(str.isalpha, name.translate(PLAIN_LETTERS).lower()))
        row = {
            "phone": f"0{chance.randint(200_000_000, 999_999_999)}",
            "website": f"www.{letters}.{country}",
            "owner": f"{chance.choice(OFFICERS)} {chance.choice(surnames)}",
            "gb-coh": f"{chance.randint(1_000_000, 9_999_999):08}",
        }
        for _ in range(chance.choice((2, 2, 3, 4))):
            where = {"street": street, "postcode": postcode, "place": town}
            if chance.random() < 0.12:
                where["street"] = _street(country, chance, streets)
            found.append(Told(_registered(row, where, name, forms, chance), "any", str(len(used))))
    return found


def _street(country: str, chance: Random, streets: Iterable[str]) -> str:
    street, house = chance.choice(list(streets)), chance.randint(1, 180)
    return f"{house} {street}" if country in ("gb", "fr") else f"{street} {house}"


def _registered(row: Row, where: Row, name: str, forms: Iterable[str], chance: Random) -> Row:
    """What one office writes of a company."""
    written = f"{name} {chance.choice(list(forms))}"
    kind = chance.randrange(8)
    if kind == 0:
        written = name
    elif kind == 1:
        written = written.translate(PLAIN_LETTERS)
    elif kind == 2:
        written = "".join(GERMAN.get(one, one) for one in written)
    elif kind == 3:
        written = written.upper()
    elif kind == 4:
        place = chance.randrange(1, len(name))
        written = written[:place] + chance.choice("aeinrst") + written[place + 1 :]
    kept = {what: row[what] for what in row if chance.random() < 0.4}
    return {"name": written, **where, **kept}


def high_street(seed: int) -> list[Told]:
    """Each place is one of its own, also of a chain; a name, an address, a city, a telephone."""
    chance = Random(f"street {seed}")
    found: list[Told] = []
    for number in range(450):
        if number < 90:
            name = CHAINS[number % len(CHAINS)]
        else:
            first = chance.choice((*GREEK, *(f"{one}'s" for one in OFFICERS)))
            kitchen = chance.choice((*KITCHENS, *SECOND))
            name = f"{first} {kitchen} {chance.choice(SORTS)}"
        street = f"{chance.randint(1, 9000)} {chance.choice(ROADS)}"
        city = chance.choice(CITIES)
        area = chance.choice((213, 212, 404, 415))
        phone = f"{area}/{chance.randint(220, 999)}-{chance.randint(1000, 9999)}"
        for told in range(chance.choice((1, 2, 2, 3))):
            row = {"name": name, "street": street, "place": city, "phone": phone}
            found.append(Told(_listed(row, chance) if told else row, "any", str(number)))
    return found


def _listed(row: Row, chance: Random) -> Row:
    """As another guide lists a place."""
    made = dict(row)
    first, *rest = row["name"].split()
    made["name"] = chance.choice(
        (
            row["name"],
            f"The {row['name']}",
            f"{row['name']} ({row['place']})",
            row["name"].replace("&", "and").replace("'", ""),
            " ".join((first, *rest[:-1])) if len(rest) > 1 else row["name"],
            f"{first[:-1]} {' '.join(rest)}",
            f"{' '.join(rest)}, {first}",
        )
    )
    if chance.random() < 0.3:
        made["street"] = row["street"].replace("Blvd.", "Boulevard").replace("Ave.", "Avenue")
    if chance.random() < 0.2:
        made["street"] += chance.choice((" Suite 4", " at Main", " (near 3rd)"))
    if chance.random() < 0.3:
        made["phone"] = row["phone"].replace("/", "-")
    if chance.random() < 0.15:
        del made["phone"]
    if chance.random() < 0.1:
        made["place"] = chance.choice(("Hollywood", "Brooklyn", "Buckhead", "SoMa"))
    return made


def scanned(told: Iterable[Told], seed: int) -> list[Told]:
    """Records with letters misread, fields cut off, words turned, initials, and fields swapped."""
    chance = Random(f"scanned {seed}")
    return [one._replace(values=_scanned(dict(one.values), chance)) for one in told]


def _scanned(row: Row, chance: Random) -> Row:
    for what in ("legal", "trade"):
        if what in row:
            row[what] = _scanned_name(row[what], chance)
    if chance.random() < 0.1 and "legal" in row and "trade" in row:
        row["legal"], row["trade"] = row["trade"], row["legal"]
    if chance.random() < 0.1:
        row["street"] = f"C/O MANAGER, {row.get('street', '')}"
    if chance.random() < 0.1:
        row.pop("postcode", None)
    return row


def _scanned_name(text: str, chance: Random) -> str:
    words = text.upper().split()
    kind = chance.randrange(7)
    if kind == 0:
        words = [_misread(word, chance) for word in words]
    elif kind == 1:
        words = " ".join(words)[:18].split()
    elif kind == 2 and len(words) > 2:
        words = [*words[1:], words[0]]
    elif kind == 3 and len(words) > 2:
        del words[chance.randrange(1, len(words))]
    elif kind == 4:
        words = ["THE", *words, "CO"]
    return " ".join(words)


def _misread(word: str, chance: Random) -> str:
    return "".join(
        LOOKS_LIKE[one] if one in LOOKS_LIKE and chance.random() < 0.12 else one for one in word
    )
