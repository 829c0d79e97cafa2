"""What the demo drops: small images made here, with names planted wherever they hide in practice.

    demo_images.py OUTBOX REGISTER PLANTED

OUTBOX gets the files, REGISTER two jobs, PLANTED the planted texts, one a line. Everything is made
from a seed; nobody in it exists.
"""

import csv
import io
import struct
import sys
from pathlib import Path

import cv2
import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin, TiffImagePlugin
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    UltrasoundImageStorage,
    generate_uid,
)

PATIENT = "Plantagenet"
OTHERS = ("Fotheringhay", "Ward Nine East", "SN-55102-PLANTED", "1931-04-17", "19310417")
JOB, HC = "23 02210", "012 345 6789"
TEACHING_JOB, TEACHING_HC = "23 02211", "365 128 4719"
PLANTED = (PATIENT, *OTHERS, HC, HC.replace(" ", ""), TEACHING_HC, TEACHING_HC.replace(" ", ""))

HEADER = "job_no,hc_no,consent,kind,clinician,consent_date,expires,withdrawn,study"
ROWS = (
    (JOB, HC, "record", "", "Dr Fotheringhay", "2023-05-02", "", "", ""),
    (TEACHING_JOB, TEACHING_HC, "record;teaching", "photograph", "", "2023-05-03", "", "", ""),
)


def picture(height: int, width: int, seed: int) -> NDArray[np.uint8]:
    """A smooth coloured picture, 8-bit RGB, of shape (height, width, 3)."""
    rng = np.random.default_rng(seed)
    across, down = np.meshgrid(np.linspace(0, 3, width), np.linspace(0, 3, height))
    waves = [np.sin(across * a + b) + np.cos(down * b + a) for a, b in rng.uniform(1, 4, (3, 2))]
    return (np.stack(waves, axis=-1) * 60 + 128).astype(np.uint8)


def jpeg(seed: int) -> bytes:
    """A JPEG on its side: EXIF with names, a place, a camera's serial number and a thumbnail."""
    image = Image.fromarray(picture(480, 640, seed))
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turn right to view
    exif[0x010E] = f"{PATIENT}, {HC}"  # ImageDescription
    exif[0x013B] = "Fotheringhay"  # Artist
    exif.get_ifd(0x8769).update({0xA431: "SN-55102-PLANTED", 0x9286: b"ASCII\0\0\0Ward Nine East"})
    exif.get_ifd(0x8825).update({1: "N", 2: (54.0, 35.0, 10.5), 3: "W", 4: (5.0, 56.0, 2.1)})
    target = io.BytesIO()
    image.save(target, "JPEG", quality=92, exif=_with_thumbnail(exif, image), dpi=(300, 300))
    return target.getvalue()


def _with_thumbnail(exif: Image.Exif, image: Image.Image) -> bytes:
    """The EXIF bytes with IFD1 and a small JPEG of the picture appended (Exif 2.32, 4.5.8)."""
    small = io.BytesIO()
    image.resize((64, 48)).save(small, "JPEG", comment=PATIENT.encode())
    body = bytearray(exif.tobytes()[6:])
    first = int.from_bytes(body[4:8], "big")  # Pillow writes it big-endian
    entries = int.from_bytes(body[first : first + 2], "big")
    link = first + 2 + 12 * entries
    body[link : link + 4] = len(body).to_bytes(4, "big")
    place = len(body) + 2 + 3 * 12 + 4
    values = ((0x0103, 6), (0x0201, place), (0x0202, small.tell()))  # JPEG, offset, length
    body += struct.pack(">H", len(values))
    for tag, value in values:
        body += struct.pack(">HHLL", tag, 4, 1, value)
    return b"Exif\0\0" + bytes(body) + bytes(4) + small.getvalue()


def png() -> bytes:
    """A PNG with names in plain, compressed and international text."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Fotheringhay")
    texts.add_text("Comment", f"{PATIENT} {HC}", zip=True)
    texts.add_itxt("Description", f"Ward Nine East, {PATIENT}", "en", "Description")
    target = io.BytesIO()
    Image.fromarray(picture(300, 400, 2)).save(target, "PNG", pnginfo=texts, dpi=(150, 150))
    return target.getvalue()


def labelled() -> NDArray[np.uint8]:
    """A picture with a label in its pixels: the patient's name and number, 8-bit RGB."""
    shown = picture(360, 480, 7)
    for line, text in enumerate((PATIENT.upper(), HC)):
        place = (40, 120 + 50 * line)
        cv2.putText(shown, text, place, cv2.FONT_HERSHEY_SIMPLEX, 1.1, (255,) * 3, 2, cv2.LINE_AA)
    return shown


