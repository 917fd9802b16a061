"""Files of people as somebody has them: other separators, columns and orders of dates."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli.app import app
from hub.errors import SettingsError
from hub.identity.columns import choose
from hub.identity.dataset import PERSONS, load, load_records, record
from hub.identity.file_kind import is_of_organisations
from hub.identity.models import read_model
from hub.identity.organisation import ORGANISATION
from hub.identity.organisation_dataset import ORGANISATIONS
from hub.identity.record import Address, Name

LAST = ("holme", "ford", "worth")
ROWS = (
    ("Vorname", "Nachname", "Geburtsdatum", "PLZ", "cluster"),
    ("Jürgen", "Müller", "24.12.1961", "40037", "a"),
    ("Jurgen", "Mueller", "24.12.1961", "40037", "a"),
    ("Anna", "Koch", "03.04.1980", "40111", "b"),
    ("Anna", "Koch", "04.03.1980", "40999", ""),
)


def written(folder: Path, separator: str = ";", encoding: str = "utf-8-sig") -> Path:
    """A file of the rows."""
    path = folder / "people.csv"
    path.write_bytes("\r\n".join(separator.join(row) for row in ROWS).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_what_separates_and_what_encodes_is_seen(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    """The same records come from each; the order of dates is seen from those that tell."""
    found = load(written(tmp_path, separator, encoding))
    assert found.records["1"].names[0].given == ("jurgen",)
    assert [one.births for one in found.records.values()] == [
        ("1961-12-24",), ("1961-12-24",), ("1980-04-03",), ("1980-03-04",)
    ]  # fmt: skip
    assert found.columns["birth"] == "Geburtsdatum"


def test_a_row_without_an_entity_has_none_and_short_rows_lack_their_last_cells(
    tmp_path: Path,
) -> None:
    """Rows whose truth is not known are not all one person."""
    path = written(tmp_path)
    path.write_bytes(path.read_bytes() + b"\r\nOlga;Nowak")
    found = load(path)
    assert found.truth == {"1": "a", "2": "a", "3": "b"}
    assert (found.records["5"].names[0].surname, found.records["5"].births) == (("nowak",), ())


def test_a_file_of_firms_is_read_by_what_its_columns_are_called(tmp_path: Path) -> None:
    """Each column that is known is told with what it holds; of the others, that they are unread."""
    path = tmp_path / "firms.csv"
    path.write_text(
        "Firm;Trading As;Addr;Town;PLZ;Tel;Tax ID;Colour;cluster\n"
        "Acme Bakery LLC;Acme Bread;12 Oak St;Chicago;60601;312-867-5301;36-1234567;red;1\n"
    )
    found = load(path, layout=ORGANISATIONS)
    (record,) = found.records.values()
    assert record.phones == ("+13128675301",)
    assert record.identifiers == (("us-ein", "361234567"),)
    assert (record.places, record.postcodes) == (("chicago",), ("60601",))
    assert {("acme", "bakery"), ("acme", "bread")} <= {*record.names}
    assert found.unread == ["Colour"]


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("x1,x2,truth\n1,2,a\n", "no column is known", "x1, x2, truth"),
        ("", "is empty", "first line"),
        ("name,truth\nAda Lott,\nBo Roe,NA\n", "of no record the true entity", "'truth' is empty"),
        ("name,truth\n", "of no record the true entity", "'truth' is empty"),
        ("id,name,truth\n7,Lott,a\n7,Lott,b\n", "called the same in the column 'id'", "record="),
        ("name\nAda Lott\n", "no column holds the true entity", "--truth"),
        ("name,truth\nAda\rLott,a\n", "no table", "CSV"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said(
    tmp_path: Path, text: str, message: str, remedy: str
) -> None:
    """With what to do about it; no value of a row is told."""
    path = tmp_path / "people.csv"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message) as found:
        load(path)
    assert remedy in found.value.remedy
    assert "Lott" not in str(found.value)


@pytest.mark.parametrize("spoilt", [b"\x1f\x8b", b"\x1f\x8b\x08" + b"\x00" * 6 + b"\xff" * 9])
def test_a_spoilt_archive_is_said_to_be_unreadable(tmp_path: Path, spoilt: bytes) -> None:
    """Cut off in its head, or with other bytes in the middle."""
    path = tmp_path / "people.csv.gz"
    path.write_bytes(spoilt)
    with pytest.raises(SettingsError, match="cannot be read"):
        load(path)


def test_evaluate_says_what_it_read_apart_from_its_figures(tmp_path: Path) -> None:
    """JSON alone on the output; the columns taken go to the other stream."""
    found = CliRunner().invoke(app, ["identity", "evaluate", str(written(tmp_path)), "-o", "json"])
    assert found.exit_code == 0
    told = json.loads(found.stdout)
    assert (told["records"], told["names_tell_little"]) == (3, False)
    assert "birth=Geburtsdatum" in found.stderr.replace("\n", "")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            "patient_id FirstName MiddleInitial LastName DOB SSN4",
            "given=FirstName middle=MiddleInitial surname=LastName birth=DOB ssn4=SSN4",
        ),
        (
            "name_suffix_lbl gender_code birth_age res_street_address",
            "suffix=name_suffix_lbl sex=gender_code age=birth_age street=res_street_address",
        ),
        (
            "Prénom Nom Nom_d'usage Date-de-naissance",
            "given=Prénom surname=Nom maiden=Nom_d'usage birth=Date-de-naissance",
        ),
        (
            "full_name dob birth_place postcode_fake",
            "name=full_name birth=dob place=birth_place postcode=postcode_fake",
        ),
        (
            "caller_first_name caller_last_name caller_zip",
            "given=caller_first_name surname=caller_last_name postcode=caller_zip",
        ),
        (
            ("first_name last_name mailing_address_street_number mailing_address_street_name"
            " mailing_address_city taxpayer_ssn"),
            ("given=first_name surname=last_name number=mailing_address_street_number"
            " street=mailing_address_street_name place=mailing_address_city ssn=taxpayer_ssn"),
        ),
        ("name surname dob", "given=name surname=surname birth=dob"),
        (
            "Given_Name Fathers_Name Gender_at_Birth",
            "given=Given_Name surname=Fathers_Name sex=Gender_at_Birth",
        ),
        ("given_name surname father_name", "given=given_name surname=surname"),
        ("name father_name dob", "name=name birth=dob"),
        ("nome cpf", "name=nome identifier=cpf"),
        ("forename surname parish", "given=forename surname=surname place=parish"),
        ("initial surname suburb", "given=initial surname=surname place=suburb"),
        (
            "FNAME LNAME DOB_YYYYMMDD ADDR_LINE_1 CITY_NM ST_CD ZIP_CD PH_NBR EMAIL_ADDR",
            ("given=FNAME surname=LNAME birth=DOB_YYYYMMDD street=ADDR_LINE_1 place=CITY_NM"
             " region=ST_CD postcode=ZIP_CD phone=PH_NBR email=EMAIL_ADDR"),
        ),
        (
            "NAME_FIRST NAME_LAST BIRTH_DTE phone_mobile TEL_NBR",
            "given=NAME_FIRST surname=NAME_LAST birth=BIRTH_DTE phone=phone_mobile phone2=TEL_NBR",
        ),
        (
            "zz_first_name zz_last_name zz_dob zz_zip remark",
            "given=zz_first_name surname=zz_last_name birth=zz_dob postcode=zz_zip",
        ),
        ("zz_first_name zz_last_name remark", ""),
        ("zz_first_name zz_dob zz_zip yy_first_name yy_dob yy_zip", ""),
        (
            "Preferred Name,First Name,City State Zip",
            "alias=Preferred Name,given=First Name,place_and_postcode=City State Zip",
        ),
        ("zip_cd zip_code", "postcode=zip_code"),
        ("fn ln addr city st", "given=fn surname=ln street=addr place=city region=st"),
        ("fn ln house_no st city", "given=fn surname=ln number=house_no street=st place=city"),
        ("yr_of_birth name nm", "birth_year=yr_of_birth name=name"),
        ("HomePhone CellPhone", "phone=CellPhone phone2=HomePhone"),
        ("Straße Hausnummer Wohnort", "street=Straße number=Hausnummer place=Wohnort"),
        (
            "pat_mrn_id pat_first_name pat_last_name birth_place city medicaid_num work_mail email",
            ("medical-record=pat_mrn_id given=pat_first_name surname=pat_last_name place=city"
             " medicaid=medicaid_num email2=work_mail email=email"),
        ),
        (
            "agent_first_name npn drivers_license_number loyalty_card username tax_id passport_no",
            ("given=agent_first_name profession=npn licence=drivers_license_number tax=tax_id"
             " membership=loyalty_card username=username passport=passport_no"),
        ),
        ("signed_name street_name phone", "name=signed_name street=street_name phone=phone"),
        (
            "nome_paciente nome_mae data_nasc numero_sus",
            "name=nome_paciente birth=data_nasc health=numero_sus",
        ),
        (
            "doc_number first_names last_names",
            "document=doc_number given=first_names surname=last_names",
        ),
        (
            "vorname nachname geburtstag geburtsmonat geburtsjahr",
            ("given=vorname surname=nachname birth=geburtstag birth_month=geburtsmonat"
             " birth_year=geburtsjahr"),
        ),
        (
            "Фамилия Имя Отчество Телефон Пол",
            "surname=Фамилия given=Имя middle=Отчество phone=Телефон sex=Пол",
        ),
        ("prenom_client nom_client", "given=prenom_client surname=nom_client"),
        ("prenom_x1 nom_cliente", "name=nom_cliente"),
        ("line1 line2 pan", "street=line1 place2=line2 tax=pan"),
    ],
)  # fmt: skip
def test_columns_are_known_by_what_offices_call_them(columns: str, expected: str) -> None:
    """In several languages, words run together, and with words that add nothing."""
    between = "," if "," in columns else None
    wanted = dict(one.split("=") for one in expected.split(between))
    assert choose(columns.split(between), {}) == wanted


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            "uei|legalBusinessName|dbaName|physicalAddressLine1|physicalAddressCity",
            ("us-uei=uei|legal=legalBusinessName|trade=dbaName|street=physicalAddressLine1|"
            "place=physicalAddressCity"),
        ),
        (
            "LEI|Entity.LegalName|Entity.LegalAddress.FirstAddressLine|Entity.LegalAddress.City",
            ("lei=LEI|legal=Entity.LegalName|street=Entity.LegalAddress.FirstAddressLine|"
            "place=Entity.LegalAddress.City"),
        ),
        (
            "CompanyName|CompanyNumber|RegAddress.AddressLine1|RegAddress.PostTown",
            ("name=CompanyName|gb-coh=CompanyNumber|street=RegAddress.AddressLine1|"
            "place=RegAddress.PostTown"),
        ),
        (
            "Business Name|Business Name 2|Address Building|Address ZIP|Contact Phone Number",
            ("name=Business Name|trade=Business Name 2|number=Address Building|"
            "postcode=Address ZIP|phone=Contact Phone Number"),
        ),
        ("raison sociale|enseigne|SIREN", "legal=raison sociale|trade=enseigne|national=SIREN"),
        (
            "Account Name|BillingStreet|BillingCity|BillingPostalCode",
            "name=Account Name|street=BillingStreet|place=BillingCity|postcode=BillingPostalCode",
        ),
        (
            "Firm|Owner First Name|Owner Last Name|Phone|Fax",
            ("name=Firm|owner_given=Owner First Name|owner_surname=Owner Last Name|phone=Phone|"
            "phone2=Fax"),
        ),
        ("company|ContactFirstName|ContactLastName",
         "name=company|owner_given=ContactFirstName|owner_surname=ContactLastName"),
        (
            "vendor_nm|vendor_addr|vendor_st|tel_nbr|DUNS_NBR",
            "name=vendor_nm|street=vendor_addr|region=vendor_st|phone=tel_nbr|us-duns=DUNS_NBR",
        ),
        (
            "hub9_name|hub9_uei|hub9_address_line_1|hub9_city_name",
            "name=hub9_name|us-uei=hub9_uei|street=hub9_address_line_1|place=hub9_city_name",
        ),
        ("DBA Name|AKA Name", "trade=DBA Name|trade2=AKA Name"),
        ("farm_name|city_name|county", "name=farm_name|place=city_name|region=county"),
        ("product_name|city|support_phone", "place=city|phone=support_phone"),
        ("establishment|location|county", "name=establishment|street=location|region=county"),
        ("BorrowerName|BorrowerZip|LoanNumber", "name=BorrowerName|postcode=BorrowerZip"),
        (
            "employer_name|employer_street_number|employer_street_name|employer_zipcode",
            ("name=employer_name|number=employer_street_number|street=employer_street_name|"
            "postcode=employer_zipcode"),
        ),
        (
            "NAME1|STRAS|ORT01|PSTLZ|STCD1|TELF1|SMTP_ADDR|BANKN",
            ("name=NAME1|street=STRAS|place=ORT01|postcode=PSTLZ|vat=STCD1|phone=TELF1|"
            "email=SMTP_ADDR|bank-account=BANKN"),
        ),
        ("factory_name|unit_name|unit_number", "name=factory_name"),
        ("local_name|unit_name", "name=local_name"),
        ("unit_name|zip", "name=unit_name|postcode=zip"),
        ("business_name|pan|gstin", "name=business_name|in-pan=pan|gstin=gstin"),
    ],
)  # fmt: skip
def test_columns_are_known_by_what_registers_call_them(columns: str, expected: str) -> None:
    """What stands before says whose it is; a legal name stays one, and a number of nothing none."""
    wanted = dict(one.split("=") for one in expected.split("|"))
    layout = ORGANISATIONS
    assert choose(columns.split("|"), {}, layout.columns, layout.adds_nothing) == wanted


def test_parts_that_stand_apart_are_put_together() -> None:
    """The whole name where a part is missing, the maiden name too, a year from an age."""
    whole = record({"name": "Ann Lee", "surname": "Lee"})
    assert whole.names[0] == Name(("ann",), ("lee",))
    married = record({"given": "Ann", "surname": "Roe", "maiden": "Lee", "phone": "3128675301",
                      "phone2": "3128675302", "ssn4": "4821", "age": "40"})  # fmt: skip
    assert married.names[0] == Name(("ann",), ("roe", "lee"))
    assert married.phones == ("+13128675301", "+13128675302")
    assert married.identifiers == (("us-ssn-4", "4821"),)
    assert record({"birth_year": "1980"}).births == ("1980",)
    assert record({"birth_year": "1980", "birth_month": "3"}).births == ("1980-03",)
    assert record({"birth_year": "1980", "birth_day": "4"}).births == ("1980",)
    assert record({"birth_year": "19 61"}).births == ()
    older = record({"age": "41"})
    assert int(married.births[0]) - int(older.births[0]) == 1
    assert record({"age": "-3"}).births == record({"age": "900"}).births == ()


def test_a_day_of_birth_is_none_that_stands_alone() -> None:
    """A column for birthdays holds a day beside those of months and years, else a date."""
    parts = {"birth": "9", "birth_month": "3", "birth_year": "1962"}
    assert record(parts).births == ("1962-03-09",)
    assert record({"birth": "19.3.1962"}).births == ("1962-03-19",)
    assert record({"birth": "9"}).births == ()


REGISTERS = """id,name1,ort01,vendor_name,town,supplier,municipality
1,Zorn Oy,Lyon,,,,
2,,,Zorn Ltd,Nantes,,
3,,,,,Zorn Inc,Brest
4,Zorn AG,Lyon,,{town},,
"""


@pytest.mark.parametrize("town", ["", "Metz"])
def test_columns_of_several_registers_in_one_file_are_read_as_one(
    tmp_path: Path, town: str
) -> None:
    """Where no row tells two of them; else the second says something else."""
    path = tmp_path / "vendors.csv"
    path.write_text(REGISTERS.format(town=town))
    found = load_records(path, {}, ORGANISATIONS)
    assert [len(found.records[one].names) for one in "1234"] == [1] * 4
    assert {found.columns["name"], *found.instead["name"]} == {"name1", "vendor_name", "supplier"}
    places = {found.columns["place"], *found.instead["place"]}
    assert places == {"town", "ort01", "municipality"} - ({"ort01"} if town else set())
    assert found.unread == (["ort01"] if town else [])


def test_a_second_column_is_no_other_thing_than_the_first(tmp_path: Path) -> None:
    """Of "st" beside "state" no street is made, nor a given name of another name."""
    path = tmp_path / "people.csv"
    path.write_text("id,state,st,full_name,last_name,name\n1,IL,,Ann Lee,,\n2,,OH,,Roe,Bo\n")
    found = load_records(path, {}, PERSONS)
    assert [found.records[one].regions for one in "12"] == [("il",), ("oh",)]
    assert (found.columns["region"], found.instead["region"]) == ("state", ["st"])


def test_a_number_for_goods_tax_holds_the_account_number() -> None:
    """India's: one firm has several of the former and one of the latter."""
    made = ORGANISATIONS.record({"gstin": "29AATPK8242N1Z6", "in-pan": "AATPK8242N"})
    assert {*made.identifiers} == {("in-pan", "aatpk8242n")}


