"""The oldest Synapse that works, and the newest one with other versions of Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest
from homeserver import Homeserver

from presence_router.synapse_version import OLDEST

pytestmark = pytest.mark.synapses

TESTS = Path(__file__).parent
NEWEST = next(
    line
    for line in (TESTS / "requirements.txt").read_text().splitlines()
    if line.startswith("matrix-synapse==")
)
ENVIRONMENTS = [
    # Synapse names no upper bounds, and what it needs has gone on.
    pytest.param(None, f"matrix-synapse=={OLDEST}.0", "constraints-oldest.txt", id="oldest"),
    pytest.param("3.10", NEWEST, None, id="python3.10"),
    pytest.param("3.13", NEWEST, None, id="python3.13"),
]
RULES = """
routes:
  - senders: ["@grace:home.example", "@heidi:home.example", "@x:evil.example"]
    recipients: ["@lobby:home.example", "@auditor:home.example", "@screen-*:home.example"]
interests:
  - users: "@auditor:home.example"
    in: all
"""


def python_with(version: str | None, synapse: str, constraints: str | None) -> Path:
    """A Python of a version that has Synapse, made once."""
    folder = TESTS.parents[1] / "target" / "synapses" / f"{version or 'this'}-{synapse}"
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    if version is None:
        venv.create(folder, clear=True, with_pip=True)
    else:
        program = other_python(version)
        if program is None:
            pytest.skip(f"there is no Python {version}")
        subprocess.run([program, "-m", "venv", "--clear", folder], check=True)
    arguments: list[str | Path] = [synapse]
    if constraints is not None:
        arguments += ["--constraint", TESTS / constraints]
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    subprocess.run([*pip, *arguments], check=True)
    (folder / "complete").touch()
    return python


def other_python(version: str) -> str | None:
    """A Python of the path, or one that pyenv has but does not show."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for program in [shutil.which(f"python{version}"), *pyenv.glob(f"{version}.*/bin/python3")]:
        if program and not subprocess.run([program, "-c", ""], capture_output=True).returncode:
            return str(program)
    return None


@pytest.mark.parametrize(("version", "synapse", "constraints"), ENVIRONMENTS)
def test_it_works(
    tmp_path: Path, version: str | None, synapse: str, constraints: str | None
) -> None:
    homeserver = Homeserver(tmp_path / "homeserver", {"rules.yaml": RULES})
    homeserver.python = str(python_with(version, synapse, constraints))
    try:
        homeserver.start()
        scenario(homeserver)
    finally:
        homeserver.stop()


def scenario(homeserver: Homeserver) -> None:
    names = ("grace", "heidi", "lobby", "auditor", "screen-1", "kitchen")
    grace, heidi, lobby, auditor, screen, kitchen = map(homeserver.user, names)
    for client in (lobby, auditor, screen, kitchen):
        client.settle()
    grace.is_now("online")
    for client in (lobby, auditor, screen):
        client.wait_for(grace.user_id, "online")
    # A change that no rule routes wakes nobody, an initial sync goes through all states, and a stranger does no harm.
    asked = homeserver.metric("presence_router_all_answers_total")
    kitchen.is_now("online")
    assert homeserver.metric("presence_router_all_answers_total") == asked
    homeserver.hears("@x:evil.example")
    auditor.wait_for("@x:evil.example", "online")
    homeserver.hears("@x:evil.example", status_msg={})
    auditor.sync()
    assert grace.user_id in auditor.sync(full=True)
    heidi.is_now("online")
    for client in (lobby, auditor):
        client.wait_for(heidi.user_id, "online")
        client.settle()
    assert homeserver.metric("presence_router_fallback_total") == 0
    assert homeserver.metric("presence_router_narrowed_total") > 0
    # One route moves on: who gains it sees the present state, and who loses it, that the sender is gone.
    homeserver.write_rules("rules.yaml", RULES.replace("@lobby:", "@kitchen:"))
    kitchen.wait_for(grace.user_id, "online", poll=1)
    lobby.wait_for(grace.user_id, "offline", poll=1)
    text = homeserver.log_text()
    assert "module API callback" not in text
    assert "presence_router/" not in text and "presence rules: cannot" not in text
