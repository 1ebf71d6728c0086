#pragma once

#include <stddef.h>
#include <stdint.h>

/// What one step of unpacking came to.
enum tower_zstd_status {
    /// More input or more room is needed.
    TOWER_ZSTD_MORE = 0,
    /// A frame ended; unused input may be another frame.
    TOWER_ZSTD_END = 1,
    /// The bytes are not Zstandard, or their checksum or declared size is wrong, or they want a dictionary.
    TOWER_ZSTD_BROKEN = 2,
    TOWER_ZSTD_NO_MEMORY = 3,
    /// The frame wants a window larger than allowed.
    TOWER_ZSTD_WINDOW = 4
};

typedef struct tower_zstd tower_zstd;

/// A reader of Zstandard frames (RFC 8878) with windows of at most 2^`window_log` bytes; NULL without memory.
tower_zstd *_Nullable tower_zstd_open(int window_log);

/// Reads from `input` and writes to `output`; says how much of each was used.
///
/// Never writes more than `output_count` bytes, so that the caller decides when enough is enough. What a frame declares
/// about its size is checked by the library and never believed: nothing is allocated for it.
int tower_zstd_step(tower_zstd *_Nonnull stream, const uint8_t *_Nonnull input, size_t input_count, size_t *_Nonnull consumed,
                    uint8_t *_Nonnull output, size_t output_count, size_t *_Nonnull produced);

void tower_zstd_close(tower_zstd *_Nullable stream);
