ARG BASE_IMAGE=python:3.13-slim-bookworm

# The builder may compile and download; what it makes is one folder, which is all that the image takes from it.
FROM ${BASE_IMAGE} AS builder
WORKDIR /source
RUN python -m venv --without-pip /opt/twimbot
COPY pyproject.toml README.md LICENSE ./
COPY twimbot twimbot
COPY migrations migrations
RUN python -m pip --python /opt/twimbot install --no-cache-dir --disable-pip-version-check '.[e2e,video]'

FROM ${BASE_IMAGE}
# The uid is fixed, so that volumes and secrets can be given to it: chown 10001.
RUN groupadd --gid 10001 twimbot \
    && useradd --uid 10001 --gid twimbot --home-dir /data --no-create-home --shell /usr/sbin/nologin twimbot \
    && install --directory --owner=twimbot --group=twimbot --mode=0700 /data
COPY --from=builder /opt/twimbot /opt/twimbot
ENV PATH=/opt/twimbot/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TWIMBOT_CONFIG=/config/config.yaml
USER 10001:10001
WORKDIR /data
# Write `data_dir: /data` in the configuration.
VOLUME /data
# Write `health: {listen: "127.0.0.1:8080"}` in the configuration; nobody but this needs to reach it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
CMD ["twimbot", "run"]
