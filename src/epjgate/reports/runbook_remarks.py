"""Why the advice of a runbook is no-go, and what to know beforehand, in English and in Danish."""

from __future__ import annotations

from epjgate.model.cutover import Caution, Reason
from epjgate.reports.runbook_texts import Text

REASONS: dict[Reason, Text] = {
    Reason.NOT_APPROVED: ("The gate does not approve this release.", "Testværktøjet godkender ikke denne version."),
    Reason.WINDOW_SHORTER: (
        (
            "The window really lasts {real_min} that night, and the forecast is for {planned_min}. Take another "
            "night, or rehearse for the shorter window."
        ),
        (
            "Vinduet varer i virkeligheden {real_min} den nat, og prognosen gælder {planned_min}. Vælg en anden "
            "nat, eller lav en generalprøve til det kortere vindue."
        ),
    ),
    Reason.NO_ABORT: (
        "No rollback is sure to fit the window, not even one that begins at once.",
        "Det er ikke sikkert, at en tilbagerulning kan nås i vinduet, heller ikke hvis den begynder med det samme.",
    ),
    Reason.MAY_NOT_FIT: (
        (
            "Upgrade and checks fit the window with a probability that may be as low as {low_p}; at least {least_p}"
            " is asked."
        ),
        "Opgradering og kontrol kan nås med en sandsynlighed, der kan være så lav som {low_p}; der kræves {least_p}.",
    ),
    Reason.ROLLBACK_MAY_NOT_FIT: (
        (
            "A rollback decided on the last check fits with a probability that may be as low as {low_p}; at least "
            "{least_p} is asked."
        ),
        (
            "En tilbagerulning, der besluttes ved sidste kontrol, kan nås med en sandsynlighed, der kan være så lav"
            " som {low_p}; der kræves {least_p}."
        ),
    ),
    Reason.OVERRUNS: (
        "By the cautious bounds the last step ends at {ends}, beyond the {window_min} of the window.",
        "Efter de forsigtige grænser slutter det sidste trin {ends}, ud over vinduets {window_min}.",
    ),
    Reason.CHECKED_TOO_LATE: (
        "The checks are expected to end at {check}, after the abort time {abort}.",
        "Kontrollen ventes at slutte {check}, efter afbrydelsestidspunktet {abort}.",
    ),
    Reason.NO_RETURN_UNKNOWN: ("The plan names no point of no return.", "Planen nævner intet punkt uden vej tilbage."),
    Reason.NO_DATE: (
        "No date was named, so the night was not checked for summer time and for batch times.",
        "Ingen dato er nævnt, så natten er ikke kontrolleret for sommertid og batchtider.",
    ),
}

