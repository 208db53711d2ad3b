"""What the steps of an upgrade are called, and what to look at in each, in English and in Danish."""

from __future__ import annotations

from epjgate.model.rehearsal import StepKind
from epjgate.reports.runbook_texts import Text

STEPS: dict[StepKind, Text] = {
    StepKind.FILL: ("fill with data", "fyld med data"),
    StepKind.START_OLD: ("start the old release", "start den gamle version"),
    StepKind.PREPARE: ("prepare the checks", "forbered kontrollen"),
    StepKind.CENSUS: ("count all records", "tæl alle poster"),
    StepKind.BACKUP: ("take the backup", "tag sikkerhedskopi"),
    StepKind.STOP_OLD: ("stop the old release", "stop den gamle version"),
    StepKind.KILL_MIGRATION: ("kill the migration", "afbryd migreringen"),
    StepKind.MIGRATE: ("migrate the database", "migrér databasen"),
    StepKind.START_NEW: ("start the new release", "start den nye version"),
    StepKind.VERIFY: ("verify: count and compare", "kontrollér: tæl og sammenlign"),
    StepKind.OPEN: ("let users in", "luk brugerne ind"),
    StepKind.CHECK: ("run the checks", "kør kontrollen"),
    StepKind.STOP_NEW: ("stop the new release", "stop den nye version"),
    StepKind.ROLL_BACK: ("put the old release back", "sæt den gamle version tilbage"),
    StepKind.RECHECK: ("check the old release", "kontrollér den gamle version"),
    StepKind.RESTORE: ("restore the backup", "indlæs sikkerhedskopien"),
    StepKind.START_RESTORED: ("start the old release again", "start den gamle version igen"),
    StepKind.VERIFY_RESTORED: ("verify what was restored", "kontrollér det indlæste"),
}

LOOK: dict[StepKind, Text] = {
    StepKind.FILL: ("how many patients there are", "hvor mange patienter der er"),
    StepKind.START_OLD: ("it answers; its version is the old one", "den svarer; versionen er den gamle"),
    StepKind.PREPARE: ("no error", "ingen fejl"),
    StepKind.CENSUS: ("the counts are written down", "tallene er skrevet ned"),
    StepKind.BACKUP: (
        "it ended without an error; its size is like that of the last one; it lies on another disk",
        "den endte uden fejl; størrelsen ligner den seneste; den ligger på en anden disk",
    ),
    StepKind.STOP_OLD: (
        "no process and no connection to the database is left",
        "ingen proces og ingen forbindelse til databasen er tilbage",
    ),
    StepKind.MIGRATE: (
        (
            "it moves on: its output, work in the database, no lock that waits; in the end the schema's version is "
            "the new one"
        ),
        (
            "den kommer videre: udskrift, arbejde i databasen, ingen lås, der venter; til sidst er skemaets version"
            " den nye"
        ),
    ),
    StepKind.KILL_MIGRATION: ("it is gone", "den er væk"),
    StepKind.START_NEW: (
        "it answers; version and digest are those that were rehearsed; no error in its log",
        "den svarer; version og kontrolsum er de afprøvede; ingen fejl i loggen",
    ),
    StepKind.VERIFY: (
        "every count and content equals that from before; finished prescriptions stay finished; then the list below",
        "alle antal og indhold er som før; afsluttede ordinationer er afsluttede; derefter listen nedenfor",
    ),
    StepKind.OPEN: (
        "one ward first; sign-in, reading and writing work; messages flow",
        "én afdeling først; log ind, læsning og skrivning virker; meddelelser går igennem",
    ),
    StepKind.CHECK: ("no check fails", "ingen kontrol fejler"),
    StepKind.STOP_NEW: (
        "no process and no connection to the database is left; no message goes out any more",
        "ingen proces og ingen forbindelse til databasen er tilbage; ingen meddelelse går ud mere",
    ),
    StepKind.ROLL_BACK: (
        "the old release answers on the data as they are; no error in its log",
        "den gamle version svarer på data, som de er; ingen fejl i loggen",
    ),
    StepKind.RECHECK: ("no check fails", "ingen kontrol fejler"),
    StepKind.RESTORE: (
        "it is the backup of this night; it moves on; it ends without an error",
        "det er sikkerhedskopien fra i nat; den kommer videre; den ender uden fejl",
    ),
    StepKind.START_RESTORED: (
        "it answers; its version is the old one; no error in its log",
        "den svarer; versionen er den gamle; ingen fejl i loggen",
    ),
    StepKind.VERIFY_RESTORED: ("every count and content equals that from before", "alle antal og indhold er som før"),
}
