"""What ships for containers is read by the tools that will read it, and names nothing that is not there."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

from conftest import ROOT, towerco

DEPLOY = ROOT / "deploy"
BASE = DEPLOY / "kubernetes" / "base"
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()
VARIABLES = set(re.findall(r"`(TOWERCO_[A-Z_]+)`", CONFIGURATION))
ROLES = ["aiops-engine", "analytics-service", "dashboard-service", "data-ingestor", "kpi-calculator", "notification-service"]
# Only compose itself reads these: they choose images, ports and passwords.
OF_COMPOSE = {"TOWERCO_IMAGE", "TOWERCO_ROLE_IMAGE", "TOWERCO_PORT", "TOWERCO_DB_PASSWORD"}


def compose(*files: str, env: dict[str, str] | None = None) -> dict:
    flags = [word for file in files for word in ("-f", str(DEPLOY / file))]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TOWERCO_", "COMPOSE_"))}
    run = subprocess.run(["docker-compose", *flags, "config"], capture_output=True, text=True, env={**clean, **(env or {})}, cwd=DEPLOY)
    assert run.returncode == 0, run.stderr
    assert "WARNING" not in run.stderr, run.stderr
    return yaml.safe_load(run.stdout)


def documents() -> list[tuple[str, dict]]:
    return [
        (path.name, document)
        for path in sorted(BASE.glob("*.yaml")) if path.name != "kustomization.yaml"
        for document in yaml.safe_load_all(path.read_text())
    ]


def workloads() -> dict[str, dict]:
    return {d["metadata"]["name"]: d for _, d in documents() if d["kind"] in ("Deployment", "StatefulSet")}


def environment_of(service: dict) -> dict:
    variables = service.get("environment", {})
    return dict(entry.split("=", 1) for entry in variables) if isinstance(variables, list) else variables


@pytest.fixture(scope="module")
def stack() -> dict:
    return compose("compose.yaml")


def test_compose_reads_its_file_and_the_one_for_machines_that_pull_no_image(stack):
    assert set(ROLES) < set(stack["services"])
    assert compose("compose.yaml", "stand-in/compose.yaml")["services"]["redpanda"]["entrypoint"] == ["/stand-in/broker.sh"]


def test_the_promised_command_finds_the_file_from_the_root_of_the_repository():
    settings = dict(row.split("=", 1) for row in (ROOT / ".env").read_text().splitlines() if row and not row.startswith("#"))
    assert (ROOT / settings["COMPOSE_FILE"]).samefile(DEPLOY / "compose.yaml")


def test_every_image_can_be_replaced(stack):
    names = re.findall(r"image: \$\{(\w+):-", (DEPLOY / "compose.yaml").read_text())
    assert len(re.findall(r"^\s+image: ", (DEPLOY / "compose.yaml").read_text(), re.M)) == len(names)
    replaced = compose("compose.yaml", env={name: f"here/{name.lower()}:1" for name in names})
    assert {service["image"].split("/")[0] for service in replaced["services"].values()} == {"here"}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_known_to_the_binary_runs_without_rights_and_is_waited_for(stack, role):
    service = stack["services"][role]
    variables = environment_of(service)
    assert variables["TOWERCO_SERVER_ROLES"] == role
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["healthcheck"]["test"] == ["CMD", "towerco", "healthcheck", "--ready"]
    assert {name: wait["condition"] for name, wait in service["depends_on"].items()} == {
        "redpanda": "service_healthy", "timescaledb": "service_healthy"}
    unknown = set(k for k in variables if k.startswith("TOWERCO_")) - VARIABLES
    assert unknown == set(), f"{unknown} are no settings of docs/configuration.md"
    refused = towerco("serve", "--role", "no-such-role", check=2).stderr.decode()
    assert role in refused


def test_what_others_wait_for_has_a_health_check(stack):
    awaited = {name for service in stack["services"].values() for name in (service.get("depends_on") or {})}
    assert awaited and all("healthcheck" in stack["services"][name] for name in awaited)


def test_variables_of_the_files_are_settings_or_belong_to_compose():
    for path in [DEPLOY / "compose.yaml", *sorted((DEPLOY / "stand-in").glob("*")), BASE / "settings.yaml"]:
        unknown = set(re.findall(r"TOWERCO_[A-Z_]+[A-Z]", path.read_text())) - VARIABLES - OF_COMPOSE
        assert unknown == set(), f"{path.name}: {unknown}"


def test_prometheus_scrapes_every_role_by_the_name_that_compose_gives_it(stack):
    jobs = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    names = {name for job in jobs for discovery in job.get("dns_sd_configs", []) for name in discovery["names"]}
    assert names == set(ROLES)


def test_what_is_mounted_is_there(stack):
    for name, service in stack["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0] if isinstance(volume, str) else volume.get("source", "")
            if source.startswith(("/", ".")):
                assert pathlib.Path(source).exists(), f"{name} mounts {source}"


def test_the_realm_has_the_roles_and_the_tenant_claim_of_the_platform():
    realm = json.loads((DEPLOY / "keycloak" / "towerco-realm.json").read_text())
    assert {role["name"] for role in realm["roles"]["realm"]} == {"admin", "operator", "viewer", "ingest"}
    mappers = {m["name"]: m["config"] for scope in realm["clientScopes"] for m in scope["protocolMappers"]}
    assert mappers["tenant"]["claim.name"] == "tenant_id" and mappers["tenant"]["access.token.claim"] == "true"
    console = next(client for client in realm["clients"] if client["clientId"] == "towerco-console")
    assert console["publicClient"] and console["attributes"]["pkce.code.challenge.method"] == "S256"


@pytest.mark.parametrize("role", ROLES)
def test_a_kubernetes_workload_has_probes_bounds_and_no_rights(role):
    workload = workloads()[role]
    pod = workload["spec"]["template"]["spec"]
    container, = pod["containers"]
    assert {"name": "TOWERCO_SERVER_ROLES", "value": role} in container["env"]
    probes = {kind: container[kind]["httpGet"]["path"] for kind in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert probes == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
    assert container["resources"]["limits"]["memory"] and container["resources"]["requests"]["cpu"]
    assert pod["securityContext"]["runAsNonRoot"] and container["securityContext"]["readOnlyRootFilesystem"]
    assert pod["terminationGracePeriodSeconds"] >= 30


def test_scaling_and_disruption_name_workloads_that_exist():
    kinds = {(d["kind"], d["metadata"]["name"]) for _, d in documents()}
    for _, document in documents():
        if document["kind"] == "HorizontalPodAutoscaler":
            target = document["spec"]["scaleTargetRef"]
            assert (target["kind"], target["name"]) in kinds
        if document["kind"] == "PodDisruptionBudget":
            assert document["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"] in workloads()


def test_only_a_role_that_splits_its_work_is_scaled():
    """Of the others one process is active and the rest wait."""
    scaled = {d["spec"]["scaleTargetRef"]["name"] for _, d in documents() if d["kind"] == "HorizontalPodAutoscaler"}
    many = {name for name, workload in workloads().items() if workload["spec"]["replicas"] > 1}
    assert scaled == many == {"data-ingestor"}


SHARDS = DEPLOY / "kubernetes" / "components" / "shards"


def test_shards_scale_engine_and_kpis_up_to_a_process_each_on_what_prometheus_has():
    settings = yaml.safe_load((SHARDS / "settings.yaml").read_text())["data"]
    assert set(settings) <= VARIABLES
    scalers = list(yaml.safe_load_all((SHARDS / "autoscaling.yaml").read_text()))
    assert {scaler["spec"]["scaleTargetRef"]["name"] for scaler in scalers} == {"aiops-engine", "kpi-calculator"}
    rules = yaml.safe_load((DEPLOY / "prometheus" / "rules" / "recording.yml").read_text())["groups"]
    records = {rule["record"] for group in rules for rule in group["rules"]}
    adapter = yaml.safe_load((SHARDS / "prometheus-adapter.yaml").read_text())["rules"]["external"]
    given = {rule["name"]["as"]: rule["seriesQuery"] for rule in adapter}
    for scaler in scalers:
        spec = scaler["spec"]
        assert spec["maxReplicas"] == int(settings["TOWERCO_KAFKA_SHARDS"]) >= spec["minReplicas"]
        external, = [metric["external"] for metric in spec["metrics"] if metric["type"] == "External"]
        assert external["metric"]["selector"] == {"matchLabels": {"role": spec["scaleTargetRef"]["name"]}}
        assert any(f'"{record}"' in given[external["metric"]["name"]] for record in records)


def test_a_shard_that_moves_finds_its_checkpoint_on_a_volume_that_all_mount():
    settings = yaml.safe_load((SHARDS / "settings.yaml").read_text())["data"]
    claim = yaml.safe_load((SHARDS / "checkpoints.yaml").read_text())
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    volume, mount = [operation["value"] for operation in yaml.safe_load((SHARDS / "volume.yaml").read_text())]
    assert volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"] and volume["name"] == mount["name"]
    assert mount["mountPath"] == settings["TOWERCO_CHECKPOINT_DIRECTORY"]
    component = yaml.safe_load((SHARDS / "kustomization.yaml").read_text())
    named = set(component["resources"]) | {patch["path"] for patch in component["patches"]}
    assert named | {"kustomization.yaml", "prometheus-adapter.yaml"} == {path.name for path in SHARDS.iterdir()}


def test_the_kustomization_lists_every_file_beside_it():
    listed = yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"]
    assert sorted(listed) == sorted(p.name for p in BASE.glob("*.yaml") if p.name != "kustomization.yaml")


@pytest.mark.parametrize("overlay", ["local", "production"])
def test_an_overlay_renders(overlay):
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not on the PATH")
    run = subprocess.run([kubectl, "kustomize", DEPLOY / "kubernetes" / "overlays" / overlay], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    rendered = list(yaml.safe_load_all(run.stdout))
    assert {d["metadata"]["name"] for d in rendered if d["kind"] in ("Deployment", "StatefulSet")} == set(ROLES)
