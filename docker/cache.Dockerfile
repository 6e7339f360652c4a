# The service behind the filters. For docker-compose.yml, and for whoever runs it in a container.
#
#   docker build -f docker/cache.Dockerfile -t modelgate-cache .
FROM rust:1.95-slim-trixie AS build
WORKDIR /src
# ring has parts in C.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
COPY . .
RUN cargo build --release --locked --package modelgate-cache

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
