import TowerStreaming

actor GroupMembers {
    func close() {}
}