def test_a_truth_of_other_records_is_none(tmp_path: Path) -> None:
    """Records that nobody knows the truth of would be measured as all right."""
    (tmp_path / "names.csv").write_text("name\nAda Lott\n")
    (tmp_path / "truth.csv").write_text("record_id,entity_id\nx7,a\n")
    with pytest.raises(SettingsError, match="of no record the true entity") as caught:
        load(tmp_path / "names.csv", tmp_path / "truth.csv")
    assert "record=NAME" in str(caught.value.remedy)


def test_a_column_of_whole_addresses_says_where_they_are() -> None:
    """Of persons and of organisations, where no other column does."""
    whole = {"street": "9 Mill Lane, Chatham, IL 62629", "name": "Ann Lee"}
    for make in (record, ORGANISATIONS.record):
        found = make(whole)
        assert found.addresses == (Address("9", "mill ln"),)
        assert (found.postcodes, found.places, found.regions) == (("62629",), ("chatham",), ("il",))
        assert make({**whole, "place": "York"}).places == ("york",)
        assert make({"street": "9 Mill Lane", "place_and_postcode": "York YO1 7HH"}).postcodes == (
            "yo17hh",
        )
    second = record({"street": "9 Mill Lane", "place": "York", "place2": "Heworth"})
    assert second.places == ("york", "heworth")
    assert record({"street": "9 Mill Lane", "place2": "Apt 4B"}).places == ()


