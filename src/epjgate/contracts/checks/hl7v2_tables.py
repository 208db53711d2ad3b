"""Values of HL7 v2.5.1 tables that checks look codes up in."""

from __future__ import annotations

PROCESSING_IDS = frozenset({"P", "T", "D"})
"""Table 0103."""

VERSIONS = frozenset({"2.0", "2.0D", "2.1", "2.2", "2.3", "2.3.1", "2.3.2", "2.4", "2.5", "2.5.1"})
"""Table 0104, up to the version whose rules are checked."""

CHARACTER_SETS = frozenset(
    {
        "ASCII",
        *(f"8859/{part}" for part in range(1, 10)),
        "8859/15",
        "ISO IR6",
        "ISO IR14",
        "ISO IR87",
        "ISO IR159",
        "GB 18030-2000",
        "KS X 1001",
        "CNS 11643-1992",
        "BIG-5",
        "UNICODE",
        "UNICODE UTF-8",
        "UNICODE UTF-16",
        "UNICODE UTF-32",
    }
)
"""Table 0211."""

STRUCTURES = {
    "ADT^A01": "ADT_A01",
    "ADT^A02": "ADT_A02",
    "ADT^A03": "ADT_A03",
    "ADT^A04": "ADT_A01",
    "ADT^A08": "ADT_A01",
    "ADT^A11": "ADT_A09",
    "ADT^A13": "ADT_A01",
    "ADT^A28": "ADT_A05",
    "ADT^A31": "ADT_A05",
    "ADT^A40": "ADT_A39",
    "ORM^O01": "ORM_O01",
    "ORU^R01": "ORU_R01",
}
"""Table 0354: the structure that belongs to a type and trigger."""

SEXES = frozenset("FMOUAN")
"""Table 0001."""

PATIENT_CLASSES = frozenset("EIOPRBCNU")
"""Table 0004."""

ORDER_CONTROLS = frozenset(
    {"NW", "OK", "UA", "CA", "OC", "CR", "UC", "DC", "OD", "DR", "UD", "HD", "OH", "HR", "UH", "RL", "OR", "UR", "RP"}
    | {"RO", "RR", "RQ", "UM", "PA", "CH", "XO", "XR", "XX", "UX", "DE", "SC", "SN", "SS", "SR", "RE", "NA", "CN", "RF"}
)
"""Table 0119."""

ACKNOWLEDGEMENTS = frozenset({"AA", "AE", "AR"})
"""Table 0008 in original mode."""

ERROR_SEVERITIES = frozenset("EWI")
"""Table 0516; F came with version 2.6."""

ERROR_CODES = {
    "0": "Message accepted",
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "104": "Value too long",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "204": "Unknown key identifier",
    "205": "Duplicate key identifier",
    "206": "Application record locked",
    "207": "Application internal error",
}
"""Table 0357: the text of each code."""
