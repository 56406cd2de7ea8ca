# Built by scripts/build_image.sh, or `docker build -t dragoman .`; docs/deploy.md says how to run it.
# To pin the base by digest, give it whole: --build-arg BASE=docker.io/library/python:3.11-slim-bookworm@sha256:...
# Behind a mirror of PyPI, or a proxy with its own certificates: --secret id=pip.conf,src=pip.conf
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
# The served environment has no pip: the building one installs into it. Every file is checked against the lock's hashes.
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    python3 -m venv /opt/build \
 && python3 -m venv --without-pip /opt/dragoman \
 && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock \
 && /opt/build/bin/pip --python /opt/dragoman/bin/python install --no-cache-dir --require-hashes -r requirements.lock
COPY LICENSE NOTICE README.md pyproject.toml ./
COPY scripts scripts
COPY models models
COPY batching batching
COPY app app
RUN /opt/build/bin/python -m hatchling build -t wheel -d /dist \
 && /opt/build/bin/pip --python /opt/dragoman/bin/python install --no-cache-dir --no-index --no-deps /dist/*.whl \
 && /opt/build/bin/python scripts/make_sbom.py --python 3.11 > /opt/dragoman/sbom.cdx.json
# 65 MB of the engine's extension are for debuggers, and 36 MB of six others; 13 MB of five more are names that no loader
# looks for.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends binutils \
 && find /opt/dragoman/lib '(' -path '*/ctranslate2/_ext.*' -o -path '*/zstandard/*' -o -path '*/sqlalchemy/*' \
      -o -path '*/yaml/*' -o -path '*/regex/*' -o -path '*/httptools/*' -o -path '*/chardet/*' ')' \
      -name '*.so' -exec strip --strip-debug '{}' + \
 && find /opt/dragoman/lib '(' -path '*/ctranslate2.libs/*' -o -path '*/cryptography/*' -o -path '*/obstore/*' \
      -o -path '*/pypdfium2_raw/*' -o -path '*/sentencex/*' ')' -name '*.so*' -exec strip --strip-unneeded '{}' + \
 && rm -rf /var/lib/apt/lists/*
# Sources, stubs and tests that packages bring along: 73 MB that nothing imports; and 28 MB of locales that nothing reads.
RUN /opt/dragoman/bin/python scripts/slim_locales.py /opt/dragoman/lib/python3*/site-packages/babel/locale-data \
 && find /opt/dragoman/lib -type f '(' -name '*.c' -o -name '*.h' -o -name '*.pyi' ')' -delete \
 && find /opt/dragoman/lib -type d -name tests -prune -exec rm -r '{}' +

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Dragoman" \
      org.opencontainers.image.description="Self-hosted bulk translation with an account of every character" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# The number is fixed, so that volumes keep their owner from release to release and runAsNonRoot can be checked.
RUN groupadd --gid 10001 dragoman \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin dragoman \
 && install --directory --owner 10001 --group 10001 --mode 0700 /data
COPY --from=build /opt/dragoman /opt/dragoman
# PYTHONSAFEPATH: nothing is imported from the folder that a command happens to run in. No bytecode is written, because
# the root file system may be read-only; that of the packages was written when they were installed.
ENV PATH=/opt/dragoman/bin:$PATH \
    PYTHONSAFEPATH=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DRAGOMAN_DATA_DIR=/data \
    DRAGOMAN_HOST=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["python3", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('DRAGOMAN_PORT') or 8080), timeout=4); c.request('GET', '/readyz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["dragoman"]
CMD ["serve"]