def test_another_name_somebody_goes_by_is_a_second_name() -> None:
    """Whole, or a given name that goes with the surname; nobody's where there is none."""
    one = Name(("robert",), ("smith",))
    assert record({"name": "Robert Smith", "alias": "Bob"}).names == (
        one,
        Name(("bob",), ("smith",)),
    )
    two = Name(("bobby",), ("jones",))
    assert record({"given": "Robert", "surname": "Smith", "alias": "Jones, Bobby"}).names == (
        one,
        two,
    )
    assert record({"name": "Robert Smith", "alias": "n/a"}).names == (one,)
    assert record({"alias": "Bob"}).names == ()


def test_a_file_that_programs_wrote_is_read_as_it_was_meant(tmp_path: Path) -> None:
    """Numbers with gaps taken for measures, UTF-8 for Windows-1252, and numbers of another country.

    A house's number, a postcode and a date with a fraction of nothing, and several in one cell.
    """
    path = tmp_path / "export.csv"
    path.write_text(
        "id,entity_id,first_name,last_name,dob,house_number,street,zip,phone,email\n"
        "1,a,Jos\u00c3\u00a9,O&#39;Brien,19800304.0,12.0,Mill Lane,60601.0,"
        "+44 7911 123456,a@x.example; b@y.example\n"
        "2,a,Jos\u00e9,OBrien,1980-03-04,12,Mill Lane,60601,07911 123456,b@y.example\n"
        "3,b,Ann,Lee,1980-03-05,9,Mill Lane,60601,07400 123456,\n"
    )
    one, other, _ = load(path).records.values()
    assert one == other._replace(emails=("a@x.example", "b@y.example"))
    assert other.phones == ("+447911123456",)


