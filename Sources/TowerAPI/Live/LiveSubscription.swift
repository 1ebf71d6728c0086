import Foundation
import TowerModel

/// What a client asked for.
struct LiveSubscription: Sendable, Equatable {
    var channels: Set<LiveChannel>
    var site: SiteID?
    /// Last sequence the client has; `nil` asks for a snapshot.
    var since: Int64?

    /// Why a client's frame was not understood.
    struct Refusal: Error, Equatable {
        var code: String
        var detail: String
    }

    /// Reads `{"type":"subscribe","channels":[…],"site_id"?:…,"since"?:N}`, strictly.
    static func parse(_ bytes: [UInt8]) throws(Refusal) -> LiveSubscription {
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw Refusal(code: "live.malformed", detail: "A message must be one JSON object.")
        }
        guard let type = object["type"] as? String else {
            throw Refusal(code: "live.malformed", detail: "A message needs a type.")
        }
        guard type == "subscribe" else {
            throw Refusal(code: "live.unknown_type", detail: "The only message a client sends is subscribe.")
        }
        for name in object.keys.sorted() where !["type", "channels", "site_id", "since"].contains(name) {
            throw Refusal(code: "live.unknown_field", detail: "subscribe does not know the member \(name.prefix(64)).")
        }
        guard let names = object["channels"] as? [String], !names.isEmpty else {
            throw Refusal(code: "live.bad_channels", detail: "channels must name at least one of sites, alarms, incidents.")
        }
        var channels = Set<LiveChannel>()
        for name in names {
            guard let channel = LiveChannel(rawValue: name) else {
                throw Refusal(code: "live.bad_channels", detail: "There is no channel \(name.prefix(64)).")
            }
            channels.insert(channel)
        }
        var subscription = LiveSubscription(channels: channels)
        if let value = object["site_id"], !(value is NSNull) {
            guard let site = value as? String, Accounts.isIdentifier(site) else {
                throw Refusal(code: "live.bad_site", detail: "site_id must be a site id.")
            }
            subscription.site = SiteID(site)
        }
        if let value = object["since"], !(value is NSNull) {
            guard let number = value as? NSNumber, let since = Int64(exactly: number.doubleValue), since >= 0 else {
                throw Refusal(code: "live.bad_since", detail: "since must be a sequence from an earlier frame.")
            }
            subscription.since = since
        }
        return subscription
    }
}
