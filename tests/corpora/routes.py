"""Routes as the configuration makes them: every value at its default but for what a test asks."""

from dataclasses import replace

from medrelease.terms.route import Route, Study
from medrelease.terms.words import Purpose


def route(purpose: Purpose, **changes: object) -> Route:
    """A route of a purpose with the defaults of the configuration."""
    made = Route(
        name=purpose.value,
        purpose=purpose,
        destination="somewhere",
        hsc=False,
        filename="{subject} -{image}",
        gmc10="dicom",
        approval="none",
        text="redact",
        dicom_options=frozenset(),
        study=Study("ABC", None, "secondary") if purpose is Purpose.RESEARCH else None,
    )
    return replace(made, **changes)
