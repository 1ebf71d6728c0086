/// Where a JSON value ends, judged by its quotes and brackets alone: enough to cut a body into pieces, each of which
/// is then read strictly.
enum Extent {
    /// Brackets deeper than this are counted but no longer told apart.
    private static let trackedDepth = 4096

    /// End of the array element that begins at `start`: its comma, the bracket that closes the array, or the end.
    ///
    /// A closing bracket of the wrong kind closes what is open up to its own kind, so that an element with a bracket
    /// missing does not swallow the elements behind it.
    static func element(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var open: [UInt8] = []
        var deeper = 0
        // How many of `open` are braces: a search that cannot succeed is not begun, and one that does removes what it
        // passed, so that the whole stays linear.
        var braces = 0
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 0x22:
                index = string(bytes, from: index)
                continue
            case 0x7B, 0x5B:
                if open.count < trackedDepth {
                    open.append(byte)
                    braces += byte == 0x7B ? 1 : 0
                } else {
                    deeper += 1
                }
            case 0x7D, 0x5D:
                if deeper > 0 {
                    deeper -= 1
                } else if byte == 0x7D ? braces > 0 : open.count > braces {
                    while let closed = open.popLast(), closed != byte - 2 { braces -= closed == 0x7B ? 1 : 0 }
                    braces -= byte == 0x7D ? 1 : 0
                } else if byte == 0x5D {
                    return index
                }
            case 0x2C where open.isEmpty && deeper == 0: return index
            default: break
            }
            index += 1
        }
        return index
    }

    /// Whether the bytes are one value with every bracket closed, as far as brackets tell, and only space behind it.
    static func isComplete(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        let all = UnsafeRawBufferPointer(rebasing: bytes)
        var depth = 0
        var index = 0
        while index < all.count {
            switch all[index] {
            case 0x22:
                index = string(all, from: index)
                continue
            case 0x7B, 0x5B: depth += 1
            case 0x7D, 0x5D:
                depth -= 1
                if depth == 0 { return all[(index + 1)...].allSatisfy(BodyFormat.isSpace) }
            default: break
            }
            index += 1
        }
        return false
    }

    /// The position behind the string whose opening quote is at `from`.
    private static func string(_ bytes: UnsafeRawBufferPointer, from: Int) -> Int {
        var index = from + 1
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x5C {
                index += 2
                continue
            }
            index += 1
            if byte == 0x22 { return index }
        }
        return bytes.count
    }
}
