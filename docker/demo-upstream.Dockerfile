# A server that speaks the model APIs and echoes what it is told. For docker-compose.yml.
FROM rust:1.95-slim-trixie AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package modelgate-demo-upstream

FROM debian:trixie-slim
COPY --from=build /src/target/release/modelgate-demo-upstream /usr/local/bin/
USER nobody
EXPOSE 8080
ENTRYPOINT ["modelgate-demo-upstream", "--listen", "0.0.0.0:8080"]
