import TowerModel

extension AlarmBook {
    /// The first raise of an identity.
    mutating func install(_ signal: AlarmSignal, key: Key, slot: Int32, into alarms: inout [Alarm]) {
        let generation = records[Int(slot)].generation &+ 1
        records[Int(slot)] = Record(
            key: key, alarm: makeAlarm(signal), isActive: true, lastRaiseAt: signal.at, lastRaiseID: signal.eventID,
            lastClearAt: .distantPast, raiseTimes: [signal.at], generation: generation)
        slots[key] = slot
        slotsOfSite[key.site, default: []].append(slot)
        slotOfRaise[signal.eventID] = slot
        activeCount += 1
        alarms.append(records[Int(slot)].alarm)
    }

    func makeAlarm(_ signal: AlarmSignal) -> Alarm {
        let identity = "alarm|\(tenantID)|\(signal.siteID)|\(signal.managedObject)|\(signal.alarmType)|\(signal.qualifier)"
        return Alarm(
            alarmID: .derived(from: signal.eventID, identity), tenantID: tenantID, siteID: signal.siteID,
            managedObject: signal.managedObject, alarmType: signal.alarmType, probableCause: signal.probableCause,
            severity: signal.severity, state: .raised, raisedAt: signal.at, changedAt: signal.at, source: signal.source,
            text: signal.text, eventIDs: [signal.eventID])
    }

    /// A raise or change of an identity that is known.
    mutating func again(_ signal: AlarmSignal, slot: Int32, now: Timestamp, into alarms: inout [Alarm]) -> Outcome {
        let index = Int(slot)
        if signal.eventID == records[index].lastRaiseID { return Outcome(change: .ignored, slot: slot) }
        if !records[index].isActive {
            return signal.at <= records[index].lastClearAt
                ? late(signal, slot: slot, into: &alarms) : raiseAnew(signal, slot: slot, now: now, into: &alarms)
        }
        remember(signal, in: index)
        if let pending = records[index].pendingClear, signal.at > pending.at {
            records[index].pendingClear = nil
            records[index].generation &+= 1
        }
        let wasFlapping = records[index].alarm.isFlapping
        if signal.state == .raised { records[index].alarm.occurrences += 1 }
        records[index].alarm.isFlapping = isFlapping(records[index].raiseTimes)
        let isNewest = signal.at >= records[index].alarm.changedAt
        let severityChanged = isNewest && signal.severity != records[index].alarm.severity
        if severityChanged { records[index].alarm.severity = signal.severity }
        if isNewest { records[index].alarm.changedAt = signal.at }
        // A raise before a clear we know of belongs to an alarm that is over.
        let isOnset = signal.at < records[index].alarm.raisedAt && signal.at > records[index].lastClearAt
        if isOnset { records[index].alarm.raisedAt = signal.at }
        let occurrences = records[index].alarm.occurrences
        let isRound = occurrences & (occurrences - 1) == 0
        guard severityChanged || isOnset || wasFlapping != records[index].alarm.isFlapping || isRound else {
            return Outcome(change: .repeated, slot: slot)
        }
        records[index].alarm.state = .changed
        alarms.append(records[index].alarm)
        return Outcome(change: severityChanged ? .changed : .repeated, slot: slot)
    }

    /// A raise that is older than the clear we already have: it belongs to an alarm that is over.
    private mutating func late(_ signal: AlarmSignal, slot: Int32, into alarms: inout [Alarm]) -> Outcome {
        let index = Int(slot)
        if records[index].raiseTimes.isEmpty {
            // The clear came first; now its raise is here and the alarm's whole life is known.
            let clearID = records[index].alarm.eventIDs.last
            var alarm = makeAlarm(signal)
            alarm.state = .cleared
            alarm.clearedAt = records[index].lastClearAt
            alarm.changedAt = records[index].lastClearAt
            if let clearID { alarm.eventIDs.append(clearID) }
            records[index].alarm = alarm
            records[index].raiseTimes = [signal.at]
            alarms.append(alarm)
            return Outcome(change: .historical, slot: slot)
        }
        if signal.at < records[index].alarm.raisedAt { records[index].alarm.raisedAt = signal.at }
        records[index].alarm.occurrences += 1
        remember(signal, in: index)
        return Outcome(change: .historical, slot: slot)
    }

