"""The one catalogue of reasons: what a person reads wherever the program names one.

Notes beside held files, `held show`, the README and the journal's message catalogue are all made
from this table. Plain words for a photographer; at most two steps; no value of any file.
"""

from dataclasses import dataclass

from medrelease.terms.words import Reason, Wait

APPROVABLE = frozenset(
    {
        Reason.APPROVAL_NEEDED,
        Reason.RESIDUAL_TEXT,
        Reason.MASK_TOO_LARGE,
        Reason.IDENTIFICATION_FRAME,
    }
)
"""The reasons that a second person may approve, and no others (DESIGN.md 5.6)."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reason in words: `title` completes "Not sent: "; `remedy` has one or two steps."""

    title: str
    cause: str
    remedy: tuple[str, ...]


_AGAIN = "Then move the file back into the outbox."
_SOURCE = "Save or export the picture again from where it came from, and drop that file instead."
_AMEND = (
    "Ask the requesting clinician to seek amended consent from the patient or a representative."
)
_BY_ITSELF = "Enter it in the job register: the file then goes by itself."
_APPROVE = (
    "If it may go as it is, a second person, not the one who dropped it, makes a new file beside "
    "it, named like it with .APPROVE at the end."
)
_SUPPORT = "Tell the person who looks after this service, and give the release id below."

