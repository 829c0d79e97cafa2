"""Every purpose x consent x kind x dates x withdrawal x route flag, against the policy's words.

`expected` below states the policy a second time, from DESIGN.md section 2 and in another shape
than the program: it collects, paragraph by paragraph, every basis that stands and every thing
that stands in its way, and knows nothing of how `decide` goes about it.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from corpora.routes import route
from medrelease.policy.row import Row
from medrelease.policy.rules import Question, decide
from medrelease.terms.flow import Hold, Permit
from medrelease.terms.route import Study
from medrelease.terms.words import Consent, Kind, Purpose

TODAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = TODAY - timedelta(1), TODAY + timedelta(1)

CONSENTS = [
    frozenset(Consent(word) for word in words.split())
    for words in (
        "",
        "record",
        "teaching print internet",
        "record teaching",
        "record print",
        "record internet",
        "record print internet",
        "record teaching print internet",
    )
]
KINDS = [None, Kind.PHOTOGRAPH, Kind.X_RAY]
DATES = [None, YESTERDAY, TODAY, TOMORROW]


@dataclass(frozen=True)
class Facts:
    """One line of the table, in plain words."""

    purpose: str
    consent: frozenset[Consent] | None
    dicom: str | None
    register_kind: Kind | None
    gmc10: str
    approval: str
    begins: date | None
    ends: date | None
    withdrawn: date | str | None
    examined: bool
    face: bool | None
    approved: bool
    basis: str = "consent"
    studies: frozenset[str] = frozenset()
    study_ends: date | None = None
    eyes: bool | None = None
    linkage_kept: bool = True

    def question(self) -> Question:
        """The same line as the program's own question."""
        research = self.purpose == "research"
        study = Study("ABC", self.study_ends, self.basis) if research else None  # type: ignore[arg-type]
        care = self.purpose == "care"
        asked = route(
            Purpose(self.purpose),
            hsc=care,
            filename="{job} -{image}-{hc}" if care else "{subject} -{image}",
            gmc10=self.gmc10,
            approval=self.approval,
            study=study,
        )
        row = None
        if self.consent is not None:
            row = Row(
                job="23 02210",
                consent=self.consent,
                kind=self.register_kind,
                consent_date=self.begins,
                expires=self.ends,
                withdrawn=self.withdrawn if isinstance(self.withdrawn, date) else None,
                withdrawn_unreadable=self.withdrawn == "?",
                studies=self.studies,
            )
        return Question(
            route=asked,
            row=row,
            dicom_kind=Kind(self.dicom) if self.dicom not in (None, "silent") else None,
            is_dicom=self.dicom is not None,
            today=TODAY,
            pixels_examined=self.examined,
            face=self.face,
            approved=self.approved,
            eyes_covered=self.eyes,
            linkage_kept=self.linkage_kept,
        )


def secondary() -> Iterator[Facts]:
    """Care, teaching, print and internet: the dates one by one, everything else crossed."""
    dated = [(None, None, None)]
    dated += [(begins, None, None) for begins in DATES[1:]]
    dated += [(None, ends, None) for ends in DATES[1:]]
    dated += [(None, None, withdrawn) for withdrawn in (YESTERDAY, TODAY, TOMORROW, "?")]
    dated += [(TOMORROW, YESTERDAY, None), (TOMORROW, None, TODAY)]
    for purpose, consent, dicom, kind, gmc10, when, looked, (
        approval,
        approved,
    ) in itertools.product(
        ["care", "teaching", "print", "internet"],
        [None, *CONSENTS],
        [None, "silent", "photograph", "internal"],
        KINDS,
        ["dicom", "register", "off"],
        dated,
        [(False, None), (True, None), (True, False), (True, True)],
        [("none", False), ("required", False), ("none", True)],
    ):
        if consent is None and (kind is not None or when != (None, None, None)):
            continue
        yield Facts(purpose, consent, dicom, kind, gmc10, approval, *when, *looked, approved)


