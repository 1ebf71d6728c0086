import Foundation
public import TowerModel

/// The machine's time zones.
public enum SystemZones {
    /// Seconds east of Greenwich; 0 for a zone that nobody knows.
    public static let offset: @Sendable (String, Timestamp) -> Int = { zone, at in
        TimeZone(identifier: zone)?.secondsFromGMT(for: Date(timeIntervalSince1970: at.seconds)) ?? 0
    }
}
