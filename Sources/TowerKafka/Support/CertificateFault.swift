/// Why a broker's certificate is not accepted, as OpenSSL numbers it (`X509_V_ERR_…` in its `x509_vfy.h`).
enum CertificateFault: Sendable, Equatable {
    case expired
    case notYetValid
    /// Nobody whom we trust has signed it.
    case untrusted
    case revoked
    case otherHost
    case unknown(Int32)

    init(code: Int32) {
        self =
            switch code {
            case 9: .notYetValid
            case 10: .expired
            case 2, 18, 19, 20, 21, 24, 27: .untrusted
            case 23: .revoked
            case 62, 63, 64: .otherHost
            default: .unknown(code)
            }
    }

    var reason: String {
        switch self {
        case .expired: "it has expired"
        case .notYetValid: "it is not valid yet"
        case .untrusted: "nobody who is trusted here has signed it"
        case .revoked: "it was revoked"
        case .otherHost: "it is not of the host name that log.url or the broker's own listener names"
        case .unknown(let code): "OpenSSL's error \(code)"
        }
    }

    var advice: String {
        switch self {
        case .expired, .revoked: "give the broker a new one"
        case .notYetValid: "compare the clocks of this machine and the broker"
        case .untrusted: "check that kafka.security.ca_file is the authority of the brokers"
        case .otherHost: "connect by a name that is in the certificate, or give the broker one with this name"
        case .unknown: "check kafka.security.ca_file and the broker's certificate"
        }
    }
}
