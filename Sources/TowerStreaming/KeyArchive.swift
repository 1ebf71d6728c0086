/// 128 bits: the key of a record, or a secret.
public struct WideKey: Hashable, Sendable, BitwiseCopyable {
    public var high: UInt64
    public var low: UInt64
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// Keys of durable records, kept beside a log so that a start need not read all of them from it again. What it holds can
/// always be had from the log: it may be thrown away, and it must be believed only where the log agrees.
///
/// - Shape: a chain of chunks without gaps; old ones go when enough newer keys are there.
/// - Durability: what `append` took survives the end of the process once it was written, and a power cut after `close`.
///   Until then a power cut may shorten the chain, never change it.
/// - Order: `extent`, then `read` or `restart` once, then `append`, then `close`.
/// - Concurrency: any number of tasks; `append` never waits for the disk.
public protocol KeyArchive: Sendable {
    /// With what the owner of the keys blends them; the same as long as the chain is.
    var secret: WideKey { get }
    /// What there is, by its heads; `nil` when there is nothing.
    var extent: KeyExtent? { get }
    /// Why there is less than was once written; `nil` when nothing was found amiss.
    var trouble: String? { get }

    /// Gives the newest keys, at least `newest` of them if there are, oldest first, to `body`, two words each. The chain ends
    /// before the first chunk that is not whole.
    ///
    /// - Returns: what the chain is now; `nil` when nothing of it is left.
    func read(newest: Int, _ body: (UnsafeBufferPointer<UInt64>) -> Void) -> KeyExtent?
    /// Forgets everything; the next chunk begins a chain at this sequence.
    func restart(from sequence: Int64)
    /// Hands a chunk over to be written. One that cannot be written ends the chain until the next start.
    func append(_ chunk: KeyChunk)
    /// Returns when everything handed over is written and synced.
    func close() async
}

/// Keys to be kept.
public struct KeyChunk: Sendable, Equatable {
    /// Two words a key: high, low. None of a record that is not durable.
    public var words: [UInt64]
    /// The keys of all records below this sequence are in this chunk or an earlier one, as far back as the chain reaches.
    public var through: Int64
    /// The greatest sequence of any record whose key was handed over, and that record's key.
    public var last: Int64
    public var witness: WideKey
    public init(words: [UInt64], through: Int64, last: Int64, witness: WideKey) {
        self.words = words
        self.through = through
        self.last = last
        self.witness = witness
    }
    public var count: Int { words.count / 2 }
}

/// What an archive holds.
public struct KeyExtent: Sendable, Hashable {
    public var keys: Int
    /// It has the keys of the records from here, up to `through`.
    public var from: Int64
    public var through: Int64
    /// As in the newest chunk.
    public var last: Int64
    public var witness: WideKey
    public init(keys: Int, from: Int64, through: Int64, last: Int64, witness: WideKey) {
        self.keys = keys
        self.from = from
        self.through = through
        self.last = last
        self.witness = witness
    }
}
