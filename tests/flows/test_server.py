"""The server that a single command starts beside itself."""

import os
import subprocess
import sys

PROBE = """
import os, pathlib, sys, urllib.error, urllib.request
from tidings.flows.server import prefect_api

def status(**headers):
    url = os.environ["PREFECT_API_URL"] + "/flows/name/none"
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30).status
    except urllib.error.HTTPError as error:
        with error:
            return error.code

with prefect_api(pathlib.Path(sys.argv[1])):
    from prefect.client.orchestration import get_client
    with get_client(sync_client=True) as client:
        created = client.create_flow_from_name("probe")
    print(status(), status(Origin="http://evil.example"), status(Host="evil.example"), bool(created))
print(os.environ.get("PREFECT_API_URL"))
"""


def test_a_commands_server_is_for_the_command_alone(tmp_path):
    """Prefect's client writes; other programs lack the password, foreign origins and host names are refused; then it is gone."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, tmp_path], env=clean, check=False, capture_output=True, text=True, timeout=300
    )
    assert done.stdout.splitlines() == ["401 403 403 True", "None"], done.stderr
