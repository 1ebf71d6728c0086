import Glibc

/// Distances on a sphere flat enough for one region.
enum Geography {
    static let kilometresPerDegree = 111.19

    static func kilometres(_ a: SiteSpec, _ b: SiteSpec) -> Double {
        let mean = (a.latitude + b.latitude) / 2 * Double.pi / 180
        let north = (a.latitude - b.latitude) * kilometresPerDegree
        let east = (a.longitude - b.longitude) * kilometresPerDegree * cos(mean)
        return (north * north + east * east).squareRoot()
    }
}
