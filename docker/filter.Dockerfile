# One filter as an image for Istio: docker build -f docker/filter.Dockerfile --build-arg FILTER=model_router .
FROM scratch
ARG FILTER
# Istio reads exactly this name.
COPY dist/${FILTER}.wasm ./plugin.wasm
