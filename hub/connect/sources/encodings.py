"""The encodings of text files: UTF-8, or one of a byte for each character where that is said.

None is guessed. Rows are found by their bytes, so that encodings in which a line end may be part of
a character (UTF-16) are no choice.
"""

import re

UTF_8 = "utf-8"
ENCODINGS = (UTF_8, "iso-8859-1", "iso-8859-15", "windows-1252")
_CONTROLS = re.compile("[\x80-\x9f]")
"""Of ISO 8859 control characters that no file of records has: such a file is in windows-1252."""


def decode(raw: bytes, encoding: str) -> str:
    """Bytes as text. Raises UnicodeDecodeError for what is no text in this encoding."""
    text = raw.decode(encoding)
    if encoding.startswith("iso") and (found := _CONTROLS.search(text)) is not None:
        raise UnicodeDecodeError(encoding, raw, found.start(), found.end(), "a control character")
    return text


def is_text(raw: bytes, encoding: str) -> bool:
    """Whether bytes are text in this encoding."""
    try:
        decode(raw, encoding)
    except UnicodeDecodeError:
        return False
    return True


def remedy(encoding: str) -> str:
    """What to do about a file that is not in the encoding it was said to be in."""
    if encoding == UTF_8:
        return f"have the system export UTF-8, or say encoding: {' or '.join(ENCODINGS[1:])}"
    return "say encoding: as the system exports it, or have it export UTF-8 and leave it out"
