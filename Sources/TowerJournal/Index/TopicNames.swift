import CTower
import Glibc
import Synchronization
import TowerStreaming

/// Topic names and their numbers: an open-addressed table of places of names that never move, so that a lookup by raw
/// bytes takes no lock, makes no string and touches two places in memory.
///
/// - Concurrency: lookups from any thread at any time; `add` only by whoever holds the catalog.
/// - Memory: 12 to 24 bytes beside the name's own for a topic; a table that was outgrown is kept for those who still look.
final class TopicNames: @unchecked Sendable {
    /// A name and what every append wants to know of its topic; 8 bytes, then the bytes of the name.
    private struct Head {
        var number: UInt32
        var series: UInt8
        var length: UInt8
        var reserved: UInt16 = 0
    }
    private typealias Slot = Atomic<UInt64>
    /// A power of two of slots. A slot has the place of a `Head` in its lower 48 bits and 16 bits of the hash above; 0 is free.
    private final class Table {
        let slots: UnsafeMutablePointer<Slot>
        let mask: Int

        init(count: Int) {
            slots = .allocate(capacity: count)
            for index in 0..<count { (slots + index).initialize(to: Slot(0)) }
            mask = count - 1
        }

        deinit { slots.deallocate() }

        func insert(_ word: UInt64, hash: UInt32) {
            var slot = Int(hash) & mask
            while slots[slot].load(ordering: .relaxed) != 0 { slot = (slot + 1) & mask }
            slots[slot].store(word, ordering: .releasing)
        }
    }
    private static let chunkSize = 64 << 10
    private static let placeBits: UInt64 = 48
    private let current: Atomic<UnsafeRawPointer>
    /// Touched by `add` only: all tables, the last one current, and the memory of the names.
    private var tables: [Table]
    private var chunks: [UnsafeMutableRawPointer] = []
    private var chunkUsed = TopicNames.chunkSize
    private var count = 0

    init() {
        let first = Table(count: 128)
        tables = [first]
        current = Atomic(UnsafeRawPointer(Unmanaged.passUnretained(first).toOpaque()))
    }

    deinit {
        for chunk in chunks { chunk.deallocate() }
    }

    static func hash(_ name: UnsafeRawBufferPointer) -> UInt32 { tower_crc32c(0, name.baseAddress, name.count) }

    func find(_ name: UnsafeRawBufferPointer) -> FrameBuffer.TopicReference? {
        withTable { Self.find(name, hash: Self.hash(name), in: $0) }
    }

    /// Finds the topics of `count` names and returns how many of the first ones it found.
    ///
    /// The names are hashed and their slots read first, then compared: so the waits for memory run side by side.
    @inline(__always)
    func find(
        count: Int, into topics: inout [FrameBuffer.TopicReference], probes: inout [UInt64],
        name: (Int) -> UnsafeRawBufferPointer
    ) -> Int {
        withTable { table in
            probes.removeAll(keepingCapacity: true)
            probes.reserveCapacity(count * 2)
            for index in 0..<count {
                let hash = Self.hash(name(index))
                probes.append(table.slots[Int(hash) & table.mask].load(ordering: .acquiring))
                probes.append(UInt64(hash))
            }
            for index in 0..<count {
                let word = probes[2 * index]
                let hash = UInt32(truncatingIfNeeded: probes[2 * index + 1])
                let name = name(index)
                if word >> Self.placeBits == UInt64(hash >> 16), let topic = Self.topic(at: word, ifNamed: name) {
                    topics.append(topic)
                } else if let topic = Self.find(name, hash: hash, in: table) {
                    topics.append(topic)
                } else {
                    return index
                }
            }
            return count
        }
    }

    @inline(__always)
    private func withTable<Answer>(_ body: (Table) -> Answer) -> Answer {
        // Every table lives as long as this object.
        let table = Unmanaged<Table>.fromOpaque(current.load(ordering: .acquiring))
        return table._withUnsafeGuaranteedRef(body)
    }

    @inline(__always)
    private static func find(_ name: UnsafeRawBufferPointer, hash: UInt32, in table: Table) -> FrameBuffer.TopicReference? {
        var slot = Int(hash) & table.mask
        while true {
            let word = table.slots[slot].load(ordering: .acquiring)
            if word == 0 { return nil }
            if word >> placeBits == UInt64(hash >> 16), let topic = topic(at: word, ifNamed: name) { return topic }
            slot = (slot + 1) & table.mask
        }
    }

    @inline(__always)
    private static func topic(at word: UInt64, ifNamed name: UnsafeRawBufferPointer) -> FrameBuffer.TopicReference? {
        guard let place = UnsafeRawPointer(bitPattern: UInt(word & (1 << placeBits - 1))), let bytes = name.baseAddress else {
            return nil
        }
        let head = place.load(as: Head.self)
        guard Int(head.length) == name.count, memcmp(place + MemoryLayout<Head>.size, bytes, name.count) == 0 else { return nil }
        return FrameBuffer.TopicReference(number: head.number, retention: head.series == 0 ? .telemetry : .business)
    }

    /// Adds a name that is not there, of 1 to 255 bytes, under the next number. Returns where it lies.
    func add(_ name: UnsafeRawBufferPointer, retention: RetentionClass) -> UnsafeRawPointer {
        let size = alignedUp(MemoryLayout<Head>.size + name.count)
        if chunkUsed + size > Self.chunkSize {
            chunks.append(.allocate(byteCount: Self.chunkSize, alignment: 16))
            chunkUsed = 0
        }
        let place = chunks[chunks.count - 1] + chunkUsed
        chunkUsed += size
        let head = Head(number: UInt32(count), series: UInt8(retention.series), length: UInt8(name.count))
        place.storeBytes(of: head, as: Head.self)
        if let bytes = name.baseAddress { (place + MemoryLayout<Head>.size).copyMemory(from: bytes, byteCount: name.count) }
        count += 1
        if count * 3 > (tables[tables.count - 1].mask + 1) * 2 { grow() }
        insert(place, hash: Self.hash(name), into: tables[tables.count - 1])
        return UnsafeRawPointer(place)
    }

    private func insert(_ place: UnsafeRawPointer, hash: UInt32, into table: Table) {
        let address = UInt64(UInt(bitPattern: place))
        precondition(address >> Self.placeBits == 0, "addresses of this machine have more than 48 bits")
        table.insert(UInt64(hash >> 16) << Self.placeBits | address, hash: hash)
    }

    private func grow() {
        let old = tables[tables.count - 1]
        let table = Table(count: (old.mask + 1) * 2)
        for slot in 0...old.mask {
            let word = old.slots[slot].load(ordering: .relaxed)
            guard let place = UnsafeRawPointer(bitPattern: UInt(word & (1 << Self.placeBits - 1))) else { continue }
            insert(place, hash: Self.hash(Self.name(at: place)), into: table)
        }
        tables.append(table)
        current.store(UnsafeRawPointer(Unmanaged.passUnretained(table).toOpaque()), ordering: .releasing)
    }

    /// The name that lies at a place `add` returned. Valid as long as this object.
    static func name(at place: UnsafeRawPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: place + MemoryLayout<Head>.size, count: Int(place.load(as: Head.self).length))
    }
}
