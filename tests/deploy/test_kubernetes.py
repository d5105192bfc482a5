"""The manifests: against Kubernetes' own schemas, and the fields that matter by hand."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
from deployed import DEPLOY, documents, image_environment, unknown_variables

from triage.serve.settings import Settings

FILES = sorted(path.name for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.stem != "kustomization")
OBJECTS = [(name, found) for name in FILES for found in documents(f"kubernetes/{name}")]
BY_KIND: dict[str, dict[str, Any]] = {found["kind"]: found for _, found in reversed(OBJECTS)}
POD = BY_KIND["Deployment"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]


@pytest.mark.parametrize(("name", "found"), OBJECTS, ids=[f"{name}-{found['kind']}" for name, found in OBJECTS])
def test_schemas(name: str, found: dict[str, Any]) -> None:
    kubernetes_validate.validate(found, "1.30", strict=True)


def test_a_misspelt_field_is_found() -> None:
    spoilt = BY_KIND["PodDisruptionBudget"] | {"spec": {"maxUnavailabel": 1}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(spoilt, "1.30", strict=True)


def test_kustomization_lists_every_file() -> None:
    (found,) = documents("kubernetes/kustomization.yaml")
    assert sorted(found["resources"]) == FILES
    assert found["namespace"] == BY_KIND["Namespace"]["metadata"]["name"]
    assert [image["name"] for image in found["images"]] == [CONTAINER["image"]]


def test_the_pod_meets_the_restricted_standard() -> None:
    assert BY_KIND["Namespace"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["securityContext"]["runAsUser"] == 10001
    assert POD["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert POD["automountServiceAccountToken"] is False
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(CONTAINER["resources"]["limits"]) == set(CONTAINER["resources"]["requests"]) == {"cpu", "memory"}


def test_probes_ask_what_they_should() -> None:
    paths = {name: CONTAINER[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")}
    assert paths == {"startup": "/readyz", "readiness": "/readyz", "liveness": "/healthz"}
    startup = CONTAINER["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] > 120
    assert CONTAINER["ports"] == [{"name": "http", "containerPort": int(image_environment()["TRIAGE_PORT"])}]


def test_settings_exist_are_legal_and_are_kept_where_it_may_write(monkeypatch: pytest.MonkeyPatch) -> None:
    given = dict(BY_KIND["ConfigMap"]["data"])
    assert not unknown_variables(given | {entry["name"]: "" for entry in CONTAINER["env"]})
    for name, value in (image_environment() | given).items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    pre_stop = int(CONTAINER["lifecycle"]["preStop"]["exec"]["command"][-1])
    assert POD["terminationGracePeriodSeconds"] >= pre_stop + settings.grace + 10
    assert settings.grace >= settings.batch_deadline
    assert str(settings.model_threads) == CONTAINER["resources"]["limits"]["cpu"]
    writable = tuple(mount["mountPath"] for mount in CONTAINER["volumeMounts"] if not mount.get("readOnly"))
    for name in ("TRIAGE_STATE", "TRIAGE_CACHE", "TRIAGE_FEEDBACK_FOLDER", "TRIAGE_AUDIT"):
        assert given[name].startswith(writable), name


def test_what_outlives_a_pod_is_shared_and_releases_are_not() -> None:
    volumes = {volume["name"]: volume for volume in POD["volumes"]}
    assert {mount["name"] for mount in CONTAINER["volumeMounts"]} == set(volumes)
    claim = BY_KIND["PersistentVolumeClaim"]
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert volumes["kept"]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert "emptyDir" in volumes["state"]
    mounts = {mount["name"]: mount for mount in CONTAINER["volumeMounts"]}
    assert BY_KIND["ConfigMap"]["data"]["TRIAGE_FEEDBACK_FOLDER"].startswith(mounts["kept"]["mountPath"])
    assert BY_KIND["ConfigMap"]["data"]["TRIAGE_STATE"].startswith(mounts["state"]["mountPath"])
    # A subPath would never see a key that is added or taken away.
    assert "subPath" not in mounts["keys"]


def test_everything_selects_the_same_pods() -> None:
    labels = BY_KIND["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert BY_KIND["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert BY_KIND["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert BY_KIND["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    for _, found in OBJECTS:
        if found["kind"] == "Service":
            assert found["spec"]["selector"] == labels
    scaled = BY_KIND["HorizontalPodAutoscaler"]["spec"]
    assert scaled["scaleTargetRef"]["name"] == BY_KIND["Deployment"]["metadata"]["name"]
    assert scaled["minReplicas"] > BY_KIND["PodDisruptionBudget"]["spec"]["maxUnavailable"]
    assert "replicas" not in BY_KIND["Deployment"]["spec"]


def test_nothing_is_open_by_default() -> None:
    policy = BY_KIND["NetworkPolicy"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert all(rule["from"] and rule["ports"] for rule in policy["ingress"])
    assert all(rule["to"] and rule["ports"] for rule in policy["egress"])
    assert "Secret" not in BY_KIND
