import HTTPTypes
import Hummingbird
import NIOCore

/// The outermost responder: routes of the table, and behind them the console and the refusals.
struct APIResponder: HTTPResponder {
    typealias Context = APIContext

    let table: RouteTable
    let router: RouterResponder<APIContext>
    let services: Services

    init(table: RouteTable, services: Services) {
        self.table = table
        self.services = services
        let answering = RouteAnswering(services: services)
        self.router = table.router(answering: answering.answer).buildResponder()
    }

    func respond(to request: Request, context: APIContext) async throws -> Response {
        let response = try await router.respond(to: request, context: context)
        guard context.endpointPath == Self.notFoundEndpoint else { return response }
        return fallback(request)
    }

    /// The name under which the framework's router files a request that no route took.
    private static let notFoundEndpoint = "NotFound"

    private func fallback(_ request: Request) -> Response {
        let start = NIODeadline.now()
        let path = request.uri.path
        let methods = table.methods(path: path)
        let isRead = request.method == .get || request.method == .head
        let isConsole = methods.isEmpty && isRead && !path.hasPrefix("/api/") && path != "/api"
        var response: Response
        if RegistryAnswer.isAbout(path) {
            var problem =
                methods.isEmpty
                ? Problem.notFound("request.no_such_route", "The schema registry has nothing at this path.")
                : Problem(405, "request.method_not_allowed", "This path does not take \(request.method.rawValue.prefix(16)).")
            problem.allow = methods
            response = RegistryAnswer.problem(problem)
        } else if isConsole {
            response = services.dependencies.console.response(to: request)
        } else if methods.isEmpty {
            response = Problem.notFound("request.no_such_route", "Nothing is served at this path.").response(instance: path)
        } else {
            var problem = Problem(
                405, "request.method_not_allowed", "This path does not take \(request.method.rawValue.prefix(16)).")
            problem.allow = methods.contains("GET") ? (methods + ["HEAD"]).sorted() : methods
            response = problem.response(instance: path)
        }
        if request.method == .head { response = response.createHeadResponse() }
        services.metrics.record(
            operation: isConsole ? "console" : "none", status: response.status.code, duration: .now() - start)
        return response
    }
}
