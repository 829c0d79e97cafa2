"""What staff read: every reason explained, notes and the status page without identifiers."""

import base64
import hashlib
import subprocess
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from corpora.trails import HC, ULID
from medrelease.notices import status_page, why_note
from medrelease.notices.reasons import APPROVABLE, EXPLANATIONS, WAITS, verdict
from medrelease.notices.status_page import HeldLine, ReleasedLine, StatusPage
from medrelease.terms.flow import Hold
from medrelease.terms.words import AWAITING_REGISTER, Reason, Wait

NOW = datetime(2026, 11, 23, 17, 40, tzinfo=UTC)
POLICY = "Photography, digital and video imaging of Service Users"


def note(reason: Reason, detail: str = "", contact: str = "Ann, ext. 12") -> list[str]:
    """The lines of a note."""
    text = why_note.render(
        Hold(reason, detail), release_id=ULID, contact=contact, policy_title=POLICY
    )
    assert text.endswith(f"\n{POLICY}\n")
    return text.splitlines()


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_explained_in_at_most_two_steps(reason: Reason) -> None:
    """The catalogue is whole, and each entry is short."""
    told = EXPLANATIONS[reason]
    assert 1 <= len(told.remedy) <= 2
    assert not told.title.endswith(".")
    assert told.cause.endswith(".")
    assert all(step.endswith(".") for step in told.remedy)


