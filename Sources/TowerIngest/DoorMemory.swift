import CTower

/// What a process that takes in requests wants of the C library's allocator.
public enum DoorMemory {
    /// Keeps the memory of request bodies instead of giving it back to the kernel after every request: with the defaults a
    /// body of 200 KB is mapped, cleared page by page and unmapped each time.
    public static func keep() { tower_keep_memory(8 << 20, 64 << 20) }
}