CAUTIONS: dict[Caution, Text] = {
    Caution.CLOCKS_BACK: (
        (
            "Clocks are set back in the window: at {until} it is {again} again, so an hour comes twice and the "
            "window really lasts {real_min}. A time without CET or CEST means nothing that night; write both."
        ),
        (
            "Urene stilles tilbage i vinduet: kl. {until} er den igen {again}, så en time kommer to gange, og "
            "vinduet varer i virkeligheden {real_min}. Et klokkeslæt uden CET eller CEST siger intet den nat; skriv"
            " begge dele."
        ),
    ),
    Caution.CLOCKS_FORWARD: (
        (
            "Clocks are set forward in the window: at {until} it is {again} at once, so an hour is missing and the "
            "window really lasts {real_min}."
        ),
        (
            "Urene stilles frem i vinduet: kl. {until} er den straks {again}, så der mangler en time, og vinduet "
            "varer i virkeligheden {real_min}."
        ),
    ),
    Caution.BEGINS_TWICE: (
        "The time at which the window begins comes twice; here the second counts: {at}.",
        "Klokkeslættet, hvor vinduet begynder, kommer to gange; her gælder det andet: {at}.",
    ),
    Caution.ENDS_TWICE: (
        "The time at which the window ends comes twice; here the first that follows its beginning counts: {at}.",
        "Klokkeslættet, hvor vinduet slutter, kommer to gange; her gælder det første efter begyndelsen: {at}.",
    ),
    Caution.WINDOW_LONGER: (
        (
            "The window really lasts {real_min}; the forecast is for {planned_min}, and by it everything ends at "
            "{planned} instead of {end}. The abort time counts the shorter one."
        ),
        (
            "Vinduet varer i virkeligheden {real_min}; prognosen gælder {planned_min}, og efter den slutter alt "
            "{planned} i stedet for {end}. Afbrydelsestidspunktet regner med det korteste."
        ),
    ),
    Caution.LPR_LIST_MADE: (
        (
            "The LPR3 register makes its daily list of errors at {at}, in the window. Tell those who receive it "
            "beforehand: reports that were half transferred then stand in it as errors. Correct none, and above all"
            " nullify none (it is permanent), before the queue is drained."
        ),
        (
            "LPR3 danner sin daglige fejlliste kl. {at}, i vinduet. Sig det på forhånd til dem, der modtager den: "
            "indberetninger, der er halvt overført da, står på den som fejl. Ret ingen, og annullér især ingen (det"
            " kan ikke gøres om), før køen er tømt."
        ),
    ),
    Caution.LPR_LIST_SENT: (
        (
            "The LPR3 register sends that list from {at}, in the window. Whoever receives it waits, and compares it"
            " with what was reported once the queue is drained."
        ),
        (
            "LPR3 sender listen fra kl. {at}, i vinduet. Modtageren venter og sammenholder den med det "
            "indberettede, når køen er tømt."
        ),
    ),
    Caution.LPR_IN_ROLLBACK: (
        (
            "A rollback that begins at {abort} is under way at {at}, when LPR3 runs that batch. Reports from after "
            "the backup may be known to the register and no longer to the record: keep a list of them."
        ),
        (
            "En tilbagerulning, der begynder {abort}, er i gang kl. {at}, når LPR3 kører den batch. Indberetninger "
            "efter sikkerhedskopien kan være kendt af registret og ikke længere af journalen: før en liste over "
            "dem."
        ),
    ),
    Caution.BACKUP_BEFORE_STOP: (
        (
            "The backup is taken before the old release stops. What is written in between is not in it: let nobody "
            "write from the start of the window."
        ),
        (
            "Sikkerhedskopien tages, før den gamle version stoppes. Det, der skrives imens, er ikke med: lad ingen "
            "skrive fra vinduets begyndelse."
        ),
    ),
    Caution.RESTORE_LOSES: (
        (
            "The rollback restores the backup. What users write after reopening is lost by it: once they are in, it"
            " is no longer a way back without the clinical on-call."
        ),
        (
            "Tilbagerulningen indlæser sikkerhedskopien. Det, brugerne skriver efter genåbning, går tabt: når de "
            "først er inde, er den ikke længere en vej tilbage uden klinisk bagvagt."
        ),
    ),
    Caution.CHECK_MEETS_ABORT: (
        (
            "By the cautious bounds the checks end at {check}, after the abort time {abort}. The abort time comes "
            "first: roll back then, even if the checks are not done."
        ),
        (
            "Efter de forsigtige grænser slutter kontrollen {check}, efter afbrydelsestidspunktet {abort}. Det "
            "kommer først: rul tilbage da, også hvis kontrollen ikke er færdig."
        ),
    ),
    Caution.ROLLBACK_TIGHT: (
        (
            "If every step of a rollback from the abort time takes its cautious bound, it ends at {ends}, after the"
            " window. The abort time counts the steps together, of which 95 of 100 rollbacks fit."
        ),
        (
            "Hvis hvert trin i en tilbagerulning fra afbrydelsestidspunktet tager sin forsigtige grænse, slutter "
            "den {ends}, efter vinduet. Tidspunktet er regnet for trinene tilsammen, hvor 95 af 100 "
            "tilbagerulninger kan nås."
        ),
    ),
    Caution.EXTRAPOLATED: (
        (
            "Production has {factor} times as many patients as the largest rehearsal. What only shows beyond it, a "
            "table that no longer fits in memory, is in no figure here."
        ),
        (
            "Driften har {factor} gange så mange patienter som den største generalprøve. Det, der først viser sig "
            "derover, som en tabel, der ikke længere kan være i hukommelsen, er ikke med i tallene."
        ),
    ),
    Caution.NO_VERDICT: (
        "The gate's verdict is not part of this runbook. Without an approval the night does not begin.",
        "Testværktøjets afgørelse er ikke med i denne drejebog. Uden en godkendelse begynder natten ikke.",
    ),
}
