import TowerModel

/// Numbers of ours by symbols of one table, in one flat table: asked for every event.
///
/// Symbols are counted upwards by this process, not chosen by a sender, so that a plain multiplication spreads them.
struct SymbolNumbers: Sendable {
    private struct Entry {
        /// Raw value of the symbol; `none`'s for an empty entry.
        var symbol: Int32
        var number: Int32
    }
    private static let none = Entry(symbol: Symbol.none.rawValue, number: -1)
    private var entries = [Entry](repeating: SymbolNumbers.none, count: 16)
    private var count = 0

    @inline(__always)
    private func place(_ symbol: Int32) -> Int {
        let product = UInt64(UInt32(bitPattern: symbol)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: product >> 32) & (entries.count - 1)
    }

    /// The number of a symbol; `nil` when it has none.
    @inline(__always)
    subscript(symbol: Symbol) -> Int32? {
        guard symbol != .none else { return nil }
        var at = place(symbol.rawValue)
        while entries[at].symbol != Symbol.none.rawValue {
            if entries[at].symbol == symbol.rawValue { return entries[at].number }
            at = (at + 1) & (entries.count - 1)
        }
        return nil
    }

    /// Gives a symbol that has no number one; none that stands for no string.
    mutating func add(_ symbol: Symbol, _ number: Int32) {
        guard symbol != .none else { return }
        if (count + 1) * 2 > entries.count {
            let old = entries
            entries = [Entry](repeating: Self.none, count: old.count * 2)
            for entry in old where entry.symbol != Symbol.none.rawValue { put(entry) }
        }
        put(Entry(symbol: symbol.rawValue, number: number))
        count += 1
    }

    private mutating func put(_ entry: Entry) {
        var at = place(entry.symbol)
        while entries[at].symbol != Symbol.none.rawValue { at = (at + 1) & (entries.count - 1) }
        entries[at] = entry
    }
}
