import Glibc

/// How steeply a bus falls per ampere hour taken out: a straight line through the newest readings, older ones fading.
struct VoltageFall: Sendable, Hashable {
    /// Sums of the weighted regression; ampere hours count back from now, so they are at most 0.
    private var weight = 0.0
    private var x = 0.0
    private var y = 0.0
    private var xx = 0.0
    private var xy = 0.0
    /// The load has just changed: the next reading tells by how much that alone moved the volts.
    private var isShifted = 0.0

    init() {}

    /// V/Ah, below zero while it falls; `nil` when too little has been drawn to tell.
    var voltsPerAmpHour: Double? {
        let spread = xx - (weight > 0 ? x * x / weight : 0)
        guard weight > 1.5, spread > 1e-6 else { return nil }
        return (xy - x * y / weight) / spread
    }

    /// - Parameter memory: ampere hours after which a reading has lost two thirds of its weight.
    mutating func draw(ampHours: Double, memory: Double) {
        guard ampHours > 0, memory > 0 else { return }
        // Everything heard so far lies further back.
        xy -= ampHours * y
        xx -= 2 * ampHours * x - ampHours * ampHours * weight
        x -= ampHours * weight
        let share = exp(-ampHours / memory)
        weight *= share
        x *= share
        y *= share
        xx *= share
        xy *= share
    }

    mutating func take(volts: Double) {
        if isShifted == 1, weight > 0, let slope = voltsPerAmpHour {
            // The line goes on at the height of the new load.
            let jump = volts - (y / weight - slope * x / weight)
            y += jump * weight
            xy += jump * x
        }
        isShifted = 0
        weight += 1
        y += volts
    }

    mutating func loadChanges() { isShifted = 1 }

    var numbers: [Double] { [weight, x, y, xx, xy, isShifted] }

    init(_ numbers: [Double]) {
        guard numbers.count == 6 else { return }
        (weight, x, y, xx, xy, isShifted) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
    }
}
