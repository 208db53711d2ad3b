"""What a runbook says, in English and in Danish; figures are filled in where a name stands in braces."""

from __future__ import annotations

Text = tuple[str, str]

TEXTS: dict[str, Text] = {
    "title": ("Runbook of the upgrade", "Drejebog for opgraderingen"),
    "go": ("GO", "GO"),
    "no_go": ("NO-GO", "NO-GO"),
    "go.why": ("Nothing in the rehearsal speaks against beginning.", "Intet i generalprøven taler imod at gå i gang."),
    "no_go.why": ("Do not begin. What speaks against it:", "Gå ikke i gang. Det taler imod:"),
    "advice": (
        "This is advice to the meeting. The verdict is the gate's, by its policy, and stands in its report.",
        "Dette er et råd til mødet. Afgørelsen er testværktøjets efter dets politik og står i dets rapport.",
    ),
    "verdict": ("verdict of the gate", "testværktøjets afgørelse"),
    "verdict.none": ("not told here", "ikke oplyst her"),
    "production": ("in production", "i drift"),
    "largest": ("rehearsed with at most", "afprøvet med højst"),
    "patient.one": ("patient", "patient"),
    "patient.many": ("patients", "patienter"),
    "run": ("rehearsal", "generalprøve"),
    "times": ("The night", "Natten"),
    "begin": ("Window begins", "Vinduet begynder"),
    "end": ("Window ends", "Vinduet slutter"),
    "length": ("Real length", "Reel længde"),
    "zone": ("Time zone", "Tidszone"),
    "no_return": ("Point of no return", "Punktet uden vej tilbage"),
    "no_return.is": ("{latest} at the latest, the start of: {step}", "senest {latest}, begyndelsen af: {step}"),
    "no_return.none": ("NOT KNOWN", "UKENDT"),
    "decide": ("Decision to let users in", "Beslutning om at lukke brugere ind"),
    "decide.is": ("{expected} expected, {latest} at the latest", "ventet {expected}, senest {latest}"),
    "abort": ("ABORT: a rollback begins by", "AFBRYD: tilbagerulning begynder senest"),
    "abort.is": ("{at}, minute {minute} of the window", "{at}, vinduets minut {minute}"),
    "abort.none": (
        "NO-GO: there is no such time, because no rollback is sure to fit.",
        "NO-GO: der er intet tidspunkt, for ingen tilbagerulning kan nås med sikkerhed.",
    ),
    "fits": ("Upgrade and checks fit the window", "Opgradering og kontrol kan nås i vinduet"),
    "rollback_fits": (
        "Rollback fits too, decided on the last check",
        "Tilbagerulning kan også nås, besluttet ved sidste kontrol",
    ),
    "probability": ("{estimate} (bounds {low} to {high})", "{estimate} (grænser {low} til {high})"),
    "margin": ("Kept free before the end", "Holdes fri før slutningen"),
    "cautions": ("Know beforehand", "Skal vides på forhånd"),
    "cautions.none": ("Nothing special in this night.", "Intet særligt denne nat."),
    "decision": ("Decision of the meeting", "Mødets beslutning"),
    "box.go": ("go", "go"),
    "box.no_go": ("no-go", "no-go"),
    "name": ("name", "navn"),
    "time": ("time", "kl."),
    "against": ("reason, where it goes against the advice", "begrundelse, hvis den går imod rådet"),
    "whom": ("Whom to call", "Hvem der ringes til"),
    "role": ("role", "rolle"),
    "phone": ("telephone", "telefon"),
    "deputy": ("deputy", "stedfortræder"),
    "role.lead": ("change lead", "ændringsleder"),
    "role.database": ("database", "database"),
    "role.integrations": ("integrations", "integrationer"),
    "role.clinical": ("clinical on-call", "klinisk bagvagt"),
    "role.supplier": ("supplier", "leverandør"),
    "before": ("Before the window begins", "Før vinduet begynder"),
    "before.called": ("Everybody above is named and answers.", "Alle ovenfor er navngivet og svarer."),
    "before.same": (
        "What will be installed is what was rehearsed: its digest is that of the rehearsal's report.",
        "Det, der skal installeres, er det afprøvede: kontrolsummen er den i generalprøvens rapport.",
    ),
    "before.queues": ("Queues to other systems are drained.", "Køer til andre systemer er tømt."),
    "before.copy": (
        "The downtime copy opens, and its age is within what was promised. Wards have paper for eight hours.",
        "Nødkopien kan åbnes, og dens alder er inden for det lovede. Afdelingerne har papir til otte timer.",
    ),
    "before.room": (
        "The backup has room, and the last one was restored somewhere.",
        "Der er plads til sikkerhedskopien, og den seneste er prøvet indlæst et andet sted.",
    ),
    "before.out": (
        "Users are told, and out when the window begins.",
        "Brugerne har besked og er ude, når vinduet begynder.",
    ),
    "steps": ("Go or no-go, step by step", "Go eller no-go, trin for trin"),
    "steps.how": (
        (
            "Go on when a step is done by its latest time. When it is not, do what stands below it. At the abort "
            "time begin the rollback, however little is left to do."
        ),
        (
            "Gå videre, når et trin er færdigt senest til tiden. Er det ikke, så gør som der står under det. Begynd"
            " tilbagerulningen på afbrydelsestidspunktet, uanset hvor lidt der mangler."
        ),
    ),
    "steps.no_abort": (
        "There is no abort time, so the night does not begin. The times only show how long all of it would take.",
        "Der er intet afbrydelsestidspunkt, så natten begynder ikke. Tiderne viser kun, hvor længe alt ville vare.",
    ),
    "step": ("step", "trin"),
    "takes": ("takes", "varer"),
    "at_most": ("at most", "højst"),
    "counts_with": ("a moment, counted with", "et øjeblik, regnet med under"),
    "begins": ("begins by", "begynder senest"),
    "expected": ("done, expected", "færdig, ventet"),
    "latest": ("done, no later than", "færdig, senest"),
    "actual": ("done at", "færdig kl."),
    "look": ("Look at", "Se efter"),
    "late": ("When late", "Ved forsinkelse"),
    "returning": (
        (
            "POINT OF NO RETURN: before this step the old release is started again and all is as before; from here "
            "on only the rollback leads back."
        ),
        (
            "PUNKTET UDEN VEJ TILBAGE: før dette trin startes den gamle version igen, og alt er som før; herfra "
            "fører kun tilbagerulning tilbage."
        ),
    ),
    "late.reversible": (
        "Tell the change lead. Stop and start the old release again rather than lose time: nothing has changed yet.",
        "Sig det til ændringslederen. Stop og start hellere den gamle version igen end at tabe tid: intet er ændret.",
    ),
    "late.returning": (
        "Tell the change lead and the supplier. Skip no check to win time. At the abort time begin the rollback.",
        (
            "Sig det til ændringsleder og leverandør. Spring ingen kontrol over for at vinde tid. Begynd "
            "tilbagerulningen på afbrydelsestidspunktet."
        ),
    ),
    "late.no_abort": (
        "Tell the change lead and the supplier. Skip no check to win time. There is no abort time to wait for.",
        (
            "Sig det til ændringsleder og leverandør. Spring ingen kontrol over for at vinde tid. Der er intet "
            "afbrydelsestidspunkt at vente på."
        ),
    ),
    "late.rollback": (
        (
            "Call the supplier, and tell the hospitals now that they stay on the downtime copy. Do not try the "
            "upgrade again."
        ),
        "Ring til leverandøren, og sig nu til hospitalerne, at de bliver på nødkopien. Prøv ikke opgraderingen igen.",
    ),
    "reopen": ("Check before reopening", "Kontrollér før genåbning"),
    "reopen.write": (
        "A write: a note or an order for a test patient is saved, and read again by another user.",
        "En skrivning: et notat eller en ordination på en testpatient gemmes og læses igen af en anden bruger.",
    ),
    "reopen.receipt": (
        "An external receipt: another system has acknowledged something sent after the upgrade.",
        "En ekstern kvittering: et andet system har kvitteret for noget, der er sendt efter opgraderingen.",
    ),
    "reopen.queues": (
        "Queues: nothing is stuck, and nothing is sent twice.",
        "Køer: intet sidder fast, og intet sendes to gange.",
    ),
    "reopen.copy": (
        "The age of the downtime copy: it is being made again from the new release.",
        "Nødkopiens alder: den dannes igen fra den nye version.",
    ),
    "reopen.audit": (
        "Audit: the write and the read above stand in it, and so do the entries from before the upgrade.",
        "Logning: skrivningen og læsningen ovenfor står i loggen, og det gør posterne fra før opgraderingen også.",
    ),
    "rollback": ("Rollback", "Tilbagerulning"),
    "rollback.how": (
        "The latest possible rollback, which begins at the abort time; one that begins earlier ends earlier.",
        "Den senest mulige tilbagerulning, som begynder på afbrydelsestidspunktet; en tidligere slutter tidligere.",
    ),
    "rollback.relative": ("Times count from the start of the rollback.", "Tiderne regnes fra tilbagerulningens start."),
    "how": ("How the times are made", "Sådan er tiderne dannet"),
    "how.expected": (
        "Expected: the forecast's estimates of all steps so far, added up from the start of the window.",
        "Ventet: prognosens skøn for alle trin indtil da, lagt sammen fra vinduets begyndelse.",
    ),
    "how.latest": (
        (
            "No later than: the upper bounds of what 95 of 100 runs keep, added up the same way. Later than that is"
            " later than anything rehearsed leads to expect."
        ),
        (
            "Senest: de øvre grænser for det, som 95 af 100 kørsler holder, lagt sammen på samme måde. Senere end "
            "det er senere, end noget i generalprøven giver grund til at vente."
        ),
    ),
    "how.abort": (
        (
            "Abort time: window, less the margin and what 95 of 100 rollbacks with their checks take; the lower "
            "bound of that. Estimate: minute {estimate}; bounds: minute {low} to minute {high}. Only the lower "
            "bound counts."
        ),
        (
            "Afbrydelsestidspunkt: vinduet minus margen og den tid, 95 af 100 tilbagerulninger med kontrol tager; "
            "heraf den nedre grænse. Skøn: minut {estimate}; grænser: minut {low} til minut {high}. Kun den nedre "
            "gælder."
        ),
    ),
    "how.rounded": (
        "Times are rounded down to the minute, durations up.",
        "Tidspunkter er rundet ned til hele minutter, varigheder op.",
    ),
    "how.zone": (
        "Every time names its zone: CET is UTC+1 (winter time), CEST is UTC+2 (summer time).",
        "Hvert tidspunkt nævner sin tidszone: CET er UTC+1 (vintertid), CEST er UTC+2 (sommertid).",
    ),
    "how.relative": (
        "No date was named: times count from the start of the window. Summer time and batch times were NOT checked.",
        "Ingen dato er nævnt: tiderne regnes fra vinduets begyndelse. Sommertid og batchtider er IKKE kontrolleret.",
    ),
    "no_date": ("no date was named", "ingen dato er nævnt"),
}

ROLES = ("lead", "database", "integrations", "clinical", "supplier")
BEFORE = ("called", "same", "queues", "copy", "room", "out")
REOPEN = ("write", "receipt", "queues", "copy", "audit")
