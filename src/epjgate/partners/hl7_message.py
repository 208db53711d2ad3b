"""An HL7 v2 message, from the bytes of a frame to fields by name (the parser is python-hl7)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

import hl7
from pydantic import JsonValue

_CHARSETS = {"": "utf-8", "UNICODE UTF-8": "utf-8", "8859/1": "latin-1", "ASCII": "ascii"}
_CHARACTER_SET = 17  # MSH-18, where MSH-1 is the separator itself
_HEADER = re.compile(r"MSH([^\w\s])(?:(?!\1)[^\w\s]){4,5}\1")  # MSH-2 holds four or five separators
_CR = "\r"
# The parser logs whole fields that it cannot unescape, and a field may be a person's.
for _module in (hl7.containers, hl7.util):
    _module.logger.disabled = True


class Unreadable(ValueError):
    """The bytes are no HL7 v2 message; the text says why."""


@dataclass(frozen=True)
class Hl7Message:
    """A message and what it says: `fields["PID-3"]` as it was written, `fields["PID-3.1"]` unescaped.

    A component is that of the first repetition. A second segment of a name is `OBX[2]`, a third `OBX[3]`.
    """

    text: str
    charset: str
    segments: tuple[str, ...]
    fields: dict[str, JsonValue] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        """Return the field or component `name`, empty where the message has none."""
        found = self.fields.get(name, "")
        return found if isinstance(found, str) else ""


def character_set(frame: bytes) -> str | None:
    """Return the Python codec that MSH-18 names, None for one that is not known; UTF-8 where it is empty."""
    header = frame.split(b"\r", 1)[0].decode("latin-1")
    fields = header.split(header[3]) if len(header) > 3 else []
    named = fields[_CHARACTER_SET] if len(fields) > _CHARACTER_SET else ""
    return _CHARSETS.get(named.partition("~")[0].strip())


def decoded(frame: bytes) -> str:
    """Return the bytes as text, in the character set that they name; what means nothing is replaced."""
    return frame.decode(character_set(frame) or "utf-8", "replace")


def read_message(frame: bytes) -> Hl7Message:
    """Return the message in `frame`; raises Unreadable for bytes that are none."""
    charset = character_set(frame)
    if charset is None:
        raise Unreadable("MSH-18: a character set that is not known")
    try:
        text = frame.decode(charset)
    except UnicodeDecodeError as err:
        raise Unreadable(f"MSH-18: the bytes are not {charset}") from err
    return read_text(text, charset)


def read_text(text: str, charset: str = "utf-8") -> Hl7Message:
    """Return the message in `text`; raises Unreadable where it does not begin with a whole MSH segment."""
    if not _HEADER.match(text):
        raise Unreadable("MSH: the message does not begin with a header")
    try:
        # The parser strips white space at the end, which may be content: so the end is ours, and is left out again.
        parsed = hl7.parse(f"{text.removesuffix(_CR)}{_CR}END")
        parsed.pop()
        names = tuple(str(segment[0]) for segment in parsed)
        return Hl7Message(text, charset, names, dict(_fields(parsed)))
    except (hl7.HL7Exception, IndexError, KeyError, ValueError, AssertionError) as err:
        raise Unreadable(f"the message is not HL7 v2: {err}") from err


def _fields(message: hl7.Message) -> Iterator[tuple[str, str]]:
    seen: Counter[str] = Counter()
    for segment in message:
        name = str(segment[0])
        seen[name] += 1
        label = name if seen[name] == 1 else f"{name}[{seen[name]}]"
        for number, content in enumerate(segment[1:], start=1):
            yield f"{label}-{number}", str(content)
            yield from _components(message, f"{label}-{number}", str(content))


def _components(message: hl7.Message, name: str, content: str) -> Iterator[tuple[str, str]]:
    """Yield the components of the first repetition, unescaped; the separators themselves (MSH-1, MSH-2) have none."""
    if name in {"MSH-1", "MSH-2"}:
        return
    repetition = content.partition(message.separators[2])[0]
    for number, component in enumerate(repetition.split(message.separators[3]), start=1):
        yield f"{name}.{number}", str(message.unescape(component))


def acknowledgement(frame: bytes, code: str, reason: str = "") -> bytes:
    """Return the answer to the message in `frame`: `code` AA, AE or AR, in the message's own character set.

    What of the header can be read is given back (HL7 v2.5.1, 2.9.2): the parties change places, MSA-2 is MSH-10.
    """
    header = decoded(frame).partition("\r")[0]
    known = _HEADER.match(header)
    separator = known[1] if known else "|"
    fields = (header.split(separator) if known else []) + [""] * 18
    trigger = fields[8].split("^")[1] if "^" in fields[8] else ""
    answer = ["MSH", fields[1] or "^~\\&", fields[4], fields[5], fields[2], fields[3]]
    answer += [datetime.now(UTC).strftime("%Y%m%d%H%M%S+0000"), "", f"ACK^{trigger}^ACK", uuid4().hex[:20]]
    answer += [fields[10] or "P", fields[11] or "2.5.1", "", "", "", "", "", fields[17]]
    verdict = ["MSA", code, fields[9], *([_escaped(reason, separator)] if reason else [])]
    text = separator.join(answer) + "\r" + separator.join(verdict) + "\r"
    return text.encode(character_set(frame) or "utf-8", "replace")


def _escaped(reason: str, separator: str) -> str:
    plain = {separator: "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\\": "\\E\\", "\r": " ", "\n": " "}
    return "".join(plain.get(char, char) for char in reason)
