# The gateway of a release, from programs that are built already; gateway/Dockerfile builds them itself.
FROM gcr.io/distroless/static-debian12:nonroot
ARG TARGETPLATFORM
COPY $TARGETPLATFORM/gateway $TARGETPLATFORM/penstock /usr/local/bin/
USER 65532:65532
EXPOSE 8443 9090
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["penstock", "health", "http://127.0.0.1:9090/healthz"]
ENTRYPOINT ["gateway"]
