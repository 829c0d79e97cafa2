"""All models of the room, loaded once a worker."""

from collections.abc import Mapping
from dataclasses import dataclass

from medrelease.pixels import faces, models, writing
from medrelease.pixels.faces import FaceModel
from medrelease.pixels.models import TextModels


@dataclass(frozen=True, slots=True)
class Nets:
    """The text nets and the face net; `hashes` are the SHA-256 of their files by name."""

    text: TextModels
    face: FaceModel
    hashes: Mapping[str, str]


def load() -> Nets:
    """Load every model and run each once. Raises ModelMissing."""
    text, face = models.load(), faces.load()
    writing.warm(text)
    faces.warm(face)
    return Nets(text, face, {**text.hashes, **face.hashes})
