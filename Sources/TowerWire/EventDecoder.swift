public import TowerModel

/// Turns events as JSON into columns, checking them on the way: the one reader of events in the house.
///
/// ```swift
/// var decoder = EventDecoder(symbols: symbols)
/// var batch = EventBatch(symbols: symbols)
/// if let error = line.withUnsafeBytes({ decoder.append($0, to: &batch) }) { … }
/// ```
/// - Errors: an event that is refused leaves the batch as it was.
/// - Concurrency: a value with memory of names; give each task its own and keep it, a warm one is several times faster.
/// - Cost: no allocation, no lock and no string for an event whose names were met before.
public struct EventDecoder: Sendable {
    /// What is asked of an event beyond being strict JSON with the eight fields.
    enum Trust: Sendable {
        /// At the door: schema and clock are checked.
        case checked
        /// From the log: it was checked when it came in, perhaps by an older catalogue.
        case stored
    }

    let symbols: SymbolTable
    let rules: PayloadRules
    let limits: DecodeLimits
    var names: NameTable

    /// An event of `decode(_:)` that could not be read.
    public struct Undecodable: Sendable, Hashable {
        /// Its place among the values that were passed.
        public var index: Int
        public var error: EnvelopeError
    }
    /// What the last `decode(_:)` had to leave out, by rising index.
    public internal(set) var undecodable: [Undecodable] = []
    /// Whether the catalogue knows the type of the event appended last.
    public internal(set) var lastTypeIsKnown = false
    /// Where in the batch's bytes the name of its site lies.
    public internal(set) var lastSite = 0..<0

    // What is known of the event at hand; fields of the struct so that reading one allocates nothing.
    var trust = Trust.checked
    var fields: [EventBatch.Field] = []
    var unresolved: [(field: Int32, slot: Int32)] = []
    var serial: UInt32 = 0
    var keys = 0
    var seenRequired: UInt64 = 0
    var badField = -1
    var badFieldAt = 0
    var dates = DateMemory()
    /// What the last shared decode met, so that the next makes room once.
    private var fieldsPerEvent = 8.0

    public init(symbols: SymbolTable, catalog: EventCatalog = .standard, limits: DecodeLimits = .standard) {
        self.symbols = symbols
        self.rules = PayloadRules(catalog)
        self.limits = limits
        self.names = NameTable(seed: UInt64.random(in: .min ... .max))
        fields.reserveCapacity(64)
    }

    /// Checks one event and appends it.
    ///
    /// - Parameters:
    ///   - json: exactly one JSON object, white space around it allowed. Not kept.
    ///   - tenant: the tenant of the credentials; `.none` takes any.
    /// - Returns: why it was refused; `nil` when it is now the batch's last event.
    public mutating func append(
        _ json: UnsafeRawBufferPointer, to batch: inout EventBatch, expecting tenant: Symbol = .none
    ) -> EnvelopeError? {
        trust = .checked
        return read(json, to: &batch, expecting: tenant)
    }

    /// As `append(_:to:expecting:)` for an event that lies in the batch's own bytes already: nothing is copied.
    ///
    /// - Parameters:
    ///   - range: of the event in `bytes`.
    ///   - bytes: the same as `batch.bytes`.
    public mutating func append(
        _ range: Range<Int>, of bytes: UnsafeRawBufferPointer, to batch: inout EventBatch, expecting tenant: Symbol = .none
    ) -> EnvelopeError? {
        precondition(bytes.count == batch.bytes.count, "the bytes are not the batch's")
        trust = .checked
        return read(UnsafeRawBufferPointer(rebasing: bytes[range]), to: &batch, expecting: tenant, at: range.lowerBound)
    }

    /// Reads values that were accepted before. What cannot be read is left out and named in `undecodable`.
    ///
    /// - Returns: the events in the order of `values`; without gaps their numbers are those of `values`.
    public mutating func decode(_ values: [[UInt8]]) -> EventBatch {
        var batch = EventBatch(symbols: symbols)
        decode(values, to: &batch)
        return batch
    }

    /// Reads values that lie in one piece of memory; the batch shares it and copies nothing.
    ///
    /// - Parameter values: where each value lies in `bytes`. `undecodable` counts them as `decode(_:)` does.
    public mutating func decode(sharing bytes: [UInt8], values: [Range<Int>]) -> EventBatch {
        var batch = EventBatch(symbols: symbols)
        undecodable.removeAll()
        batch.reserve(events: values.count, bytes: 0)
        batch.fields.reserveCapacity(Int(Double(values.count + 1) * fieldsPerEvent))
        batch.bytes = bytes
        trust = .stored
        bytes.withUnsafeBytes { all in
            for (index, range) in values.enumerated() {
                let value = UnsafeRawBufferPointer(rebasing: all[range])
                if let error = read(value, to: &batch, expecting: .none, at: range.lowerBound) {
                    undecodable.append(Undecodable(index: index, error: error))
                }
            }
        }
        if batch.count > 0 { fieldsPerEvent = Double(batch.fields.count) / Double(batch.count) * 1.1 }
        return batch
    }

    /// As `decode(_:)`, behind what the batch already holds.
    public mutating func decode(_ values: [[UInt8]], to batch: inout EventBatch) {
        undecodable.removeAll()
        batch.reserve(events: values.count, bytes: values.reduce(0) { $0 + $1.count })
        trust = .stored
        for (index, value) in values.enumerated() {
            let error = value.withUnsafeBytes { read($0, to: &batch, expecting: .none) }
            if let error { undecodable.append(Undecodable(index: index, error: error)) }
        }
    }
}

extension EventBatch {
    /// Makes room, so that appending that much moves nothing.
    mutating func reserve(events: Int, bytes count: Int) {
        bytes.reserveCapacity(bytes.count + count)
        for column in [\EventBatch.valueStart, \EventBatch.valueEnd, \EventBatch.fieldStart] {
            self[keyPath: column].reserveCapacity(self[keyPath: column].count + events)
        }
        ids.reserveCapacity(ids.count + events)
        types.reserveCapacity(types.count + events)
        tenants.reserveCapacity(tenants.count + events)
        sites.reserveCapacity(sites.count + events)
        timestamps.reserveCapacity(timestamps.count + events)
        versions.reserveCapacity(versions.count + events)
    }
}
