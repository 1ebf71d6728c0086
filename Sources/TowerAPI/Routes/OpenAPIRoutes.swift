import Hummingbird

/// This interface, described.
struct OpenAPIRoutes: Sendable {
    var routes: [Route] {
        [
            .open("GET", "/api/v1/openapi.json", "getOpenAPI", "This interface as OpenAPI 3.1") { _ in
                .text(OpenAPIDocument.json, contentType: "application/json")
            }
        ]
    }
}
