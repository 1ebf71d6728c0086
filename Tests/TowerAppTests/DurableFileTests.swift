import Foundation
import Glibc
import Testing
import TowerNotify

@testable import TowerApp

/// Files that are there whole or not at all, and the key that may never be made a second time.
@Suite struct DurableFileTests {
    /// Runs with a folder of its own.
    private func inFolder(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/towerco-durable-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func mode(_ path: String) -> mode_t {
        var facts = stat()
        return stat(path, &facts) == 0 ? facts.st_mode & 0o777 : 0
    }

    @Test func whatIsPutIsReadAndNothingElseIsLeft() throws {
        try inFolder { folder in
            let path = folder + "/a"
            #expect(try DurableFile.bytes(of: path) == nil)
            // A leftover of a process that died, with other permissions.
            try DurableFile.put([1], at: path + DurableFile.temporarySuffix, mode: 0o644)
            try DurableFile.put([1, 2, 3], at: path, mode: 0o600)
            try DurableFile.put([4, 5], at: path, mode: 0o600)
            #expect(try DurableFile.bytes(of: path) == [4, 5])
            #expect(mode(path) == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
            #expect(throws: DurableFile.Failure.self) { try DurableFile.bytes(of: path, most: 1) }
        }
    }

    @Test func aFileThatIsThereAndCannotBeReadIsAnErrorAndNotNothing() throws {
        try inFolder { folder in
            // A link to itself cannot be opened by anybody, root included.
            let path = folder + "/loop"
            #expect(symlink(path, path) == 0)
            let error = #expect(throws: DurableFile.Failure.self) { try DurableFile.bytes(of: path) }
            #expect(error.map { $0.description.contains(path) } ?? false)
        }
    }

    @Test func aFileThatCannotBeWrittenLeavesTheOldOne() throws {
        try inFolder { folder in
            let path = folder + "/a"
            try DurableFile.put([7], at: path, mode: 0o600)
            // Its temporary name is taken by a folder that is not empty.
            try FileManager.default.createDirectory(atPath: path + DurableFile.temporarySuffix + "/x", withIntermediateDirectories: true)
            #expect(throws: DurableFile.Failure.self) { try DurableFile.put([8], at: path, mode: 0o600) }
            #expect(try DurableFile.bytes(of: path) == [7])
        }
    }

    @Test func theKeyIsMadeOnceAndReadByItsOwnerOnly() throws {
        try inFolder { folder in
            let first = try NotificationKey.secrets(try Configuration(), DataFolder(path: folder))
            let sealed = try first.seal("hush", for: "acme/1")
            let second = try NotificationKey.secrets(try Configuration(), DataFolder(path: folder))
            #expect(second.open(sealed, for: "acme/1") == "hush")
            #expect(mode(folder + "/notify.key") == 0o600)
        }
    }

    @Test(arguments: ["link", "folder", "short", "empty"])
    func aKeyThatCannotBeReadEndsTheStartAndIsNotReplaced(_ trouble: String) throws {
        try inFolder { folder in
            let path = folder + "/notify.key"
            switch trouble {
            case "link": #expect(symlink(path, path) == 0)
            case "folder": #expect(mkdir(path, 0o700) == 0)
            case "short": try DurableFile.put(Array("c2hvcnQ=\n".utf8), at: path, mode: 0o600)
            default: try DurableFile.put([], at: path, mode: 0o600)
            }
            var before = stat()
            #expect(lstat(path, &before) == 0)
            let error = #expect(throws: CommandFailure.self) { try NotificationKey.secrets(try Configuration(), DataFolder(path: folder)) }
            #expect(error.map { "\($0)".contains(path) } ?? false, "\(String(describing: error))")
            var after = stat()
            #expect(lstat(path, &after) == 0)
            #expect(before.st_ino == after.st_ino && before.st_size == after.st_size, "it is still what it was")
        }
    }
}
