import Synchronization

/// A small number that stands for a string (a tenant, a site, an event type, a payload key) inside one process.
///
/// The number depends on the order in which strings were first met, so it must never reach an output or decide an
/// order: sort by the string.
public struct Symbol: Hashable, Sendable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    /// No string: absent, or the table was full.
    public static let none = Symbol(rawValue: -1)
}

/// Strings to numbers and back, shared by everything that decodes in one process.
///
/// - Bound: `capacity` strings. A full table answers `.none` and the caller rejects or falls back; it never grows past it.
/// - Concurrency: any thread; hold the lock once per batch through `withInterner`, not once per string.
public final class SymbolTable: Sendable {
    public struct Interner: Sendable {
        private var index: [String: Int32] = [:]
        fileprivate var names: [String] = []
        let capacity: Int

        init(capacity: Int) { self.capacity = capacity }

        public mutating func intern(_ text: String) -> Symbol {
            if let known = index[text] { return Symbol(rawValue: known) }
            guard names.count < capacity else { return .none }
            let number = Int32(names.count)
            index[text] = number
            names.append(text)
            return Symbol(rawValue: number)
        }

        public func lookup(_ text: String) -> Symbol {
            index[text].map(Symbol.init(rawValue:)) ?? .none
        }

        public func name(_ symbol: Symbol) -> String {
            symbol.rawValue >= 0 ? names[Int(symbol.rawValue)] : ""
        }

        public var count: Int { names.count }
    }

    private let state: Mutex<Interner>

    public init(capacity: Int = 2_000_000) {
        self.state = Mutex(Interner(capacity: capacity))
    }

    public func withInterner<Result>(_ body: (inout sending Interner) -> sending Result) -> sending Result { state.withLock(body) }
    public func intern(_ text: String) -> Symbol { state.withLock { $0.intern(text) } }
    public func name(_ symbol: Symbol) -> String { state.withLock { $0.name(symbol) } }
    public var count: Int { state.withLock { $0.count } }
}