def test_an_owner_in_two_columns_and_a_second_number_are_read() -> None:
    """A column of whole names comes first."""
    told = {"name": "Lee Ltd", "phone": "3128675301", "phone2": "3128675302",
            "owner_given": "Ann", "owner_surname": "Lee"}  # fmt: skip
    found = ORGANISATIONS.record(told)
    assert found.owners == (Name(("ann",), ("lee",)),)
    assert found.phones == ("+13128675301", "+13128675302")
    assert ORGANISATIONS.record({**told, "trade2": "Red Door"}).trade_names == (("red", "door"),)
    assert ORGANISATIONS.record({**told, "owner": "Bo Roe"}).owners == (Name(("bo",), ("roe",)),)


def test_numbers_besides_a_states_are_read_where_they_are_not_the_rows_own(tmp_path: Path) -> None:
    """Of nearly each row another is the row's; a second e-mail address is as good as the first."""
    path = tmp_path / "members.csv"
    rows = [f"{row},{row},E{1000 + row},L{1000 + row % 50},a{row}@x.example" for row in range(300)]
    columns = "id,entity,employee_number,passport,email,work_email,given\n"
    path.write_text(columns + "\n".join(f"{row},b{place}@x.example,Ann" for place, row in
                                        enumerate(rows)))  # fmt: skip
    told = load(path).records["7"]
    assert told.identifiers == (("passport", "l1007"),)
    assert told.emails == ("a7@x.example", "b7@x.example")
    path.write_text(path.read_text().replace("E1002,", "E1001,"))
    assert load(path).records["7"].identifiers == (("passport", "l1007"),)


