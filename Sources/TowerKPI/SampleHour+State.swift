import TowerModel

extension SampleHour {
    /// Decimals that readings are tried to be whole numbers of; a controller sends two or three.
    private static let scales: [Double] = [1, 10, 100, 1000, 10_000]
    private static let asTheyAre: UInt8 = 255

    /// Two to six bytes a reading where a controller reads regularly and sends few decimals.
    func encode(into writer: inout StateWriter) {
        writer.write(count: count)
        guard !isEmpty else { return }
        var last: Int64 = 0
        var step: Int64 = 0
        for offset in offsets {
            let next = Int64(offset) - last
            writer.write(signed: next - step)
            step = next
            last = Int64(offset)
        }
        guard let scale = Self.scales.firstIndex(where: { isWhole($0) }) else {
            writer.write(byte: Self.asTheyAre)
            for value in values { writer.write(value) }
            return
        }
        writer.write(byte: UInt8(scale))
        var previous: Int64 = 0
        for value in values {
            let whole = Int64((value * Self.scales[scale]).rounded())
            writer.write(signed: whole - previous)
            previous = whole
        }
    }

    /// Whether every value comes back to the bit from a whole number of that part.
    private func isWhole(_ scale: Double) -> Bool {
        values.allSatisfy { value in
            let whole = (value * scale).rounded()
            return abs(whole) < 4e15 && (Double(Int64(whole)) / scale).bitPattern == value.bitPattern
        }
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        let size = try reader.count("samples", each: 2)
        guard size > 0 else { return }
        guard size <= 3600 else { throw reader.outOfRange("samples") }
        var last: Int64 = 0
        var step: Int64 = 0
        offsets.reserveCapacity(size)
        for index in 0..<size {
            step = step &+ (try reader.signed("samples.offset"))
            last = last &+ step
            guard last >= 0, last < EventTimeWindows.hour, index == 0 || step > 0 else { throw reader.outOfRange("samples.offset") }
            offsets.append(UInt32(last))
        }
        values.reserveCapacity(size)
        let scale = try reader.byte("samples.scale")
        if scale == Self.asTheyAre {
            for _ in 0..<size { values.append(try reader.double("samples.value")) }
            return
        }
        guard Int(scale) < Self.scales.count else { throw reader.outOfRange("samples.scale") }
        var whole: Int64 = 0
        for _ in 0..<size {
            whole = whole &+ (try reader.signed("samples.value"))
            values.append(Double(whole) / Self.scales[Int(scale)])
        }
    }
}

extension Measure {
    func encode(into writer: inout StateWriter) {
        writer.write(sum)
        writer.write(weight)
        writer.write(eventCount)
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        sum = try reader.double("measure.sum")
        weight = try reader.double("measure.weight")
        eventCount = try reader.int("measure.events")
    }

    /// Those that measured something, with a bit each in front.
    static func encode(_ measures: [Measure], into writer: inout StateWriter) {
        var mask: UInt64 = 0
        for (number, measure) in measures.enumerated() where measure != .nothing { mask |= 1 << UInt64(number) }
        writer.write(unsigned: mask)
        for measure in measures where measure != .nothing { measure.encode(into: &writer) }
    }

    static func decode(_ reader: inout StateReader, count: Int) throws(StateError) -> [Measure] {
        let mask = try reader.unsigned("measures")
        guard mask >> UInt64(count) == 0 else { throw reader.outOfRange("measures") }
        var measures = [Measure](repeating: .nothing, count: count)
        for number in 0..<count where mask & 1 << UInt64(number) != 0 { measures[number] = try Measure(decoding: &reader) }
        return measures
    }

    static func told(_ reader: inout StateReader) throws(StateError) -> UInt16 {
        guard let told = UInt16(exactly: try reader.unsigned("measures.told")) else { throw reader.outOfRange("measures.told") }
        return told
    }
}
