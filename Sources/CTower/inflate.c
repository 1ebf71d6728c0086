#include "tower_inflate.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

struct tower_inflate {
    z_stream stream;
};

// Window of 32 KiB; 16 asks for the gzip wrapper with its checksum, and nothing else.
enum { gzip_window_bits = 15 + 16 };

tower_inflate *tower_inflate_open(void) {
    tower_inflate *self = calloc(1, sizeof *self);
    if (self == NULL) return NULL;
    if (inflateInit2(&self->stream, gzip_window_bits) != Z_OK) {
        free(self);
        return NULL;
    }
    return self;
}

int tower_inflate_step(tower_inflate *self, const uint8_t *input, size_t input_count, size_t *consumed, uint8_t *output,
                       size_t output_count, size_t *produced) {
    uInt in = input_count > UINT_MAX ? UINT_MAX : (uInt)input_count;
    uInt out = output_count > UINT_MAX ? UINT_MAX : (uInt)output_count;
    self->stream.next_in = (Bytef *)input;
    self->stream.avail_in = in;
    self->stream.next_out = output;
    self->stream.avail_out = out;
    int status = inflate(&self->stream, Z_NO_FLUSH);
    *consumed = in - self->stream.avail_in;
    *produced = out - self->stream.avail_out;
    switch (status) {
    case Z_STREAM_END: return TOWER_INFLATE_END;
    case Z_OK:
    case Z_BUF_ERROR: return TOWER_INFLATE_MORE;
    case Z_MEM_ERROR: return TOWER_INFLATE_NO_MEMORY;
    default: return TOWER_INFLATE_BROKEN;
    }
}

int tower_inflate_next_member(tower_inflate *self) {
    return inflateReset2(&self->stream, gzip_window_bits) == Z_OK ? TOWER_INFLATE_MORE : TOWER_INFLATE_BROKEN;
}

void tower_inflate_close(tower_inflate *self) {
    if (self == NULL) return;
    inflateEnd(&self->stream);
    free(self);
}
