"""The pixels of dropped files, from the outbox to the record: the whole process, real models."""

import io
import json
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pydicom
import pytest
from PIL import Image

from corpora import dicoms, pictures
from corpora import faces as people
from corpora.sites import FOLDER, HC, Site

NAME = "SMITH 12/03/1956"
OTHER_HC = "943 476 5919"


def ultrasound(picture: pictures.Pixels, **more: bytes) -> bytes:
    """An ultrasound image with these pixels in grey, and `more` elements by their tags in hex."""
    grey = np.ascontiguousarray(picture[..., 1])
    found = dicoms.image("us")
    for tag, value in (
        (0x00280002, 1),
        (0x00280010, grey.shape[0]),
        (0x00280011, grey.shape[1]),
    ):
        found[tag] = dicoms.element(tag, "US", value.to_bytes(2, "little"))
    found[0x00280004] = dicoms.element(0x00280004, "CS", b"MONOCHROME2")
    found.pop(0x00280006, None)
    found[0x7FE00010] = dicoms.element(0x7FE00010, "OB", grey.tobytes())
    found |= {int(tag, 16): raw for tag, raw in more.items()}
    return dicoms.file(found)


def known_device() -> bytes:
    """An ultrasound image of a device in the table, with nothing legible in it."""
    return ultrasound(
        pictures.smooth(7, 480, 640),
        **{
            "00080070": dicoms.element(0x00080070, "LO", b"PHILIPS"),
            "00081090": dicoms.element(0x00081090, "LO", b"iU22"),
        },
    )


def calibrated() -> bytes:
    """An ultrasound image of no known device whose one region begins at row 30."""
    places = ((0x18, 0), (0x1A, 30), (0x1C, 639), (0x1E, 479))
    item = b"".join(
        [dicoms.element(0x00186000 + tag, "US", b"\1\0") for tag in (0x12, 0x14)]
        + [dicoms.element(0x00186000 + tag, "UL", at.to_bytes(4, "little")) for tag, at in places]
    )
    return ultrasound(
        pictures.smooth(7, 480, 640), **{"00186011": dicoms.sequence(0x00186011, item)}
    )


def heic(picture: pictures.Pixels) -> bytes:
    """A picture as a telephone saves it."""
    made = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(picture)).save(made, quality=90)
    return made.getvalue()


