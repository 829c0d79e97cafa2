"""The real process over a real folder: every way in, and the disposition that it must end in."""

import os
import socket
import time
from hashlib import sha256

import pytest

from corpora import photos, sites
from corpora.sites import FOLDER, ROW, Site

OTHER_FORMATS = {
    f".{name.split()[0]}": (data, mark)
    for name, data, mark in photos.planted()
    if name in ("bmp trailer", "gif comment between frames", "webp exif", "jp2 xml")
}


def test_policy_example_gives_exactly_the_coded_name(site: Site) -> None:
    """The policy's own example comes out under its exact name, the next image as -2-."""
    site.drop(f"{FOLDER}/IMG_0001.JPG", sites.jpeg(1))
    assert site.once().returncode == 0
    site.drop(f"{FOLDER}/IMG_0002.JPG", sites.jpeg(2))
    assert site.once().returncode == 0
    assert site.released() == ["23 02210 -1-012 345 6789.jpg", "23 02210 -2-012 345 6789.jpg"]
    assert site.waiting() == []


def test_release_is_recorded_in_order(site: Site) -> None:
    """Intended comes before published, and published before the original is disposed of."""
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
    assert site.once().returncode == 0
    told = [r["event"] for r in site.trail() if r["release_id"]]
    assert told == ["release.intended", "release.published", "original.disposed"]
    record = site.events("release.published")[0]
    assert record["coded_name"] == "23 02210 -1-012 345 6789.jpg"
    assert (record["job_no"], record["image_no"]) == ("23 02210", 1)
    assert record["identity"] == {
        "job": ["path", "register"],
        "image": [],
        "hc": ["path", "register"],
    }
    assert record["basis"] == "care"
    assert record["identifiability"] == "identifiable-coded"
    assert record["pixels"] == "not-examined"
    assert record["proof"] == "coded-identical"


def test_trail_verifies_and_a_changed_byte_is_exit_12(site: Site) -> None:
    """`audit verify` accepts the trail as written and refuses it with one byte changed."""
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
    site.once()
    assert site.call("audit", "verify").returncode == 0
    trail = site.root / "audit" / "audit.jsonl"
    trail.write_bytes(trail.read_bytes().replace(b'"clinician"', b'"clinicion"', 1))
    assert site.call("audit", "verify").returncode == 12


def test_teaching_name_carries_no_number(site: Site) -> None:
    """On a route outside health and social care the name is a code and an image number."""
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1), route="teaching")
    assert site.once().returncode == 0
    (name,) = site.released("teaching")
    assert name.endswith(" -1.jpg")
    assert "02210" not in name
    assert site.events("release.published")[0]["basis"] == "consent"


def test_without_consent_it_is_held_with_a_note(site: Site) -> None:
    """A photograph without consent for print is held under its sub-path, with the reason."""
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1), route="print")
    assert site.once().returncode == 3
    assert site.held("print") == {f"{FOLDER}/a.jpg": "consent-missing"}
    note = (site.root / "share/held/print" / FOLDER / "a.jpg.WHY.txt").read_text()
    assert "seek amended consent" in note
    assert note.rstrip().endswith("Copyright and Storage")


def test_moving_a_held_file_back_tries_again(site: Site) -> None:
    """A held file that is moved back into the outbox goes out once the cause is mended."""
    site.drop("no number/a.jpg", sites.jpeg(1))
    assert site.once().returncode == 3
    assert site.held() == {"no number/a.jpg": "identity-missing"}
    (site.outbox() / FOLDER).mkdir()
    (site.root / "share/held/clinician/no number/a.jpg").rename(site.outbox() / FOLDER / "a.jpg")
    assert site.once().returncode == 0
    assert site.released() == ["23 02210 -1-012 345 6789.jpg"]
    assert not list((site.root / "share/held").rglob("*.WHY.txt"))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.jpg", b"", "empty"),
        ("cut.jpg", sites.jpeg(1)[:-200], "incomplete"),
        ("text.jpg", b"this is no picture at all, only words", "format-not-supported"),
        ("paper.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", "format-not-supported"),
    ],
)
def test_bad_input_is_held(site: Site, name: str, data: bytes, reason: str) -> None:
    """What cannot be released is held with the reason that fits it."""
    site.drop(f"{FOLDER}/{name}", data)
    assert site.once().returncode == 3
    assert site.held() == {f"{FOLDER}/{name}": reason}


def test_png_named_jpg_is_released_as_png(site: Site) -> None:
    """The extension of the coded name is that of the bytes, not of the dropped name."""
    site.drop(f"{FOLDER}/a.jpg", sites.png(1))
    assert site.once().returncode == 0
    assert site.released() == ["23 02210 -1-012 345 6789.png"]


