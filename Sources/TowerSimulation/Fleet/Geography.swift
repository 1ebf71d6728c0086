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

    /// Between the middles of two links.
    static func kilometres(_ fleet: Fleet, _ left: Int, _ right: Int) -> Double {
        let a = fleet.middle(ofLink: left)
        let b = fleet.middle(ofLink: right)
        let north = (a.latitude - b.latitude) * kilometresPerDegree
        let east = (a.longitude - b.longitude) * kilometresPerDegree * cos((a.latitude + b.latitude) / 2 * Double.pi / 180)
        return (north * north + east * east).squareRoot()
    }
}
