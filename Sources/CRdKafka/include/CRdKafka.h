// librdkafka for Swift, with what Swift cannot say: variadic calls, and callbacks that count instead of crossing the border
// once for every record.
#ifndef CRDKAFKA_H
#define CRDKAFKA_H

#include <librdkafka/rdkafka.h>
#include <stddef.h>
#include <stdint.h>

// Records that were handed over together. Lives until the last of them is delivered or given up.
typedef struct crdk_batch crdk_batch;

// What became of one record.
typedef struct {
    crdk_batch *batch;
    int64_t offset; // -1 when not known
    int32_t partition;
    int32_t error; // rd_kafka_resp_err_t
} crdk_outcome;

// Called once per batch, on the polling thread or on the thread that produced the batch; `context` is the batch's.
typedef void (*crdk_done)(void *context, crdk_batch *batch);

// One record to produce; offsets are in the batch's bytes.
typedef struct {
    int32_t topic;     // index in `topics`
    int32_t partition;
    uint32_t key_start;
    int32_t key_count; // -1: null
    uint32_t value_start;
    uint32_t value_count;
    int32_t headers;   // index in `sets`, or -1
    uint32_t name_start; // the logical topic, in `names`
    uint32_t name_count; // 0: no header with it
} crdk_record;

// A batch with room for `bytes`; NULL when there is no memory. `done` is called with `context`.
crdk_batch *crdk_batch_new(uint32_t count, size_t bytes, crdk_done done, void *context);
void crdk_batch_free(crdk_batch *batch);
uint8_t *crdk_batch_bytes(crdk_batch *batch);
const crdk_outcome *crdk_batch_outcomes(const crdk_batch *batch);

// Delivery reports of this handle count batches down.
void crdk_conf_count_deliveries(rd_kafka_conf_t *conf);

// Hands all records over; `count` as the batch was made for. Each set of headers is copied for each record that names it.
// Every record also gets `first_order` and what follows it, 8 bytes, highest first.
// What librdkafka refuses at once is in the outcomes like any other failure. The batch may be done, and gone, on return.
void crdk_produce(
    rd_kafka_t *handle, crdk_batch *batch, rd_kafka_topic_t *const *topics, const crdk_record *records, uint32_t count,
    rd_kafka_headers_t *const *sets, const char *names, const char *name_header, const char *order_header, uint64_t first_order,
    int64_t timestamp_ms);

// A message's headers, or NULL.
rd_kafka_headers_t *crdk_message_headers(const rd_kafka_message_t *message);

#endif
