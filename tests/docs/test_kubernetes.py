"""The example for Kubernetes agrees with the schemas of Kubernetes and with the image."""

from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

ROOT = Path(__file__).parents[2]
OBJECTS = list(yaml.safe_load_all((ROOT / "docs/scale/kubernetes.yaml").read_text()))


@pytest.mark.parametrize("example", OBJECTS, ids=[one["kind"] for one in OBJECTS])
def test_each_object_agrees_with_its_schema(example: dict[str, Any]) -> None:
    """The strict schemas refuse unknown fields."""
    kubernetes_validate.validate(example, "1.37", strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**example, "spce": {}}, "1.37", strict=True)


def test_the_pod_has_the_limits_of_the_image() -> None:
    """The user is that of the Dockerfile, all mounted volumes exist, and nobody gains rights."""
    pod = next(one for one in OBJECTS if one["kind"] == "Deployment")["spec"]["template"]["spec"]
    assert "USER 10001:0\n" in (ROOT / "Dockerfile").read_text()
    assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsGroup"]) == (10001, 0)
    volumes = {volume["name"] for volume in pod["volumes"]}
    for container in pod["containers"]:
        assert {mount["name"] for mount in container["volumeMounts"]} == volumes
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert not container["securityContext"]["allowPrivilegeEscalation"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
