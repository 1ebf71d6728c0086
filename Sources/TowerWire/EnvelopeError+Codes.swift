extension EnvelopeError.Code {
    struct Definition {
        var name: String
        var meaning: String
        var hint: String
        init(_ name: String, _ meaning: String, _ hint: String) {
            self.name = name
            self.meaning = meaning
            self.hint = hint
        }
    }

    /// The one place where a code gets its name, meaning and hint.
    var definition: Definition {
        switch self {
        case .empty: Definition("json.empty", "There is no JSON value.", "Send one JSON object.")
        case .byteOrderMark:
            Definition("json.byte_order_mark", "The text begins with a byte order mark.", "Write UTF-8 without one.")
        case .invalidUTF8:
            Definition(
                "json.invalid_utf8", "The bytes are not UTF-8: a stray or missing continuation, an overlong form, a surrogate.",
                "Encode the text as UTF-8.")
        case .controlCharacter:
            Definition(
                "json.control_character", "A string holds a raw character below U+0020.",
                "Escape it, for instance as \\n or \\u0000.")
        case .badEscape:
            Definition(
                "json.bad_escape", "A backslash is followed by something that is no JSON escape.", "Write \\\\ for a backslash.")
        case .loneSurrogate:
            Definition(
                "json.lone_surrogate", "A \\u escape is half of a surrogate pair.", "Write both halves, or the character itself.")
        case .badNumber:
            Definition(
                "json.bad_number",
                "A number is not written as RFC 8259, 6 wants it: no leading zero or plus, digits around the point.",
                "Write it like 12, -0.5 or 1e-3; NaN and Infinity do not exist in JSON.")
        case .numberOutOfRange:
            Definition(
                "json.number_out_of_range", "A number does not fit a 64-bit float or has more than 64 characters.",
                "Send a smaller number, or the digits as a string.")
        case .duplicateKey:
            Definition("json.duplicate_key", "An object names the same key twice.", "Send each key once.")
        case .tooDeep: Definition("json.too_deep", "Objects and arrays are nested too deeply.", "Flatten the payload.")
        case .syntax: Definition("json.syntax", "The bytes are not JSON.", "Send strict JSON (RFC 8259).")
        case .truncated: Definition("json.truncated", "The JSON value ends before it is complete.", "Send the whole event.")
        case .trailingData:
            Definition(
                "json.trailing_data", "Something follows the JSON value.", "Put one event on a line, or send a JSON array.")
        case .notAnObject:
            Definition("json.not_an_object", "The value is JSON but no object.", "Send each event as a JSON object.")
        case .tooManyFields:
            Definition("json.too_many_fields", "The event has more keys than are allowed.", "Split it into several events.")
        case .keyTooLong: Definition("json.key_too_long", "A key is longer than is allowed.", "Shorten it; put text into values.")
        case .missingField:
            Definition("envelope.missing_field", "A required envelope field is absent.", "Send all of the required fields.")
        case .unknownField:
            Definition(
                "envelope.unknown_field", "A top-level field is not one of the eight.",
                "Put further fields into payload or metadata.")
        case .wrongType:
            Definition(
                "envelope.wrong_type", "An envelope field has the wrong JSON type.", "Send it in the type the contract names.")
        case .badUUID:
            Definition("envelope.bad_event_id", "event_id is not a UUID.", "Send 36 characters of 8-4-4-4-12 hexadecimal digits.")
        case .badEventType:
            Definition(
                "envelope.bad_event_type", "event_type is not dotted lower case.",
                "Use 1 to 128 of a-z, 0-9, _ and -, parts separated by single dots.")
        case .badTenantID:
            Definition("envelope.bad_tenant_id", "tenant_id is not an identifier.", "Use 1 to 128 of A-Z, a-z, 0-9 and . _ : -")
        case .badSiteID:
            Definition("envelope.bad_site_id", "site_id is not an identifier.", "Use 1 to 128 of A-Z, a-z, 0-9 and . _ : -")
        case .badTimestamp:
            Definition(
                "envelope.bad_timestamp", "timestamp is not RFC 3339 with a zone.", "Write it like 2026-01-02T03:04:05.678Z.")
        case .timestampOutOfRange:
            Definition(
                "envelope.timestamp_out_of_range", "timestamp lies outside the years 2000 to 2100.",
                "Check the clock of the source.")
        case .badVersion:
            Definition(
                "envelope.bad_version", "version is not major.minor.", "Write it like \"1.0\"; the whole number 1 means the same."
            )
        case .tenantMismatch:
            Definition(
                "envelope.tenant_mismatch", "tenant_id is not the tenant of the credentials.",
                "Use the credentials of the tenant that owns the event.")
        case .schemaMismatch:
            Definition(
                "payload.schema_mismatch", "The payload breaks the schema of its event type.",
                "Compare it with schemas/<event_type>/1.0.json.")
        case .lineTooLong:
            Definition("line.too_long", "The event has more bytes than are allowed.", "Split it into several events.")
        case .batchFull:
            Definition("batch.full", "The batch cannot hold more bytes.", "Send fewer events at once.")
        case .symbolsFull:
            Definition(
                "symbols.full", "The process cannot remember more different names.",
                "Look for a source that invents names; restart to forget them.")
        case .missingAttribute:
            Definition(
                "cloudevents.missing_attribute", "A required attribute of the CloudEvent is absent.",
                "Send specversion, id, source and type.")
        case .badAttribute:
            Definition(
                "cloudevents.bad_attribute", "An attribute of the CloudEvent has a name or a value that CloudEvents 1.0 forbids.",
                "Name it with a-z and 0-9; send a text, a whole number of 32 bits or true or false, not both kinds of data.")
        case .badSpecVersion:
            Definition(
                "cloudevents.bad_specversion", "The CloudEvent is of another version of the specification.",
                "Send \"specversion\":\"1.0\".")
        }
    }
}
