#pragma once

#include <stddef.h>
#include <stdint.h>

/// Most bytes that compressing `count` bytes can give; 0 when that is more than the codec takes at once (2 GiB).
size_t tower_lz4_bound(size_t count);

/// Compresses into one LZ4 block (LZ4 block format description, 2022-07-31). Returns its length, 0 when it does not fit.
size_t tower_lz4_compress(const void *_Nonnull input, size_t count, void *_Nonnull output, size_t capacity);

/// Takes an LZ4 block apart. Returns the bytes written, never more than `capacity`; -1 when the block is not whole.
int64_t tower_lz4_decompress(const void *_Nonnull input, size_t count, void *_Nonnull output, size_t capacity);
