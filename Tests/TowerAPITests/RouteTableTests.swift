import Testing
import TowerModel
import TowerStores

@testable import TowerAPI

@Suite struct RouteTableTests {
    @Test func healthAnswersWithoutCredentials() async throws {
        try await TestServer.run { test in
            let answer = try await HTTPClient(port: test.port).request("GET", "/healthz")
            #expect(answer.status == 200)
            #expect(answer.text == #"{"status":"up"}"#)
        }
    }

    @Test func everyOperationIsNamedOnceAndEveryPathPlaceTaken() async throws {
        try await TestServer.run { test in
            let routes = try test.server.table.routes
            #expect(Set(routes.map(\.operationID)).count == routes.count)
            #expect(Set(routes.map { "\($0.method) \($0.path)" }).count == routes.count)
            #expect(routes.count > 30)
        }
    }
}
