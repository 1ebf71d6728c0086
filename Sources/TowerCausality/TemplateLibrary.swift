/// The stories the engine knows, written in `causality/*.yaml` to be read by whoever knows towers.
///
/// Lags and shares follow the scenario descriptions (DOMAIN 5.2); battery lags are replaced by the site's own autonomy
/// forecast where there is one. `reported` counts one alarm in ten lost and one type in ten not wired.
public struct TemplateLibrary: Sendable, Equatable {
    public var templates: [CausalTemplate]
    /// What was learned over the files, by name; empty for none. Incidents say it.
    public var version = ""
    public init(templates: [CausalTemplate]) { self.templates = templates }

    /// The shipped stories as they are written.
    public static var shipped: [TemplateFile] { StandardStories.files }

    /// What is shipped inside the binary. A test reads every story of it; what could not be read would be no story at all.
    public static let standard: TemplateLibrary = {
        if case .success(let library) = TemplateReader.read(StandardStories.files) { return library }
        return TemplateLibrary(templates: [])
    }()
}
