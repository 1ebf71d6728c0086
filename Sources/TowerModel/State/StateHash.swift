/// A short name for what must not have changed, or for a state: FNV-1a over 64 bits. For telling apart, not against forgery.
public enum StateHash {
    public static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }

    /// Of everything that a value holds, down to its leaves: a field that is added or renamed changes it, too.
    ///
    /// For settings and tables of rules, read once at a start: it goes by reflection and is slow.
    public static func of(settings value: Any) -> UInt64 { of(text(of: value).utf8) }

    private static func text(of value: Any) -> String {
        let mirror = Mirror(reflecting: value)
        guard !mirror.children.isEmpty else { return String(describing: value) }
        var parts = mirror.children.map { ($0.label ?? "") + "=" + text(of: $0.value) }
        // Sets and dictionaries have no order of their own.
        if mirror.displayStyle == .set || mirror.displayStyle == .dictionary { parts.sort() }
        return "\(mirror.subjectType)(" + parts.joined(separator: ",") + ")"
    }
}
