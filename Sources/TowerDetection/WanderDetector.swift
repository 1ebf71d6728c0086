/// How far the sensors of one machine have strayed from its fault-free state, each measured by how far it strays unaided.
///
/// Fault-free rows give each sensor its middle, its deviation and its wander: the root of half the mean squared change of the
/// smoothed signal over the horizon plus half its variance. Afterwards the distance of the smoothed signal from its fault-free
/// mean is divided by the wander, which grows with the root of the time since, as a random walk's does. The largest over the
/// sensors decides, with hysteresis.
///
/// - Shape: rows in the order of their time; sensors keep their number. Fault-free rows after others begin a new baseline.
/// - Missing data: `nan` leaves a sensor where it was; nothing is judged before `minimumRows` fault-free rows.
/// - Cost: a few operations a sensor; while it learns 4 bytes a row and sensor, 40 bytes a sensor afterwards.
/// - Source: the structure function of metrology (Allan 1966) as a scale for drift; hysteresis as in ISA-18.2.
public struct WanderDetector: Sendable {
    /// What one row says.
    public enum Judgement: Sendable, Hashable {
        /// Fault-free by declaration, or no baseline yet.
        case none
        case quiet
        /// An alarm begins, goes on, ends. The strongest sensor and its distance in wanders.
        case raised(sensor: Int, distance: Double)
        case anomalous(sensor: Int, distance: Double)
        case cleared
    }

    struct Sensor: Sendable {
        var middle = 0.0
        var deviation = 1.0
        var smoothed = 0.0
        var mean = 0.0
        /// 0 for a sensor that the baseline did not know.
        var wander = 0.0
    }

    public let configuration: WanderConfiguration
    /// Rows judged since the baseline ended.
    public internal(set) var elapsed = 0
    public internal(set) var isAnomalous = false
    public var sensorCount: Int { sensors.count }
    /// Whether a baseline is known.
    public internal(set) var isTrained = false
    var sensors: [Sensor] = []
    /// Fault-free rows while they are gathered, one column a sensor; the oldest is overwritten when they are many.
    var columns: [[Float]] = []
    /// The first row: what single precision is relative to.
    var anchors: [Double] = []
    var rows = 0

    public init(configuration: WanderConfiguration = .standard) { self.configuration = configuration }

    /// Adds a sensor and answers its number; `nil` beyond the bound.
    public mutating func addSensor() -> Int? {
        guard sensors.count < configuration.maximumSensors else { return nil }
        sensors.append(Sensor())
        return sensors.count - 1
    }

    /// Takes the next row. Values beyond the sensors are not looked at.
    public mutating func observe(_ row: [Double], isFaultFree: Bool) -> Judgement {
        if isFaultFree {
            gather(row)
            guard isAnomalous else { return .none }
            isAnomalous = false
            return .cleared
        }
        if rows > 0 { learn() }
        guard isTrained else { return .none }
        elapsed += 1
        return judge(row)
    }

    private mutating func gather(_ row: [Double]) {
        if rows == 0 {
            anchors = []
            columns = []
        }
        while columns.count < sensors.count {
            let first = columns.count < row.count && row[columns.count].isFinite ? row[columns.count] : 0
            anchors.append(first)
            columns.append([Float](repeating: .nan, count: min(rows, configuration.maximumRows)))
        }
        let place = rows % configuration.maximumRows
        for sensor in sensors.indices {
            let value = sensor < row.count ? Float(row[sensor] - anchors[sensor]) : .nan
            if rows < configuration.maximumRows { columns[sensor].append(value) } else { columns[sensor][place] = value }
        }
        rows += 1
    }

    /// The fault-free rows are over.
    private mutating func learn() {
        defer { (rows, columns, anchors) = (0, [], []) }
        guard rows >= configuration.minimumRows else { return }
        for sensor in columns.indices {
            let column = columns[sensor]
            let oldest = rows > column.count ? rows % column.count : 0
            sensors[sensor] = learned(Array(column[oldest...] + column[..<oldest]).map { Double($0) }, anchor: anchors[sensor])
        }
        isTrained = true
        elapsed = 0
    }

    private func learned(_ values: [Double], anchor: Double) -> Sensor {
        let known = values.filter(\.isFinite).sorted()
        var sensor = Sensor()
        guard known.count >= configuration.minimumRows else { return sensor }
        let middle = (known[(known.count - 1) / 2] + known[known.count / 2]) / 2
        let average = known.reduce(0, +) / Double(known.count)
        let variance = known.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(known.count)
        sensor.middle = anchor + middle
        // A sensor that never moved is measured in its own unit.
        sensor.deviation = variance > 0 ? variance.squareRoot() : 1
        var smooth: [Double] = []
        smooth.reserveCapacity(values.count)
        for value in values {
            if value.isFinite { sensor.smoothed += gain * ((value - middle) / sensor.deviation - sensor.smoothed) }
            smooth.append(sensor.smoothed)
        }
        sensor.mean = smooth.reduce(0, +) / Double(smooth.count)
        let spread = smooth.reduce(0) { $0 + ($1 - sensor.mean) * ($1 - sensor.mean) } / Double(smooth.count)
        let horizon = min(configuration.horizon, smooth.count / 2)
        let changes = zip(smooth.dropFirst(horizon), smooth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let change = changes / Double(smooth.count - horizon)
        sensor.wander = max((change / 2 + spread / 2).squareRoot(), configuration.minimumWander)
        return sensor
    }

    private var gain: Double { 2 / (configuration.span + 1) }

    private mutating func judge(_ row: [Double]) -> Judgement {
        let growth = (1 + Double(elapsed) / Double(configuration.horizon)).squareRoot()
        var strongest = -1
        var distance = -1.0
        for index in sensors.indices where sensors[index].wander > 0 {
            if index < row.count, row[index].isFinite {
                let standard = (row[index] - sensors[index].middle) / sensors[index].deviation
                sensors[index].smoothed += gain * (standard - sensors[index].smoothed)
            }
            let away = abs(sensors[index].smoothed - sensors[index].mean) / (sensors[index].wander * growth)
            if away > distance { (strongest, distance) = (index, away) }
        }
        let was = isAnomalous
        isAnomalous = distance > configuration.threshold * (was ? configuration.release : 1)
        if isAnomalous { return was ? .anomalous(sensor: strongest, distance: distance) : .raised(sensor: strongest, distance: distance) }
        return was ? .cleared : .quiet
    }
}
