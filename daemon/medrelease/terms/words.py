"""The fixed words: purposes, bases, kinds, formats, reasons and events.

Each enumeration is a closed list that DESIGN.md section 5 fixes; the values are what stands
in configuration files, register cells and the audit trail.
"""

from enum import StrEnum


class Purpose(StrEnum):
    """What a route sends images for."""

    CARE = "care"
    TEACHING = "teaching"
    PRINT = "print"
    INTERNET = "internet"
    RESEARCH = "research"


class Consent(StrEnum):
    """A purpose that a patient can permit: a set, not a ladder (Trust policy, question 1)."""

    RECORD = "record"
    TEACHING = "teaching"
    PRINT = "print"
    INTERNET = "internet"


class Basis(StrEnum):
    """On what ground a release is permitted (DESIGN.md section 2, rule 3)."""

    CARE = "care"
    CONSENT = "consent"
    GMC_10 = "gmc-10"
    STUDY_CONSENT = "study-consent"
    SECONDARY_RESEARCH = "secondary-research"


class Kind(StrEnum):
    """What an image shows, in the terms of GMC, Making and using recordings, paragraph 10."""

    PHOTOGRAPH = "photograph"
    INTERNAL = "internal"
    PATHOLOGY_SLIDE = "pathology-slide"
    ENDOSCOPY = "endoscopy"
    ORGAN_FUNCTION = "organ-function"
    ULTRASOUND = "ultrasound"
    X_RAY = "x-ray"


class Identifiability(StrEnum):
    """What the record may call a released file (rule 12)."""

    IDENTIFIABLE_CODED = "identifiable-coded"
    PSEUDONYMISED = "pseudonymised"
    ANONYMISED = "anonymised"


class Format(StrEnum):
    """A file format, by its bytes; the value is the name in the trail."""

    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    BMP = "bmp"
    GIF = "gif"
    WEBP = "webp"
    HEIC = "heic"
    AVIF = "avif"
    JP2 = "jp2"
    SVS = "svs"
    DICOM = "dicom"

    @property
    def extension(self) -> str:
        """The extension of a coded name, lower case with its dot (DESIGN.md 5.1)."""
        return _EXTENSIONS.get(self, f".{self.value}")


_EXTENSIONS = {Format.JPEG: ".jpg", Format.TIFF: ".tif", Format.DICOM: ".dcm"}


class Proof(StrEnum):
    """How the finished picture was shown to be the source's picture."""

    CODED_IDENTICAL = "coded-identical"
    PIXELS_IDENTICAL = "pixels-identical"
    RE_ENCODED = "re-encoded"


class Pixels(StrEnum):
    """Whether the pixels of a released file were examined (rule 7)."""

    NOT_EXAMINED = "not-examined"
    EXAMINED = "examined"


class Speaker(StrEnum):
    """Who can say a job, image or H&C number (DESIGN.md 5.3)."""

    PATH = "path"
    REGISTER = "register"
    DICOM = "dicom"
    PIXELS = "pixels"


class Wait(StrEnum):
    """Why a file is not taken yet: it waits and is neither held nor lost."""

    UNSTABLE = "unstable"
    REGISTER_UNAVAILABLE = "register-unavailable"
    NO_SPACE = "no-space"
    SHARE_GONE = "share-gone"


class Outcome(StrEnum):
    """The three dispositions a dropped file can end in."""

    RELEASED = "released"
    HELD = "held"
    REPEATED = "repeated"


class Reason(StrEnum):
    """Why a file is held: the whole list of DESIGN.md 5.6."""

    IDENTITY_MISSING = "identity-missing"
    IDENTITY_CONFLICT = "identity-conflict"
    HC_NUMBER_INVALID = "hc-number-invalid"
    IMAGE_NUMBER_TAKEN = "image-number-taken"
    OTHER_PATIENT = "other-patient"
    JOB_NOT_REGISTERED = "job-not-registered"
    REGISTER_ROW_INVALID = "register-row-invalid"
    CONSENT_MISSING = "consent-missing"
    CONSENT_NOT_YET = "consent-not-yet"
    CONSENT_EXPIRED = "consent-expired"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    STUDY_CONSENT_MISSING = "study-consent-missing"
    STUDY_ENDED = "study-ended"
    APPROVAL_NEEDED = "approval-needed"
    RECOGNISABLE_FACE = "recognisable-face"
    EYES_COVERED = "eyes-covered"
    IDENTIFICATION_FRAME = "identification-frame"
    RESIDUAL_TEXT = "residual-text"
    RESIDUAL_IDENTIFIER = "residual-identifier"
    PIXELS_NOT_EXAMINED = "pixels-not-examined"
    SELF_TEST_FAILED = "self-test-failed"
    MASK_TOO_LARGE = "mask-too-large"
    MASK_NOT_POSSIBLE = "mask-not-possible"
    FORMAT_NOT_SUPPORTED = "format-not-supported"
    DECODER_MISSING = "decoder-missing"
    UNREADABLE = "unreadable"
    INCOMPLETE = "incomplete"
    EMPTY = "empty"
    MALFORMED = "malformed"
    LIMITS_EXCEEDED = "limits-exceeded"
    WORKER_FAILED = "worker-failed"
    HARD_LINK = "hard-link"
    DEFECT = "defect"


AWAITING_REGISTER = frozenset(
    {
        Reason.JOB_NOT_REGISTERED,
        Reason.REGISTER_ROW_INVALID,
        Reason.CONSENT_MISSING,
        Reason.CONSENT_NOT_YET,
        Reason.CONSENT_EXPIRED,
        Reason.CONSENT_WITHDRAWN,
        Reason.STUDY_CONSENT_MISSING,
        Reason.STUDY_ENDED,
    }
)
"""The reasons that are looked at again by themselves when the register changes."""


class Event(StrEnum):
    """What a line of the trail tells (DESIGN.md 5.5)."""

    RELEASE_INTENDED = "release.intended"
    RELEASE_PUBLISHED = "release.published"
    RELEASE_HELD = "release.held"
    RELEASE_REPEATED = "release.repeated"
    RELEASE_REMOVED = "release.removed"
    HOLD_RESOLVED = "hold.resolved"
    ORIGINAL_DISPOSED = "original.disposed"
    ORIGINAL_RESTORED = "original.restored"
    LINKAGE_READ = "linkage.read"
    SERVICE_STARTED = "service.started"
    SERVICE_STOPPED = "service.stopped"
    CONFIG_LOADED = "config.loaded"
    SECURITY_ALERT = "security.alert"
    LOG_OPENED = "log.opened"
    LOG_RECOVERED = "log.recovered"
    LOG_NOTE = "log.note"
