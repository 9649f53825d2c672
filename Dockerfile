# Built in one image, run in another: no compiler, no cache, no sources beside the installed package.
FROM python:3.13-slim-trixie AS builder

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/toise
COPY requirements.lock ./
RUN /opt/toise/bin/python -m pip install --require-hashes --only-binary :all: --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY framework framework
COPY itembank itembank
COPY migrations migrations
COPY app app
RUN /opt/toise/bin/python -m pip install --no-deps --no-build-isolation .


FROM python:3.13-slim-trixie

ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Toise" \
      org.opencontainers.image.description="An open, self-hosted engine that measures digital-health competences adaptively." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.base.name="docker.io/library/python:3.13-slim-trixie"

# A fixed uid, so that a volume made by one version is readable by the next. PostgreSQL, which Toise starts
# by itself when it is given none, refuses to run as root and needs the user to have a name.
RUN groupadd --gid 10001 toise \
    && useradd --uid 10001 --gid toise --no-create-home --home-dir /var/lib/toise --shell /usr/sbin/nologin toise \
    && install --directory --owner=toise --group=toise --mode=0750 /var/lib/toise
COPY --from=builder /opt/toise /opt/toise

ENV PATH=/opt/toise/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    TOISE_DATA_DIR=/var/lib/toise \
    TOISE_HOST=0.0.0.0
USER 10001:10001
WORKDIR /var/lib/toise
VOLUME /var/lib/toise
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["toise", "health"]
ENTRYPOINT ["toise"]
CMD ["serve"]
