# The service behind the filters. For docker-compose.yml, and for whoever runs it in a container.
#
#   docker build -f docker/cache.Dockerfile -t modelgate-cache .
#
# The embedding model is not in the image: mount a folder that holds it at /model. This fills one:
#
#   docker build -f docker/cache.Dockerfile --target model -t modelgate-model .
#   docker run --rm -v model:/model modelgate-model
FROM rust:1.95-slim-trixie AS build
WORKDIR /src
# ring has parts in C.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
COPY . .
RUN cargo build --release --locked --package modelgate-cache

# Needs pip to get the model, which the service does not.
FROM python:3.13-slim-trixie AS model
COPY --from=build /src/target/release/modelgate-cache /usr/local/bin/
VOLUME ["/model"]
ENTRYPOINT ["modelgate-cache", "fetch-model", "--model", "/model"]

FROM debian:trixie-slim
RUN install -d -o nobody -g nogroup /run/modelgate /var/lib/modelgate
COPY --from=build /src/target/release/modelgate-cache /usr/local/bin/
COPY services/cache/container.yaml /etc/modelgate/cache.yaml
USER nobody
VOLUME ["/run/modelgate", "/var/lib/modelgate"]
EXPOSE 9090 9091
STOPSIGNAL SIGTERM
ENTRYPOINT ["modelgate-cache"]
CMD ["serve", "--config", "/etc/modelgate/cache.yaml"]
