/// What libFuzzer calls. `scripts/fuzz.sh` compiles it with the targets of Tests/HostileTests and says which one by a
/// compilation condition.
#if FUZZ_BODY
    private let target = FuzzTarget.body
#elseif FUZZ_GZIP
    private let target = FuzzTarget.gzip
#elseif FUZZ_ZSTD
    private let target = FuzzTarget.zstd
#elseif FUZZ_CLOUDEVENT
    private let target = FuzzTarget.cloudevent
#elseif FUZZ_CLOUDEVENTS
    private let target = FuzzTarget.cloudevents
#elseif FUZZ_HEADERS
    private let target = FuzzTarget.headers
#elseif FUZZ_EXPORT
    private let target = FuzzTarget.export
#elseif FUZZ_SEGMENT
    private let target = FuzzTarget.segment
#elseif FUZZ_GROUPS
    private let target = FuzzTarget.groups
#else
    private let target = FuzzTarget.event
#endif

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let wrong = target.run(Array(UnsafeBufferPointer(start: start, count: count)))
    if let wrong { preconditionFailure(wrong) }
    return 0
}