def research() -> Iterator[Facts]:
    """Research: both bases of a study, its end, the patient's consent to it, and the dates."""
    for consent, basis, studies, ends, when, looked, (approval, approved) in itertools.product(
        [None, frozenset(), frozenset({Consent.RECORD}), frozenset(Consent)],
        ["consent", "secondary"],
        [frozenset(), frozenset({"ABC"}), frozenset({"ABCD"})],
        DATES,
        itertools.product(DATES, DATES, [*DATES, "?"]),
        [(False, None), (True, None), (True, False), (True, True)],
        [("none", False), ("required", False), ("required", True)],
    ):
        yield Facts(
            "research", consent, "internal", None, "dicom", approval, *when, *looked, approved,
            basis=basis, studies=studies, study_ends=ends,
        )  # fmt: skip


def looked_at() -> Iterator[Facts]:
    """What was seen in the picture, on every purpose and basis, with and without a linkage."""
    for purpose, consent, dicom, eyes, looked, kept, basis, withdrawn, (
        approval,
        approved,
    ) in itertools.product(
        ["care", "teaching", "print", "internet", "research"],
        [frozenset({Consent.RECORD}), frozenset(Consent)],
        ["photograph", "internal"],
        [None, False, True],
        [(False, None), (True, None), (True, False), (True, True)],
        [True, False],
        ["consent", "secondary"],
        [None, TODAY],
        [("none", False), ("required", False), ("required", True)],
    ):
        yield Facts(
            purpose, consent, dicom, None, "dicom", approval, None, None, withdrawn, *looked,
            approved, basis=basis, studies=frozenset({"ABC"}), eyes=eyes, linkage_kept=kept,
        )  # fmt: skip


def bases(facts: Facts) -> set[str]:
    """Paragraph 3: the grounds that stand, whatever may yet stand in their way."""
    consent = facts.consent or frozenset()
    found = set()
    if facts.purpose == "care":
        found.add("care")
    if facts.purpose == "research":
        if facts.basis == "secondary":
            found.add("secondary-research")
        elif "ABC" in facts.studies and in_force(facts):
            found.add("study-consent")
    elif facts.purpose in consent and in_force(facts):
        found.add("consent")
    if facts.purpose in ("teaching", "print", "internet") and gmc_kind(facts) != "no":
        found.add("gmc-10")
    return found


def in_force(facts: Facts) -> bool:
    """Paragraph 4: consent counts from its date to its last day, both included."""
    first, last = facts.begins or date.min, facts.ends or date.max
    return first <= TODAY <= last


def gmc_kind(facts: Facts) -> str:
    """Paragraph 6: who says that it is of a kind of GMC 10: "dicom", "register" or "no"."""
    said = {facts.dicom, facts.register_kind and facts.register_kind.value}
    if "photograph" in said or facts.gmc10 == "off":
        return "no"
    if facts.dicom == "internal":
        return "dicom"
    register = facts.dicom is None and facts.gmc10 == "register" and facts.register_kind
    return "register" if register else "no"


def objections(facts: Facts) -> Iterator[str]:
    """What stops every basis: paragraph 11's end of the study, 5.3's register, paragraph 4."""
    if facts.purpose == "research" and facts.study_ends == YESTERDAY:
        yield "study-ended"
    if facts.consent is None:
        if facts.purpose != "care":
            yield "job-not-registered"
        return
    if "record" not in facts.consent:
        yield "consent-missing"
    if facts.purpose != "care" and facts.withdrawn in (YESTERDAY, TODAY, "?"):
        yield "consent-withdrawn"


def refusals(facts: Facts) -> Iterator[str]:
    """Why no basis stands (paragraphs 3 to 5)."""
    if facts.purpose == "research" and "ABC" not in facts.studies:
        yield "study-consent-missing"
    elif facts.purpose != "research" and facts.purpose not in (facts.consent or ()):
        yield "consent-missing"
    elif facts.begins == TOMORROW:
        yield "consent-not-yet"
    else:
        yield "consent-expired"