EXPLANATIONS: dict[Reason, Explanation] = {
    Reason.IDENTITY_MISSING: Explanation(
        "it is not clear whose picture this is",
        "A number that the coded name needs is found neither in the folder or file name nor in "
        "the job register.",
        ("Put the job number, and the H&C number where needed, into the folder's name.", _AGAIN),
    ),
    Reason.IDENTITY_CONFLICT: Explanation(
        "the numbers contradict each other",
        "Folder and file name, job register, and the file itself do not name the same patient, "
        "job or image.",
        ("Find out whose picture it is, and correct what is wrong.", _AGAIN),
    ),
    Reason.HC_NUMBER_INVALID: Explanation(
        "the H&C number is mistyped",
        "The check digit of the H&C number does not fit, so at least one digit is wrong.",
        ("Look the H&C number up and correct it where it was typed.", _AGAIN),
    ),
    Reason.IMAGE_NUMBER_TAKEN: Explanation(
        "another picture already has this image number",
        "A different picture of the same job was released under this number.",
        ("Give the picture another image number, or none: it then gets the next free one.", _AGAIN),
    ),
    Reason.OTHER_PATIENT: Explanation(
        "the same picture was released for another patient",
        "Exactly this file has gone out before under another H&C number.",
        (
            "Find out whose picture it is. If the earlier release was wrong, tell your line "
            "manager at once.",
            _AGAIN,
        ),
    ),
    Reason.JOB_NOT_REGISTERED: Explanation(
        "the job is not in the register",
        "Only a registered job shows what the patient agreed to.",
        (_BY_ITSELF,),
    ),
    Reason.REGISTER_ROW_INVALID: Explanation(
        "the job's entry in the register cannot be used",
        "The entry has a value that cannot be read, or the job is entered twice and differently.",
        ("Correct the job's entry in the register: the file then goes by itself.",),
    ),
    Reason.CONSENT_MISSING: Explanation(
        "the patient has not consented to this use",
        "The job register does not show consent to the purpose of this folder.",
        (_AMEND, _BY_ITSELF),
    ),
    Reason.CONSENT_NOT_YET: Explanation(
        "the consent is dated in the future",
        "The date of consent in the job register has not come yet.",
        ("Check the date of consent in the job register; on that day the file goes by itself.",),
    ),
    Reason.CONSENT_EXPIRED: Explanation(
        "the consent has run out",
        "The job register gives a last day of consent, and it is over.",
        (_AMEND, _BY_ITSELF),
    ),
    Reason.CONSENT_WITHDRAWN: Explanation(
        "the patient has withdrawn consent",
        "The job register shows an objection: the picture may be used for care only.",
        (
            "Do not send the picture in any other way.",
            "Only if the patient has agreed anew: correct the job register, and the file goes by "
            "itself.",
        ),
    ),
    Reason.STUDY_CONSENT_MISSING: Explanation(
        "there is no consent to this study",
        "The study needs the patient's written consent, and the job register does not show it.",
        ("Ask the study team for the signed consent.", _BY_ITSELF),
    ),
    Reason.STUDY_ENDED: Explanation(
        "the study has ended",
        "The day on which the study ends is over.",
        ("Ask the study team whether the study goes on; its end stands in the configuration.",),
    ),
    Reason.APPROVAL_NEEDED: Explanation(
        "a second person must agree",
        "Pictures of this kind or from this folder leave only when two people agree.",
        (_APPROVE,),
    ),
    Reason.RECOGNISABLE_FACE: Explanation(
        "a face can be recognised",
        "Without the patient's consent a picture may leave only if nobody can be recognised in it.",
        ("Choose or crop a picture without the face.", "Drop that one into the outbox."),
    ),
    Reason.EYES_COVERED: Explanation(
        "the eyes are covered",
        "Covering, blurring or pixelating the eyes is not an acceptable way to make a picture "
        "anonymous.",
        ("Use the picture as it was taken, with consent for this use, or one without the face.",),
    ),
    Reason.IDENTIFICATION_FRAME: Explanation(
        "this looks like the identification picture of a session",
        "It shows a form, a label or a wrist band rather than the patient.",
        ("Leave it out if that is what it is.", _APPROVE),
    ),
    Reason.RESIDUAL_TEXT: Explanation(
        "there is writing in the picture",
        "Writing was found that could identify the patient and was not removed for certain.",
        ("Crop or cover the writing and drop that picture instead.", _APPROVE),
    ),
    Reason.RESIDUAL_IDENTIFIER: Explanation(
        "something that identifies the patient was left in the file",
        "After cleaning, a name or number that the file or the register carries was still found.",
        (_SOURCE, _SUPPORT),
    ),
    Reason.PIXELS_NOT_EXAMINED: Explanation(
        "the picture itself was not examined",
        "Without consent a picture leaves only after it was searched for writing and faces, and "
        "that was not possible here.",
        ("Ask whether this picture may go with consent, or for care.", _SUPPORT),
    ),
    Reason.SELF_TEST_FAILED: Explanation(
        "the search for writing could not be trusted",
        "The search did not find the test text that it must always find.",
        ("Move the file back into the outbox once.", _SUPPORT),
    ),
    Reason.MASK_TOO_LARGE: Explanation(
        "too much of the picture would be blacked out",
        "The writing that was found covers more of the picture than may be removed unseen.",
        ("Crop the picture and drop that one instead.", _APPROVE),
    ),
    Reason.MASK_NOT_POSSIBLE: Explanation(
        "the writing in the picture cannot be removed here",
        "Nothing can be blacked out in a file of this kind without changing the picture.",
        ("Export the picture as TIFF or JPEG without the writing, and drop that file instead.",),
    ),
    Reason.FORMAT_NOT_SUPPORTED: Explanation(
        "files of this kind cannot be cleaned",
        "It is no picture format that the service can clean for certain.",
        ("Export the picture as TIFF or JPEG, and drop that file instead.",),
    ),
    Reason.DECODER_MISSING: Explanation(
        "the picture cannot be opened on this computer",
        "The file is packed in a way for which a part of the program is not installed.",
        ("Export the picture as TIFF or JPEG, and drop that file instead.", _SUPPORT),
    ),
    Reason.UNREADABLE: Explanation(
        "the file could not be read",
        "The service may not read it, or the disk gave an error.",
        ("Copy the file into the outbox again.", _SUPPORT),
    ),
    Reason.INCOMPLETE: Explanation(
        "the file is not complete",
        "The end of the picture is missing: copying may have been interrupted.",
        ("Copy the whole file into the outbox again.",),
    ),
    Reason.EMPTY: Explanation(
        "the file is empty",
        "There is nothing in it: copying may have been interrupted.",
        ("Copy the whole file into the outbox again.",),
    ),
    Reason.MALFORMED: Explanation(
        "the file is damaged",
        "It does not follow the rules of its format, so nobody can say what is in it.",
        (_SOURCE,),
    ),
    Reason.LIMITS_EXCEEDED: Explanation(
        "the file is larger than the service can examine",
        "Its size, its number of pages or what it unpacks to is beyond the limits.",
        ("Export a smaller version or single pages, and drop those instead.",),
    ),
    Reason.WORKER_FAILED: Explanation(
        "the picture could not be examined",
        "Working on it failed twice; the file may be damaged in an unusual way.",
        (_SOURCE, _SUPPORT),
    ),
    Reason.HARD_LINK: Explanation(
        "the file is a link to another file",
        "The same file stands under a second name elsewhere, so it was not opened.",
        ("Copy the picture, rather than linking it, into the outbox.",),
    ),
    Reason.DEFECT: Explanation(
        "the service made a mistake",
        "This is a fault of the program, and neither of the picture nor of yours.",
        (_SUPPORT,),
    ),
}
"""Every reason of `Reason`, explained."""

WAITS: dict[Wait, Explanation] = {
    Wait.UNSTABLE: Explanation(
        "the file is still being written",
        "It is open in a program, or was changed a moment ago.",
        ("Close the file, or wait until copying has ended.",),
    ),
    Wait.REGISTER_UNAVAILABLE: Explanation(
        "the job register cannot be read",
        "Nothing leaves until it can be looked up again.",
        ("Close the register in other programs, or tell whoever looks after it.",),
    ),
    Wait.NO_SPACE: Explanation(
        "a disk is full",
        "The service waits until there is room, and then goes on by itself.",
        ("Make room on the disk of the share, of the state folder and of the audit trail.",),
    ),
    Wait.SHARE_GONE: Explanation(
        "the shared folder cannot be reached",
        "It is not mounted, or may not be written to.",
        ("Mount the share again; the service then goes on by itself.",),
    ),
}
"""Every reason of `Wait`, explained: nothing is wrong with the file."""


def verdict(reason: Reason) -> str:
    """The first line of a note."""
    return f"Not sent: {EXPLANATIONS[reason].title}."
