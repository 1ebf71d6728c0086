import { lazy, Suspense, useEffect } from "react";
import { Later } from "./components/Later";
import { Shell } from "./components/Shell";
import { useLocation } from "./router/router";
import { Fleet } from "./screens/fleet/Fleet";
import { Incidents } from "./screens/incidents/Incidents";
import { SignIn } from "./screens/SignIn";
import { useSession } from "./state/session";
import { useLive } from "./state/store";
import { isOpen } from "./logic/triage";
import { t, type Key } from "./text";

// Only the two screens a night begins with are in the first load.
const Incident = lazy(() => import("./screens/incident/Incident"));
const Alarms = lazy(() => import("./screens/alarms/Alarms"));
const Sites = lazy(() => import("./screens/sites/Sites"));
const SitePage = lazy(() => import("./screens/site/SitePage"));
const Forecasts = lazy(() => import("./screens/forecasts/Forecasts"));
const Topology = lazy(() => import("./screens/topology/Topology"));
const Platform = lazy(() => import("./screens/platform/Platform"));
const Letters = lazy(() => import("./screens/letters/Letters"));
const Routes = lazy(() => import("./screens/routes/Routes"));
const Settings = lazy(() => import("./screens/Settings"));
const More = lazy(() => import("./screens/More"));

function Screen() {
    const { route } = useLocation();
    const { name, params } = route;
    switch (name) {
        case "fleet":
            return <Fleet />;
        case "incidents":
            return <Incidents />;
        case "incident":
            return <Incident key={params.id} id={params.id as string} />;
        case "alarms":
            return <Alarms />;
        case "sites":
            return <Sites />;
        case "site":
            return <SitePage key={params.id} id={params.id as string} tab={params.tab ?? "power"} />;
        case "forecasts":
            return <Forecasts />;
        case "topology":
            return <Topology />;
        case "platform":
            return params.part === "dead-letters" ? <Letters /> : <Platform />;
        case "settings":
            return params.part === "routes" ? <Routes /> : <Settings />;
        case "more":
            return <More />;
        case "energy":
        case "sla":
        case "jobs":
        case "audit":
            return <Later place={name} />;
        default:
            return <Later place="notFound" />;
    }
}

/// "(3) Incidents": the tab says how many need a person.
function useTitle(): void {
    const { route } = useLocation();
    const needs = useLive((data) => [...data.incidents.values()].filter((item) => isOpen(item) && item.snapshot.needs_person).length);
    const place = t(`place.${route.name === "incident" ? "incidents" : route.name === "site" ? "sites" : route.name}` as Key);
    useEffect(() => {
        document.title = `${needs > 0 ? `(${needs}) ` : ""}${place}`;
    }, [needs, place]);
}

function SignedIn() {
    useTitle();
    return (
        <Shell>
            <Suspense fallback={<div className="screen" aria-busy="true" />}>
                <Screen />
            </Suspense>
        </Shell>
    );
}

export function App() {
    const session = useSession();
    if (session.kind === "checking") return null;
    return session.kind === "signedIn" ? <SignedIn /> : <SignIn expired={session.expired} />;
}
