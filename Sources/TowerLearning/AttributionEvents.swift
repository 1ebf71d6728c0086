/// The kept raises as flat arrays, devices renumbered densely, with who is linked to whom: what the attribution runs over.
struct AttributionEvents: Sendable {
    var types: [Int32] = []
    var devices: [Int32] = []
    var instants: [Int64] = []
    /// Raises of device d are `ofDevice[deviceStart[d]..<deviceStart[d + 1]]`, in order of time.
    var deviceStart: [Int32] = []
    var ofDevice: [Int32] = []
    /// Neighbours of device d, those with raises only.
    var neighbourStart: [Int32] = []
    var neighbours: [Int32] = []
    var deviceCount = 0

    init(_ log: RaiseLog, configuration: LearningConfiguration, neighbours linked: (Int32) -> [Int32]) {
        var dense: [Int32: Int32] = [:]
        var names: [Int32] = []
        for place in log.start..<log.end {
            let device = log.device(place)
            let number: Int32
            if let known = dense[device] {
                number = known
            } else {
                number = Int32(names.count)
                dense[device] = number
                names.append(device)
            }
            types.append(log.type(place))
            devices.append(number)
            instants.append(log.instant(place))
        }
        deviceCount = names.count
        deviceStart = [Int32](repeating: 0, count: deviceCount + 1)
        for device in devices { deviceStart[Int(device) + 1] += 1 }
        for device in 0..<deviceCount { deviceStart[device + 1] += deviceStart[device] }
        var fill = deviceStart
        ofDevice = [Int32](repeating: 0, count: devices.count)
        for (event, device) in devices.enumerated() {
            ofDevice[Int(fill[Int(device)])] = Int32(event)
            fill[Int(device)] += 1
        }
        neighbourStart = [0]
        for name in names {
            var seen: Set<Int32> = []
            for other in linked(name).prefix(configuration.maximumNeighbours) {
                if other != name, let number = dense[other], seen.insert(number).inserted { neighbours.append(number) }
            }
            neighbourStart.append(Int32(neighbours.count))
        }
    }

    func neighbours(of device: Int32) -> ArraySlice<Int32> {
        neighbours[Int(neighbourStart[Int(device)])..<Int(neighbourStart[Int(device) + 1])]
    }
}
