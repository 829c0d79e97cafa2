"""What flows through a release: Arrival -> Claim -> Identified -> Permit | Hold -> Sanitised
-> Verified -> Published. Each step takes the last one's value and returns the next.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from medrelease.terms.words import (
    Basis,
    Format,
    Identifiability,
    Pixels,
    Proof,
    Reason,
    Speaker,
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file looked like: any difference between two stamps means it was touched.

    Sizes in bytes, times in nanoseconds since the epoch, as `os.stat_result` gives them.
    """

    dev: int
    ino: int
    size: int
    mtime_ns: int
    ctime_ns: int
    nlink: int
    uid: int

    def same_bytes(self, other: "Stamp") -> bool:
        """True when nothing says that the content changed (a rename moves ctime on)."""
        return (self.dev, self.ino, self.size, self.mtime_ns, self.nlink) == (
            other.dev,
            other.ino,
            other.size,
            other.mtime_ns,
            other.nlink,
        )


@dataclass(frozen=True, slots=True)
class Arrival:
    """A regular file that the scan found quiet: `path` is relative to its route folder.

    `path` is raw bytes with '/' between parts, since a name need not be UTF-8.
    """

    route: str
    path: bytes
    stamp: Stamp
    source: Literal["outbox", "held"] = "outbox"


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that only the service can reach by name; `work` is its private folder's name."""

    release_id: str
    route: str
    path: bytes
    stamp: Stamp
    source: Literal["outbox", "held"]
    leased: bool
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Hold:
    """The file may not go. `detail` is for people and never carries a value of the file.

    `spoken` says who spoke for job, image and H&C number where they could not be settled.
    """

    reason: Reason
    detail: str = ""
    spoken: Mapping[str, tuple[Speaker, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Permit:
    """The file may go, on this ground."""

    basis: Basis
    identifiability: Identifiability
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose image it is: canonical numbers, and who spoke for each (DESIGN.md 5.3)."""

    job: str
    image: int | None
    hc: str | None
    spoken: Mapping[str, tuple[Speaker, ...]]
    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """What a worker's first look says: the format, and a DICOM object's own words.

    `dicom_hc` is the PatientID where it reads as ten digits, canonical `012 345 6789`; `native`
    says that the picture cannot be cleaned and proved without a native decoder.
    """

    format: Format
    sha256: str
    size: int
    sop_class_uid: str | None = None
    modality: str | None = None
    dicom_hc: str | None = None
    native: bool = False


@dataclass(frozen=True, slots=True)
class Mask:
    """A rectangle of the stored picture that is to be blanked, in pixels from its upper left.

    `page` counts from 0: the page of a TIFF, the frame of a GIF, WebP or DICOM object; None is
    every one of them. The coordinates are those of the stored rows, before any orientation.
    """

    page: int | None
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Examined:
    """What a worker saw in the pixels of a cleaned file. No text that was read is in here.

    `masks` are all regions of writing that may not stay, of codes, and where the device is known
    to write names; `text`, `codes` and `devices` count them, `kept` the terms that may stay,
    `identifiers` those of the register or the path.
    `residual` counts places where dearer looks still see writing outside of the masks. `hc` are
    canonical H&C numbers that were read surely and pass modulus 11. `masked_share` is the largest
    share of a frame under masks, 0 to 1; `unmaskable`: a mask lies where nothing can be blanked.
    `models` are the SHA-256 (hexadecimal) of the models' files by name.
    """

    masks: tuple[Mask, ...] = ()
    text: int = 0
    codes: int = 0
    devices: int = 0
    kept: int = 0
    identifiers: int = 0
    residual: int = 0
    hc: tuple[str, ...] = ()
    masked_share: float = 0.0
    unmaskable: bool = False
    face: bool = False
    eyes_covered: bool = False
    identification_frame: bool = False
    models: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sanitised:
    """A cleaned file in the work folder, not yet believed."""

    format: Format
    actions: Mapping[str, int] = field(default_factory=dict)
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """A cleaned file that the verifier accepted on its own reading of the bytes."""

    claim: Claim
    work: str
    format: Format
    sha256: str
    size: int
    source_sha256: str
    proof: Proof
    actions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Published:
    """A file that stands under its coded name in the route's released folder."""

    verified: Verified
    coded_name: str


Fields = Mapping[str, Any]
"""The fields of one audit record that an event sets; the others are null."""
