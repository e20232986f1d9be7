# Not yet run. The first stage prepares the model, which needs torch; the second answers queries without it.
FROM python:3.11-slim AS prepared
WORKDIR /source
COPY . .
ENV SEMSEARCH_HOME=/opt/home PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu \
 && /opt/venv/bin/pip install -c constraints.txt '.[serve]' \
 && /opt/venv/bin/semsearch model prepare
# What only the preparation needed.
RUN /opt/venv/bin/pip uninstall -y torch sentence-transformers transformers scikit-learn scipy sympy networkx \
 && /opt/venv/bin/semsearch query "open source strategy" -k 1 > /dev/null

FROM python:3.11-slim
RUN useradd --create-home --uid 1000 reader
COPY --from=prepared /opt/venv /opt/venv
COPY --from=prepared --chown=reader /opt/home /opt/home
ENV SEMSEARCH_HOME=/opt/home PATH=/opt/venv/bin:$PATH
USER reader
EXPOSE 8765
ENTRYPOINT ["semsearch"]
CMD ["--help"]