@pytest.mark.parametrize("extension", OTHER_FORMATS)
def test_other_formats_are_released(site: Site, extension: str) -> None:
    """A file of each further format leaves without its marker, under the extension of its bytes."""
    data, mark = OTHER_FORMATS[extension]
    site.drop(f"{FOLDER}/a.dat", data)
    assert site.once().returncode == 0
    name = f"23 02210 -1-012 345 6789{extension}"
    assert site.released() == [name]
    assert mark in data
    assert mark not in site.release(name)


def test_litter_links_and_pipes_stay_where_they_are(site: Site) -> None:
    """Litter is ignored; links, pipes and sockets are left, one alert each."""
    folder = site.outbox() / FOLDER
    folder.mkdir()
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / "._a.jpg").write_bytes(b"x")
    (folder / "link.jpg").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as listener:
        where = os.getcwd()
        os.chdir(folder)
        listener.bind("socket.jpg")
        os.chdir(where)
        assert site.once().returncode == 0
    assert len(os.listdir(folder)) == 5
    alerts = site.events("security.alert")
    assert sorted(next(iter(a["actions"])) for a in alerts) == ["fifo", "socket", "symbolic-link"]


def test_hard_link_is_held_unread(site: Site) -> None:
    """A name of a file that has another name too is moved to held, and the other stays."""
    outside = site.root / "other.jpg"
    outside.write_bytes(sites.jpeg(1))
    (site.outbox() / FOLDER).mkdir()
    (site.outbox() / FOLDER / "a.jpg").hardlink_to(outside)
    assert site.once().returncode == 3
    assert site.held() == {f"{FOLDER}/a.jpg": "hard-link"}
    assert outside.read_bytes() == sites.jpeg(1)


def test_odd_names_do_no_harm(site: Site) -> None:
    """A name that is no UTF-8 and a name of 255 bytes are released like any other."""
    long = b"x" * 251 + b".jpg"
    site.drop(os.fsencode(FOLDER) + b"/caf\xe9.jpg", sites.jpeg(1))
    site.drop(os.fsencode(FOLDER) + b"/" + long, sites.jpeg(2))
    assert site.once().returncode == 0
    assert len(site.released()) == 2


def test_odd_names_can_be_held(site: Site) -> None:
    """A name of 255 bytes without a number is held with a note that has a legal name."""
    site.drop(b"x" * 251 + b".jpg", sites.jpeg(1))
    site.drop(b"caf\xe9.jpg", sites.jpeg(2))
    assert site.once().returncode == 3
    assert sorted(site.held().values()) == ["identity-missing", "identity-missing"]


def test_two_files_of_one_name_both_go(site: Site) -> None:
    """Files of one name in different folders are two images, numbered in natural order."""
    site.drop(f"{FOLDER}/left/IMG_1.jpg", sites.jpeg(1))
    site.drop(f"{FOLDER}/right/IMG_1.jpg", sites.jpeg(2))
    assert site.once().returncode == 0
    assert len(site.released()) == 2


def test_numbers_follow_the_natural_order_of_names(site: Site) -> None:
    """Within one look IMG_2 comes before IMG_10, whatever was dropped first."""
    for number in (10, 2, 1):
        site.drop(f"{FOLDER}/IMG_{number}.jpg", sites.jpeg(number, comment=b"n%d" % number))
    assert site.once().returncode == 0
    published = {r["image_no"]: r["source"]["sha256"] for r in site.events("release.published")}
    assert len(published) == 3
    wanted = [sha256(sites.jpeg(n, comment=b"n%d" % n)).hexdigest() for n in (1, 2, 10)]
    assert [published[k] for k in (1, 2, 3)] == wanted


def test_open_file_waits(site: Site) -> None:
    """A file that somebody still writes to is neither taken nor held while it is open."""
    site.edit(r"^patience = .*$", "patience = 1.0")
    place = site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1)[:500])
    with place.open("ab") as file:
        file.flush()
        done = site.once()
        assert done.returncode == 3
        assert site.waiting() == [f"clinician/{FOLDER}/a.jpg"]
        file.write(sites.jpeg(1)[500:])
    assert site.once().returncode == 0
    assert site.waiting() == []


def test_same_bytes_again_are_repeated(site: Site) -> None:
    """The same image of the same job dropped again writes nothing and is recorded."""
    for name in ("a.jpg", "b.jpg"):
        site.drop(f"{FOLDER}/{name}", sites.jpeg(1))
        assert site.once().returncode == 0
    assert site.released() == ["23 02210 -1-012 345 6789.jpg"]
    assert len(site.events("release.repeated")) == 1


