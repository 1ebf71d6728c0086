#include "tower_lz4.h"

#include <limits.h>
#include <lz4.h>

size_t tower_lz4_bound(size_t count) {
    if (count > LZ4_MAX_INPUT_SIZE) return 0;
    return (size_t)LZ4_compressBound((int)count);
}

size_t tower_lz4_compress(const void *input, size_t count, void *output, size_t capacity) {
    if (count > LZ4_MAX_INPUT_SIZE) return 0;
    int room = capacity > INT_MAX ? INT_MAX : (int)capacity;
    int length = LZ4_compress_default(input, output, (int)count, room);
    return length > 0 ? (size_t)length : 0;
}

int64_t tower_lz4_decompress(const void *input, size_t count, void *output, size_t capacity) {
    if (count > INT_MAX || capacity > INT_MAX) return -1;
    int length = LZ4_decompress_safe(input, output, (int)count, (int)capacity);
    return length < 0 ? -1 : length;
}
