#pragma once
#include <stddef.h>

/// Blocks up to `kept` bytes come from memory that stays the process's, of which up to `slack` unused bytes are kept.
/// Does nothing where the C library is not glibc.
void tower_keep_memory(size_t kept, size_t slack);