def test_numbers_of_licences_are_read_where_they_are_not_the_rows_own(tmp_path: Path) -> None:
    """And taxpayer numbers that can be none are of another register."""
    path = tmp_path / "licences.csv"
    rows = [f"{row},{row},Kral {row},AB{row // 2:04},07-12345{row}" for row in range(10, 60)]
    path.write_text("id,entity,company,licence_number,tax_id\n" + "\n".join(rows))
    found = load(path, layout=ORGANISATIONS).records["20"]
    assert found.identifiers == (("national", "071234520"), ("licence", "ab0010"))
    rows = [f"{row},{row},Kral {row},AB{row:04},36-12345{row}" for row in range(10, 60)]
    path.write_text("id,entity,company,licence_number,tax_id\n" + "\n".join(rows))
    found = load(path, layout=ORGANISATIONS).records["20"]
    assert found.identifiers == (("us-ein", "361234520"),)


def test_numbers_that_no_scheme_can_have_are_of_another_register(tmp_path: Path) -> None:
    """Where most of a column are none, as in data that are made; one of many is a placeholder."""
    path = tmp_path / "made.csv"
    path.write_text("id,ssn,entity\n1,900-12-3456,a\n2,950-91-4423,b\n3,536-90-4399,c\n")
    found = [one.identifiers for one in load(path).records.values()]
    assert found == [(("national", one),) for one in ("900123456", "950914423", "536904399")]
    path.write_text("id,ssn,entity\n1,900-12-3456,a\n2,536-90-4398,b\n3,536-90-4399,c\n")
    found = [one.identifiers for one in load(path).records.values()]
    assert found == [(), (("us-ssn", "536904398"),), (("us-ssn", "536904399"),)]


