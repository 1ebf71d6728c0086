// librdkafka's mock cluster: an experimental interface of its own header, for tests only.
#ifndef CRDKAFKAMOCK_H
#define CRDKAFKAMOCK_H

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

// The next `count` requests of that kind to that broker are answered with `error` after `rtt_ms`; a variadic call in C.
rd_kafka_resp_err_t crdk_mock_push(
    rd_kafka_mock_cluster_t *cluster, int32_t broker, int16_t api, int count, rd_kafka_resp_err_t error, int rtt_ms);

#endif
