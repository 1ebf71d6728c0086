import TowerStreaming

/// Who we are for the brokers, and how the way to them is kept private.
public struct KafkaSecurity: Sendable, Equatable {
    public enum Mechanism: String, Sendable, CaseIterable, Codable {
        case none
        case plain = "PLAIN"
        case scramSHA256 = "SCRAM-SHA-256"
        case scramSHA512 = "SCRAM-SHA-512"
    }
    public var isEncrypted = false
    public var mechanism = Mechanism.none
    public var username: String?
    /// Secret: never in a message.
    public var password: String?
    /// Files in PEM form.
    public var authorityFile: String?
    public var certificateFile: String?
    public var keyFile: String?
    /// Secret.
    public var keyPassword: String?
    /// Off only for tests: without it anybody with a certificate may stand between.
    public var verifiesHostName = true

    public init() {}

    func validate() throws(EventLogError) {
        if mechanism == .none {
            guard username == nil, password == nil else {
                throw .badSetting("sasl_mechanism", "is none, but a user name or password is given; name PLAIN or SCRAM-SHA-256/512")
            }
        } else {
            guard username?.isEmpty == false else { throw .badSetting("sasl_username", "must be given for \(mechanism.rawValue)") }
            guard password?.isEmpty == false else { throw .badSetting("sasl_password", "must be given for \(mechanism.rawValue)") }
        }
        let files = [("tls_ca_file", authorityFile), ("tls_certificate_file", certificateFile), ("tls_key_file", keyFile)]
        if !isEncrypted, let given = files.first(where: { $0.1 != nil }) {
            throw .badSetting(given.0, "is given, but tls is off; switch it on or remove the file")
        }
        guard (certificateFile == nil) == (keyFile == nil) else {
            throw .badSetting(keyFile == nil ? "tls_key_file" : "tls_certificate_file", "is missing: a certificate and its key go together")
        }
        guard keyPassword == nil || keyFile != nil else {
            throw .badSetting("tls_key_password", "is given without tls_key_file")
        }
    }

    func settings() -> [(String, String)] {
        var settings: [(String, String)] = []
        switch (isEncrypted, mechanism != .none) {
        case (false, false): settings.append(("security.protocol", "plaintext"))
        case (true, false): settings.append(("security.protocol", "ssl"))
        case (false, true): settings.append(("security.protocol", "sasl_plaintext"))
        case (true, true): settings.append(("security.protocol", "sasl_ssl"))
        }
        if mechanism != .none {
            settings += [
                ("sasl.mechanism", mechanism.rawValue), ("sasl.username", username ?? ""), ("sasl.password", password ?? ""),
            ]
        }
        if isEncrypted {
            for (name, value) in [
                ("ssl.ca.location", authorityFile), ("ssl.certificate.location", certificateFile), ("ssl.key.location", keyFile),
                ("ssl.key.password", keyPassword),
            ] {
                if let value { settings.append((name, value)) }
            }
            settings.append(("ssl.endpoint.identification.algorithm", verifiesHostName ? "https" : "none"))
        }
        return settings
    }
}