def test_same_bytes_of_another_patient_are_held(site: Site) -> None:
    """The very bytes that went out under one H&C number are held under another."""
    site.register(ROW, "23 02211,943 476 5919,record,photograph,Dr X,,,,\n")
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
    assert site.once().returncode == 0
    site.drop("23 02211 943 476 5919/a.jpg", sites.jpeg(1))
    assert site.once().returncode == 3
    assert list(site.held().values()) == ["other-patient"]


def test_mistyped_number_is_held(site: Site) -> None:
    """One wrong digit in the H&C number of a folder holds the file."""
    site.drop("23 02210 012 345 6798/a.jpg", sites.jpeg(1))
    site.drop("23 02210 943 476 5919/b.jpg", sites.jpeg(2))
    assert site.once().returncode == 3
    assert sorted(site.held().values()) == ["hc-number-invalid", "identity-conflict"]


def test_taken_image_number_is_held(site: Site) -> None:
    """A number that stands for other bytes is not given twice."""
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
    assert site.once().returncode == 0
    site.drop("23 02210 -1-012 345 6789.jpg", sites.jpeg(2))
    assert site.once().returncode == 3
    assert list(site.held().values()) == ["image-number-taken"]


def test_without_register_files_wait(site: Site) -> None:
    """With no register nothing goes and nothing is held, on any route; exit 1."""
    (site.root / "register.csv").unlink()
    site.edit(r"^patience = .*$", "patience = 0.5")
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
    assert site.once().returncode == 1
    assert site.waiting() == [f"clinician/{FOLDER}/a.jpg"]
    site.register(ROW)
    assert site.once().returncode == 0


def test_broken_line_holds_its_job_only(site: Site) -> None:
    """A register line that cannot be read holds that job and no other."""
    site.register(ROW, "23 02211,943 476 5919,record,photograph,Dr X,not a date,,,\n")
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
    site.drop("23 02211 943 476 5919/a.jpg", sites.jpeg(2))
    assert site.once().returncode == 3
    assert len(site.released()) == 1
    assert list(site.held().values()) == ["register-row-invalid"]


def test_outbox_made_again_is_watched_again(site: Site) -> None:
    """A route folder that is removed while the service runs comes back and works."""
    with site.running() as service:
        site.outbox().rmdir()
        service.until(lambda: site.outbox().exists())
        site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
        service.until(lambda: len(site.released()) == 1)


def test_stray_in_released_is_expelled(site: Site) -> None:
    """A file in released that the trail does not know is moved to held, with an alert."""
    with site.running() as service:
        stray = site.root / "share/released/clinician/holiday.jpg"
        stray.write_bytes(sites.jpeg(5))
        service.until(lambda: not stray.exists())
    assert list(site.held()) == ["holiday.jpg"]
    assert site.events("security.alert")


def test_second_instance_exits_11(site: Site) -> None:
    """While a service runs a site, another one is turned away."""
    with site.running():
        assert site.once().returncode == 11


def test_a_thousand_are_released_once_each(site: Site) -> None:
    """1,000 JPEGs dropped on a running service give 1,000 files and 1,000 published records."""
    rows = [f"24 {n:05},,record,photograph,,,,,\n" for n in range(10)]
    site.register(ROW, *rows)
    with site.running() as service:
        for number in range(1000):
            job = number % 10
            site.drop(f"24 {job:05} 012 345 6789/IMG_{number}.jpg", sites.jpeg(number))
        started = time.monotonic()
        service.until_idle(seconds=240)
        print(f"1,000 files in {time.monotonic() - started:.1f} s after the last drop")
    assert len(site.released()) == 1000
    published = site.events("release.published")
    assert len(published) == 1000
    assert len({r["coded_name"] for r in published}) == 1000
    assert len({r["source"]["sha256"] for r in published}) == 1000
    assert site.call("audit", "verify").returncode == 0


def test_once_deals_with_everything_quiet_however_short_patience_is(site: Site) -> None:
    """More files than fit at once all get their disposition, and no hold is undone by itself."""
    site.edit(r"^patience = .*$", "patience = 0.1")
    for number in range(70):
        site.drop(f"{FOLDER}/IMG_{number}.jpg", sites.jpeg(number))
        site.drop(f"nobody/IMG_{number}.jpg", sites.jpeg(number))
    assert site.once().returncode == 3
    assert site.waiting() == []
    assert (len(site.released()), len(site.held())) == (70, 70)
    assert site.events("hold.resolved") == []