    /// The condition is back after it had cleared: a new alarm, unless it came back inside the flap window.
    private mutating func raiseAnew(_ signal: AlarmSignal, slot: Int32, now: Timestamp, into alarms: inout [Alarm]) -> Outcome {
        let index = Int(slot)
        let times = (records[index].raiseTimes + [signal.at]).sorted().suffix(8)
        let flapping = isFlapping(Array(times))
        if flapping, signal.at.seconds(since: records[index].lastClearAt) <= configuration.flapHold {
            let incident = records[index].alarm.incidentID
            records[index].alarm.occurrences += 1
            records[index].alarm.isFlapping = true
            records[index].alarm.state = .changed
            records[index].alarm.clearedAt = nil
            records[index].alarm.changedAt = signal.at
            records[index].alarm.severity = signal.severity
            records[index].alarm.incidentID = incident
            append(signal.eventID, to: index)
        } else {
            records[index].alarm = makeAlarm(signal)
        }
        records[index].isActive = true
        records[index].generation &+= 1
        records[index].raiseTimes = Array(times)
        slotOfRaise[records[index].lastRaiseID] = nil
        records[index].lastRaiseAt = signal.at
        records[index].lastRaiseID = signal.eventID
        slotOfRaise[signal.eventID] = slot
        activeCount += 1
        alarms.append(records[index].alarm)
        return Outcome(change: .raised, slot: slot)
    }

    /// A clear, by identity or by the raise it names.
    mutating func clear(_ signal: AlarmSignal, key: Key?, newKey: Key, now: Timestamp, into alarms: inout [Alarm]) -> Outcome {
        if let named = signal.raisedEventID {
            if let slot = slotOfRaise[named] { return end(slot, at: signal.at, eventID: signal.eventID, now: now, into: &alarms) }
            // Another, later raise holds the alarm: that one's clear will end it.
            if let key, let slot = slots[key], records[Int(slot)].isActive, signal.at < records[Int(slot)].lastRaiseAt {
                endBefore(slot, at: signal.at, into: &alarms)
                return Outcome(change: .ignored, slot: slot)
            }
        }
        if let key, let slot = slots[key] { return end(slot, at: signal.at, eventID: signal.eventID, now: now, into: &alarms) }
        guard !signal.alarmType.isEmpty, let slot = makeRoom(now: now) else { return Outcome(change: .ignored, slot: -1) }
        // Nothing of that identity is known: keep the clear, its raise may still be on the way.
        var alarm = makeAlarm(signal)
        alarm.state = .cleared
        alarm.clearedAt = signal.at
        let generation = records[Int(slot)].generation &+ 1
        records[Int(slot)] = Record(
            key: newKey, alarm: alarm, isActive: false, lastRaiseAt: .distantPast, lastRaiseID: signal.eventID,
            lastClearAt: signal.at, generation: generation)
        slots[newKey] = slot
        slotsOfSite[newKey.site, default: []].append(slot)
        forget.schedule((slot, generation), at: now.adding(seconds: configuration.memory))
        return Outcome(change: .ignored, slot: -1)
    }

    mutating func end(_ slot: Int32, at: Timestamp, eventID: EventID, now: Timestamp, into alarms: inout [Alarm]) -> Outcome {
        let index = Int(slot)
        guard records[index].isActive else {
            records[index].lastClearAt = max(records[index].lastClearAt, at)
            return Outcome(change: .ignored, slot: slot)
        }
        guard at >= records[index].lastRaiseAt else {
            // It was raised again after this clear: still active.
            endBefore(slot, at: at, into: &alarms)
            return Outcome(change: .ignored, slot: slot)
        }
        if records[index].alarm.isFlapping {
            records[index].pendingClear = (at, eventID)
            records[index].generation &+= 1
            holds.schedule((slot, records[index].generation), at: now.adding(seconds: configuration.flapHold))
            return Outcome(change: .clearHeld, slot: slot)
        }
        finish(slot, at: at, eventID: eventID, now: now, into: &alarms)
        return Outcome(change: .cleared, slot: slot)
    }

