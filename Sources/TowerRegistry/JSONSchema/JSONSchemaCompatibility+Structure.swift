extension JSONSchemaCompatibility {
    mutating func compareObjects(_ old: JSONSchema.Node, _ new: JSONSchema.Node, _ path: String) {
        for (name, oldNode) in old.properties {
            let place = "\(path)/properties/\(name)"
            if let newNode = new.property(name) {
                compare(oldNode, newNode, place)
            } else {
                compareRemoved(oldNode, name, new, place)
            }
        }
        for (name, newNode) in new.properties where old.property(name) == nil { compareAdded(newNode, name, old, new, path) }
        compareRequired(old, new, path)
        compareAdditional(old, new, path)
    }

    private mutating func compareRemoved(_ oldNode: Int, _ name: String, _ new: JSONSchema.Node, _ place: String) {
        if new.additional == .open, new.patterns.isEmpty { return }
        if case .schema(let rest) = new.additional, new.patterns.isEmpty {
            if !isCompatible(oldNode, rest) {
                add(
                    "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", place,
                    "\(name) was removed and additionalProperties does not take what it was")
            }
            return
        }
        if original.nodes[oldNode].isNever { return }
        add(
            "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", place,
            "\(name) was removed, and what the schema does not name is not allowed")
    }

    private mutating func compareAdded(
        _ newNode: Int, _ name: String, _ old: JSONSchema.Node, _ new: JSONSchema.Node, _ path: String
    ) {
        let place = "\(path)/properties/\(name)"
        if old.additional == .open, old.patterns.isEmpty {
            if !update.nodes[update.target(newNode)].isAnything {
                add(
                    "PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", place,
                    "\(name) was allowed to be anything before; close the content model (additionalProperties: false) or leave the "
                        + "property's schema empty")
            }
            if new.required.contains(name), !update.nodes[newNode].hasDefault {
                add("REQUIRED_ATTRIBUTE_ADDED", "\(path)/required/\(name)", "\(name) was not required before; give it a default")
            }
            return
        }
        if case .schema(let rest) = old.additional, !isCompatible(rest, newNode) {
            add(
                "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", place,
                "\(name) was allowed to be what additionalProperties said, which its schema does not take")
        }
        if !old.patterns.isEmpty, !update.nodes[update.target(newNode)].isAnything {
            add(
                "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", place,
                "\(name) may have been what patternProperties said, which its schema may not take")
        }
        if new.required.contains(name), !update.nodes[newNode].hasDefault {
            add(
                "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL", place,
                "\(name) is new and required; give it a default or do not require it")
        }
    }

    private mutating func compareRequired(_ old: JSONSchema.Node, _ new: JSONSchema.Node, _ path: String) {
        for name in new.required.sorted() where !old.required.contains(name) {
            // What is new in the properties is judged there.
            if let node = new.property(name), old.property(name) != nil {
                if !update.nodes[node].hasDefault {
                    add(
                        "REQUIRED_ATTRIBUTE_ADDED", "\(path)/required/\(name)",
                        "\(name) was not required before; give it a default")
                }
            } else if new.property(name) == nil {
                add(
                    "REQUIRED_ATTRIBUTE_ADDED", "\(path)/required/\(name)",
                    "\(name) was not required before, and has no schema with a default")
            }
        }
    }

    private mutating func compareAdditional(_ old: JSONSchema.Node, _ new: JSONSchema.Node, _ path: String) {
        for (pattern, newNode) in new.patterns {
            guard let oldNode = old.patterns.first(where: { $0.pattern == pattern })?.node else {
                if old.additional != .closed || !old.patterns.isEmpty {
                    add(
                        "PATTERN_PROPERTY_ADDED", path + "/patternProperties",
                        "names that match \(pattern) were allowed to be something else")
                }
                continue
            }
            compare(oldNode, newNode, path + "/patternProperties")
        }
        for (pattern, _) in old.patterns where !new.patterns.contains(where: { $0.pattern == pattern }) && new.additional != .open
        {
            add("PATTERN_PROPERTY_REMOVED", path + "/patternProperties", "names that match \(pattern) are not allowed any more")
        }
        switch (old.additional, new.additional) {
        case (.open, .closed), (.schema, .closed):
            add(
                "ADDITIONAL_PROPERTIES_REMOVED", path + "/additionalProperties",
                "what the schema does not name is not allowed any more")
        case (.open, .schema):
            add(
                "ADDITIONAL_PROPERTIES_NARROWED", path + "/additionalProperties",
                "what the schema does not name must now fit a schema")
        case (.schema(let before), .schema(let after)): compare(before, after, path + "/additionalProperties")
        default: break
        }
    }

    mutating func compareArrays(_ old: JSONSchema.Node, _ new: JSONSchema.Node, _ path: String) {
        for index in 0..<max(old.prefixItems.count, new.prefixItems.count) {
            let place = "\(path)/prefixItems/\(index)"
            if index < old.prefixItems.count, index < new.prefixItems.count {
                compare(old.prefixItems[index], new.prefixItems[index], place)
            } else if index < old.prefixItems.count {
                switch new.items {
                case .open: break
                case .closed: add("ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL", place, "this item is not allowed any more")
                case .schema(let rest): compare(old.prefixItems[index], rest, place)
                }
            } else {
                switch old.items {
                case .open:
                    if !update.nodes[update.target(new.prefixItems[index])].isAnything {
                        add("ITEM_ADDED_TO_OPEN_CONTENT_MODEL", place, "this item was allowed to be anything before")
                    }
                case .closed: break
                case .schema(let rest): compare(rest, new.prefixItems[index], place)
                }
            }
        }
        switch (old.items, new.items) {
        case (.open, .closed), (.schema, .closed):
            add("ADDITIONAL_ITEMS_REMOVED", path + "/items", "further items are not allowed any more")
        case (.open, .schema(let after)):
            if !update.nodes[update.target(after)].isAnything {
                add("ADDITIONAL_ITEMS_NARROWED", path + "/items", "items were allowed to be anything before")
            }
        case (.schema(let before), .schema(let after)): compare(before, after, path + "/items")
        default: break
        }
    }

    mutating func compareCombinations(_ old: JSONSchema.Node, _ new: JSONSchema.Node, _ path: String) {
        // Each demand of the update must have been made before.
        for (index, part) in new.allOf.enumerated() where !old.allOf.contains(where: { isCompatible($0, part) }) {
            add("PRODUCT_TYPE_EXTENDED", "\(path)/allOf/\(index)", "this demand was not made before")
        }
        // Each alternative of the original must still be taken.
        let before = old.anyOf + old.oneOf
        let after = new.anyOf + new.oneOf
        if !new.oneOf.isEmpty, !old.anyOf.isEmpty, old.anyOf.count > 1 {
            add("COMBINED_TYPE_CHANGED", path, "anyOf became oneOf: what fitted several alternatives does not fit any more")
        } else if !after.isEmpty, before.isEmpty {
            add("SUM_TYPE_NARROWED", path, "alternatives were added to a schema that had none")
        } else if !after.isEmpty {
            for (index, part) in before.enumerated() where !after.contains(where: { isCompatible(part, $0) }) {
                add(
                    "SUM_TYPE_NARROWED", "\(path)/\(old.anyOf.isEmpty ? "oneOf" : "anyOf")/\(index)",
                    "no alternative takes this one any more")
            }
        }
        switch (old.not, new.not) {
        case (nil, _?): add("NOT_TYPE_EXTENDED", path + "/not", "something is excluded that was not before")
        case (let before?, let after?):
            // What is excluded may only shrink, so the roles change places.
            let reversed = JSONSchemaCompatibility.isNarrower(after, in: update, than: before, in: original)
            if !reversed { add("NOT_TYPE_EXTENDED", path + "/not", "more is excluded than before") }
        default: break
        }
    }

    /// A reference beside other keywords: equal targets, or the same comparison.
    mutating func compareReference(_ old: JSONSchema.Node, _ new: JSONSchema.Node, _ path: String) {
        guard let after = new.reference else { return }
        guard let before = old.reference else {
            return add("PRODUCT_TYPE_EXTENDED", path + "/$ref", "this demand was not made before")
        }
        compare(before, after, path + "/$ref")
    }

    private static func isNarrower(_ inner: Int, in innerSchema: JSONSchema, than outer: Int, in outerSchema: JSONSchema) -> Bool
    {
        var left = innerSchema
        left.root = inner
        var right = outerSchema
        right.root = outer
        return differences(original: left, update: right).isEmpty
    }
}
