"""Every function of mappings, declared: what it gives, what it is for, its arguments."""

from collections.abc import Mapping

from hub.connect.mapping import arguments, calls, functions
from hub.connect.mapping.arguments import Argument
from hub.connect.mapping.expression import FUNCTIONS, Function, applied
from hub.connect.mapping.target import Kind
from hub.connect.values import as_whole

_TEXT, _ANY = frozenset({Kind.TEXT}), frozenset[Kind]()
_MOMENT = frozenset({Kind.MOMENT})
_AT = Argument("The mark that parts them.", arguments.mark, required=True)
_SEPARATOR = Argument("What stands between code and label; a colon.", arguments.mark)
TABLE: Mapping[str, Function] = {
    "path": Function(
        _TEXT,
        "A column, or what stands at a path; as a list of steps where a name holds a dot.",
        "{path: [applicant, tax.id]}",
        calls.path_,
    ),
    "required": Function(
        _ANY,
        "The value itself; where it is blank the record is refused.",
        "{required: account_no}",
        calls.required,
    ),
    "constant": Function(
        frozenset({Kind.TEXT, Kind.CODE, Kind.FLAG, Kind.WHOLE, Kind.MOMENT, Kind.TEXTS}),
        "Always the same.",
        "{constant: US}",
        calls.constant,
    ),
    "date": Function(
        _MOMENT,
        "A date as precise as the format that fits: a format of the year alone gives a year.",
        "{date: issued, format: '%m/%d/%Y'}",
        calls.date,
        {
            "format": Argument(
                "How it is written, one or a list; the first that fits counts.",
                arguments.formats,
                required=True,
            ),
            "years_from": Argument(
                "With %y: the first of the hundred years that are meant.", arguments.year
            ),
            "precision": Argument(
                "No more precise than this: year, month or day.",
                arguments.one_of(*functions.PRECISIONS),
            ),
        },
    ),
    "time": Function(
        _MOMENT,
        "An instant, in ISO 8601 where no format is given. A wall clock without offset is taken in"
        " the zone, or refused where none is given; a date alone stays a date.",
        "{time: received, zone: America/New_York}",
        calls.time,
        {
            "format": Argument("How it is written, one or a list.", arguments.formats),
            "zone": Argument(
                "Where the wall clock hangs, as IANA names it, or {path: COLUMN}.", arguments.zone
            ),
        },
    ),
    "epoch": Function(
        _MOMENT,
        "An instant as a whole number since 1970 UTC.",
        "{epoch: updated, unit: ms}",
        calls.of_text(functions.epoch),
        {"unit": Argument("s, ms or us.", arguments.one_of(*functions.EPOCH_UNITS), required=True)},
    ),
    "date_parts": Function(
        _MOMENT,
        "A date told in columns of its own, as precise as what is there.",
        "{date_parts: {year: birth_year, month: birth_month, day: birth_day}}",
        calls.date_parts,
    ),
    "money": Function(
        frozenset({Kind.MONEY}),
        "An exact amount, never rounded.",
        "{money: fee, currency: USD}",
        calls.money,
        {
            "currency": Argument("ISO 4217, or {path: COLUMN}.", calls.currency, required=True),
            "decimal": Argument(
                "The mark before the fraction, '.' or ','.", arguments.one_of(".", ",")
            ),
            "units": Argument("What one is worth; 0.01 for cents.", arguments.units),
        },
    ),
    "flag": Function(
        frozenset({Kind.FLAG}),
        "Yes or no: y, yes, t, true, 1 and n, no, f, false, 0, or words of the source's own.",
        "{flag: veteran, yes: [J], no: [N]}",
        calls.of_text(functions.flag),
        {
            "yes": Argument("Words that mean yes.", arguments.texts),
            "no": Argument("Words that mean no.", arguments.texts),
        },
    ),
    "whole": Function(
        frozenset({Kind.WHOLE}),
        "A whole number.",
        "{whole: copies}",
        lambda call: applied(call.of(), as_whole),
    ),
    "code": Function(
        frozenset({Kind.CODE, Kind.TEXT}),
        "A code by a table. One nobody has mapped is UNKNOWN, and its text is kept in the field"
        " beside it (status_text); where a text is wanted it stays as it was sent. Without a table"
        " the source uses our codes.",
        "{code: status, table: {A: issued, R: revoked}}",
        calls.code,
        {
            "table": Argument("Their codes and ours, or a name under tables:.", arguments.table),
            "any_case": Argument("Whether case does not matter.", arguments.flag),
        },
    ),
    "code_of": Function(
        _TEXT,
        'The code of a "code: label".',
        "{code_of: state}",
        calls.of_text(functions.code_of),
        {"separator": _SEPARATOR},
    ),
    "label_of": Function(
        _TEXT,
        'The label of a "code: label".',
        "{label_of: state}",
        calls.of_text(functions.label_of),
        {"separator": _SEPARATOR},
    ),
    "clean": Function(
        _TEXT,
        "Text without control characters, white space as single spaces.",
        "{clean: remarks, none: [N/A, unknown]}",
        calls.of_text(functions.clean),
        {"none": Argument("Words that stand for nothing.", arguments.texts)},
    ),
    "words": Function(
        _TEXT,
        f"The words of an HTML text, at most {functions.WORDS_CHARACTERS_MAX} characters.",
        "{words: description}",
        lambda call: applied(call.of(), functions.words),
    ),
    "replace": Function(
        _TEXT,
        "A text in which another is replaced.",
        "{replace: ein, what: '-'}",
        calls.of_text(functions.replace),
        {
            "what": Argument("What is replaced.", arguments.mark, required=True),
            "by": Argument("What stands there instead; nothing.", arguments.text),
        },
    ),
    "keep": Function(
        _TEXT,
        "The digits, or the letters and digits, of a text.",
        "{keep: ssn, characters: digits}",
        calls.of_text(functions.keep),
        {
            "characters": Argument(
                "digits, or letters and digits.",
                arguments.one_of(*arguments.CHARACTERS),
                required=True,
            )
        },
    ),
    "split": Function(
        _TEXT,
        "One of the parts of a text.",
        "{split: address, at: '#', place: 1}",
        calls.of_text(functions.split),
        {"at": _AT, "place": Argument("Which, from 1.", arguments.part, required=True)},
    ),
    "rest": Function(
        _TEXT,
        "What stands behind the first mark.",
        "{rest: address, at: '#'}",
        calls.of_text(functions.rest),
        {"at": _AT},
    ),
    "list": Function(
        frozenset({Kind.TEXTS}),
        "All parts of a text.",
        "{list: activities, at: '|'}",
        calls.of_text(functions.list_),
        {"at": _AT},
    ),
    "each": Function(
        frozenset({Kind.TEXTS}),
        "A text of each entry of a list; blanks are left out.",
        "{each: contacts, value: address, where: {equals: kind, to: email}}",
        calls.each,
        {
            "value": Argument(
                "What is read of an entry; '#text', which is the entry itself.", calls.node
            ),
            "where": Argument("A condition on the entry, paths in it are inside.", calls.node),
        },
    ),
    "join": Function(
        _TEXT,
        "Several texts as one; blanks are left out.",
        "{join: [name, name_overflow], with: ' '}",
        calls.join,
        {"with": Argument("What stands between them; a space.", arguments.text)},
    ),
    "first": Function(
        _ANY,
        "The first of several values that is not blank.",
        "{first: [mobile, landline]}",
        calls.first,
    ),
    "phone": Function(
        _TEXT,
        "A telephone number in E.164 where it can be one, else as it was sent.",
        "{phone: tel, region: US}",
        calls.of_text(functions.phone),
        {
            "region": Argument(
                "Where numbers without a country's are.", arguments.region, required=True
            )
        },
    ),
    "if": Function(
        _ANY,
        "One value where a condition holds, else another.",
        "{if: {present: renewed}, then: {constant: renew}, else: {constant: issue}}",
        calls.conditional,
        {
            "then": Argument("The value where it holds.", calls.node, required=True),
            "else": Argument("The value where it does not; nothing.", calls.node),
        },
    ),
}
FUNCTIONS.update(TABLE)
