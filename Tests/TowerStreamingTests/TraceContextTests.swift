import Testing
import TowerStreaming

@Suite struct TraceContextTests {
    static let sample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func whatIsReadIsWrittenAgain() throws {
        guard case .sampled(let context)? = TraceContext.parse(Self.sample) else {
            Issue.record("not read")
            return
        }
        #expect(context.traceparent == Self.sample)
        #expect(context.traceID == "4bf92f3577b34da6a3ce929d0e0e4736" && context.spanID == "00f067aa0ba902b7")
    }

    @Test(arguments: [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02", true),
        // A later version may say more.
        ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-more", true),
        ("", false), ("00", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false),
        ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x", false),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01", false),
        ("00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e473-000f067aa0ba902b7-01", false),
    ])
    func theRestIsUnsampledOrNone(text: String, isUnsampled: Bool) {
        #expect(TraceContext.parse(text) == (isUnsampled ? .unsampled : nil))
    }

    @Test func aChildIsTheSameEveryTimeAndAnotherForEachName() {
        let context = TraceContext(traceHigh: 1, traceLow: 2, span: 3)
        #expect(context.child("a") == context.child("a"))
        #expect(context.child("a").span != context.child("b").span && context.child("a").span != context.span)
        #expect(context.child("a").traceID == context.traceID)
    }
}
