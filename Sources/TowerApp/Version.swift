/// The version of the platform.
public enum Version { public static let current = "0.1.0" }
