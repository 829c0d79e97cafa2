"""Feeds the C modules mutated files, when they were built with gcc's sanitisers.

    python watched_run.py FOLDER SEED COUNT

FOLDER holds the modules as NAME.so. A fault ends the process with the sanitiser's words; else it
prints what became of the files.
"""

import sys
from collections import Counter
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from itertools import islice
from pathlib import Path


def main(folder: Path, seed: int, count: int) -> None:
    """Put the watched modules where the rooms look for theirs, then feed both rooms."""
    names = [place.stem for place in sorted(folder.glob("*.so"))]
    for name in names:
        place = str(folder / f"{name}.so")
        spec = spec_from_file_location(name, place, loader=ExtensionFileLoader(name, place))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    from corpora.fuzzing import Rooms, mutations, seeds

    said = Counter[str]()
    with Rooms() as rooms:
        for formats in (("jpeg", "tiff", "dicom", "heif"), ("gif",)):
            files = seeds(formats)
            draw = mutations(files, seed)
            for data in [*files, *islice(draw, count)]:
                said[rooms.judge(data)] += 1
            for data in islice(draw, count):
                said["pair " + rooms.believe(data, next(draw))] += 1
    assert all(str(sys.modules[name].__file__).startswith(str(folder)) for name in names)
    for what, number in sorted(said.items()):
        sys.stdout.write(f"{number} {what}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
