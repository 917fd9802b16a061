"""Which column of a file holds what, by what columns are called; here of files about persons."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from anyascii import anyascii

from hub.errors import SettingsError

NAME_MAX = 200
_PHONES = (
    *("phone", "telephone", "phone_number", "mobile", "tel", "telefono", "cell", "phone_no"),
    *("telephone_number", "tel_no", "contact_number", "mobile_phone", "mobile_number", "mobile_no"),
    *("tel_number",),
    *("cell_phone", "cellphone", "home_phone", "phone1", "phone_1", "telefon", "telefonnummer"),
    *("handy", "handynummer", "mobil", "telefone", "celular", "movil", "portable", "gsm"),
    *("telf1", "telf2", "telefoon", "telefoonnummer", "telefono_cellulare", "cellulare"),
)
OTHER_NUMBERS: Mapping[str, Sequence[str]] = {
    "tax": ("tax_id", "tax_number", "tin", "tax_no", "taxpayer_number", "itin", "steuer_id", "pan"),
    "passport": ("passport_number", "passport", "passport_no"),
    "licence": (
        *("drivers_license_number", "drivers_license", "driver_license", "driver_license_number"),
        *("driving_licence", "driving_licence_number", "dl_number", "drivers_licence", "dln"),
    ),
    "health": (
        *("nhs_number", "medicare_number", "health_card_number", "health_insurance_number"),
        *("medicare", "medicare_no", "health_number", "krankenversichertennummer", "nhs"),
        *("numero_sus", "cartao_sus", "numero_cns", "cns", "chi_number", "health_id"),
    ),
    "medicaid": ("medicaid_number", "medicaid", "medicaid_id"),
    "medical-record": ("medical_record_number", "mrn", "mrn_id", "mrn_number"),
    "profession": (
        *("npi", "npi_number", "orcid", "orcid_id", "bar_number", "license_number"),
        *("licence_number", "npn", "license_no", "professional_license"),
    ),
    "membership": (
        *("loyalty_id", "loyalty_number", "loyalty_card", "membership_number", "library_card"),
        *("card_number", "member_number", "membership_no", "student_number", "employee_number"),
        *("national_student_id", "frequent_flyer", "frequent_flyer_number", "loyalty_card_number"),
    ),
    "document": (
        *("document_number", "doc_number", "numero_documento", "numero_de_documento", "documento"),
        *("cedula", "identity_document", "identity_document_number", "nik", "no_ktp", "ktp", "cin"),
    ),
    "username": ("username", "user_name", "login", "login_name", "screen_name", "handle"),
}
"""What columns of numbers besides those of a state's register are called, by their scheme."""
COLUMNS: Mapping[str, Sequence[str]] = {
    "record": ("record_id", "rec_id", "id", "unique_id", "row_id", "record"),
    "entity": (
        *("entity_id", "cluster_id", "cluster", "truth", "true_id", "person_id", "entity"),
        *("true_cluster", "true_entity", "true_entity_id", "ground_truth", "group_id"),
    ),
    "given": (
        *("given_name", "first_name", "firstname", "forename", "fname", "fname_c1", "given"),
        *("first", "given_names", "first_names", "forenames", "forename1", "givenname"),
        *("first_nm", "vorname", "vornamen", "rufname", "prenom", "prenoms", "voornaam"),
        *("voornamen", "nombre", "nombres", "primer_nombre", "nome", "imie", "fornavn", "fornamn"),
        *("nome_proprio", "nama_depan", "jmeno", "imya", "etunimi", "ad", "adi", "isim", "initial"),
        *("first_initial", "forename_initial", "fn"),
    ),
    "middle": (
        *("middle_name", "middle", "fname_c2", "middlename", "middle_initial", "middle_names"),
        *("mname", "mi", "midl_name", "middle_nm", "forename2", "otchestvo"),
    ),
    "surname": (
        *("surname", "last_name", "lastname", "family_name", "lname", "lname_c1", "last"),
        *("last_names", "nama_belakang", "prijmeni", "familiya", "family", "surnames"),
        *("familyname", "last_nm", "nachname", "familienname", "zuname"),
        *("apellidos", "apellido", "primer_apellido", "achternaam", "nom_de_famille", "nom"),
        *("cognome", "sobrenome", "apelido", "nazwisko", "efternavn", "efternamn", "etternavn"),
        *("sukunimi", "soyad", "soyadi", "soyisim", "ln"),
    ),
    "maiden": (
        *("maiden_name", "birth_name", "birth_surname", "maiden", "former_surname"),
        *("previous_surname", "former_last_name", "previous_last_name", "geburtsname"),
        *("nom_de_naissance", "nom_d_usage", "nom_de_jeune_fille", "nome_de_solteira"),
        *("geboortenaam", "segundo_apellido", "nazwisko_rodowe", "kizlik_soyadi", "lname_c2"),
        *("second_surname", "second_last_name"),
    ),
    "name": (
        *("name", "full_name", "fullname", "person_name", "complete_name", "nombre_completo"),
        *("nombre_y_apellidos", "nom_complet", "nome_completo", "ad_soyad", "adi_soyadi"),
        *("nombres_y_apellidos", "apellidos_y_nombres", "nom_prenom", "nom_et_prenom", "naam"),
        *("nome_e_cognome", "cognome_e_nome", "nominativo", "imie_i_nazwisko", "volledige_naam"),
        *("person", "name_kana", "nama", "nama_lengkap", "vollstaendiger_name", "jmeno_a_prijmeni"),
        *("fio",),
    ),
    "alias": (
        *("alias", "aka", "also_known_as", "other_name", "alias_name", "aka_name", "nickname"),
        *("name_kanji", "preferred_name", "known_as", "preferred_first_name", "nick_name"),
        *("other_names",),
    ),
    "suffix": ("suffix", "name_suffix", "generation", "generational_suffix", "name_sufx_cd"),
    "birth": (
        *("date_of_birth", "birth_date", "birthdate", "dob", "d_o_b", "birthday", "born", "birth"),
        *("dateofbirth", "birth_dt", "geburtsdatum", "geburtstag", "geboren", "geb", "geb_datum"),
        *("fecha_nacimiento", "fecha_de_nacimiento", "date_naissance", "date_de_naissance"),
        *("geboortedatum", "data_nascimento", "data_de_nascimento", "data_nascita"),
        *("data_di_nascita", "data_urodzenia", "fodselsdato", "fodelsedatum", "syntymaaika"),
        *("dogum_tarihi", "data_nasc", "dt_nasc", "dt_nascimento", "fecha_nac", "fec_nac"),
        *("nacimiento", "nascimento", "tanggal_lahir", "tgl_lahir", "date_naiss", "geb_dat"),
        *("datum_narozeni", "data_rozhdeniya", "bdate"),
    ),
    "birth_year": (
        *("birth_year", "by", "year_of_birth", "yob", "geburtsjahr", "annee_naissance"),
        *("annee_de_naissance", "ano_nacimiento", "ano_nascimento", "birthyear"),
        *("ano_de_nacimiento", "ano_de_nascimento", "anno_di_nascita", "anno_nascita"),
        *("geboortejaar", "rok_urodzenia", "dob_year", "dob_yr", "dob_y", "dob_yyyy"),
    ),
    "birth_month": (
        *("birth_month", "bm", "month_of_birth", "mob", "birthmonth", "geburtsmonat"),
        *("mois_naissance", "mois_de_naissance", "mes_nacimiento", "mes_de_nacimiento"),
        *("mes_nascimento", "mese_di_nascita", "mese_nascita", "geboortemaand"),
        *("dob_month", "dob_m", "dob_mm"),
    ),
    "birth_day": (
        *("birth_day", "bd", "day_of_birth", "geboortedag", "jour_naissance"),
        *("jour_de_naissance", "dia_nacimiento", "dia_de_nacimiento", "dia_nascimento"),
        *("giorno_di_nascita", "giorno_nascita", "dob_day", "dob_d", "dob_dd"),
    ),
    "age": ("age", "birth_age", "age_years", "age_in_years"),
    "identifier": (
        *("national_id", "soc_sec_id", "identifier", "id_number", "nino", "personal_number"),
        *("national_insurance_number", "dni", "nif", "cpf", "pesel", "personal_id_number"),
        *("bsn", "personnummer", "tc_kimlik_no", "aadhaar", "aadhaar_number", "codice_fiscale"),
        *("curp", "rut", "nir", "national_id_number", "nationalid", "national_insurance"),
        *("personal_administrative_number", "administrative_number", "identity_number", "id_card"),
        *("idcard", "nin", "cnss_number", "cnss", "snils"),
    ),
    **OTHER_NUMBERS,
    "ssn": ("ssn", "social_security_number", "social_security", "socialsecuritynumber", "ss_num"),
    "ssn4": (
        *("ssn4", "ssn_4", "ssn_last4", "ssn_last_4", "last4_ssn", "last_4_ssn", "last4ssn"),
        *("ssn_last_four", "last_four_ssn", "last_four_of_ssn", "last_4_of_ssn", "last4"),
    ),
    "number": (
        *("street_number", "house_number", "house_no", "hausnummer", "hausnr", "hnr", "huisnummer"),
        *("numero_de_rue", "numero_civico", "street_no", "house", "house_num"),
    ),
    "street": (
        *("street_name", "street", "address_1", "address1", "address", "street_address"),
        *("address_line_1", "home_address", "addr", "direccion", "address_line1", "addr1"),
        *("addressline1", "full_address", "strasse", "anschrift", "adresse", "rue", "calle"),
        *("line1", "line_1", "alamat", "ulitsa", "domicilio", "indirizzo", "via", "endereco"),
        *("rua", "morada", "straat", "adres", "ulica"),
        *("gata", "gate", "sokak"),
    ),
    "box": ("po_box",),
    "place": (
        *("city", "suburb", "town", "place", "municipality", "ort", "municipio", "wohnort"),
        *("stadt", "ville", "commune", "ciudad", "localidad", "poblacion", "cidade", "citta"),
        *("comune", "woonplaats", "plaats", "gemeente", "miasto", "miejscowosc", "sehir", "il"),
        *("city_town", "town_city", "village", "parish", "district"),
        *("gorod", "ort01"),
    ),
    "place2": (
        *("address_2", "address2", "locality", "line2", "line_2", "address_line_2"),
        *("address_line2", "addressline2", "addr2", "addr_2"),
    ),
    "region": (
        *("state", "province", "region", "bundesland", "provincia", "estado", "county", "oblast"),
        *("regio", "st"),
    ),
    "postcode": (
        *("postcode", "zipcode", "zip", "postal_code", "zip_code", "post_code", "plz", "zip5"),
        *("postalcode", "postleitzahl", "code_postal", "codigo_postal", "cp", "cap", "cep"),
        *("indeks", "pstlz"),
        *("kod_pocztowy", "postnummer", "posta_kodu", "pin_code", "pincode", "pin", "eircode"),
    ),
    "place_and_postcode": (
        *("city_state_zip", "city_st_zip", "city_state", "csz", "citystatezip", "city_zip"),
        *("town_postcode", "city_postcode", "plz_ort", "ort_plz", "code_postal_ville", "cp_ville"),
    ),
    "phone": _PHONES,
    "phone2": (
        *("phone2", "phone_2", "work_phone", "other_phone", "alternate_phone", "second_phone"),
        *_PHONES,
    ),
    "email": (
        *("email", "email_address", "e_mail", "mail", "correo", "e_mail_address", "emailaddress"),
        *("smtp_addr", "smtp_address"),
        *("e_mail_adresse", "correo_electronico", "courriel", "adresse_e_mail", "e_posta"),
    ),
    "email2": (
        *("email2", "email_2", "personal_email", "work_email", "other_email", "alternate_email"),
        *("second_email", "secondary_email", "private_email", "alternative_email"),
        *("work_mail", "private_mail", "business_email"),
    ),
    "sex": (
        *("sex", "gender", "geschlecht", "sexe", "sexo", "sesso", "geslacht", "plec", "cinsiyet"),
        *("pol", "gender_at_birth", "sex_at_birth", "birth_sex", "administrative_gender"),
        *("legal_sex",),
    ),
}
"""What columns are called, by what they hold; the first that a file has is taken."""
LAST: Mapping[str, Sequence[str]] = {
    "place": ("place_of_birth", "birth_place", "birthplace"),
    "surname": ("fathers_name", "father_name", "father_s_name", "patronymic"),
    "name": ("unit_name",),
}
"""What columns are called that are taken where no other is: a place is where somebody is, where
nobody has a surname the father's name stands beside the own, and a unit is a part of a firm or one.
"""
NAMED = frozenset({"name", "given", "surname", "legal", "trade"})
"""What holds a name, or a part of it."""
NO_ONES_NAME = frozenset(
    (
        *("street", "road", "city", "town", "suburb", "place", "county", "state", "region"),
        *("country", "district", "file", "event", "product", "item", "course", "project", "plan"),
        *("source", "system", "user", "screen", "owner", "contact", "officer", "manager", "field"),
        *("first", "last", "middle", "given", "family", "maiden", "alias", "nick", "table"),
    )
)
"""Words of columns that are called names and are of nothing that records are about."""
ROWS_OWN = frozenset({"record", "entity"})
"""What a row is called and whose it is in truth, which are no values of a record."""
ADDS_NOTHING = frozenset(
    (
        *("person", "patient", "client", "customer", "citizen", "voter", "applicant", "member"),
        *("caller", "requester", "claimant", "borrower", "holder", "cardholder", "beneficiary"),
        *("resident", "student", "employee", "individual", "taxpayer", "filer", "worker", "user"),
        *("cust", "emp", "pt", "mbr", "stu", "acct", "owner", "buyer", "seller", "party"),
        *("respondent", "participant", "subject", "donor", "defendant", "debtor", "guest"),
        *("contact", "lead", "lawyer", "attorney", "agent", "author", "traveler", "traveller"),
        *("passenger", "player", "athlete", "researcher", "volunteer", "subscriber", "tenant"),
        *("policyholder", "policy", "insured", "pat", "prov", "provider", "account", "recipient"),
        *("paciente", "cliente", "ciudadano", "cidadao", "usuario", "alumno", "aluno", "kunde"),
        *("kunden", "paziente", "assistito", "klant", "mitarbeiter", "employe", "titular"),
        *("faculty", "teacher", "driver", "adjuster", "director", "officer", "artist"),
        *("res", "residential", "residence", "current", "home", "legal", "primary", "main", "full"),
        *("mailing", "postal", "address", "billing", "shipping", "office", "business", "work"),
        *("cd", "code", "desc", "lbl", "txt", "text", "str", "value", "field", "raw", "fake"),
        *("name", "clean", "cleaned", "norm", "std", "original", "orig", "line", "1"),
    )
)
"""Words of the name of a column of persons without which it says the same, where no column is
called so exactly."""
_WHOLE_OR_PART = frozenset({"nom", "nome", "nombre", "ad", "adi", "isim"})
"""Names for a given name or a surname, or for the whole name where there is no other part."""
_ABBREVIATIONS = {
    "nm": "name", "nbr": "number", "num": "number", "no": "number", "nmbr": "number", "dt": "date",
    "dte": "date", "yr": "year", "mo": "month", "cd": "code", "ph": "phone", "addr": "address",
    "adr": "address", "ln": "line", "ln1": "line1", "lst": "last", "fst": "first", "mid": "middle",
    "init": "initial", "reg": "registration", "str": "street", "cty": "city", "cnty": "county",
    "prov": "province", "pstl": "postal", "gndr": "gender",
}  # fmt: skip
"""Words of columns' names as databases with short names have them."""
_FORMAT = re.compile(r"[ymd]{6,8}|iso")
"""Of a column's name what says how its dates are written."""
PREFIX_MIN = 3
"""A word with which so many columns begin, and more than half of all, says nothing of each."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[\W_]+")


def choose(
    columns: Sequence[str],
    given: Mapping[str, str],
    layout: Mapping[str, Sequence[str]] = COLUMNS,
    adds_nothing: AbstractSet[str] = ADDS_NOTHING,
) -> dict[str, str]:
    """The column for each thing it may hold; none holds two.

    As `called_so`, and what a column holds by what the others do: one that is called a name of
    whatever holds names where none else does, and a name is a part of it beside the other part.
    Raises SettingsError for one that is not there.
    """
    for what, column in given.items():
        if what not in layout or column not in columns:
            raise SettingsError(
                f"--column {what}={column} does not fit",
                remedy=f"one of {', '.join(layout)} = one of {', '.join(columns)}",
            )
    found, left = _by_names(columns, given, layout, adds_nothing)
    if "name" in layout and NAMED.isdisjoint(found):
        _add_any_name(found, left)
    _add_last(found, left, layout)
    if "street" not in found and _called(found.get("region", "")) == ("st", "st"):
        found["street"] = found.pop("region")
    return _parts_of_names(found, adds_nothing)


def called_so(
    columns: Sequence[str], layout: Mapping[str, Sequence[str]], adds_nothing: AbstractSet[str]
) -> dict[str, str]:
    """The column for each thing by what it is called alone; none holds two.

    Case, marks, punctuation and words run together (FirstName) do not matter, and words that add
    nothing only where no column is called exactly so.
    """
    found, left = _by_names(columns, {}, layout, adds_nothing)
    _add_last(found, left, layout)
    return found


def _by_names(
    columns: Sequence[str],
    given: Mapping[str, str],
    layout: Mapping[str, Sequence[str]],
    adds_nothing: AbstractSet[str],
) -> tuple[dict[str, str], Mapping[str, str]]:
    """What columns are found by their names, and the others by what they may be called."""
    untaken = [one for one in columns if one not in given.values()]
    left: dict[str, str] = {}
    for called in (_called, _written_out):
        for column in untaken:
            for name in called(column):
                left.setdefault(name, column)
    found = dict(given)
    for what, names in layout.items():
        chosen = next((left[one] for one in names if one in left), None)
        if what not in given and chosen is not None:
            found[what] = chosen
            left = {name: one for name, one in left.items() if one != chosen}
    _add_by_less(found, left, layout, adds_nothing | _told_by_many(columns))
    return found, left


def _called(column: str) -> tuple[str, ...]:
    """A column's name as words, cut where a capital begins one, and with what is run together."""
    text = anyascii(column[:NAME_MAX])
    cut, plain = (
        _NOT_WORD.sub("_", one.lower()).strip("_") for one in (_CAMEL.sub("_", text), text)
    )
    return (plain, cut)


