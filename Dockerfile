# The image of Tidings: docs/howto/container.md explains its use, docs/decisions/0050-install-without-a-checkout.md its parts.
# Build and test it with .ci/image; `docker build .`, `podman build --format docker .` and `docker compose build` work, too.
ARG BASE=docker.io/library/debian:trixie-slim

FROM ${BASE} AS packages
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates python3-venv && rm -rf /var/lib/apt/lists/*
# uv installs a run-time closure with the hashes of a larger lock, which pip cannot.
RUN python3 -m venv /build/uv && printf 'uv==0.13.9 --hash=sha256:%s --hash=sha256:%s\n' \
        d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19 \
        ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375 > /build/uv.txt \
    && /build/uv/bin/pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r /build/uv.txt
# Byte code without times, because copies of files may get other times.
ENV PATH=/build/uv/bin:$PATH UV_SYSTEM_CERTS=true UV_NO_CACHE=true UV_PYTHON=/opt/tidings UV_COMPILE_BYTECODE=true \
    PYC_INVALIDATION_MODE=UNCHECKED_HASH
WORKDIR /build/source
COPY pyproject.toml requirements.lock ./
# docs/scale/compose.yaml installs extras with `--extra scale --extra cluster`.
ARG EXTRAS=
RUN uv venv --quiet --python /usr/bin/python3 /opt/tidings \
    && uv pip install --quiet --no-build --require-hashes --constraints requirements.lock --requirements pyproject.toml \
        $EXTRAS \
    && find /opt/tidings/lib -type d -name tests -prune -exec rm -rf {} +

FROM packages AS program
COPY . .
RUN uv build --quiet --wheel --build-constraints requirements.lock --require-hashes --out-dir /build/wheel \
    && uv pip install --quiet --no-deps --prefix /build/program /build/wheel/*.whl

FROM ${BASE}
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates python3 tini && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --gid 0 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin tidings \
    && install --directory --owner 10001 --group 0 --mode 2775 /data /data/warehouse /data/seeds
# Two layers: an update of the program alone downloads only the small one.
COPY --from=packages /opt/tidings /opt/tidings
COPY --from=program /build/program /opt/tidings
# Prefect copies its UI, beside its package by default, which is read-only here.
# A container's published ports do not reach its loopback, so the servers listen on all of its addresses. They still refuse
# foreign Host and Origin headers. With --network host, set TIDINGS_LISTEN=127.0.0.1.
ENV PATH=/opt/tidings/bin:$PATH HOME=/tmp USER=tidings PYTHONUNBUFFERED=1 \
    TIDINGS_WAREHOUSE=/data/warehouse XDG_DATA_HOME=/data/warehouse TIDINGS_SEEDS=/data/seeds TIDINGS_LISTEN=0.0.0.0 \
    PREFECT_SERVER_UI_STATIC_DIRECTORY=/tmp/prefect-ui
# DuckDB spills to the folder in which a command starts.
WORKDIR /data/warehouse
VOLUME ["/data/warehouse"]
USER 10001:0
EXPOSE 4200 8650
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('PREFECT_SERVER_API_PORT', '4200') + '/api/health', timeout=5)"]
ENTRYPOINT ["tini", "--", "tidings"]
CMD ["serve"]