def test_waits_and_reasons_are_covered_and_verdicts_differ() -> None:
    """No word without its explanation, and no two reasons with the same first line."""
    assert EXPLANATIONS.keys() == set(Reason)
    assert WAITS.keys() == set(Wait)
    assert len({verdict(reason) for reason in Reason}) == len(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_a_note_says_verdict_steps_contact_code_release_and_policy(reason: Reason) -> None:
    """In the order of DESIGN.md 5.6, each on a line of its own."""
    lines = note(reason)
    places = [
        0,
        lines.index("What to do:"),
        lines.index("Ask: Ann, ext. 12"),
        lines.index(f"Reason: {reason.value}"),
        lines.index(f"Release: {ULID}"),
        lines.index(POLICY),
    ]
    assert lines[0] == verdict(reason)
    assert places == sorted(places)
    assert all(len(line) <= 80 for line in lines)


def test_amended_consent_is_asked_for_in_the_policys_words() -> None:
    """DESIGN.md section 2, rule 5."""
    text = " ".join(" ".join(note(Reason.CONSENT_MISSING)).split())
    assert (
        "Ask the requesting clinician to seek amended consent from the patient or a representative."
    ) in text


def test_an_unsupported_format_is_to_be_exported() -> None:
    """The note says what would go."""
    assert "TIFF or JPEG" in " ".join(note(Reason.FORMAT_NOT_SUPPORTED))


def test_approval_is_offered_where_it_is_possible_and_nowhere_else() -> None:
    """Four reasons may be approved."""
    offering = {r for r in Reason if any(".APPROVE" in s for s in EXPLANATIONS[r].remedy)}
    assert offering == APPROVABLE
    assert not offering & AWAITING_REGISTER


def test_a_detail_cannot_pose_as_another_line() -> None:
    """Line breaks and control characters of a detail or a contact are blanks."""
    lines = note(Reason.MALFORMED, "a\nRelease: X\x1b[31m", contact="Ann\r\nReason: none")
    assert "Detail: a Release: X [31m" in lines
    assert "Ask: Ann Reason: none" in lines
    assert not any(line.startswith("Detail") for line in note(Reason.MALFORMED))


class Outline(HTMLParser):
    """The elements of a page and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.script = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Collect text, and the script apart from it."""
        if self.cdata_elem == "script":
            self.script += data
        else:
            self.words.append(data)


def page(**changed: object) -> StatusPage:
    """A page with something of everything."""
    values: dict[str, object] = {
        "site": "Medical Illustration",
        "contact": "Ann",
        "last_look": NOW,
        "waiting": {Wait.UNSTABLE: 2},
        "held": [HeldLine(ULID, "print", Reason.CONSENT_MISSING, NOW)],
        "released": [
            ReleasedLine(ULID, "clinician", "23 02210", 1, NOW, study=False),
            ReleasedLine(ULID[:-1] + "B", "secret study", "24 00001", 2, NOW, study=True),
        ],
    }
    return StatusPage(**(values | changed))  # type: ignore[arg-type]


def outline(html: str) -> Outline:
    """A page, taken apart."""
    parser = Outline()
    parser.feed(html)
    return parser


def test_the_page_shows_counts_holds_and_releases() -> None:
    """Waiting by cause, held by reason, released with job and image."""
    text = " ".join(outline(status_page.render(page())).words)
    for said in ("2 waiting", "The patient has not consented", ULID, "23 02210 -1", "23 November"):
        assert said in text


def test_a_study_shows_nothing_but_its_release_ids() -> None:
    """Neither route nor job nor time of a release to a study is on the page."""
    html = status_page.render(page())
    assert ULID[:-1] + "B" in html
    assert "secret study" not in html
    assert "24 00001" not in html


def test_every_value_is_escaped() -> None:
    """Markup in a route, site or contact is text."""
    evil = "<script>alert(1)</script>\"'&"
    html = status_page.render(
        page(site=evil, contact=evil, held=[HeldLine(evil, evil, Reason.EMPTY, NOW)])
    )
    found = outline(html)
    assert [tag for tag, _ in found.elements].count("script") == 1
    assert "alert(1)" not in found.script
    assert evil in "".join(found.words)


def test_the_page_is_self_contained_and_accessible() -> None:
    """No request leaves it; it has a language, a title, headings, captions and header cells."""
    found = outline(status_page.render(page()))
    tags = [tag for tag, _ in found.elements]
    assert not {"link", "img", "iframe", "base", "object"} & set(tags)
    assert not any("src" in attributes or "href" in attributes for _, attributes in found.elements)
    assert ("html", {"lang": "en-GB"}) in found.elements
    assert {"title", "main", "h1", "h2"} <= set(tags)
    assert tags.count("caption") == tags.count("table")
    assert all(attributes.get("scope") for tag, attributes in found.elements if tag == "th")


def test_the_page_allows_its_own_script_and_no_other() -> None:
    """The policy in the page names the hash of the very script that stands in it."""
    found = outline(status_page.render(page()))
    digest = base64.b64encode(hashlib.sha256(found.script.encode()).digest()).decode()
    policies = [
        attributes["content"]
        for _, attributes in found.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == [
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    ]


def test_long_lists_show_the_newest_and_count_the_rest() -> None:
    """A busy week makes no page of megabytes; what is not listed is counted."""
    lines = [
        ReleasedLine(f"R{number:05}", "clinician", "23 02210", number, NOW, study=False)
        for number in range(1000)
    ]
    held = [HeldLine(f"H{number:05}", "print", Reason.EMPTY, NOW) for number in range(1000)]
    html = status_page.render(page(released=lines, held=held))
    assert html.index("R00999") < html.index("R00801")
    assert "R00799" not in html
    assert "H00999" in html
    assert "H00799" not in html
    words = " ".join(outline(html).words)
    for said in ("1000 released", "800 earlier", ": 1000", "800 that are held longer"):
        assert said in words
    assert len(html) < 100_000


def test_an_empty_page_says_so() -> None:
    """A site that has done nothing yet has a page that says it."""
    nothing = page(last_look=None, waiting={}, held=[], released=[])
    text = " ".join(outline(status_page.render(nothing)).words)
    for said in ("Nothing waits", "Nothing is held", "Nothing was released", "none yet"):
        assert said in text
    assert HC not in text


def test_verbs_that_only_read_load_nothing_heavy() -> None:
    """Catalogue, ledger reader and trail reader need neither cryptography nor a template engine."""
    script = (
        "import sys, medrelease.notices.reasons, medrelease.ledger.reader\n"
        "import medrelease.audit.reading, medrelease.audit.search\n"
        "print(*{'cryptography', 'jinja2', 'pydantic', 'numpy', 'PIL'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