def conditions(facts: Facts, basis: str) -> Iterator[str]:
    """What a basis asks for besides: paragraphs 7, 8 and 9, in this order."""
    if basis in ("gmc-10", "study-consent", "secondary-research") and not facts.examined:
        yield "pixels-not-examined"
    if facts.eyes and facts.purpose != "care":
        yield "eyes-covered"
    if basis in ("gmc-10", "secondary-research"):
        yield from {None: ["pixels-not-examined"], True: ["recognisable-face"]}.get(facts.face, [])
    published = basis == "gmc-10" and facts.purpose in ("print", "internet")
    by_register = basis == "gmc-10" and gmc_kind(facts) == "register"
    if (published or by_register or facts.approval == "required") and not facts.approved:
        yield "approval-needed"


def expected(facts: Facts) -> str:
    """The verdict in the trail's words: `held: reason`, or `basis, identifiability, pixels`."""
    stopped = list(objections(facts))
    if stopped:
        return f"held: {stopped[0]}"
    grounds = bases(facts)
    if not grounds:
        return f"held: {next(refusals(facts))}"
    basis = "consent" if "consent" in grounds else grounds.pop()
    unmet = list(conditions(facts, basis))
    if unmet:
        return f"held: {unmet[0]}"
    return f"{basis}, {identifiability(facts)}, {'examined' if facts.examined else 'not-examined'}"


def identifiability(facts: Facts) -> str:
    """Paragraph 12: a name with the number, a face or unseen pixels leave a file identifiable."""
    if facts.purpose == "care" or not facts.examined or facts.face is not False:
        return "identifiable-coded"
    return "pseudonymised" if facts.linkage_kept else "anonymised"


def verdict(decision: Permit | Hold) -> str:
    """A decision in the words of `expected`."""
    if isinstance(decision, Hold):
        return f"held: {decision.reason.value}"
    return ", ".join((decision.basis, decision.identifiability, decision.pixels))


def compare(table: Iterator[Facts]) -> Counter[str]:
    """Decide every line, compare, and count the verdicts."""
    seen: Counter[str] = Counter()
    for facts in table:
        question = facts.question()
        found = verdict(decide(question))
        assert found == expected(facts), facts
        if Kind.PHOTOGRAPH in (facts.register_kind, question.dicom_kind):
            assert not found.startswith("gmc-10"), facts
        seen[found] += 1
    return seen


def test_care_and_secondary_purposes() -> None:
    """Every line of care, teaching, print and internet is decided as the policy's words say."""
    seen = compare(secondary())
    assert {
        "care, identifiable-coded, not-examined",
        "consent, identifiable-coded, not-examined",
        "consent, pseudonymised, examined",
        "gmc-10, pseudonymised, examined",
        "held: approval-needed",
        "held: consent-expired",
        "held: consent-missing",
        "held: consent-not-yet",
        "held: consent-withdrawn",
        "held: job-not-registered",
        "held: pixels-not-examined",
        "held: recognisable-face",
    } <= set(seen)
    assert not any(found.startswith(("study", "secondary")) for found in seen)


def test_what_was_seen_in_the_picture() -> None:
    """Covered eyes stop every purpose but care, and no linkage makes a file anonymised."""
    seen = compare(looked_at())
    assert {
        "care, identifiable-coded, examined",
        "consent, anonymised, examined",
        "gmc-10, anonymised, examined",
        "secondary-research, anonymised, examined",
        "study-consent, anonymised, examined",
        "held: eyes-covered",
        "held: recognisable-face",
        "held: consent-withdrawn",
    } <= set(seen)
    assert not any(f.startswith(("gmc-10, iden", "secondary-research, iden")) for f in seen)


def test_research() -> None:
    """Every line of research is decided as the policy's words say, and never on GMC 10."""
    seen = compare(research())
    assert {
        "study-consent, pseudonymised, examined",
        "study-consent, identifiable-coded, examined",
        "secondary-research, pseudonymised, examined",
        "held: study-ended",
        "held: study-consent-missing",
        "held: consent-not-yet",
        "held: consent-expired",
        "held: consent-withdrawn",
        "held: recognisable-face",
        "held: approval-needed",
    } <= set(seen)
    assert not any(found.startswith("gmc-10") for found in seen)
