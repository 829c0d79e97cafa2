"""STATUS.html as staff see it: opened from the share in a real browser, wide and on a phone."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpora import chromium, sites
from corpora.chromium import Browser
from corpora.sites import FOLDER, HC, Site
from medrelease.notices import status_page
from medrelease.notices.status_page import HeldLine, ReleasedLine, StatusPage
from medrelease.terms.words import Reason, Wait

pytestmark = pytest.mark.skipif(
    chromium.PROGRAM is None, reason="Chromium is not installed: apt-get install chromium"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all of it."""
    opened = Browser(tmp_path_factory.mktemp("browser"))
    yield opened
    opened.close()


def full_page(folder: Path, last_look: datetime) -> Path:
    """A page with long lists and long words."""
    moment = datetime(2026, 11, 23, 17, 40, tzinfo=UTC)
    page = StatusPage(
        site="Medical Photography and Illustration, Royal Victoria Hospital",
        contact="the Medical Photography office, extension 12345",
        last_look=last_look,
        waiting={Wait.REGISTER_UNAVAILABLE: 12, Wait.UNSTABLE: 1},
        held=[
            HeldLine(
                f"01M8D5KB5CTQJMZW1X0VZEXD{n:02}", "publication-in-printed-materials", r, moment
            )
            for n, r in enumerate([Reason.CONSENT_MISSING] * 3 + [Reason.IDENTITY_CONFLICT] * 2)
        ],
        released=[
            ReleasedLine(
                f"01M8D5KFK96YEE5J4XG7G2EM{n:02}", "clinician", "23 02210", n, moment, n == 3
            )
            for n in range(1, 9)
        ],
    )
    place = folder / "STATUS.html"
    place.write_text(status_page.render(page))
    return place


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_it_fits_every_window(browser: Browser, tmp_path: Path, width: int) -> None:
    """Nothing has to be scrolled sideways, on a small phone either; a screenshot is kept."""
    browser.open(full_page(tmp_path, datetime.now(UTC)), width)
    assert browser.value("document.documentElement.scrollWidth") <= width
    assert browser.value("document.getElementById('stale').hidden") is True
    smallest = "Math.min(...[...document.querySelectorAll('td, p')].map("
    smallest += "e => parseFloat(getComputedStyle(e).fontSize)))"
    assert browser.value(smallest) >= 13
    shots = Path(os.environ.get("MEDRELEASE_SCREENSHOTS", tmp_path))
    browser.screenshot(shots / f"status-{width}.png")
    assert (shots / f"status-{width}.png").stat().st_size > 10_000


@pytest.mark.parametrize(("minutes", "grey"), [(0, False), (1, False), (3, True), (600, True)])
def test_it_is_grey_when_the_last_look_is_long_ago(
    browser: Browser, tmp_path: Path, minutes: int, grey: bool
) -> None:
    """The page's own script runs, tells that it is old, and takes the colour away."""
    look = datetime.now(UTC) - timedelta(minutes=minutes)
    browser.open(full_page(tmp_path, look.astimezone()), 1200)
    assert browser.value("document.documentElement.classList.contains('stale')") is grey
    assert browser.value("document.getElementById('stale').hidden") is not grey
    colour = browser.value("getComputedStyle(document.querySelector('main')).filter")
    assert colour == ("grayscale(1)" if grey else "none")
    if grey:
        shots = Path(os.environ.get("MEDRELEASE_SCREENSHOTS", tmp_path))
        browser.screenshot(shots / "status-grey.png")


def test_a_screen_reader_finds_its_way(browser: Browser, tmp_path: Path) -> None:
    """Headings, captions and header cells have names; the table of what is held says why."""
    browser.open(full_page(tmp_path, datetime.now(UTC)), 1200)
    spoken = browser.spoken()
    headings = [name for role, name in spoken if role == "heading"]
    assert headings[1:] == ["Waiting", "Held", "Released in the last days", "Whom to ask"]
    assert {"Why", "Release", "Folder", "Time"} <= {n for r, n in spoken if r == "columnheader"}
    tables = [name for role, name in spoken if role == "table"]
    assert "The patient has not consented to this use: 3 consent-missing" in tables
    assert any(name.startswith("The job register cannot") for r, name in spoken if r == "rowheader")


def test_the_page_of_a_real_site(browser: Browser, site: Site) -> None:
    """It shows what went and what is held by release id, and neither H&C number nor file name."""
    site.drop(f"{FOLDER}/Mrs Applewhite.jpg", sites.jpeg(1))
    site.drop("no number/Mrs Applewhite.jpg", sites.jpeg(2))
    assert site.once().returncode == 3
    browser.open(site.root / "share/STATUS.html", 390)
    text = browser.value("document.body.innerText")
    assert site.events("release.published")[0]["release_id"] in text
    assert site.events("release.held")[0]["release_id"] in text
    assert "23 02210 -1" in text
    assert "identity-missing" in text
    html = (site.root / "share/STATUS.html").read_text()
    assert HC not in html
    assert HC.replace(" ", "") not in re.sub(r"\D", "", re.sub(r"(?s)<style>.*?</style>", "", html))
    assert "Applewhite" not in html
