import ArgumentParser

@main
struct Towerco: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "towerco", abstract: "AIOps for tower companies.")
}
