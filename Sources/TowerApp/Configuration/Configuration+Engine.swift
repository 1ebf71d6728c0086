import TowerDetection
import TowerEngine

extension Configuration {
    /// What of the settings concerns the engine; the rest of it has one configuration everywhere.
    var engine: EngineConfiguration {
        var engine = EngineConfiguration()
        engine.detection.novelty.maximumSeries = integer("detection.novelty.series")
        let metrics = text("detection.novelty.metrics").split(separator: ",").map { $0.filter { $0 != " " } }
        engine.detection.novelty.chosenMetrics = Set(metrics.filter { !$0.isEmpty })
        return engine
    }
}
