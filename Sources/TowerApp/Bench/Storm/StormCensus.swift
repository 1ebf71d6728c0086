import Glibc
import TowerModel

/// Holds the incidents of a storm against its truth.
struct StormCensus {
    /// Alarms of the storm that no incident holds.
    var lost = 0
    /// The first few of them, as they were sent.
    private(set) var lostLines: [String] = []
    /// Incidents that hold alarms of the storm.
    var incidents = 0
    /// Incidents that hold alarms of a root, mean over roots.
    var incidentsPerRoot = 0.0
    /// Roots whose alarms an incident holds, mean over incidents.
    var rootsPerIncident = 0.0
    /// Share of the roots that are the first candidate of the incident with most of their alarms; that are among the first three.
    var first = 0.0
    var firstThree = 0.0
    /// Homogeneity and completeness of alarms by incident against alarms by root (Rosenberg and Hirschberg 2007).
    var vMeasure = 0.0
    /// By kind of fault: what is lost, incidents a root, roots in the incident with most of its alarms, root among the first three.
    private(set) var kinds: [(kind: AlarmStorm.Kind, text: String)] = []

    /// - Parameter snapshots: newest revision of every incident; merged ones are left out.
    init(_ storm: AlarmStorm, _ snapshots: [IncidentSnapshot]) {
        var rootOf: [EventID: Int32] = [:]
        for line in storm.storm { rootOf[line.id] = line.root }
        var cells: [[Int: Int]] = Array(repeating: [:], count: storm.roots.count)
        var held: Set<EventID> = []
        var sizes: [Int: Int] = [:]
        for (number, snapshot) in snapshots.enumerated() where snapshot.status != .merged {
            for id in snapshot.eventIDs {
                guard let root = rootOf[id] else { continue }
                held.insert(id)
                cells[Int(root)][number, default: 0] += 1
                sizes[number, default: 0] += 1
            }
        }
        lost = storm.storm.count - held.count
        lostLines = storm.storm.lazy.filter { !held.contains($0.id) }.prefix(6).map(\.text)
        incidents = sizes.count
        let told = storm.roots.filter { $0.alarms > 0 }.count
        let pairs = cells.reduce(0) { $0 + $1.count }
        incidentsPerRoot = told > 0 ? Double(pairs) / Double(told) : 0
        rootsPerIncident = incidents > 0 ? Double(pairs) / Double(incidents) : 0
        var hits = (first: 0, three: 0)
        for (number, root) in storm.roots.enumerated() where root.alarms > 0 {
            guard let main = cells[number].max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else { continue }
            let ranked = snapshots[main].rootCauseCandidates.prefix(3).map { Self.isRoot($0, root) }
            if ranked.first == true { hits.first += 1 }
            if ranked.contains(true) { hits.three += 1 }
        }
        first = Double(hits.first) / Double(max(1, told))
        firstThree = Double(hits.three) / Double(max(1, told))
        tellKinds(storm, cells, snapshots)
        vMeasure = Self.vMeasure(cells.map { Array($0.values) }, columns: Array(sizes.values))
    }

    private mutating func tellKinds(_ storm: AlarmStorm, _ cells: [[Int: Int]], _ snapshots: [IncidentSnapshot]) {
        var sharing: [Int: Int] = [:]
        for row in cells { for number in row.keys { sharing[number, default: 0] += 1 } }
        for kind in AlarmStorm.Kind.allCases {
            var sums = (roots: 0, lost: 0, parts: 0, shared: 0, hits: 0)
            for (number, root) in storm.roots.enumerated() where root.kind == kind && root.alarms > 0 {
                sums.roots += 1
                sums.lost += root.alarms - cells[number].values.reduce(0, +)
                sums.parts += cells[number].count
                guard let main = cells[number].max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else { continue }
                sums.shared += sharing[main] ?? 0
                if snapshots[main].rootCauseCandidates.prefix(3).contains(where: { Self.isRoot($0, root) }) { sums.hits += 1 }
            }
            guard sums.roots > 0 else { continue }
            func share(_ count: Int) -> Double { (Double(count) / Double(sums.roots) * 1000).rounded() / 1000 }
            kinds.append((kind, "lost=\(sums.lost) parts=\(share(sums.parts)) shares=\(share(sums.shared)) three=\(share(sums.hits))"))
        }
    }

    static func isRoot(_ candidate: IncidentSnapshot.RootCauseCandidate, _ root: AlarmStorm.Root) -> Bool {
        root.accepted.contains("\(candidate.siteID)|\(candidate.managedObject)")
            || !candidate.siteID.isEmpty && root.accepted.contains("\(candidate.siteID)|*")
    }

    /// - Parameters:
    ///   - rows: for each root, how many of its alarms lie in each incident.
    ///   - columns: alarms of each incident.
    private static func vMeasure(_ rows: [[Int]], columns: [Int]) -> Double {
        func entropy(_ counts: [Int]) -> Double {
            let total = Double(counts.reduce(0, +))
            return counts.reduce(0) { $1 > 0 ? $0 - Double($1) / total * log(Double($1) / total) : $0 }
        }
        let roots = entropy(rows.map { $0.reduce(0, +) })
        let groups = entropy(columns)
        let joint = entropy(rows.flatMap { $0 })
        let homogeneity = roots > 0 ? 1 - (joint - groups) / roots : 1
        let completeness = groups > 0 ? 1 - (joint - roots) / groups : 1
        return homogeneity + completeness > 0 ? 2 * homogeneity * completeness / (homogeneity + completeness) : 0
    }

    func add(to result: inout BenchResult) {
        result.add("lost", lost)
        result.add("incidents", incidents)
        result.add("incidents_per_root", incidentsPerRoot)
        result.add("roots_per_incident", rootsPerIncident)
        result.add("root_first", first)
        result.add("root_first_three", firstThree)
        result.add("v_measure", vMeasure)
        for (kind, text) in kinds { result.add("kind_\(kind.name)", text) }
    }
}
