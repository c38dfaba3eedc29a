#!/bin/sh
# What workers need on a Prefect server, from PREFECT_API_URL: pool, queues, deployments, and the automation for lost runs.
# Run it again after an upgrade: what is there already is left, the deployments are renewed.
set -eu
cd "$(dirname "$0")/../.."
until prefect work-pool ls >/dev/null 2>&1; do sleep 2; done
prefect work-pool create tidings --type process || true
prefect work-queue create nights --pool tidings --priority 1 || true
prefect work-queue create backfills --pool tidings --priority 2 --limit 2 || true
prefect --no-prompt deploy --all
prefect automation inspect "Start again what a lost worker left" >/dev/null 2>&1 \
  || prefect automation create --from-file docs/scale/lost-runs.yaml
