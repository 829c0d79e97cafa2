"""The prover's own way to libheif (`libheif/heif.h`, 1.21 and later), out of the wheel of pi-heif.

It decodes a HEIC picture as it is stored, neither turned nor cropped, on the thread that asks: what
a file hides beside what it shows can then be looked at.
"""

import ctypes
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint8, c_void_p
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.terms.words import Reason
from medrelease.verify.refusal import Refusal, malformed

_RGB, _INTERLEAVED = 1, 10
_CHROMA = {3: 10, 4: 11}
"""`heif_chroma_interleaved_RGB` and `_RGBA` by samples a pixel, of eight bits."""
_ALONE = -1
_MOST_PIXELS = 1 << 27


class _Error(ctypes.Structure):
    _fields_ = (("code", c_int), ("detail", c_int), ("message", c_char_p))


class _Options(ctypes.Structure):
    """`heif_decoding_options` up to version 8."""

    _fields_ = (
        ("version", c_uint8),
        ("ignore_transformations", c_uint8),
        ("progress", c_void_p * 4),
        ("convert_hdr_to_8bit", c_uint8),
        ("strict_decoding", c_uint8),
        ("decoder", c_char_p),
        ("colour", c_int * 4),
        ("cancel", c_void_p),
        ("more_colour", c_void_p),
        ("ignore_editlist", c_int),
        ("output_profile", c_void_p),
        ("library_threads", c_int),
        ("codec_threads", c_int),
    )


_RETURNS: dict[str, Any] = {
    "heif_init": _Error,
    "heif_context_alloc": c_void_p,
    "heif_context_free": None,
    "heif_context_set_max_decoding_threads": None,
    "heif_context_read_from_memory_without_copy": _Error,
    "heif_context_get_primary_image_handle": _Error,
    "heif_image_handle_get_ispe_width": c_int,
    "heif_image_handle_get_ispe_height": c_int,
    "heif_image_handle_has_alpha_channel": c_int,
    "heif_image_handle_release": None,
    "heif_decoding_options_alloc": POINTER(_Options),
    "heif_decoding_options_free": None,
    "heif_decode_image": _Error,
    "heif_image_get_plane_readonly": c_void_p,
    "heif_image_get_width": c_int,
    "heif_image_get_height": c_int,
    "heif_image_release": None,
}
_loaded: list[Any] = []


def warm() -> None:
    """Load the library where there is one: a worker's sandbox lets no file be opened later."""
    found = find_spec("_pi_heif")
    if _loaded or found is None or found.origin is None:
        return
    try:
        library = ctypes.CDLL(found.origin)
        for name, result in _RETURNS.items():
            getattr(library, name).restype = result
    except (OSError, AttributeError):
        return
    options = library.heif_decoding_options_alloc()
    if not library.heif_init(None).code and options.contents.version >= 8:
        _loaded.append(library)
    library.heif_decoding_options_free(options)


def decode(data: bytes) -> NDArray[np.uint8]:
    """Return the stored main picture of a HEIC file: (rows, columns, 3 or 4 with opacity).

    Raises Refusal(decoder-missing | malformed | limits-exceeded).
    """
    warm()
    if not _loaded:
        raise Refusal(Reason.DECODER_MISSING, "what decodes HEIC is absent")
    library, held = _loaded[0], list[tuple[Callable[..., None], c_void_p]]()
    view = np.frombuffer(data, np.uint8)
    try:
        context = c_void_p(library.heif_context_alloc())
        held.append((library.heif_context_free, context))
        library.heif_context_set_max_decoding_threads(context, 0)
        start = c_void_p(view.ctypes.data)
        reading = library.heif_context_read_from_memory_without_copy
        _check(reading(context, start, c_size_t(view.size), None))
        picture = c_void_p()
        _check(library.heif_context_get_primary_image_handle(context, byref(picture)))
        held.append((library.heif_image_handle_release, picture))
        return _decoded(library, picture)
    finally:
        for release, what in reversed(held):
            release(what)


def _decoded(library: Any, picture: c_void_p) -> NDArray[np.uint8]:
    width = library.heif_image_handle_get_ispe_width(picture)
    height = library.heif_image_handle_get_ispe_height(picture)
    if width * height > _MOST_PIXELS:
        raise Refusal(Reason.LIMITS_EXCEEDED, "HEIC picture of too many pixels")
    samples = 4 if library.heif_image_handle_has_alpha_channel(picture) else 3
    options = library.heif_decoding_options_alloc()
    options.contents.ignore_transformations = 1
    options.contents.codec_threads = _ALONE
    image = c_void_p()
    try:
        _check(library.heif_decode_image(picture, byref(image), _RGB, _CHROMA[samples], options))
    finally:
        library.heif_decoding_options_free(options)
    try:
        stride = c_int()
        place = library.heif_image_get_plane_readonly(image, _INTERLEAVED, byref(stride))
        rows = library.heif_image_get_height(image, _INTERLEAVED)
        columns = library.heif_image_get_width(image, _INTERLEAVED)
        if not place or min(rows, columns) < 1 or stride.value < columns * samples:
            malformed("HEIC picture that does not decode")
        stored = (c_uint8 * (stride.value * rows)).from_address(place)
        plane = np.frombuffer(stored, np.uint8).reshape(rows, stride.value)
        return plane[:, : columns * samples].reshape(rows, columns, samples).copy()
    finally:
        library.heif_image_release(image)


def _check(said: _Error) -> None:
    """Refuse what is no success; what the library says may quote the file."""
    if said.code:
        malformed("HEIC picture that does not decode")
