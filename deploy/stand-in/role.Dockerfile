# The image of the roles with the forwarder of the mock cluster in front, and nothing else changed.
ARG TOWERCO_IMAGE=towerco:local
FROM ${TOWERCO_IMAGE}
USER root
COPY deploy/stand-in/with-broker.sh /stand-in/with-broker.sh
USER 10001:10001
