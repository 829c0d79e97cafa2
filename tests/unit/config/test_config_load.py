"""What `config.load` accepts, refuses and fills in."""

from datetime import date
from pathlib import Path

import pytest

from medrelease.config.load import load
from medrelease.terms.faults import ConfigError
from medrelease.terms.route import Study

CARE = '[[route]]\nname = "clinician"\npurpose = "care"\nhsc = true\n'
TEACHING = '[[route]]\nname = "teaching"\npurpose = "teaching"\n'
RESEARCH = '[[route]]\nname = "s1"\npurpose = "research"\n'


def write(folder: Path, text: str) -> Path:
    """A configuration file with that text."""
    path = folder / "medrelease.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str) -> dict[str, str]:
    """The findings on a text that must be refused, by key path."""
    with pytest.raises(ConfigError) as caught:
        load(write(folder, text))
    return dict(caught.value.findings)


def test_a_route_alone_gets_every_default(tmp_path: Path) -> None:
    """The shortest file gives a whole site, with paths beside the file."""
    settings = load(write(tmp_path, CARE))
    route = settings.routes[0]
    assert settings.site.share == tmp_path / "share"
    assert settings.register.url == "csv:register.csv"
    assert settings.workers.memory == 2**30
    assert (route.filename, route.gmc10, route.approval) == (
        "{job} -{image}-{hc}",
        "dicom",
        "none",
    )
    assert (route.text, route.destination, route.dicom_options) == (
        "redact",
        "clinician",
        frozenset(),
    )
    assert settings.route("clinician") is route
    assert settings.route("nowhere") is None


def test_other_routes_are_coded_by_subject(tmp_path: Path) -> None:
    """Outside care the default name carries no number of the patient."""
    assert load(write(tmp_path, TEACHING)).routes[0].filename == "{subject} -{image}"


def test_all_findings_come_at_once(tmp_path: Path) -> None:
    """Misspelt keys, wrong values and wrong combinations are all reported in one go."""
    text = (
        "[site]\nsetle = 1\npatience = -1\n[workers]\nmemory = '1X'\n[regster]\n"
        "[numbers]\njob = '('\n" + TEACHING + 'filename = "{hc} {image}"\n'
        'dicom = { options = ["retain-uids"] }\n'
    )
    found = refused(tmp_path, text)
    assert set(found) == {
        "site.setle",
        "site.patience",
        "workers.memory",
        "regster",
        "numbers.job",
        "route.teaching.filename",
        "route.teaching.dicom.options",
    }
    assert "settle" in found["site.setle"]
    assert "register" in found["regster"]


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("share = 'x'\n" + CARE, "share", "site.share"),
        (CARE + "gmc1O = 'off'\n", "route.clinician.gmc1O", "gmc10"),
        (CARE + "pixels = { txt = 'hold' }\n", "route.clinician.pixels.txt", "text"),
        (CARE + "dicom = { option = [] }\n", "route.clinician.dicom.option", "options"),
        ("[site]\nqqqq = 1\n" + CARE, "site.qqqq", "nearest known one is"),
        ("[register]\ncolumns = { jobno = 'x' }\n" + CARE, "register.columns.jobno", "job_no"),
    ],
)
def test_an_unknown_key_names_the_nearest(tmp_path: Path, text: str, key: str, says: str) -> None:
    """Every unknown key is refused with the known name that is nearest to it."""
    assert says in refused(tmp_path, text)[key]


@pytest.mark.parametrize(
    ("name", "legal"),
    [
        ("to clinic", True),
        ("a/b", False),
        (".hidden", False),
        ("CON", False),
        ("lpt1.x", False),
        ("ends.", False),
        ("", False),
        ("a:b", False),
    ],
)
def test_a_route_must_name_a_folder(tmp_path: Path, name: str, legal: bool) -> None:
    """Names that Linux or Windows cannot use for a folder are refused."""
    text = f'[[route]]\nname = "{name}"\npurpose = "teaching"\n'
    if legal:
        assert load(write(tmp_path, text)).routes[0].name == name
    else:
        assert any(key.endswith(".name") for key in refused(tmp_path, text))


