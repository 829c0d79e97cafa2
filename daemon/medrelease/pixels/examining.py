"""The front door of the room: one file, every page of it, all detectors.

What comes out is plain data: rectangles, counts, yes or no. No text that was read leaves here but
H&C numbers that passed their check.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2

from medrelease.pixels import codes, decoding, devices, dicom_device, faces, loops, writing
from medrelease.pixels.compact import compact
from medrelease.pixels.components import cover
from medrelease.pixels.deciding import Wish
from medrelease.pixels.faults import CannotDecode, SelfTestFailed, too_large
from medrelease.pixels.frames import is_identification
from medrelease.pixels.mapped import mapped
from medrelease.pixels.nets import Nets
from medrelease.pixels.options import Options
from medrelease.pixels.page import Page, Shown
from medrelease.pixels.region import Region
from medrelease.pixels.views import Frame
from medrelease.pixels.writing import Writing
from medrelease.terms.flow import Examined, Hold, Mask
from medrelease.terms.words import Reason

_STEP = 10
"""In a loop codes and faces are looked for in one frame of so many."""
_NO_MEMORY = Hold(Reason.LIMITS_EXCEEDED, "The picture needs more memory than a worker has.")


def examine(
    source: int, nets: Nets, options: Options, dropped: int | None = None
) -> Examined | Hold:
    """Look at every picture of the file behind the descriptor `source`.

    `dropped` is that of the DICOM object as it was dropped, which still names its device.
    A Hold says why it could not be looked at: `self-test-failed`, or what its decoder found wrong.
    """
    look = _Look(nets, options, time.monotonic() + options.seconds)
    try:
        if dropped is not None:
            look.facts = dicom_device.facts(dropped)
        with mapped(source) as file:
            for page in decoding.pages(file, options.format):
                look.at(page)
        return look.told()
    except CannotDecode as fault:
        return Hold(fault.reason, fault.detail)
    except SelfTestFailed:
        return Hold(Reason.SELF_TEST_FAILED, "The detector did not see the known text.")
    except MemoryError:
        return _NO_MEMORY
    except cv2.error as fault:
        if fault.code != cv2.Error.StsNoMem:
            raise
        return _NO_MEMORY


@dataclass(slots=True)
class _Look:
    """What has been seen so far; `deadline` is a moment of the monotonic clock."""

    nets: Nets
    options: Options
    deadline: float
    facts: devices.Facts | None = None
    masks: list[Mask] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    hc: list[str] = field(default_factory=list)
    share: float = 0.0
    unmaskable: bool = False
    face: bool = False
    eyes_covered: bool = False
    identification_frame: bool = False

    def at(self, page: Page) -> None:
        """Look at one page with every detector. Raises CannotDecode or SelfTestFailed."""
        shown = Shown(page, self._in_time)
        wish = Wish(self.options.keep, self.options.identifiers, page.bits)
        written = self._written(shown, wish)
        found = dict.fromkeys(written.masks, "text")
        shape = shown[0].shape
        for index in _looked_at(shown):
            frame = shown[index]
            seen = codes.find_codes(frame)
            found |= dict.fromkeys(seen.regions, "code")
            self.identification_frame |= is_identification(frame, seen, written.masks)
            self._faces(frame)
            if index in (0, len(shown) // 2 // _STEP * _STEP):
                found = dict.fromkeys(self._known(frame, page), "device") | found
                regions = tuple(found)
                left = writing.still_sees(self.nets.text, frame, regions, wish)
                self._count("residual", left)
        self._keep_masks(page, shown, shape, found)

    def told(self) -> Examined:
        """All that was seen, as plain data. Raises CannotDecode for too many masks."""
        return Examined(
            masks=compact(self.masks),
            text=self.counts.get("text", 0),
            codes=self.counts.get("code", 0),
            devices=self.counts.get("device", 0),
            kept=self.counts.get("kept", 0),
            identifiers=self.counts.get("identifiers", 0),
            residual=self.counts.get("residual", 0),
            hc=tuple(dict.fromkeys(self.hc)),
            masked_share=self.share,
            unmaskable=self.unmaskable,
            face=self.face,
            eyes_covered=self.eyes_covered,
            identification_frame=self.identification_frame,
            models=dict(self.nets.hashes),
        )

    def _written(self, shown: Shown, wish: Wish) -> Writing:
        text = self.nets.text
        if len(shown) > 1:
            written = loops.find_in_loop(text, shown, wish)
        else:
            written = writing.find_writing(text, shown[0], wish)
        if not written.self_test:
            raise SelfTestFailed("the detector did not see the known text")
        self.hc += written.hc
        self._count("kept", written.kept)
        self._count("identifiers", written.identifiers)
        return written

    def _known(self, frame: Frame, page: Page) -> tuple[Region, ...]:
        """What is masked for what is known of the device, besides what the detectors see."""
        return devices.seen_masks(self.facts, frame, page.bits) if self.facts else ()

    def _faces(self, frame: Frame) -> None:
        seen = faces.find_faces(self.nets.face, frame)
        self.face |= seen.recognisable
        self.eyes_covered |= seen.eyes_covered

    def _keep_masks(
        self, page: Page, shown: Shown, shape: tuple[int, ...], found: dict[Region, str]
    ) -> None:
        """Take over what is to be blanked, in the pixels of the stored rows."""
        for region, what in found.items():
            self._count(what, 1)
            place = shown.stored(region, shape)
            self.masks.append(Mask(page.number, place.left, place.top, place.width, place.height))
        if found:
            self.share = max(self.share, float(cover(list(found), shape).mean()))
            self.unmaskable |= not page.maskable

    def _count(self, what: str, number: int) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def _in_time(self) -> None:
        if time.monotonic() > self.deadline:
            raise too_large("The file has more pictures than can be looked at in its time.")


def _looked_at(shown: Shown) -> Iterator[int]:
    """The frames at which the other detectors look, fewer than those that writing is sought in."""
    yield from range(0, len(shown), _STEP)
