// Which of several alike an alarm is about: without it nine cells of a site are nine equal lines.

/// `cell:3` is `cell 3`; a link is named by its other end; families that a site has one of say nothing.
export function alarmObject(managedObject: string, siteID: string): string {
    const cut = managedObject.indexOf(":");
    if (cut <= 0) return "";
    const [family, instance] = [managedObject.slice(0, cut), managedObject.slice(cut + 1)];
    if (family !== "link") return `${family}\u00a0${instance}`;
    return instance.split("/").filter((end) => end !== siteID).join(" / ");
}
