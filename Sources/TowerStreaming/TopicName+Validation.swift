extension TopicName {
    /// Longest name, in bytes: Kafka's bound.
    public static let maxBytes = 249

    /// Whether `bytes` may name a topic: 1 to 249 of `[A-Za-z0-9._:-]`, and not `.` or `..`.
    public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty, bytes.count <= maxBytes else { return false }
        var onlyDots = true
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x3A: onlyDots = false
            case 0x2E: break
            default: return false
            }
        }
        return !onlyDots || bytes.count > 2
    }

    /// Whether the log takes this name.
    public var isValid: Bool {
        var text = rawValue
        return text.withUTF8 { Self.isValid(UnsafeRawBufferPointer($0)) }
    }
}
