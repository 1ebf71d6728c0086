import TowerModel
import TowerStreaming

/// A group's state at one position of the log, as bytes: docs/formats/checkpoint.md draws them.
struct Checkpoint {
    /// The newest record that the state knows: the log must still say the same of it, or it is another log.
    struct Newest: Equatable {
        var sequence: Int64
        var timestampMs: Int64
    }
    /// Why bytes are no checkpoint that can be taken up.
    enum Refusal: Error, Equatable, CustomStringConvertible {
        case damaged(String)
        case format(UInt16)
        case settings
        case state(StateError)

        var description: String {
            switch self {
            case .damaged(let what): "damaged: \(what)"
            case .format(let version): "of format \(version), which this program does not read"
            case .settings: "of other settings, rules, versions or schemas"
            case .state(let error): "not readable: \(error)"
            }
        }
    }

    /// Of a log with one order, and of a log of partitions.
    static let formatVersions: ClosedRange<UInt16> = 1...2
    private static let magic = Array("TOWERCKP".utf8)
    private static let fixedSize = 64

    var group: String
    var position: LogCursor
    var settingsHash: UInt64
    var newest: Newest?
    /// Where the state begins in the bytes it was read from.
    private(set) var stateStart = 0

    init(group: String, position: LogCursor, settingsHash: UInt64, newest: Newest?) {
        self.group = group
        self.position = position
        self.settingsHash = settingsHash
        self.newest = newest
    }

    /// The whole checkpoint; `state` is written in place behind its head.
    func bytes(state: (inout StateWriter) -> Void) -> [UInt8] {
        let name = Array(group.utf8)
        let place = position.parts.isEmpty ? [] : Array(position.description.utf8)
        let start = Self.fixedSize + name.count + place.count
        var writer = StateWriter()
        for _ in 0..<start { writer.write(byte: 0) }
        state(&writer)
        var bytes = writer.take()
        var head = StateWriter()
        for byte in Self.magic { head.write(byte: byte) }
        head.write(fixed: UInt32(0))
        head.write(fixed: UInt32(place.isEmpty ? 1 : 2) | UInt32(name.count) << 16)
        head.write(fixed: UInt64(bitPattern: position.sequence))
        head.write(fixed: settingsHash)
        head.write(fixed: UInt64(bitPattern: newest?.sequence ?? -1))
        head.write(fixed: UInt64(bitPattern: newest?.timestampMs ?? -1))
        head.write(fixed: UInt64(bytes.count - start))
        head.write(fixed: CRC32C.of(bytes, in: start..<bytes.count))
        head.write(fixed: UInt32(place.count))
        bytes.replaceSubrange(0..<start, with: head.take() + name + place)
        var checksum = StateWriter()
        checksum.write(fixed: CRC32C.of(bytes, in: 12..<start))
        bytes.replaceSubrange(8..<12, with: checksum.take())
        return bytes
    }

    /// Reads the head and checks everything that can be checked without knowing the state.
    init(reading bytes: [UInt8], group: String, settingsHash: UInt64) throws(Refusal) {
        guard bytes.count >= Self.fixedSize, Array(bytes[0..<8]) == Self.magic else {
            throw .damaged("it does not begin as a checkpoint")
        }
        do {
            var reader = StateReader(bytes, from: 8)
            let checksum = try reader.fixed32("head.checksum")
            let form = try reader.fixed32("head.version")
            let version = UInt16(truncatingIfNeeded: form)
            guard Self.formatVersions.contains(version) else { throw Refusal.format(version) }
            let nameEnd = Self.fixedSize + Int(form >> 16)
            var last = StateReader(bytes, from: Self.fixedSize - 4)
            let start = nameEnd + (version == 1 ? 0 : Int(try last.fixed32("head.place")))
            guard bytes.count >= start, CRC32C.of(bytes, in: 12..<start) == checksum else {
                throw Refusal.damaged("the head does not match its checksum")
            }
            let plain = LogCursor(sequence: Int64(bitPattern: try reader.fixed64("head.position")))
            let place = String(decoding: bytes[nameEnd..<start], as: UTF8.self)
            guard let position = place.isEmpty ? plain : LogCursor(place), position.sequence == plain.sequence else {
                throw Refusal.damaged("its place is `\(place.prefix(200))`")
            }
            self.position = position
            self.settingsHash = try reader.fixed64("head.settings")
            let sequence = Int64(bitPattern: try reader.fixed64("head.newest"))
            let timestampMs = Int64(bitPattern: try reader.fixed64("head.newest"))
            newest = sequence < 0 ? nil : Newest(sequence: sequence, timestampMs: timestampMs)
            let size = try reader.fixed64("head.size")
            let stateChecksum = try reader.fixed32("head.state_checksum")
            self.group = String(decoding: bytes[Self.fixedSize..<nameEnd], as: UTF8.self)
            stateStart = start
            guard size == UInt64(bytes.count - start) else {
                throw Refusal.damaged("\(bytes.count - start) bytes of a state of \(size)")
            }
            guard CRC32C.of(bytes, in: start..<bytes.count) == stateChecksum else {
                throw Refusal.damaged("the state does not match its checksum")
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch let error as StateError {
            throw .state(error)
        } catch {
            throw .damaged("\(error)")
        }
        guard self.group == group else { throw .damaged("it is of the group \(self.group)") }
        guard self.settingsHash == settingsHash else { throw .settings }
    }
}
