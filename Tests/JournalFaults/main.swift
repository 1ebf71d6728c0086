import Glibc
import TowerTestKit

// JournalFaults simulate --from 0 --count 2000 [--lie NAME] [--first]
let arguments = Array(CommandLine.arguments.dropFirst())
exit(await FaultRun(arguments).run())
