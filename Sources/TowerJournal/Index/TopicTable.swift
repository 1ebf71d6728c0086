import Glibc
import TowerStreaming

/// Topics by number: where their names lie, and their state.
///
/// A number stands for the name as long as the journal is open.
///
/// - Concurrency: a value; what its places point to does not change and lives as long as `index`.
struct TopicTable: @unchecked Sendable {
    /// For lookups by name, also without this table's lock.
    let index = TopicNames()
    /// Where each name lies in `index`.
    private var places: [UnsafeRawPointer] = []
    /// Names as strings, made when somebody reads the topic.
    private var texts: [TopicName?] = []
    var states: [TopicState] = []

    var count: Int { places.count }

    /// All names by number, for use outside the lock.
    var names: Names { Names(index: index, places: places) }

    func find(_ name: UnsafeRawBufferPointer) -> UInt32? { index.find(name)?.number }

    /// As `find`, trying the number written beside the name first.
    func find(_ name: UnsafeRawBufferPointer, hint: UInt32) -> UInt32? {
        if hint < places.count {
            let known = TopicNames.name(at: places[Int(hint)])
            if known.count == name.count, let left = known.baseAddress, let right = name.baseAddress,
                memcmp(left, right, name.count) == 0
            {
                return hint
            }
        }
        return find(name)
    }

    /// The number of a name, given now if it had none. The name must be valid.
    mutating func number(of name: UnsafeRawBufferPointer) -> UInt32 {
        if let known = index.find(name) { return known.number }
        let retention = RetentionClass.of(TopicName(String(decoding: name, as: UTF8.self)))
        places.append(index.add(name, retention: retention))
        states.append(TopicState(retention: retention))
        return UInt32(places.count - 1)
    }

    func number(of topic: TopicName) -> UInt32? {
        var text = topic.rawValue
        return text.withUTF8 { find(UnsafeRawBufferPointer($0)) }
    }

    /// The bytes of a name; valid as long as `index`.
    func bytes(_ number: Int) -> UnsafeRawBufferPointer { TopicNames.name(at: places[number]) }

    /// A name as a string, which is kept: readers of a topic ask for it again and again.
    mutating func text(_ number: UInt32) -> TopicName {
        let number = Int(number)
        if number >= texts.count { texts.append(contentsOf: repeatElement(nil, count: places.count - texts.count)) }
        if let known = texts[number] { return known }
        let made = names[number]
        texts[number] = made
        return made
    }

    /// Names by number as they were at one moment.
    struct Names: @unchecked Sendable {
        /// Keeps the names' memory.
        private let index: TopicNames
        private let places: [UnsafeRawPointer]

        fileprivate init(index: TopicNames, places: [UnsafeRawPointer]) {
            self.index = index
            self.places = places
        }

        var count: Int { places.count }

        /// The bytes of a name; valid as long as this value.
        func bytes(_ number: Int) -> UnsafeRawBufferPointer { TopicNames.name(at: places[number]) }

        subscript(number: Int) -> TopicName {
            TopicName(String(decoding: TopicNames.name(at: places[number]), as: UTF8.self))
        }
    }
}
