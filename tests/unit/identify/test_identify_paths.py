"""What a path says: every place where a number may stand, and those where it may not."""

import pytest

from medrelease.identifiers.job_number import JobFormat
from medrelease.identify import PathWords, read_path

JOBS = JobFormat(r"\d{2} \d{5}")
J, HC = "23 02210", "012 345 6789"


def words(path: str | bytes) -> tuple[set[str], set[int], set[str]]:
    """Job, image and H&C numbers of a path."""
    said = read_path(path.encode() if isinstance(path, str) else path, JOBS)
    return {*said.jobs}, {*said.images}, {*said.hcs}


@pytest.mark.parametrize(
    ("path", "jobs", "images", "hcs"),
    [
        ("23 02210 012 345 6789/IMG_0001.JPG", {J}, set(), {HC}),
        ("23 02210 -1-012 345 6789.jpg", {J}, {1}, {HC}),
        ("23 02210 -1-012-345-6789.jpg", {J}, {1}, {HC}),
        ("23 02210 -1-0123456789.jpg", {J}, {1}, {HC}),
        ("23-02210 -007.jpg", {J}, {7}, set()),
        ("23 02210 -0.jpg", {J}, set(), set()),
        ("23 02210-1.jpg", {J}, set(), set()),
        ("23 02210 1.jpg", {J}, set(), set()),
        ("23 02210 -1 - Copy.jpg", {J}, {1}, set()),
        ("23 02210 -1234567.jpg", {J}, set(), set()),
        ("23/02210/IMG_0042.JPG", {J}, set(), set()),
        ("23/02210/0123456789/image 3.png", {J}, {3}, {HC}),
        ("23/02210.jpg", set(), set(), set()),
        ("2302210/x.jpg", {J}, set(), set()),
        ("2302210.jpg", set(), set(), set()),
        ("2302210 -4/x.jpg", {J}, {4}, set()),
        ("0123456789/23 02210.jpg", {J}, set(), {HC}),
        ("23 02210/0123456789.jpg", {J}, set(), set()),
        ("23 02210 0123456789.jpg", {J}, set(), {HC}),
        ("23 02210_0123456789_a.jpg", {J}, set(), {HC}),
        ("0123456789 - 23 02210.jpg", {J}, set(), {HC}),
        ("2302210 0123456789/a.jpg", {J}, set(), {HC}),
        ("23 02210 a 0123456789.jpg", {J}, set(), set()),
        ("23 02210 01234567890.jpg", {J}, set(), set()),
        ("23 02210 -0123456789.jpg", {J}, set(), {HC}),
        ("23 02210 -012 345 6789.jpg", {J}, set(), {HC}),
        ("photo 0123456789 x/23 02210.jpg", {J}, set(), set()),
        ("12012 345 6789/1012-345-6789.jpg", set(), set(), set()),
        ("IMAGE 0042.JPG", set(), {42}, set()),
        ("Image 0.JPG", set(), set(), set()),
        ("subimage 3 image3 image  4.jpg", set(), set(), set()),
        ("image 23 02210.jpg", {J}, set(), set()),
        ("image 012 345 6789.jpg", set(), set(), {HC}),
        ("image 2_image 3.jpg", set(), {2, 3}, set()),
        ("23 02210/24 00001 -1.jpg", {J, "24 00001"}, {1}, set()),
        ("012 345 6789/943 476 5919/a.jpg", set(), set(), {HC, "943 476 5919"}),
        ("012 345-6789.jpg", set(), set(), set()),
        ("IMG_20231105_123456.jpg", set(), set(), set()),
        ("1.2.840.10008.5.1.4.1.1.2", set(), set(), set()),
        ("23 02210 -1", {J}, {1}, set()),
        ("Mr. 23 02210", {J}, set(), set()),
        ("x.23-02210", {J}, set(), set()),
        ("٢٣ ٠٢٢١٠ ٠١٢ ٣٤٥ ٦٧٨٩.jpg", set(), set(), set()),
        ("", set(), set(), set()),
        (b"23 02210\xff\xfe -2/\xe9 image 2.jpg", {J}, {2}, set()),
        (b"23 02210 -2\xff.jpg", {J}, {2}, set()),
        ("a" * 255 + "/" + "9" * 250 + ".jpg", set(), set(), set()),
        (".23 02210", {J}, set(), set()),
        ("23 02210 (0123456789).jpg", {J}, set(), {HC}),
        ("23 02210, 0123456789, left/a.jpg", {J}, set(), {HC}),
        ("[0123456789] 23-02210.jpg", {J}, set(), {HC}),
        ("23 02210 943 476 5919 0123456789.jpg", {J}, set(), {"943 476 5919"}),
        ("23 02210/ 0123456789 /a.jpg", {J}, set(), {HC}),
        ("23 02210/0123456789./a.jpg", {J}, set(), {HC}),
        ("23 02210./a.jpg", {J}, set(), set()),
        ("23 / 02210./a.jpg", {J}, set(), set()),
        ("23/x/02210/a.jpg", set(), set(), set()),
        ("a/23/02210/012-345-6789/a.jpg", {J}, set(), {HC}),
        ("23/02210 0123456789/a.jpg", set(), set(), set()),
        ("012/345/6789/23 02210.jpg", {J}, set(), set()),
        ("23_02210.jpg", set(), set(), set()),
        ("23_02210/a.jpg", set(), set(), set()),
        ("23.02210/a.jpg", set(), set(), set()),
        ("23  02210/a.jpg", set(), set(), set()),
        ("23\u00a002210 012\u00a0345\u00a06789/a.jpg", set(), set(), set()),
        ("23\u201102210/a.jpg", set(), set(), set()),
        ("２３ ０２２１０/０１２３４５６７８９/a.jpg", set(), set(), set()),
        ("_23 02210_012 345 6789_.jpg", {J}, set(), {HC}),
        ("2023 02210.jpg", set(), set(), set()),
        ("23 022100.jpg", set(), set(), set()),
        ("23 02210 -2nd visit.jpg", {J}, set(), set()),
        ("23 02210 -3D/a.jpg", {J}, set(), set()),
        ("23 02210 -3_left/a.jpg", {J}, {3}, set()),
        ("23 02210 -1/image 2.jpg", {J}, {1, 2}, set()),
        ("IMAGE 7/23 02210.JPG", {J}, {7}, set()),
        ("image 3b image-4 image_5 image.6.jpg", set(), set(), set()),
        ("\u0131mage 3 image \u0663.jpg", set(), set(), set()),
        ("23 02210 -\u0661.jpg", {J}, set(), set()),
        ("23 02210 0123456789 9434765919.jpg", {J}, set(), {HC}),
        ("to Dr Quinn/23/02210/to B/image 2.jpg", {J}, {2}, set()),
    ],
)
def test_where_numbers_stand(
    path: str | bytes, jobs: set[str], images: set[int], hcs: set[str]
) -> None:
    """Each place where the contract lets a number stand is read, and no other."""
    assert words(path) == (jobs, images, hcs)


