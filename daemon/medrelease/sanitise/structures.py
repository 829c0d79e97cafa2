"""What becomes of the structures of a photograph: the table that `profile describe` prints.

One row a structure: the format, the structure, what is done. Where the picture itself is
concerned nothing is done: its coded bytes are carried over.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Structure:
    """One structure of a photograph's format and what the cleaning does with it."""

    format: str
    structure: str
    done: str


_ROWS = (
    ("jpeg", "frame, scans, restart markers", "kept, byte for byte"),
    ("jpeg", "bytes and bits of a scan that code no block", "removed; coefficients unchanged"),
    ("jpeg", "blocks outside of the picture", "blanked; the others unchanged"),
    ("jpeg", "names of components, idle selectors and intervals", "made plain"),
    ("jpeg", "what a sequential scan's header claims to select", "made true"),
    ("jpeg", "quantization and Huffman tables", "kept where a scan uses them, else removed"),
    ("jpeg", "steps and codes that no block needs", "made plain, in tables other than Annex K's"),
    ("jpeg", "APP0 JFIF", "rebuilt with the resolution; its thumbnail removed"),
    ("jpeg", "APP1 Exif", "rebuilt with orientation and resolution; all else removed"),
    ("jpeg", "APP2 ICC profile", "rebuilt from its rendering tags; its text blanked"),
    ("jpeg", "APP14 Adobe", "rebuilt with the colour transform"),
    ("jpeg", "other application segments and comments", "removed"),
    ("jpeg", "stray bytes, second pictures, trailers", "removed"),
    ("png", "IHDR, PLTE, tRNS", "kept; hidden colour cleared"),
    ("png", "IDAT", "kept, in pieces of one length; hidden colour, padding, surplus cleared"),
    ("png", "gAMA, cHRM, sRGB, sBIT, cICP, bKGD, pHYs", "kept where well formed, else removed"),
    ("png", "iCCP", "rebuilt from its rendering tags, under a neutral name"),
    ("png", "eXIf", "rebuilt with the orientation"),
    ("png", "every other chunk, bytes behind IEND", "removed"),
    ("png", "animation (APNG)", "the file is held"),
    ("tiff", "strips and tiles of every page", "kept, byte for byte; slack cut"),
    ("tiff", "colour under zero alpha, filling of tiles and rows", "cleared; coded anew if any"),
    (
        "tiff",
        "a picture in JPEG tiles beyond the page",
        "blanked by whole blocks; in JPEG 2000 held",
    ),
    ("tiff", "palette", "kept; entries that no pixel names cleared"),
    (
        "tiff",
        "fax of Group 3, LZMA, Zstandard, WebP, PNG, LERC, JPEG XL, XR",
        "coded anew: Deflate",
    ),
    ("tiff", "pages of several layers, samples of old JPEG", "the file is held"),
    ("tiff", "tags that place, shape and colour the picture", "kept"),
    ("tiff", "ICC profile", "rebuilt from its rendering tags; its text blanked"),
    ("tiff", "text, Exif, GPS, XMP, IPTC, unlisted tags", "removed"),
    ("tiff", "SubIFDs, reduced pages, gaps, trailers", "removed"),
    ("svs, tiff", "levels of a whole slide", "kept, tiles byte for byte; comments in them removed"),
    ("svs, tiff", "label, macro picture", "removed"),
    ("svs", "thumbnail", "replaced by a small white picture, which readers expect there"),
    ("svs", "description", "rebuilt with magnification and scale"),
    ("svs, tiff", "slides of Hamamatsu, Leica SCN and Ventana", "the file is held"),
    ("bmp", "headers", "rebuilt in their version: size, depth, masks, resolution, colour space"),
    ("bmp", "rows", "kept; padding, unused bits and colour under zero alpha cleared"),
    ("bmp", "run-length codes", "kept up to the end code; their padding cleared"),
    ("bmp", "palette", "kept; entries that no pixel names cleared"),
    ("bmp", "ICC profile", "rebuilt from its rendering tags; a path to one removed"),
    ("bmp", "gaps, trailers", "removed"),
    ("gif", "frames", "kept, code for code up to the last pixel"),
    ("gif", "screen, timing, transparency, loop count", "rebuilt"),
    ("gif", "palettes", "kept; colours that no visible pixel names cleared"),
    ("gif", "frames beside the screen", "the file is held"),
    ("gif", "comments, application data, plain text, trailers", "removed"),
    ("webp", "picture, frames of an animation", "kept, stream for stream up to its end"),
    ("webp", "canvas, place, timing, loop count", "rebuilt"),
    ("webp", "EXIF", "rebuilt with orientation and resolution; all else removed"),
    ("webp", "ICC profile", "rebuilt from its rendering tags; its text blanked"),
    ("webp", "colour under zero alpha", "cleared; the picture is then coded anew without loss"),
    ("webp", "XMP, unknown chunks, pictures that are not shown, trailers", "removed"),
    ("jp2", "codestream", "kept, packet for packet; each segment cut to what it needs"),
    (
        "jp2",
        "size, colour, channels, resolution",
        "rebuilt; the ICC profile from its rendering tags",
    ),
    ("jp2", "colour under zero opacity", "cleared; the picture is then coded anew without loss"),
    ("jp2", "comments, lists of lengths, bytes behind a tile's packets", "removed"),
    ("jp2", "XML, UUID, labels, other boxes and pictures, trailers", "removed"),
    ("jp2", "palette, packed packet headers, high-throughput coding", "the file is held"),
    ("heic, avif", "main picture, its tiles and their alpha", "kept, coded units byte for byte"),
    ("heic, avif", "size, depth, turn, mirror, edge crop, code points", "rebuilt"),
    ("heic, avif", "ICC profile", "rebuilt from its rendering tags; its text blanked"),
    ("heic, avif", "coding configuration", "rebuilt from the picture's own headers"),
    ("heic, avif", "messages, metadata, padding between coded units", "removed"),
    (
        "heic, avif",
        "bytes behind the last symbol of a slice, substream or tile",
        "the file is held",
    ),
    ("heic, avif", "Exif, XMP, thumbnails, gain maps, depth, other items", "removed"),
    ("heic, avif", "names, unknown boxes, unclaimed data, trailers", "removed"),
    ("heic, avif", "image sequence, layers, crop of a part", "the file is held"),
    (
        "heic, avif",
        "colour under full transparency, filling that is cut off",
        "if not even, the file is held",
    ),
    (
        "png, tiff, svs, bmp, gif, webp, jp2",
        "regions that are to be blanked",
        "filled black, no other pixel changed",
    ),
    ("heic, avif, lossy webp", "regions that are to be blanked", "the file is held"),
)


def structures() -> tuple[Structure, ...]:
    """Every structure of the formats that are released."""
    return tuple(Structure(*row) for row in _ROWS)
