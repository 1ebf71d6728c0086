import TowerStreaming

/// Which logical topics a reader met, whether its patterns want them, and their place in the block that is being filled.
struct TopicNumbers {
    private var table = NameTable()
    private var names: [TopicName] = []
    private var isWanted: [Bool] = []
    private var inBlock: [Int32] = []
    private var stamps: [Int64] = []
    private var stamp: Int64 = 0
    private var patterns: [TopicPattern] = []

    mutating func begin(_ patterns: [TopicPattern]) {
        stamp += 1
        guard patterns != self.patterns || table.isFull else { return }
        self.patterns = patterns
        table = NameTable()
        names = []
        isWanted = []
        inBlock = []
        stamps = []
    }

    /// The number of the topic whose name is `bytes`; `nil` when nobody wants it.
    mutating func wanted(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let (number, isNew) = table.number(bytes)
        if isNew {
            let name = TopicName(String(decoding: bytes, as: UTF8.self))
            names.append(name)
            isWanted.append(patterns.contains { $0.matches(name) })
            inBlock.append(0)
            stamps.append(0)
        }
        return isWanted[number] ? number : nil
    }

    /// Its index in the block's topics.
    mutating func index(_ number: Int, in block: inout LogBlock) -> Int32 {
        if stamps[number] != stamp {
            stamps[number] = stamp
            inBlock[number] = Int32(block.topics.count)
            block.topics.append(names[number])
        }
        return inBlock[number]
    }
}
