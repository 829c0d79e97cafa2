"""The light way in, and where the site key comes from."""

import subprocess
import sys
from pathlib import Path

import pytest

from medrelease.config.init import make_site
from medrelease.config.keys import add_key, site_keys, write_key
from medrelease.config.light import Paths, find_file, site_paths
from medrelease.config.load import load
from medrelease.terms.faults import ConfigError


def test_the_option_comes_before_the_variable(tmp_path: Path) -> None:
    """--config, else $MEDRELEASE_CONFIG, else the file under /etc; always absolute."""
    environ = {"MEDRELEASE_CONFIG": "/b.toml"}
    assert find_file("/a.toml", environ) == Path("/a.toml")
    assert find_file(None, environ) == Path("/b.toml")
    assert find_file(None, {}) == Path("/etc/medrelease/medrelease.toml")
    assert find_file("x.toml", {}).is_absolute()


def test_the_paths_are_those_of_the_whole_reading(tmp_path: Path) -> None:
    """The light reading and the full one agree on where a site lives."""
    make_site(tmp_path)
    file = tmp_path / "medrelease.toml"
    site = load(file).site
    assert site_paths(file) == Paths(site.share, site.state, site.audit)
    file.write_text("[site]\nshare = '/srv/x'\n")
    assert site_paths(file) == Paths(Path("/srv/x"), tmp_path / "state", tmp_path / "audit")


@pytest.mark.parametrize("text", ["site = 1", "[site]\nshare = 1", "[site]\naudit = ''", "["])
def test_trouble_with_the_paths_is_a_finding(tmp_path: Path, text: str) -> None:
    """A file that does not say where the site lives ends in ConfigError."""
    file = tmp_path / "medrelease.toml"
    file.write_text(text)
    with pytest.raises(ConfigError):
        site_paths(file)


def test_the_light_way_costs_no_schema() -> None:
    """Neither pydantic nor a package outside the standard library comes with it."""
    code = (
        "import sys; before = set(sys.modules); import medrelease.config.light; "
        "print(*{name.split('.')[0] for name in set(sys.modules) - before} "
        "- sys.stdlib_module_names)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["medrelease"]


def test_the_key_is_read_from_the_state_folder(tmp_path: Path) -> None:
    """The file of mode 0600 gives 32 bytes; with any right for others it is refused."""
    (tmp_path / "keys").mkdir()
    path = tmp_path / "keys" / "site.key"
    write_key(path)
    assert site_keys(tmp_path, {}) == (bytes.fromhex(path.read_text()),)
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="0640"):
        site_keys(tmp_path, {})


def test_a_credential_comes_first(tmp_path: Path) -> None:
    """A systemd credential of that name is used; another name leaves it to the file."""
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    with pytest.raises(ConfigError, match="cannot be read"):
        site_keys(tmp_path, environ)
    (tmp_path / "medrelease-site.key").write_text("ab" * 32)
    assert site_keys(tmp_path, environ) == (b"\xab" * 32,)


@pytest.mark.parametrize(
    "content",
    ["", "ab", "zz" * 32, "ab" * 33, "ab" * 32 + "\n" + "ab" * 31, "ab" * 32 + " " + "ab" * 32],
)
def test_a_key_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    """A short, long or unreadable key is never stretched into one; its text is not shown."""
    (tmp_path / "medrelease-site.key").write_text(content)
    with pytest.raises(ConfigError) as caught:
        site_keys(tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert not content or content not in str(caught.value)


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    """Codes already given would lose their way back."""
    write_key(tmp_path / "site.key")
    with pytest.raises(FileExistsError):
        write_key(tmp_path / "site.key")


def test_a_newer_key_is_put_behind_the_others(tmp_path: Path) -> None:
    """Every older key stays, the newest is last, and the file stays its owner's alone."""
    (tmp_path / "keys").mkdir()
    path = tmp_path / "keys" / "site.key"
    write_key(path)
    (first,) = site_keys(tmp_path, {})
    assert add_key(path) == 2
    assert add_key(path) == 3
    keys = site_keys(tmp_path, {})
    assert keys[0] == first
    assert len({*keys}) == 3
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["site.key"]
    path.write_text("\n".join(["ab" * 32] * 100))
    with pytest.raises(ConfigError, match="100 already"):
        add_key(path)
    path.write_text("no key")
    with pytest.raises(ConfigError):
        add_key(path)
    assert path.read_text() == "no key"
