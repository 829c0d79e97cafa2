"""STATUS.html in the share: what the people who only see a folder may know of the service."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from medrelease.audit.line import timestamp
from medrelease.ledger.store import Release
from medrelease.notices import status_page
from medrelease.notices.status_page import HeldLine, ReleasedLine, StatusPage
from medrelease.release.desk import Desk
from medrelease.spool import pages
from medrelease.spool.layout import STATUS_MODE, STATUS_PAGE
from medrelease.terms.words import Reason, Wait

_DAYS = 7


def write(desk: Desk, site: str, waits: Mapping[Wait, int]) -> None:
    """Write the page anew. Raises Transient where the share cannot take it."""
    now = desk.clock()
    since = timestamp(now - timedelta(days=_DAYS))
    page = StatusPage(
        site=site,
        contact=desk.rules.contact,
        last_look=now.astimezone(),
        waiting=waits,
        held=[_held(release) for release in desk.ledger.held()],
        released=[_released(release) for release in desk.ledger.published_since(since)],
    )
    pages.write(desk.layout.share / STATUS_PAGE, status_page.render(page), STATUS_MODE)


def _held(release: Release) -> HeldLine:
    return HeldLine(
        release.release_id,
        release.route or "",
        Reason(release.reason or Reason.DEFECT),
        datetime.fromisoformat(release.since).astimezone(),
    )


def _released(release: Release) -> ReleasedLine:
    """A released file; the page shows of a study route only its release id."""
    return ReleasedLine(
        release.release_id,
        release.route or "",
        release.job_no,
        release.image_no,
        datetime.fromisoformat(release.published_at or release.since).astimezone(),
        study=release.study is not None,
    )
