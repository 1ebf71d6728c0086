/// Cells: which of them work, what the element manager tells, and each operator's clock.
extension World {
    /// Cells that cannot work now: bit per cell.
    func cellsWithoutService(_ site: Int) -> UInt32 {
        let spec = fleet.sites[site]
        let all: UInt32 = (1 << UInt32(spec.cells)) - 1
        if sites[site].isLVD2Open || !sites[site].isReachable { return all }
        let blocked = blockedCells(site)
        guard sites[site].isLVD1Open else { return blocked }
        return blocked | all & ~((1 << UInt32(spec.cells - spec.nonCriticalCells)) - 1)
    }

    private func blockedCells(_ site: Int) -> UInt32 {
        var mask: UInt32 = 0
        for cell in extras[site].blocks.indices where extras[site].blocks[cell] != nil { mask |= 1 << UInt32(cell) }
        return mask
    }

    mutating func checkCells(_ site: Int) {
        let wanted = cellsWithoutService(site)
        let told = sites[site].cellsDown
        guard wanted != told else { return }
        let spec = fleet.sites[site]
        let shed = sites[site].isLVD2Open ? wanted : sites[site].isLVD1Open ? powerShedCells(site) : 0
        let transport = backhaulCause(of: site)
        for cell in 0..<spec.cells {
            let bit: UInt32 = 1 << UInt32(cell)
            let isDown = wanted & bit != 0
            guard isDown != (told & bit != 0) else { continue }
            let isPower = shed & bit != 0
            let fault: Int32
            let cause: EventReference?
            var reason: StaticString = isPower ? "power" : "transport"
            if !isDown {
                (fault, cause) = (sites[site].cellFault[cell], nil)
            } else if isPower {
                fault = sites[site].powerFault
                cause =
                    sites[site].isLVD2Open
                    ? sites[site].raise(.lvd2) ?? sites[site].raise(.lvd1) ?? blackoutCause(site)
                    : sites[site].raise(.lvd1)
            } else if sites[site].isReachable, let block = extras[site].blocks[cell] {
                (fault, cause, reason) = (block.fault, block.cause, block.reason)
            } else {
                (fault, cause) = transport
            }
            let isWhole = wanted == (1 << UInt32(spec.cells)) - 1
            let reference = emitAlarm(
                site, .cellDown, isDown ? .raised : .cleared, fault: fault, causes: (cause, nil),
                severity: isDown && isWhole ? "critical" : "major"
            ) { out in
                out.field("cell", String(cell + 1))
                guard isDown else { return }
                out.key("cause")
                out.quoted(reason)
            }
            sites[site].cellRaised[cell] = isDown ? reference : nil
            sites[site].cellFault[cell] = fault
            if fault >= 0 { touch(fault, site) }
        }
        sites[site].cellsDown = wanted
        countDowntime(site)
    }

    /// What darkened a site whose battery is gone: no contactor has told.
    private func blackoutCause(_ site: Int) -> EventReference? {
        sites[site].raise(.rectifier) ?? sites[site].raise(.stringOpen) ?? sites[site].raise(.intrusion)
    }

    private func powerShedCells(_ site: Int) -> UInt32 {
        let spec = fleet.sites[site]
        return ((1 << UInt32(spec.cells)) - 1) & ~((1 << UInt32(spec.cells - spec.nonCriticalCells)) - 1)
    }

    /// Starts and stops each operator's clock: it runs while at least one of its cells is down.
    private mutating func countDowntime(_ site: Int) {
        let spec = fleet.sites[site]
        for slot in spec.operators.indices {
            var isDown = false
            var fault: Int32 = -1
            for cell in stride(from: slot, to: spec.cells, by: spec.operators.count) {
                if sites[site].cellsDown & (1 << UInt32(cell)) != 0 { isDown = true }
                if sites[site].cellFault[cell] >= 0 { fault = sites[site].cellFault[cell] }
            }
            let since = sites[site].downSince[slot]
            if isDown, since < 0 {
                sites[site].downSince[slot] = now
            } else if !isDown, since >= 0 {
                sites[site].downSince[slot] = -1
                if fault >= 0 { faults[Int(fault)].downSeconds[spec.operators[slot], default: 0] += now - since }
            }
        }
    }
}