def test_an_age_beside_a_date_of_birth_says_of_which_year_ages_are(tmp_path: Path) -> None:
    """By most of those who tell both; who tells an age alone is born so many years before.

    An age that does not fit the date tells another year, for one of the two is somebody else's.
    """
    path = tmp_path / "census.csv"
    path.write_text(
        "id,entity,born,age\n"
        "a,1,1960-06-01,50\nb,2,1971-09-02,39\nc,3,1980-01-03,31\n"
        "d,4,,40\ne,5,1960-06-01,20\nf,6,,\ng,7,19x0-06-01,30\nh,8,1950-05-05,60\n"
    )
    records = load(path).records
    assert [records[one].births for one in "abc"] == [
        ("1960-06-01",), ("1971-09-02",), ("1980-01-03",)]  # fmt: skip
    assert records["d"].births == ("1970",)
    assert records["e"].births == ("1960-06-01", "1990")
    assert records["f"].births == ()
    assert records["g"].births[-1] == "1980"
    path.write_text(
        "id,entity,born,age\na,1,1960-06-01,50\nb,1,1960-06-01,60\nc,2,1980-01-03,40\nd,3,,40\n"
    )
    assert [one.births for one in load(path).records.values()] == [
        ("1960-06-01",), ("1960-06-01",), ("1980-01-03",), ()], "ages are of two years"  # fmt: skip


