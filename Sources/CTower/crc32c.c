#include "tower_crc32c.h"

#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

// The reflected Castagnoli polynomial.
#define POLYNOMIAL 0x82F63B78u

// Three chains of this many bytes run side by side, because the instruction takes three cycles and starts every cycle.
// Journal records are about 400 bytes, so the short stride is what they use.
#define SHORT_STRIDE 128u
#define LONG_STRIDE 2048u

static uint32_t byte_table[8][256];
// What a chain's value becomes after a stride of zero bytes; entry [k][b] is for byte k of the value being b.
static uint32_t short_shift[4][256];
static uint32_t long_shift[4][256];
static int has_instruction;

static uint32_t portable_step(uint32_t state, const uint8_t *bytes, size_t length) {
    while (length >= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        word ^= state;
        state = byte_table[7][word & 255] ^ byte_table[6][word >> 8 & 255] ^ byte_table[5][word >> 16 & 255] ^
                byte_table[4][word >> 24 & 255] ^ byte_table[3][word >> 32 & 255] ^ byte_table[2][word >> 40 & 255] ^
                byte_table[1][word >> 48 & 255] ^ byte_table[0][word >> 56];
        bytes += 8;
        length -= 8;
    }
    while (length--) state = state >> 8 ^ byte_table[0][(state ^ *bytes++) & 255];
    return state;
}

static void fill_shift(uint32_t table[4][256], size_t stride) {
    static const uint8_t zeros[64];
    uint32_t of_bit[32];
    for (int bit = 0; bit < 32; bit++) {
        uint32_t state = 1u << bit;
        for (size_t done = 0; done < stride; done += sizeof zeros) state = portable_step(state, zeros, sizeof zeros);
        of_bit[bit] = state;
    }
    // The step is linear over exclusive or, so the value of a byte is the sum of its bits' values.
    for (int k = 0; k < 4; k++)
        for (int b = 0; b < 256; b++) {
            uint32_t sum = 0;
            for (int bit = 0; bit < 8; bit++)
                if (b >> bit & 1) sum ^= of_bit[8 * k + bit];
            table[k][b] = sum;
        }
}

__attribute__((constructor)) static void prepare(void) {
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t state = b;
        for (int bit = 0; bit < 8; bit++) state = state >> 1 ^ (state & 1 ? POLYNOMIAL : 0);
        byte_table[0][b] = state;
    }
    for (int k = 1; k < 8; k++)
        for (int b = 0; b < 256; b++) byte_table[k][b] = byte_table[k - 1][b] >> 8 ^ byte_table[0][byte_table[k - 1][b] & 255];
    fill_shift(short_shift, SHORT_STRIDE);
    fill_shift(long_shift, LONG_STRIDE);
#if defined(__x86_64__)
    __builtin_cpu_init();
    has_instruction = __builtin_cpu_supports("sse4.2");
#endif
}

#if defined(__x86_64__)
static inline uint64_t shifted(const uint32_t table[4][256], uint64_t state) {
    return table[0][state & 255] ^ table[1][state >> 8 & 255] ^ table[2][state >> 16 & 255] ^ table[3][state >> 24 & 255];
}

__attribute__((target("sse4.2"))) static inline uint64_t load_word(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

__attribute__((target("sse4.2"))) static inline uint64_t three_chains(
    uint64_t state, const uint8_t *bytes, size_t stride, const uint32_t table[4][256]) {
    uint64_t second = 0, third = 0;
    for (size_t at = 0; at < stride; at += 8) {
        state = _mm_crc32_u64(state, load_word(bytes + at));
        second = _mm_crc32_u64(second, load_word(bytes + stride + at));
        third = _mm_crc32_u64(third, load_word(bytes + 2 * stride + at));
    }
    state = shifted(table, state) ^ second;
    return shifted(table, state) ^ third;
}

__attribute__((target("sse4.2"))) static uint32_t instruction_step(uint64_t state, const uint8_t *bytes, size_t length) {
    while (length >= 3 * LONG_STRIDE) {
        state = three_chains(state, bytes, LONG_STRIDE, long_shift);
        bytes += 3 * LONG_STRIDE;
        length -= 3 * LONG_STRIDE;
    }
    while (length >= 3 * SHORT_STRIDE) {
        state = three_chains(state, bytes, SHORT_STRIDE, short_shift);
        bytes += 3 * SHORT_STRIDE;
        length -= 3 * SHORT_STRIDE;
    }
    while (length >= 8) {
        state = _mm_crc32_u64(state, load_word(bytes));
        bytes += 8;
        length -= 8;
    }
    // Every step waits for the one before, so the rest is taken in as few as there can be.
    if (length & 4) {
        uint32_t word;
        memcpy(&word, bytes, 4);
        state = _mm_crc32_u32((uint32_t)state, word);
        bytes += 4;
    }
    if (length & 2) {
        uint16_t word;
        memcpy(&word, bytes, 2);
        state = _mm_crc32_u16((uint32_t)state, word);
        bytes += 2;
    }
    if (length & 1) state = _mm_crc32_u8((uint32_t)state, *bytes);
    return (uint32_t)state;
}
#endif

uint32_t tower_crc32c_portable(uint32_t crc, const void *data, size_t length) {
    return ~portable_step(~crc, data, length);
}

uint32_t tower_crc32c(uint32_t crc, const void *data, size_t length) {
#if defined(__x86_64__)
    if (has_instruction) return ~instruction_step((uint32_t)~crc, data, length);
#endif
    return ~portable_step(~crc, data, length);
}
