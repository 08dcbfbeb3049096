"""What `.ci/dist` makes, put where it is used: a fresh Debian, pre-commit, GitLab; and judged by the tools of each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from test_dist import PLAIN, ROOT, dist, one, run, try_readme, version

__all__ = ["dist", "version"]

pytestmark = pytest.mark.dist


def debian(folder: Path) -> Path:
    """A fresh Debian, from where this one gets its packages."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages"],
        check=True,
        capture_output=True,
        text=True,
    )
    sites = [line.split() for line in targets.stdout.splitlines()]
    release = "bookworm"
    site = next(site for site, of in sites if of == release)
    subprocess.run(["debootstrap", "--variant=minbase", release, folder, site], check=True)
    return folder


def test_the_package_installs_in_a_fresh_debian(dist: Path, version: str, tmp_path: Path) -> None:
    if not shutil.which("debootstrap") or os.geteuid() != 0:
        pytest.skip("it takes debootstrap, and root")
    package = one(dist, "*.deb")
    root = debian(tmp_path / "root")
    shutil.copy(package, root)
    install = ["apt-get", "install", "--yes", "--quiet", f"./{package.name}"]
    run("chroot", root, *install)
    told = run("chroot", root, "presence-router", "--version")
    assert told.strip() == f"presence-router {version}"
    try_readme(root / "usr" / "bin" / "presence-router", tmp_path / "here")
    for path in ("man/man1/presence-router.1.gz", "bash-completion/completions/presence-router"):
        assert (root / "usr" / "share" / path).exists() or "man" in path
    run("chroot", root, "apt-get", "purge", "--yes", "presence-router")
    assert not (root / "usr" / "bin" / "presence-router").exists()


def test_lintian_finds_no_error(dist: Path) -> None:
    if not shutil.which("lintian"):
        pytest.skip("there is no lintian")
    run("lintian", "--allow-root", "--fail-on", "error,warning", one(dist, "*.deb"))


def test_pypi_would_take_it(dist: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path)
    run(tmp_path / "bin" / "python", "-m", "pip", "install", "--quiet", "twine==7.0.0")
    packages = [*dist.glob("*.whl"), one(dist, "presence_router-*.tar.gz")]
    run(tmp_path / "bin" / "twine", "check", "--strict", *packages)


def test_hooks_need_no_rust(dist: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    run(sys.executable, "-m", "venv", environment)
    run(environment / "bin" / "python", "-m", "pip", "install", "--quiet", "pre-commit==4.7.0")
    folder = tmp_path / "rules of ours"
    shutil.copytree(ROOT / "rules", folder / "rules")
    run("git", "init", "--quiet", folder)
    run("git", "add", ".", folder=folder)
    for hook in ("presence-router-check", "presence-router-test"):
        trying: list[str | Path] = ["try-repo", ROOT, hook, "--all-files", "--verbose"]
        home = {"HOME": str(tmp_path), "PIP_FIND_LINKS": str(dist)}
        home["PATH"] = f"{environment}/bin:{PLAIN['PATH']}"
        said = run(environment / "bin" / "pre-commit", *trying, folder=folder, env=home)
        assert "Passed" in said
    (folder / "rules" / "bad.yaml").write_text("routes: [{senders: all}]")
    run("git", "add", ".", folder=folder)
    trying = ["try-repo", ROOT, "presence-router-check", "--all-files"]
    said = run(environment / "bin" / "pre-commit", *trying, code=1, folder=folder, env=home)
    assert "rules/bad.yaml:1:" in said


def test_the_job_for_gitlab_runs(dist: Path, version: str, tmp_path: Path) -> None:
    job = yaml.safe_load((ROOT / "contrib" / "gitlab-ci.yml").read_text())["presence rules"]
    run(sys.executable, "-m", "venv", tmp_path / "environment")
    path = f"{tmp_path}/environment/bin:{PLAIN['PATH']}"
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    env = job["variables"] | {"PATH": path, "PIP_FIND_LINKS": str(dist), "TESTS": "rules"}
    assert env["PRESENCE_ROUTER_VERSION"] == version
    for line in [*job["before_script"], *job["script"]]:
        run("sh", "-c", line, folder=tmp_path, env=env)
    reports = job["artifacts"]["reports"]
    assert json.loads((tmp_path / reports["codequality"]).read_text()) == []
    assert "<testsuites" in (tmp_path / reports["junit"]).read_text()
