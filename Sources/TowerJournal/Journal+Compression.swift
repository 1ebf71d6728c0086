import TowerStreaming

/// What compressing sealed segments came to.
public struct CompressionOutcome: Sendable, Equatable {
    public var segments = 0
    public var bytesBefore: Int64 = 0
    public var bytesAfter: Int64 = 0
    public init() {}
}

extension Journal {
    /// Compresses the sealed segments whose newest record is older than `compressionDelayMs`. Readers go on meanwhile.
    ///
    /// A segment is replaced by renaming a whole, synced, re-read file over it: a crash leaves either form.
    ///
    /// - Parameter now: milliseconds since the epoch.
    /// - Throws: `EventLogError`: `io` or `disk_full`; then the segment stays as it was.
    @discardableResult
    public func compressSealed(now: Int64) async throws -> CompressionOutcome {
        try checkOpen()
        var outcome = CompressionOutcome()
        guard configuration.compression == .lz4 else { return outcome }
        let newest = now - configuration.compressionDelayMs
        let candidates = catalog.read { state in
            state.series.joined().filter { $0.footer != nil && $0.lastTimestampMs <= newest && !$0.file.isCompressed }.map(\.file)
        }
        for file in candidates where file.storage?.isIncompressible == false {
            let saved = try await housekeeper.whenIdle { [self] in Result { try compressNow(file) } }
            guard let saved else { continue }
            outcome.segments += 1
            outcome.bytesBefore += saved.before
            outcome.bytesAfter += saved.after
        }
        return outcome
    }

    /// On the housekeeper's thread, where nothing else removes or renames segments.
    private func compressNow(_ file: SegmentFile) throws -> (before: Int64, after: Int64)? {
        let found = catalog.read { state in state.series[file.retention.series].first { $0.file === file } }
        guard let segment = found, let footer = segment.footer, let storage = file.storage else { return nil }
        let path = file.path + SegmentHeader.temporarySuffix
        do {
            // A file that does not have its footer's size is for `log repair`.
            guard try file.file.size() == footer.fileSize else { return nil }
            let plan = CompressedHeader(
                retention: file.retention, number: file.number, baseSequence: segment.baseSequence,
                endSequence: segment.endSequence, logicalSize: footer.fileSize)
            let housekeeper = housekeeper
            let compressor = SegmentCompressor(disk: disk, isCancelled: { housekeeper.isStopping })
            guard let size = try compressor.compress(file.file, plan, to: path) else {
                if !housekeeper.isStopping { storage.noteIncompressible() }
                return nil
            }
            guard let compressed = try wholeFile(path) else {
                try disk.remove(path)
                throw EventLogError(.io, "could not compress \(file.path): what was written does not read back right")
            }
            try disk.rename(path, to: file.path)
            storage.replace(with: compressed)
            try disk.syncDirectory(directory)
            return (footer.fileSize, size)
        } catch let error as DiskError {
            throw EventLogError(error.isFull ? .diskFull : .io, "could not compress \(file.path): \(error.description)")
        }
    }

    /// The compressed file at `path`; `nil` unless every block of it reads back right from the disk.
    private func wholeFile(_ path: String) throws(DiskError) -> CompressedFile? {
        let file = try disk.open(path, .read)
        guard let compressed = try CompressedFile(file, path: path, cache: blocks), compressed.isFrontIntact,
            compressed.isBackIntact
        else { return nil }
        return try compressed.damagedBlocks().isEmpty ? compressed : nil
    }
}
