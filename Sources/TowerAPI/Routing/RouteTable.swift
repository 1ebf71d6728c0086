import Hummingbird

/// Every route of the server. The router, the OpenAPI test and the tenancy test read this one list.
public struct RouteTable: Sendable {
    public let routes: [Route]

    init(_ groups: [[Route]]) {
        self.routes = groups.flatMap { $0 }
    }

    /// Methods that some route has for this path; empty when no route has it.
    func methods(path: String) -> [String] {
        let segments = path.split(separator: "/")
        return Set(routes.filter { $0.matches(segments: segments) }.map(\.method)).sorted()
    }

    /// Hummingbird's router over exactly this list.
    func router(answering answer: @escaping @Sendable (Route, Request, APIContext) async throws -> Response) -> Router<APIContext>
    {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        for route in routes {
            guard let method = HTTPRequest.Method(rawValue: route.method) else { continue }
            router.on(
                RouterPath(route.path), method: method,
                responder: CallbackResponder { request, context in try await answer(route, request, context) })
        }
        return router
    }
}
