// The shapes of types.ts against the Swift that writes them: every CodingKey, and optional where Swift is optional.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const sources = process.env.CONSOLE_SWIFT ?? "../Sources";
const types = readFileSync(`${process.env.CONSOLE_SRC ?? "src"}/api/types.ts`, "utf8");
const files = ["TowerStores/Views.swift", "TowerStores/DeadLetterView.swift", "TowerStores/DeadLetterSummary.swift", "TowerStores/DeadLetterReport.swift", "TowerModel/IncidentSnapshot.swift", "TowerModel/CauseVerdict.swift", "TowerModel/IncidentCut.swift", "TowerModel/Alarm.swift", "TowerModel/Inventory.swift", "TowerModel/SiteForecast.swift"];

interface Shape {
    optional: Map<string, boolean>;
}

/// Structs of a Swift file with their wire names; nested ones are called `Outer.Inner`.
function swiftShapes(text: string): Map<string, Shape> {
    const shapes = new Map<string, Shape>();
    const stack: { name: string; depth: number; properties: Map<string, boolean>; keys: Map<string, string> | null; inKeys: boolean }[] = [];
    let depth = 0;
    for (const line of text.split("\n")) {
        const opened = /\b(struct|enum) (\w+)/.exec(line);
        const top = stack[stack.length - 1];
        if (opened && line.includes("{")) {
            if (opened[1] === "enum" && opened[2] === "CodingKeys" && top) {
                top.keys = new Map();
                top.inKeys = true;
                stack.push({ name: "CodingKeys", depth, properties: new Map(), keys: null, inKeys: false });
            } else stack.push({ name: opened[2] as string, depth, properties: new Map(), keys: null, inKeys: false });
        } else if (top?.name === "CodingKeys") {
            const owner = stack[stack.length - 2];
            const found = /^\s*case (.+)$/.exec(line);
            if (found && owner?.keys) for (const part of (found[1] as string).split(",")) {
                const [name = "", wire] = part.split("=").map((word) => word.trim());
                owner.keys.set(name, (wire ?? name).replace(/"/g, ""));
            }
        } else if (top && depth === top.depth + 1) {
            const property = /^\s*public var (\w+): ([^={]+)$/.exec(line);
            if (property) top.properties.set(property[1] as string, (property[2] as string).trim().endsWith("?"));
        }
        for (const letter of line) {
            if (letter === "{") depth += 1;
            if (letter !== "}") continue;
            depth -= 1;
            const done = stack[stack.length - 1];
            if (!done || depth !== done.depth) continue;
            stack.pop();
            if (done.name === "CodingKeys" || done.properties.size === 0) continue;
            const name = [...stack.map((each) => each.name), done.name].join(".");
            shapes.set(name, { optional: new Map([...done.properties].map(([property, optional]) => [done.keys?.get(property) ?? property, optional])) });
        }
    }
    return shapes;
}

function typeScriptShape(name: string): Map<string, boolean> {
    const found = new RegExp(`export interface ${name}(?:<\\w+>)? \\{([^}]*)\\}`).exec(types);
    assert.ok(found, `types.ts has no interface ${name}`);
    return new Map([...(found[1] as string).matchAll(/^\s*(\w+)(\?)?:/gm)].map((field) => [field[1] as string, field[2] === "?"]));
}

const pairs: Record<string, string> = {
    Page: "Page", LatestValue: "LatestValue", SiteView: "SiteView", AlarmView: "AlarmView", IncidentView: "IncidentView", "IncidentView.HistoryEntry": "HistoryEntry",
    TopologyView: "TopologyView", FleetView: "FleetView", "FleetView.NextToFall": "NextToFall", "FleetView.Region": "RegionRow", KPIView: "KPIView", SeriesView: "SeriesView",
    TopicView: "TopicView", GroupView: "GroupView", DeadLetterView: "DeadLetterView", "DeadLetterView.Outcome": "LetterOutcome", DeadLetterSummary: "DeadLetterSummary", "DeadLetterSummary.Reason": "LetterReason", "DeadLetterSummary.State": "LetterStateCount", "DeadLetterSummary.Origin": "LetterOrigin", DeadLetterReport: "DeadLetterReport", "DeadLetterReport.Item": "LetterResult", PlatformView: "PlatformView", "PlatformView.Quantiles": "Quantiles",
    IncidentSnapshot: "IncidentSnapshot", "IncidentSnapshot.AffectedSite": "AffectedSite", "IncidentSnapshot.RootCauseCandidate": "RootCauseCandidate", "IncidentSnapshot.Evidence": "Evidence",
    "IncidentSnapshot.TimelineNode": "TimelineNode", "IncidentSnapshot.CausalEdge": "CausalEdge", "IncidentSnapshot.ProposedAction": "ProposedAction", AutonomyForecast: "AutonomyForecast", SiteForecast: "SiteForecast",
    CauseVerdict: "CauseVerdict", "CauseVerdict.Cause": "NamedCause", IncidentCut: "IncidentCut",
    Alarm: "Alarm", Site: "Site", "Site.Battery": "Battery", "Site.Generator": "Generator", TopologyLink: "TopologyLink",
};

test("types.ts says what the Swift views say", () => {
    const shapes = new Map(files.flatMap((file) => [...swiftShapes(readFileSync(`${sources}/${file}`, "utf8"))]));
    for (const [swift, name] of Object.entries(pairs)) {
        const shape = shapes.get(swift);
        assert.ok(shape, `no Swift struct ${swift} was read`);
        const mine = typeScriptShape(name);
        assert.deepEqual([...mine.keys()].sort(), [...shape.optional.keys()].sort(), name);
        for (const [field, optional] of shape.optional) assert.equal(mine.get(field), optional, `${name}.${field} optional`);
    }
    const unpaired = [...shapes.keys()].filter((name) => !(name in pairs));
    assert.deepEqual(unpaired, []);
});