def saved(shown: NDArray[np.uint8]) -> bytes:
    """A PNG with nothing beside the picture."""
    target = io.BytesIO()
    Image.fromarray(shown).save(target, "PNG")
    return target.getvalue()


def tiff() -> bytes:
    """A TIFF of 16-bit grey with names in its tags."""
    grey = (picture(256, 256, 3)[..., 0].astype(np.uint16) << 8) | 0x5A
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[270], tags[315], tags[316] = f"{PATIENT} {HC}", "Fotheringhay", "Ward Nine East"
    target = io.BytesIO()
    Image.fromarray(grey).save(target, "TIFF", tiffinfo=tags, dpi=(300, 300))
    return target.getvalue()


def dicom(modality: str) -> bytes:
    """A CT (16-bit grey) or US (8-bit RGB) image object with names in its header."""
    uid = CTImageStorage if modality == "CT" else UltrasoundImageStorage
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = uid, generate_uid(), modality
    data.StudyInstanceUID, data.SeriesInstanceUID = generate_uid(), generate_uid()
    data.PatientName, data.PatientID = f"{PATIENT}^Margaret", HC.replace(" ", "")
    data.PatientBirthDate, data.PatientSex = "19310417", "F"
    data.ReferringPhysicianName, data.InstitutionName = "Fotheringhay^A", "Ward Nine East"
    data.DeviceSerialNumber, data.StudyDate, data.StudyTime = "SN-55102-PLANTED", "20230502", "1015"
    data.StudyDescription, data.AccessionNumber, data.StudyID = f"for {PATIENT}", "A1", "1"
    data.SeriesNumber, data.InstanceNumber, data.Manufacturer = "1", "1", "Demo"
    data.ImageType = (
        ["ORIGINAL", "PRIMARY", "AXIAL"] if modality == "CT" else ["ORIGINAL", "PRIMARY"]
    )
    data.add_new(0x00091010, "LO", f"{PATIENT} private")
    data.add_new(0x00090010, "LO", "DEMO MAKER")
    _add_pixels(data, modality)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.SourceApplicationEntityTitle = "WARDNINEEAST"
    target = io.BytesIO()
    pydicom.dcmwrite(target, data, enforce_file_format=True)
    return target.getvalue()


def _add_pixels(data: Dataset, modality: str) -> None:
    pixels: NDArray[np.unsignedinteger] = picture(128, 128, 4)
    if modality == "CT":
        pixels = pixels[..., 0].astype(np.uint16) * 8
        data.RescaleIntercept, data.RescaleSlope, data.RescaleType = "-1024", "1", "HU"
        data.PixelSpacing, data.SliceThickness = ["0.7", "0.7"], "5"
        data.ImagePositionPatient = ["0", "0", "0"]
        data.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
        data.FrameOfReferenceUID, data.KVP, data.AcquisitionNumber = generate_uid(), "120", "1"
    else:
        data.PlanarConfiguration = 0
    data.Rows, data.Columns = pixels.shape[:2]
    data.SamplesPerPixel = 1 if modality == "CT" else 3
    data.PhotometricInterpretation = "MONOCHROME2" if modality == "CT" else "RGB"
    data.BitsAllocated = pixels.itemsize * 8
    data.BitsStored = 12 if modality == "CT" else 8
    data.HighBit, data.PixelRepresentation = data.BitsStored - 1, 0
    data.PixelData = pixels.tobytes()


def main(outbox: Path, register: Path, planted: Path) -> None:
    """Writes register and planted texts, then drops the files."""
    with register.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows((HEADER.split(","), *ROWS))
    planted.write_text("\n".join(PLANTED) + "\n", encoding="utf-8")
    drops = {
        f"clinician/{JOB} {HC}/IMG_0001.JPG": jpeg(1),
        f"clinician/{JOB} {HC}/wound.png": png(),
        f"clinician/{JOB} {HC}/slide.tif": tiff(),
        f"clinician/{JOB} {HC}/ct.dcm": dicom("CT"),
        f"clinician/{JOB} {HC}/us.dcm": dicom("US"),
        f"clinician/{JOB} {HC}/image 9/labelled.png": saved(labelled()),
        f"teaching/{TEACHING_JOB}/IMG_0002.JPG": jpeg(5),
        f"teaching/{JOB}/ultrasound.dcm": dicom("US"),
        "clinician/from the memory card/IMG_0099.JPG": jpeg(6),
    }
    for name, content in drops.items():
        path = outbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        sys.stdout.write(f"   outbox/{name}\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