@pytest.mark.parametrize(
    ("path", "recipient"),
    [
        ("to Dr Smith/23 02210.jpg", "Dr Smith"),
        ("TO  dr o'neill /a/x.jpg", "dr o'neill"),
        ("to A/to B/x.jpg", "B"),
        ("to Dr Smith.jpg", None),
        ("into Dr Smith/x.jpg", None),
        ("to/x.jpg", None),
        ("to Dr Smith 012 345 6789 23 02210/x.jpg", "Dr Smith"),
        ("to 0123456789/x.jpg", None),
        ("to Dr 2302210 Smith\u202e/x.jpg", "Dr Smith"),
        (b"to Dr \xff Smith/x.jpg", "Dr Smith"),
        ("to Søren/x.jpg", "Søren"),
        ("23 02210/left/to Dr Quinn/deep/er/x.jpg", "Dr Quinn"),
        ("to ward 12/x.jpg", "ward 12"),
        ("to Dr Smith 012 345-6789/x.jpg", "Dr Smith"),
        ("to Dr Smith 012_345_6789, A/x.jpg", "Dr Smith , A"),
        ("to Dr Smith 012.345.6789/x.jpg", "Dr Smith"),
        ("to Dr Smith ０１２３４５６７８９/x.jpg", "Dr Smith"),
        ("to Dr Smith 23_02210/x.jpg", "Dr Smith"),
        ("to Dr Smith 1961-02-03/x.jpg", "Dr Smith"),
        ("to Dr Smith\n\x1b[31m/x.jpg", "Dr Smith [31m"),
        ("together/x.jpg", None),
        ("to\u00a0Dr Quinn/x.jpg", "Dr Quinn"),
    ],
)
def test_recipient(path: str | bytes, recipient: str | None) -> None:
    """A folder named `to ...` names who asked; no number goes with it into the trail."""
    raw = path.encode() if isinstance(path, str) else path
    assert read_path(raw, JOBS).recipient == recipient


def test_numbers_of_a_recipients_folder_are_heard() -> None:
    """A number in the recipient's folder speaks like any other in the path."""
    said = read_path(b"to Dr Smith 23 02210 012 345 6789/x.jpg", JOBS)
    assert said == PathWords(frozenset({J}), frozenset(), frozenset({HC}), "Dr Smith")
