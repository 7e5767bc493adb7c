# Hidden State in an image. Build: make docker. Run: docker run --rm -p 127.0.0.1:8000:8000 hidden-state
#
# BASE may be any image with Python 3.11 or newer and its venv module; both stages use it, so that the
# environment made in the first one runs in the second.
ARG BASE=python:3.11-slim

FROM ${BASE} AS build
# A further package index, for instance one with the CPU-only torch, which spares gigabytes of CUDA libraries.
ARG EXTRA_INDEX_URL=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/hidden-state
ENV PATH=/opt/hidden-state/bin:$PATH
WORKDIR /source
# The dependencies first: they are the long part, and change less often than the code.
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
        > requirements.txt \
    && pip install ${EXTRA_INDEX_URL:+--extra-index-url "$EXTRA_INDEX_URL"} \
        --constraint constraints.txt --requirement requirements.txt
COPY . .
RUN pip install ${EXTRA_INDEX_URL:+--extra-index-url "$EXTRA_INDEX_URL"} --no-deps .

FROM ${BASE}
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin hidden-state
COPY --from=build /opt/hidden-state /opt/hidden-state
ENV PATH=/opt/hidden-state/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CACHE_DIR=/var/cache/hidden-state \
    HIDDEN_STATE_HOST=0.0.0.0 \
    HIDDEN_STATE_PORT=8000
RUN install -d -o hidden-state -g hidden-state "$NUMBA_CACHE_DIR"
USER hidden-state
# Compile the loops now, so that the first request does not wait for it. The cache is a volume because Numba
# wants to be able to write there, also where the rest of the container is read-only; on a processor unlike
# the one that built the image it compiles once more at the start.
RUN hidden-state warm
VOLUME /var/cache/hidden-state
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['HIDDEN_STATE_PORT'] + '/healthz', timeout=4)"]
CMD ["hidden-state", "serve"]
