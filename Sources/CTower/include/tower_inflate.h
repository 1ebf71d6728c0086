#pragma once

#include <stddef.h>
#include <stdint.h>

/// What one step of inflating came to.
enum tower_inflate_status {
    /// More input or more room is needed.
    TOWER_INFLATE_MORE = 0,
    /// A gzip member ended; unused input may be another member.
    TOWER_INFLATE_END = 1,
    /// The bytes are not gzip, or their checksum is wrong.
    TOWER_INFLATE_BROKEN = 2,
    TOWER_INFLATE_NO_MEMORY = 3
};

typedef struct tower_inflate tower_inflate;

/// A reader of gzip members (RFC 1952); NULL without memory.
tower_inflate *_Nullable tower_inflate_open(void);

/// Reads from `input` and writes to `output`; says how much of each was used.
///
/// Never writes more than `output_count` bytes, so that the caller decides when enough is enough.
int tower_inflate_step(tower_inflate *_Nonnull stream, const uint8_t *_Nonnull input, size_t input_count,
                       size_t *_Nonnull consumed, uint8_t *_Nonnull output, size_t output_count, size_t *_Nonnull produced);

/// Makes ready for the next member.
int tower_inflate_next_member(tower_inflate *_Nonnull stream);

void tower_inflate_close(tower_inflate *_Nullable stream);
