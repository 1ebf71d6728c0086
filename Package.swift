// swift-tools-version: 6.2
// The wall plan: a target may import only what its `dependencies` name. Tests/TidyTests holds the same table and
// fails on an import that slips past it. Why each outside package is here: docs/adr/ADR-012-dependencies.md.
import PackageDescription

/// Every target of ours: Swift 6 mode, warnings are errors, imports are private unless said otherwise.
let house: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the house.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: house)
}

/// The tests of a room, named after it.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies, resources: resources,
        swiftSettings: house)
}

let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "towerco",
    products: [.executable(name: "towerco", targets: ["towerco"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Pure rooms: values in, values out. No clock, no socket, no file, no lock.
        room("TowerModel"),
        room("TowerDetection", ["TowerModel"]),
        room("TowerCausality", ["TowerModel", yams]),
        room("TowerKPI", ["TowerModel"]),
        room("TowerIncidents", ["TowerModel"]),
        room("TowerLearning", ["TowerModel", "TowerCausality"]),
        room("TowerEngine", ["TowerModel", "TowerDetection", "TowerCausality", "TowerLearning", "TowerForecast"]),
        room("TowerSimulation", ["TowerModel"]),
        room("TowerForecast", ["TowerModel"]),

        // Bytes and order.
        .target(
            name: "CTower", linkerSettings: [.linkedLibrary("z"), .linkedLibrary("lz4"), .linkedLibrary("zstd")]),
        room("TowerWire", ["TowerModel"]),
        room("TowerThreads"),
        room("TowerStreaming"),
        room("TowerJournal", ["TowerStreaming", "TowerThreads", "CTower"]),
        // librdkafka (Debian librdkafka-dev), with the little C that Swift cannot say; its mock cluster is for tests only.
        .target(name: "CRdKafka", linkerSettings: [.linkedLibrary("rdkafka")]),
        room("TowerKafka", ["TowerStreaming", "TowerThreads", "CRdKafka"]),
        room("TowerRegistry", ["TowerModel", "TowerWire", "TowerStreaming"]),

        // Answers.
        room("TowerStores", ["TowerModel", "TowerIncidents"]),
        room("TowerSQLite", ["TowerModel", "TowerStores", "TowerIncidents", grdb, grdbSQLite]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        room("TowerPostgres", ["TowerModel", "TowerStores", "TowerThreads", "TowerIncidents", "CPostgres"]),

        // XGBoost (Debian libxgboost-dev) grows trees; what it has grown is TowerForecast's.
        .systemLibrary(name: "CXGBoost", providers: [.apt(["libxgboost-dev"])]),
        room("TowerBoosting", ["TowerForecast", "CXGBoost"]),

        // Telling people.
        room(
            "TowerNotify",
            ["TowerModel", "TowerWire", "TowerIncidents", asyncHTTPClient, nioCore, nioPosix, nioHTTP1, nioSSL, logging, crypto]),

        // Movement.
        room("TowerIngest", ["TowerModel", "TowerWire", "TowerStreaming", "CTower"]),
        room(
            "TowerPipeline",
            [
                "TowerModel", "TowerWire", "TowerStreaming", "TowerStores", "TowerEngine", "TowerIncidents", "TowerKPI",
                "TowerNotify", logging,
            ]),

        // Outside.
        room(
            "TowerAPI",
            [
                "TowerModel", "TowerWire", "TowerStores", "TowerStreaming", "TowerIngest", "TowerIncidents", "TowerNotify", "TowerRegistry", hummingbird,
                hummingbirdCore, httpTypes, nioCore, nioPosix, nioHTTP1, nioWebSocket, nioHTTPTypes, nioHTTPTypesHTTP1, logging,
                lifecycle, crypto, cryptoExtras,
            ]),
        room(
            "TowerApp",
            [
                "TowerModel", "TowerWire", "TowerStreaming", "TowerJournal", "TowerDetection", "TowerCausality", "TowerLearning", "TowerKPI",
                "TowerIncidents", "TowerEngine", "TowerStores", "TowerSQLite", "TowerPostgres", "TowerPipeline", "TowerIngest", "TowerRegistry", "TowerAPI",
                "TowerKafka", "TowerNotify", "TowerSimulation", "TowerForecast", "TowerBoosting", logging, lifecycle, unixSignals, yams, asyncHTTPClient, nioCore, nioHTTP1,
            ]),
        .executableTarget(name: "towerco", dependencies: ["TowerApp", arguments], swiftSettings: house),

        // Figures, not tests; its head says how to run it.
        .executableTarget(
            name: "JournalBench", dependencies: ["TowerStreaming", "TowerJournal", "CTower"], path: "Benchmarks/JournalBench",
            swiftSettings: house),
        .executableTarget(
            name: "PipelineBench",
            dependencies: [
                "TowerModel", "TowerWire", "TowerStreaming", "TowerJournal", "TowerDetection", "TowerEngine", "TowerStores", "TowerSQLite", "TowerPipeline",
            ], path: "Benchmarks/PipelineBench", swiftSettings: house),
        .executableTarget(
            name: "StoreBench", dependencies: ["TowerModel", "TowerStores", "TowerSQLite", "TowerPostgres"], path: "Benchmarks/StoreBench",
            exclude: ["run.sh"], swiftSettings: house),

        .executableTarget(
            name: "KafkaBench", dependencies: ["TowerStreaming", "TowerKafka", "KafkaTestKit"], path: "Benchmarks/KafkaBench",
            swiftSettings: house),

        // Tests mirror the rooms. TowerTestKit: contract suites, a faulty disk, a manual clock.
        .target(
            name: "TowerTestKit", dependencies: ["TowerStreaming", "TowerJournal"], path: "Tests/TowerTestKit", swiftSettings: house),
        // Runs the tests of faults in numbers that a test of every change has no time for; scripts/test-level.sh starts it.
        .executableTarget(
            name: "JournalFaults", dependencies: ["TowerStreaming", "TowerJournal", "TowerTestKit"], path: "Tests/JournalFaults",
            swiftSettings: house),
        // librdkafka's mock cluster, and what happens to it in the fault tests.
        .target(name: "CRdKafkaMock", dependencies: ["CRdKafka"], path: "Tests/CRdKafkaMock"),
        .target(
            name: "KafkaTestKit", dependencies: ["TowerStreaming", "TowerKafka", "TowerTestKit", "CRdKafka", "CRdKafkaMock"],
            path: "Tests/KafkaTestKit", swiftSettings: house),
        // Rounds of broker faults in numbers, members to be killed, and a cluster that other people's clients talk to.
        .executableTarget(
            name: "KafkaFaults", dependencies: ["TowerStreaming", "TowerKafka", "KafkaTestKit"], path: "Tests/KafkaFaults",
            swiftSettings: house),
        tests("TowerModel"),
        tests("TowerWire", ["TowerModel"]),
        tests("TowerStreaming", ["TowerTestKit"]),
        tests("TowerJournal", ["TowerStreaming", "TowerTestKit", "CTower"], resources: [.copy("Fixtures")]),
        tests("TowerKafka", ["TowerStreaming", "TowerTestKit", "KafkaTestKit", "KafkaFaults", "CRdKafka"]),
        tests("TowerRegistry", ["TowerModel", "TowerWire", "TowerStreaming"]),
        tests("TowerIngest", ["TowerJournal", "TowerModel", "TowerStreaming", "TowerTestKit", "TowerWire"]),
        tests("TowerDetection", ["TowerModel"]),
        tests("TowerKPI", ["TowerModel"]),
        tests("TowerIncidents", ["TowerModel"]),
        tests("TowerCausality", ["TowerModel"]),
        tests("TowerLearning", ["TowerModel", "TowerCausality"]),
        tests("TowerEngine", ["TowerModel", "TowerCausality", "TowerForecast"]),
        tests("TowerNotify", ["TowerIncidents", "TowerModel", crypto, nioCore, nioPosix]),
        tests("TowerSimulation", ["TowerModel", "TowerWire"]),
        tests("TowerForecast", ["TowerModel"]),
        tests("TowerBoosting", ["TowerForecast"]),
        // What every store promises, run by the tests of each.
        .target(name: "StoreTestKit", dependencies: ["TowerModel", "TowerStores"], path: "Tests/StoreTestKit", swiftSettings: house),
        tests("TowerSQLite", ["TowerModel", "TowerStores", "StoreTestKit"], resources: [.copy("Fixtures")]),
        tests("TowerPostgres", ["TowerModel", "TowerStores", "TowerSQLite", "StoreTestKit"]),
        tests(
            "TowerPipeline",
            [
                "TowerWire", "TowerEngine", "TowerIncidents", "TowerModel", "TowerNotify", "TowerSimulation", "TowerSQLite", "TowerStores",
                "TowerStreaming", "TowerKafka", "KafkaTestKit", "TowerTestKit",
            ]),
        tests(
            "TowerAPI",
            [
                "TowerIncidents", "TowerIngest", "TowerModel", "TowerNotify", "TowerRegistry", "TowerStores", "TowerStreaming", logging,
                lifecycle, nioCore, nioPosix, nioHTTP1, nioWebSocket, httpTypes, yams,
            ]),
        tests("TowerApp", ["TowerDetection", "TowerEngine", "TowerKafka", "TowerPipeline", "TowerStreaming"]),
        .testTarget(
            name: "HostileTests",
            dependencies: ["TowerIngest", "TowerJournal", "TowerModel", "TowerStreaming", "TowerTestKit", "TowerWire"],
            exclude: ["json-cases.txt"], swiftSettings: house),
        .testTarget(name: "TidyTests", swiftSettings: house),
    ]
)
