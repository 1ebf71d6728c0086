#include "tower_memory.h"
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

void tower_keep_memory(size_t kept, size_t slack) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, (int)kept);
    mallopt(M_TRIM_THRESHOLD, (int)slack);
#else
    (void)kept;
    (void)slack;
#endif
}
