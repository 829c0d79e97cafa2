"""Files dropped under odd and hostile paths, through the real process: whose each of them is."""

import os

from corpora import sites
from corpora.sites import HC, JOB, Site

OTHER_HC, THIRD_HC = "943 476 5919", "350 123 4562"
RELEASED = {
    f"{JOB} {HC}/IMG_0042.JPG": "a job and a number in the folder's name",
    f"a/b/c/to Dr Quinn/{JOB}/deeper/to Dr Ng/x.jpg": "numbers at any depth, the register's H&C",
    "23/02210/0123456789/x.jpg": "two folders, and ten bare digits as a whole folder",
    "2302210 0123456789/x.jpg": "a job without a space in a folder",
    "23-02210 (0123456789).JPG": "ten bare digits beside the job",
    f"x_{JOB}_{HC}_y.jpeg": "underscores around",
    f"{JOB}./x../{HC}.jpg": "full stops at the ends of names",
    f"{JOB}/０１２３４５６７８０/x.jpg": "full-width digits are no digits: silent",
    f"{JOB}/012 345-6780/x.jpg": "mixed separators are none: silent",
    f"{JOB}/98765432109/x.jpg": "eleven digits are no number",
    f"{JOB}/x 9434765919 y.jpg": "ten bare digits inside a name say nothing",
    f"{JOB}/9434765919.jpg": "nor do they as a file's name",
}
HELD = {
    "IMG_0042.JPG": "identity-missing",
    "2302210.jpg": "identity-missing",
    "23/x/02210/a.jpg": "identity-missing",
    "23_02210/a.jpg": "identity-missing",
    "23\u00a002210/a.jpg": "identity-missing",
    "23\u20112210 23\u00a002210.jpg": "identity-missing",
    "٢٣ ٠٢٢١٠/a.jpg": "identity-missing",
    f"{HC}/a.jpg": "identity-missing",
    f"{JOB}/23 02211/a.jpg": "identity-conflict",
    f"{JOB} {HC}/{OTHER_HC}/a.jpg": "identity-conflict",
    f"{JOB}/{OTHER_HC}/b.jpg": "identity-conflict",
    f"{JOB}/9434765919/c.jpg": "identity-conflict",
    f"{JOB} 9434765919.jpg": "identity-conflict",
    f"{JOB} -1/image 2.jpg": "identity-conflict",
    f"{JOB} 012 345 6780/a.jpg": "hc-number-invalid",
    f"{JOB}/0123456798/a.jpg": "hc-number-invalid",
}


def test_every_path_says_what_the_contract_lets_it_say(site: Site) -> None:
    """Each odd path is released under the one right number, or held for the one right reason."""
    for number, path in enumerate([*RELEASED, *HELD]):
        site.drop(path, sites.jpeg(number))
    site.drop(os.fsencode(JOB) + b"/\xff\xfe \xe9.jpg", sites.jpeg(900))
    site.drop(f"{JOB}/" + "n" * 251 + ".jpg", sites.jpeg(901))
    site.drop(f"{JOB}/; rm -rf $(x) `y` \u202e\x1b[31m\n.jpg", sites.jpeg(902))
    assert site.once().returncode == 3
    assert site.held() == HELD
    count = len(RELEASED) + 3
    assert sorted(site.released()) == sorted(f"{JOB} -{n}-{HC}.jpg" for n in range(1, count + 1))
    assert site.waiting() == []
    recipients = [r["recipient"] for r in site.events("release.published") if r["recipient"]]
    assert recipients == ["Dr Ng"]
    trail = (site.root / "audit/audit.jsonl").read_text()
    for word in ("IMG_0042", "rm -rf", "nnnn", OTHER_HC, "9434765919", "deeper"):
        assert word not in trail


def test_image_numbers_in_every_form(site: Site) -> None:
    """The coded form and `image N` say the number; whatever only looks like one says nothing."""
    said = {
        f"{JOB} -7-{HC}.jpg": 7,
        f"{JOB}/Image 12.jpg": 12,
        f"{JOB} -0009/x.jpg": 9,
        f"{JOB}/IMG_0042.jpg": 1,
        f"{JOB}/image3.jpg": 2,
        f"{JOB}/image-4.jpg": 3,
        f"{JOB} -2nd visit.jpg": 4,
    }
    for number, path in enumerate(said):
        site.drop(path, sites.jpeg(number))
    assert site.once().returncode == 0
    assert site.released() == sorted(f"{JOB} -{n}-{HC}.jpg" for n in said.values())
    spoken = {r["image_no"]: r["identity"]["image"] for r in site.events("release.published")}
    assert {n for n, who in spoken.items() if who == ["path"]} == {7, 12, 9}


def test_numbers_of_other_countries_and_of_this_one(site: Site) -> None:
    """NHS and CHI numbers go where the check digit decides; a site of H&C numbers holds them."""
    numbers = ["400 000 0004", "010 120 1234", THIRD_HC]
    jobs = ["24 00001", "24 00002", "24 00003"]
    for number, (job, hc) in enumerate(zip(jobs, numbers, strict=True)):
        site.drop(f"{job} {hc}/a.jpg", sites.jpeg(number))
    assert site.once().returncode == 0
    assert len(site.released()) == 3
    site.edit(r'^check = "check-digit"', 'check = "hc-range"')
    for number, (job, hc) in enumerate(zip(jobs, numbers, strict=True)):
        site.drop(f"{job} {hc}/b.jpg", sites.jpeg(100 + number))
    assert site.once().returncode == 3
    assert len(site.released()) == 4
    notes = [note.read_text() for note in (site.root / "share/held").rglob("*.WHY.txt")]
    told = [kind for kind in ("CHI", "NHS") if any(f"{kind} number" in note for note in notes)]
    assert told == ["CHI", "NHS"]