def test_a_row_may_be_called_as_a_missing_value_is(tmp_path: Path) -> None:
    """A row's own name is no value: NA is one, and its truth is found by it."""
    path = tmp_path / "people.csv"
    path.write_text("id,entity,first_name,last_name\nNA,1,Olga,Nowak\nNB,NA,Ivo,Kral\n")
    found = load(path)
    assert [*found.records] == ["NA", "NB"]
    assert found.truth == {"NA": "1"}


def test_addresses_behind_names_are_read_where_no_column_has_them(tmp_path: Path) -> None:
    """Up to the legal form, or the first number; not where an address is told by any row."""
    names = ("Zorn Se & Co KGaA Elm Str 1 91074 Aurora", "Kral S.A. 75008 Reno", "Fenix 7 Oak Road",
             "Zorn SE & Co. KGaA", "Ivo & Sons Bakery")  # fmt: skip
    path = tmp_path / "firms.csv"
    path.write_text("entity,name\n" + "".join(f"a,{one}\n" for one in names))
    zorn, kral, fenix, alone, plain = load(path, layout=ORGANISATIONS).records.values()
    assert zorn.legal_names == alone.legal_names != ()
    assert (*zorn.addresses, *zorn.postcodes, *zorn.places) == (("1", "elm st"), "91074", "aurora")
    assert kral.names == (("kral",),)
    assert kral.addresses[0].number == "75008"
    assert fenix.names == (("fenix",),)
    assert not plain.addresses
    path.write_text("entity,name,city\n" + "".join(f"a,{one},Reno\n" for one in names))
    whole = [*load(path, layout=ORGANISATIONS).records.values()]
    assert not any(one.addresses for one in whole)
    assert "75008" in whole[1].names[0]
    path.write_text("entity,name\na,Kral S.A. 75008\n" + "a,Ivo & Sons Bakery\n" * 5)
    assert "75008" in load(path, layout=ORGANISATIONS).records["1"].names[0]


