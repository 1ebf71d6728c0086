#include "CRdKafkaMock.h"

rd_kafka_resp_err_t crdk_mock_push(
    rd_kafka_mock_cluster_t *cluster, int32_t broker, int16_t api, int count, rd_kafka_resp_err_t error, int rtt_ms) {
    rd_kafka_resp_err_t result = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int i = 0; i < count && !result; i++)
        result = rd_kafka_mock_broker_push_request_error_rtts(cluster, broker, api, 1, error, rtt_ms);
    return result;
}