def barred() -> pictures.Pixels:
    """A face whose eyes are behind a black bar."""
    (sample,) = people.crops(range(61, 62), 320)
    return people.with_bar(sample, "black", 0.2, 1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One site as `init` makes it, with everything dropped and one look taken."""
    made = Site(tmp_path_factory.mktemp("pixels") / "site", text="redact")
    made.register(
        f"23 02210,{HC},record,x-ray,Dr Prosenjit Applewhite,2020-01-01,,,\n",
        f"23 02211,{HC},record,,,,,,\n",
        f"23 02212,{HC},record;teaching,photograph,,2020-01-01,,,\n",
    )
    label = pictures.labelled(2, NAME)
    made.drop(f"{FOLDER}/image 1/a.png", pictures.saved(label, "PNG"))
    made.drop(f"{FOLDER}/image 2/b.jpg", pictures.saved(pictures.smooth(1), "JPEG"))
    turned = Image.Exif()
    turned[0x0112] = 6
    sideways = np.ascontiguousarray(np.rot90(label))
    made.drop(f"{FOLDER}/image 3/c.jpg", pictures.saved(sideways, "JPEG", exif=turned, quality=92))
    made.drop(f"{FOLDER}/image 4/d.png", pictures.saved(pictures.labelled(4, OTHER_HC), "PNG"))
    made.drop(f"{FOLDER}/image 5/e.png", pictures.saved(pictures.labelled(5, HC), "PNG"))
    made.drop("23 02210/f.dcm", ultrasound(pictures.smooth(6)), route="teaching")
    made.drop(f"{FOLDER}/image 6/g.heic", heic(pictures.smooth(8)))
    made.drop(f"{FOLDER}/image 7/h.heic", heic(pictures.labelled(9, NAME)))
    made.drop(f"{FOLDER}/image 8/i.heic", heic(barred()))
    made.drop("23 02212/i.heic", heic(barred()), route="teaching")
    assert made.once().returncode == 3
    return made


def record(site: Site, coded_name: str) -> dict[str, object]:
    """The record of one release."""
    (found,) = [r for r in site.events("release.published") if r["coded_name"] == coded_name]
    return found


def named(image: int, suffix: str) -> str:
    """The coded name of an image of the job."""
    return f"23 02210 -{image}-{HC}.{suffix}"


def test_writing_is_blanked_and_counted(site: Site) -> None:
    """No pixel of the name is left, every pixel far from it is, and the record says how much."""
    name = named(1, "png")
    before, after = pictures.labelled(2, NAME), pictures.opened(site.release(name))
    written = pictures.text_pixels(2, NAME)
    changed = (before != after).any(axis=2)
    rows, columns = np.nonzero(changed)
    blank = after[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert changed.mean() < 0.2
    assert (after[written] == after[written][0]).all()
    assert len(np.unique(blank.reshape(-1, 3), axis=0)) < len(
        np.unique(before.reshape(-1, 3), axis=0)
    )
    told = record(site, name)
    assert told["pixels"] == "examined"
    assert told["actions"]["text-masked"] >= 1
    assert told["identifiability"] == "identifiable-coded"


def test_what_has_no_writing_leaves_untouched(site: Site) -> None:
    """A picture in which nothing is found is coded as it was, and every model is named."""
    name = named(2, "jpg")
    told = record(site, name)
    assert told["proof"] == "coded-identical"
    assert "text-masked" not in told["actions"]
    assert np.array_equal(
        pictures.opened(site.release(name)),
        pictures.opened(pictures.saved(pictures.smooth(1), "JPEG")),
    )
    assert sorted(told["models"]) == [
        "PP-OCRv6_det_small.onnx",
        "PP-OCRv6_rec_small.onnx",
        "centerface.onnx",
    ]
    assert all(len(digest) == 64 for digest in told["models"].values())


def test_a_turned_picture_is_blanked_where_it_is_stored(site: Site) -> None:
    """Writing in a picture that lies on its side is found upright and blanked in its own rows."""
    after = pictures.opened(site.release(named(3, "jpg")))
    upright = np.rot90(after, -1)
    written = pictures.text_pixels(2, NAME)
    assert (np.abs(upright[written].astype(int) - upright[written][0].astype(int)) < 12).all()


def test_heic_is_looked_at_like_the_rest(site: Site) -> None:
    """One without writing leaves untouched as examined; nothing can be blanked in the other."""
    told = record(site, named(6, "heic"))
    assert (told["pixels"], told["proof"]) == ("examined", "coded-identical")
    assert site.held()[f"{FOLDER}/image 7/h.heic"] == "mask-not-possible"


def test_covered_eyes_in_a_heic_matter_everywhere_but_for_care(site: Site) -> None:
    """With consent to teaching it is held; for the patient's care it goes."""
    assert site.held("teaching")["23 02212/i.heic"] == "eyes-covered"
    assert record(site, named(8, "heic"))["pixels"] == "examined"


def test_a_number_in_the_pixels_contradicts_or_confirms(site: Site) -> None:
    """Another patient's number in the picture holds it; the right one speaks in the record."""
    assert site.held()[f"{FOLDER}/image 4/d.png"] == "identity-conflict"
    told = record(site, named(5, "png"))
    assert told["identity"]["hc"] == ["path", "register", "pixels"]
    assert told["actions"]["identifiers-masked"] >= 1


def test_an_examined_ultrasound_goes_by_gmc_10(site: Site) -> None:
    """Without consent for teaching, an examined ultrasound without a face is pseudonymised."""
    (name,) = site.released("teaching")
    told = record(site, name)
    assert (told["basis"], told["pixels"]) == ("gmc-10", "examined")
    assert told["identifiability"] == "pseudonymised"


@pytest.mark.parametrize(("made", "rows"), [(known_device, 47), (calibrated, 30)])
def test_known_places_are_blanked_besides(
    site: Site, tmp_path: Path, made: Callable[[], bytes], rows: int
) -> None:
    """Where a device writes names is one level though nothing was read there; the rest stays."""
    source, out = tmp_path / "a.dcm", tmp_path / "out.dcm"
    source.write_bytes(made())
    told = json.loads(site.call("explain", str(source), "--json").stdout)
    assert (told["seen"]["device"], told["seen"]["text"]) == (1, 0)
    done = site.call("clean", str(source), "-o", str(out), "--text", "redact", "--json")
    assert (done.returncode, json.loads(done.stdout)["pixels"]) == (0, "examined"), done.stdout
    after = pydicom.dcmread(out).pixel_array
    assert len(np.unique(after[:rows])) == 1
    assert np.array_equal(after[rows:], pictures.smooth(7, 480, 640)[rows:, :, 1])


def test_explain_shows_the_boxes(site: Site, tmp_path: Path) -> None:
    """The picture with its boxes is a private PNG; nothing is written where a site is."""
    source = tmp_path / "a.png"
    source.write_bytes(pictures.saved(pictures.labelled(2, NAME), "PNG"))
    shown = tmp_path / "boxes.png"
    done = site.call("explain", str(source), "--picture", str(shown), "--json")
    told = json.loads(done.stdout)
    assert told["seen"]["text"] >= 1
    assert stat.S_IMODE(shown.stat().st_mode) == 0o600
    drawn = np.asarray(Image.open(io.BytesIO(shown.read_bytes())).convert("RGB")).astype(int)
    assert ((drawn[..., 0] - drawn[..., 1]) > 150).any()
    inside = site.root / "share" / "boxes.png"
    assert site.call("explain", str(source), "--picture", str(inside)).returncode == 2
    assert not inside.exists()


def test_clean_holds_writing_unless_told_to_blank_it(site: Site, tmp_path: Path) -> None:
    """By default writing is left to a person; the boxes are told either way."""
    source, out, boxes = (tmp_path / name for name in ("a.png", "out.png", "boxes.json"))
    source.write_bytes(pictures.saved(pictures.labelled(2, NAME), "PNG"))
    held = site.call("clean", str(source), "-o", str(out), "--boxes", str(boxes), "--json")
    assert (held.returncode, json.loads(held.stdout)["reason"]) == (3, "residual-text")
    assert not out.exists()
    assert all(box["width"] > 0 and box["page"] is None for box in json.loads(boxes.read_text()))
    done = site.call("clean", str(source), "-o", str(out), "--text", "redact", "--json")
    assert (done.returncode, json.loads(done.stdout)["pixels"]) == (0, "examined")
    assert not np.array_equal(pictures.opened(out.read_bytes()), pictures.labelled(2, NAME))


def test_clean_and_explain_hold_covered_eyes_and_tell_of_a_face(site: Site, tmp_path: Path) -> None:
    """Nothing says that such a file is for care, so they do as every other route would."""
    (open_eyes,) = people.crops(range(61, 62), 320)
    for name, picture in (("open", open_eyes.picture), ("barred", barred())):
        (tmp_path / name).write_bytes(pictures.saved(picture, "PNG"))
    made = {}
    for name in ("open", "barred"):
        done = site.call(
            "clean", str(tmp_path / name), "-o", str(tmp_path / f"{name}.png"), "--json"
        )
        made[name] = (done.returncode, json.loads(done.stdout))
    assert made["open"][0] == 0
    assert made["open"][1]["face"] is True
    assert (made["barred"][0], made["barred"][1]["reason"]) == (3, "eyes-covered")
    assert not (tmp_path / "barred.png").exists()
    told = json.loads(site.call("explain", str(tmp_path / "barred"), "--json").stdout)
    assert (told["would"], told["reason"]) == ("hold", "eyes-covered")


@pytest.mark.parametrize(
    ("form", "options"),
    [("TIFF", {"compression": "tiff_lzw"}), ("JPEG2000", {"irreversible": False})],
)
def test_what_a_native_decoder_codes_anew_is_blanked(
    site: Site, tmp_path: Path, form: str, options: dict[str, object]
) -> None:
    """Writing in codings that libraries decode is blanked in a child of the worker."""
    source, out = tmp_path / "a.bin", tmp_path / "out.bin"
    source.write_bytes(pictures.saved(pictures.labelled(2, NAME), form, **options))
    done = site.call("clean", str(source), "-o", str(out), "--text", "redact", "--json")
    assert (done.returncode, json.loads(done.stdout)["pixels"]) == (0, "examined"), done.stdout
    after, written = pictures.opened(out.read_bytes()), pictures.text_pixels(2, NAME)
    assert (after[written] == after[written][0]).all()
    changed = (after != pictures.labelled(2, NAME)).any(axis=2)
    assert 0 < changed.mean() < 0.2
