#!/bin/sh
# Configures the Prefect server at PREFECT_API_URL for workers: pool, queues, deployments and automations.
# Run it again after an upgrade: it updates the deployments and keeps existing objects.
set -eu
cd "$(dirname "$0")/../.."
until prefect work-pool ls >/dev/null 2>&1; do sleep 2; done
prefect work-pool create tidings --type process || true
prefect work-queue create nights --pool tidings --priority 1 || true
prefect work-queue create backfills --pool tidings --priority 2 --limit 2 || true
prefect --no-prompt deploy --all
if ! prefect automation inspect "Restart crashed runs" >/dev/null 2>&1; then
  prefect --no-prompt automation delete "Restart runs of lost workers" >/dev/null 2>&1 || true # of an earlier version
  prefect automation create --from-file docs/scale/lost-runs.yaml
fi
python -m tidings.flows.automations "30 4 * * *" UTC # the schedule in prefect.yaml
