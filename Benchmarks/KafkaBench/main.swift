// What TowerKafka costs: produce and consume over librdkafka's mock cluster in the same process.
//
//     swift run -c release KafkaBench produce --events 1000000 --sites 10000 --layout keyed --compression lz4
//     swift run -c release KafkaBench consume --times 5
//
// The mock's three brokers share the process and its CPU seconds, so events per CPU second are a lower bound for the client.
import Glibc

exit(await KafkaBench(Array(CommandLine.arguments.dropFirst())).run())
