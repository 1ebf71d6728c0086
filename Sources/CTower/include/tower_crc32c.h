#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `length` bytes, continuing `crc`; begin with 0.
uint32_t tower_crc32c(uint32_t crc, const void *data, size_t length);

/// The same value by table only: what machines without the instruction use, and what tests compare against.
uint32_t tower_crc32c_portable(uint32_t crc, const void *data, size_t length);
