import TowerModel

extension EventDecoder {
    /// What only the whole event can tell: that nothing is missing and the payload fits its type.
    func check(_ scanner: JSONScanner, _ envelope: Envelope) throws(JSONScanner.Failure) {
        guard envelope.met.isSuperset(of: .required) else {
            throw JSONScanner.Failure(.missingField, scanner.count, "the event ends without it")
        }
        guard trust == .checked else { return }
        if badField >= 0 { throw JSONScanner.Failure(.schemaMismatch, badFieldAt, "breaks its type") }
        let type = names.entries[envelope.type].type
        if type >= 0, rules.requiredMask[Int(type)] & ~seenRequired != 0 {
            throw JSONScanner.Failure(.schemaMismatch, scanner.count, "a required field is absent")
        }
    }

    /// Appends the event that was read; only asking the shared table for room can still go wrong.
    mutating func commit(
        _ json: UnsafeRawBufferPointer, _ envelope: Envelope, to batch: inout EventBatch, expecting tenant: Symbol, at base: Int,
        copies: Bool
    ) -> EnvelopeError? {
        let known = names.entries[envelope.tenant].symbol
        if tenant != .none, known >= 0, known != tenant.rawValue { return mismatch(envelope) }
        if !unresolved.isEmpty || known < 0 || names.entries[envelope.site].symbol < 0 || names.entries[envelope.type].symbol < 0
        {
            if let error = resolve(envelope, expecting: tenant) { return error }
        }
        let tenantSymbol = Symbol(rawValue: names.entries[envelope.tenant].symbol)
        guard tenant == .none || tenant == tenantSymbol else { return mismatch(envelope) }
        lastTypeIsKnown = names.entries[envelope.type].type >= 0
        if copies { batch.bytes.append(contentsOf: json) }
        lastSite = base + envelope.siteText.lowerBound..<base + envelope.siteText.upperBound
        batch.valueStart.append(Int32(truncatingIfNeeded: base))
        batch.valueEnd.append(Int32(truncatingIfNeeded: base + json.count))
        batch.ids.append(envelope.id)
        batch.types.append(Symbol(rawValue: names.entries[envelope.type].symbol))
        batch.tenants.append(tenantSymbol)
        batch.sites.append(Symbol(rawValue: names.entries[envelope.site].symbol))
        batch.timestamps.append(envelope.timestamp)
        batch.versions.append(envelope.version)
        batch.fields.append(contentsOf: fields)
        batch.fieldStart.append(Int32(truncatingIfNeeded: batch.fields.count))
        return nil
    }

    /// Asks the shared table once for every name of this event that has no number yet.
    ///
    /// Only here, for an event that will be kept: what a refused one calls its fields is nobody's business.
    @inline(never)
    private mutating func resolve(_ envelope: Envelope, expecting tenant: Symbol) -> EnvelopeError? {
        if tenant != .none, names.entries[envelope.tenant].symbol < 0, symbols.name(tenant) != names.text(envelope.tenant) {
            return mismatch(envelope)
        }
        var slots = [envelope.tenant, envelope.site, envelope.type].filter { names.entries[$0].symbol < 0 }
        var texts = slots.map { names.text($0) }
        for (_, slot) in unresolved where names.entries[Int(slot)].symbol == NameTable.unresolved {
            slots.append(Int(slot))
            texts.append(names.path(Int(slot)))
        }
        let wanted = texts
        let numbers = symbols.withInterner { interner in wanted.map { interner.intern($0).rawValue } }
        for (slot, number) in zip(slots, numbers) { names.entries[slot].symbol = number }
        for (field, slot) in unresolved { fields[Int(field)].key = Symbol(rawValue: names.entries[Int(slot)].symbol) }
        for slot in [envelope.tenant, envelope.site, envelope.type] where names.entries[slot].symbol < 0 {
            return EnvelopeError(.symbolsFull, column: 1, reason: "no room for the name \(names.text(slot))")
        }
        return nil
    }

    private func mismatch(_ envelope: Envelope) -> EnvelopeError {
        EnvelopeError(
            .tenantMismatch, field: "tenant_id", column: envelope.tenantAt + 1,
            reason: "the event says \(names.text(envelope.tenant)), the credentials are another tenant's")
    }

    /// A failure in words: which field, where, why.
    func report(_ failure: JSONScanner.Failure, _ scanner: JSONScanner, _ envelope: Envelope) -> EnvelopeError {
        var field = Self.name(envelope.current)
        var reason = failure.reason.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
        switch failure.code {
        case .missingField:
            let missing = EnvelopeField.names.enumerated().filter { index, _ in
                EnvelopeField.required.subtracting(envelope.met).contains(EnvelopeField(rawValue: 1 << UInt8(index)))
            }
            field = missing.first?.element ?? ""
            if missing.count > 1 { reason = "absent: " + missing.map(\.element).joined(separator: ", ") }
        case .unknownField:
            let bytes = UnsafeRawBufferPointer(
                start: scanner.base + envelope.unknownKey.lowerBound, count: min(envelope.unknownKey.count, 64))
            field = String(decoding: bytes, as: UTF8.self)
            if let near = Self.nearest(to: field) { reason += "; did you mean \(near)" }
        case .schemaMismatch: (field, reason) = schemaReport(envelope, reason)
        default: break
        }
        return EnvelopeError(failure.code, field: field, column: failure.at + 1, reason: reason)
    }

    private func schemaReport(_ envelope: Envelope, _ reason: String) -> (String, String) {
        let type = names.entries[envelope.type].type
        guard type >= 0 else { return ("payload", reason) }
        if badField >= 0 {
            let path = names.path(badField)
            guard let field = rules.rule(type: type, path: path)?.field else { return ("payload.\(path)", reason) }
            let wanted =
                field.allowedValues.isEmpty ? "a \(field.kind.rawValue)" : "one of " + field.allowedValues.joined(separator: ", ")
            return ("payload.\(path)", "\(names.text(envelope.type)) wants \(wanted) there")
        }
        let missing = rules.requiredNames[Int(type)].enumerated().filter { bit, _ in seenRequired & 1 << UInt64(bit) == 0 }
        let first = missing.first?.element ?? ""
        return ("payload.\(first)", "\(names.text(envelope.type)) requires it")
    }

    private static func name(_ field: EnvelopeField) -> String {
        guard field.rawValue != 0 else { return "" }
        return EnvelopeField.names[field.rawValue.trailingZeroBitCount]
    }

    /// The envelope field whose name is at most two edits away.
    private static func nearest(to key: String) -> String? {
        let wanted = Array(key.utf8)
        var best: (distance: Int, name: String)?
        for name in EnvelopeField.names {
            // So many edits it takes at least; most names need no closer look.
            guard abs(name.utf8.count - wanted.count) <= 2 else { continue }
            let distance = editDistance(wanted, Array(name.utf8))
            if distance <= 2, distance < best?.distance ?? .max { best = (distance, name) }
        }
        return best?.name
    }

    /// Insertions, deletions and replacements between two short texts (Levenshtein).
    private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: right.count + 1) { row in
            for column in 0...right.count { row.initializeElement(at: column, to: column) }
            for (i, byte) in left.enumerated() {
                var diagonal = row[0]
                row[0] = i + 1
                for (j, other) in right.enumerated() {
                    let replace = diagonal + (byte == other ? 0 : 1)
                    diagonal = row[j + 1]
                    row[j + 1] = min(replace, row[j] + 1, row[j + 1] + 1)
                }
            }
            return row[right.count]
        }
    }
}
