import Glibc

exit(await FaultProgram(Array(CommandLine.arguments.dropFirst())).run())
