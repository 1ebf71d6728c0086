/// A diesel generator's appetite (DOMAIN KPI 19): litres per hour from electrical kilowatts.
enum GeneratorModel {
    static func litresPerHour(kilowatts: Double) -> Double { 0.40 + 0.263 * kilowatts }
}