def test_names_that_a_windows_share_confuses_are_refused(tmp_path: Path) -> None:
    """Two routes whose names differ in capital letters only would be one folder."""
    other = TEACHING.replace('"teaching"', '"Teaching"', 1)
    assert "route.Teaching.name" in refused(tmp_path, TEACHING + other)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (CARE.replace("true", "false"), "route.clinician.filename"),
        (RESEARCH + "hsc = true\nfilename = '{hc} -{image}'\n", "route.s1.filename"),
        (RESEARCH + "filename = '{job} -{image}'\n", "route.s1.filename"),
        (TEACHING + "filename = '{subject} {study} {image}'\n", "route.teaching.filename"),
        (TEACHING + "filename = '{subjct} {image}'\n", "route.teaching.filename"),
        (TEACHING + "filename = '{subject}'\n", "route.teaching.filename"),
    ],
)
def test_a_template_that_cannot_serve_is_refused(tmp_path: Path, text: str, key: str) -> None:
    """The H&C number only inside health care, no number in research, no field that is none."""
    assert key in refused(tmp_path, text)


def test_a_study_belongs_to_research_alone(tmp_path: Path) -> None:
    """A research route needs its study, and no other route may have one."""
    study = "study = { reference = 'S-1', basis = 'consent' }\n"
    assert "route.s1.study" in refused(tmp_path, RESEARCH)
    assert "route.teaching.study" in refused(tmp_path, TEACHING + study)
    assert load(write(tmp_path, RESEARCH + study)).routes[0].key_label == "study:S-1"


@pytest.mark.parametrize("ends", ["2027-03-31", '"2027-03-31"'])
def test_a_study_ends_on_a_day(tmp_path: Path, ends: str) -> None:
    """The end of a study is a day, as TOML's own date or as text."""
    study = f"study = {{ reference = 'S-1', basis = 'secondary', ends = {ends} }}\n"
    route = load(write(tmp_path, RESEARCH + study)).routes[0]
    assert route.study == Study("S-1", date(2027, 3, 31), "secondary")


@pytest.mark.parametrize("ends", ['"2027-13-01"', '"soon"', "20270331", "2027-03-31T10:00:00"])
def test_an_end_that_is_no_day_is_refused(tmp_path: Path, ends: str) -> None:
    """Whatever does not name a day is a finding on its key."""
    study = f"study = {{ reference = 'S-1', basis = 'secondary', ends = {ends} }}\n"
    assert "route.s1.study.ends" in refused(tmp_path, RESEARCH + study)


@pytest.mark.parametrize(
    "option",
    [
        "retain-uids",
        "retain-longitudinal-full-dates",
        "retain-device-identity",
        "retain-institution-identity",
    ],
)
def test_options_that_lead_back_stay_inside_health_care(tmp_path: Path, option: str) -> None:
    """What retains UIDs, full dates, device or institution needs hsc = true."""
    options = f'dicom = {{ options = ["{option}"] }}\n'
    assert "route.teaching.dicom.options" in refused(tmp_path, TEACHING + options)
    assert load(write(tmp_path, CARE + options)).routes[0].dicom_options == {option}


def test_dates_are_either_full_or_modified(tmp_path: Path) -> None:
    """The two longitudinal options of PS3.15 contradict each other."""
    both = '["retain-longitudinal-full-dates", "retain-longitudinal-modified-dates"]'
    assert "route.clinician.dicom.options" in refused(
        tmp_path, CARE + f"dicom = {{ options = {both} }}\n"
    )


def test_an_unknown_dicom_option_is_refused(tmp_path: Path) -> None:
    """The finding names the place in the list."""
    found = refused(tmp_path, CARE + 'dicom = { options = ["retain-all"] }\n')
    assert "retain-safe-private" in found["route.clinician.dicom.options[0]"]


def test_keep_acts_as_hold_outside_care(tmp_path: Path) -> None:
    """`text = "keep"` is honoured on care; elsewhere files are held and `check` has a remark."""
    settings = load(write(tmp_path, "[pixels]\ntext = 'keep'\n" + CARE + TEACHING))
    assert [route.text for route in settings.routes] == ["keep", "hold"]
    assert [key for key, _ in settings.remarks] == ["route.teaching.pixels.text"]