def _written_out(column: str) -> Iterator[str]:
    """What a column may be called besides: without abbreviations, and in another order."""
    for name in _called(column):
        words = [_ABBREVIATIONS.get(one, one) for one in name.split("_")]
        words = [word for word in words if not _FORMAT.fullmatch(word)]
        yield "_".join(words)
        yield "_".join((*words[1:], *words[:1]))


def _told_by_many(columns: Sequence[str]) -> AbstractSet[str]:
    """The words that many columns begin with: they say whose they are, as `cust` or `recipient`."""
    first = Counter(_called(one)[1].partition("_")[0] for one in columns)
    return {one for one, often in first.items() if often >= PREFIX_MIN and 2 * often > len(columns)}


def _add_by_less(
    found: dict[str, str],
    left: Mapping[str, str],
    layout: Mapping[str, Sequence[str]],
    adds_nothing: AbstractSet[str],
) -> None:
    """Add what is not found yet by names without the words that add nothing: first those before."""
    by_name = {
        name: what
        for what, names in reversed([*layout.items()])
        if what not in ROWS_OWN
        for name in names
    }
    for name, column in left.items():
        less = next((one for one in _with_less(name, adds_nothing) if one in by_name), "")
        what = by_name.get(less)
        if what is not None and what not in found and column not in found.values():
            found[what] = column


