/// A way in which a disk, or the code that asks it, deceives the journal: bugs planted to see that the simulation finds them.
public enum DiskLie: String, Sendable, CaseIterable {
    /// Syncs answer and do nothing.
    case syncDoesNothing
    /// A sync keeps some other file's changes.
    case syncOfAnotherFile
    /// A sync answers at once and does its work at the next call: an acknowledgement before the sync.
    case syncAnswersEarly
    /// A failed sync is reported as a good one.
    case failedSyncIsHidden
    /// A failed or short write is reported as a whole one.
    case failedWriteIsHidden
    /// A sync forgets the last write.
    case syncForgetsTheLastWrite
    /// A sync keeps all but the last sector.
    case syncForgetsTheLastSector
    /// The folder's entries are never made durable.
    case folderSyncDoesNothing
    /// One write in sixteen goes nowhere.
    case lostWrite
    /// One write in sixteen lands a sector further on.
    case misplacedWrite
    /// One synced write in sixteen has a bit turned round.
    case rottenBit
    /// A file that has to go takes its neighbour instead.
    case removesTheNeighbour
    /// Shortening a file takes a sector too many.
    case truncatesTooMuch
}
