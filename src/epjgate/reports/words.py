"""The words of the reports, in English and in Danish."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from epjgate.model.approved_change import JudgedChange
from epjgate.model.outcome import Outcome
from epjgate.model.verdict import Blame, Decision, Finding
from epjgate.policy.rules.incidents_proven import ID as INCIDENTS_PROVEN
from epjgate.reports.window_words import WINDOW_TEXTS

Language = Literal["en", "da"]

_COLUMN: dict[Language, int] = {"en": 0, "da": 1}


@dataclass(frozen=True)
class Words:
    """The words of one language; asking for a text that does not exist is an error, never an empty place."""

    language: Language

    def __getitem__(self, key: str) -> str:
        """Return the text `key`; raises KeyError for one that is not in the list."""
        return TEXTS[key][_COLUMN[self.language]]

    def count(self, number: int, noun: str) -> str:
        """Return `number` with `noun` in singular or plural: 1 test, 2 tests, 2.000 tests in Danish."""
        digits = f"{number:,}" if self.language == "en" else f"{number:,}".replace(",", ".")
        return f"{digits} {self[f'{noun}.one' if number == 1 else f'{noun}.many']}"

    def decision(self, decision: Decision) -> str:
        """Return the word for a decision."""
        return self[f"decision.{decision.value}"]

    def blame(self, blame: Blame) -> str:
        """Return the word for whom a finding blames."""
        return self[f"blame.{blame.value}"]

    def blamed(self, finding: Finding) -> str:
        """Return the word for whom `finding` blames; a proof that is missing is nothing that the candidate did."""
        return self["blame.unproven"] if is_unproven(finding) else self.blame(finding.blame)

    def why(self, blame: Blame, findings: Iterable[Finding] = ()) -> str:
        """Return the sentence that a blame leads to; where only proofs are missing, `findings` being all there are."""
        deciding = [finding for finding in findings if finding.blame is blame]
        return self["why.unproven" if deciding and all(map(is_unproven, deciding)) else f"why.{blame.value}"]

    def approval(self, judged: JudgedChange) -> str:
        """Return who answers for a change, or that nobody has to or does."""
        words = self[f"approval.{judged.approval.value}"]
        until = f", {self['approval.until']} {judged.expires:%Y-%m-%d %H:%M %Z}" if judged.expires else ""
        return f"{words} {judged.owner}{until}".rstrip()

    def outcome(self, outcome: Outcome) -> str:
        """Return the word for how a test ended."""
        return self[f"outcome.{outcome.value}"]


def is_unproven(finding: Finding) -> bool:
    """Whether `finding` holds the release back for want of a proof, and not for anything that the candidate did."""
    return finding.rule == INCIDENTS_PROVEN and finding.blame is Blame.CANDIDATE


TEXTS: dict[str, tuple[str, str]] = {
    "decision.approved": ("approved", "godkendt"),
    "decision.rejected": ("rejected", "afvist"),
    "decision.inconclusive": ("inconclusive", "uafklaret"),
    "blame.interrupted": ("interrupted", "afbrudt"),
    "blame.nothing_tested": ("nothing tested", "intet afprøvet"),
    "blame.environment": ("environment", "testmiljøet"),
    "blame.candidate": ("candidate", "kandidaten"),
    "blame.harness": ("harness", "testværktøjet"),
    "blame.unproven": ("proof missing", "bevis mangler"),
    "blame.nobody": ("note", "bemærkning"),
    "why.interrupted": (
        "The run was interrupted before it could answer; nothing is said about the candidate.",
        "Kørslen blev afbrudt, før den kunne give et svar; den siger intet om kandidaten.",
    ),
    "why.nothing_tested": (
        "Too little was tested to say anything about the candidate.",
        "Der er afprøvet for lidt til at sige noget om kandidaten.",
    ),
    "why.environment": (
        "The environment failed; the candidate is not blamed for it.",
        "Testmiljøet svigtede; det lægges ikke kandidaten til last.",
    ),
    "why.candidate": (
        "The candidate breaks what must hold.",
        "Kandidaten overholder ikke de krav, der skal være opfyldt.",
    ),
    "why.unproven": (
        "Tests of past incidents are not proven, so the release is held back; nothing was found against the candidate.",
        "Tests af tidligere hændelser er ikke bevist, så frigivelsen holdes tilbage; kandidaten selv fejler intet.",
    ),
    "why.harness": (
        "The harness or its surroundings failed; nothing is said about the candidate.",
        "Testværktøjet eller dets omgivelser svigtede; kørslen siger intet om kandidaten.",
    ),
    "why.nobody": (
        "Every rule of the policy holds.",
        "Alle regler i politikken er overholdt.",
    ),
    "outcome.failed": ("failed", "fejlet"),
    "outcome.unreachable": ("no answer", "intet svar"),
    "outcome.unfinished": ("unfinished", "ikke afsluttet"),
    "outcome.broken": ("broken", "testen brød sammen"),
    "outcome.skipped": ("skipped", "sprunget over"),
    "outcome.not_applicable": ("not applicable", "ikke relevant"),
    "outcome.passed": ("passed", "bestået"),
    "short.failed": ("failed", "fejlet"),
    "short.unreachable": ("no answer", "intet svar"),
    "short.unfinished": ("not ended", "ikke endt"),
    "short.broken": ("broken", "brudt"),
    "short.skipped": ("skipped", "sprunget over"),
    "short.not_applicable": ("n/a", "ikke relevant"),
    "short.passed": ("passed", "bestået"),
    "short.executed": ("run", "kørt"),
    "short.floor": ("floor", "mindst"),
    "test.one": ("test", "test"),
    "test.many": ("tests", "tests"),
    "exchange.one": ("exchange", "udveksling"),
    "exchange.many": ("exchanges", "udvekslinger"),
    "more.one": ("more", "mere"),
    "more.many": ("more", "flere"),
    "title": ("Release verdict", "Afgørelse om frigivelse"),
    "of": ("of", "af"),
    "against": ("in production now:", "i drift nu:"),
    "executed": ("executed", "udført"),
    "floor": ("floor", "mindstetal"),
    "below_floor": ("below the floor", "under mindstetallet"),
    "suite": ("suite", "testsamling"),
    "all_suites": ("all suites", "alle testsamlinger"),
    "not_tested": ("Not tested", "Ikke afprøvet"),
    "not_tested.none": (
        "Nothing that was collected was skipped or not applicable.",
        "Ingen af de fundne tests blev sprunget over eller var ikke relevante.",
    ),
    "not_tested.no_reason": ("no reason given", "ingen begrundelse"),
    "not_tested.no_owner": ("no owner", "ingen ansvarlig"),
    "not_tested.empty_suite": ("no test of this suite was found", "der blev ikke fundet nogen test i samlingen"),
    "not_tested.uncollected": ("the file could not be read as tests", "filen kunne ikke læses som tests"),
    "in_the_way": ("What stands in the way", "Hvad der står i vejen"),
    "in_the_way.none": ("Nothing stands in the way.", "Intet står i vejen for frigivelse."),
    "notes": ("Notes", "Bemærkninger"),
    "incidents": ("Past incidents that have come back", "Tidligere hændelser, der er vendt tilbage"),
    "incidents.none": ("No past incident has come back.", "Ingen tidligere hændelse er vendt tilbage."),
    "incidents.hazard": ("What patients would have suffered", "Hvad patienterne ville have været udsat for"),
    "changes": ("What changed since production", "Hvad der er ændret siden drift"),
    "changes.none": (
        "Nothing changed that partners see.",
        "Intet er ændret af det, som andre systemer ser.",
    ),
    "interface.fhir_r4": ("FHIR R4", "FHIR R4"),
    "interface.openapi": ("OpenAPI", "OpenAPI"),
    "interface.hl7v2": ("HL7 v2", "HL7 v2"),
    "interface.database": ("database", "database"),
    "interface.messages": ("messages to partners", "meddelelser til andre systemer"),
    "interface": ("interface", "grænseflade"),
    "grade": ("grade", "alvor"),
    "grade.breaking": ("breaking", "brydende"),
    "grade.risky": ("risky", "risikabel"),
    "grade.safe": ("safe", "uskadelig"),
    "place": ("place", "sted"),
    "change": ("change", "ændring"),
    "change.added": ("added", "tilføjet"),
    "change.removed": ("removed", "fjernet"),
    "change.changed": ("changed", "ændret"),
    "before": ("before", "før"),
    "after": ("after", "efter"),
    "approval": ("approval", "godkendelse"),
    "approval.approved": ("approved by", "godkendt af"),
    "approval.expired": ("approval expired, given by", "godkendelsen er udløbet, givet af"),
    "approval.missing": ("not approved", "ikke godkendt"),
    "approval.not_needed": ("none needed", "ikke nødvendig"),
    "approval.until": ("until", "indtil"),
    "fix": ("What to do", "Gør sådan"),
    "suites": ("Suites", "Testsamlinger"),
    "suites.none": ("No suite was counted.", "Ingen testsamling er talt op."),
    "faults": ("Tests that did not pass", "Tests, der ikke blev bestået"),
    "faults.none": ("No test failed or broke off.", "Ingen test fejlede eller gik i stå."),
    "faults.figure": ("did not pass", "ikke bestået"),
    "not_tested.figure": ("not tested", "ikke afprøvet"),
    "notes.none": ("No notes.", "Ingen bemærkninger."),
    "passed_tests": ("Tests that passed", "Beståede tests"),
    "rules": ("Rules of the policy", "Politikkens regler"),
    "rules.none": ("No rule was asked.", "Ingen regel er efterprøvet."),
    "rule": ("rule", "regel"),
    "holds": ("holds", "overholdt"),
    "broken_rule": ("does not hold", "ikke overholdt"),
    "identities": ("What was tested", "Det afprøvede"),
    "identities.none": ("No service was identified.", "Ingen tjeneste er identificeret."),
    "service": ("service", "tjeneste"),
    "reference": ("reference", "betegnelse"),
    "digest": ("digest", "kontrolsum"),
    "digest.none": ("none", "ingen"),
    "digest.kind": ("taken of", "beregnet af"),
    "kind.image": ("image", "containerbillede"),
    "kind.packages": ("installed packages", "installerede pakker"),
    "kind.declared": ("declared by the site, not seen", "oplyst af stedet, ikke set"),
    "kind.none": ("nothing", "intet"),
    "facts": ("The run", "Kørslen"),
    "fact.run_id": ("run", "kørsel"),
    "fact.system": ("system", "system"),
    "fact.candidate": ("candidate", "kandidat"),
    "fact.baseline": ("baseline", "sammenlignes med"),
    "fact.environment": ("environment", "testmiljø"),
    "fact.seed": ("seed", "startværdi (seed)"),
    "fact.suite_revision": ("suite revision", "testenes version"),
    "fact.policy_digest": ("policy digest", "politikkens kontrolsum"),
    "fact.evidence_digest": ("evidence digest", "bevisernes kontrolsum"),
    "fact.started": ("started", "startet"),
    "fact.finished": ("finished", "afsluttet"),
    "fact.judged": ("judged", "afgjort"),
    "fact.made_by": ("made by", "udført af"),
    "fact.workers": ("workers", "parallelle testprocesser"),
    "fact.manifest": ("manifest", "kørselsplan"),
    "fact.none": ("none", "ingen"),
    "fact.unknown": ("unknown", "ukendt"),
    "fact.no_manifest": ("could not be read", "kunne ikke læses"),
    "reproduce": ("Run it again", "Gentag kørslen"),
    "reproduce.again": ("the same run", "den samme kørsel"),
    "reproduce.judge": ("the same verdict from the evidence, offline", "den samme afgørelse ud fra beviserne, offline"),
    "report": ("Report", "Rapport"),
    "test": ("test", "test"),
    "outcome": ("outcome", "udfald"),
    "reason": ("reason", "begrundelse"),
    "owner": ("owner", "ansvarlig"),
    "severity": ("severity", "alvor"),
    "severity.blocker": ("blocker", "blokerende"),
    "severity.critical": ("critical", "kritisk"),
    "severity.normal": ("normal", "normal"),
    "severity.minor": ("minor", "mindre"),
    "severity.trivial": ("trivial", "ubetydelig"),
    "location": ("location", "sted"),
    "fingerprint": ("fingerprint", "fingeraftryk"),
    "requirement": ("requirement", "krav"),
    "duration": ("seconds", "sekunder"),
    "trace": ("Trace", "Fejlspor"),
    "no_fault": ("no fault was recorded", "der er ikke noteret nogen fejl"),
    "exchanges": ("Exchanges with the candidate", "Udvekslinger med kandidaten"),
    "exchanges.none_recorded": ("No exchange was recorded.", "Der er ikke gemt nogen udveksling."),
    "exchanges.missing": (
        "The recorded exchanges are missing from the evidence.",
        "De gemte udvekslinger mangler blandt beviserne.",
    ),
    "exchanges.outside": (
        "The evidence names a file outside its own folder; it was not read.",
        "Beviserne henviser til en fil uden for deres egen mappe; den er ikke læst.",
    ),
    "exchanges.earlier": ("earlier, in", "tidligere, i"),
    "exchanges.unreadable": (
        "The recorded exchanges cannot be read.",
        "De gemte udvekslinger kan ikke læses.",
    ),
    "request": ("request", "forespørgsel"),
    "response": ("response", "svar"),
    "no_answer": ("no answer", "intet svar"),
    "cut": ("cut here; the whole text is in the evidence", "afkortet her; hele teksten ligger i beviserne"),
    "in_evidence": ("in the evidence and in report.html", "i beviserne og i report.html"),
    "only_first": ("details of the first only", "detaljer vises kun for de første"),
    "contents": ("Show all", "Vis alle"),
    **WINDOW_TEXTS,
}
