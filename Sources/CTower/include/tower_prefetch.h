#ifndef TOWER_PREFETCH_H
#define TOWER_PREFETCH_H

/// Asks for a line of memory that will be needed in a moment. Any address is fine, also one that is not ours.
static inline void tower_prefetch(const void *address) { __builtin_prefetch(address, 1, 3); }

#endif
