public import TowerModel

/// CloudEvents 1.0 in and out: JSON format and HTTP headers to the envelope and back, without loss.
///
/// - Shape: bytes to bytes. What comes out of `envelope` is read by `EventDecoder` like any other event; it alone judges
///   the eight fields and the payload.
/// - Source: CloudEvents 1.0.2, its JSON event format and HTTP protocol binding; docs/formats/cloudevents.md has the table.
public enum CloudEvents {
    /// One event in the JSON format.
    public static let structuredType = "application/cloudevents+json"
    /// A JSON array of such events.
    public static let batchType = "application/cloudevents-batch+json"
    /// Headers that carry attributes begin with it.
    public static let headerPrefix = "ce-"
    /// Extension that carries our `metadata` as JSON text, on events that began as ours.
    public static let metadataExtension = "towercometadata"

    /// Namespace of the ids of events whose own id is no UUID.
    public static let namespace = EventID.derived(from: .platformNamespace, "cloudevents")

    /// The same id for the same source and id, for ever: UUIDv5 of both, a space between.
    public static func eventID(source: String, id: String) -> EventID { .derived(from: namespace, "\(source) \(id)") }

    /// Where the payload of a written envelope came from, so that an error about it can name the sender's own byte.
    public struct Origin: Sendable, Hashable {
        /// Place of the payload in the envelope that was written.
        public var payload: Range<Int>
        /// Where the same bytes begin in the event that was read; `nil` when they are in no such place.
        public var dataAt: Int?
    }

    /// An error of the envelope in the words of the CloudEvent it was made from: attribute, and column where there is one.
    public static func error(_ error: EnvelopeError, for origin: Origin) -> EnvelopeError {
        var error = error
        let column = error.column - 1
        if let dataAt = origin.dataAt, origin.payload.contains(column) {
            error.column = column - origin.payload.lowerBound + dataAt + 1
        } else {
            error.column = 1
        }
        if error.field.hasPrefix("payload") {
            error.field = "data" + error.field.dropFirst("payload".count)
        } else if let attribute = attributes[error.field] {
            error.field = attribute
        }
        return error
    }

    private static let attributes = [
        "event_id": "id", "event_type": "type", "tenant_id": "tenantid", "site_id": "subject", "timestamp": "time",
        "version": "dataversion",
    ]

    /// Writes the envelope of an event in the JSON format behind what `out` holds.
    ///
    /// - Parameters:
    ///   - tenant: of the credentials, for an event that names none.
    ///   - receivedAt: the timestamp of an event that has no time.
    /// - Errors: leaves `out` as it was.
    public static func envelope(
        of json: UnsafeRawBufferPointer, tenant: String, receivedAt: Timestamp, limits: DecodeLimits = .standard,
        into out: inout [UInt8]
    ) -> Result<Origin, EnvelopeError> {
        do throws(EnvelopeError) {
            let event = try CloudEvent(json: json, limits: limits)
            return .success(try event.writeEnvelope(tenant: tenant, receivedAt: receivedAt, limits: limits, into: &out))
        } catch {
            return .failure(error)
        }
    }

    /// Writes the envelope of an event whose attributes are HTTP headers and whose data is the body.
    ///
    /// - Parameter headers: names in any case; those without the prefix are not looked at.
    public static func envelope(
        headers: [(name: String, value: String)], contentType: String?, body: UnsafeRawBufferPointer, tenant: String,
        receivedAt: Timestamp, limits: DecodeLimits = .standard, into out: inout [UInt8]
    ) -> Result<Origin, EnvelopeError> {
        do throws(EnvelopeError) {
            let event = try CloudEvent(headers: headers, contentType: contentType, body: body, limits: limits)
            return .success(try event.writeEnvelope(tenant: tenant, receivedAt: receivedAt, limits: limits, into: &out))
        } catch {
            return .failure(error)
        }
    }

    /// The event as CloudEvents would have it: what came in as a CloudEvent goes out with the attributes it had, any other
    /// with attributes made from the eight fields.
    ///
    /// - Parameter envelope: as the log holds it.
    public static func structured(of envelope: UnsafeRawBufferPointer) -> Result<[UInt8], EnvelopeError> {
        do throws(EnvelopeError) { return .success(try CloudEvent(envelope: envelope).json) } catch { return .failure(error) }
    }

    /// As `structured`, with the attributes as headers.
    public static func binary(of envelope: UnsafeRawBufferPointer) -> Result<Message, EnvelopeError> {
        do throws(EnvelopeError) { return .success(try CloudEvent(envelope: envelope).message) } catch { return .failure(error) }
    }

    /// An event in binary mode.
    public struct Message: Sendable, Equatable {
        public struct Header: Sendable, Hashable {
            public var name: String
            /// Percent-encoded where the binding wants it.
            public var value: String
        }
        public var headers: [Header]
        /// `nil` when there is no data.
        public var contentType: String?
        public var body: [UInt8]
    }
}
