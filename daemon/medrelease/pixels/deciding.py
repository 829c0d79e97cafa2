"""What becomes of each place that a look takes for writing: it is masked, may stay, or is let go.

A place is known again in later looks. Until something is decided about it, it is read again in
each of them: what one view blurs another shows, and where several agree none has to be sure.
"""

from dataclasses import dataclass, field

from medrelease.pixels import reading
from medrelease.pixels.components import Line, regions
from medrelease.pixels.models import TextModels
from medrelease.pixels.reading import Reading
from medrelease.pixels.region import Region
from medrelease.pixels.seeing import Picture
from medrelease.pixels.views import Frame

MOST_READ = 60
"""Lines of a frame that are read, of likely ones twice as many: a texture may take up the first.
Where there are more, the rest is masked unread."""
AGREED, LEGIBLY = 2, 0.5
"""In how many looks a place that none is sure of has to be likely, and how surely one reads it."""
LARGE, LARGEST = 0.05, 0.2
"""Shares of the frame up to which the main look is believed unread, and a single sign at all."""
CERTAIN = 0.97
"""How likely such a place is where it is large."""
LARGE_SIGN = 0.08
"""Share of the frame from which a single sign has to be likely in several looks."""
SHAPED = 2.5
"""Times its height from which it has the shape of a line, whatever is read."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Terms that may stay, identifiers that may never, and the bits that a sample uses."""

    keep: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    bits: int | None = None


@dataclass(slots=True)
class Place:
    """What has been read at one place so far, and in how many looks it was likely writing."""

    bounds: Region
    said: Reading = reading.UNREAD
    settled: bool = False
    kept: bool = False
    votes: int = 0
    best: float = 0.0

    def read(self, said: Reading, line: Line) -> None:
        """Take in what one more view of it says."""
        self.said = said
        self.votes += line.likelihood >= reading.SINGLE
        if any(one.isalnum() for one in said.text):  # a round spot reads as one
            self.best = max(self.best, said.mean)

    def agreed(self, line: Line, share: float) -> bool:
        """Whether several looks agree on it, though none is sure what it says."""
        if self.votes < AGREED or reading.is_row(self.said):
            return False
        if share < LARGE:
            return self.best >= LEGIBLY
        if share >= LARGEST or line.likelihood < CERTAIN:
            return False
        # The reader knows no Cyrillic and no Arabic: a line of them has the shape of one.
        shaped = line.length >= SHAPED * line.height and not reading.is_stroke(self.said, line)
        return shaped or self.best >= LEGIBLY


@dataclass(slots=True)
class Found:
    """What has been decided about the lines of one frame so far."""

    masks: list[Region] = field(default_factory=list)
    kept: list[Region] = field(default_factory=list)
    identifiers: int = 0
    hc: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def decide(
    models: TextModels, view: Picture, line: Line, wish: Wish, found: Found, *, main: bool
) -> None:
    """Mask a line, or let it stay where it is surely a term that may.

    The main look is believed, unless it floods or doubts itself; the others only where a place
    surely speaks.
    """
    bounds = line.bounds(view.shape)
    place = next((one for one in found.places if alike(one.bounds, bounds)), None)
    most = MOST_READ * (1 + (line.likelihood >= reading.SINGLE))
    unread = place is None and len(found.places) >= most
    if place is None:
        place = Place(bounds)
        if not unread:
            found.places.append(place)
    fresh = place.said is reading.UNREAD
    if not unread and not place.settled and (fresh or line.likelihood >= reading.SINGLE):
        place.read(reading.read(models, view, line), line)
        found.identifiers += reading.names(place.said, wish.identifiers)
        found.hc += reading.hc_numbers(place.said)
    said = place.said
    named = reading.names(said, wish.identifiers)
    if not named and (place.kept or reading.may_stay(said, line, wish.keep)):
        if not place.kept:
            found.kept.append(bounds)
        place.settled = place.kept = True
        return
    share = share_of(line, view)
    believed = main and share < LARGE
    believed &= unread or not reading.is_doubtful(said, line, share)
    surely = speaks(said, line, share) and (
        share < LARGE_SIGN or len(said.text) > 1 or place.votes >= AGREED
    )
    if named or believed or surely or place.agreed(line, share):
        place.settled = True
        found.masks += regions(line, view.shape)
        found.lines.append(line)


def speaks(said: Reading, line: Line, share: float) -> bool:
    """Whether a place surely is one of writing, a single sign only up to a size that one has."""
    return reading.speaks(said, line) and (share < LARGEST or len(said.text) > 1)


def share_of(line: Line, view: Frame) -> float:
    """The share of a view that a line takes."""
    return line.length * line.height / float(view.shape[0] * view.shape[1])


def alike(one: Region, other: Region) -> bool:
    """Whether two rectangles are about the same: half of their union is shared."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(width, 0) * max(height, 0)
    return 2 * shared >= one.area + other.area - shared
