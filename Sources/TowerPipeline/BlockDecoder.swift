public import TowerModel
public import TowerStreaming
public import TowerWire

/// Makes slices of blocks that somebody else read: for replays, which share nothing with a running platform.
public struct BlockDecoder: Sendable {
    private var decoder: PieceDecoder

    /// - Parameter upcaster: what reads old events as their newest version.
    public init(symbols: SymbolTable, upcaster: @escaping @Sendable () -> EventUpcaster? = { nil }) {
        decoder = PieceDecoder(symbols: symbols, upcaster: upcaster)
    }

    /// The block's records of those kinds as processors take them.
    ///
    /// - Parameter start: at or before the first record's sequence.
    public mutating func slice(_ block: LogBlock, of kinds: RecordKinds, from start: LogCursor) -> EventSlice {
        EventSlice([decoder.piece(block, from: start)], of: kinds, from: start, until: LogCursor(sequence: .max), maxRecords: .max)
    }
}
