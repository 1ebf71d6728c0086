import TowerModel

extension BaselineState {
    func encode(into writer: inout StateWriter, near last: Int64) {
        writer.write(anchor)
        for instant in [segmentStart, segmentEnd, firstAt, onset, decayedAt] { writer.write(instant: instant, near: last) }
        writer.write(unsigned: UInt64(seen))
        writer.write(season)
        for number in numbers { writer.write(number) }
        for count in [self.count, excursion, lessons, midnights] { writer.write(unsigned: UInt64(count)) }
        writer.write(byte: flags.rawValue)
        writer.write(byte: UInt8(bitPattern: side))
    }

    private var numbers: [Float] {
        [
            line, slope, lowest, highest, flat, deviation, inverse, recent, recentGain, sum, sizes, total, evidence, previous, resolution, level, slowLevel,
            scale, quantum, fatigue, record, peak, shift, opening, unrest, lean, midnight, move, moveSize,
        ]
    }

    init(decoding reader: inout StateReader, near last: Int64) throws(StateError) {
        self.init()
        anchor = try reader.double("baseline.anchor")
        segmentStart = try reader.instant("baseline.segment_start", near: last)
        segmentEnd = try reader.instant("baseline.segment_end", near: last)
        firstAt = try reader.instant("baseline.first_at", near: last)
        onset = try reader.instant("baseline.onset", near: last)
        decayedAt = try reader.instant("baseline.decayed_at", near: last)
        seen = try reader.integer("baseline.seen")
        season = try reader.int32("baseline.season")
        line = try reader.float("baseline.line")
        slope = try reader.float("baseline.slope")
        lowest = try reader.float("baseline.lowest")
        highest = try reader.float("baseline.highest")
        flat = try reader.float("baseline.flat")
        deviation = try reader.float("baseline.deviation")
        inverse = try reader.float("baseline.inverse")
        recent = try reader.float("baseline.recent")
        recentGain = try reader.float("baseline.recent_gain")
        sum = try reader.float("baseline.sum")
        sizes = try reader.float("baseline.sizes")
        total = try reader.float("baseline.total")
        evidence = try reader.float("baseline.evidence")
        previous = try reader.float("baseline.previous")
        resolution = try reader.float("baseline.resolution")
        level = try reader.float("baseline.level")
        slowLevel = try reader.float("baseline.slow_level")
        scale = try reader.float("baseline.scale")
        quantum = try reader.float("baseline.quantum")
        fatigue = try reader.float("baseline.fatigue")
        record = try reader.float("baseline.record")
        peak = try reader.float("baseline.peak")
        shift = try reader.float("baseline.shift")
        opening = try reader.float("baseline.opening")
        unrest = try reader.float("baseline.unrest")
        lean = try reader.float("baseline.lean")
        midnight = try reader.float("baseline.midnight")
        move = try reader.float("baseline.move")
        moveSize = try reader.float("baseline.move_size")
        count = try reader.integer("baseline.count")
        excursion = try reader.integer("baseline.excursion")
        lessons = try reader.integer("baseline.lessons")
        midnights = try reader.integer("baseline.midnights")
        flags = Flags(rawValue: try reader.byte("baseline.flags"))
        side = Int8(bitPattern: try reader.byte("baseline.side"))
        // From the sixteenth sample on it has a season, and only then is it judged.
        guard season >= (seen < DetectorBank.scaleSamples && flags.isEmpty ? -1 : 0) else { throw reader.outOfRange("baseline.season") }
    }
}

extension PeerTables {
    func encode(into writer: inout StateWriter) {
        writer.write(count: lessons.count)
        for group in lessons.indices {
            writer.write(anchor[group])
            writer.write(size[group])
            writer.write(unsigned: UInt64(lessons[group]))
            for hour in 0..<Self.hours {
                writer.write(middle[group * Self.hours + hour])
                writer.write(unsigned: UInt64(heard[group * Self.hours + hour]))
            }
        }
    }

    init(decoding reader: inout StateReader, groups: Int) throws(StateError) {
        self.init()
        guard try reader.count("peers", each: 130) == groups else { throw reader.outOfRange("peers") }
        for _ in 0..<groups {
            anchor.append(try reader.double("peers.anchor"))
            size.append(try reader.float("peers.size"))
            lessons.append(try reader.integer("peers.lessons"))
            for _ in 0..<Self.hours {
                middle.append(try reader.float("peers.middle"))
                heard.append(try reader.integer("peers.heard"))
            }
        }
    }
}
