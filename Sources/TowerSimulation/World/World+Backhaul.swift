/// Links, the way to the core, and the cells that need it.
extension World {
    private func isEndPowered(_ link: LinkSpec, atParent: Bool) -> Bool {
        let site = atParent ? link.parent : link.child
        return isPowered(site) && !(atParent && link.isParentEndShed && sites[site].isLVD1Open)
    }

    /// Recomputes whether a link carries traffic and, on a change, who reports it and who is cut off.
    mutating func refreshLink(_ index: Int) {
        let spec = fleet.links[index]
        let state = links[index]
        let child = isEndPowered(spec, atParent: false)
        let parent = isEndPowered(spec, atParent: true)
        let isUp = !state.isCut && !state.isFadedDown && child && parent
        if !isUp, state.isUp {
            links[index].unavailableSince = now
            if state.isCut {
                (links[index].downFault, links[index].downCause) = (state.cutFault, state.cutCause)
            } else if state.isFadedDown {
                (links[index].downFault, links[index].downCause) = (state.stormFault, state.downshift ?? state.levelLow)
            } else {
                let dead = parent ? spec.child : spec.parent
                let cause = sites[dead].isLVD2Open ? sites[dead].raise(.lvd2) : sites[dead].raise(.lvd1)
                (links[index].downFault, links[index].downCause) = (sites[dead].powerFault, cause)
            }
        }
        let changed = isUp != state.isUp
        links[index].isUp = isUp
        // An end that gets its power back while the link stays down reports too.
        let delay = state.isCut && changed && !isUp ? random.uniform(0.05, 0.8) : random.uniform(1.2, 5)
        schedule.add(at: now + delay, .linkReport(Int32(index)))
        if changed { refreshReachability(of: spec.child) }
    }

    mutating func reportLink(_ index: Int) {
        let spec = fleet.links[index]
        let state = links[index]
        let childSees = !state.isUp && isEndPowered(spec, atParent: false)
        let parentSees = !state.isUp && isEndPowered(spec, atParent: true)
        if childSees, state.reportedChild == nil {
            links[index].reportedChild = tellLink(index, atParent: false, .raised, fault: state.downFault, cause: state.downCause)
        }
        if parentSees, state.reportedParent == nil {
            links[index].reportedParent = tellLink(index, atParent: true, .raised, fault: state.downFault, cause: state.downCause)
        }
        if !state.isUp, spec.isInRing, state.protectionLost == nil, childSees || parentSees {
            let end = childSees ? spec.child : spec.parent
            let cause = links[index].reportedChild ?? links[index].reportedParent
            links[index].protectionLost = tellTransport(
                index, .protectionLost, end, .raised, fault: state.downFault, cause: cause)
        }
        guard state.isUp else { return }
        links[index].unavailableSince = nil
        if state.reportedChild != nil {
            _ = tellLink(index, atParent: false, .cleared, fault: state.downFault, cause: nil)
            links[index].reportedChild = nil
        }
        if state.reportedParent != nil {
            _ = tellLink(index, atParent: true, .cleared, fault: state.downFault, cause: nil)
            links[index].reportedParent = nil
        }
        if state.protectionLost != nil {
            _ = tellTransport(index, .protectionLost, spec.child, .cleared, fault: state.downFault, cause: nil)
            links[index].protectionLost = nil
        }
    }

    private mutating func tellLink(
        _ index: Int, atParent: Bool, _ change: AlarmChange, fault: Int32, cause: EventReference?
    ) -> EventReference {
        let spec = fleet.links[index]
        let site = atParent ? spec.parent : spec.child
        return tellTransport(index, spec.isFibre ? .lossOfSignal : .linkDown, site, change, fault: fault, cause: cause)
    }

    mutating func tellTransport(
        _ index: Int, _ type: AlarmType, _ site: Int, _ change: AlarmChange, fault: Int32, cause: EventReference?
    ) -> EventReference {
        let spec = fleet.links[index]
        let peer = fleet.sites[spec.child == site ? spec.parent : spec.child].siteID
        let level = spec.nominalLevel - links[index].fadeDecibels
        let hasLevel = type == .levelLow || type == .downshift || type == .linkDown
        if fault >= 0 {
            touch(fault, site)
            faults[Int(fault)].shared.insert(Int32(index))
        }
        return emitAlarm(site, type, change, fault: fault, causes: (cause, nil)) { out in
            out.field("peer", peer)
            if hasLevel { out.field("rsl", max(-99, level), decimals: 1) }
        }
    }

    // MARK: The way to the core

    /// Walks the connected piece from its core end over links that are up. A site without any link is its own core end.
    mutating func refreshReachability(of site: Int) {
        let members = topology.members[Int(topology.piece[site])]
        var reached = Set<Int32>()
        var queue: [Int32] = []
        for member in members where topology.uplink[Int(member)] < 0 && isPowered(Int(member)) {
            queue.append(member)
            reached.insert(member)
        }
        var position = 0
        while position < queue.count {
            let at = Int(queue[position])
            position += 1
            for index in topology.links(of: at) where links[Int(index)].isUp {
                let link = fleet.links[Int(index)]
                let other = Int32(link.child == at ? link.parent : link.child)
                if isPowered(Int(other)), reached.insert(other).inserted { queue.append(other) }
            }
        }
        for member in members {
            let isReachable = reached.contains(member)
            guard isReachable != sites[Int(member)].isReachable else { continue }
            sites[Int(member)].isReachable = isReachable
            let delay = isReachable ? random.uniform(5, 40) : random.uniform(10, 60)
            schedule.add(at: now + delay, .cells(site: member))
        }
    }

    /// The first broken thing on the way up: its fault and the event that shows it.
    func backhaulCause(of site: Int) -> (fault: Int32, cause: EventReference?) {
        var at = site
        for _ in 0..<64 {
            let uplink = topology.uplink[at]
            guard uplink >= 0 else { break }
            let link = links[Int(uplink)]
            if !link.isUp { return (link.downFault, link.reportedChild ?? link.reportedParent ?? link.downCause) }
            at = fleet.links[Int(uplink)].parent
            if !isPowered(at) { break }
        }
        return (sites[at].powerFault, sites[at].raise(.lvd2))
    }
}
