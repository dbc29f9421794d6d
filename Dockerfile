# Built in three steps; the last holds the binary, the certificates of the system and nothing else of the others.

FROM node:22-bookworm-slim AS web
WORKDIR /build/web
COPY web/ ./
RUN npm ci --no-audit --no-fund && npm run build

FROM rust:1.95-slim-bookworm AS server
WORKDIR /build
COPY .cargo/ .cargo/
COPY Cargo.toml Cargo.lock ./
COPY crates/ crates/
COPY docs/ docs/
COPY --from=web /build/web/dist/ web/dist/
RUN cargo build --release --locked --package campanile

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 8300 --no-create-home campanile \
    && install --directory --owner campanile --mode 0700 /var/lib/campanile
COPY --from=server /build/target/release/campanile /usr/local/bin/campanile
COPY LICENSE /usr/share/doc/campanile/LICENSE

USER campanile
VOLUME /var/lib/campanile
EXPOSE 8300
ENV CAMPANILE__SERVER__LISTEN=0.0.0.0:8300 \
    CAMPANILE__SERVER__DATA=/var/lib/campanile \
    CAMPANILE__LOG__FORMAT=json
STOPSIGNAL SIGTERM
ENTRYPOINT ["campanile"]
CMD ["serve"]
