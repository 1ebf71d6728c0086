#include "tower_zstd.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

struct tower_zstd {
    ZSTD_DCtx *context;
    int is_inside;
};

tower_zstd *tower_zstd_open(int window_log) {
    tower_zstd *self = calloc(1, sizeof *self);
    if (self == NULL) return NULL;
    self->context = ZSTD_createDCtx();
    if (self->context == NULL || ZSTD_isError(ZSTD_DCtx_setParameter(self->context, ZSTD_d_windowLogMax, window_log))) {
        tower_zstd_close(self);
        return NULL;
    }
    return self;
}

// Only frames of RFC 8878 and skippable ones: the library may also know formats from before 1.0, which nobody sends and
// few have fuzzed.
static int begins_a_frame(const uint8_t *input, size_t count) {
    static const uint8_t frame[4] = {0x28, 0xB5, 0x2F, 0xFD}, skippable[4] = {0x50, 0x2A, 0x4D, 0x18};
    int is_frame = 1, is_skippable = 1;
    for (size_t index = 0; index < 4 && index < count; index++) {
        is_frame &= input[index] == frame[index];
        is_skippable &= (input[index] & (index == 0 ? 0xF0 : 0xFF)) == skippable[index];
    }
    return is_frame | is_skippable;
}

int tower_zstd_step(tower_zstd *self, const uint8_t *input, size_t input_count, size_t *consumed, uint8_t *output,
                    size_t output_count, size_t *produced) {
    *consumed = *produced = 0;
    if (!self->is_inside && !begins_a_frame(input, input_count)) return TOWER_ZSTD_BROKEN;
    ZSTD_inBuffer in = {input, input_count, 0};
    ZSTD_outBuffer out = {output, output_count, 0};
    size_t status = ZSTD_decompressStream(self->context, &out, &in);
    *consumed = in.pos;
    *produced = out.pos;
    self->is_inside = 1;
    if (ZSTD_isError(status)) {
        switch (ZSTD_getErrorCode(status)) {
        case ZSTD_error_memory_allocation: return TOWER_ZSTD_NO_MEMORY;
        case ZSTD_error_frameParameter_windowTooLarge: return TOWER_ZSTD_WINDOW;
        default: return TOWER_ZSTD_BROKEN;
        }
    }
    if (status != 0) return TOWER_ZSTD_MORE;
    self->is_inside = 0;
    return TOWER_ZSTD_END;
}

void tower_zstd_close(tower_zstd *self) {
    if (self == NULL) return;
    ZSTD_freeDCtx(self->context);
    free(self);
}
