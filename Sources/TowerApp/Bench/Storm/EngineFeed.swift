import TowerEngine
import TowerModel
import TowerWire

/// An engine in this process, fed from lines as its group feeds it from the log.
struct EngineFeed {
    private(set) var engine: Engine
    private let symbols = SymbolTable()
    private var decoder: EventDecoder
    /// Newest revision of each incident, in order of opening.
    private(set) var snapshots: [IncidentSnapshot] = []
    private var numberOf: [EventID: Int] = [:]
    private(set) var revisions = 0
    private(set) var alarmStates = 0
    private(set) var forecasts = 0

    init(_ engine: Engine) {
        self.engine = engine
        decoder = EventDecoder(symbols: symbols)
    }

    /// Events as the log's readers see them.
    struct Events {
        var batch: EventBatch
        var numbers: [Int32]
        var arrivedAt: [Timestamp]
    }

    /// - Throws: when a line is no event.
    mutating func decoded(_ lines: ArraySlice<AlarmStorm.Line>) throws -> Events {
        var batch = EventBatch(symbols: symbols)
        for line in lines {
            var text = line.text
            if let error = text.withUTF8({ decoder.append(UnsafeRawBufferPointer($0), to: &batch) }) {
                throw CommandFailure("The storm has a line that is no event: \(error).")
            }
        }
        return Events(batch: batch, numbers: (0..<Int32(batch.count)).map { $0 }, arrivedAt: lines.map(\.arrivedAt))
    }

    /// Everything at once, in slices of the size that groups read.
    mutating func take(_ events: Events) {
        var start = 0
        while start < events.numbers.count {
            let end = min(events.numbers.count, start + 8_192)
            take(events, start..<end)
            start = end
        }
    }

    mutating func take(_ events: Events, _ range: Range<Int>) {
        note(engine.process(EventRun(batch: events.batch, events: events.numbers[range], arrivedAt: events.arrivedAt[range])))
    }

    mutating func advance(to instant: Timestamp) { note(engine.advance(to: instant)) }

    private mutating func note(_ output: EngineOutput) {
        alarmStates += output.alarms.count
        forecasts += output.forecasts.count
        revisions += output.incidents.count
        for change in output.incidents {
            if let known = numberOf[change.snapshot.incidentID] {
                snapshots[known] = change.snapshot
            } else {
                numberOf[change.snapshot.incidentID] = snapshots.count
                snapshots.append(change.snapshot)
            }
        }
    }
}
