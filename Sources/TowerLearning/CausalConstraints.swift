/// What operators know: pairs that are causes, and pairs that are not. Learning never overrules them.
public struct CausalConstraints: Sendable, Hashable {
    public struct Pair: Sendable, Hashable {
        public var cause: Int32
        public var effect: Int32
        public init(cause: Int32, effect: Int32) {
            self.cause = cause
            self.effect = effect
        }
    }
    public private(set) var confirmed: Set<Pair> = []
    public private(set) var vetoed: Set<Pair> = []

    public init() {}

    public var isEmpty: Bool { confirmed.isEmpty && vetoed.isEmpty }

    /// False when a chain of confirmed edges leads from the effect to the cause already: a cause cannot be its own effect.
    public mutating func confirm(_ pair: Pair) -> Bool {
        guard pair.cause != pair.effect, !leads(from: pair.effect, to: pair.cause) else { return false }
        vetoed.remove(pair)
        confirmed.insert(pair)
        return true
    }

    public mutating func veto(_ pair: Pair) {
        confirmed.remove(pair)
        vetoed.insert(pair)
    }

    /// Back to what is learned.
    public mutating func clear(_ pair: Pair) {
        confirmed.remove(pair)
        vetoed.remove(pair)
    }

    private func leads(from start: Int32, to end: Int32) -> Bool {
        var seen: Set<Int32> = [start]
        var open = [start]
        while let type = open.popLast() {
            if type == end { return true }
            for pair in confirmed where pair.cause == type && seen.insert(pair.effect).inserted { open.append(pair.effect) }
        }
        return false
    }
}