@pytest.mark.parametrize(
    ("table", "organisations"),
    [
        ("Vorname;Nachname;Firma\nAnna;Koch;Koch GmbH", False),
        ("name,dob\nZorn Grill Inc,1980-01-01", False),
        ("first,surname,company\nAnna,Koch,Koch Inc", False),
        ("given,company_name\nAnna,Koch Inc", False),
        ("owner_first,owner_last,company\nAnna,Koch,Koch Inc", True),
        ("owner_first,owner_last,city\nAnna,Koch,Reno", False),
        ("name,city\nAnna Koch,Aurora\nOlga Market,Tulsa\nIvo Kral,Reno", True),
        ("name,city\n" + "Anna Koch,Aurora\n" * 9 + "Olga Market,Tulsa", False),
        ("full_name,city\nAnna Koch,Aurora", False),
        ("name,city\nThe Blue Door Cafe,Aurora\nArt's Delicatessen,Reno", True),
        ("name,city\nFenix,Aurora\nCitrus,Reno", False),
        ("legal_name,city\nFenix,Aurora", True),
        ("DBA Name,city\nFenix,Aurora", True),
        ("company,tax_id\nFenix,1", True),
        ("restaurant,city\nFenix,Aurora", True),
        ("name,uei\nFenix,1", True),
        ("name,tax_id\nAnna Koch,1", False),
        ("cluster,street\na,12 Oak St", False),
    ],
)
def test_files_of_organisations_are_known_by_columns_and_names(
    tmp_path: Path, table: str, *, organisations: bool
) -> None:
    """A date of birth or both parts of a name say persons; else what only organisations have."""
    path = tmp_path / "table.csv"
    path.write_text(table)
    assert is_of_organisations(path) == organisations


def test_evaluate_says_what_it_takes_a_file_for_and_does_as_it_is_told(tmp_path: Path) -> None:
    """By the look of the file, by a column that one kind alone has, by the option."""
    path = tmp_path / "firms.csv"
    path.write_text("company,nick,entity\nZorn Inc,Olga,a\nZORN INCORPORATED,Olga,a\n")

    def told(*options: str) -> tuple[str, str]:
        found = CliRunner().invoke(
            app, ["identity", "evaluate", str(path), "-o", "json", *options], catch_exceptions=False
        )
        return json.loads(found.stdout)["model"].partition("-")[0], found.stderr

    model, said = told()
    assert (model, "taken for records of organisations" in said) == ("organisation", True)
    assert told("--column", "given=nick") == (
        "person",
        "read given=nick, entity=entity\nnot read company\n",
    )
    assert told("--kind", "person", "--column", "name=company")[0] == "person"
    blind = CliRunner().invoke(app, ["identity", "evaluate", str(path), "--blind"])
    assert isinstance(blind.exception, SettingsError)


def test_a_model_is_learned_of_what_a_file_is_of(tmp_path: Path) -> None:
    """Of organisations from a file of firms, and it is measured with them; told as it goes on."""
    path, out = tmp_path / "firms.csv", tmp_path / "model.json"
    rows = (f"{word} {place} Inc,{number} Oak St,{place}" for number, word, place in _firms())
    path.write_text("company,street,city\n" + "".join(f"{row}\n{row}\n" for row in rows))

    def told(*arguments: str) -> tuple[dict[str, Any], str]:
        found = CliRunner().invoke(
            app, ["identity", *arguments, "-o", "json"], catch_exceptions=False
        )
        return json.loads(found.stdout), found.stderr

    made, said = told("train", str(path), "--out", str(out))
    assert made["model"].startswith("organisation-")
    assert "taken for records of organisations" in said
    assert "read name=company, street=street, place=city" in said
    assert "comparing" in said
    assert read_model(out, ORGANISATION).version == made["model"]
    assert told("train", str(path), "--out", str(out), "--kind", "person")[0]["model"].startswith(
        "person-"
    )


def _firms() -> Iterator[tuple[int, str, str]]:
    words = ("Harbour", "Summit", "Zorn", "Cedar", "Falcon", "Granite", "Willow", "Meridian")
    places = [f"{one}{end}" for one in ("Den", "Ash", "Kel", "Wex", "Tor") for end in LAST]
    return ((number, *pair) for number, pair in enumerate(product(words, places), 1))
