"""What `.ci/dist` makes, as users take it: each file is installed where nothing of this project is, and tried."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml
from test_versions import other_python

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
# No Rust, nor anything else that a developer has.
PLAIN = {
    "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    # uv trusts what the machine trusts, as pip does.
    "UV_SYSTEM_CERTS": "true",
}

pytestmark = pytest.mark.dist


def run(
    *command: str | Path,
    code: int = 0,
    folder: Path = ROOT,
    env: Mapping[str, str] = MappingProxyType({}),
) -> str:
    # How pip and apt reach their registries is this machine's business.
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))}
    ran = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**kept, **PLAIN, **env},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == code, (command, ran.stdout + ran.stderr)
    return ran.stdout


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was made before, if `DIST` names it, or is made now."""
    if given := os.environ.get("DIST"):
        return Path(given)
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([ROOT / ".ci" / "dist", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def version(dist: Path) -> str:
    manifest = (ROOT / "Cargo.toml").read_text()
    found = re.search(r'^version = "(.*)"$', manifest, re.MULTILINE)
    assert found
    return found[1]


def one(dist: Path, pattern: str) -> Path:
    (path,) = dist.glob(pattern)
    return path


def try_readme(program: str | Path, folder: Path) -> None:
    """The first rule of the README, and the first answer."""
    assert shutil.which("cargo", path=PLAIN["PATH"]) is None
    rules = re.search(r"^```yaml\n# lobby.yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    asked = re.search(r"^\$ (echo .*) \| presence-router (route .*)\n(.*)$", README, re.MULTILINE)
    assert rules and asked
    folder.mkdir(exist_ok=True)
    (folder / "lobby.yaml").write_text(rules[1])
    answer = run("sh", "-c", f"{asked[1]} | '{program}' {asked[2]}", folder=folder)
    assert answer == asked[3] + "\n"
    run(program, "check", "lobby.yaml", folder=folder)


def test_sums_are_right(dist: Path) -> None:
    run("sha256sum", "--strict", "--check", "SHA256SUMS", folder=dist)
    named = {line.split("  ", 1)[1] for line in (dist / "SHA256SUMS").read_text().splitlines()}
    assert named == {path.name for path in dist.iterdir()} - {"SHA256SUMS"}


def test_nothing_tells_of_the_machine_that_made_it(dist: Path) -> None:
    homes = [str(ROOT).encode(), str(Path.home() / ".cargo").encode()]
    for path in dist.iterdir():
        for content in contents(path):
            assert not any(home in content for home in homes), path


def contents(path: Path) -> list[bytes]:
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            return [archive.read(name) for name in archive.namelist()]
    if path.suffix == ".gz":
        with tarfile.open(path) as tar:
            files = [tar.extractfile(member) for member in tar.getmembers() if member.isfile()]
            return [file.read() for file in files if file is not None]
    return [path.read_bytes()]


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13", "3.14"])
def test_the_wheel_installs_without_rust(
    dist: Path, version: str, python: str, tmp_path: Path
) -> None:
    program = other_python(python)
    if program is None:
        pytest.skip(f"there is no Python {python}")
    wheel = one(dist, "*.whl")
    assert "-cp310-abi3-" in wheel.name and "manylinux_2_17_" in wheel.name
    assert wheel.stat().st_size < 8_000_000
    run(program, "-m", "venv", tmp_path / "clean")
    programs = tmp_path / "clean" / "bin"
    run(programs / "python", "-m", "pip", "install", "--quiet", "--only-binary", ":all:", wheel)
    command = programs / "presence-router"
    # It is the program itself, and no script that starts Python.
    assert command.read_bytes()[:4] == b"\x7fELF"
    assert run(command, "--version").strip() == f"presence-router {version}"
    try_readme(command, tmp_path / "here")
    script = "from presence_router import RuleSet as R; print(R.load(['lobby.yaml']).interested('@lobby:corp.example'))"
    (tmp_path / "here" / "users.txt").write_text("@grace:corp.example\n")
    script = script.replace("'lobby.yaml']", "'lobby.yaml'], known_users=['users.txt']")
    seen = run(programs / "python", "-c", script, folder=tmp_path / "here")
    assert seen == "{'@grace:corp.example'}\n"


def test_python_ends_without_a_crash(dist: Path, tmp_path: Path) -> None:
    """What is let go of while Python ends: it was unwound by a library that this one was not linked for."""
    run(sys.executable, "-m", "venv", tmp_path / "clean")
    python = tmp_path / "clean" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", one(dist, "*.whl"))
    (tmp_path / "rules.yaml").write_text(
        "routes: [{senders: '@*:a.example', recipients: '@l:a.example'}]"
    )
    script = "from presence_router import RuleSet as R; R.load(['rules.yaml'], known_users=['users']).interested('@l:a.example')"
    (tmp_path / "users").write_text("".join(f"@u{n}:a.example\n" for n in range(100)))
    for _ in range(20):
        # Several at once, so that threads have to wait for each other.
        running = [
            subprocess.Popen([python, "-c", script], cwd=tmp_path, env=PLAIN) for _ in range(4)
        ]
        assert [process.wait() for process in running] == [0, 0, 0, 0]


def test_the_wheel_has_what_belongs_to_it(dist: Path) -> None:
    with zipfile.ZipFile(one(dist, "*.whl")) as archive:
        names = {re.sub(r"^presence_router-[^/]*/", "", name) for name in archive.namelist()}
    for name in ("presence_router/py.typed", "presence_router/_engine.pyi"):
        assert name in names
    for name in ("licenses/LICENSE-MIT", "licenses/LICENSE-APACHE"):
        assert name in names
    for name in ("sboms/presence-router.cdx.json", "sboms/presence-router-python.cdx.json"):
        assert name in names
    for name in ("man/man1/presence-router.1", "doc/presence-router/LICENSES-THIRD-PARTY"):
        assert f"data/share/{name}" in names


@pytest.mark.parametrize("tool", ["uv", "pipx"])
def test_tools_run_the_command(dist: Path, version: str, tool: str, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    run(sys.executable, "-m", "venv", environment)
    run(environment / "bin" / "python", "-m", "pip", "install", "--quiet", tool)
    program, wheel = environment / "bin" / tool, one(dist, "*.whl")
    once = ["tool", "run", "--from"] if tool == "uv" else ["run", "--spec"]
    home = {"HOME": str(tmp_path)}
    ran = run(program, *once, wheel, "presence-router", "--version", env=home)
    assert ran.strip() == f"presence-router {version}"
    kept = ["tool", "install"] if tool == "uv" else ["install"]
    run(program, *kept, wheel, env=home)
    try_readme(tmp_path / ".local" / "bin" / "presence-router", tmp_path / "here")


def test_the_archive_runs(dist: Path, version: str, tmp_path: Path) -> None:
    archive = one(dist, f"presence-router-{version}-*.tar.gz")
    run("tar", "-xzf", archive, "--strip-components=1", "-C", tmp_path)
    command = tmp_path / "bin" / "presence-router"
    assert run(command, "--version").strip() == f"presence-router {version}"
    try_readme(command, tmp_path / "here")
    share = tmp_path / "share"
    assert (share / "man" / "man1" / "presence-router-route.1").exists()
    assert (share / "bash-completion" / "completions" / "presence-router").exists()
    needed = run("sh", "-c", f"objdump -T '{command}' | grep -o 'GLIBC_[0-9.]*' | sort -uV")
    versions = [tuple(map(int, each[6:].split("."))) for each in needed.split()]
    assert versions and max(versions) <= (2, 17)


def test_the_sbom_names_what_is_inside(dist: Path, version: str) -> None:
    sbom = json.loads(one(dist, "*.cdx.json").read_text())
    assert sbom["bomFormat"] == "CycloneDX"
    assert sbom["metadata"]["component"]["version"] == version
    lock = (ROOT / "Cargo.lock").read_text()
    components = {(each["name"], each["version"]) for each in sbom["components"]}
    assert {"clap", "regex-automata", "libyaml-safer"} <= {name for name, _ in components}
    for name, number in components:
        assert f'name = "{name}"\nversion = "{number}"\n' in lock


def test_the_action_takes_the_release(dist: Path, version: str, tmp_path: Path) -> None:
    (taking,) = [step for step in action_steps() if "RELEASES" in step.get("env", {})]
    release = tmp_path / "releases" / f"v{version}"
    release.mkdir(parents=True)
    # It takes the static program; any other is as good for this test.
    made = one(dist, f"presence-router-{version}-*.tar.gz").name
    names = {name: name for name in os.listdir(dist)}
    names[made] = re.sub(r"-gnu\.tar\.gz$", "-musl.tar.gz", made)
    for name, taken in names.items():
        shutil.copy(dist / name, release / taken)
    sums = release / "SHA256SUMS"
    sums.write_text(sums.read_text().replace(made, names[made]))
    env = {
        "RELEASES": f"file://{tmp_path}/releases",
        "VERSION": version,
        "RUNNER_OS": "Linux",
        "RUNNER_ARCH": "X64" if "x86_64" in made else "ARM64",
        "RUNNER_TEMP": str(tmp_path / "temp"),
    }
    run("bash", "-e", "-o", "pipefail", "-c", taking["run"], env=env)
    try_readme(tmp_path / "temp/presence-router/bin/presence-router", tmp_path / "here")
    (release / names[made]).write_bytes(b"something else")
    run("bash", "-e", "-o", "pipefail", "-c", taking["run"], code=1, env=env)


def action_steps() -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    return steps
