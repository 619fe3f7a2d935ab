# The worker of a release, from programs that are built already; worker/Dockerfile builds them itself.
FROM gcr.io/distroless/static-debian12:nonroot
ARG TARGETPLATFORM
COPY $TARGETPLATFORM/worker $TARGETPLATFORM/penstock /usr/local/bin/
# The tracker's store; a volume made from it belongs to the user that runs.
WORKDIR /var/lib/penstock
USER 65532:65532
EXPOSE 8090 9091 9092
ENTRYPOINT ["worker"]
CMD ["deliver"]