def _add_last(found: dict[str, str], left: Mapping[str, str], layout: Mapping[str, object]) -> None:
    """Add what columns hold that are taken where no other is."""
    untaken = {name: one for name, one in left.items() if one not in found.values()}
    for what, names in LAST.items():
        if what == "surname" and ("given" not in found or "name" in found):
            continue  # it is a part of a name, beside the other one alone
        if what == "name" and not NAMED.isdisjoint(found):
            continue
        column = next((untaken[one] for one in names if one in untaken), None)
        if what in layout and column is not None:
            found.setdefault(what, column)


def _add_any_name(found: dict[str, str], left: Mapping[str, str]) -> None:
    """Add the first column that is called a name, if it may be one of what records are about."""
    for name, column in left.items():
        is_name = name.endswith("_name") and NO_ONES_NAME.isdisjoint(name.split("_"))
        if is_name and column not in found.values():
            found["name"] = column
            return


def _with_less(name: str, adds_nothing: AbstractSet[str]) -> Iterator[str]:
    """A name without one word after the other at its beginning, then without any of these words."""
    words = name.split("_")
    for place, word in enumerate(words[:-1], 1):
        if word not in adds_nothing:
            break
        yield "_".join(words[place:])
    yield "_".join(word for word in words if word not in adds_nothing)


def _parts_of_names(found: dict[str, str], adds_nothing: AbstractSet[str]) -> dict[str, str]:
    """A column that is called a name alone is a part of it where the other part has a column."""

    def is_name(column: str) -> bool:
        called = {*_called(column)[1].split("_")}
        return (called - adds_nothing or called) <= _WHOLE_OR_PART

    parts = [what for what in ("given", "surname") if what in found]
    if parts == ["surname"] and _called(found.get("name", ""))[0] == "name":
        found["given"] = found.pop("name")
    elif len(parts) == 1 and "name" not in found and is_name(found[parts[0]]):
        found["name"] = found.pop(parts[0])
    return found
