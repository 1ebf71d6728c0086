extension RecordBlock {
    /// The same records, the values of some topics behind `prefix`. Copies the bytes once.
    ///
    /// - Parameter topics: by the block's topics, whether the values of its records get it.
    public func prefixing(_ prefix: [UInt8], topics isWanted: [Bool]) -> RecordBlock {
        precondition(isWanted.count == topicCount, "every topic of the block is asked for")
        var all: [UInt8] = []
        all.reserveCapacity(bytes.count + count * (prefix.count + 24))
        var moved: [(key: Range<Int>?, value: Range<Int>)] = []
        moved.reserveCapacity(count)
        for entry in entries {
            let value = Int(entry.valueStart)..<Int(entry.valueEnd)
            let start = all.count
            if isWanted[Int(entry.topic)] { all.append(contentsOf: prefix) }
            let shift = all.count - value.lowerBound
            all.append(contentsOf: bytes[value])
            let end = all.count
            var key: Range<Int>?
            if entry.keyStart >= 0 {
                let old = Int(entry.keyStart)..<Int(entry.keyEnd)
                if old.lowerBound >= value.lowerBound, old.upperBound <= value.upperBound {
                    // It is a part of the value, and goes with it.
                    key = old.lowerBound + shift..<old.upperBound + shift
                } else {
                    let text = old.lowerBound < bytes.count || old.isEmpty ? bytes[old] : ownKeys[old.lowerBound - bytes.count..<old.upperBound - bytes.count]
                    all.append(contentsOf: text)
                    key = end..<all.count
                }
            }
            moved.append((key, start..<end))
        }
        return RecordBlock(self, bytes: all, places: moved)
    }
}
