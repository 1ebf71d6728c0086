import Glibc

extension FaultPlan.Storm {
    /// Decibels along a hop `elapsed` seconds after onset: rain of Gaussian profile around the moving core, P.838 at five
    /// points of the path. `core` is the link over whose middle the storm passes at `arrival`.
    func attenuation(of link: Int, core: Int, elapsed: Double, fleet: Fleet) -> Double {
        let spec = fleet.links[link]
        let a = fleet.sites[spec.child]
        let b = fleet.sites[spec.parent]
        let origin = fleet.middle(ofLink: core)
        let east = Geography.kilometresPerDegree * cos(origin.latitude * Double.pi / 180)
        let stormEast = velocityEast * (elapsed - arrival)
        let stormNorth = velocityNorth * (elapsed - arrival)
        let radius = widthKilometres / 2
        var sum = 0.0
        for part in 0..<5 {
            let share = (Double(part) + 0.5) / 5
            let x = (a.longitude + (b.longitude - a.longitude) * share - origin.longitude) * east - stormEast
            let y =
                (a.latitude + (b.latitude - a.latitude) * share - origin.latitude) * Geography.kilometresPerDegree - stormNorth
            let here = rate * exp(-(x * x + y * y) / (radius * radius))
            sum += RainModel.decibelsPerKilometre(frequencyGHz: spec.frequencyGHz, millimetresPerHour: here)
        }
        return sum / 5 * spec.lengthKilometres
    }
}

extension Fleet {
    func middle(ofLink index: Int) -> (latitude: Double, longitude: Double) {
        let a = sites[links[index].child]
        let b = sites[links[index].parent]
        return ((a.latitude + b.latitude) / 2, (a.longitude + b.longitude) / 2)
    }
}
