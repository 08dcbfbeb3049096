"""What docs/synapse.md says is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml
from prometheus_client import REGISTRY

from presence_router import metrics
from presence_router.config import Config

PAGE = (Path(__file__).parents[2] / "docs" / "synapse.md").read_text()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_configurations_are_read() -> None:
    configured = [block for block in blocks("yaml") if block.startswith("modules:")]
    assert configured
    for block in configured:
        (module,) = yaml.safe_load(block)["modules"]
        assert module["module"] == "presence_router.PresenceRouter"
        assert Config.parse(module["config"])


def test_all_keys_are_there() -> None:
    table = re.findall(r"^\| `(\w+)` \| ", PAGE, re.MULTILINE)
    assert set(Config.__dataclass_fields__) <= set(table)


def test_all_metrics_are_there() -> None:
    assert metrics.AGE
    ours = {
        sample.name
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name.startswith("presence_router_") and not sample.name.endswith("_created")
    }
    documented = set(re.findall(r"^\| `(presence_router_\w+)` \| ", PAGE, re.MULTILINE))
    # Without a homeserver, there are no samples yet.
    assert ours <= documented
    names = {m._name for m in vars(metrics).values() if hasattr(m, "_name")}
    assert {re.sub("_(total|info)$", "", name) for name in documented} == names


def test_the_scripts_run(tmp_path: Path) -> None:
    lobby = next(block for block in blocks("yaml") if "# presence/lobby.yaml" in block)
    (tmp_path / "presence").mkdir()
    (tmp_path / "presence" / "lobby.yaml").write_text(lobby)
    (tmp_path / "users.txt").write_text("@grace:corp.example\n")

    def run(script: str) -> list[str]:
        script = script.replace("/etc/synapse/", "")
        script = re.sub(
            r"^(rules\.(?:route|interested)\(.*)$", r"print(\1)", script, flags=re.MULTILINE
        )
        command = [sys.executable, "-c", script]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.splitlines()

    first, second = blocks("python")
    routed, seen = run(first)
    assert f"# {routed}" in first
    assert seen == "{'@grace:corp.example'}"
    (explained,) = run(second)
    assert f"# {explained}" in second
