"""libheif, as the wheel of pi-heif carries it, told to decode on the thread that asks.

The wheel's own Python module cannot say so: it has libde265 start a thread for each picture, which
a child that reads a file may not do, and which then ends it. Here the library's C interface is
called instead (`libheif/heif.h` and its parts, 1.21 and later; the library keeps old layouts).
"""

import ctypes
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint8, c_void_p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.faults import decoder_missing, too_large, undecodable
from medrelease.pixels.page import MOST_BYTES

PACKAGE = "_pi_heif"
_NO_THREAD = -1
"""As many threads for a codec: 0 stands for the codec's own choice, which is one."""
_OPTIONS_WITH_THREADS = 8
"""The version of `heif_decoding_options` from which it says how many threads a codec may have."""
_RGB, _INTERLEAVED = 1, 10
_CHROMA = {(8, 3): 10, (8, 4): 11, (16, 3): 14, (16, 4): 15}
"""`heif_chroma` by bits and samples; those of 16 bits are little-endian."""
_UNSUPPORTED, _NO_MEMORY, _LIMIT = (3, 4), 6, 1000


class _Error(ctypes.Structure):
    """`heif_error`; its message may quote the file."""

    _fields_ = (("code", c_int), ("detail", c_int), ("message", c_char_p))


class _ColourOptions(ctypes.Structure):
    """`heif_color_conversion_options`."""

    _fields_ = (("version", c_uint8), ("down", c_int), ("up", c_int), ("only", c_uint8))


class _Options(ctypes.Structure):
    """`heif_decoding_options` up to version 8."""

    _fields_ = (
        ("version", c_uint8),
        ("ignore_transformations", c_uint8),
        ("progress", c_void_p * 4),
        ("convert_hdr_to_8bit", c_uint8),
        ("strict_decoding", c_uint8),
        ("decoder", c_char_p),
        ("colour", _ColourOptions),
        ("cancel", c_void_p),
        ("more_colour", c_void_p),
        ("ignore_editlist", c_int),
        ("output_profile", c_void_p),
        ("library_threads", c_int),
        ("codec_threads", c_int),
    )


_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "heif_init": (_Error, (c_void_p,)),
    "heif_context_alloc": (c_void_p, ()),
    "heif_context_free": (None, (c_void_p,)),
    "heif_context_set_max_decoding_threads": (None, (c_void_p, c_int)),
    "heif_context_read_from_memory_without_copy": (
        _Error,
        (c_void_p, c_void_p, c_size_t, c_void_p),
    ),
    "heif_context_get_primary_image_handle": (_Error, (c_void_p, POINTER(c_void_p))),
    "heif_image_handle_get_width": (c_int, (c_void_p,)),
    "heif_image_handle_get_height": (c_int, (c_void_p,)),
    "heif_image_handle_get_luma_bits_per_pixel": (c_int, (c_void_p,)),
    "heif_image_handle_has_alpha_channel": (c_int, (c_void_p,)),
    "heif_image_handle_release": (None, (c_void_p,)),
    "heif_decoding_options_alloc": (POINTER(_Options), ()),
    "heif_decoding_options_free": (None, (POINTER(_Options),)),
    "heif_decode_image": (
        _Error,
        (c_void_p, POINTER(c_void_p), c_int, c_int, POINTER(_Options)),
    ),
    "heif_image_get_width": (c_int, (c_void_p, c_int)),
    "heif_image_get_height": (c_int, (c_void_p, c_int)),
    "heif_image_get_plane_readonly": (c_void_p, (c_void_p, c_int, POINTER(c_int))),
    "heif_image_get_decoding_warnings": (c_int, (c_void_p, c_int, POINTER(_Error), c_int)),
    "heif_image_release": (None, (c_void_p,)),
}


_loaded: list[Any] = []


