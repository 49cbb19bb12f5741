# The workbench for a team (docs/team.md). Its data, team.toml and secrets.toml lie in /data, outside of the image.
FROM python:3.11-slim

RUN useradd --create-home --uid 10001 workbench && mkdir /data && chown workbench /data
WORKDIR /app
COPY --chown=workbench . .
RUN pip install --no-cache-dir --constraint constraints.txt ".[team]"

USER 10001
# It names the file of the secrets; none of them stands here.
# hadolint ignore=DL3064
ENV WORKBENCH_TEAM=/data/team.toml \
    STREAMLIT_SECRETS_FILES=/data/secrets.toml \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["contact-workbench", "serve", "--port", "8501"]