    /// A clear that came late, of an alarm that has been raised again since: the one that is active began after it.
    private mutating func endBefore(_ slot: Int32, at: Timestamp, into alarms: inout [Alarm]) {
        let index = Int(slot)
        records[index].lastClearAt = max(records[index].lastClearAt, at)
        guard records[index].alarm.raisedAt <= at, !records[index].alarm.isFlapping,
            let onset = records[index].raiseTimes.first(where: { $0 > at })
        else { return }
        records[index].alarm.raisedAt = onset
        records[index].alarm.state = .changed
        alarms.append(records[index].alarm)
    }

    mutating func finish(_ slot: Int32, at: Timestamp, eventID: EventID, now: Timestamp, into alarms: inout [Alarm]) {
        let index = Int(slot)
        records[index].isActive = false
        records[index].pendingClear = nil
        records[index].generation &+= 1
        records[index].lastClearAt = at
        records[index].alarm.state = .cleared
        records[index].alarm.isFlapping = false
        records[index].alarm.clearedAt = at
        records[index].alarm.changedAt = at
        append(eventID, to: index)
        activeCount -= 1
        alarms.append(records[index].alarm)
        forget.schedule((slot, records[index].generation), at: now.adding(seconds: configuration.memory))
    }

    private mutating func remember(_ signal: AlarmSignal, in index: Int) {
        append(signal.eventID, to: index)
        if signal.state == .raised {
            records[index].raiseTimes.append(signal.at)
            records[index].raiseTimes.sort()
            if records[index].raiseTimes.count > 8 { records[index].raiseTimes.removeFirst() }
            if signal.at >= records[index].lastRaiseAt, records[index].isActive {
                slotOfRaise[records[index].lastRaiseID] = nil
                records[index].lastRaiseAt = signal.at
                records[index].lastRaiseID = signal.eventID
                slotOfRaise[signal.eventID] = slots[records[index].key]
            }
        }
    }

    /// Keeps the first event and the latest; at most 64.
    private mutating func append(_ id: EventID, to index: Int) {
        guard !records[index].alarm.eventIDs.contains(id) else { return }
        if records[index].alarm.eventIDs.count >= 64 { records[index].alarm.eventIDs.remove(at: 1) }
        records[index].alarm.eventIDs.append(id)
    }

    private func isFlapping(_ times: [Timestamp]) -> Bool {
        guard times.count >= configuration.flapRaises else { return false }
        return times[times.count - 1].seconds(since: times[times.count - configuration.flapRaises]) <= configuration.flapWindow
    }

    mutating func makeRoom(now: Timestamp) -> Int32? {
        if let slot = freeSlots.popLast() { return slot }
        if records.count < configuration.capacity {
            records.append(
                Record(
                    key: Key(site: -1, object: -1, type: -1, qualifier: -1), alarm: Self.emptyAlarm, isActive: false,
                    lastRaiseAt: .distantPast, lastRaiseID: EventID(high: 0, low: 0), lastClearAt: .distantPast))
            return Int32(records.count - 1)
        }
        while let due = forget.popDue(by: .distantFuture) {
            let slot = due.element.slot
            guard records[Int(slot)].generation == due.element.generation, !records[Int(slot)].isActive else { continue }
            release(slot)
            return freeSlots.popLast()
        }
        return nil
    }

    mutating func release(_ slot: Int32) {
        let record = records[Int(slot)]
        slots[record.key] = nil
        slotOfRaise[record.lastRaiseID] = nil
        slotsOfSite[record.key.site]?.removeAll { $0 == slot }
        records[Int(slot)].generation &+= 1
        records[Int(slot)].alarm = Self.emptyAlarm
        records[Int(slot)].raiseTimes = []
        freeSlots.append(slot)
    }

    private static let emptyAlarm = Alarm(
        alarmID: EventID(high: 0, low: 0), tenantID: TenantID(""), siteID: SiteID(""), managedObject: "", alarmType: "",
        probableCause: nil, severity: .cleared, state: .cleared, raisedAt: .distantPast, changedAt: .distantPast, eventIDs: [])
}
