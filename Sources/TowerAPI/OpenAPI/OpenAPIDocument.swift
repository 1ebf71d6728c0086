/// api/openapi.yaml as JSON.
enum OpenAPIDocument {
    static let json = #"{}"#
}
