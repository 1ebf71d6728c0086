export default function SitePage({ id, tab }: { id: string; tab: string }) { return <div className="screen later">SitePage {id} {tab}</div>; }