def test_a_route_overrides_what_it_names(tmp_path: Path) -> None:
    """What a route does not say of its pixels stays as it is for the site."""
    text = "[pixels]\nmax_masked = 0.5\n" + CARE + "pixels = { text = 'hold', keep = ['X'] }\n"
    pixels = load(write(tmp_path, text)).route_pixels["clinician"]
    assert (pixels.text, pixels.keep, pixels.max_masked) == ("hold", ("X",), 0.5)


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ("url = 'register.csv'", "register.url"),
        ("url = 'csv:'", "register.url"),
        ("table = 'jobs'", "register.table"),
        ("url = 'postgresql://db/jobs'", "register"),
        ("url = 'postgresql://db/jobs'\ntable = 'a'\nquery = 'b'", "register"),
        ("columns = { job_no = 'hc_no' }", "register.columns"),
    ],
)
def test_a_register_that_cannot_be_meant_is_refused(tmp_path: Path, lines: str, key: str) -> None:
    """A file or one database with either a table or a query; no column for two things."""
    assert key in refused(tmp_path, f"[register]\n{lines}\n" + CARE)


@pytest.mark.parametrize("state", ["share/state", "share", "."])
def test_keys_never_lie_in_the_share(tmp_path: Path, state: str) -> None:
    """A state folder that staff could open, or that holds the share, is refused."""
    assert "site.state" in refused(tmp_path, f"[site]\nstate = '{state}'\n" + CARE)


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ("[site]\nsettle = 0", "site.settle"),
        ("[site]\nsettle = nan", "site.settle"),
        ("[site]\npatience = inf", "site.patience"),
        ("[site]\nsettle = true", "site.settle"),
        ("[site]\noriginals_days = 1.5", "site.originals_days"),
        ("[site]\ncontact = ''", "site.contact"),
        ('[site]\nname = "two\\nlines"', "site.name"),
        ("[workers]\nprocesses = -1", "workers.processes"),
        ("[workers]\nexecutor = 'dask+tls://h:1'", "workers.executor"),
        ("[pixels]\nmax_masked = 1.5", "pixels.max_masked"),
        ("[pixels]\nkeep = [1]", "pixels.keep[0]"),
        ("[audit]\njournal = 'yes'", "audit.journal"),
        ("[audit]\ncheckpoint_lines = 0", "audit.checkpoint_lines"),
        ("[numbers]\ncheck = 'on'", "numbers.check"),
        ("site = 3", "site"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(tmp_path: Path, lines: str, key: str) -> None:
    """Numbers have bounds, and no text passes for a number or a switch."""
    assert key in refused(tmp_path, f"{lines}\n" + CARE)


def test_purpose_has_no_default(tmp_path: Path) -> None:
    """A route that does not say its purpose, or says none there is, is refused."""
    assert "route.x.purpose" in refused(tmp_path, '[[route]]\nname = "x"\n')
    assert "route[0].name" in refused(tmp_path, '[[route]]\npurpose = "care"\nhsc = true\n')
    assert "route.x.purpose" in refused(tmp_path, '[[route]]\nname = "x"\npurpose = {}\n')
    assert "route" in refused(tmp_path, "[site]\n")


def test_a_syntax_error_has_its_line(tmp_path: Path) -> None:
    """What is not TOML is said with its place; so is what cannot be read."""
    assert "line 2" in refused(tmp_path, "[site]\nname =\n")[""]
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(b"name = '\xe9'")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(tmp_path / "latin.toml")


def test_the_digest_tells_two_policies_apart(tmp_path: Path) -> None:
    """Any effective change changes the digest; a comment or a written-out default does not."""
    plain = load(write(tmp_path, CARE)).policy_sha256
    assert load(write(tmp_path, "# x\n[site]\nsettle = 2\n" + CARE)).policy_sha256 == plain
    assert load(write(tmp_path, CARE + "approval = 'required'\n")).policy_sha256 != plain
    assert len(plain) == 64


def test_the_digest_gives_no_password_away(tmp_path: Path) -> None:
    """Two files that differ in a database password alone have one digest."""
    text = "[register]\ntable = 'jobs'\nurl = 'postgresql://reader:{}@db/jobs'\n" + CARE
    first, second = (load(write(tmp_path, text.format(word))) for word in ("one", "two"))
    assert first.policy_sha256 == second.policy_sha256
    assert first.register.url != second.register.url