def load() -> Any:
    """The library, loaded once. Raises CannotDecode where there is none that can do this."""
    if _loaded:
        return _loaded[0]
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise decoder_missing("The decoder for HEIC (pi-heif) is not installed.")
    try:
        library = ctypes.CDLL(found.origin)  # what it is linked to is searched for names too
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError):
        raise decoder_missing("The decoder for HEIC cannot be used: it is another.") from None
    if library.heif_init(None).code:
        raise decoder_missing("The decoder for HEIC does not start.")
    options = library.heif_decoding_options_alloc()
    version = options.contents.version
    library.heif_decoding_options_free(options)
    if version < _OPTIONS_WITH_THREADS:
        raise decoder_missing("The decoder for HEIC is too old to do without threads.")
    _loaded.append(library)
    return library


def decode(data: Any) -> NDArray[Any]:
    """The main picture of a HEIC file (any buffer) as it is shown: (rows, columns, 3 or 4).

    It is turned and cropped; what has more than 8 bits comes with 16. Raises CannotDecode.
    """
    library = load()
    view = np.frombuffer(data, np.uint8)
    with _context(library) as context:
        reading = library.heif_context_read_from_memory_without_copy
        _check(reading(context, view.ctypes.data, view.size, None))
        with _main_picture(library, context) as picture:
            return _decoded(library, picture)


def _decoded(library: Any, picture: c_void_p) -> NDArray[Any]:
    width = library.heif_image_handle_get_width(picture)
    height = library.heif_image_handle_get_height(picture)
    bits = library.heif_image_handle_get_luma_bits_per_pixel(picture)
    count = 4 if library.heif_image_handle_has_alpha_channel(picture) else 3
    size = 8 if bits == 8 else 16
    # Beside the samples stand the planes that they are made of.
    if min(width, height) < 1 or 2 * width * height * count * size // 8 > MOST_BYTES:
        raise too_large("The picture has more pixels than can be looked at.")
    with _image(library, picture, _CHROMA[size, count]) as image:
        if library.heif_image_get_decoding_warnings(image, 0, byref(_Error()), 1):
            raise undecodable("The picture cannot be decoded whole.")
        stride = c_int()
        start = library.heif_image_get_plane_readonly(image, _INTERLEAVED, byref(stride))
        rows = library.heif_image_get_height(image, _INTERLEAVED)
        columns = library.heif_image_get_width(image, _INTERLEAVED)
        if not start or min(rows, columns) < 1:
            raise undecodable()
        stored = (c_uint8 * (stride.value * rows)).from_address(start)
        plane = np.frombuffer(stored, np.uint8).reshape(rows, stride.value)
        used = plane[:, : columns * count * size // 8].copy()
    kind = np.dtype(np.uint8 if size == 8 else "<u2")
    return used.view(kind).reshape(rows, columns, count)


@contextmanager
def _context(library: Any) -> Iterator[c_void_p]:
    context = c_void_p(library.heif_context_alloc())
    if not context:
        raise MemoryError
    try:
        library.heif_context_set_max_decoding_threads(context, 0)
        yield context
    finally:
        library.heif_context_free(context)


@contextmanager
def _main_picture(library: Any, context: c_void_p) -> Iterator[c_void_p]:
    picture = c_void_p()
    _check(library.heif_context_get_primary_image_handle(context, byref(picture)))
    try:
        yield picture
    finally:
        library.heif_image_handle_release(picture)


@contextmanager
def _image(library: Any, picture: c_void_p, chroma: int) -> Iterator[c_void_p]:
    options = library.heif_decoding_options_alloc()
    options.contents.codec_threads = _NO_THREAD
    image = c_void_p()
    try:
        _check(library.heif_decode_image(picture, byref(image), _RGB, chroma, options))
    finally:
        library.heif_decoding_options_free(options)
    try:
        yield image
    finally:
        library.heif_image_release(image)


def _check(said: _Error) -> None:
    """Raises CannotDecode for what is no success."""
    if not said.code:
        return
    if said.code == _NO_MEMORY or said.detail == _LIMIT:
        raise too_large("The picture needs more memory than it may.")
    if said.code in _UNSUPPORTED:
        raise decoder_missing("Nothing here reads this form of the format.")
    raise undecodable()
