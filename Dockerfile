# The operator is one static binary, built on the host by "make docker-build": the image is built from nothing, pulls
# nothing and holds nothing else. Certificates of the API server come with the service account; the time zones are in the
# binary (build tag timetzdata).
FROM scratch
COPY bin/manager /manager
USER 65532:65532
ENTRYPOINT ["/manager"]
