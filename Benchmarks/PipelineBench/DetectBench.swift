import Glibc
import TowerDetection
import TowerEngine
import TowerModel
import TowerWire

/// What detection costs in process, parse included: `PipelineBench - DIRECTORY detect`. Events are made here, seeded.
enum DetectBench {
    private static let sites = 1_000
    private static let rounds = 300

    /// SplitMix64, a sum of four draws for something like noise.
    private struct Dice {
        var state: UInt64
        mutating func noise() -> Double {
            var sum = -2.0
            for _ in 0..<4 {
                state &+= 0x9E37_79B9_7F4A_7C15
                var z = state
                z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
                z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
                sum += Double((z ^ z >> 31) >> 11) / 9_007_199_254_740_992
            }
            return sum
        }
    }

    private static func cpu() -> Double { PipelineBench.seconds(CLOCK_THREAD_CPUTIME_ID) }

    static func run() {
        engine("detect.5_metrics") { _ in }
        engine("detect.5_metrics_no_novelty") { $0.detection.novelty.isGridEnabled = false }
        engine("detect.5_metrics_no_baseline") {
            $0.detection.novelty.isGridEnabled = false
            $0.detection.baseline.isEnabled = false
        }
        novelty()
    }

    /// One round after another, a minute apart; each of every site, five numbers an event.
    private static func text(round: Int, _ dice: inout Dice) -> [UInt8] {
        var text = ""
        let at = Timestamp(seconds: 1_767_225_600 + Double(round) * 60)
        for site in 0..<sites {
            let number = String(round * sites + site, radix: 16)
            let id = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - number.count) + number
            func value(_ middle: Double, _ spread: Double) -> String {
                String(((middle + spread * dice.noise()) * 100).rounded() / 100)
            }
            text += "{\"event_id\":\"\(id)\",\"event_type\":\"env.telemetry\",\"tenant_id\":\"acme\",\"site_id\":\"SITE-\(site)\","
            text += "\"timestamp\":\"\(at)\",\"version\":\"1.0\",\"payload\":{\"t_in\":\(value(25, 0.5)),\"t_out\":\(value(20, 1)),"
            text += "\"rh\":\(value(50, 2)),\"p\":\(value(2, 0.1)),\"fan\":\(value(800, 10))},\"metadata\":{}}\n"
        }
        return Array(text.utf8)
    }

    private static func engine(_ name: String, _ change: (inout EngineConfiguration) -> Void) {
        var configuration = EngineConfiguration()
        change(&configuration)
        let symbols = SymbolTable()
        var decoder = EventDecoder(symbols: symbols)
        var engine = Engine(configuration: configuration)
        var dice = Dice(state: 1)
        let texts = (0..<rounds).map { text(round: $0, &dice) }
        var spent = 0.0
        var parsing = 0.0
        var alarms = 0
        for bytes in texts {
            let lines = PipelineBench.lines(bytes)
            let began = cpu()
            var batch = EventBatch(symbols: symbols)
            bytes.withUnsafeBytes { all in
                for line in lines { _ = decoder.append(UnsafeRawBufferPointer(rebasing: all[line]), to: &batch) }
            }
            let parsed = cpu()
            alarms += engine.process(batch, arrivedAt: nil).alarms.count
            spent += cpu() - began
            parsing += parsed - began
        }
        let events = Double(sites * rounds)
        print(
            "{\"bench\":\"\(name)\",\"events\":\(sites * rounds),\"series\":\(sites * 5),\"ns_event\":\(Int(spent / events * 1e9)),"
                + "\"ns_parse\":\(Int(parsing / events * 1e9)),\"m_ev_s_core\":\((events / spent / 1e3).rounded() / 1e3),\"alarms\":\(alarms)}")
    }

    /// The full detector alone, and many taking turns.
    private static func novelty() {
        for streams in [1, 32] {
            var detectors = (0..<streams).map { _ in NoveltyDetector() }
            var dice = Dice(state: 2)
            let samples = 200_000 / streams
            var sum: Float = 0
            var spent = 0.0
            for index in 0..<samples {
                let value = dice.noise()
                let began = cpu()
                for stream in detectors.indices { sum += detectors[stream].observe(value + Double(stream)) }
                if index >= samples / 2 { spent += cpu() - began }
            }
            print(
                "{\"bench\":\"detect.novelty_\(streams)_streams\",\"ns_sample\":\(Int(spent / Double(samples - samples / 2) / Double(streams) * 1e9)),"
                    + "\"bytes_series\":\(NoveltyConfiguration.standard.bytesPerSeries),\"check\":\(sum)}")
        }
    }
}
