import CXGBoost
import Foundation
public import TowerForecast

/// Grows trees with XGBoost (Chen, Guestrin 2016) and hands them over as our own: nothing is asked of the library afterwards.
///
/// One thread a fit, so that sums are always added in one order: the same table gives the same trees.
public struct XGBoostTrees: TreeGrowing {
    public init() {}

    public func grow(_ table: FeatureTable, targets: [Float], _ settings: TreeSettings) throws -> TreeEnsemble {
        guard table.rows > 0, table.rows == targets.count else {
            throw BoostingError("Could not grow trees: \(table.rows) rows and \(targets.count) targets do not belong together.")
        }
        let booster = try Booster(table, targets)
        var parameters = [
            ("booster", "gbtree"), ("objective", "reg:squarederror"), ("tree_method", "hist"), ("verbosity", "0"), ("nthread", "1"),
        ]
        parameters += [
            ("max_depth", "\(settings.depth)"), ("eta", "\(settings.rate)"), ("subsample", "\(settings.rowShare)"),
            ("colsample_bytree", "\(settings.columnShare)"), ("min_child_weight", "\(settings.leafRows)"),
            ("seed", "\(settings.seed % 1_000_000_007)"),
        ]
        for (name, value) in parameters { try booster.set(name, value) }
        for round in 0..<settings.rounds { try booster.update(round) }
        return try Self.parse(booster.model(), columns: table.columns)
    }

    /// Takes the trees out of the library's own JSON (its documented model format).
    static func parse(_ json: Data, columns: Int) throws -> TreeEnsemble {
        let model: Model
        do { model = try JSONDecoder().decode(Model.self, from: json) } catch {
            throw BoostingError("Could not read the \(json.count) bytes that XGBoost wrote its trees into: \(error)")
        }
        guard let base = Float(model.learner.learner_model_param.base_score) else {
            throw BoostingError("XGBoost's base score is no number: \(model.learner.learner_model_param.base_score)")
        }
        var ensemble = TreeEnsemble(base: base, columns: columns)
        for tree in model.learner.gradient_booster.model.trees {
            let count = tree.left_children.count
            guard tree.right_children.count == count, tree.split_indices.count == count, tree.split_conditions.count == count,
                tree.default_left.count == count
            else { throw BoostingError("A tree of XGBoost has lists of different lengths.") }
            let nodes = (0..<count).map { index in
                tree.left_children[index] < 0
                    ? TreeEnsemble.Node.leaf(tree.split_conditions[index])
                    : TreeEnsemble.Node(
                        column: tree.split_indices[index], threshold: tree.split_conditions[index], left: tree.left_children[index],
                        right: tree.right_children[index], missingGoesLeft: tree.default_left[index] != 0)
            }
            guard ensemble.append(nodes) else { throw BoostingError("A tree of XGBoost does not lead downwards.") }
        }
        return ensemble
    }

    private struct Model: Decodable {
        struct Learner: Decodable {
            var gradient_booster: Gradient
            var learner_model_param: Parameters
        }
        struct Parameters: Decodable { var base_score: String }
        struct Gradient: Decodable { var model: Trees }
        struct Trees: Decodable { var trees: [Tree] }
        struct Tree: Decodable {
            var left_children: [Int32]
            var right_children: [Int32]
            var split_indices: [Int32]
            var split_conditions: [Float]
            var default_left: [Int]
        }
        var learner: Learner
    }
}

/// Why trees could not be grown.
public struct BoostingError: Error, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}

/// The library's two handles, freed together.
private final class Booster {
    private var matrix: DMatrixHandle?
    private var handle: BoosterHandle?

    init(_ table: FeatureTable, _ targets: [Float]) throws {
        try Self.check(
            table.values.withUnsafeBufferPointer {
                XGDMatrixCreateFromMat($0.baseAddress, bst_ulong(table.rows), bst_ulong(table.columns), .nan, &matrix)
            }, "lay out \(table.rows) rows")
        try Self.check(
            targets.withUnsafeBufferPointer { XGDMatrixSetFloatInfo(matrix, "label", $0.baseAddress, bst_ulong($0.count)) },
            "set the targets")
        try Self.check(XGBoosterCreate(&matrix, 1, &handle), "begin")
    }

    deinit {
        if handle != nil { XGBoosterFree(handle) }
        if matrix != nil { XGDMatrixFree(matrix) }
    }

    func set(_ name: String, _ value: String) throws { try Self.check(XGBoosterSetParam(handle, name, value), "set \(name)") }

    func update(_ round: Int) throws { try Self.check(XGBoosterUpdateOneIter(handle, Int32(round), matrix), "grow tree \(round)") }

    func model() throws -> Data {
        var length: bst_ulong = 0
        var bytes: UnsafePointer<CChar>?
        try Self.check(XGBoosterSaveModelToBuffer(handle, "{\"format\":\"json\"}", &length, &bytes), "write the trees down")
        guard let bytes else { throw BoostingError("XGBoost wrote no trees.") }
        return Data(bytes: bytes, count: Int(length))
    }

    private static func check(_ code: Int32, _ deed: String) throws {
        guard code != 0 else { return }
        let reason = XGBGetLastError().map { String(cString: $0) } ?? ""
        throw BoostingError("XGBoost could not \(deed): \(reason.split(separator: "\n").first ?? "no reason given")")
    }
}
