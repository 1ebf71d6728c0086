public import TowerModel

extension DeadlineQueue {
    /// The heap as it lies: what comes next pops in the same order, and the layout goes on as if nothing had happened.
    public func encode(into writer: inout StateWriter, element: (Element, inout StateWriter) -> Void) {
        writer.write(unsigned: nextOrder)
        writer.write(count: heap.count)
        var last = Timestamp(microseconds: 0)
        for entry in heap {
            writer.write(entry.at, near: last)
            writer.write(unsigned: entry.order)
            element(entry.element, &writer)
            last = entry.at
        }
    }

    public init(
        decoding reader: inout StateReader, element: (inout StateReader) throws(StateError) -> Element
    ) throws(StateError) {
        self.init()
        nextOrder = try reader.unsigned("deadlines.order")
        let size = try reader.count("deadlines", each: 3)
        heap.reserveCapacity(size)
        var last = Timestamp(microseconds: 0)
        for index in 0..<size {
            let at = try reader.timestamp("deadlines.at", near: last)
            let order = try reader.unsigned("deadlines.number")
            guard order < nextOrder else { throw reader.outOfRange("deadlines.number") }
            let parent = index > 0 ? heap[(index - 1) / 2] : nil
            if let parent, (at.microseconds, order) <= (parent.at.microseconds, parent.order) {
                throw reader.outOfRange("deadlines.at")
            }
            heap.append(Entry(at: at, order: order, element: try element(&reader)))
            last = at
        }
    }
}

extension NameTable {
    public func encode(into writer: inout StateWriter) {
        writer.write(count: count)
        for number in 0..<count { writer.write(self[Int32(number)]) }
    }

    public init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        for number in 0..<(try reader.count("names")) {
            // A name twice would move all numbers behind it.
            guard intern(try reader.name("names")) == number else { throw reader.outOfRange("names") }
        }
    }
}

extension Component {
    public func encode(into writer: inout StateWriter) {
        writer.write(byte: kind.rawValue)
        writer.write(number)
    }

    public init(decoding reader: inout StateReader) throws(StateError) {
        guard let kind = Kind(rawValue: try reader.byte("component.kind")) else { throw reader.outOfRange("component.kind") }
        self.init(kind: kind, number: try reader.int32("component.number"))
    }
}
