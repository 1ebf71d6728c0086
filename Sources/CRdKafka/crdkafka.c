#include "CRdKafka.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct crdk_batch {
    atomic_uint waiting;
    crdk_done done;
    void *context;
    uint8_t *bytes;
    crdk_outcome outcomes[];
};

crdk_batch *crdk_batch_new(uint32_t count, size_t bytes, crdk_done done, void *context) {
    crdk_batch *batch = malloc(sizeof(crdk_batch) + (size_t)count * sizeof(crdk_outcome));
    if (!batch) return NULL;
    batch->bytes = malloc(bytes ? bytes : 1);
    if (!batch->bytes) {
        free(batch);
        return NULL;
    }
    // One more than records, so that it cannot be done before all are handed over.
    atomic_init(&batch->waiting, count + 1);
    batch->done = done;
    batch->context = context;
    for (uint32_t i = 0; i < count; i++) batch->outcomes[i] = (crdk_outcome){batch, -1, -1, 0};
    return batch;
}

void crdk_batch_free(crdk_batch *batch) {
    if (!batch) return;
    free(batch->bytes);
    free(batch);
}

uint8_t *crdk_batch_bytes(crdk_batch *batch) { return batch->bytes; }

const crdk_outcome *crdk_batch_outcomes(const crdk_batch *batch) { return batch->outcomes; }

static void count_down(crdk_batch *batch) {
    if (atomic_fetch_sub_explicit(&batch->waiting, 1, memory_order_acq_rel) == 1) batch->done(batch->context, batch);
}

static void on_delivery(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque) {
    (void)handle;
    (void)opaque;
    crdk_outcome *outcome = message->_private;
    if (!outcome) return;
    outcome->offset = message->offset;
    outcome->partition = message->partition;
    outcome->error = message->err;
    count_down(outcome->batch);
}

void crdk_conf_count_deliveries(rd_kafka_conf_t *conf) { rd_kafka_conf_set_dr_msg_cb(conf, on_delivery); }

void crdk_produce(
    rd_kafka_t *handle, crdk_batch *batch, rd_kafka_topic_t *const *topics, const crdk_record *records, uint32_t count,
    rd_kafka_headers_t *const *sets, const char *names, const char *name_header, const char *order_header, uint64_t first_order,
    int64_t timestamp_ms) {
    const size_t name_header_count = strlen(name_header);
    const size_t order_header_count = strlen(order_header);
    for (uint32_t i = 0; i < count; i++) {
        const crdk_record *record = &records[i];
        rd_kafka_headers_t *headers = NULL;
        if (record->headers >= 0) headers = rd_kafka_headers_copy(sets[record->headers]);
        if (record->name_count) {
            if (!headers) headers = rd_kafka_headers_new(1);
            rd_kafka_header_add(
                headers, name_header, (ssize_t)name_header_count, names + record->name_start, (ssize_t)record->name_count);
        }
        uint8_t order[8];
        for (int byte = 0; byte < 8; byte++) order[byte] = (uint8_t)((first_order + i) >> (56 - 8 * byte));
        if (!headers) headers = rd_kafka_headers_new(1);
        rd_kafka_header_add(headers, order_header, (ssize_t)order_header_count, order, sizeof order);
        rd_kafka_vu_t parts[8];
        size_t used = 0;
        parts[used].vtype = RD_KAFKA_VTYPE_RKT;
        parts[used++].u.rkt = topics[record->topic];
        parts[used].vtype = RD_KAFKA_VTYPE_PARTITION;
        parts[used++].u.i32 = record->partition;
        // The value stays in the batch's bytes, which outlive the delivery; the key is copied by librdkafka in any case.
        parts[used].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
        parts[used++].u.i = 0;
        parts[used].vtype = RD_KAFKA_VTYPE_VALUE;
        parts[used].u.mem.ptr = batch->bytes + record->value_start;
        parts[used++].u.mem.size = record->value_count;
        if (record->key_count >= 0) {
            parts[used].vtype = RD_KAFKA_VTYPE_KEY;
            parts[used].u.mem.ptr = batch->bytes + record->key_start;
            parts[used++].u.mem.size = (size_t)record->key_count;
        }
        parts[used].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
        parts[used++].u.i64 = timestamp_ms;
        parts[used].vtype = RD_KAFKA_VTYPE_OPAQUE;
        parts[used++].u.ptr = &batch->outcomes[i];
        if (headers) {
            parts[used].vtype = RD_KAFKA_VTYPE_HEADERS;
            parts[used++].u.headers = headers;
        }
        rd_kafka_error_t *error = rd_kafka_produceva(handle, parts, used);
        if (error) {
            batch->outcomes[i].error = rd_kafka_error_code(error);
            rd_kafka_error_destroy(error);
            if (headers) rd_kafka_headers_destroy(headers);
            count_down(batch);
        }
    }
    count_down(batch);
}

rd_kafka_headers_t *crdk_message_headers(const rd_kafka_message_t *message) {
    rd_kafka_headers_t *headers = NULL;
    return rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR ? headers : NULL;
}
