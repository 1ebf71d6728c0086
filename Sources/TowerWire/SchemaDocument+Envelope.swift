extension SchemaDocument {
    /// The event as a whole, as its bytes lie in a broker's topic: the eight fields of docs/formats/event-envelope.md. What a payload
    /// holds is said by its type's own schema.
    public static let envelope = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "urn:towerco:schema:event:1.0",
          "title": "event",
          "description": "Something that a site, a system or the platform says: who, where, when, and a payload by event_type.",
          "type": "object",
          "required": ["event_id", "event_type", "tenant_id", "site_id", "timestamp", "version", "payload"],
          "properties": {
            "event_id": {"type": "string", "format": "uuid"},
            "event_type": {"type": "string", "maxLength": 128},
            "tenant_id": {"type": "string", "maxLength": 128},
            "site_id": {"type": "string", "maxLength": 128},
            "timestamp": {"type": "string", "format": "date-time"},
            "version": {"type": ["string", "integer"]},
            "payload": {"type": "object"},
            "metadata": {"type": "object"}
          },
          "additionalProperties": false
        }

        """
}
